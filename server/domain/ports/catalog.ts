import type { Failure } from '../failure';
import type { Page, PageRequest } from '../page';
import type { CatalogProduct, CataloguePage, ShopCategory } from './shop-catalogue';
import type { ShopProduct, ShopProductRef } from './shop-target';

/** full: the whole catalogue, which also tells what is gone; changes: what the shop changed since the last walk. */
export type CatalogWalk = 'full' | 'changes';

/** How far the mirror of one shop's catalogue is. */
export interface CatalogState {
  readonly shopId: number;
  /** The walk under way; null = none. */
  readonly walk: CatalogWalk | null;
  /** Where it goes on, as the shop side gave it; null = at its begin. */
  readonly position: string | null;
  readonly done: number;
  readonly total: number | null;
  readonly walkBeganAt: number | null;
  /** What the shop's own clock showed when the walk under way began. */
  readonly walkBeganShopTime: number | null;
  /** From where (by the shop's clock) the next walk through the changes begins. */
  readonly changedSince: number | null;
  /** The same where the shop counts its changes; null where it does not, or never did. */
  readonly changedMark: string | null;
  /** When the last full walk ended; null = the mirror was never complete, and nothing may be concluded from it. */
  readonly loadedAt: number | null;
  /** When the last walk of either kind ended. */
  readonly refreshedAt: number | null;
  readonly dueAt: number | null;
  readonly fullDueAt: number | null;
  /** Why the walk is held up; null = it is not. */
  readonly failure: Failure | null;
}

export interface CatalogEntry {
  readonly id: number;
  readonly product: CatalogProduct;
}

/** What a page brought that others may have to act on. */
export interface PageKept {
  /**
   * Entries that were known as something else: another SKU, name, GTIN, status, type or owner of the stock, or other
   * backorders or categories, which the number depends on.
   */
  readonly changed: readonly ShopProductRef[];
  /** Entries that are new, or bear a SKU, GTIN or name they did not bear before. */
  readonly appeared: readonly CatalogProduct[];
}

/** How the mirror is kept in step with the whole of a catalogue, page by page. */
export interface CatalogWalks {
  state(shopId: number): Promise<CatalogState | null>;
  count(shopId: number): Promise<number>;
  /** Asks for a walk as soon as the shop's lane has time; a shop without a mirror gets one. */
  request(shopId: number, walk: CatalogWalk, at: number): Promise<void>;
  /** Does nothing while a walk is under way. */
  beginWalk(shopId: number, walk: CatalogWalk, at: number): Promise<void>;
  /** Keeps a page and how far the walk is, together; null when the walk is no longer where this page begins. */
  keepPage(state: CatalogState, page: CataloguePage, at: number): Promise<PageKept | null>;
  /** Ends the walk; a full one removes what it has not met, and tells what that was. */
  endWalk(
    state: CatalogState,
    next: Pick<CatalogState, 'changedSince' | 'dueAt' | 'fullDueAt'> & { readonly changedMark?: string | undefined },
    at: number,
  ): Promise<readonly ShopProductRef[]>;
  /** Puts off what is due, after a failure. */
  postpone(shopId: number, failure: Failure, dueAt: number): Promise<void>;
}

/** What became known of single products between two walks. */
export interface CatalogEntries {
  /** What a webhook told; left alone when it is older than what is known. */
  keepChanged(shopId: number, product: CatalogProduct, at: number): Promise<PageKept>;
  /** By the product's or the variation's own id; tells what was removed. */
  keepDeleted(shopId: number, id: number): Promise<readonly ShopProductRef[]>;
  /**
   * What the shop showed while we read or wrote; tells which turned out others than they were known as. Entries that
   * are not mirrored yet are left to the next walk.
   */
  keepSeen(shopId: number, seen: readonly ShopProduct[], at: number): Promise<readonly ShopProductRef[]>;
}

/** What the mirror knows, found by what somebody calls it. */
export interface CatalogSearch {
  /** Keyed by what was asked. Products that the shop would confuse are all there. */
  findByCodes(shopId: number, codes: readonly string[]): Promise<ReadonlyMap<string, readonly CatalogProduct[]>>;
  findByBarcodes(shopId: number, barcodes: readonly string[]): Promise<ReadonlyMap<string, readonly CatalogProduct[]>>;
  findByNames(shopId: number, names: readonly string[]): Promise<ReadonlyMap<string, readonly CatalogProduct[]>>;
  /** Entries that share a word with these words, those that share the rarest first. */
  findByWords(shopId: number, words: readonly string[], most: number): Promise<readonly CatalogProduct[]>;
  find(shopId: number, refs: readonly ShopProductRef[]): Promise<readonly CatalogEntry[]>;
  /** Looks into SKU, GTIN and name. */
  search(shopId: number, text: string, request: PageRequest): Promise<Page<CatalogEntry>>;
  categories(shopId: number): Promise<readonly ShopCategory[]>;
  /** Entries whose stock nobody keeps, among those that items are linked to: the number would be ignored. */
  countUnmanaged(shopId: number): Promise<{ readonly linked: number; readonly unmanaged: number }>;
}

/** The mirror of the shops' catalogues: what is matched against, and never what is believed when a number is written. */
export interface CatalogStore extends CatalogWalks, CatalogEntries, CatalogSearch {}
