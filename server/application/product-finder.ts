import { type Failure, failureKind, FailureError } from '../domain/failure';
import type { CatalogStore } from '../domain/ports/catalog';
import type { ShopAccess, ShopProduct, ShopTarget } from '../domain/ports/shop-target';

type Found = ReadonlyMap<string, readonly ShopProduct[]>;

/** Where products are looked for. Each answer is complete: "exactly one" must be proven. Key = as asked. */
export interface ProductFinder {
  byCodes(codes: readonly string[]): Promise<Found>;
  byBarcodes(barcodes: readonly string[]): Promise<Found>;
  /** A Failure where it cannot be complete. */
  byNames(names: readonly string[]): Promise<ReadonlyMap<string, readonly ShopProduct[] | Failure>>;
}

/** Asks the shop itself. */
export const shopFinder = (target: ShopTarget, access: ShopAccess, signal: AbortSignal): ProductFinder => ({
  byCodes: (codes) => target.findByCodes(access, codes, signal),
  byBarcodes: (barcodes) => target.findByBarcodes(access, barcodes, signal),
  byNames: async (names) => {
    const found = new Map<string, readonly ShopProduct[] | Failure>();
    for (const name of names) {
      try {
        found.set(name, await target.findByName(access, name, signal));
      } catch (thrown) {
        if (!(thrown instanceof FailureError) || failureKind(thrown.failure.code).scope === 'shop') throw thrown;
        found.set(name, thrown.failure);
      }
    }
    return found;
  },
});

/** Looks into the mirror of the catalogue: as complete as the mirror is. */
export const catalogueFinder = (
  store: Pick<CatalogStore, 'findByCodes' | 'findByBarcodes' | 'findByNames'>,
  shopId: number,
): ProductFinder => ({
  byCodes: (codes) => store.findByCodes(shopId, codes),
  byBarcodes: (barcodes) => store.findByBarcodes(shopId, barcodes),
  byNames: (names) => store.findByNames(shopId, names),
});

/**
 * For whoever is about to write: codes are asked for at the shop, whose own collation decides and which costs a call a
 * hundred; barcodes and names, which cost the shop far more, are looked for in the mirror when that is up to date. What
 * the mirror found is in `mirrored`: the shop has not shown it yet.
 */
export function thriftyFinder(
  shop: ProductFinder,
  catalogue: ProductFinder,
  isUpToDate: () => Promise<boolean>,
): ProductFinder & { readonly mirrored: ReadonlySet<ShopProduct> } {
  const mirrored = new Set<ShopProduct>();
  let upToDate: Promise<boolean> | null = null;
  const chosen = async (): Promise<ProductFinder> => ((await (upToDate ??= isUpToDate())) ? catalogue : shop);
  const note = <Answer extends readonly ShopProduct[] | Failure>(
    finder: ProductFinder,
    found: ReadonlyMap<string, Answer>,
  ): ReadonlyMap<string, Answer> => {
    if (finder === catalogue) {
      for (const answer of found.values()) if (Array.isArray(answer)) for (const each of answer) mirrored.add(each);
    }
    return found;
  };
  return {
    mirrored,
    byCodes: (codes) => shop.byCodes(codes),
    byBarcodes: async (barcodes) => {
      const finder = await chosen();
      return note(finder, await finder.byBarcodes(barcodes));
    },
    byNames: async (names) => {
      const finder = await chosen();
      return note(finder, await finder.byNames(names));
    },
  };
}
