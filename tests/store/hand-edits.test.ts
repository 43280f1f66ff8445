import { failure } from '../../server/domain/failure';
import type { ShopOrder } from '../../server/domain/ports/shop-orders';
import type { ClaimedItem, LaneLease, Settlement } from '../../server/domain/ports/sync-items';
import { quantity } from '../../server/domain/quantity';
import { PRIORITY } from '../../server/domain/sync-item';
import { productLink, ref, shopProduct } from '../support/builders';
import { catalogProduct } from '../support/scripted-catalogue';
import { claim, type Feed, feedIn, itemOf, laneOf, onEachEngine, push, syncedSettlement } from '../support/test-stores';

const MINUTE = 60_000;
const KEPT = { quantity: quantity('12'), why: 'edited' } as const;
const ASKED = { quantity: quantity('12'), why: 'asked' } as const;
const SALES = { taken: quantity('3'), given: quantity('1') };

onEachEngine('What is remembered of an item, so that an edit by hand is told from the rest', (stores) => {
  let feed: Feed;
  let lease: LaneLease;
  const now = () => stores().clock.now();
  const item = () => itemOf(stores(), feed, 'SKU-1');
  const tell = (amount: number) => push(stores(), feed, [{ code: 'SKU-1', quantity: amount }]);
  const lookAnew = async () => stores().items.lookAnew([(await item()).id], PRIORITY.movement, now());
  const take = async (): Promise<ClaimedItem> => {
    stores().clock.advance(MINUTE);
    const [claimed] = await claim(stores(), lease);
    if (!claimed) throw new Error('Nothing is due');
    return claimed;
  };
  const settle = async (changes: Partial<Settlement>) => {
    const claimed = await take();
    const settlement = syncedSettlement(claimed, { link: productLink(1), sales: SALES, ...changes });
    expect(await stores().items.settle([settlement], [], now())).toBe(1);
    return claimed;
  };

  beforeEach(async () => {
    stores().clock.advance(60 * MINUTE);
    feed = await feedIn(stores(), { matchBy: ['code'] });
    lease = await laneOf(stores(), feed.shop.id);
    await tell(7);
    await settle({ shown: quantity('7') });
    await lookAnew();
  });

  it('is the number it was left with, and what orders had taken by then', async () => {
    expect(await take()).toMatchObject({ left: { shown: '7', taken: '3', given: '1' }, news: false });
  });

  it('is forgotten when a worker is gone: nobody knows what it wrote', async () => {
    await take();
    await stores().items.releaseAbandoned(feed.shop.id, now());
    expect((await take()).left).toBeNull();
  });

  it('is forgotten when somebody settles too late: nobody knows when it wrote', async () => {
    const late = await take();
    await stores().items.releaseAbandoned(feed.shop.id, now());
    await settle({ shown: quantity('7') });
    expect(await stores().items.settle([syncedSettlement(late)], [], now())).toBe(0);
    expect((await take()).left).toBeNull();
  });

  it('stays where nothing was written, and is forgotten where nobody knows', async () => {
    const notReached = { status: 'due', dueAt: now(), shown: undefined, syncedAt: null } as const;
    await settle({ ...notReached, sales: undefined });
    expect((await settle({ ...notReached, sales: null })).left).not.toBeNull();
    expect((await take()).left).toBeNull();
  });

  it('is that the source has said something new, until that is in the shop', async () => {
    await tell(7);
    expect((await settle({ status: 'retrying', dueAt: now(), syncedAt: null })).news).toBe(false);
    await tell(8);
    expect((await settle({ status: 'retrying', dueAt: now(), syncedAt: null })).news).toBe(true);
    expect((await settle({ shown: quantity('8') })).news).toBe(true);
    await lookAnew();
    expect((await take()).news).toBe(false);
  });

  it.each([KEPT, ASKED])('is a number of its own ($why) until the source says something new', async (held) => {
    await settle({ shown: quantity('12'), held });
    expect((await item()).facts.held).toEqual(held);
    await tell(7);
    expect((await item()).facts.held).toEqual(held);
    await tell(8);
    expect((await item()).facts.held).toBeNull();
  });

  it('is no number of its own where the source said something new meanwhile', async () => {
    const claimed = await take();
    await tell(8);
    await stores().items.settle([syncedSettlement(claimed, { shown: quantity('12'), held: KEPT })], [], now());
    expect((await item()).facts.held).toBeNull();
  });

  it('is a person’s word: to keep it, or to let it go', async () => {
    await settle({ shown: quantity('12'), held: ASKED });
    const { id } = await item();
    expect(await stores().items.keepEdits([id, id + 1], now())).toEqual([id]);
    expect((await item()).facts.held).toEqual(KEPT);
    expect(await stores().items.keepEdits([id], now())).toEqual([]);
    await stores().items.letGoOfEdits([id], now());
    expect((await item()).facts.held).toBeNull();
    await lookAnew();
    // An edit that nobody has come upon yet goes as well.
    expect((await take()).news).toBe(true);
  });

  it('counts for nothing after the item was offline: what the source said meanwhile is written', async () => {
    await settle({ shown: quantity('12'), held: KEPT });
    const { id } = await item();
    await stores().items.setOffline([id], now());
    await tell(8);
    expect((await item()).facts.held).toEqual(KEPT);
    await stores().items.setOnline([id], now());
    expect(await take()).toMatchObject({ news: true, facts: { held: null } });
  });

  it('is not let go of where it is an undo’s', async () => {
    const { id } = await item();
    const held = { quantity: quantity('5'), why: 'undo' } as const;
    await stores().items.hold([{ id, held }], now());
    await stores().items.letGoOfEdits([id], now());
    expect((await item()).facts.held).toEqual(held);
  });

  it('is that a person is asked, where a check left it alone for that', async () => {
    await settle({ shown: quantity('7'), syncedAt: now() });
    const { id, lastSyncedAt } = await item();
    const differs = failure('shop_differs', { shown: '12', wanted: '7' });
    const left = { id, shown: quantity('12'), since: lastSyncedAt ?? 0, failure: differs };
    expect(await stores().items.leaveAsShown([left], now())).toBe(1);
    expect((await item()).facts.held).toEqual(ASKED);
    await stores().items.backInStep([{ id, shown: quantity('7') }], now());
    expect((await item()).facts.held).toBeNull();
  });
});

onEachEngine('What orders took of a product in all', (stores) => {
  let feed: Feed;
  const now = () => stores().clock.now();
  const order = (orderId: number, lines: ShopOrder['lines']): ShopOrder => ({
    orderId,
    number: String(orderId),
    status: 'processing',
    placedAt: now(),
    modifiedAt: now(),
    paidAt: null,
    isGone: false,
    keys: [],
    lines,
  });
  const keep = async (...orders: ShopOrder[]) => {
    const { ledger } = stores();
    const { kept } = await ledger.keep(feed.shop.id, orders, 'poll', now());
    await ledger.addSales(
      feed.shop.id,
      kept.flatMap(({ changed }) => changed),
    );
  };
  const sales = async (...refs: Parameters<typeof ref>[]) =>
    (
      await stores().ledger.sales([{ id: 1, connectionId: feed.connection.id, refs: refs.map((each) => ref(...each)) }])
    ).get(1);
  const took = (lineId: number, held: string, ...product: Parameters<typeof ref>) => ({
    lineId,
    ref: ref(...product),
    held: quantity(held),
  });

  beforeEach(async () => {
    stores().clock.advance(MINUTE);
    feed = await feedIn(stores(), {
      orders: { knownBy: 'never', statuses: [], metaKey: null, afterHours: null },
    });
    await stores().ledger.begin(feed.shop.id, now(), now());
  });

  it('is nothing where there were none', async () => {
    expect(await sales([1])).toEqual({ taken: '0', given: '0' });
  });

  it('adds up over orders and lines, and what was given back stands by itself', async () => {
    await keep(order(1, [took(1, '2', 1), took(2, '0.5', 1), took(3, '4', 2)]), order(2, [took(4, '1', 1)]));
    expect(await sales([1])).toEqual({ taken: '3.5', given: '0' });
    stores().clock.advance(MINUTE);
    await keep(order(1, [took(1, '0', 1), took(2, '1', 1)]));
    expect(await sales([1])).toEqual({ taken: '4', given: '2' });
    expect(await sales([2])).toEqual({ taken: '4', given: '4' });
    expect(await sales([1], [2])).toEqual({ taken: '8', given: '6' });
  });

  it('stays as it is when an order is told again', async () => {
    await keep(order(1, [took(1, '2', 1)]));
    await keep(order(1, [took(1, '2', 1)]));
    expect(await sales([1])).toEqual({ taken: '2', given: '0' });
  });

  it('stays as it is when old orders are forgotten', async () => {
    await keep(order(1, [took(1, '2', 1)]));
    const [line] = await stores()
      .ledger.openLines([{ id: 1, connectionId: feed.connection.id, refs: [ref(1)] }])
      .then((lines) => lines.get(1) ?? []);
    if (!line) throw new Error('The order was just kept');
    const { connectionId, id: lineId, held } = line;
    await stores().ledger.release([{ connectionId, lineId, quantity: held, reason: 'acknowledged', by: null }], now());
    await stores().ledger.removeKnownBefore(now() + 1, 10);
    expect(await stores().ledger.withOrderId(1)).toEqual([]);
    expect(await sales([1])).toEqual({ taken: '2', given: '0' });
  });

  it('is the parent’s where a variation’s stock is its parent’s', async () => {
    const { catalog } = stores();
    expect(await sales([9, 91])).toEqual({ taken: '0', given: '0' });
    await keep(order(1, [took(1, '2', 9, 91)]));
    expect(await sales([9, 91])).toEqual({ taken: '2', given: '0' });
    await catalog.request(feed.shop.id, 'full', now());
    const variation = shopProduct(91, { ref: ref(9, 91), type: 'variation', stockOwner: 'parent' });
    await catalog.keepChanged(feed.shop.id, { ...variation, categories: [], modifiedAt: null }, now());
    expect(await sales([9])).toEqual({ taken: '2', given: '0' });
    expect(await sales([9, 91])).toEqual({ taken: '0', given: '0' });
  });

  it('stays the parent’s of a variation that was deleted, unless that had a number of its own', async () => {
    const { catalog, items } = stores();
    const { id: shopId } = feed.shop;
    const product = (id: number, stockOwner: 'parent' | 'self') =>
      catalogProduct(id, { ref: ref(9, id), type: 'variation', stockOwner });
    await catalog.request(shopId, 'full', now());
    await catalog.beginWalk(shopId, 'full', now());
    const state = await catalog.state(shopId);
    if (!state) throw new Error('It has just begun');
    const page = {
      products: [product(92, 'parent'), product(93, 'self')],
      next: null,
      done: 2,
      total: 2,
      shopTime: null,
    };
    await catalog.keepPage(state, page, now());
    await catalog.endWalk(state, { changedSince: now(), dueAt: now(), fullDueAt: now() }, now());
    await push(stores(), feed, [{ code: 'V', quantity: 1 }]);
    const { id } = await itemOf(stores(), feed, 'V');
    await items.setLink(id, productLink(9, { ref: ref(9, 93) }), now());
    const before = Number((await sales([9]))?.taken);
    await keep(order(1, [took(1, '2', 9, 92), took(2, '5', 9, 93)]));
    const open = async () => {
      const found = await stores().ledger.openLines([{ id: -1, connectionId: feed.connection.id, refs: [ref(9)] }]);
      return (found.get(-1) ?? []).filter(({ number }) => number === '1').map(({ held }) => held);
    };
    for (const deleted of [null, 92, 93]) {
      if (deleted !== null) await catalog.keepDeleted(shopId, deleted);
      expect(await sales([9])).toMatchObject({ taken: String(before + 2) });
      expect(await open()).toEqual(['2']);
    }
  });
});
