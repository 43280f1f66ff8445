import { WatchAlarms } from '../../server/application/watch-alarms';
import { shopProduct, ref } from '../support/builders';
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
  const { sources, pushes, items, notifications, requests, clock } = stores;
  return new WatchAlarms({ sources, pushes, items, notifications, requests, clock });
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
