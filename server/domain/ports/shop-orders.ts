import type { Quantity } from '../quantity';
import type { ShopAccess, ShopProductRef } from './shop-target';

/** What one web order took from the stock of one product. */
export interface ShopSale {
  readonly ref: ShopProductRef;
  readonly quantity: Quantity;
  /** The order's number, as the shop shows it. */
  readonly order: string;
  /** Epoch ms, by the shop's clock. */
  readonly at: number;
}

/** What web orders took from the stock. */
export interface ShopOrders {
  /**
   * Of the orders that came or changed after `since` (epoch ms by the shop's clock), what they hold of the stock and
   * took since then. `complete` is false when there were more orders than are read.
   */
  salesSince(
    access: ShopAccess,
    since: number,
    signal: AbortSignal,
  ): Promise<{ readonly sales: readonly ShopSale[]; readonly complete: boolean }>;
}
