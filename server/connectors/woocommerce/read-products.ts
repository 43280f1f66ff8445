import { z } from 'zod';
import { refKey } from '../../domain/batch-plan';
import type { ShopAccess, ShopProduct, ShopProductRef, ShopReadAnswer } from '../../domain/ports/shop-target';
import { LARGEST_PAGE, listProducts } from './product-list';
import {
  PRODUCT_FIELDS,
  shopProduct,
  shopVariation,
  VARIATION_FIELDS,
  type WooVariation,
  wooProduct,
  wooVariation,
} from './shop-product';
import { isMissing, type WooApi } from './woo-api';

const variationList = z.array(wooVariation);

/** What the shop shows of each ref now. What its lists leave out is asked for one by one: in the trash, or gone. */
export async function readProducts(
  api: WooApi,
  access: ShopAccess,
  refs: readonly ShopProductRef[],
  signal: AbortSignal,
): Promise<readonly ShopReadAnswer[]> {
  const seen = new Map<string, ShopProduct>();
  const remember = (product: ShopProduct): void => void seen.set(refKey(product.ref), product);
  const variations = refs.filter((ref) => ref.variationId !== null);
  const productIds = new Set(refs.map((ref) => ref.productId));
  // Parents are read along with the products: a variation is called by its parent's name and its own.
  for (const product of await readByIds(api, access, [...productIds], signal)) remember(product);
  for (const variation of await readVariations(api, access, variations, seen, signal)) remember(variation);

  const answers: ShopReadAnswer[] = [];
  for (const ref of refs) {
    const product = seen.get(refKey(ref)) ?? (await readOne(api, access, ref, signal));
    answers.push(product === null ? { ref, kind: 'gone' } : { ref, kind: 'found', product });
  }
  return answers;
}

async function readByIds(
  api: WooApi,
  access: ShopAccess,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<ShopProduct[]> {
  const products: ShopProduct[] = [];
  for (const some of inHundreds(ids)) {
    const listing = await listProducts(api, access, { include: some.join(',') }, 1, signal);
    products.push(...listing.products.map((product) => shopProduct(product)));
  }
  return products;
}

async function readVariations(
  api: WooApi,
  access: ShopAccess,
  refs: readonly ShopProductRef[],
  parents: ReadonlyMap<string, ShopProduct>,
  signal: AbortSignal,
): Promise<ShopProduct[]> {
  const asked = new Map(refs.flatMap((ref) => (ref.variationId === null ? [] : [[ref.variationId, ref.productId]])));
  const nameOf = (parentId: number): string | null =>
    parents.get(refKey({ productId: parentId, variationId: null }))?.name ?? null;
  const found = await readVariationsOfAnyParent(api, access, asked, signal);
  return found.flatMap(({ variation, parentId }) =>
    asked.get(variation.id) === parentId ? [shopVariation(variation, parentId, nameOf(parentId))] : [],
  );
}

interface FoundVariation {
  readonly variation: WooVariation;
  readonly parentId: number;
}

/** Newer versions list variations of all parents together; older ones parent by parent. */
async function readVariationsOfAnyParent(
  api: WooApi,
  access: ShopAccess,
  asked: ReadonlyMap<number, number>,
  signal: AbortSignal,
): Promise<FoundVariation[]> {
  const parents = new Set(asked.values());
  const found: FoundVariation[] = [];
  if (parents.size > 1) {
    try {
      for (const ids of inHundreds([...asked.keys()])) {
        const reply = await api.call({
          access,
          method: 'GET',
          route: '/wc/v3/variations',
          query: { include: ids.join(','), per_page: String(LARGEST_PAGE), _fields: VARIATION_FIELDS },
          shape: variationList,
          signal,
        });
        found.push(...reply.data.map((variation) => ({ variation, parentId: variation.parent_id ?? 0 })));
      }
      return found;
    } catch (thrown) {
      if (!isMissing(thrown, 'rest_no_route')) throw thrown;
    }
  }
  for (const parentId of parents) {
    const ids = [...asked].flatMap(([id, parent]) => (parent === parentId ? [id] : []));
    const variations = await listVariations(api, access, parentId, ids, signal);
    found.push(...variations.map((variation) => ({ variation, parentId })));
  }
  return found;
}

/** The variations of one parent: those asked for, or all of them. */
export async function listVariations(
  api: WooApi,
  access: ShopAccess,
  parentId: number,
  ids: readonly number[] | null,
  signal: AbortSignal,
): Promise<WooVariation[]> {
  const page = async (filter: Record<string, string>): Promise<WooVariation[]> => {
    const reply = await api.call({
      access,
      method: 'GET',
      route: `/wc/v3/products/${parentId}/variations`,
      query: { ...filter, per_page: String(LARGEST_PAGE), orderby: 'id', order: 'asc', _fields: VARIATION_FIELDS },
      shape: variationList,
      signal,
    });
    return reply.data;
  };
  const variations: WooVariation[] = [];
  if (ids !== null) {
    for (const some of inHundreds(ids)) variations.push(...(await page({ include: some.join(',') })));
    return variations;
  }
  for (let number = 1; ; number += 1) {
    const some = await page({ page: String(number) });
    variations.push(...some);
    if (some.length < LARGEST_PAGE) return variations;
  }
}

/** The proof for one that no list showed: WooCommerce shows it when asked by its id, in the trash or not, or says 404. */
async function readOne(
  api: WooApi,
  access: ShopAccess,
  ref: ShopProductRef,
  signal: AbortSignal,
): Promise<ShopProduct | null> {
  try {
    const reply = await api.call({
      access,
      method: 'GET',
      route: `/wc/v3/products/${ref.variationId ?? ref.productId}`,
      query: { _fields: PRODUCT_FIELDS },
      shape: wooProduct,
      signal,
    });
    const product = shopProduct(reply.data);
    return refKey(product.ref) === refKey(ref) ? product : null;
  } catch (thrown) {
    if (isMissing(thrown, 'woocommerce_rest_product_invalid_id')) return null;
    throw thrown;
  }
}

function inHundreds<Item>(items: readonly Item[]): Item[][] {
  const hundreds: Item[][] = [];
  for (let start = 0; start < items.length; start += LARGEST_PAGE) {
    hundreds.push(items.slice(start, start + LARGEST_PAGE));
  }
  return hundreds;
}
