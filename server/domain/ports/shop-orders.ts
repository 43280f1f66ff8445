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

/** One line of an order, with what it holds of the stock now: what was given back is held no more. */
export interface ShopOrderLine {
  readonly lineId: number;
  /**
   * As the order says it: whether a variation's stock is its parent's it does not tell. Of a product that was deleted
   * since then it says nothing (null), of such a variation only its parent.
   */
  readonly ref: ShopProductRef | null;
  readonly held: Quantity;
}

/** An order as the shop shows it now. Times are epoch ms by the shop's clock, which tells seconds. */
export interface ShopOrder {
  readonly orderId: number;
  /** As the shop shows it to people. */
  readonly number: string;
  readonly status: string;
  readonly placedAt: number | null;
  /** An order that waited for its payment may have taken its pieces only then. */
  readonly paidAt: number | null;
  readonly modifiedAt: number;
  /** In the trash, where it keeps what it took. */
  readonly isGone: boolean;
  /** Those of the keys asked for that it bears with a value. */
  readonly keys: readonly string[];
  readonly lines: readonly ShopOrderLine[];
}

/**
 * Which orders are asked for: those the shop lists, of these only such as may still take or give back pieces, or those
 * that were thrown away, which it lists apart.
 */
export type OrdersAsked = 'listed' | 'unsettled' | 'thrown_away';

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
  /**
   * The orders that came or changed after `since` (epoch ms by the shop's clock), those that changed first coming first.
   * `complete` is false when there were more than are read at once: ask again from the last one's time. `shopTime` is
   * the shop's clock as it began to answer.
   */
  changedSince(
    access: ShopAccess,
    since: number,
    keys: readonly string[],
    signal: AbortSignal,
    asked: OrdersAsked,
  ): Promise<{ readonly orders: readonly ShopOrder[]; readonly complete: boolean; readonly shopTime: number }>;
}
