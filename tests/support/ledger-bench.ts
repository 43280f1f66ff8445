import { AcknowledgeOrder } from '../../server/application/acknowledge-order';
import { KeepOrderLedger } from '../../server/application/keep-order-ledger';
import type { FailureError } from '../../server/domain/failure';
import type { OrderRule } from '../../server/domain/order-rule';
import type { ShopOrder, ShopOrders } from '../../server/domain/ports/shop-orders';
import { quantity } from '../../server/domain/quantity';
import { productLink, ref } from './builders';
import { type Feed, feedIn, itemOf, push, type Stores } from './test-stores';

const HOUR = 3_600_000;
const MINUTE = 60_000;

export const rule = (changes: Partial<OrderRule>): OrderRule => ({
  knownBy: 'level',
  statuses: [],
  metaKey: null,
  afterHours: null,
  ...changes,
});

interface Scene {
  /** As the shop shows them now. */
  orders: ShopOrder[];
  /** Since when it was asked for those it lists. */
  asked: number[];
  mostAtOnce: number;
  /** By how much what tells the time is ahead of the shop's own clock. */
  dateAhead: number;
  feed: Feed;
}

/** A shop with the product A that a source feeds, and whose orders are whatever a test says. */
export function ledgerBench(stores: () => Stores) {
  let scene: Scene | null = null;
  const here = (): Scene => {
    if (!scene) throw new Error('It has not begun');
    return scene;
  };
  const now = () => stores().clock.now();
  const { signal } = new AbortController();

  const keeper = (fails: (theirs: AbortSignal) => FailureError | null = () => null) => {
    const shop: Pick<ShopOrders, 'changedSince'> = {
      changedSince: (_access, since, _keys, theirs, which) => {
        const { asked, orders, mostAtOnce, dateAhead } = here();
        if (which === 'listed') asked.push(since);
        const failed = which === 'listed' ? fails(theirs) : null;
        if (failed) return Promise.reject(failed);
        const listed = orders.filter(({ isGone }) => isGone === (which === 'thrown_away'));
        const changed = listed.filter(({ modifiedAt }) => modifiedAt > since);
        const complete = changed.length <= mostAtOnce;
        return Promise.resolve({ orders: changed.slice(0, mostAtOnce), complete, shopTime: now() + dateAhead });
      },
    };
    const { unit, ledger, connections, items, clock } = stores();
    return new KeepOrderLedger({ unit, ledger, connections, items, clock, orders: shop });
  };
  const access = async () => {
    const found = await stores().shops.access(here().feed.shop.id);
    if (!found) throw new Error('The shop was just made');
    return found;
  };
  const read = async () => keeper().read(await access(), signal);

  return {
    now,
    signal,
    keeper,
    access,
    read,
    get feed() {
      return here().feed;
    },
    get asked() {
      return here().asked;
    },
    get orders(): ShopOrder[] {
      return here().orders;
    },
    set orders(orders: ShopOrder[]) {
      here().orders = orders;
    },
    set mostAtOnce(most: number) {
      here().mostAtOnce = most;
    },
    set dateAhead(ms: number) {
      here().dateAhead = ms;
    },

    placed: (orderId: number, held: string, more: Partial<ShopOrder> = {}): ShopOrder => ({
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
    }),

    unseen: async (code = 'A') =>
      (await itemOf(stores(), here().feed, code)).facts.unseen.map(({ order, quantity: sold }) => `${order} ${sold}`),

    acknowledge: (orderId: number, connectionId: number | null = null) => {
      const { unit, ledger, connections, items, clock } = stores();
      const laneSignal = { announce: () => undefined };
      return new AcknowledgeOrder({ unit, ledger, connections, items, laneSignal, clock }).acknowledge(
        orderId,
        { shopId: here().feed.shop.id, connectionId },
        { name: 'till', isPerson: false },
      );
    },

    /** Counting begins, in a shop that has these orders by then. */
    begin: async (how: Partial<OrderRule>, before: () => ShopOrder[] = () => []): Promise<void> => {
      stores().clock.advance(HOUR);
      const feed = await feedIn(stores(), { matchBy: ['code'], orders: rule(how) });
      scene = { orders: before(), asked: [], mostAtOnce: Infinity, dateAhead: 0, feed };
      await push(stores(), feed, [{ code: 'A', quantity: 10 }]);
      const { id } = await itemOf(stores(), feed, 'A');
      await stores().items.setLink(id, productLink(1), now());
      await read();
      stores().clock.advance(MINUTE);
    },
  };
}
