import { AcknowledgeOrder } from '../../server/application/acknowledge-order';
import { KeepOrderLedger } from '../../server/application/keep-order-ledger';
import { failure, FailureError } from '../../server/domain/failure';
import type { OrderRule } from '../../server/domain/order-rule';
import type { ShopOrder, ShopOrders } from '../../server/domain/ports/shop-orders';
import { quantity } from '../../server/domain/quantity';
import { productLink, ref } from '../support/builders';
import { type Feed, feedIn, itemOf, onEachEngine, push } from '../support/test-stores';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const rule = (changes: Partial<OrderRule>): OrderRule => ({
  knownBy: 'level',
  statuses: [],
  metaKey: null,
  afterHours: null,
  ...changes,
});

onEachEngine('The ledger of web orders', (stores) => {
  let feed: Feed;
  let orders: ShopOrder[];
  let asked: number[];
  let mostAtOnce: number;
  const now = () => stores().clock.now();
  const { signal } = new AbortController();

  const keeper = (fails: (theirs: AbortSignal) => FailureError | null = () => null) => {
    const shop: Pick<ShopOrders, 'changedSince'> = {
      changedSince: (_access, since, _keys, theirs, which) => {
        if (which === 'listed') asked.push(since);
        const failed = which === 'listed' ? fails(theirs) : null;
        if (failed) return Promise.reject(failed);
        const listed = orders.filter(({ isGone }) => isGone === (which === 'thrown_away'));
        const changed = listed.filter(({ modifiedAt }) => modifiedAt > since);
        const complete = changed.length <= mostAtOnce;
        return Promise.resolve({ orders: changed.slice(0, mostAtOnce), complete, shopTime: now() });
      },
    };
    const { unit, ledger, connections, items, clock } = stores();
    return new KeepOrderLedger({ unit, ledger, connections, items, clock, orders: shop });
  };
  const read = async () => {
    const access = await stores().shops.access(feed.shop.id);
    if (!access) throw new Error('The shop was just made');
    await keeper().read(access, signal);
  };
  const placed = (orderId: number, held: string, more: Partial<ShopOrder> = {}): ShopOrder => ({
    orderId,
    number: `#${orderId}`,
    status: 'processing',
    placedAt: now(),
    paidAt: null,
    isGone: false,
    modifiedAt: now(),
    keys: [],
    lines: [{ lineId: orderId * 10, ref: ref(1), held: quantity(held) }],
    ...more,
  });
  const unseen = async (code = 'A') =>
    (await itemOf(stores(), feed, code)).facts.unseen.map(({ order, quantity: sold }) => `${order} ${sold}`);
  const acknowledge = (orderId: number, connectionId: number | null = null) => {
    const { unit, ledger, items, clock } = stores();
    const laneSignal = { announce: () => undefined };
    return new AcknowledgeOrder({ unit, ledger, items, laneSignal, clock }).acknowledge(
      orderId,
      { shopId: feed.shop.id, connectionId },
      { name: 'till', isPerson: false },
    );
  };

  async function begin(how: Partial<OrderRule>, before: () => ShopOrder[] = () => []): Promise<void> {
    stores().clock.advance(HOUR);
    orders = before();
    asked = [];
    mostAtOnce = Infinity;
    feed = await feedIn(stores(), { matchBy: ['code'], orders: rule(how) });
    await push(stores(), feed, [{ code: 'A', quantity: 10 }]);
    const { id } = await itemOf(stores(), feed, 'A');
    await stores().items.setLink(id, productLink(1), now());
    await read();
    stores().clock.advance(MINUTE);
  }

  it('takes what an order holds off the number, and nothing that was sold before it began', async () => {
    await begin({ knownBy: 'acknowledged' });
    orders = [placed(1, '5', { placedAt: now() - 2 * HOUR }), placed(2, '2')];
    await read();
    expect(await unseen()).toEqual(['#2 2']);
    expect((await itemOf(stores(), feed, 'A')).dueAt).not.toBeNull();
  });

  it('counts an order from before it began that took its pieces when it was paid, after that', async () => {
    await begin({ knownBy: 'acknowledged' });
    const placedAt = now() - 2 * HOUR;
    orders = [placed(1, '5', { placedAt, paidAt: now() }), placed(2, '2', { placedAt, paidAt: now() - HOUR })];
    await read();
    expect(await unseen()).toEqual(['#1 5']);
  });

  it('counts of the orders it finds when it begins what they take later, and not what they had taken', async () => {
    const since = (orderId: number, status: string, held: string, more: Partial<ShopOrder> = {}) =>
      placed(orderId, held, { status, number: `#${orderId}`, placedAt: began - 2 * HOUR, ...more });
    const began = now() + HOUR;
    await begin({ knownBy: 'acknowledged' }, () => [
      since(1, 'on-hold', '1', { modifiedAt: began - 2 * HOUR }),
      since(2, 'pending', '0', { modifiedAt: began - 2 * HOUR }),
      since(3, 'processing', '3', { modifiedAt: began - 2 * HOUR }),
      since(4, 'cancelled', '0', { modifiedAt: began - 2 * HOUR }),
    ]);
    expect(await unseen()).toEqual([]);
    // Paid by bank now; put on hold by hand, which leaves no date; more of it; taken up again.
    orders = [
      since(1, 'processing', '1', { paidAt: now() }),
      since(2, 'on-hold', '2'),
      since(3, 'processing', '7'),
      since(4, 'processing', '5'),
    ];
    await read();
    expect(await unseen()).toEqual(['#2 2', '#3 4', '#4 5']);
  });

  it('counts nothing that was ordered while nobody counted', async () => {
    await begin({ knownBy: 'acknowledged' });
    orders = [placed(1, '1')];
    await read();
    expect(await unseen()).toEqual(['#1 1']);
    const count = (knownBy: OrderRule['knownBy']) =>
      stores().keepConnection.change(feed.connection.id, { orders: rule({ knownBy }) });
    await count('not_counted');
    await read();
    stores().clock.advance(HOUR);
    orders = [placed(2, '2')];
    stores().clock.advance(HOUR);
    await count('acknowledged');
    await read();
    expect(await unseen()).toEqual([]);
    stores().clock.advance(MINUTE);
    orders = [placed(3, '3')];
    await read();
    expect(await unseen()).toEqual(['#3 3']);
  });

  it('takes a connection that counts from now on to know what others counted before', async () => {
    await begin({ knownBy: 'never' });
    orders = [placed(1, '1')];
    await read();
    const { keepConnection, connections } = stores();
    const notCounted = { orders: rule({ knownBy: 'not_counted' }), shop: feed.shop };
    const second = await feedIn(stores(), { matchBy: ['code'], ...notCounted });
    await keepConnection.change(second.connection.id, { orders: rule({ knownBy: 'never' }) });
    stores().clock.advance(MINUTE);
    orders = [placed(2, '2')];
    await read();
    const open = async (orderId: number) => {
      const [order] = (await stores().ledger.withOrderId(orderId)).filter(({ shopId }) => shopId === feed.shop.id);
      const lines = await stores().ledger.openLinesOf([order?.id ?? 0]);
      return new Set(lines.map(({ connectionId }) => connectionId));
    };
    expect(await connections.forShop(feed.shop.id)).toHaveLength(2);
    expect(await open(1)).toEqual(new Set([feed.connection.id]));
    expect(await open(2)).toEqual(new Set([feed.connection.id, second.connection.id]));
  });

  it('counts what an order keeps that was thrown away, whether it was heard of before or not', async () => {
    await begin({ knownBy: 'acknowledged' });
    orders = [placed(1, '1')];
    await read();
    stores().clock.advance(MINUTE);
    await stores().ledger.noteGone(feed.shop.id, 1, now());
    orders = [
      placed(1, '1', { placedAt: now() - MINUTE, status: 'trash', isGone: true }),
      placed(2, '2', { placedAt: now() - MINUTE, status: 'trash', isGone: true }),
    ];
    await read();
    expect(await unseen()).toEqual(['#1 1', '#2 2']);
    const gone = async () =>
      (await stores().ledger.list({ shopId: feed.shop.id, unseenOnly: false }, { limit: 10, cursor: null })).data.map(
        ({ number, goneAt }) => `${number} ${goneAt === null ? 'there' : 'gone'}`,
      );
    expect(await gone()).toEqual(['#2 gone', '#1 gone']);
    stores().clock.advance(MINUTE);
    orders = [placed(2, '2', { placedAt: now() - 2 * MINUTE })];
    await read();
    expect(await unseen()).toEqual(['#1 1', '#2 2']);
    expect(await gone()).toEqual(['#2 there', '#1 gone']);
  });

  it('is not brought back from the trash by what was told of it before', async () => {
    await begin({ knownBy: 'acknowledged' });
    const order = placed(1, '1');
    await keeper().hear(feed.shop.id, order, 'webhook');
    await keeper().hearGone(feed.shop.id, 1);
    await keeper().hear(feed.shop.id, order, 'webhook');
    const [known] = (await stores().ledger.withOrderId(1)).filter(({ shopId }) => shopId === feed.shop.id);
    expect(known?.goneAt).not.toBeNull();
  });

  it('asks for what was thrown away once a minute, however often it is read', async () => {
    await begin({ knownBy: 'acknowledged' });
    const access = await stores().shops.access(feed.shop.id);
    if (!access) throw new Error('The shop was just made');
    const one = keeper();
    const order = placed(1, '1', { status: 'trash', isGone: true });
    await one.read(access, signal);
    orders = [order];
    await one.read(access, signal);
    expect(await unseen()).toEqual([]);
    stores().clock.advance(MINUTE);
    await one.read(access, signal);
    expect(await unseen()).toEqual(['#1 1']);
  });

  it('misses no order of the second at which one answer ended', async () => {
    await begin({ knownBy: 'acknowledged' });
    const at = now() - (now() % 1_000);
    orders = [at - 1_000, at, at].map((modifiedAt, which) => placed(which + 1, '1', { modifiedAt }));
    mostAtOnce = 2;
    await read();
    expect(await unseen()).toEqual(['#1 1', '#2 1', '#3 1']);
  });

  it('knows an order once, however often it is read, and gives back what the order gives back', async () => {
    await begin({ knownBy: 'acknowledged' });
    orders = [placed(1, '3')];
    await read();
    await read();
    expect(await unseen()).toEqual(['#1 3']);
    stores().clock.advance(MINUTE);
    orders = [placed(1, '1', { placedAt: now() - MINUTE })];
    await read();
    expect(await unseen()).toEqual(['#1 1']);
    stores().clock.advance(MINUTE);
    orders = [placed(1, '0', { placedAt: now() - 2 * MINUTE, status: 'cancelled' })];
    await read();
    expect(await unseen()).toEqual([]);
  });

  it('gives back what a line held that is gone from its order', async () => {
    await begin({ knownBy: 'acknowledged' });
    orders = [placed(1, '3')];
    await read();
    stores().clock.advance(1_000);
    orders = [placed(1, '3', { lines: [] })];
    await read();
    expect(await unseen()).toEqual([]);
  });

  it('takes no older state of an order for a newer one', async () => {
    await begin({ knownBy: 'acknowledged' });
    const early = placed(1, '3');
    stores().clock.advance(1_000);
    await keeper().hear(feed.shop.id, placed(1, '1'), 'webhook');
    await keeper().hear(feed.shop.id, early, 'webhook');
    expect(await unseen()).toEqual(['#1 1']);
  });

  it('takes no state of an order that is told of the second of another for the newer one, and reads it', async () => {
    await begin({ knownBy: 'acknowledged' });
    const early = placed(1, '0', { status: 'pending' });
    const late = placed(1, '2');
    orders = [late];
    await read();
    const dueAt = async () => (await stores().ledger.state(feed.shop.id))?.dueAt;
    await keeper().hear(feed.shop.id, late, 'webhook');
    expect(await dueAt()).toBe(now() + MINUTE);
    await keeper().hear(feed.shop.id, early, 'webhook');
    expect(await unseen()).toEqual(['#1 2']);
    expect(await dueAt()).toBe(now());
  });

  it('is read every minute again once something is found that no webhook had told of', async () => {
    await begin({ knownBy: 'acknowledged' });
    const minutesToRead = async () => {
      await read();
      return (((await stores().ledger.state(feed.shop.id))?.dueAt ?? 0) - now()) / MINUTE;
    };
    const told = placed(1, '1');
    await keeper().hear(feed.shop.id, told, 'webhook');
    orders = [told];
    expect(await minutesToRead()).toBe(5);
    stores().clock.advance(3 * MINUTE);
    orders = [told, placed(2, '1', { modifiedAt: now() - MINUTE })];
    expect(await minutesToRead()).toBe(5);
    stores().clock.advance(5 * MINUTE);
    orders = [placed(3, '1', { modifiedAt: now() - 3 * MINUTE })];
    expect(await minutesToRead()).toBe(1);
    await keeper().hear(feed.shop.id, placed(4, '1'), 'webhook');
    expect(await minutesToRead()).toBe(5);
  });

  it('knows a new order once that a webhook and several readings tell of at the same moment', async () => {
    await begin({ knownBy: 'acknowledged' });
    for (let orderId = 1; orderId <= 5; orderId++) {
      const order = placed(orderId, '1', { number: `#${orderId}` });
      orders = [order];
      await Promise.all([
        keeper().hear(feed.shop.id, order, 'webhook'),
        ...Array.from({ length: 5 }, () => stores().ledger.keep(feed.shop.id, [order], 'poll', now())),
        read(),
      ]);
    }
    expect(await unseen()).toEqual(['#1 1', '#2 1', '#3 1', '#4 1', '#5 1']);
  });

  it('begins once where several readings begin at the same moment', async () => {
    const { shop } = await feedIn(stores(), { matchBy: ['code'], orders: rule({}) });
    await Promise.all([1, 2, 3, 4].map((shopTime) => stores().ledger.begin(shop.id, shopTime, now())));
    const first = await stores().ledger.state(shop.id);
    await stores().ledger.begin(shop.id, 5, now());
    expect(await stores().ledger.state(shop.id)).toEqual(first);
  });

  it('reads again what changed lately: what was taken stands in an order a moment later', async () => {
    await begin({ knownBy: 'acknowledged' });
    const order = placed(1, '0');
    orders = [order];
    await read();
    expect(await unseen()).toEqual([]);
    stores().clock.advance(30_000);
    orders = [{ ...order, lines: [{ lineId: 10, ref: ref(1), held: quantity('4') }] }];
    await read();
    expect(await unseen()).toEqual(['#1 4']);
  });

  it('lets an order go that is acknowledged, once, and counts what it takes after that', async () => {
    await begin({ knownBy: 'acknowledged' });
    orders = [placed(7, '2')];
    await read();
    const known = await acknowledge(7);
    expect(known.lines[0]?.releases).toMatchObject([{ quantity: '2', reason: 'acknowledged', by: 'till' }]);
    expect(await unseen()).toEqual([]);
    await acknowledge(7);
    stores().clock.advance(1_000);
    orders = [placed(7, '5', { placedAt: now() - MINUTE })];
    await read();
    expect(await unseen()).toEqual(['#7 3']);
  });

  it('counts an order anew that was cancelled after the source knew it, and is taken up again', async () => {
    await begin({ knownBy: 'acknowledged' });
    for (const [held, known] of [
      ['2', true],
      ['0', false],
      ['2', false],
    ] as const) {
      stores().clock.advance(1_000);
      orders = [placed(7, held)];
      await read();
      if (known) await acknowledge(7);
    }
    expect(await unseen()).toEqual(['#7 2']);
  });

  it('takes a fall of the level for the oldest orders, and no more of it than they took', async () => {
    await begin({ knownBy: 'level' });
    orders = [placed(1, '2', { placedAt: now() - 5_000 }), placed(2, '3')];
    await read();
    stores().clock.advance(MINUTE);
    await push(stores(), feed, [{ code: 'A', quantity: 7 }]);
    expect(await unseen()).toEqual(['#2 2']);
    // The same level once more is no fall, and a delivery to the store is none either.
    await push(stores(), feed, [{ code: 'A', quantity: 7, observedAt: new Date(now()).toISOString() }]);
    stores().clock.advance(MINUTE);
    await push(stores(), feed, [{ code: 'A', quantity: 20 }]);
    expect(await unseen()).toEqual(['#2 2']);
  });

  it('takes an order for known whose level had fallen before we heard of it, and not one that was placed later', async () => {
    await begin({ knownBy: 'level' });
    const before = placed(1, '2');
    stores().clock.advance(30_000);
    await push(stores(), feed, [{ code: 'A', quantity: 8 }]);
    stores().clock.advance(30_000);
    orders = [before, placed(2, '2')];
    await read();
    expect(await unseen()).toEqual(['#2 2']);
  });

  it('lets an order go by its status, by a key it bears, or after so many hours', async () => {
    await begin({ knownBy: 'status', statuses: ['completed'] });
    orders = [placed(1, '1'), placed(2, '1', { status: 'completed' })];
    await read();
    expect(await unseen()).toEqual(['#1 1']);

    await begin({ knownBy: 'meta', metaKey: '_invoice' });
    orders = [placed(1, '1'), placed(2, '1', { keys: ['_invoice'] })];
    await read();
    expect(await unseen()).toEqual(['#1 1']);

    await begin({ knownBy: 'hours', afterHours: 2 });
    orders = [placed(1, '1')];
    await read();
    stores().clock.advance(2 * HOUR - 1);
    await read();
    expect(await unseen()).toEqual(['#1 1']);
    stores().clock.advance(1);
    await read();
    expect(await unseen()).toEqual([]);
  });

  it('asks a shop nothing where no connection counts orders', async () => {
    await begin({ knownBy: 'not_counted' });
    await read();
    expect(asked).toEqual([]);
    expect(await keeper().isDue(feed.shop.id)).toBe(false);
  });

  it('is read every minute, and every five where the shop tells of orders in good time', async () => {
    await begin({ knownBy: 'acknowledged' });
    await read();
    stores().clock.advance(59_000);
    expect(await keeper().isDue(feed.shop.id)).toBe(false);
    stores().clock.advance(1_000);
    expect(await keeper().isDue(feed.shop.id)).toBe(true);
    expect(await stores().items.shopsWithDueItems(now())).toContain(feed.shop.id);
    await keeper().hear(feed.shop.id, placed(1, '1'), 'webhook');
    await read();
    stores().clock.advance(4 * MINUTE);
    expect(await keeper().isDue(feed.shop.id)).toBe(false);
    await keeper().hear(feed.shop.id, placed(1, '1', { modifiedAt: now() - 6 * MINUTE }), 'webhook');
    await read();
    stores().clock.advance(MINUTE);
    expect(await keeper().isDue(feed.shop.id)).toBe(true);
  });

  it('whoever asks while orders are read waits for a reading of their own', async () => {
    await begin({ knownBy: 'acknowledged' });
    const before = asked.length;
    const access = await stores().shops.access(feed.shop.id);
    if (!access) throw new Error('The shop was just made');
    const one = keeper();
    await Promise.all([one.read(access, signal), one.read(access, signal), one.read(access, signal)]);
    expect(asked.length - before).toBe(2);
  });

  it('whoever waits for a reading that is cut off with the worker that began it reads anew', async () => {
    await begin({ knownBy: 'acknowledged' });
    const access = await stores().shops.access(feed.shop.id);
    if (!access) throw new Error('The shop was just made');
    const stopping = new AbortController();
    const signals: AbortSignal[] = [];
    const one = keeper((theirs) => {
      signals.push(theirs);
      if (signals.length === 2) stopping.abort();
      return theirs.aborted ? new FailureError(failure('shop_answer_lost', { reason: 'aborted' })) : null;
    });
    const readings = await Promise.allSettled([
      one.read(access, signal),
      one.read(access, stopping.signal),
      one.read(access, signal),
      one.read(access, signal),
    ]);
    expect(readings.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(signals.map((each) => each === stopping.signal)).toEqual([false, true, false, false]);
    expect(await stores().ledger.state(feed.shop.id)).toMatchObject({ failure: null });
  });

  it('lists orders by whether a source has still to learn of them, and forgets the others after a while', async () => {
    await begin({ knownBy: 'acknowledged' });
    orders = [placed(1, '1'), placed(2, '1')];
    await read();
    await acknowledge(1);
    const list = async (unseenOnly: boolean) =>
      (await stores().ledger.list({ shopId: feed.shop.id, unseenOnly }, { limit: 10, cursor: null })).data.map(
        ({ number }) => number,
      );
    expect(await list(false)).toEqual(['#2', '#1']);
    expect(await list(true)).toEqual(['#2']);
    await stores().ledger.removeKnownBefore(now() + 1, 100);
    expect(await list(false)).toEqual(['#2']);
  });
});
