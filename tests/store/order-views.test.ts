import { KeepOrderLedger } from '../../server/application/keep-order-ledger';
import { ViewWebOrders } from '../../server/application/view-web-orders';
import type { OrderRule } from '../../server/domain/order-rule';
import type { OrderFilter } from '../../server/domain/ports/order-views';
import type { ShopOrder } from '../../server/domain/ports/shop-orders';
import { quantity } from '../../server/domain/quantity';
import { productLink, ref } from '../support/builders';
import { catalogProduct } from '../support/scripted-catalogue';
import {
  claim,
  type Feed,
  feedIn,
  itemOf,
  laneOf,
  onEachEngine,
  push,
  type Stores,
  syncedSettlement,
} from '../support/test-stores';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ACKNOWLEDGED: OrderRule = { knownBy: 'acknowledged', statuses: [], metaKey: null, afterHours: null };

let nextOrder = 1;

/** A shop with one product, A, whose source is to say what it knows. */
async function countedShop(stores: Stores, orders: OrderRule = ACKNOWLEDGED): Promise<Feed> {
  stores.clock.advance(HOUR);
  const feed = await feedIn(stores, { matchBy: ['code'], orders });
  await push(stores, feed, [{ code: 'A', quantity: 10 }]);
  await stores.items.setLink((await itemOf(stores, feed, 'A')).id, productLink(1), stores.clock.now());
  await stores.ledger.begin(feed.shop.id, stores.clock.now(), stores.clock.now());
  stores.clock.advance(MINUTE);
  return feed;
}

onEachEngine('What is shown of web orders', (stores) => {
  let feed: Feed;
  const now = () => stores().clock.now();

  const hear = async (order: ShopOrder, of: Feed = feed): Promise<ShopOrder> => {
    const { unit, ledger, connections, items, clock } = stores();
    const orders = { changedSince: () => Promise.reject(new Error('Nothing is read in this test')) };
    await new KeepOrderLedger({ unit, ledger, connections, items, clock, orders }).hear(of.shop.id, order, 'webhook');
    return order;
  };
  const placed = (held: string, more: Partial<ShopOrder> = {}, of: Feed = feed): Promise<ShopOrder> => {
    const orderId = nextOrder++;
    const line = { lineId: orderId * 10, ref: ref(1), held: quantity(held) };
    const at = { placedAt: now(), paidAt: null, modifiedAt: now(), isGone: false };
    return hear(
      { orderId, number: String(orderId), status: 'processing', ...at, keys: [], lines: [line], ...more },
      of,
    );
  };
  let nextLine = 1;
  const lineOf = (productId: number, held: string) => ({
    lineId: 1_000_000 + nextLine++,
    ref: ref(productId),
    held: quantity(held),
  });
  /** Another source of the shop, which feeds another product. */
  const tillWithB = async (orders: OrderRule | null = ACKNOWLEDGED): Promise<Feed> => {
    const till = await feedIn(stores(), { shop: feed.shop, matchBy: ['code'], ...(orders && { orders }) });
    await push(stores(), till, [{ code: 'B', quantity: 10 }]);
    await stores().items.setLink((await itemOf(stores(), till, 'B')).id, productLink(2), now());
    return till;
  };
  const changed = (order: ShopOrder, held: string, status = order.status): Promise<ShopOrder> =>
    hear({
      ...order,
      modifiedAt: now(),
      status,
      lines: order.lines.map((line) => ({ ...line, held: quantity(held) })),
    });
  const acknowledge = async ({ orderId }: ShopOrder, of: Feed = feed): Promise<void> => {
    const found = await stores().ledger.withOrderId(orderId);
    const lines = await stores().ledger.openLinesOf(found.map(({ id }) => id));
    await stores().ledger.release(
      lines
        .filter(({ connectionId }) => connectionId === of.connection.id)
        .map(({ connectionId, id, held }) => ({
          connectionId,
          lineId: id,
          quantity: held,
          reason: 'acknowledged' as const,
          by: 'till',
        })),
      now(),
    );
  };
  const listed = async (filter: OrderFilter = {}): Promise<readonly string[]> =>
    (await stores().ledger.list({ shopId: feed.shop.id, ...filter }, { limit: 50, cursor: null })).data.map(
      ({ number }) => number,
    );
  const unknown = async () => (await stores().ledger.unknown([feed.connection.id]))[0];
  const passBy = async (): Promise<void> => {
    for (let after: number | null = 0; after !== null;) after = await stores().ledger.passByKnown(after, 2);
  };
  const passedBy = async (): Promise<number> => {
    const [row] = await stores().unit.entities.query<{ n: number | string }[]>(
      'SELECT COUNT(*) AS n FROM web_orders WHERE all_known <> 0 AND shop_id = ?',
      [feed.shop.id],
    );
    return Number(row?.n);
  };

  beforeEach(async () => {
    feed = await countedShop(stores());
  });

  describe('the oldest unknown order', () => {
    it('is told with how many there are, by the source that does not know of it', async () => {
      expect(await unknown()).toBeUndefined();
      const first = await placed('2');
      stores().clock.advance(HOUR);
      const second = await placed('1');
      expect(await unknown()).toEqual({
        connectionId: feed.connection.id,
        orders: 2,
        oldest: { orderId: first.orderId, number: first.number, placedAt: first.placedAt },
      });
      await acknowledge(first);
      expect(await unknown()).toMatchObject({ orders: 1, oldest: { orderId: second.orderId } });
      await acknowledge(second);
      expect(await unknown()).toBeUndefined();
    });

    it('is one for each source of the shop, of what that source has', async () => {
      const till = await tillWithB();
      const ofBoth = (held: string) => ({ lines: [lineOf(1, held), lineOf(2, held)] });
      const first = await placed('1', ofBoth('1'));
      stores().clock.advance(MINUTE);
      const second = await placed('1', ofBoth('1'));
      await placed('1');
      await acknowledge(first, till);
      const both = await stores().ledger.unknown([feed.connection.id, till.connection.id]);
      expect(both.map(({ orders, oldest }) => [orders, oldest.orderId])).toEqual([
        [3, first.orderId],
        [1, second.orderId],
      ]);
      expect(await listed({ state: 'open', connectionId: till.connection.id })).toEqual([second.number]);
    });

    it('is none of what no source has, which is forgotten like all that is known', async () => {
      const till = await tillWithB();
      const mine = await placed('1');
      const nobodys = await placed('1', { lines: [lineOf(9, '1')] });
      expect(
        (await stores().ledger.unknown([till.connection.id, feed.connection.id])).map(({ orders }) => orders),
      ).toEqual([1]);
      expect(await listed({ state: 'open' })).toEqual([mine.number]);
      stores().clock.advance(100 * DAY);
      await stores().ledger.removeKnownBefore(now() - 90 * DAY, 100);
      expect(await listed()).toEqual([mine.number]);
      expect(await stores().ledger.withOrderId(nobodys.orderId)).toEqual([]);
      await acknowledge(mine);
      await stores().ledger.removeKnownBefore(now() - 90 * DAY, 100);
      expect(await listed()).toEqual([]);
    });
  });

  describe('orders that all sources know of', () => {
    it('are passed by, and the others are not', async () => {
      const known = await placed('1');
      const open = await placed('1');
      await placed('0', { status: 'pending' });
      await acknowledge(known);
      await passBy();
      expect(await passedBy()).toBe(2);
      expect(await unknown()).toMatchObject({ orders: 1, oldest: { orderId: open.orderId } });
      expect(await listed({ state: 'open' })).toEqual([open.number]);
    });

    it('are unknown again when they take their pieces anew, or more of them', async () => {
      const cancelled = await placed('2');
      await acknowledge(cancelled);
      stores().clock.advance(MINUTE);
      await changed(cancelled, '0', 'cancelled');
      const grown = await placed('1');
      await acknowledge(grown);
      await passBy();
      expect(await passedBy()).toBe(2);
      stores().clock.advance(MINUTE);
      await changed(cancelled, '2', 'processing');
      await changed(grown, '3');
      expect(await listed({ state: 'open' })).toEqual([grown.number, cancelled.number]);
      expect(await unknown()).toMatchObject({ orders: 2 });
    });

    it('are looked at anew when a source begins to be counted for', async () => {
      await acknowledge(await placed('1'));
      await passBy();
      const till = await tillWithB(null);
      expect(await listed({ state: 'open' })).toEqual([]);
      await stores().keepConnection.change(till.connection.id, { orders: ACKNOWLEDGED });
      expect(await passedBy()).toBe(0);
      // What was held before then, its source knows of; what comes after that, it does not.
      expect(await stores().ledger.unknown([till.connection.id])).toEqual([]);
      await placed('1', { lines: [lineOf(1, '1'), lineOf(2, '1')] });
      expect(await stores().ledger.unknown([till.connection.id])).toMatchObject([{ orders: 1 }]);
      await stores().keepConnection.change(till.connection.id, { mode: 'test' });
      expect(await listed({ state: 'open' })).toHaveLength(1);
      await passBy();
      await feedIn(stores(), { shop: feed.shop, matchBy: ['code'], orders: ACKNOWLEDGED });
      expect(await passedBy()).toBe(0);
    });
  });

  describe('sales that were saved', () => {
    const settle = async (code: string, of: Feed = feed): Promise<void> => {
      const lease = await laneOf(stores(), of.shop.id);
      const item = (await claim(stores(), lease)).find(({ subject }) => subject.code === code);
      if (!item) throw new Error(`${code} was not due`);
      await stores().items.settle([syncedSettlement(item, { syncedAt: now() })], [], now());
      await stores().lanes.release(lease);
    };
    const savedOf = async ({ orderId }: ShopOrder) =>
      (await stores().ledger.withOrderId(orderId)).flatMap(({ lines }) => lines.map(({ saved }) => saved));
    const saved = async (since = 0) => (await stores().ledger.saved(since)).get(feed.shop.id);
    const told = (level: number, warehouse?: string) =>
      push(stores(), feed, [{ code: 'A', quantity: level, ...(warehouse !== undefined && { warehouse }) }]);

    it('are those that a level from after them would have been written over', async () => {
      await settle('A');
      const order = await placed('2');
      await settle('A');
      expect(await savedOf(order)).toEqual([null]);
      stores().clock.advance(MINUTE);
      await told(11);
      await settle('A');
      expect(await savedOf(order)).toEqual(['2']);
      expect(await saved()).toEqual({ all: { orders: 1, pieces: '2' }, lately: { orders: 1, pieces: '2' } });
      expect(await listed({ saved: true })).toEqual([order.number]);
    });

    it('are those too that were heard of while the level was brought', async () => {
      await settle('A');
      stores().clock.advance(MINUTE);
      await told(11);
      const lease = await laneOf(stores(), feed.shop.id);
      const items = await claim(stores(), lease);
      const order = await placed('2', { placedAt: now() - 1_000 });
      expect(items.map(({ facts }) => facts.unseen)).toEqual([[]]);
      await stores().items.settle(
        items.map((item) => syncedSettlement(item, { syncedAt: now() })),
        [],
        now(),
      );
      await stores().lanes.release(lease);
      expect(await savedOf(order)).toEqual(['2']);
    });

    it('are counted once, also when the order is cancelled later', async () => {
      const order = await placed('2');
      stores().clock.advance(MINUTE);
      await told(11);
      await settle('A');
      const at = now();
      stores().clock.advance(MINUTE);
      await told(12);
      await settle('A');
      await changed(order, '0', 'cancelled');
      expect(await saved(at)).toEqual({ all: { orders: 1, pieces: '2' }, lately: { orders: 1, pieces: '2' } });
      expect(await saved(at + 1)).toMatchObject({ lately: { orders: 0, pieces: '0' } });
    });

    it('are none of what the source knew of, nor of warehouses that do not count', async () => {
      const known = await placed('1');
      await acknowledge(known);
      const open = await placed('1');
      await stores().keepConnection.change(feed.connection.id, { warehouses: [''] });
      stores().clock.advance(MINUTE);
      await told(50, 'Elsewhere');
      await settle('A');
      expect([await savedOf(known), await savedOf(open)]).toEqual([[null], [null]]);
      await told(11);
      await settle('A');
      expect([await savedOf(known), await savedOf(open)]).toEqual([[null], ['1']]);
    });

    it('are none of what was not brought to the shop', async () => {
      const order = await placed('1');
      stores().clock.advance(MINUTE);
      await told(11);
      const lease = await laneOf(stores(), feed.shop.id);
      const items = await claim(stores(), lease);
      await stores().items.settle(
        items.map((item) => syncedSettlement(item, { status: 'due', shown: undefined, syncedAt: null })),
        [],
        now(),
      );
      expect(await savedOf(order)).toEqual([null]);
    });

    it('stay counted when the order is no longer kept, and add up exactly', async () => {
      const orders = [await placed('0.1'), await placed('0.2')];
      stores().clock.advance(MINUTE);
      await told(11);
      await settle('A');
      for (const order of orders) await acknowledge(order);
      const sum = { orders: 2, pieces: '0.3' };
      expect(await saved()).toEqual({ all: sum, lately: sum });
      await stores().ledger.removeKnownBefore(now() + 1, 1_000);
      expect(await listed()).toEqual([]);
      expect(await saved()).toEqual({ all: sum, lately: { orders: 0, pieces: '0' } });
    });
  });

  describe('the list', () => {
    it('is narrowed by state, as all sources know it or as one does', async () => {
      const till = await feedIn(stores(), { shop: feed.shop, matchBy: ['code'], orders: ACKNOWLEDGED });
      const first = await placed('1');
      const known = await placed('1');
      const gone = await placed('0', { status: 'cancelled' });
      const thrown = await placed('1');
      await stores().ledger.noteGone(feed.shop.id, thrown.orderId, now());
      for (const source of [feed, till]) for (const order of [known, thrown]) await acknowledge(order, source);
      await acknowledge(first, till);
      expect(await listed({ state: 'open' })).toEqual([first.number]);
      expect(await listed({ state: 'known' })).toEqual([thrown.number, known.number]);
      expect(await listed({ state: 'gone' })).toEqual([thrown.number, gone.number]);
      const byTill = { shopId: undefined, connectionId: till.connection.id };
      expect(await listed({ ...byTill, state: 'open' })).toEqual([]);
      expect(await listed({ ...byTill, state: 'known' })).toEqual([thrown.number, known.number, first.number]);
      expect(await listed(byTill)).toHaveLength(4);
    });

    it('is narrowed by how a number begins, whatever signs it has', async () => {
      const numbers = ['S%-17', 'S%-171', 'S%-18', 's_9'];
      for (const number of numbers) await placed('1', { number });
      expect(await listed({ number: 'S%-17' })).toEqual(['S%-171', 'S%-17']);
      expect(await listed({ number: 'S%-171' })).toEqual(['S%-171']);
      expect(await listed({ number: '%' })).toEqual([]);
    });

    it('is narrowed by product: by its id, that of its variation, or its code at the source', async () => {
      const variation = { lineId: 7, ref: ref(9, 91), held: quantity('1') };
      const plain = await placed('1');
      const other = await placed('1', { lines: [variation] });
      expect(await listed({ product: 'A' })).toEqual([plain.number]);
      expect(await listed({ product: '9' })).toEqual([other.number]);
      expect(await listed({ product: '91' })).toEqual([other.number]);
      expect(await listed({ product: 'B' })).toEqual([]);
      expect(await listed({ product: "A' OR 1=1" })).toEqual([]);
      await push(stores(), feed, [{ code: '4711', quantity: 1 }]);
      await stores().items.setLink(
        (await itemOf(stores(), feed, '4711')).id,
        productLink(9, { ref: ref(9, 91) }),
        now(),
      );
      expect(await listed({ product: '4711' })).toEqual([other.number]);
    });

    it('is narrowed by when an order was placed and how it was heard of, all at once', async () => {
      const before = await placed('1');
      stores().clock.advance(DAY);
      const after = await placed('1');
      const noon = (before.placedAt ?? 0) + HOUR;
      expect(await listed({ placedFrom: noon })).toEqual([after.number]);
      expect(await listed({ placedBefore: noon })).toEqual([before.number]);
      expect(await listed({ heardBy: 'poll' })).toEqual([]);
      expect(await listed({ heardBy: 'webhook', placedFrom: noon, product: '1', state: 'open' })).toEqual([
        after.number,
      ]);
    });

    it('comes page by page, however it is narrowed', async () => {
      const all = [];
      for (let n = 0; n < 5; n++) all.unshift((await placed('1')).number);
      const pages: string[][] = [];
      for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
        const page: Awaited<ReturnType<Stores['ledger']['list']>> = await stores().ledger.list(
          { shopId: feed.shop.id, state: 'open', product: 'A' },
          { limit: 2, cursor },
        );
        pages.push(page.data.map(({ number }) => number));
        cursor = page.nextCursor;
      }
      expect(pages).toEqual([all.slice(0, 2), all.slice(2, 4), all.slice(4)]);
    });

    it('names each line as the shop does, with the item that keeps its number', async () => {
      const { catalog } = stores();
      await catalog.request(feed.shop.id, 'full', now());
      await catalog.keepChanged(feed.shop.id, catalogProduct(1, { name: 'Blue mug' }), now());
      const item = (await itemOf(stores(), feed, 'A')).id;
      await stores().items.setLink(item, productLink(1, { twins: [ref(2)] }), now());
      const lines = [1, 2, 3].map((id) => ({ lineId: 800 + id, ref: ref(id), held: quantity('1') }));
      lines.push({ lineId: 804, ref: ref(1, 11), held: quantity('1') });
      const { orderId } = await placed('1', { lines });
      const [order] = await stores().ledger.withOrderId(orderId);
      expect(order?.lines.map(({ name, itemId }) => [name, itemId])).toEqual([
        ['Blue mug', item],
        [null, item],
        [null, null],
        ['Product 1', item],
      ]);
    });
  });

  it('is told for each shop that is counted for, with how its orders reach us', async () => {
    const { connections, ledger, clock } = stores();
    const look = async () => {
      clock.advance(6_000);
      const seen = await new ViewWebOrders({ connections, ledger, clock }).view();
      return seen.find(({ shopId }) => shopId === feed.shop.id);
    };
    expect(await look()).toMatchObject({ told: null, read: null, failure: null, unknown: [] });
    const order = await placed('1');
    await ledger.noteHeard(feed.shop.id, 7 * MINUTE, now());
    await ledger.noteRead(feed.shop.id, now(), now(), now(), now() + MINUTE);
    expect(await look()).toMatchObject({
      told: { at: now() - 6_000, lagMs: 7 * MINUTE, inTime: false },
      read: { at: now() - 6_000, everyMs: MINUTE },
      unknown: [{ oldest: { orderId: order.orderId } }],
    });
    await stores().keepConnection.change(feed.connection.id, { orders: { ...ACKNOWLEDGED, knownBy: 'never' } });
    expect(await look()).toMatchObject({ unknown: [] });
    await stores().keepConnection.change(feed.connection.id, { orders: { ...ACKNOWLEDGED, knownBy: 'not_counted' } });
    expect(await look()).toBeUndefined();
  });
});
