import type { OrderLedger, OrdersFilter, WebOrder } from '../../../server/http/schemas/orders';
import { http, type Page } from './http';

export type { OrderLedger, WebOrder };
export type OrderFilter = OrdersFilter;
export type OrderState = NonNullable<OrderFilter['state']>;
export type HeardBy = WebOrder['heardBy'];

/** Newest first. */
export const listOrders = async (
  filter: OrderFilter,
  page: { readonly limit: number; readonly cursor?: string },
  signal?: AbortSignal,
): Promise<Page<WebOrder>> =>
  (await http.get<Page<WebOrder>>('/orders', { params: { ...filter, ...page }, signal })).data;

/** By shop: how its orders reach us, the oldest unknown ones, and the sales saved. */
export const listOrderLedgers = async (signal?: AbortSignal): Promise<OrderLedger[]> =>
  (await http.get<{ data: OrderLedger[] }>('/order-ledgers', { signal })).data.data;

/** Every source that feeds the shop knows this order now. */
export const markOrderSeen = async ({ orderId, shopId }: WebOrder): Promise<WebOrder> =>
  (await http.post<WebOrder>(`/orders/${orderId}/seen`, { shopId })).data;
