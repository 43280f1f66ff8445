import type { ShopAccess, ShopProduct } from './shop-target';

export interface ShopCategory {
  readonly id: number;
  readonly name: string;
}

/** A product as the mirror of the catalogue keeps it: more than it takes to write to it. */
export interface CatalogProduct extends ShopProduct {
  /** Empty for a variation: its parent has them. */
  readonly categories: readonly ShopCategory[];
  /** When the shop last changed it (epoch ms by the shop's clock, to the second); null where it does not say. */
  readonly modifiedAt: number | null;
}

/** One step of a walk through the catalogue. */
export interface CataloguePage {
  /**
   * The name of a variation is only its own part ("S") here, and its SKU may be its parent's: the list that shows
   * variations does not tell the parent's name.
   */
  readonly products: readonly CatalogProduct[];
  /** Where to go on, to be handed back as it is, also after a restart; null at the end. */
  readonly next: string | null;
  /** Entries read so far in this walk and entries there are in all, as far as the shop tells. */
  readonly done: number;
  readonly total: number | null;
  /** The shop's clock when it answered the first call of this step (epoch ms); null where it does not say. */
  readonly shopTime: number | null;
  /** From where the shop counts the changes after this walk; missing where it does not count them. */
  readonly mark?: string;
  /** Products and variations that the shop knows to be gone, in a walk through what was changed. */
  readonly removed?: readonly number[];
}

/**
 * The shop's whole catalogue, read a few calls at a time. A step throws a FailureError of the closed list when a call
 * fails; the walk then goes on from the same cursor.
 */
export interface ShopCatalogue {
  /**
   * Every product and variation that is not in the trash, in the order of their ids, drafts and private ones too. What
   * is removed in the shop while the walk is under way must not make it skip anything else.
   */
  list(access: ShopAccess, cursor: string | null, signal: AbortSignal): Promise<CataloguePage>;
  /**
   * What the shop changed or created at or after `since` (epoch ms by the shop's clock), or after `mark`, where a former
   * walk told one that still counts. Deletions are told only by a shop that counts its changes.
   */
  listChanged(
    access: ShopAccess,
    since: number,
    cursor: string | null,
    signal: AbortSignal,
    mark?: string | null,
  ): Promise<CataloguePage>;
}
