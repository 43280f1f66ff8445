import { WatchAlarms } from '../../server/application/watch-alarms';
import { type Failure, failure } from '../../server/domain/failure';
import { noticeWords } from '../../server/domain/notice-words';
import { knownByLevel, ORDERS_NOT_COUNTED, type OrderRule } from '../../server/domain/order-rule';
import { quantity } from '../../server/domain/quantity';
import { productLink, ref, shopProduct } from '../support/builders';
import { engines } from '../support/databases';
import { FakeShop } from '../support/fake-shop';
import {
  type Feed,
  feedIn,
  itemOf,
  itemsOf,
  onEachEngine,
  openStores,
  push,
  type Stores,
} from '../support/test-stores';
import { WorkerBench } from '../support/worker-bench';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const COUNT = 40;
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

const alarmsOf = (stores: Stores) => {
  const { sources, connections, pushes, items, problems, runs, notifications, requests, ledger, clock } = stores;
  return new WatchAlarms({
    sources,
    connections,
    pushes,
    items,
    problems,
    runs,
    notifications,
    requests,
    ledger,
    clock,
  });
};
const told = async (stores: Stores) => (await stores.notifications.list({ limit: 100, cursor: null })).data;

describe('A push that would empty the shop', () => {
  const [sqlite] = engines;
  let stores: Stores;
  let feed: Feed;
  let shop: FakeShop;

  const send = (quantity: number, ids: readonly number[]) =>
    push(
      stores,
      feed,
      ids.map((id) => ({ code: `SKU-${id}`, quantity })),
    );
  const work = async () => {
    const bench = new WorkerBench(stores, shop);
    await bench.workFor(feed.shop.id, 1_000);
    await bench.worker.drain(0);
  };
  const shown = (ids: readonly number[]) => ids.map((id) => shop.shown(ref(id)));
  const openHere = async () =>
    (await told(stores)).filter(({ shopId, healedAt }) => shopId === feed.shop.id && healedAt === null);

  beforeAll(async () => {
    if (!sqlite) throw new Error('SQLite is always there');
    stores = await openStores((await sqlite.create()).url);
  });
  afterAll(async () => {
    await stores.dataSource.destroy();
    await sqlite?.dropAll();
  });
  beforeEach(async () => {
    stores.clock.advance(HOUR);
    feed = await feedIn(stores, { matchBy: ['code'] });
    shop = new FakeShop(...upTo(COUNT).map((id) => shopProduct(id)));
    await send(5, upTo(COUNT));
    await work();
    expect(new Set(shown(upTo(COUNT)))).toEqual(new Set(['5']));
    stores.clock.advance(HOUR);
  });

  it('is stored, and what it would take to 0 is held back and told of; the rest goes on', async () => {
    const answer = await push(stores, feed, [
      ...upTo(20).map((id) => ({ code: `SKU-${id}`, quantity: 0 })),
      { code: 'SKU-30', quantity: 9 },
    ]);
    expect(answer.accepted).toBe(21);
    await work();
    expect(new Set(shown(upTo(20)))).toEqual(new Set(['5']));
    expect(shop.shown(ref(30))).toBe('9');
    const held = await itemOf(stores, feed, 'SKU-1');
    expect(held).toMatchObject({ status: 'failed', failure: { code: 'mass_zero_held' }, levels: [{ quantity: '0' }] });
    expect(await openHere()).toMatchObject([{ kind: 'mass_zero', failure: { params: { zeros: 20, inStock: COUNT } } }]);
  });

  it('goes on when somebody chooses Retry, and the notification heals', async () => {
    await send(0, upTo(20));
    const ids = (await itemsOf(stores, feed)).filter(({ status }) => status === 'failed').map(({ id }) => id);
    expect(ids).toHaveLength(20);
    await stores.items.makeDue(ids, 20, stores.clock.now());
    await work();
    expect(new Set(shown(upTo(20)))).toEqual(new Set(['0']));
    await alarmsOf(stores).watch();
    expect(await openHere()).toEqual([]);
  });

  it('is forgotten as soon as the source says another number', async () => {
    await send(0, upTo(20));
    await send(4, upTo(20));
    await work();
    expect(new Set(shown(upTo(20)))).toEqual(new Set(['4']));
  });

  it('is no such push when a few products are sold out, or most were out of stock before', async () => {
    await send(0, upTo(10));
    await work();
    expect(new Set(shown(upTo(10)))).toEqual(new Set(['0']));
    stores.clock.advance(11 * 60_000);
    await send(0, upTo(12));
    await work();
    expect(new Set(shown(upTo(12)))).toEqual(new Set(['0']));
    expect(await openHere()).toEqual([]);
  });

  it('is held back as well when it comes one product after the other', async () => {
    for (const id of upTo(13)) {
      await send(0, [id]);
      stores.clock.advance(30_000);
    }
    await work();
    // The first ten are as many as sell out in any shop; what follows them so closely asks.
    expect(new Set(shown(upTo(10)))).toEqual(new Set(['0']));
    expect(shown([11, 12, 13])).toEqual(['5', '5', '5']);
    expect((await itemOf(stores, feed, 'SKU-11')).failure?.code).toBe('mass_zero_held');
    expect(await openHere()).toHaveLength(1);
  });

  it('does not hold back one product that sells out after an hour of others', async () => {
    for (const id of upTo(13)) {
      await send(0, [id]);
      stores.clock.advance(61_000);
    }
    await work();
    expect(new Set(shown(upTo(13)))).toEqual(new Set(['0']));
    expect(await openHere()).toEqual([]);
  });

  it('is not held back in test mode, where nothing is written', async () => {
    await stores.connections.change(feed.connection.id, { mode: 'test' }, stores.clock.now());
    await send(0, upTo(20));
    expect((await itemOf(stores, feed, 'SKU-1')).status).toBe('due');
  });
});

onEachEngine('A source that falls silent', (stores) => {
  it('is told of once when it is quieter than it ever was, and once more when it speaks again', async () => {
    const feed = await feedIn(stores(), { matchBy: ['code'] });
    const alarms = alarmsOf(stores());
    const say = (quantity: number) => push(stores(), feed, [{ code: 'A', quantity }]);
    for (let n = 0; n < 20; n++) {
      await say(n);
      stores().clock.advance(6 * HOUR);
      await alarms.watch();
    }
    const here = async () => (await told(stores())).filter(({ sourceId }) => sourceId === feed.sourceId);
    expect(await here()).toEqual([]);
    stores().clock.advance(3 * HOUR + 60_000);
    await alarms.watch();
    await alarms.watch();
    expect(await here()).toMatchObject([{ kind: 'source_silent', healedAt: null }]);
    stores().clock.advance(DAY);
    await say(99);
    await alarms.watch();
    expect(await here()).toMatchObject([{ kind: 'source_silent', healedAt: stores().clock.now() }]);
  });

  it('that is switched off, or has pushed only now and then, is left alone', async () => {
    const feed = await feedIn(stores(), { matchBy: ['code'] });
    for (let n = 0; n < 5; n++) {
      await push(stores(), feed, [{ code: 'A', quantity: n }]);
      stores().clock.advance(DAY);
    }
    stores().clock.advance(90 * DAY);
    await alarmsOf(stores()).watch();
    expect((await told(stores())).filter(({ sourceId }) => sourceId === feed.sourceId)).toEqual([]);
  });
});

onEachEngine('Products and runs that wait for a person', (stores) => {
  let feed: Feed;
  const here = async () =>
    (await told(stores())).filter(({ connectionId }) => connectionId === feed.connection.id).reverse();
  const open = async () => (await here()).filter(({ healedAt }) => healedAt === null);
  const watch = () => alarmsOf(stores()).watch();
  /** As a worker would leave them. */
  /** As matching leaves them. */
  const why: Readonly<Record<string, Failure>> = {
    unmatched: failure('product_unmatched', { tried: 'code' }),
    ambiguous: failure('product_ambiguous', { by: 'code', n: 2 }),
  };
  const leave = async (code: string, status: string, what: Failure | null = why[status] ?? null) =>
    stores().dataSource.query('UPDATE sync_items SET status = ?, failure_code = ?, failure = ? WHERE id = ?', [
      status,
      what?.code ?? null,
      what && JSON.stringify(what),
      (await itemOf(stores(), feed, code)).id,
    ]);

  beforeEach(async () => {
    stores().clock.advance(DAY - (stores().clock.now() % DAY) + 8 * HOUR);
    feed = await feedIn(stores(), { matchBy: ['code'] });
    await push(
      stores(),
      feed,
      ['A', 'B', 'C', 'D', 'E'].map((code) => ({ code, quantity: 1 })),
    );
  });

  it('are one notice for all that match nothing or several things, with their count, until there is none', async () => {
    await leave('A', 'unmatched');
    await leave('B', 'ambiguous');
    await watch();
    const [first] = await open();
    expect(first).toMatchObject({ kind: 'products_unmatched', params: { n: 2 }, sourceName: expect.any(String) });
    await leave('C', 'unmatched');
    await watch();
    expect(await here()).toMatchObject([{ id: first?.id, params: { n: 3 }, newsAt: first?.newsAt }]);
    for (const code of ['A', 'B', 'C']) await leave(code, 'synced');
    await watch();
    expect(await here()).toMatchObject([{ id: first?.id, healedAt: stores().clock.now() }]);
  });

  it('are one notice a day: it opens again, and is news on a later day only if there are more', async () => {
    await leave('A', 'unmatched');
    await watch();
    await leave('A', 'synced');
    stores().clock.advance(HOUR);
    await watch();
    await leave('A', 'unmatched');
    stores().clock.advance(HOUR);
    await watch();
    const reopenedAt = stores().clock.now();
    expect(await here()).toMatchObject([{ healedAt: null, newsAt: reopenedAt }]);
    stores().clock.advance(DAY);
    await watch();
    expect(await here()).toMatchObject([{ newsAt: reopenedAt }]);
    await leave('B', 'unmatched');
    await watch();
    expect(await here()).toMatchObject([{ params: { n: 2 }, newsAt: stores().clock.now() }]);
  });

  it('are one notice for each cause of error, with an example; what a rule leaves alone is none', async () => {
    const off = failure('stock_not_managed', { productId: 7 });
    await leave('A', 'failed', off);
    await leave('B', 'failed', off);
    await leave('C', 'failed', failure('shop_refused_item', { message: 'no', code: 'x' }));
    await leave('D', 'failed', failure('shop_sold', { shown: '1', wanted: '2', orders: '9', quantity: '1' }));
    await leave('E', 'failed', failure('mass_zero_held'));
    await watch();
    expect((await open()).map(({ kind, cause, params }) => [kind, cause, params['n']])).toEqual([
      ['products_failed', 'shop_refused_item', 1],
      ['products_failed', 'stock_not_managed', 2],
    ]);
    expect((await open()).at(-1)?.failure).toEqual(off);
    await leave('C', 'synced');
    await watch();
    expect((await open()).map(({ cause }) => cause)).toEqual(['stock_not_managed']);
  });

  it('are a run that asks, until somebody has answered, and one that failed, until another has succeeded', async () => {
    const run = async (kind: 'pull' | 'check' | 'retry') => {
      const added = await stores().runs.add(
        {
          connectionId: feed.connection.id,
          kind,
          startedBy: 'schedule',
          askedBy: null,
          undoOf: null,
          phase: 'reading',
        },
        stores().clock.now(),
      );
      const now = stores().clock.now();
      const taken = await stores().runs.take('me', now, now + HOUR);
      if (!added || !taken) throw new Error('No run to work at');
      return { id: added.id, lease: taken.lease };
    };
    const ends = async (kind: 'pull' | 'check' | 'retry', status: 'failed' | 'succeeded') => {
      const { id, lease } = await run(kind);
      const why = status === 'failed' ? failure('source_login_refused') : null;
      await stores().runs.end(lease, { status, counts: {}, failure: why }, stores().clock.now());
      return id;
    };
    const paused = await run('pull');
    await stores().runs.pause(paused.lease, failure('mass_zero', { zeros: 20, inStock: 40 }), stores().clock.now());
    await watch();
    expect(await open()).toMatchObject([{ kind: 'run_paused', params: { run: paused.id } }]);
    await stores().runs.askCancel(paused.id, stores().clock.now());
    const failed = await ends('check', 'failed');
    await watch();
    expect(await open()).toMatchObject([
      { kind: 'run_failed', params: { run: failed }, failure: { code: 'source_login_refused' } },
    ]);
    await ends('pull', 'succeeded');
    await ends('retry', 'failed');
    await watch();
    expect((await open()).map(({ kind, params }) => [kind, params['run']])).toEqual([['run_failed', failed]]);
    await ends('check', 'succeeded');
    await watch();
    expect(await open()).toEqual([]);
    const old = await ends('check', 'failed');
    await watch();
    expect(await open()).toMatchObject([{ params: { run: old } }]);
    stores().clock.advance(8 * DAY);
    await watch();
    expect(await open()).toEqual([]);
  });

  it('heal when their connection is gone', async () => {
    await leave('A', 'unmatched');
    await watch();
    expect(await open()).toHaveLength(1);
    await stores().connections.remove(feed.connection.id);
    await watch();
    expect(await open()).toEqual([]);
  });

  it('cost no write while they stay as they are', async () => {
    await leave('A', 'unmatched');
    await watch();
    const changed = jest.spyOn(stores().dataSource.manager.constructor.prototype, 'update');
    await watch();
    expect(changed).not.toHaveBeenCalled();
    changed.mockRestore();
  });
});

onEachEngine('Web orders that a source does not know of for long', (stores) => {
  const watch = () => alarmsOf(stores()).watch();
  const now = () => stores().clock.now();
  let orderId = 0;

  /** It has the product 1 of the shop, or another. */
  async function counted(orders: OrderRule, has = 1, more: Parameters<typeof feedIn>[1] = {}): Promise<Feed> {
    const feed = await feedIn(stores(), { matchBy: ['code'], orders, ...more });
    await push(stores(), feed, [{ code: 'A', quantity: 10 }]);
    await stores().items.setLink((await itemOf(stores(), feed, 'A')).id, productLink(has), now());
    await stores().ledger.begin(feed.shop.id, now(), now());
    return feed;
  }
  const placed = async ({ shop }: Feed): Promise<number> => {
    orderId += 1;
    const lines = [1, 2].map((id) => ({ lineId: 10 * orderId + id, ref: ref(id), held: quantity('2') }));
    const at = { placedAt: now(), paidAt: null, modifiedAt: now(), isGone: false };
    const order = { orderId, number: `W-${orderId}`, status: 'processing', ...at, keys: [], lines };
    const { kept } = await stores().ledger.keep(shop.id, [order], 'poll', now());
    return kept[0]?.id ?? 0;
  };
  const acknowledge = async (order: number): Promise<void> => {
    const lines = await stores().ledger.openLinesOf([order]);
    const known = { reason: 'by_hand' as const, by: 'owner' };
    await stores().ledger.release(
      lines.map(({ connectionId, id, held }) => ({ connectionId, lineId: id, quantity: held, ...known })),
      now(),
    );
  };
  const open = async ({ connection }: Feed) =>
    (await told(stores())).filter(
      ({ kind, connectionId, healedAt }) =>
        kind === 'orders_unseen' && connectionId === connection.id && healedAt === null,
    );

  it('are told of when the oldest is too old, with its number and age, until the source knows of it', async () => {
    const feed = await counted(knownByLevel(72));
    const oldest = await placed(feed);
    stores().clock.advance(30 * HOUR);
    await placed(feed);
    await watch();
    expect(await open(feed)).toEqual([]);
    stores().clock.advance(6 * HOUR);
    await watch();
    const { shop, sourceId } = feed;
    expect(await open(feed)).toMatchObject([
      {
        shopId: shop.id,
        sourceId,
        params: { order: `W-${orderId - 1}`, hours: 36, orders: 2 },
        failure: { code: 'orders_unseen', params: { order: `W-${orderId - 1}`, hours: 36, orders: 2 } },
      },
    ]);
    const languages = ['en', 'ro', 'fr', 'es', 'pt-BR'] as const;
    const words = (await open(feed)).flatMap((notice) => languages.map((language) => noticeWords(notice, language)));
    expect(words).toHaveLength(5);
    for (const { cause } of words) {
      expect(cause).toContain(`W-${orderId - 1}`);
      expect(cause).not.toContain('{');
    }
    await acknowledge(oldest);
    await watch();
    expect(await open(feed)).toEqual([]);
  });

  it('are told of by each source, and not by one that is never told', async () => {
    const feed = await counted({ ...knownByLevel(72), knownBy: 'never', afterHours: null });
    const till = await counted({ ...knownByLevel(72), afterHours: null }, 2, { shop: feed.shop });
    await placed(feed);
    stores().clock.advance(24 * HOUR);
    await watch();
    expect(await open(feed)).toEqual([]);
    expect(await open(till)).toHaveLength(1);
    await stores().keepConnection.change(till.connection.id, { orders: ORDERS_NOT_COUNTED });
    await watch();
    expect(await open(till)).toEqual([]);
  });
});
