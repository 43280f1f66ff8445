import { type FailureCode, failure, FailureError } from '../../server/domain/failure';
import { FIRST_PACE } from '../../server/domain/pace';
import type { ShopLimits } from '../../server/domain/ports/shops';
import { PRIORITY } from '../../server/domain/sync-item';
import { ref, shopProduct } from '../support/builders';
import type { ShopCatalogue } from '../../server/domain/ports/shop-catalogue';
import type { ShopOrders } from '../../server/domain/ports/shop-orders';
import { engines } from '../support/databases';
import { type Call, FakeShop } from '../support/fake-shop';
import {
  type Feed,
  feedIn,
  itemOf,
  itemsOf,
  laneOf,
  LEASE_MS,
  openStores,
  push,
  shopIn,
  type Stores,
} from '../support/test-stores';
import { rule } from '../support/ledger-bench';
import { noOrders } from '../support/shop-work';
import { settled, WorkerBench } from '../support/worker-bench';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const down = () => new FailureError(failure('shop_unreachable', { reason: 'refused', host: 'shop.example' }));
const serverError = () =>
  new FailureError(failure('shop_server_error', { status: 500 }), { writeMayHaveHappened: true });

describe('The work of a lane', () => {
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

  const now = () => stores.clock.now();
  const send = (quantity: number, ...ids: readonly number[]) =>
    push(
      stores,
      feed,
      ids.map((id) => ({ code: `SKU-${id}`, quantity })),
    );
  const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);
  const put = (...ids: readonly number[]) => shop.put(...ids.map((id) => shopProduct(id)));
  const work = () => bench.wake(feed.shop.id);
  const begin = async (limits: Partial<ShopLimits> = {}) => {
    feed = await feedIn(stores, { matchBy: ['code'], shop: await shopIn(stores, limits) });
    shop = new FakeShop();
    bench = new WorkerBench(stores, shop);
  };
  const item = (id: number) => itemOf(stores, feed, `SKU-${id}`);
  const statuses = async () => new Set((await itemsOf(stores, feed)).map(({ status }) => status));
  const circuit = () => stores.lanes.circuit(feed.shop.id);
  const toTheProbe = async () => {
    const { probeAt } = await circuit();
    if (probeAt === null) throw new Error('The circuit is closed');
    stores.clock.advance(probeAt - now());
  };
  const notifications = async () =>
    (await stores.notifications.list({ limit: 100, cursor: null })).data.filter(
      ({ shopId }) => shopId === feed.shop.id,
    );

  beforeEach(async () => {
    stores.clock.advance(HOUR);
    await begin();
  });
  afterEach(async () => {
    await bench.worker.drain(0);
    expect(bench.failures).toEqual([]);
  });

  describe('with thousands of bulk items waiting', () => {
    const COUNT = 2_000;
    const MOVING = 1_777;

    beforeEach(async () => {
      put(...upTo(COUNT));
      await send(1, ...upTo(COUNT));
      await work();
      // Nothing else is due; now the whole shop is written anew, at a second a call.
      shop.put(...upTo(COUNT).map((id) => shopProduct(id)));
      stores.clock.advance(10 * SECOND);
      const ids = (await itemsOf(stores, feed)).map(({ id }) => id);
      await stores.items.makeDue(ids, PRIORITY.bulk, now());
      await stores.lanes.savePace(feed.shop.id, FIRST_PACE);
      shop.calls.length = 0;
      shop.takes = () => stores.clock.sleep(SECOND);
    });

    it('writes a movement within the time of two calls, and everything in the end', async () => {
      void work();
      await settled();
      // Four deliveries of two calls each are on their way, all of them bulk.
      expect(shop.writes.map(({ writes }) => writes.length)).toEqual([25, 25, 25, 25]);
      const pushedAt = now();
      await send(5, MOVING);
      void work();
      await bench.pass(SECOND, () => shop.shown(ref(MOVING)) === '5');
      expect(now() - pushedAt).toBeLessThanOrEqual(2 * SECOND);
      await bench.workFor(feed.shop.id, SECOND);
      expect(await statuses()).toEqual(new Set(['synced']));
      expect(shop.shown(ref(MOVING))).toBe('5');
      expect(shop.shown(ref(1))).toBe('1');
    });

    it('never makes more calls at once than the shop bears, and one for the movements', async () => {
      let underWay = 0;
      let most = 0;
      shop.takes = async () => {
        most = Math.max(most, ++underWay);
        await stores.clock.sleep(SECOND);
        underWay--;
      };
      const done = bench.workFor(feed.shop.id, SECOND);
      for (const id of [MOVING, 3, 99]) {
        await settled();
        await send(5, id);
        void work();
      }
      await done;
      expect(most).toBe(5);
      expect(await statuses()).toEqual(new Set(['synced']));
    });

    it('learns what the shop bears, and remembers it', async () => {
      await bench.workFor(feed.shop.id, SECOND);
      const learnt = await stores.lanes.pace(feed.shop.id);
      expect(learnt.batchSize).toBeGreaterThan(25);
      shop.takes = () => stores.clock.sleep(9 * SECOND);
      await send(7, ...upTo(300));
      await bench.workFor(feed.shop.id, SECOND);
      const slower = await stores.lanes.pace(feed.shop.id);
      expect(slower.batchSize).toBeLessThan(learnt.batchSize);
      expect(slower.deliveries).toBeLessThan(4);
      expect(shop.shown(ref(300))).toBe('7');
    });
  });

  describe('of a shop that is out of reach', () => {
    const COUNT = 300;

    beforeEach(async () => {
      put(...upTo(COUNT));
      shop.beforeCall = down;
      await send(1, ...upTo(COUNT));
      await work();
    });

    it('is called again by itself where nothing is left to be written', async () => {
      const ids = (await itemsOf(stores, feed)).map(({ id }) => id);
      await stores.items.setOffline(ids, now());
      await toTheProbe();
      expect(await stores.items.shopsWithDueItems(now())).toContain(feed.shop.id);
      await work();
      expect(await circuit()).toMatchObject({ state: 'open', failures: 2 });
      shop.beforeCall = () => null;
      await toTheProbe();
      await work();
      expect(await circuit()).toMatchObject({ state: 'closed' });
      expect(shop.calls.at(-1)).toEqual({ what: 'ping' });
      expect((await notifications()).map(({ healedAt }) => healedAt)).toEqual([now()]);
    });

    it('opens the circuit once, though four deliveries met the trouble, and tells of it once', async () => {
      expect(bench.reports.length).toBeGreaterThan(1);
      expect(await circuit()).toMatchObject({ state: 'open', failures: 1, openedAt: now(), probeAt: now() + 1_500 });
      expect(await notifications()).toMatchObject([{ healedAt: null, failure: { code: 'shop_unreachable' } }]);
      const items = await itemsOf(stores, feed);
      expect(items.filter(({ status, attempts }) => status !== 'due' || attempts !== 0)).toEqual([]);
    });

    it('tries five at each probe, ever more rarely, and still tells of it once', async () => {
      const openedAt = now();
      const waits: number[] = [];
      for (let n = 0; n < 8; n++) {
        shop.calls.length = bench.reports.length = 0;
        await toTheProbe();
        await work();
        expect(bench.reports.map(({ items }) => items)).toEqual([5]);
        waits.push(((await circuit()).probeAt ?? 0) - now());
        const calls = shop.calls.length;
        await work();
        expect(shop.calls).toHaveLength(calls);
      }
      expect(waits).toEqual([...waits].sort((a, b) => a - b));
      expect(waits.at(-1)).toBe(MINUTE);
      expect(await notifications()).toMatchObject([{ raisedAt: openedAt, healedAt: null }]);
      expect((await itemsOf(stores, feed)).every(({ attempts }) => attempts === 0)).toBe(true);
    });

    it('heals once when the shop is back, and then writes everything', async () => {
      await toTheProbe();
      shop.beforeCall = () => null;
      await work();
      expect((await circuit()).state).toBe('closed');
      expect(await notifications()).toMatchObject([{ healedAt: now() }]);
      expect(await statuses()).toEqual(new Set(['synced']));
    });

    it('is not tried again by a delivery that outlasted the wait for the probe', async () => {
      await toTheProbe();
      shop.beforeCall = () => null;
      // The probe lasts a second, and so do the calls after it. Then the shop is gone again, for one call alone.
      shop.takes = () => stores.clock.sleep(SECOND);
      let failures = 0;
      shop.beforeCall = (call) =>
        call.what === 'write' && shop.stored.length >= 50 && failures++ === 0 ? down() : null;
      await bench.workFor(feed.shop.id, SECOND);
      const opened = await circuit();
      expect(opened.state).toBe('open');
      expect(await notifications()).toHaveLength(2);
      // Only a probe closes it: five items, and then all the rest.
      bench.reports.length = 0;
      await toTheProbe();
      await bench.workFor(feed.shop.id, SECOND);
      expect(bench.reports[0]?.items).toBe(5);
      expect((await circuit()).state).toBe('closed');
      expect(await statuses()).toEqual(new Set(['synced']));
    });
  });

  describe('of a shop that answers no write', () => {
    const broken = (call: Call) => (call.what === 'write' ? serverError() : null);

    it('opens the circuit at once when two items fail one by one, and charges no more than those', async () => {
      put(...upTo(20));
      shop.beforeCall = broken;
      await send(1, ...upTo(20));
      await work();
      expect(await circuit()).toMatchObject({ state: 'open', failure: { code: 'shop_server_error' } });
      expect((await itemsOf(stores, feed)).filter(({ attempts }) => attempts > 0).length).toBeLessThanOrEqual(2);
    });

    it('opens the circuit at the third item that fails, though each came alone and at another time', async () => {
      put(1, 2, 3);
      shop.beforeCall = broken;
      for (const id of [1, 2]) {
        await send(1, id);
        await work();
        expect((await circuit()).state).toBe('closed');
        expect(await item(id)).toMatchObject({ status: 'retrying', failure: { code: 'shop_fails_on_item' } });
        stores.clock.advance(1);
      }
      await send(1, 3);
      await work();
      expect(await circuit()).toMatchObject({ state: 'open', failure: { code: 'shop_server_error' } });
      expect(await notifications()).toHaveLength(1);
    });

    it('is out of reach still when its probe fails on the one item there is', async () => {
      put(1);
      shop.beforeCall = down;
      await send(1, 1);
      await work();
      await toTheProbe();
      shop.beforeCall = broken;
      await work();
      expect(await circuit()).toMatchObject({ state: 'open', failures: 2, failure: { code: 'shop_server_error' } });
      expect(await notifications()).toMatchObject([{ healedAt: null }]);
    });

    it('is back when it fails on one item and takes another, and the poison one is named', async () => {
      put(1, 2);
      shop.beforeCall = down;
      await send(1, 1, 2);
      await work();
      await stores.items.makeDue([(await item(2)).id], PRIORITY.bulk, now());
      await toTheProbe();
      shop.beforeCall = (call) =>
        call.what === 'write' && call.batch.writes.some(({ ref: of }) => of.productId === 1) ? serverError() : null;
      await work();
      expect((await circuit()).state).toBe('closed');
      expect(await notifications()).toMatchObject([{ healedAt: now() }]);
      expect(await item(1)).toMatchObject({ status: 'retrying', failure: { code: 'shop_fails_on_item' } });
      expect(await item(2)).toMatchObject({ status: 'synced' });
    });

    it('but for one item is well: that one is given up on alone, however often it is tried', async () => {
      put(1);
      shop.beforeCall = broken;
      await send(1, 1);
      for (let tries = 1; tries <= 8; tries++) {
        await work();
        expect(await item(1)).toMatchObject({ attempts: tries, status: tries < 8 ? 'retrying' : 'failed' });
        expect((await circuit()).state).toBe('closed');
        stores.clock.advance(15 * MINUTE);
      }
      expect(await notifications()).toEqual([]);
      // A new value is tried all the same, and heals it.
      shop.beforeCall = () => null;
      await send(2, 1);
      await work();
      expect(await item(1)).toMatchObject({ status: 'synced', attempts: 0, failure: null });
    });
  });

  test.each(['shop_maintenance', 'shop_rate_limited', 'keys_rejected'] as const)(
    'stops at the first call of a shop that says %s, and waits as long as it asks',
    async (code: FailureCode) => {
      put(...upTo(30));
      await send(1, ...upTo(30));
      shop.beforeCall = () => new FailureError(failure(code), { retryAfterMs: 5 * MINUTE });
      await work();
      expect(shop.calls.length).toBeLessThanOrEqual(4);
      expect(shop.writes).toEqual([]);
      expect((await circuit()).probeAt).toBe(now() + 5 * MINUTE);
    },
  );

  it('reads the orders in time though the catalogue is walked for an hour', async () => {
    const readAt: number[] = [];
    const begunAt = now();
    const page = async (ends: AbortSignal) => {
      await stores.clock.sleep(SECOND, ends);
      const next = now() - begunAt < HOUR ? 'more' : null;
      return { products: [], next, done: 1, total: 1, shopTime: null };
    };
    const catalogue: ShopCatalogue = {
      list: (_access, _position, ends) => page(ends),
      listChanged: (_access, _since, _position, ends) => page(ends),
    };
    const orders: ShopOrders = {
      ...noOrders,
      changedSince: (_access, _since, _keys, _signal, asked) => {
        if (asked === 'listed') readAt.push(now());
        return Promise.resolve({ orders: [], complete: true, shopTime: now() });
      },
    };
    feed = await feedIn(stores, { matchBy: ['code'], orders: rule({ knownBy: 'never' }) });
    bench = new WorkerBench(stores, shop, 'this worker', { orders, catalogue });
    await stores.catalog.request(feed.shop.id, 'full', now());
    void work();
    await bench.pass(5 * SECOND, () => {
      // As the sweep does.
      void work();
      return now() - begunAt > 30 * MINUTE;
    });
    const waits = readAt.slice(1).map((at, n) => at - (readAt[n] ?? at));
    expect(waits.length).toBeGreaterThan(20);
    expect(Math.max(...waits)).toBeLessThan(2 * MINUTE);
  });

  it('goes on with the new keys at once when the owner changes them in the middle of the work', async () => {
    put(...upTo(300));
    await send(1, ...upTo(300));
    const keys: string[] = [];
    const write = shop.write.bind(shop);
    shop.write = (access, batch, signal) => {
      keys.push(access.consumerKey);
      return write(access, batch, signal);
    };
    shop.takes = () => stores.clock.sleep(SECOND);
    const done = bench.workFor(feed.shop.id, SECOND);
    await bench.pass(0, () => keys.length > 0);
    await stores.shops.change(feed.shop.id, { consumerKey: 'ck_new' }, now() + 1);
    const before = keys.length;
    await done;
    expect(new Set(keys.slice(before + 4))).toEqual(new Set(['ck_new']));
    expect(keys.at(-1)).toBe('ck_new');
    expect(await statuses()).toEqual(new Set(['synced']));
  });

  describe('within the limits of the owner', () => {
    /** When each call went out. */
    let times: number[];

    const beginWithin = async (limits: Partial<ShopLimits>) => {
      await bench.worker.drain(0);
      await begin(limits);
      times = [];
      shop.beforeCall = () => {
        times.push(now());
        return null;
      };
    };
    const expectAtMost = (perMinute: number) => {
      for (const [n, time] of times.entries()) {
        const later = times[n + perMinute];
        if (later !== undefined) expect(later - time).toBeGreaterThanOrEqual(MINUTE);
      }
    };

    it('makes no more calls in any minute than allowed, and all of them in the end', async () => {
      await beginWithin({ callsPerMinute: 3 });
      put(...upTo(300));
      await send(1, ...upTo(300));
      await bench.workFor(feed.shop.id, 5 * SECOND);
      expect(times.length).toBeGreaterThan(9);
      expectAtMost(3);
      expect(await statuses()).toEqual(new Set(['synced']));
    });

    it('keeps to it from one push to the next', async () => {
      await beginWithin({ callsPerMinute: 2 });
      put(...upTo(6));
      for (const id of upTo(6)) {
        await send(1, id);
        await bench.workFor(feed.shop.id, 5 * SECOND);
      }
      expect(times.length).toBeGreaterThanOrEqual(12);
      expectAtMost(2);
    });

    it('is drained while a call waits for its turn', async () => {
      await beginWithin({ callsPerMinute: 1 });
      put(1);
      await send(1, 1);
      const done = work();
      await settled();
      const drained = bench.worker.drain(8 * SECOND);
      await settled();
      stores.clock.advance(8 * SECOND);
      await drained;
      await done;
      expect(times).toHaveLength(1);
      expect(await item(1)).toMatchObject({ status: 'due', attempts: 0 });
      expect((await circuit()).state).toBe('closed');
    });

    describe('of quiet hours', () => {
      const minuteOfDay = (time: number) => Math.floor((time % (24 * HOUR)) / MINUTE);
      const quiet = (fromMs: number, lastsMs: number): Partial<ShopLimits> => ({
        quietHours: {
          fromMinute: minuteOfDay(now() + fromMs),
          toMinute: minuteOfDay(now() + fromMs + lastsMs),
          timeZone: 'UTC',
        },
      });

      it('calls nobody in them, and everything is due when they end', async () => {
        await beginWithin(quiet(-HOUR, 2 * HOUR));
        put(1);
        await send(1, 1);
        await work();
        expect(shop.calls).toEqual([]);
        expect((await item(1)).status).toBe('due');
        stores.clock.advance(HOUR);
        await work();
        expect((await item(1)).status).toBe('synced');
      });

      it('ends its work when they begin: no call goes out after that', async () => {
        const beginsAt = now() - (now() % MINUTE) + 2 * MINUTE;
        await beginWithin({ callsPerMinute: null, ...quiet(beginsAt - now(), HOUR) });
        put(...upTo(1_000));
        await send(1, ...upTo(1_000));
        shop.takes = () => stores.clock.sleep(20 * SECOND);
        await bench.workFor(feed.shop.id, SECOND);
        expect(times.length).toBeGreaterThan(4);
        expect(Math.max(...times)).toBeLessThan(beginsAt);
        expect(await statuses()).toEqual(new Set(['synced', 'due']));
        expect((await itemsOf(stores, feed)).every(({ attempts }) => attempts === 0)).toBe(true);
        expect(await circuit()).toMatchObject({ state: 'closed' });
        expect((await stores.lanes.take(feed.shop.id, 'next', now(), now()))?.tookOver).toBe(false);
      });

      it('lets no call out in them that waited for its turn until then', async () => {
        const beginsAt = now() - (now() % MINUTE) + 3 * MINUTE;
        await beginWithin({ callsPerMinute: 1, ...quiet(beginsAt - now(), HOUR) });
        put(...upTo(100));
        await send(1, ...upTo(100));
        await bench.workFor(feed.shop.id, 5 * SECOND);
        expect(times.length).toBeGreaterThan(1);
        expect(Math.max(...times)).toBeLessThan(beginsAt);
        expect(await circuit()).toMatchObject({ state: 'closed' });
        expect((await itemsOf(stores, feed)).every(({ attempts }) => attempts === 0)).toBe(true);
      });
    });
  });

  it('makes no call beyond its lease while the database does not renew it, and blames nobody for that', async () => {
    put(...upTo(400));
    await send(1, ...upTo(400));
    const startedAt = now();
    const times: number[] = [];
    shop.beforeCall = () => {
      times.push(now());
      return null;
    };
    shop.takes = () => stores.clock.sleep(4 * SECOND);
    const away = jest.spyOn(stores.lanes, 'renew').mockRejectedValue(new Error('the database is away'));
    await bench.workFor(feed.shop.id, SECOND);
    away.mockRestore();
    expect(times.length).toBeGreaterThan(4);
    expect(Math.max(...times)).toBeLessThan(startedAt + LEASE_MS);
    expect((await itemsOf(stores, feed)).every(({ attempts }) => attempts === 0)).toBe(true);
    expect((await circuit()).state).toBe('closed');
  });

  it('that was lost to another worker makes no further call', async () => {
    put(...upTo(400));
    await send(1, ...upTo(400));
    shop.takes = () => stores.clock.sleep(6 * SECOND);
    const done = work();
    await settled();
    await stores.lanes.freeAll();
    const other = await laneOf(stores, feed.shop.id, 'another');
    await stores.items.releaseAbandoned(feed.shop.id, now());
    stores.clock.advance(5 * SECOND);
    await settled();
    const calls = shop.calls.length;
    for (let n = 0; n < 20; n++) {
      stores.clock.advance(SECOND);
      await settled();
    }
    await done;
    expect(shop.calls.length).toBe(calls);
    expect(bench.reports.every((report) => report.settled === 0)).toBe(true);
    expect(await statuses()).toEqual(new Set(['due']));
    await stores.lanes.release(other);
  });
});
