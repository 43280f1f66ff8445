import type { Sold } from '../difference';
import type { ShopAccess, ShopProductRef } from './shop-target';

export interface SoldOfProduct extends Sold {
  readonly ref: ShopProductRef;
}

/** What web orders took from the stock. */
export interface ShopOrders {
  /**
   * By product, of the orders that came or changed at or after `since` (epoch ms by the shop's clock) and have taken
   * stock. `complete` is false when there were more orders than are read.
   */
  soldSince(
    access: ShopAccess,
    since: number,
    signal: AbortSignal,
  ): Promise<{ readonly sold: readonly SoldOfProduct[]; readonly complete: boolean }>;
}
