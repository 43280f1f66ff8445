import type { AcknowledgeOrder } from '../../application/acknowledge-order';
import type { ViewWebOrders } from '../../application/view-web-orders';
import type { OrderFilter, OrderLedgerViews } from '../../domain/ports/order-views';
import { type Columns, csvRoute, pagesOf } from '../csv';
import { showOrder, showOrderLedger } from '../order-presenters';
import { route, type Route } from '../route';
import * as orders from '../schemas/orders';
import { z } from '../schemas/common';
import { EXPORTED_AT_ONCE, mustBe, pageRequest } from './shared';

export interface OrderRoutesOptions {
  readonly orderLedger: Pick<OrderLedgerViews, 'list'>;
  readonly acknowledgeOrder: AcknowledgeOrder;
  readonly viewWebOrders: Pick<ViewWebOrders, 'view'>;
}

/** A line for each product of each order. */
const LINE_COLUMNS: Columns<ReturnType<typeof orderLines>[number]> = {
  shop_id: ({ order }) => order.shopId,
  order: ({ order }) => order.number,
  order_id: ({ order }) => order.orderId,
  status: ({ order }) => order.status,
  placed_at: ({ order }) => order.placedAt,
  heard_at: ({ order }) => order.heardAt,
  heard_by: ({ order }) => order.heardBy,
  product_id: ({ line }) => line.productId,
  variation_id: ({ line }) => line.variationId,
  name: ({ line }) => line.name,
  held: ({ line }) => line.held,
  saved: ({ line }) => line.saved,
  known: ({ line }) => line.known.map(({ connectionId, quantity }) => `${connectionId}: ${quantity}`).join('; '),
  why: ({ line }) => line.known.map(({ connectionId, reason }) => `${connectionId}: ${reason}`).join('; '),
};

const asked = z.strictObject(orders.ordersFilter);
const orderLines = (order: ReturnType<typeof showOrder>) => order.lines.map((line) => ({ order, line }));

const filterOf = ({ from, before, saved, number, product, ...filter }: z.infer<typeof asked>): OrderFilter => ({
  ...filter,
  number: number === '' ? undefined : number,
  product: product === '' ? undefined : product,
  placedFrom: from === undefined ? undefined : Date.parse(from),
  placedBefore: before === undefined ? undefined : Date.parse(before),
  saved: saved === 'yes',
});

export function orderRoutes({ orderLedger, acknowledgeOrder, viewWebOrders }: OrderRoutesOptions): Route[] {
  return [
    csvRoute({
      path: '/orders.csv',
      tag: 'Orders',
      summary: 'What web orders took from the stock, and which source knows of it, as a file',
      query: asked,
      name: () => 'orders',
      columns: LINE_COLUMNS,
      pages: async function* ({ query }) {
        const pages = pagesOf((cursor) => orderLedger.list(filterOf(query), { limit: EXPORTED_AT_ONCE, cursor }));
        for await (const page of pages) yield page.map(showOrder).flatMap(orderLines);
      },
    }),
    route({
      method: 'get',
      path: '/orders',
      tag: 'Orders',
      summary: 'Web orders with what they took from the stock, and which source knows of it; newest first',
      access: 'viewer',
      query: orders.ordersQuery,
      status: 200,
      answer: orders.orderPage,
      handle: async ({ query: { limit, cursor, ...filter } }) => {
        const found = await orderLedger.list(filterOf(filter), pageRequest({ limit, cursor }));
        return { data: found.data.map(showOrder), nextCursor: found.nextCursor };
      },
    }),
    route({
      method: 'get',
      path: '/order-ledgers',
      tag: 'Orders',
      summary: 'By shop: how its web orders reach us, the oldest that a source does not know of, and the sales saved',
      access: 'viewer',
      status: 200,
      answer: orders.orderLedgers,
      handle: async () => ({ data: (await viewWebOrders.view()).map(showOrderLedger) }),
    }),
    route({
      method: 'post',
      path: '/orders/{orderId}/seen',
      tag: 'Orders',
      summary: 'A source knows this order now: what it took is no longer taken off what the source says',
      access: 'operator',
      params: orders.seenParams,
      body: orders.seenInput,
      status: 200,
      answer: orders.ledgerOrder,
      handle: async ({ params, body, caller, note }) => {
        const { name, by } = mustBe(caller, 'session');
        const of = { shopId: body.shopId ?? null, connectionId: body.connectionId ?? null };
        const order = await acknowledgeOrder.acknowledge(params.orderId, of, { name, isPerson: by === 'session' });
        note({ object: { id: order.orderId, name: order.number } });
        return showOrder(order);
      },
    }),
  ];
}
