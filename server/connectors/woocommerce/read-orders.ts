import { z } from 'zod';
import type { ShopOrders, ShopSale } from '../../domain/ports/shop-orders';
import type { ShopAccess } from '../../domain/ports/shop-target';
import { quantityFromText } from '../../domain/quantity';
import { LARGEST_PAGE } from './product-list';
import { createWooApi, type WooApiOptions } from './woo-api';

const FIELDS = 'id,number,status,date_created_gmt,date_paid_gmt,line_items';
/** Orders beyond so many explain nothing any more: the numbers are wrong for another reason. */
const MOST_PAGES = 10;
/** What a line has taken from the stock; given back, it is gone. */
const TAKEN = '_reduced_stock';

const amount = z.union([z.string(), z.number()]).transform(String);

const wooOrder = z.object({
  id: z.number().int().positive(),
  number: amount,
  date_created_gmt: z.string().nullish(),
  date_paid_gmt: z.string().nullish(),
  line_items: z.array(
    z.object({
      product_id: z.number().int(),
      variation_id: z.number().int(),
      meta_data: z.array(z.object({ key: z.unknown(), value: z.unknown() })),
    }),
  ),
});
type WooOrder = z.infer<typeof wooOrder>;

const gmt = (text: string | null | undefined): number | null => {
  const time = text ? Date.parse(`${text}Z`) : NaN;
  return Number.isFinite(time) ? time : null;
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
            modified_after: new Date(since).toISOString().slice(0, 19),
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
  };
}

/** An order that only changed its status since then had taken its pieces before. */
const salesIn = (orders: readonly WooOrder[], since: number): readonly ShopSale[] =>
  orders.flatMap((order) => {
    const at = Math.max(gmt(order.date_created_gmt) ?? 0, gmt(order.date_paid_gmt) ?? 0);
    return at < since ? [] : order.line_items.flatMap((line) => salesOf(line, order.number, at));
  });

function salesOf(line: WooOrder['line_items'][number], order: string, at: number): readonly ShopSale[] {
  const taken = quantityFromText(String(line.meta_data.find(({ key }) => key === TAKEN)?.value ?? ''));
  if (!taken.ok || taken.quantity === '0' || line.product_id === 0) return [];
  const sale = { quantity: taken.quantity, order, at };
  const ofProduct = { ref: { productId: line.product_id, variationId: null }, ...sale };
  if (line.variation_id === 0) return [ofProduct];
  // Whose the stock is, the variation's or its parent's, the order does not say.
  return [ofProduct, { ref: { productId: line.product_id, variationId: line.variation_id }, ...sale }];
}
