import type { Failure } from '../failure';
import type { ReleaseReason } from '../order-rule';
import type { Quantity } from '../quantity';
import type { OrderLedgerViews } from './order-views';
import type { ShopOrder } from './shop-orders';
import type { ShopProductRef } from './shop-target';

/** How an order became known to us. */
export const HEARD_BY = ['webhook', 'poll', 'bridge'] as const;
export type HeardBy = (typeof HEARD_BY)[number];

/** How far the orders of a shop are known. `readTo` and `beganAt` are by the shop's clock, the others by ours. */
export interface LedgerState {
  readonly shopId: number;
  /** Orders that took their pieces before are not counted: the shop's number had them in when we first looked. */
  readonly beganAt: number;
  readonly readTo: number;
  readonly polledAt: number | null;
  readonly dueAt: number;
  readonly failure: Failure | null;
  /** When a webhook last told of an order, and how long after the order changed. */
  readonly heardAt: number | null;
  readonly lagMs: number | null;
}

/** A line of an order with what one source does not know of it. */
export interface LedgerLine {
  readonly id: number;
  readonly connectionId: number;
  readonly orderId: number;
  readonly number: string;
  readonly ref: ShopProductRef;
  readonly held: Quantity;
  readonly released: Quantity;
  readonly placedAt: number | null;
}

/** Products, with their translations, that one connection asks for. */
export interface UnseenAsked {
  readonly id: number;
  readonly connectionId: number;
  readonly refs: readonly ShopProductRef[];
}

/** What a source came to know of a line. */
export interface Release {
  readonly connectionId: number;
  readonly lineId: number;
  /** All that it knows of by now, not what was added. */
  readonly quantity: Quantity;
  readonly reason: ReleaseReason;
  readonly by: string | null;
}

export interface LevelFall {
  readonly id: number;
  readonly connectionId: number;
  readonly sourceProductId: number;
  /** In pieces of the shop. */
  readonly quantity: Quantity;
  readonly fellAt: number;
}

/** What web orders hold of the stock, and how much of it each source knows of. */
export interface OrderLedgerStore extends OrderLedgerViews {
  state(shopId: number): Promise<LedgerState | null>;
  begin(shopId: number, shopTime: number, dueAt: number): Promise<void>;
  noteRead(shopId: number, readTo: number, at: number, dueAt: number): Promise<void>;
  postpone(shopId: number, failure: Failure, dueAt: number): Promise<void>;
  noteGone(shopId: number, orderId: number, at: number): Promise<void>;
  noteHeard(shopId: number, lagMs: number, at: number): Promise<void>;
  /**
   * Keeps orders as the shop shows them now; an older state than is known changes nothing. Answers the products whose
   * stock they hold otherwise than before, and the rows they are kept in.
   */
  keep(
    shopId: number,
    orders: readonly ShopOrder[],
    heardBy: HeardBy,
    at: number,
  ): Promise<{
    readonly changed: readonly ShopProductRef[];
    readonly kept: readonly { readonly id: number; readonly order: ShopOrder }[];
  }>;
  /** What sources of this shop that web orders are counted for do not know of these orders. */
  openLinesOf(webOrderIds: readonly number[]): Promise<readonly LedgerLine[]>;
  /** What orders took from these products and the connection's source does not know of, by who asked; the oldest first. */
  openLines(asked: readonly UnseenAsked[]): Promise<ReadonlyMap<number, readonly LedgerLine[]>>;
  /** What the connection's source does not know of orders from before then; some of it where there is very much. */
  openPlacedBefore(connectionId: number, before: number): Promise<readonly LedgerLine[]>;
  release(releases: readonly Release[], at: number): Promise<void>;
  /** A level fell by so many pieces that no order we know of explains. */
  keepFalls(falls: readonly Omit<LevelFall, 'id'>[]): Promise<void>;
  /** Falls of this product since then, the oldest first. */
  falls(connectionId: number, sourceProductId: number, since: number): Promise<readonly LevelFall[]>;
  /** An order explains a part of a fall after all: so much is left of it. */
  leaveOfFall(id: number, quantity: Quantity): Promise<void>;
  /** Orders from before then of which no source that is counted for has anything to learn; at most so many at once. */
  removeKnownBefore(before: number, limit: number): Promise<number>;
  removeFallsBefore(before: number): Promise<number>;
  /** These may be unknown again: what is passed by as known is looked at anew. */
  doubtOrders(webOrderIds: readonly number[]): Promise<void>;
  doubtOrdersOf(shopId: number): Promise<void>;
  /**
   * Passes by what every source that is counted for knows all of, among so many orders after this one; whoever looks for
   * unknown orders reads only the others. Answers where to go on, null at the end.
   */
  passByKnown(after: number, limit: number): Promise<number | null>;
}
