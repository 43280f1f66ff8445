import { DueSweep } from '../../../server/queue/due-sweep';
import { InProcessDispatcher } from '../../../server/queue/in-process-dispatcher';
import { TestClock } from '../../support/test-clock';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('The dispatcher of one process', () => {
  const clock = new TestClock();
  let due: () => Promise<readonly number[]>;
  let woken: number[];
  let failures: unknown[];
  let dispatcher: InProcessDispatcher;

  beforeEach(() => {
    due = () => Promise.resolve([]);
    woken = [];
    failures = [];
    dispatcher = new InProcessDispatcher(
      new DueSweep(
        clock,
        () => due(),
        (error) => failures.push(error),
      ),
    );
  });
  afterEach(() => dispatcher.stop());

  const start = async (): Promise<void> => {
    dispatcher.start((shopId) => {
      woken.push(shopId);
      return Promise.resolve();
    });
    await turn();
  };

  it('wakes a lane as soon as something is announced for it', async () => {
    await start();
    dispatcher.announce(new Set([3, 5]));
    await turn();
    expect(woken).toEqual([3, 5]);
  });

  it('finds at its start, and every second, what no announcement told of', async () => {
    due = () => Promise.resolve([7]);
    await start();
    expect(woken).toEqual([7]);
    clock.advance(999);
    await turn();
    expect(woken).toEqual([7]);
    clock.advance(1);
    await turn();
    expect(woken).toEqual([7, 7]);
  });

  it('goes on sweeping after the database did not answer', async () => {
    const error = new Error('the database is away');
    due = () => Promise.reject(error);
    await start();
    expect(failures).toEqual([error]);
    due = () => Promise.resolve([7]);
    clock.advance(1_000);
    await turn();
    expect(woken).toEqual([7]);
  });

  it('wakes nobody before it starts or after it stopped, and then sleeps no more', async () => {
    dispatcher.announce([1]);
    await start();
    await dispatcher.stop();
    dispatcher.announce([2]);
    await turn();
    expect(woken).toEqual([]);
    expect(clock.sleeping).toBe(0);
  });

  it('can be stopped before it was started', async () => {
    await expect(dispatcher.stop()).resolves.toBeUndefined();
  });
});
