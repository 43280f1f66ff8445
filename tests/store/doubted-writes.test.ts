import { settlementOf } from '../../server/application/settle-sync-items';
import { MAY_STILL_ARRIVE_MS } from '../../server/application/deliver-sync-items';
import type { KeepOrderLedger } from '../../server/application/keep-order-ledger';
import { failure, type FailureCode, FailureError } from '../../server/domain/failure';
import type { ShopOrder, ShopOrders } from '../../server/domain/ports/shop-orders';
import type { ShopAccess, ShopWriteBatch } from '../../server/domain/ports/shop-target';
import { quantity } from '../../server/domain/quantity';
import { ref, shopProduct } from '../support/builders';
import { FakeShop } from '../support/fake-shop';
import { rule } from '../support/ledger-bench';
import { shopWork } from '../support/shop-work';
import { claim, type Feed, feedIn, itemOf, laneOf, onEachEngine, push } from '../support/test-stores';

const MINUTE = 60_000;

onEachEngine('A write whose answer never came, where web orders are counted', (stores) => {
  let feed: Feed;
  let access: ShopAccess;
  let shop: FakeShop;
  let orders: ShopOrder[];
  let work: ReturnType<typeof shopWork>;
  let keepOrders: KeepOrderLedger;
  const now = () => stores().clock.now();
  const advance = (ms: number) => stores().clock.advance(ms);
  const { signal } = new AbortController();

  /** In a shop that shows 2 of each. */
  const begin = async (...products: readonly ReturnType<typeof shopProduct>[]) => {
    advance(60 * MINUTE);
    feed = await feedIn(stores(), { matchBy: ['code'], orders: rule({ knownBy: 'acknowledged' }) });
    const found = await stores().shops.access(feed.shop.id);
    if (!found) throw new Error('The shop was just made');
    access = found;
    shop = new FakeShop(...products);
    orders = [];
    const asked: ShopOrders = {
      salesSince: () => Promise.resolve({ sales: [], complete: true }),
      changedSince: (_access, since, _keys, _signal, which) => {
        const listed = orders.filter(({ modifiedAt }) => which === 'listed' && modifiedAt > since);
        return Promise.resolve({ orders: listed, complete: true, shopTime: now() });
      },
    };
    work = shopWork(stores(), shop, { orders: asked });
    keepOrders = work.keepOrders;
    await keepOrders.read(access, signal);
    advance(MINUTE);
  };
  const product = (id: number) => shopProduct(id, { sku: `P${id}`, quantity: quantity('2') });
  const say = (level: number, ...ids: readonly number[]) =>
    push(
      stores(),
      feed,
      ids.map((id) => ({ code: `P${id}`, quantity: level })),
    );
  const deliver = async (end: 'settled' | 'killed' = 'settled') => {
    const lease = await laneOf(stores(), feed.shop.id);
    const claimed = await claim(stores(), lease);
    if (claimed.length > 0) {
      const byId = new Map([[feed.connection.id, feed.connection]]);
      const { delivered } = await work.deliver.deliver(access, byId, claimed, 10, signal);
      if (end === 'killed') return;
      await stores().items.settle(
        delivered.map((each) => settlementOf(each, now(), 0.5)),
        [],
        now(),
      );
    }
    await stores().lanes.release(lease);
  };
  const shown = (id: number) => shop.shown(ref(id));
  const move = (id: number, by: number) => {
    const before = shop.products().find((each) => each.ref.productId === id);
    if (before) shop.put({ ...before, quantity: quantity(String(Number(before.quantity) + by)) });
  };
  const sell = (id: number) => {
    move(id, -1);
    orders.push({
      orderId: 77,
      number: '77',
      status: 'processing',
      placedAt: now(),
      paidAt: null,
      modifiedAt: now(),
      isGone: false,
      keys: [],
      lines: [{ lineId: 770, ref: ref(id), held: quantity('1') }],
    });
  };
  /** The next call does nothing that could be seen by its end, which comes with this. */
  const nextCallFails = (
    code: FailureCode,
    params: Record<string, number>,
    meanwhile: () => void = () => undefined,
  ) => {
    let isNext = true;
    shop.carriesOut = ({ writes }: ShopWriteBatch) => (isNext ? [] : writes);
    shop.afterWrite = () => {
      if (!isNext) return null;
      isNext = false;
      meanwhile();
      return new FailureError(failure(code, params), { writeMayHaveHappened: true });
    };
  };

  it('is not followed by another difference where the worker that sent it was killed in the middle of it', async () => {
    await begin(product(1), product(2));
    await say(12, 1, 2);
    nextCallFails('shop_answer_lost', {});
    await deliver('killed');
    advance(20_000);
    await stores().items.releaseAbandoned(feed.shop.id, now());
    await say(20, 1);
    await deliver();
    expect(shop.writes).toHaveLength(1);
    // The shop comes to what it was asked for, and no sooner.
    move(1, +10);
    move(2, +10);
    advance(MAY_STILL_ARRIVE_MS);
    await deliver();
    expect([shown(1), shown(2)]).toEqual(['20', '12']);
    expect((await itemOf(stores(), feed, 'P1')).status).toBe('synced');
  });

  it('is not followed by another difference until no host goes on with it any more', async () => {
    await begin(product(1));
    await say(12, 1);
    nextCallFails('shop_timeout', { seconds: 60 });
    await deliver();
    expect(await itemOf(stores(), feed, 'P1')).toMatchObject({ status: 'unverified' });
    advance(30_000);
    // Whatever comes meanwhile.
    await say(20, 1);
    await deliver();
    expect(shop.writes).toHaveLength(1);
    // The shop comes to the first one.
    move(1, +10);
    advance(MAY_STILL_ARRIVE_MS);
    await deliver();
    expect([shown(1), (await itemOf(stores(), feed, 'P1')).status]).toEqual(['20', 'synced']);
  });

  it('is over as soon as the shop shows what was asked for', async () => {
    await begin(product(1));
    await say(12, 1);
    nextCallFails('shop_timeout', { seconds: 60 }, () => move(1, +10));
    await deliver();
    expect(await itemOf(stores(), feed, 'P1')).toMatchObject({ status: 'synced', shown: '12' });
    await say(13, 1);
    advance(1_000);
    await deliver();
    expect(shown(1)).toBe('13');
  });

  it.each(['shop_timeout', 'shop_server_error'] as const)(
    'writes nothing over an order that came meanwhile (%s)',
    async (code) => {
      await begin(product(1), product(2));
      await say(12, 1, 2);
      nextCallFails(code, code === 'shop_timeout' ? { seconds: 60 } : { status: 500 }, () => sell(2));
      await deliver();
      expect(shown(2)).toBe('1');
      advance(MAY_STILL_ARRIVE_MS);
      await deliver();
      expect([shown(1), shown(2)]).toEqual(['12', '11']);
    },
  );

  it('holds nothing up where the shop itself has ended the call', async () => {
    await begin(product(1), product(2));
    await say(12, 1, 2);
    nextCallFails('shop_server_error', { status: 500 });
    await deliver();
    expect([shown(1), shown(2)]).toEqual(['12', '12']);
  });

  it('is another product’s trouble only, once it has been in many that did not end', async () => {
    await begin(product(1), product(2), product(3));
    await say(12, 1, 2, 3);
    const hangsOn2 = ({ writes }: ShopWriteBatch) => writes.some(({ ref: of }) => of.productId === 2);
    shop.carriesOut = (batch) => (hangsOn2(batch) ? [] : batch.writes);
    shop.afterWrite = (batch) =>
      hangsOn2(batch)
        ? new FailureError(failure('shop_timeout', { seconds: 60 }), { writeMayHaveHappened: true })
        : null;
    for (let turn = 0; turn < 8; turn += 1) {
      await deliver();
      advance(20 * MINUTE);
    }
    const states = await Promise.all([1, 2, 3].map((id) => itemOf(stores(), feed, `P${id}`)));
    expect(states.map(({ status }) => status)).toEqual(['synced', 'failed', 'synced']);
  });

  it('adds nothing twice to translations that a plugin keeps in step', async () => {
    class InStep extends FakeShop {
      override async write(...[to, batch, ends]: Parameters<FakeShop['write']>) {
        const answers = [];
        for (const each of batch.writes) {
          answers.push(...(await super.write(to, { ...batch, writes: [each] }, ends)));
          const number = this.shown(each.ref);
          for (const one of this.products()) this.put({ ...one, quantity: number === null ? null : quantity(number) });
        }
        return answers;
      }
    }
    const translations = [1, 2];
    const inEachLanguage = translations.map((id) =>
      shopProduct(id, { sku: 'P1', quantity: quantity('10'), translations }),
    );
    await begin();
    shop = new InStep(...inEachLanguage);
    work = shopWork(stores(), shop, {
      orders: {
        salesSince: () => Promise.resolve({ sales: [], complete: true }),
        changedSince: () => Promise.resolve({ orders, complete: true, shopTime: now() }),
      },
    });
    await say(8, 1);
    await deliver();
    expect([shown(1), shown(2), (await itemOf(stores(), feed, 'P1')).status]).toEqual(['8', '8', 'synced']);
  });
});
