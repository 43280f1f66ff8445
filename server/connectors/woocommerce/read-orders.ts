import { z } from 'zod';
import type { OrdersAsked, ShopOrder, ShopOrders, ShopSale } from '../../domain/ports/shop-orders';
import type { ShopAccess } from '../../domain/ports/shop-target';
import { type Quantity, quantity, quantityFromText } from '../../domain/quantity';
import { LARGEST_PAGE } from './product-list';
import { createWooApi, isInvalid, type WooApi, type WooApiOptions } from './woo-api';

const FIELDS = 'id,number,status,date_created_gmt,date_paid_gmt,line_items';
/** Orders beyond so many explain nothing any more: the numbers are wrong for another reason. */
const MOST_PAGES = 10;
/** What a line has taken from the stock; given back, it is gone. */
const TAKEN = '_reduced_stock';

const amount = z.union([z.string(), z.number()]).transform(String);

const metaData = z.array(z.object({ key: z.unknown(), value: z.unknown() }));

const wooOrder = z.object({
  id: z.number().int().positive(),
  number: amount,
  date_created_gmt: z.string().nullish(),
  date_paid_gmt: z.string().nullish(),
  line_items: z.array(
    z.object({
      product_id: z.number().int(),
      variation_id: z.number().int(),
      meta_data: metaData,
    }),
  ),
});
type WooOrder = z.infer<typeof wooOrder>;

const gmt = (text: string | null | undefined): number | null => {
  const time = text ? Date.parse(`${text}Z`) : NaN;
  return Number.isFinite(time) ? time : null;
};

const gmtText = (time: number): string => new Date(time).toISOString().slice(0, 19);

/** An order as its route and its webhooks show it. */
export const wooLedgerOrder = z.object({
  id: z.number().int().positive(),
  number: amount,
  status: z.string(),
  date_created_gmt: z.string().nullish(),
  date_paid_gmt: z.string().nullish(),
  date_modified_gmt: z.string(),
  meta_data: metaData.optional(),
  line_items: z.array(
    z.object({
      id: z.number().int().positive(),
      product_id: z.number().int(),
      variation_id: z.number().int(),
      meta_data: metaData,
    }),
  ),
});
type WooLedgerOrder = z.infer<typeof wooLedgerOrder>;

const LEDGER_FIELDS = 'id,number,status,date_created_gmt,date_paid_gmt,date_modified_gmt,line_items';
/** Calls for one question: what is left is asked for the next time. */
const MOST_CALLS = 20;
const SECOND_MS = 1_000;
const TRASH = 'trash';
/** null = those of every status but the trash. */
const STATUSES: Readonly<Record<OrdersAsked, string | null>> = {
  listed: null,
  unsettled: 'pending,on-hold,processing,failed,cancelled',
  thrown_away: TRASH,
};

/** What the orders of a WooCommerce shop took from its stock, over its REST API v3. */
export function createWooCommerceOrders(options: WooApiOptions): ShopOrders {
  const api = createWooApi(options);
  return {
    salesSince: async (access: ShopAccess, since: number, signal: AbortSignal) => {
      const orders = new Map<number, WooOrder>();
      for (let page = 1; page <= MOST_PAGES; page += 1) {
        const reply = await api.call({
          access,
          method: 'GET',
          route: '/wc/v3/orders',
          query: {
            modified_after: gmtText(since),
            dates_are_gmt: 'true',
            orderby: 'id',
            order: 'asc',
            per_page: String(LARGEST_PAGE),
            ...(page === 1 ? {} : { page: String(page) }),
            _fields: FIELDS,
          },
          shape: z.array(wooOrder),
          signal,
        });
        for (const order of reply.data) orders.set(order.id, order);
        if (reply.data.length < LARGEST_PAGE) return { sales: salesIn([...orders.values()], since), complete: true };
      }
      return { sales: salesIn([...orders.values()], since), complete: false };
    },
    changedSince: async (access, since, keys, signal, asked) => {
      const read = (which: OrdersAsked) => changedSince(api, options.clock, access, since, keys, signal, which);
      try {
        return await read(asked);
      } catch (thrown) {
        // A plugin may have taken one of the statuses away: then those of all are read.
        if (asked !== 'unsettled' || !isInvalid(thrown)) throw thrown;
        return read('listed');
      }
    },
  };
}

/**
 * Goes on from the time of the last order, not by the page: an order that changes meanwhile moves to the end, and every
 * page after it would begin one too late. A second that has more orders than a page is read from its last page to its
 * first: what leaves it meanwhile moves the others to pages that are still to come.
 */
async function changedSince(
  api: WooApi,
  clock: WooApiOptions['clock'],
  access: ShopAccess,
  since: number,
  keys: readonly string[],
  signal: AbortSignal,
  asked: OrdersAsked,
): ReturnType<ShopOrders['changedSince']> {
  const orders = new Map<number, ShopOrder>();
  let shopTime: number | null = null;
  const read = async (query: Readonly<Record<string, string>>) => {
    const reply = await api.call({
      access,
      method: 'GET',
      route: '/wc/v3/orders',
      query: {
        dates_are_gmt: 'true',
        order: 'asc',
        per_page: String(LARGEST_PAGE),
        ...(STATUSES[asked] === null ? {} : { status: STATUSES[asked] }),
        _fields: keys.length === 0 ? LEDGER_FIELDS : `${LEDGER_FIELDS},meta_data`,
        ...query,
      },
      shape: z.array(wooLedgerOrder),
      signal,
    });
    shopTime ??= reply.shopTime ?? clock.now();
    const found = reply.data.map((order) => shopOrder(order, keys));
    for (const order of found) orders.set(order.orderId, order);
    return { found, total: reply.total };
  };
  const readSecond = async (second: number): Promise<void> => {
    const between = { modified_after: gmtText(second - SECOND_MS), modified_before: gmtText(second + SECOND_MS) };
    const { total } = await read({ ...between, orderby: 'id' });
    const pages = total === null ? MOST_CALLS : Math.ceil(total / LARGEST_PAGE);
    for (let page = pages; page >= 1; page -= 1) await read({ ...between, orderby: 'id', page: String(page) });
  };

  let after = since;
  for (let calls = 0; calls < MOST_CALLS; calls += 1) {
    const { found, total } = await read({ modified_after: gmtText(after), orderby: 'modified' });
    const last = found.at(-1);
    // An order that cannot be loaded, or that the key may not see, is left out of its page: a short one may not be the last.
    const isLast = found.length < LARGEST_PAGE && (total ?? 0) <= LARGEST_PAGE;
    if (last === undefined || isLast) {
      return { orders: [...orders.values()], complete: true, shopTime: shopTime ?? clock.now() };
    }
    const next = last.modifiedAt - SECOND_MS;
    if (next <= after) await readSecond(last.modifiedAt);
    after = next > after ? next : last.modifiedAt;
  }
  return { orders: [...orders.values()], complete: false, shopTime: shopTime ?? clock.now() };
}

export function shopOrder(order: WooLedgerOrder, keys: readonly string[]): ShopOrder {
  return {
    orderId: order.id,
    number: order.number,
    status: order.status,
    placedAt: gmt(order.date_created_gmt),
    paidAt: gmt(order.date_paid_gmt),
    modifiedAt: gmt(order.date_modified_gmt) ?? 0,
    isGone: order.status === TRASH,
    keys: keys.filter((wanted) => (order.meta_data ?? []).some(({ key, value }) => key === wanted && says(value))),
    lines: order.line_items.map(({ id, product_id, variation_id, meta_data }) => ({
      lineId: id,
      ref: product_id === 0 ? null : { productId: product_id, variationId: variation_id === 0 ? null : variation_id },
      held: takenBy(meta_data) ?? quantity('0'),
    })),
  };
}

const says = (value: unknown): boolean => value !== null && value !== undefined && value !== '' && value !== false;

/** null when the line holds nothing. */
function takenBy(meta: z.infer<typeof metaData>): Quantity | null {
  const taken = quantityFromText(String(meta.find(({ key }) => key === TAKEN)?.value ?? ''));
  return taken.ok && taken.quantity !== '0' ? taken.quantity : null;
}

/** An order that only changed its status since then had taken its pieces before. */
const salesIn = (orders: readonly WooOrder[], since: number): readonly ShopSale[] =>
  orders.flatMap((order) => {
    const at = Math.max(gmt(order.date_created_gmt) ?? 0, gmt(order.date_paid_gmt) ?? 0);
    return at < since ? [] : order.line_items.flatMap((line) => salesOf(line, order.number, at));
  });

function salesOf(line: WooOrder['line_items'][number], order: string, at: number): readonly ShopSale[] {
  const taken = takenBy(line.meta_data);
  if (taken === null || line.product_id === 0) return [];
  const sale = { quantity: taken, order, at };
  const ofProduct = { ref: { productId: line.product_id, variationId: null }, ...sale };
  if (line.variation_id === 0) return [ofProduct];
  // Whose the stock is, the variation's or its parent's, the order does not say.
  return [ofProduct, { ref: { productId: line.product_id, variationId: line.variation_id }, ...sale }];
}
