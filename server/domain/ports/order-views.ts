import type { ReleaseReason } from '../order-rule';
import type { Page, PageRequest } from '../page';
import type { Quantity } from '../quantity';
import type { HeardBy, LedgerState } from './order-ledger';
import type { ShopProductRef } from './shop-target';

/**
 * - open: a source that is counted for does not know all of it
 * - known: it holds something, and every such source knows of it
 * - gone: it was cancelled or came to nothing, or the shop threw it away
 */
export const ORDER_STATES = ['open', 'known', 'gone'] as const;
export type OrderState = (typeof ORDER_STATES)[number];

/** What is left out narrows nothing. */
export interface OrderFilter {
  readonly shopId?: number | undefined;
  /** Orders of its shop, and their state as its source knows them. */
  readonly connectionId?: number | undefined;
  readonly state?: OrderState | undefined;
  /** How the number begins. */
  readonly number?: string | undefined;
  /** The shop's id of a product or variation, or the code by which a source calls it. */
  readonly product?: string | undefined;
  readonly placedFrom?: number | undefined;
  readonly placedBefore?: number | undefined;
  readonly heardBy?: HeardBy | undefined;
  /** Only orders that a level would have written over. */
  readonly saved?: boolean | undefined;
}

export interface LedgerOrder {
  readonly id: number;
  readonly shopId: number;
  readonly orderId: number;
  readonly number: string;
  readonly status: string;
  readonly placedAt: number | null;
  readonly modifiedAt: number;
  readonly heardAt: number;
  readonly heardBy: HeardBy;
  /** When the shop threw it away; what it took stays taken. */
  readonly goneAt: number | null;
  readonly lines: readonly {
    readonly lineId: number;
    readonly ref: ShopProductRef;
    /** As the shop or its mirror calls it; null where neither is known. */
    readonly name: string | null;
    /** The item that keeps its number. */
    readonly itemId: number | null;
    /** The connection that writes it; the others’ sources have nothing of it. */
    readonly connectionId: number | null;
    readonly held: Quantity;
    /** How much of it a level that did not know of it would have written over. */
    readonly saved: Quantity | null;
    readonly releases: readonly {
      readonly connectionId: number;
      readonly quantity: Quantity;
      readonly reason: ReleaseReason;
      readonly by: string | null;
      readonly at: number;
    }[];
  }[];
}

/** What a connection's source does not know of. */
export interface UnknownOrders {
  readonly connectionId: number;
  readonly orders: number;
  readonly oldest: { readonly orderId: number; readonly number: string; readonly placedAt: number };
}

/** Sales that a level which did not know of them would have written over. */
export interface SavedSales {
  readonly orders: number;
  readonly pieces: Quantity;
}

export interface OrderLedgerViews {
  /** Newest first. */
  list(filter: OrderFilter, request: PageRequest): Promise<Page<LedgerOrder>>;
  find(id: number): Promise<LedgerOrder | null>;
  /** Orders of the shop by its own id of them. */
  withOrderId(orderId: number): Promise<readonly LedgerOrder[]>;
  states(): Promise<readonly LedgerState[]>;
  /** Of these connections, those whose source does not know of some order. */
  unknown(connectionIds: readonly number[]): Promise<readonly UnknownOrders[]>;
  /** By shop: of all time, and since then. */
  saved(since: number): Promise<ReadonlyMap<number, { readonly all: SavedSales; readonly lately: SavedSales }>>;
}
