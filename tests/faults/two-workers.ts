import { setTimeout as wait } from 'node:timers/promises';
import type { ServiceProcess } from '../support/service-process';
import { missingProgram, PrivateServer } from './private-servers';
import { complaintsOf, Processes, SPEED } from './processes';
import type { Random } from './random';
import { addFigures, type Scenario, type ScenarioRun } from './scenario';
import { Stage } from './stage';

const LEASE_MS = 15_000;
/** By the machine's clock, with room for the sweep that finds the lane. */
const BEYOND_A_LEASE_MS = (LEASE_MS + 2_000) / SPEED;

interface Crew {
  readonly stage: Stage;
  readonly random: Random;
  readonly workers: ServiceProcess[];
  readonly startWorker: () => Promise<ServiceProcess>;
  readonly complaints: () => string[];
}

/** One process takes the pushes in, two work the lanes. */
async function withCrew(
  run: ScenarioRun,
  more: Readonly<Record<string, string>>,
  play: (crew: Crew) => Promise<void>,
): Promise<void> {
  const stage = await Stage.open({ random: run.random('load'), scale: run.scale });
  const { url } = await run.engine.create();
  const processes = new Processes({ DATA_DIR: stage.dataDir, DATABASE_URL: url, ...more }, Date.now());
  const startWorker = (): Promise<ServiceProcess> => processes.start({ ROLE: 'worker' });
  const all: ServiceProcess[] = [];
  try {
    const web = await processes.start({ ROLE: 'web' });
    all.push(web);
    const workers = await Promise.all([startWorker(), startWorker()]);
    all.push(...workers);
    stage.url = web.url;
    await stage.begin();
    await play({
      stage,
      random: run.random(),
      workers,
      startWorker: async () => {
        const worker = await startWorker();
        all.push(worker);
        return worker;
      },
      complaints: () => [web, ...workers].flatMap(complaintsOf),
    });
  } finally {
    addFigures(run.totals, stage);
    for (const worker of all) worker.resume();
    await stage.close();
    await Promise.all(all.map((each) => each.kill()));
  }
}

/** Whoever is at work is held for longer than its lease, and wakes up to find its lane in other hands. */
const paused: Scenario = {
  name: 'worker-paused',
  engines: ['mariadb'],
  run: (run) =>
    withCrew(run, {}, async ({ stage, random, workers, complaints }) => {
      for (let round = 1; round <= run.rounds; round++) {
        for (const worker of workers) {
          stage.shop.latencyMs = { fixed: random.between(5, 60), perItem: random.between(0, 2) };
          stage.startLoad();
          await atSomeWrite(stage, random);
          worker.pause();
          await wait(BEYOND_A_LEASE_MS + random.between(0, 1_000));
          worker.resume();
          await wait(random.between(0, 300));
        }
        await stage.stopLoad();
        stage.shop.latencyMs = {};
        run.totals.rounds += 1;
        await run.check(stage, `round ${round}`, complaints());
      }
    }),
};

const killed: Scenario = {
  name: 'worker-killed',
  engines: ['mariadb'],
  run: (run) =>
    withCrew(run, {}, async ({ stage, random, workers, startWorker, complaints }) => {
      for (let round = 1; round <= run.rounds; round++) {
        stage.shop.latencyMs = { fixed: random.between(5, 60), perItem: random.between(0, 2) };
        stage.startLoad();
        await atSomeWrite(stage, random);
        const victim = random.between(0, workers.length - 1);
        await workers.splice(victim, 1)[0]?.kill();
        await wait(random.between(0, 2_000));
        workers.push(await startWorker());
        await stage.stopLoad();
        stage.shop.latencyMs = {};
        run.totals.rounds += 1;
        await run.check(stage, `round ${round}`, complaints());
      }
    }),
};

/** Redis only tells who might have work; without it everything is found all the same. */
const redisKilled: Scenario = {
  name: 'redis-killed',
  engines: ['mariadb'],
  missing: () => missingProgram('redis-server'),
  run: async (run) => {
    const redis = await PrivateServer.redis();
    try {
      await withCrew(
        run,
        { REDIS_URL: `redis://127.0.0.1:${redis.port}` },
        async ({ stage, random, workers, complaints }) => {
          for (let round = 1; round <= run.rounds; round++) {
            stage.startLoad();
            await wait(random.between(100, 600));
            await redis.kill();
            await wait(random.between(200, 2_500));
            // Half of the time everything has to come to rest without it.
            if (random.chance(0.5)) {
              await stage.stopLoad();
              await run.check(stage, `round ${round}, without Redis`);
              stage.startLoad();
            }
            await redis.start();
            await wait(random.between(100, 1_500));
            await stage.stopLoad();
            run.totals.rounds += 1;
            const ended = workers.filter((worker) => worker.hasEnded).map((worker) => worker.output.slice(-1_000));
            await run.check(stage, `round ${round}`, [...complaints(), ...ended]);
          }
        },
      );
    } finally {
      await redis.remove();
    }
  },
};

/** Resolves in the middle of a shop write, or after a while where nothing is written. */
async function atSomeWrite(stage: Stage, random: Random): Promise<void> {
  const given = new AbortController();
  const written = new Promise<void>((resolve) => stage.onceAfter('write', random.between(1, 40), resolve));
  await Promise.race([written, wait(2_000, undefined, { signal: given.signal }).catch(() => undefined)]);
  given.abort();
}

export const twoWorkers: readonly Scenario[] = [paused, killed, redisKilled];
