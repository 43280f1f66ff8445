import type { AcknowledgeOrder } from '../../application/acknowledge-order';
import type { OrderLedgerStore } from '../../domain/ports/order-ledger';
import { type Columns, csvRoute, pagesOf } from '../csv';
import { showOrder } from '../order-presenters';
import { route, type Route } from '../route';
import * as orders from '../schemas/orders';
import { z } from '../schemas/common';
import { EXPORTED_AT_ONCE, mustBe, pageRequest } from './shared';

export interface OrderRoutesOptions {
  readonly orderLedger: OrderLedgerStore;
  readonly acknowledgeOrder: AcknowledgeOrder;
}

/** A line for each product of each order. */
const LINE_COLUMNS: Columns<ReturnType<typeof orderLines>[number]> = {
  shop_id: ({ order }) => order.shopId,
  order: ({ order }) => order.number,
  status: ({ order }) => order.status,
  placed_at: ({ order }) => order.placedAt,
  heard_at: ({ order }) => order.heardAt,
  heard_by: ({ order }) => order.heardBy,
  product_id: ({ line }) => line.productId,
  variation_id: ({ line }) => line.variationId,
  held: ({ line }) => line.held,
  known: ({ line }) => line.known.map(({ connectionId, quantity }) => `${connectionId}: ${quantity}`).join('; '),
  why: ({ line }) => line.known.map(({ connectionId, reason }) => `${connectionId}: ${reason}`).join('; '),
};

const orderLines = (order: ReturnType<typeof showOrder>) => order.lines.map((line) => ({ order, line }));

const filterOf = ({
  shopId,
  state,
}: {
  readonly shopId?: number | undefined;
  readonly state?: 'open' | undefined;
}) => ({
  shopId: shopId ?? null,
  unseenOnly: state === 'open',
});

export function orderRoutes({ orderLedger, acknowledgeOrder }: OrderRoutesOptions): Route[] {
  return [
    csvRoute({
      path: '/orders.csv',
      tag: 'Orders',
      summary: 'What web orders took from the stock, and which source knows of it, as a file',
      query: z.object(orders.ordersFilter),
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
      handle: async ({ query }) => {
        const found = await orderLedger.list(filterOf(query), pageRequest(query));
        return { data: found.data.map(showOrder), nextCursor: found.nextCursor };
      },
    }),
    route({
      method: 'post',
      path: '/orders/{id}/seen',
      tag: 'Orders',
      summary: 'A source knows this order now: what it took is no longer taken off what the source says',
      access: 'operator',
      params: orders.seenParams,
      body: orders.seenInput,
      status: 200,
      answer: orders.ledgerOrder,
      handle: async ({ params, body, caller }) => {
        const { name, by } = mustBe(caller, 'session');
        const of = { shopId: body.shopId ?? null, connectionId: body.connectionId ?? null };
        return showOrder(await acknowledgeOrder.acknowledge(params.id, of, { name, isPerson: by === 'session' }));
      },
    }),
  ];
}
