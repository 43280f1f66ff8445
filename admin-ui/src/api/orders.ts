import type { WebOrder } from '../../../server/http/schemas/orders';
import { http, type Page } from './http';

export type { WebOrder };

export interface OrderFilter {
  readonly state?: 'open';
}

/** Newest first. */
export const listOrders = async (
  filter: OrderFilter,
  page: { readonly limit: number; readonly cursor?: string },
  signal?: AbortSignal,
): Promise<Page<WebOrder>> =>
  (await http.get<Page<WebOrder>>('/orders', { params: { ...filter, ...page }, signal })).data;

/** Every source that feeds the shop knows this order now. */
export const markOrderSeen = async ({ orderId, shopId }: WebOrder): Promise<WebOrder> =>
  (await http.post<WebOrder>(`/orders/${orderId}/seen`, { shopId })).data;
