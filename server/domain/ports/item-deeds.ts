import type { ProductLink } from './sync-items';

/** What a person did to many items at once, for as long as it can be taken back. */
export interface ItemDeed {
  readonly id: number;
  readonly action: string;
  readonly madeAt: number;
  readonly undoneAt: number | null;
}

/** An item the deed has changed, with the link that it lost. */
export interface DeedItem {
  readonly itemId: number;
  readonly link: ProductLink | null;
}

export interface ItemDeedStore {
  begin(action: string, by: string, at: number): Promise<number>;
  /** These were changed by the deed; asked right after the step that says so was recorded. */
  keep(deedId: number, items: readonly DeedItem[]): Promise<void>;
  find(id: number): Promise<ItemDeed | null>;
  /** False when it was taken back already. */
  markUndone(id: number, at: number): Promise<boolean>;
  /** Items of the deed after this one, each with whether a person has changed it since. */
  items(deedId: number, afterId: number, limit: number): Promise<readonly (DeedItem & { readonly touched: boolean })[]>;
  removeBefore(before: number, limit: number): Promise<number>;
}
