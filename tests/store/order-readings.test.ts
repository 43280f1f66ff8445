import { KeepConnection } from '../../server/application/keep-connection';
import { KEPT_MS } from '../../server/application/remove-old-records';
import { failure, FailureError } from '../../server/domain/failure';
import type { OrderRule } from '../../server/domain/order-rule';
import type { ShopOrder } from '../../server/domain/ports/shop-orders';
import { ledgerBench, rule } from '../support/ledger-bench';
import { draftOf, feedIn, onEachEngine, sourceRegistry } from '../support/test-stores';

const HOUR = 3_600_000;
const MINUTE = 60_000;

onEachEngine('The reading of web orders', (stores) => {
  const bench = ledgerBench(stores);
  const { now, read, placed, unseen, acknowledge, begin, keeper, signal } = bench;

  it('counts an order from before it began that took its pieces when it was paid, after that', async () => {
    await begin({ knownBy: 'acknowledged' });
    const placedAt = now() - 2 * HOUR;
    bench.orders = [placed(1, '5', { placedAt, paidAt: now() }), placed(2, '2', { placedAt, paidAt: now() - HOUR })];
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
    bench.orders = [
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
    bench.orders = [placed(1, '1')];
    await read();
    expect(await unseen()).toEqual(['#1 1']);
    const count = (knownBy: OrderRule['knownBy']) =>
      stores().keepConnection.change(bench.feed.connection.id, { orders: rule({ knownBy }) });
    await count('not_counted');
    await read();
    stores().clock.advance(HOUR);
    bench.orders = [placed(2, '2')];
    stores().clock.advance(HOUR);
    await count('acknowledged');
    await read();
    expect(await unseen()).toEqual([]);
    stores().clock.advance(MINUTE);
    bench.orders = [placed(3, '3')];
    await read();
    expect(await unseen()).toEqual(['#3 3']);
  });

  it('takes a connection that counts from now on to know what others counted before', async () => {
    await begin({ knownBy: 'never' });
    bench.orders = [placed(1, '1')];
    await read();
    const { keepConnection, connections } = stores();
    const notCounted = { orders: rule({ knownBy: 'not_counted' }), shop: bench.feed.shop };
    const second = await feedIn(stores(), { matchBy: ['code'], ...notCounted });
    await keepConnection.change(second.connection.id, { orders: rule({ knownBy: 'never' }) });
    stores().clock.advance(MINUTE);
    bench.orders = [placed(2, '2')];
    await read();
    const open = async (orderId: number) => {
      const [order] = (await stores().ledger.withOrderId(orderId)).filter(
        ({ shopId }) => shopId === bench.feed.shop.id,
      );
      const lines = await stores().ledger.openLinesOf([order?.id ?? 0]);
      return new Set(lines.map(({ connectionId }) => connectionId));
    };
    expect(await connections.forShop(bench.feed.shop.id)).toHaveLength(2);
    expect(await open(1)).toEqual(new Set([bench.feed.connection.id]));
    expect(await open(2)).toEqual(new Set([bench.feed.connection.id, second.connection.id]));
  });

  it('leaves nothing of a connection whose making was cut off, which would count what its source knows of', async () => {
    await begin({ knownBy: 'never' });
    const { shop } = bench.feed;
    const { sourceId } = await feedIn(stores());
    const cutOff = new KeepConnection({
      ...stores(),
      sourceKinds: sourceRegistry,
      catalog: { request: () => Promise.resolve() },
      flows: { ensure: () => Promise.reject(new Error('cut off')) },
      laneSignal: { announce: () => undefined },
    });
    const draft = { ...draftOf(bench.feed.connection), sourceId };
    await expect(cutOff.create(draft)).rejects.toThrow('cut off');
    expect(await stores().connections.forShop(shop.id)).toHaveLength(1);
    await stores().keepConnection.create(draft);
    expect(await stores().connections.forShop(shop.id)).toHaveLength(2);
  });

  it('counts what an order keeps that was thrown away, whether it was heard of before or not', async () => {
    await begin({ knownBy: 'acknowledged' });
    bench.orders = [placed(1, '1')];
    await read();
    stores().clock.advance(MINUTE);
    await stores().ledger.noteGone(bench.feed.shop.id, 1, now());
    bench.orders = [
      placed(1, '1', { placedAt: now() - MINUTE, status: 'trash', isGone: true }),
      placed(2, '2', { placedAt: now() - MINUTE, status: 'trash', isGone: true }),
    ];
    await read();
    expect(await unseen()).toEqual(['#1 1', '#2 2']);
    const gone = async () =>
      (await stores().ledger.list({ shopId: bench.feed.shop.id }, { limit: 10, cursor: null })).data.map(
        ({ number, goneAt }) => `${number} ${goneAt === null ? 'there' : 'gone'}`,
      );
    expect(await gone()).toEqual(['#2 gone', '#1 gone']);
    stores().clock.advance(MINUTE);
    bench.orders = [placed(2, '2', { placedAt: now() - 2 * MINUTE })];
    await read();
    expect(await unseen()).toEqual(['#1 1', '#2 2']);
    expect(await gone()).toEqual(['#2 there', '#1 gone']);
  });

  it('is not brought back from the trash by what was told of it before', async () => {
    await begin({ knownBy: 'acknowledged' });
    const order = placed(1, '1');
    await keeper().hear(bench.feed.shop.id, order, 'webhook');
    await keeper().hearGone(bench.feed.shop.id, 1);
    await keeper().hear(bench.feed.shop.id, order, 'webhook');
    const [known] = (await stores().ledger.withOrderId(1)).filter(({ shopId }) => shopId === bench.feed.shop.id);
    expect(known?.goneAt).not.toBeNull();
  });

  it('asks for what was thrown away once a minute, however often it is read', async () => {
    await begin({ knownBy: 'acknowledged' });
    const access = await bench.access();
    const one = keeper();
    const order = placed(1, '1', { status: 'trash', isGone: true });
    await one.read(access, signal);
    bench.orders = [order];
    await one.read(access, signal);
    expect(await unseen()).toEqual([]);
    stores().clock.advance(MINUTE);
    await one.read(access, signal);
    expect(await unseen()).toEqual(['#1 1']);
  });

  it('misses no order of the second at which one answer ended', async () => {
    await begin({ knownBy: 'acknowledged' });
    const at = now() - (now() % 1_000);
    bench.orders = [at - 1_000, at, at].map((modifiedAt, which) => placed(which + 1, '1', { modifiedAt }));
    bench.mostAtOnce = 2;
    await read();
    expect(await unseen()).toEqual(['#1 1', '#2 1', '#3 1']);
  });

  it('takes no state of an order that is told of the second of another for the newer one, and reads it', async () => {
    await begin({ knownBy: 'acknowledged' });
    const early = placed(1, '0', { status: 'pending' });
    const late = placed(1, '2');
    bench.orders = [late];
    await read();
    const dueAt = async () => (await stores().ledger.state(bench.feed.shop.id))?.dueAt;
    await keeper().hear(bench.feed.shop.id, late, 'webhook');
    expect(await dueAt()).toBe(now() + MINUTE);
    await keeper().hear(bench.feed.shop.id, early, 'webhook');
    expect(await unseen()).toEqual(['#1 2']);
    expect(await dueAt()).toBe(now());
  });

  it('is read every minute again once something is found that no webhook had told of', async () => {
    await begin({ knownBy: 'acknowledged' });
    const minutesToRead = async () => {
      await read();
      return (((await stores().ledger.state(bench.feed.shop.id))?.dueAt ?? 0) - now()) / MINUTE;
    };
    const told = placed(1, '1');
    await keeper().hear(bench.feed.shop.id, told, 'webhook');
    bench.orders = [told];
    expect(await minutesToRead()).toBe(5);
    stores().clock.advance(5 * MINUTE);
    bench.orders = [told, placed(2, '1', { modifiedAt: now() - MINUTE })];
    expect(await minutesToRead()).toBe(5);
    stores().clock.advance(5 * MINUTE);
    bench.orders = [placed(3, '1', { modifiedAt: now() - 3 * MINUTE })];
    expect(await minutesToRead()).toBe(1);
    await keeper().hear(bench.feed.shop.id, placed(4, '1'), 'webhook');
    stores().clock.advance(MINUTE);
    expect(await minutesToRead()).toBe(5);
  });

  it('knows a new order once that a webhook and several readings tell of at the same moment', async () => {
    await begin({ knownBy: 'acknowledged' });
    for (let orderId = 1; orderId <= 5; orderId++) {
      const order = placed(orderId, '1', { number: `#${orderId}` });
      bench.orders = [order];
      await Promise.all([
        keeper().hear(bench.feed.shop.id, order, 'webhook'),
        ...Array.from({ length: 5 }, () => stores().ledger.keep(bench.feed.shop.id, [order], 'poll', now())),
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

  it('is read every minute, and every five where the shop tells of orders in good time', async () => {
    await begin({ knownBy: 'acknowledged' });
    await read();
    stores().clock.advance(59_000);
    expect(await keeper().isDue(bench.feed.shop.id)).toBe(false);
    stores().clock.advance(1_000);
    expect(await keeper().isDue(bench.feed.shop.id)).toBe(true);
    expect(await stores().items.shopsWithDueItems(now())).toContain(bench.feed.shop.id);
    await keeper().hear(bench.feed.shop.id, placed(1, '1'), 'webhook');
    await read();
    stores().clock.advance(4 * MINUTE);
    expect(await keeper().isDue(bench.feed.shop.id)).toBe(false);
    await keeper().hear(bench.feed.shop.id, placed(1, '1', { modifiedAt: now() - 6 * MINUTE }), 'webhook');
    await read();
    stores().clock.advance(MINUTE);
    expect(await keeper().isDue(bench.feed.shop.id)).toBe(true);
  });

  it('are read at the time that was asked for while they were read', async () => {
    await begin({ knownBy: 'level' });
    await stores().ledger.noteHeard(bench.feed.shop.id, 0, now());
    bench.orders = [];
    let asked = Promise.resolve();
    const reader = keeper(() => {
      asked = stores().ledger.askRead(bench.feed.shop.id, now() + 5_000);
      return null;
    });
    await reader.read(await bench.access(), bench.signal);
    await asked;
    stores().clock.advance(5_000);
    expect((await stores().ledger.state(bench.feed.shop.id))?.dueAt).toBeLessThanOrEqual(now());
  });

  it('are read again at once where their reading was cut off', async () => {
    await begin({ knownBy: 'level' });
    await read();
    stores().clock.advance(61_000);
    const stopping = new AbortController();
    const cutOff = keeper(() => {
      stopping.abort();
      return new FailureError(failure('shop_answer_lost', { reason: 'aborted' }));
    });
    await expect(cutOff.read(await bench.access(), stopping.signal)).rejects.toThrow(FailureError);
    expect(await keeper().isDue(bench.feed.shop.id)).toBe(true);
    expect((await stores().ledger.state(bench.feed.shop.id))?.failure).toBeNull();
  });

  it('misses nothing where the clock that the answers tell of is ahead of the shop’s', async () => {
    await begin({ knownBy: 'level' });
    bench.dateAhead = 10 * MINUTE;
    const reader = keeper();
    const readOn = async () => reader.read(await bench.access(), bench.signal);
    for (let minute = 0; minute < 20; minute += 1) {
      stores().clock.advance(MINUTE);
      if (minute === 3) bench.orders = [placed(1, '1')];
      await readOn();
    }
    expect(await unseen()).toEqual(['#1 1']);
  });

  it('finds within the hour what a shop did not list at the time', async () => {
    await begin({ knownBy: 'level' });
    const reader = keeper();
    const readOn = async () => reader.read(await bench.access(), bench.signal);
    bench.orders = [placed(2, '1')];
    await readOn();
    const left = placed(1, '3');
    stores().clock.advance(10 * MINUTE);
    // In spring, the hour that the shop's clock leaves out: what is asked for from then on is from an hour later on.
    bench.orders = [placed(3, '1')];
    await readOn();
    bench.orders = [placed(2, '1'), left, placed(3, '1')].map((order, n) => ({ ...order, ...(n === 1 ? left : {}) }));
    await readOn();
    expect(await unseen()).not.toContain('#1 3');
    stores().clock.advance(61 * MINUTE);
    await readOn();
    expect(await unseen()).toContain('#1 3');
  });

  it('whoever asks while orders are read waits for a reading of their own', async () => {
    await begin({ knownBy: 'acknowledged' });
    const before = bench.asked.length;
    const access = await bench.access();
    const one = keeper();
    await Promise.all([one.read(access, signal), one.read(access, signal), one.read(access, signal)]);
    expect(bench.asked.length - before).toBe(2);
  });

  it('whoever waits for a reading that is cut off with the worker that began it reads anew', async () => {
    await begin({ knownBy: 'acknowledged' });
    const access = await bench.access();
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
    expect(await stores().ledger.state(bench.feed.shop.id)).toMatchObject({ failure: null });
  });

  describe('once what is known is forgotten', () => {
    let placedAt: number;
    const numbers = async () =>
      (await stores().ledger.list({ shopId: bench.feed.shop.id }, { limit: 10, cursor: null })).data.map(
        ({ number }) => number,
      );
    const forget = () => stores().ledger.removeKnownBefore(now() - KEPT_MS, 100);
    const again = async (orderId: number, held: string, more: Partial<ShopOrder> = {}) => {
      stores().clock.advance(MINUTE);
      bench.orders = [placed(orderId, held, { placedAt, ...more })];
      await read();
    };

    beforeEach(async () => {
      await begin({ knownBy: 'acknowledged' });
      placedAt = now();
      bench.orders = [placed(1, '1'), placed(2, '2'), placed(3, '0', { status: 'pending' })];
      await read();
      await acknowledge(1);
      stores().clock.advance(KEPT_MS + HOUR);
      expect(await unseen()).toEqual(['#2 2']);
      expect(await numbers()).toEqual(['#3', '#2', '#1']);
      await forget();
      expect(await numbers()).toEqual(['#2']);
    });

    it('counts the same, and keeps what a source has still to learn of, however old', async () => {
      expect(await unseen()).toEqual(['#2 2']);
      await again(2, '1');
      expect(await unseen()).toEqual(['#2 1']);
    });

    it('takes no harm from an old order that is cancelled', async () => {
      await again(1, '0', { status: 'cancelled' });
      expect(await unseen()).toEqual(['#2 2']);
    });

    it('does not count an old order anew that changes and holds what it held', async () => {
      await again(1, '1', { status: 'completed' });
      expect(await unseen()).toEqual(['#2 2']);
      await again(1, '0', { status: 'cancelled' });
      expect(await unseen()).toEqual(['#2 2']);
    });

    it('counts an old order that had waited for its payment', async () => {
      await again(3, '3', { paidAt: now() });
      expect(await unseen()).toEqual(['#2 2', '#3 3']);
    });
  });
});
