import { decodeHTML } from 'entities';
import { z } from 'zod';
import type { ShopProduct, ShopProductRef, ShopProductType, StockOwner } from '../../domain/ports/shop-target';
import { type Quantity, quantityFromJsonNumber, quantityFromText } from '../../domain/quantity';

const productId = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);

/** What we ask of a product and take from any answer that holds one. Plugins add keys; those are not ours. */
export const wooProduct = z.object({
  id: productId,
  parent_id: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).optional(),
  type: z.string().optional(),
  status: z.string().optional(),
  name: z.string().optional(),
  sku: z.string().nullish(),
  /** Missing where the version has no GTINs, and then its filter does not exist either. */
  global_unique_id: z.string().nullish(),
  manage_stock: z.union([z.boolean(), z.literal('parent')]).optional(),
  stock_quantity: z.union([z.number(), z.string()]).nullish(),
  stock_status: z.string().optional(),
  backorders: z.string().nullish(),
  /** Added by translation plugins: an object of language to id, or an empty list. */
  translations: z.unknown().optional(),
});

export type WooProduct = z.infer<typeof wooProduct>;

/** Variation routes say neither type nor, in older versions, the parent; the route itself does. */
export const wooVariation = wooProduct.extend({
  attributes: z.array(z.object({ option: z.string().optional() })).optional(),
});

export type WooVariation = z.infer<typeof wooVariation>;

export const PRODUCT_FIELDS =
  'id,parent_id,type,status,name,sku,global_unique_id,manage_stock,stock_quantity,stock_status,backorders,lang,translations';

export const VARIATION_FIELDS = `${PRODUCT_FIELDS},attributes`;

const KNOWN_TYPES: Readonly<Record<string, ShopProductType>> = {
  simple: 'simple',
  variation: 'variation',
  variable: 'variable',
  grouped: 'grouped',
  external: 'external',
};

const productType = (type: string | undefined): ShopProductType => KNOWN_TYPES[type ?? 'simple'] ?? 'other';

function stockOwner(manageStock: WooProduct['manage_stock']): StockOwner {
  if (manageStock === 'parent') return 'parent';
  return manageStock === true ? 'self' : 'nobody';
}

/** A number the shop holds but nobody could mean (over 12 digits) is shown as none, so that it is written anew. */
function shownQuantity(product: WooProduct): Quantity | null {
  const shown = product.stock_quantity;
  if (shown === null || shown === undefined || stockOwner(product.manage_stock) === 'nobody') return null;
  const reading = typeof shown === 'number' ? quantityFromJsonNumber(String(shown)) : quantityFromText(shown);
  return reading.ok ? reading.quantity : null;
}

const translationIds = z.record(z.string(), z.unknown());

/** Ids come as numbers or as text; a language without a translation as 0, null or not at all. */
function translationsOf({ id, translations }: WooProduct): number[] {
  const read = translationIds.safeParse(translations);
  if (!read.success) return [];
  const ids = Object.values(read.data)
    .map((each) => (typeof each === 'string' && /^\d+$/.test(each) ? Number(each) : each))
    .filter((each): each is number => productId.safeParse(each).success);
  return ids.length === 0 ? [] : [...new Set([id, ...ids])].sort((a, b) => a - b);
}

const refOf = (product: WooProduct): ShopProductRef =>
  product.type === 'variation' && product.parent_id !== undefined && product.parent_id > 0
    ? { productId: product.parent_id, variationId: product.id }
    : { productId: product.id, variationId: null };

/** An entry of a product list, or one product, or one item of a product batch. */
export function shopProduct(product: WooProduct, ref: ShopProductRef = refOf(product)): ShopProduct {
  return {
    ref,
    type: ref.variationId === null ? productType(product.type) : 'variation',
    sku: decodeHTML(product.sku ?? ''),
    name: decodeHTML(product.name ?? ''),
    gtin: product.global_unique_id || null,
    status: product.status ?? 'publish',
    stockOwner: stockOwner(product.manage_stock),
    quantity: shownQuantity(product),
    stockStatus: product.stock_status ?? '',
    backorders: product.backorders === 'yes' || product.backorders === 'notify',
    translations: translationsOf(product),
  };
}

/** What distinguishes a variation from its siblings ("S", "Red, Large"). */
const variationPart = (variation: WooVariation): string =>
  variation.name ??
  (variation.attributes ?? [])
    .map((attribute) => attribute.option ?? '')
    .filter((option) => option !== '')
    .join(', ');

/** An entry of a variation route, whose name is only its own part; the product lists show "Parent - S". */
export function shopVariation(variation: WooVariation, parentId: number, parentName: string | null): ShopProduct {
  const part = variationPart(variation);
  const name = parentName === null || part === '' ? (parentName ?? part) : `${parentName} - ${part}`;
  return shopProduct({ ...variation, name }, { productId: parentId, variationId: variation.id });
}
