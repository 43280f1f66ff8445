import { failure, FailureError } from '../../server/domain/failure';
import { ref, shopProduct } from '../support/builders';
import { engines } from '../support/databases';
import { type Call, FakeShop } from '../support/fake-shop';
import {
  claim,
  type Feed,
  feedIn,
  itemOf,
  itemsOf,
  laneOf,
  LEASE_MS,
  openStores,
  push,
  type Stores,
  storesOn,
} from '../support/test-stores';
import { settled, until, WorkerBench } from '../support/worker-bench';

describe('A worker', () => {
  const [sqlite] = engines;
  let stores: Stores;
  let feed: Feed;
  let shop: FakeShop;
  let bench: WorkerBench;

  beforeAll(async () => {
    if (!sqlite) throw new Error('SQLite is always there');
    stores = await openStores((await sqlite.create()).url);
  });
  afterAll(async () => {
    await stores.dataSource.destroy();
    await sqlite?.dropAll();
  });

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
  const work = () => bench.wake(feed.shop.id);
  const statuses = async () => (await itemsOf(stores, feed)).map(({ status }) => status);

  beforeEach(async () => {
    feed = await feedIn(stores);
    shop = new FakeShop();
    bench = new WorkerBench(stores, shop);
  });
  afterEach(async () => {
    await bench.worker.drain(0);
    expect(bench.failures).toEqual([]);
  });

  it('brings everything that is due to the shop, in calls of at most a hundred, and lets go of the lane', async () => {
    const lines = Array.from({ length: 250 }, (_, n) => [`SKU-${n + 1}`, n + 1] as const);
    shop.put(...lines.map((_line, n) => shopProduct(n + 1)));
    await send(...lines);
    await work();
    expect(new Set(await statuses())).toEqual(new Set(['synced']));
    expect(shop.shown(ref(250))).toBe('250');
    expect(shop.written).toHaveLength(250);
    expect(Math.max(...shop.writes.map(({ writes }) => writes.length))).toBeLessThanOrEqual(100);
    expect(bench.reports.reduce((sum, report) => sum + report.settled, 0)).toBe(250);
    expect(await isFree()).toBe(true);
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
    await work();
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
    await work();
    expect(shop.calls).toHaveLength(calls);

    shop.beforeCall = () => null;
    bench.reports.length = 0;
    stores.clock.advance((open.probeAt ?? 0) - stores.clock.now());
    await work();
    expect(new Set(await statuses())).toEqual(new Set(['synced']));
    expect(bench.reports[0]?.items).toBe(5);
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
    await bench.worker.drain(0);
    bench = new WorkerBench(storesOn(stores.dataSource, stores.clock, Buffer.alloc(32, 9)), shop);
    await send(['SKU-1', 5]);
    await work();
    expect((await stores.lanes.circuit(feed.shop.id)).failure?.code).toBe('secret_unreadable');
    expect(await statuses()).toEqual(['due']);
    expect(shop.calls).toEqual([]);
  });

  it('looks again for what came while it was at work', async () => {
    shop.put(shopProduct(1), shopProduct(2));
    await send(['SKU-1', 7]);
    shop.takes = async (call) => {
      if (call.what !== 'write' || shop.writes.length > 1) return;
      await send(['SKU-2', 3]);
      void bench.wake(feed.shop.id);
    };
    await work();
    expect([shop.shown(ref(1)), shop.shown(ref(2))]).toEqual(['7', '3']);
  });

  it('that fails over its database tells of it, lets go of the lane and works the next time', async () => {
    shop.put(shopProduct(1));
    await send(['SKU-1', 7]);
    const away = jest.spyOn(stores.connections, 'forShop').mockRejectedValue(new Error('the database is away'));
    await work();
    expect(bench.failures.splice(0)).toEqual([new Error('the database is away')]);
    expect(away).toHaveBeenCalled();
    away.mockRestore();
    expect(await isFree()).toBe(true);
    expect(await statuses()).toEqual(['writing']);
    await work();
    expect(await statuses()).toEqual(['synced']);
  });

  describe('with a call under way', () => {
    let answer: () => void;
    let done: Promise<void>;
    let writes: Call[];

    beforeEach(async () => {
      writes = [];
      shop.put(shopProduct(1));
      shop.takes = (call, signal) => {
        if (call.what !== 'write') return Promise.resolve();
        writes.push(call);
        return new Promise((resolve, reject) => {
          answer = resolve;
          const cut = failure('shop_answer_lost', { reason: 'cut off' });
          signal.addEventListener('abort', () => reject(new FailureError(cut, { writeMayHaveHappened: true })));
        });
      };
      await send(['SKU-1', 7]);
      done = work();
      await until(() => writes.length === 1);
    });

    it('is drained when the call has ended, and takes no new work', async () => {
      const drained = bench.worker.drain(60_000);
      await settled();
      answer();
      await drained;
      expect((await itemOf(stores, feed, 'SKU-1')).status).toBe('synced');
      expect(stores.clock.sleeping).toBe(0);
      await send(['SKU-1', 8]);
      await work();
      expect(writes).toHaveLength(1);
      expect(await isFree()).toBe(true);
    });

    it('cuts it off when draining takes too long, and blames nobody for it', async () => {
      const drained = bench.worker.drain(60_000);
      await settled();
      stores.clock.advance(59_999);
      await settled();
      expect((await itemOf(stores, feed, 'SKU-1')).status).toBe('writing');
      stores.clock.advance(1);
      await drained;
      expect(await itemOf(stores, feed, 'SKU-1')).toMatchObject({ status: 'due', attempts: 0 });
      expect((await stores.lanes.circuit(feed.shop.id)).state).toBe('closed');
      expect(await isFree()).toBe(true);
    });

    it('keeps its lane for as long as the call takes', async () => {
      for (let beats = 0; beats < 10; beats++) {
        stores.clock.advance(LEASE_MS / 3);
        await settled();
        expect(await isFree()).toBe(false);
      }
      answer();
      await done;
      expect((await itemOf(stores, feed, 'SKU-1')).status).toBe('synced');
      expect(await isFree()).toBe(true);
    });

    it('ends it when another worker has taken the lane, and its settle changes nothing', async () => {
      await stores.lanes.freeAll();
      const other = await laneOf(stores, feed.shop.id, 'another');
      await stores.items.releaseAbandoned(feed.shop.id, stores.clock.now());
      const [taken] = await claim(stores, other);
      stores.clock.advance(LEASE_MS / 3);
      await done;
      expect(bench.reports).toMatchObject([{ settled: 0 }]);
      expect(taken?.subject.code).toBe('SKU-1');
      expect(await itemOf(stores, feed, 'SKU-1')).toMatchObject({ status: 'writing', attempts: 0, link: null });
      expect((await stores.lanes.circuit(feed.shop.id)).state).toBe('closed');
      await stores.lanes.release(other);
    });

    it('leaves the lane of another one alone when it ends after that one took it', async () => {
      await stores.lanes.freeAll();
      const other = await laneOf(stores, feed.shop.id, 'another');
      stores.clock.advance(LEASE_MS / 3);
      await done;
      expect(await stores.lanes.renew(other, stores.clock.now() + LEASE_MS)).toBe(true);
      await stores.lanes.release(other);
    });
  });
});
