import { DeliverSyncItems } from '../../server/application/deliver-sync-items';
import { failure, FailureError } from '../../server/domain/failure';
import type { LaneDispatcher } from '../../server/queue/lane-dispatcher';
import { type DeliveryReport, LEASE_MS, SyncWorker } from '../../server/queue/sync-worker';
import { ref, shopProduct } from '../support/builders';
import { engines } from '../support/databases';
import { FakeShop } from '../support/fake-shop';
import {
  claim,
  type Feed,
  feedIn,
  itemOf,
  itemsOf,
  laneOf,
  openStores,
  push,
  type Stores,
  storesOn,
} from '../support/test-stores';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
/** Lets the event loop turn until it is so; the test's own time limit bounds it. */
const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await turn();
};

describe('A worker', () => {
  const [sqlite] = engines;
  let stores: Stores;
  let feed: Feed;
  let shop: FakeShop;
  let reports: DeliveryReport[];
  let failed: unknown[];
  let wake: (shopId: number) => void;
  let worker: SyncWorker;

  beforeAll(async () => {
    if (!sqlite) throw new Error('SQLite is always there');
    stores = await openStores((await sqlite.create()).url);
  });
  afterAll(async () => {
    await stores.dataSource.destroy();
    await sqlite?.dropAll();
  });

  const workerOn = (on: Stores): SyncWorker => {
    const dispatcher: LaneDispatcher = {
      announce: () => undefined,
      start: (woken) => {
        wake = woken;
      },
      stop: () => Promise.resolve(),
    };
    const made = new SyncWorker('this worker', {
      dispatcher,
      lanes: on.lanes,
      items: on.items,
      shops: on.shops,
      connections: on.connections,
      deliver: new DeliverSyncItems({ target: shop, items: on.items, clock: on.clock }),
      clock: on.clock,
      chance: () => 0.5,
      onDelivery: (report) => reports.push(report),
      onLaneFailed: (_shopId, error) => failed.push(error),
    });
    made.start();
    return made;
  };
  const send = async (...lines: readonly (readonly [code: string, quantity: number])[]) => {
    stores.clock.advance(1);
    await push(
      stores,
      feed,
      lines.map(([code, quantity]) => ({ code, quantity })),
    );
  };
  const isFree = async (): Promise<boolean> => {
    const now = stores.clock.now();
    const lease = await stores.lanes.take(feed.shop.id, 'the test', now, now + 1);
    if (lease) await stores.lanes.release(lease);
    return lease !== null;
  };
  /** Wakes the lane and waits until the worker lets go of it. */
  const work = async (): Promise<void> => {
    const before = reports.length;
    wake(feed.shop.id);
    await until(() => reports.length > before || failed.length > 0);
    await until(isFree);
  };
  const statuses = async () => (await itemsOf(stores, feed)).map(({ status }) => status);

  beforeEach(async () => {
    feed = await feedIn(stores);
    shop = new FakeShop();
    reports = [];
    failed = [];
    worker = workerOn(stores);
  });
  afterEach(() => worker.drain(0));

  it('brings everything that is due to the shop, in calls of at most a hundred, and lets go of the lane', async () => {
    const lines = Array.from({ length: 250 }, (_, n) => [`SKU-${n + 1}`, n + 1] as const);
    shop.put(...lines.map((_line, n) => shopProduct(n + 1)));
    await send(...lines);
    await work();
    await until(async () => (await statuses()).every((status) => status === 'synced'));
    expect(shop.shown(ref(250))).toBe('250');
    expect(shop.writes.map(({ writes }) => writes.length).sort((a, b) => a - b)).toEqual([50, 100, 100]);
    expect(reports.reduce((sum, { settled }) => sum + settled, 0)).toBe(250);
    expect(failed).toEqual([]);
  });

  it('takes up what a killed worker had in its hands', async () => {
    shop.put(shopProduct(1));
    await send(['SKU-1', 7]);
    await claim(stores, await laneOf(stores, feed.shop.id, 'killed'));
    stores.clock.advance(LEASE_MS + 1);
    await work();
    expect((await itemOf(stores, feed, 'SKU-1')).status).toBe('synced');
  });

  it('leaves a lane alone that another one holds', async () => {
    shop.put(shopProduct(1));
    await send(['SKU-1', 7]);
    const other = await laneOf(stores, feed.shop.id, 'another');
    wake(feed.shop.id);
    for (let turns = 0; turns < 50; turns++) await turn();
    expect(shop.calls).toEqual([]);
    expect(await statuses()).toEqual(['due']);
    await stores.lanes.release(other);
  });

  it('opens the circuit of a shop out of reach, charges nobody, and tries a few at the probe', async () => {
    const count = 30;
    shop.put(...Array.from({ length: count }, (_, n) => shopProduct(n + 1)));
    shop.beforeCall = () => new FailureError(failure('shop_unreachable', { reason: 'refused', host: 'shop.example' }));
    await send(...Array.from({ length: count }, (_, n) => [`SKU-${n + 1}`, 5] as const));
    await work();
    const open = await stores.lanes.circuit(feed.shop.id);
    expect(open).toMatchObject({ state: 'open', failure: { code: 'shop_unreachable' } });
    const items = await itemsOf(stores, feed);
    expect(items.every(({ status, attempts, dueAt }) => status === 'due' && attempts === 0 && dueAt !== null)).toBe(
      true,
    );

    const calls = shop.calls.length;
    wake(feed.shop.id);
    for (let turns = 0; turns < 50; turns++) await turn();
    expect(shop.calls).toHaveLength(calls);

    shop.beforeCall = () => null;
    reports = [];
    stores.clock.advance((open.probeAt ?? 0) - stores.clock.now());
    await work();
    await until(async () => (await statuses()).every((status) => status === 'synced'));
    expect(reports[0]?.items).toBe(5);
    expect((await stores.lanes.circuit(feed.shop.id)).state).toBe('closed');
  });

  it('opens the circuit for longer when the probe fails too', async () => {
    shop.beforeCall = () => new FailureError(failure('shop_maintenance'), { retryAfterMs: 300_000 });
    await send(['SKU-1', 5]);
    await work();
    const first = await stores.lanes.circuit(feed.shop.id);
    expect((first.probeAt ?? 0) - stores.clock.now()).toBe(300_000);
    stores.clock.advance(300_000);
    await work();
    expect(await stores.lanes.circuit(feed.shop.id)).toMatchObject({ failures: 2, openedAt: first.openedAt });
  });

  it('opens the circuit when the stored keys cannot be read, without calling the shop', async () => {
    await worker.drain(0);
    worker = workerOn(storesOn(stores.dataSource, stores.clock, Buffer.alloc(32, 9)));
    await send(['SKU-1', 5]);
    await work();
    expect((await stores.lanes.circuit(feed.shop.id)).failure?.code).toBe('secret_unreadable');
    expect(await statuses()).toEqual(['due']);
    expect(shop.calls).toEqual([]);
  });

  it('looks again for what came while it was at work', async () => {
    shop.put(shopProduct(1), shopProduct(2));
    await send(['SKU-1', 7]);
    let pushed = false;
    shop.answerTo = (answer) => {
      if (!pushed) wake(feed.shop.id);
      pushed = true;
      return answer;
    };
    await work();
    await send(['SKU-2', 3], ['SKU-1', 8]);
    await work();
    expect([shop.shown(ref(1)), shop.shown(ref(2))]).toEqual(['8', '3']);
  });

  describe('with a call under way', () => {
    let answer: () => void;
    let calls: AbortSignal[];

    beforeEach(async () => {
      calls = [];
      shop.put(shopProduct(1));
      const write = shop.write.bind(shop);
      jest.spyOn(shop, 'write').mockImplementation((access, batch, ...rest: readonly unknown[]) => {
        const [signal] = rest;
        if (!(signal instanceof AbortSignal)) throw new Error('Every call can be cut off');
        calls.push(signal);
        return new Promise((resolve, reject) => {
          answer = () => resolve(write(access, batch));
          const cut = failure('shop_answer_lost', { reason: 'cut off' });
          signal.addEventListener('abort', () => reject(new FailureError(cut, { writeMayHaveHappened: true })));
        });
      });
      await send(['SKU-1', 7]);
      wake(feed.shop.id);
      await until(() => calls.length === 1);
    });

    it('is drained when the call has ended, and takes no new work', async () => {
      const drained = worker.drain(60_000);
      answer();
      await drained;
      expect((await itemOf(stores, feed, 'SKU-1')).status).toBe('synced');
      await send(['SKU-1', 8]);
      wake(feed.shop.id);
      for (let turns = 0; turns < 20; turns++) await turn();
      expect(calls).toHaveLength(1);
      expect(await isFree()).toBe(true);
    });

    it('cuts it off when draining takes too long, and blames nobody for it', async () => {
      const drained = worker.drain(60_000);
      await turn();
      stores.clock.advance(60_000);
      await drained;
      expect(calls[0]?.aborted).toBe(true);
      expect(await itemOf(stores, feed, 'SKU-1')).toMatchObject({ status: 'due', attempts: 0 });
      expect((await stores.lanes.circuit(feed.shop.id)).state).toBe('closed');
    });

    it('keeps its lane for as long as the call takes', async () => {
      for (let beats = 0; beats < 10; beats++) {
        const sleeping = stores.clock.sleeping;
        stores.clock.advance(LEASE_MS / 3);
        await until(() => stores.clock.sleeping >= sleeping);
        expect(await isFree()).toBe(false);
      }
      answer();
      await until(isFree);
      expect((await itemOf(stores, feed, 'SKU-1')).status).toBe('synced');
    });

    it('ends it when another worker has taken the lane, and its settle changes nothing', async () => {
      await stores.lanes.freeAll();
      const other = await laneOf(stores, feed.shop.id, 'another');
      await stores.items.releaseAbandoned(feed.shop.id, stores.clock.now());
      const [taken] = await claim(stores, other);
      stores.clock.advance(LEASE_MS / 3);
      await until(() => calls[0]?.aborted === true && reports.length > 0);
      expect(reports[0]?.settled).toBe(0);
      expect(taken?.subject.code).toBe('SKU-1');
      expect((await itemOf(stores, feed, 'SKU-1')).status).toBe('writing');
      expect((await stores.lanes.circuit(feed.shop.id)).state).toBe('closed');
      await stores.lanes.release(other);
    });
  });
});
