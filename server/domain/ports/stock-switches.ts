import type { Page, PageRequest } from '../page';
import type { ShopProductRef } from './shop-target';

/** A product whose stock management was off until we switched it on. */
export interface StockSwitch {
  readonly id: number;
  readonly itemId: number;
  readonly ref: ShopProductRef;
  /** What the source calls it. */
  readonly label: string;
  readonly switchedAt: number;
  /** When switching it off again was asked for; null = it was not. */
  readonly undoAt: number | null;
}

export interface StockSwitchStore {
  list(connectionId: number, request: PageRequest): Promise<Page<StockSwitch>>;
  count(connectionId: number): Promise<number>;
  /** Asks for all of the connection's to be switched off again; answers how many. */
  askUndo(connectionId: number, at: number): Promise<number>;
  /** Those of the shop that are to be switched off by now, the oldest first. */
  toUndo(shopId: number, at: number, limit: number): Promise<readonly StockSwitch[]>;
  /** After a failure. */
  postponeUndo(shopId: number, until: number): Promise<void>;
  /** The shop has them off again, or no longer has them. */
  forget(ids: readonly number[]): Promise<void>;
}
