import type { Failure } from '../failure';
import type { SalesInAll } from '../hand-edit';
import type { ReleaseReason } from '../order-rule';
import type { Quantity } from '../quantity';
import type { OrderLedgerViews } from './order-views';
import type { ShopOrder } from './shop-orders';
import type { ShopProductRef } from './shop-target';

/** How an order became known to us. */
export const HEARD_BY = ['webhook', 'poll', 'bridge'] as const;
export type HeardBy = (typeof HEARD_BY)[number];

/** How far the orders of a shop are known. `beganAt`, `readTo` and `thrownAwayTo` are by the shop's clock, the others by ours. */
export interface LedgerState {
  readonly shopId: number;
  /** Orders that took their pieces before are not counted: the shop's number had them in when we first looked. */
  readonly beganAt: number;
  readonly readTo: number;
  /** Those that were thrown away are read apart, and not each time. */
  readonly thrownAwayTo: number;
  readonly polledAt: number | null;
  readonly dueAt: number;
  readonly failure: Failure | null;
  /**
   * When the shop last told of an order by itself, by a webhook or the plugin, and how long after the order changed; no
   * such time when something was found by reading since then that it had not told of.
   */
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
  /** When its order took pieces last, by the shop's clock; null = nobody knows. */
  readonly tookAt: number | null;
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

/** An order as it was just kept. */
export interface KeptOrder {
  readonly id: number;
  readonly order: ShopOrder;
  /** It was not known before. */
  readonly isNew: boolean;
  readonly changed: readonly SalesChange[];
}

/** What an order holds of a product, otherwise than before. */
export interface SalesChange {
  readonly ref: ShopProductRef;
  readonly was: Quantity;
  readonly is: Quantity;
}

/** What web orders hold of the stock, and how much of it each source knows of. */
export interface OrderLedgerStore extends OrderLedgerViews {
  state(shopId: number): Promise<LedgerState | null>;
  begin(shopId: number, shopTime: number, dueAt: number): Promise<void>;
  /** Nobody counts this shop's orders any more: when somebody does again, it begins anew. */
  end(shopId: number): Promise<void>;
  /** From now on these connections' sources know all that is held. */
  knowAll(connectionIds: readonly number[], at: number): Promise<void>;
  /** What is asked for from now on is another reading's. */
  beginReading(shopId: number, began: number): Promise<void>;
  /** A reading that is due after this one began, and sooner than that, stays so. */
  noteRead(shopId: number, readTo: number, began: number, at: number, dueAt: number): Promise<void>;
  noteThrownAwayRead(shopId: number, readTo: number): Promise<void>;
  postpone(shopId: number, failure: Failure, dueAt: number): Promise<void>;
  noteGone(shopId: number, orderId: number, at: number): Promise<void>;
  noteHeard(shopId: number, lagMs: number, at: number): Promise<void>;
  /** The shop did not tell by itself of what reading has found. */
  noteUntold(shopId: number): Promise<void>;
  /** The orders are to be read from then on, however lately they were. */
  askRead(shopId: number, at: number): Promise<void>;
  /**
   * Keeps orders as the shop shows them now; an older state than is known changes nothing. Answers the rows they are
   * kept in, and the products whose stock each holds otherwise than before. Times are told in seconds: a state that was
   * told of the same second as another one that is known may be the older. It is doubted and not kept, unless it is read.
   */
  keep(
    shopId: number,
    orders: readonly ShopOrder[],
    heardBy: HeardBy,
    at: number,
  ): Promise<{ readonly kept: readonly KeptOrder[]; readonly isDoubted: boolean }>;
  /**
   * Waits for whoever changes what orders of these shops hold or what is known of it; in the caller's unit of work, and
   * before it writes anything of items. What was read earlier may be out of date, and a release made by it would call
   * pieces known that were given back meanwhile.
   */
  waitForTurn(shopIds: readonly number[]): Promise<void>;
  /** What sources of this shop that web orders are counted for do not know of these orders. */
  openLinesOf(webOrderIds: readonly number[]): Promise<readonly LedgerLine[]>;
  /** What orders took from these products and the connection's source does not know of, by who asked; the oldest first. */
  openLines(asked: readonly UnseenAsked[]): Promise<ReadonlyMap<number, readonly LedgerLine[]>>;
  /** Adds to what orders ever took of products, and gave back. */
  addSales(shopId: number, changes: readonly SalesChange[]): Promise<void>;
  /** What orders ever took of these products and gave back, by who asked; 0 where there were none. */
  sales(asked: readonly UnseenAsked[]): Promise<ReadonlyMap<number, SalesInAll>>;
  /** What the connection's source does not know of orders from before then; some of it where there is very much. */
  openTakenBefore(connectionId: number, before: number): Promise<readonly LedgerLine[]>;
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
