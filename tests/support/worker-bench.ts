import type { Wake } from '../../server/queue/lane-dispatcher';
import type { DeliveryReport } from '../../server/queue/lane-run';
import { SyncWorker } from '../../server/queue/sync-worker';
import type { FakeShop } from './fake-shop';
import { noRunSignal, shopWork } from './shop-work';
import type { Stores } from './test-stores';

export const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const MOST_TURNS = 10_000;

/** Lets the event loop turn until it is so. */
export const until = async (isSo: () => boolean): Promise<void> => {
  for (let turns = 0; !isSo(); turns++) {
    if (turns === MOST_TURNS) throw new Error(`It is not so after ${MOST_TURNS} turns`);
    await turn();
  }
};

/** Lets everything come to its end that needs no time to pass: the embedded database answers within a turn. */
export const settled = async (): Promise<void> => {
  for (let turns = 0; turns < 40; turns++) await turn();
};

/** A worker over the real stores and a fake shop; lanes are woken by hand. */
export class WorkerBench {
  readonly reports: DeliveryReport[] = [];
  readonly failures: unknown[] = [];
  readonly worker: SyncWorker;
  private woken: Wake = () => Promise.reject(new Error('The worker was not started'));

  constructor(
    private readonly stores: Stores,
    shop: FakeShop,
    owner = 'this worker',
    how: Parameters<typeof shopWork>[2] = {},
  ) {
    const { lanes, items, shops, connections, circuit, runs, clock } = stores;
    const { deliver, lookAfterShop } = shopWork(stores, shop, how);
    this.worker = new SyncWorker(owner, {
      dispatcher: {
        announce: () => undefined,
        start: (wake) => {
          this.woken = wake;
        },
        stop: () => Promise.resolve(),
      },
      lanes,
      items,
      shops,
      connections,
      circuit,
      deliver,
      lookAfterShop,
      target: shop,
      runs,
      runSignal: noRunSignal,
      clock,
      chance: () => 0.5,
      onDelivery: (report) => this.reports.push(report),
      onLaneFailed: (_shopId, error) => this.failures.push(error),
    });
    this.worker.start();
  }

  /** Resolves when the worker has left the lane. */
  wake(shopId: number): Promise<void> {
    return this.woken(shopId);
  }

  /** Wakes the lane and moves the time on in steps until the worker has left it; how long that took. */
  async workFor(shopId: number, stepMs: number): Promise<number> {
    const startedAt = this.stores.clock.now();
    let left = false;
    void this.wake(shopId).then(() => (left = true));
    await this.pass(stepMs, () => left);
    return this.stores.clock.now() - startedAt;
  }

  /** Moves the time on in steps until it is so. */
  async pass(stepMs: number, isSo: () => boolean, mostMs = 3_600_000): Promise<void> {
    const { clock } = this.stores;
    const startedAt = clock.now();
    await settled();
    while (!isSo()) {
      if (clock.now() - startedAt > mostMs) throw new Error(`It is not so after ${mostMs} ms`);
      clock.advance(stepMs);
      await settled();
    }
  }
}
