import { decodeHTML } from 'entities';
import { z } from 'zod';
import type { CatalogProduct } from '../../domain/ports/shop-catalogue';
import type { ShopProduct } from '../../domain/ports/shop-target';
import { PRODUCT_FIELDS, shopProduct, shopVariation, wooVariation } from './shop-product';

/** An entry of any list or a webhook's product. Variations have no categories, older versions' variations no name. */
export const wooCatalogueEntry = wooVariation.extend({
  categories: z
    .array(z.object({ id: z.number().int().positive().max(Number.MAX_SAFE_INTEGER), name: z.string().optional() }))
    .optional()
    .catch(undefined),
  date_modified_gmt: z.string().nullish().catch(null),
});

export type WooCatalogueEntry = z.infer<typeof wooCatalogueEntry>;

const MIRRORED_FIELDS = `${PRODUCT_FIELDS},date_modified_gmt`;
export const CATALOGUE_FIELDS = {
  products: `${MIRRORED_FIELDS},categories`,
  variations: `${MIRRORED_FIELDS},attributes`,
} as const;

/** Epoch ms of a date the shop gives in UTC and without saying so. */
export function modifiedAt({ date_modified_gmt: text }: WooCatalogueEntry): number | null {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text ?? '') ? Date.parse(`${text}Z`) : NaN;
  return Number.isNaN(time) ? null : time;
}

const withCatalogue = (product: ShopProduct, entry: WooCatalogueEntry): CatalogProduct => ({
  ...product,
  categories: (entry.categories ?? []).map(({ id, name }) => ({ id, name: decodeHTML(name ?? '') })),
  modifiedAt: modifiedAt(entry),
});

export const catalogProduct = (entry: WooCatalogueEntry): CatalogProduct => withCatalogue(shopProduct(entry), entry);

/** An entry of a variation route, which in older versions does not say whose variations it lists. */
export const catalogVariation = (entry: WooCatalogueEntry, parentId: number): CatalogProduct =>
  withCatalogue(shopVariation(entry, parentId, null), entry);
