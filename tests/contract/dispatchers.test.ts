import { randomUUID } from 'node:crypto';
import { systemClock } from '../../server/clock/system-clock';
import type { Clock } from '../../server/domain/ports/clock';
import { DueSweep } from '../../server/queue/due-sweep';
import { InProcessDispatcher } from '../../server/queue/in-process-dispatcher';
import type { LaneDispatcher } from '../../server/queue/lane-dispatcher';
import { RedisDispatcher } from '../../server/queue/redis-dispatcher';
import { eventually } from '../support/eventually';
import { OwnRedis, REDIS_URL, whenRedisAnswers, whenRedisCanBeStarted } from '../support/redis';
import { TestClock } from '../support/test-clock';

/** A dispatcher with what it was told and what it told. */
class Process {
  readonly woken: number[] = [];
  readonly sweepFailures: unknown[] = [];
  readonly outages: unknown[] = [];
  returns = 0;
  sweeps = 0;
  due: () => Promise<readonly number[]> = () => Promise.resolve([]);
  /** Ends a run of a lane; until then it is under way. */
  readonly underWay: (() => void)[] = [];
  runsLast = false;
  readonly dispatcher: LaneDispatcher;

  constructor(kind: Kind, clock: Clock) {
    const sweep = new DueSweep(
      clock,
      () => {
        this.sweeps++;
        return this.due();
      },
      (error) => this.sweepFailures.push(error),
    );
    this.dispatcher = kind.create(sweep, clock, this);
  }

  start(): this {
    this.dispatcher.start((shopId) => {
      this.woken.push(shopId);
      return this.runsLast ? new Promise<void>((resolve) => this.underWay.push(resolve)) : Promise.resolve();
    });
    return this;
  }

  timesWoken(shopId: number): number {
    return this.woken.filter((each) => each === shopId).length;
  }
}

interface Kind {
  readonly name: string;
  /** Whether what one dispatcher announces wakes another one's lanes. */
  readonly isShared: boolean;
  readonly when: (declare: () => void) => void;
  readonly create: (sweep: DueSweep, clock: Clock, process: Process) => LaneDispatcher;
}

const onRedis = (url: string, namespace: string): Kind => ({
  name: 'Redis',
  isShared: true,
  when: whenRedisAnswers,
  create: (sweep, clock, process) =>
    new RedisDispatcher({
      url,
      namespace,
      sweep,
      clock,
      onAway: (error) => process.outages.push(error),
      onBack: () => process.returns++,
    }),
});

const kinds: readonly Kind[] = [
  {
    name: 'one process',
    isShared: false,
    when: (declare) => declare(),
    create: (sweep) => new InProcessDispatcher(sweep),
  },
  onRedis(REDIS_URL, `test-${randomUUID()}`),
];

let processes: Process[] = [];
let shops = 0;
/** A lane of its own for each test: what an earlier one left behind cannot wake it. */
const newShop = (): number => ++shops;

const processOn = (kind: Kind, clock: Clock): Process => {
  const process = new Process(kind, clock);
  processes.push(process);
  return process;
};
/** Starts it, and waits until what `announcer` announces arrives there: only that shows that Redis carries it. */
const listening = async (process: Process, announcer: Process): Promise<Process> => {
  const shop = newShop();
  process.start();
  await eventually(async () => {
    announcer.dispatcher.announce([shop]);
    return process.woken.includes(shop);
  });
  return process;
};

const stopAll = async (): Promise<void> => {
  for (const { underWay } of processes) for (const end of underWay) end();
  await Promise.all(processes.map(({ dispatcher }) => dispatcher.stop()));
  processes = [];
};
afterEach(stopAll);

describe('without Redis', () => {
  whenRedisCanBeStarted(() => {
    let redis: OwnRedis;

    afterEach(async () => {
      await stopAll();
      await redis.remove();
    });

    const stopsSoon = async (process: Process): Promise<void> => {
      const before = performance.now();
      await process.dispatcher.stop();
      // Longer than any lane here is given to end; a dispatcher that waits for Redis would hang.
      expect(performance.now() - before).toBeLessThan(10_000);
    };

    it('stops, whether Redis was ever there or went away, with a lane under way', async () => {
      redis = await OwnRedis.notStarted();
      const kind = onRedis(redis.url, 'test');
      await stopsSoon(processOn(kind, systemClock).start());
      await redis.start();
      const worker = await listening(processOn(kind, systemClock), processOn(kind, systemClock));
      worker.runsLast = true;
      const shop = newShop();
      worker.dispatcher.announce([shop]);
      await eventually(async () => worker.underWay.length > 0);
      await redis.kill();
      await stopsSoon(worker);
    });

    it('goes on by its sweep, says so once, and is woken by announcements again when Redis is back', async () => {
      redis = await OwnRedis.started();
      const kind = onRedis(redis.url, 'test');
      const web = processOn(kind, systemClock);
      const worker = await listening(processOn(kind, systemClock), web);

      await redis.kill();
      await eventually(async () => web.outages.length > 0 && worker.outages.length > 0);
      for (let n = 0; n < 1_000; n++) web.dispatcher.announce([newShop()]);
      const swept = newShop();
      worker.due = () => Promise.resolve([swept]);
      await eventually(async () => worker.timesWoken(swept) > 2);
      worker.due = () => Promise.resolve([]);
      expect([web.outages.length, worker.outages.length]).toEqual([1, 1]);

      await redis.start();
      const announced = newShop();
      await eventually(async () => {
        web.dispatcher.announce([announced]);
        return worker.timesWoken(announced) > 0;
      });
      await eventually(async () => web.returns === 1 && worker.returns === 1);
    });

    it('wakes the lanes of its own process for what is announced there', async () => {
      redis = await OwnRedis.notStarted();
      const process = processOn(onRedis(redis.url, 'test'), systemClock).start();
      const shop = newShop();
      process.dispatcher.announce([shop]);
      await eventually(async () => process.timesWoken(shop) === 1);
    });

    it('starts all the same, and uses Redis once it is there', async () => {
      redis = await OwnRedis.notStarted();
      const kind = onRedis(redis.url, 'test');
      const web = processOn(kind, systemClock);
      const worker = processOn(kind, systemClock).start();
      const swept = newShop();
      worker.due = () => Promise.resolve([swept]);
      await eventually(async () => worker.timesWoken(swept) > 0 && web.outages.length === 1);
      await redis.start();
      const announced = newShop();
      await eventually(async () => {
        web.dispatcher.announce([announced]);
        return worker.timesWoken(announced) > 0;
      });
    });
  });
});

describe.each(kinds)('the dispatcher on $name', (kind) => {
  kind.when(() => {
    // A clock that stands still: nothing but what is announced wakes a lane, until the test moves it.
    let clock: TestClock;
    let process: Process;
    /** Where it can be, a process that works no lanes itself. */
    let announcer: Process;

    beforeEach(async () => {
      clock = new TestClock();
      process = processOn(kind, clock);
      announcer = kind.isShared ? processOn(kind, new TestClock()) : process;
      await listening(process, announcer);
    });

    it('wakes the lane that is announced, at once', async () => {
      const [one, other] = [newShop(), newShop()];
      announcer.dispatcher.announce(new Set([one, other]));
      await eventually(async () => process.timesWoken(one) > 0 && process.timesWoken(other) > 0);
    });

    it('wakes a lane for a burst of announcements, but not for each of them', async () => {
      const [burst, last] = [newShop(), newShop()];
      for (let n = 0; n < 5_000; n++) announcer.dispatcher.announce([burst]);
      announcer.dispatcher.announce([last]);
      await eventually(async () => process.timesWoken(last) > 0);
      expect(process.timesWoken(burst)).toBeGreaterThanOrEqual(1);
      expect(process.timesWoken(burst)).toBeLessThan(20);
    });

    it('finds what was not announced within a second', async () => {
      const shop = newShop();
      process.due = () => Promise.resolve([shop]);
      await eventually(async () => clock.sleeping > 0);
      clock.advance(1_000);
      await eventually(async () => process.timesWoken(shop) > 0);
    });

    it('goes on sweeping after the database did not answer', async () => {
      const shop = newShop();
      const error = new Error('the database is away');
      process.due = () => Promise.reject(error);
      await eventually(async () => clock.sleeping > 0);
      clock.advance(1_000);
      await eventually(async () => process.sweepFailures.length > 0 && clock.sleeping > 0);
      expect(process.sweepFailures).toEqual([error]);
      process.due = () => Promise.resolve([shop]);
      clock.advance(1_000);
      await eventually(async () => process.timesWoken(shop) > 0);
    });

    it('wakes nobody and sleeps no more once it is stopped, with a lane under way or not', async () => {
      const shop = newShop();
      process.runsLast = true;
      announcer.dispatcher.announce([shop]);
      await eventually(async () => process.underWay.length > 0);
      await process.dispatcher.stop();
      const before = [...process.woken];
      const another = processOn(kind, new TestClock());
      announcer.dispatcher.announce([newShop()]);
      await listening(another, kind.isShared ? announcer : another);
      expect(process.woken).toEqual(before);
      expect(clock.sleeping).toBe(0);
    });

    it('can be stopped before it was started, and twice', async () => {
      const idle = processOn(kind, clock);
      await idle.dispatcher.stop();
      await expect(idle.dispatcher.stop()).resolves.toBeUndefined();
    });
  });
});

describe('several processes on one Redis', () => {
  whenRedisAnswers(() => {
    let kind: Kind;
    let web: Process;
    let workers: readonly [Process, Process];

    beforeEach(async () => {
      kind = onRedis(REDIS_URL, `test-${randomUUID()}`);
      web = processOn(kind, new TestClock());
      workers = [processOn(kind, new TestClock()).start(), processOn(kind, new TestClock()).start()];
      await eventually(async () => {
        web.dispatcher.announce([newShop()]);
        return workers.every(({ woken }) => woken.length > 0);
      });
    });

    const bothWoken = (shop: number): number => workers[0].timesWoken(shop) + workers[1].timesWoken(shop);

    it('wakes at least one of them for each announcement of a process that works no lane itself', async () => {
      const announced = Array.from({ length: 100 }, newShop);
      for (const shop of announced) web.dispatcher.announce([shop]);
      await eventually(async () => announced.every((shop) => bothWoken(shop) > 0));
      expect(web.woken).toEqual([]);
    });

    it('leaves a lane to the process that works it, and tells that one of every announcement', async () => {
      const shop = newShop();
      for (const worker of workers) worker.runsLast = true;
      web.dispatcher.announce([shop]);
      await eventually(async () => bothWoken(shop) > 0);
      const [owner, other] = workers[0].timesWoken(shop) > 0 ? workers : [workers[1], workers[0]];
      for (let n = 1; n <= 10; n++) {
        const before = owner.timesWoken(shop);
        web.dispatcher.announce([shop]);
        await eventually(async () => owner.timesWoken(shop) > before);
      }
      expect(other.timesWoken(shop)).toBe(0);
    });

    it('wakes the lane once more, after its run, for what was announced during it', async () => {
      const shop = newShop();
      for (const worker of workers) worker.runsLast = true;
      web.dispatcher.announce([shop]);
      await eventually(async () => bothWoken(shop) > 0);
      const owner = workers[0].timesWoken(shop) > 0 ? workers[0] : workers[1];
      web.dispatcher.announce([shop]);
      await eventually(async () => owner.timesWoken(shop) > 1);
      const during = bothWoken(shop);
      for (const worker of workers) for (const end of worker.underWay.splice(0)) end();
      await eventually(async () => bothWoken(shop) > during);
    });

    it('tells the process that found a lane by its sweep of an announcement, whoever gets the job', async () => {
      const shop = newShop();
      const sweeper = processOn(kind, new TestClock());
      sweeper.due = () => Promise.resolve([shop]);
      sweeper.runsLast = true;
      await listening(sweeper, web);
      await eventually(async () => sweeper.timesWoken(shop) === 1);
      for (let n = 1; n <= 10; n++) {
        const before = sweeper.timesWoken(shop);
        web.dispatcher.announce([shop]);
        await eventually(async () => sweeper.timesWoken(shop) > before);
      }
    });

    it('does not wake another installation’s processes', async () => {
      const elsewhere = onRedis(REDIS_URL, `test-${randomUUID()}`);
      const strangersWeb = processOn(elsewhere, new TestClock());
      const stranger = await listening(processOn(elsewhere, new TestClock()), strangersWeb);
      const shop = newShop();
      web.dispatcher.announce([shop]);
      await eventually(async () => bothWoken(shop) > 0);
      const last = newShop();
      strangersWeb.dispatcher.announce([last]);
      await eventually(async () => stranger.timesWoken(last) > 0);
      expect(stranger.timesWoken(shop)).toBe(0);
    });
  });
});
