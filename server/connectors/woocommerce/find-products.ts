import { refKey } from '../../domain/batch-plan';
import { decodeHTML } from 'entities';
import { failure, FailureError } from '../../domain/failure';
import { barcodeKey, gtin14, gtinSpellings } from '../../domain/gtin';
import { foldCode, normaliseName } from '../../domain/matching';
import type { ShopAccess, ShopProduct } from '../../domain/ports/shop-target';
import { codesToAsk, listValue, survivingPart } from './code-lists';
import { ignoredFilter, LARGEST_PAGE, listProducts } from './product-list';
import { listVariations } from './read-products';
import { shopProduct, shopVariation } from './shop-product';
import type { WooApi } from './woo-api';

/** A list of 100 codes may find more than 100 products (translations, spellings), but not ten times as many. */
const MOST_PAGES_BY_CODE = 10;
const MOST_PAGES_BY_PART = 3;
const MOST_PAGES_BY_NAME = 5;

type Found = ReadonlyMap<string, readonly ShopProduct[]>;

/** Drafts and private products are found like published ones; the trash never is. */
export async function findByCodes(
  api: WooApi,
  access: ShopAccess,
  codes: readonly string[],
  signal: AbortSignal,
): Promise<Found> {
  const seen = await searchBySku(api, access, codes, signal);
  return byKeys(codes, seen, foldCode, (product) => [product.sku]);
}

async function searchBySku(
  api: WooApi,
  access: ShopAccess,
  codes: readonly string[],
  signal: AbortSignal,
): Promise<ShopProduct[]> {
  const { lists, alone, byPart } = codesToAsk(codes);
  const seen: ShopProduct[] = [];
  for (const list of [...lists, ...alone.map((code) => [code])]) {
    const filter = { sku: listValue(list) };
    const listing = await listProducts(api, access, filter, MOST_PAGES_BY_CODE, signal);
    if (!listing.complete) throw ignoredFilter('sku');
    seen.push(...listing.products.map((product) => shopProduct(product)));
  }
  for (const code of byPart) seen.push(...(await searchByPart(api, access, code, signal)));
  return seen;
}

/** Such a code came into the shop past its own forms. What cannot be searched for in reason counts as not there. */
async function searchByPart(
  api: WooApi,
  access: ShopAccess,
  code: string,
  signal: AbortSignal,
): Promise<ShopProduct[]> {
  const part = survivingPart(code);
  if (part === '') return [];
  const listing = await listProducts(api, access, { search_sku: part }, MOST_PAGES_BY_PART, signal);
  return listing.complete ? listing.products.map((product) => shopProduct(product)) : [];
}

/**
 * Barcodes stand in the field made for them, or were typed in as the SKU. The shop compares them as text, so one number
 * is asked for in every length it can be written with.
 */
export async function findByBarcodes(
  api: WooApi,
  access: ShopAccess,
  barcodes: readonly string[],
  signal: AbortSignal,
): Promise<Found> {
  const spellings = [...new Set(barcodes.flatMap(spellingsOf))];
  const seen = await searchBySku(api, access, spellings, signal);
  for (const list of codesToAsk(spellings).lists) {
    const filter = { global_unique_id: listValue(list) };
    const listing = await listProducts(api, access, filter, MOST_PAGES_BY_CODE, signal);
    // Versions without the field ignore the filter and list everything: nothing there has a barcode of its own.
    if (listing.products.some((product) => product.global_unique_id === undefined)) break;
    if (!listing.complete) throw ignoredFilter('global_unique_id');
    seen.push(...listing.products.map((product) => shopProduct(product)));
  }
  return byKeys(barcodes, seen, barcodeKey, (product) => [product.gtin ?? '', product.sku]);
}

function spellingsOf(barcode: string): string[] {
  const gtin = gtin14(barcode);
  return gtin === null ? [barcode] : [barcode, ...gtinSpellings(gtin)];
}

/** Hands each product to every code it could be meant by; the shop confuses codes that fold to one. */
function byKeys(
  asked: readonly string[],
  seen: readonly ShopProduct[],
  keyOf: (code: string) => string,
  codesOf: (product: ShopProduct) => readonly string[],
): Found {
  const byKey = new Map<string, Map<string, ShopProduct>>();
  for (const product of seen) {
    for (const key of new Set(codesOf(product).map(keyOf))) {
      const alike = byKey.get(key) ?? new Map<string, ShopProduct>();
      byKey.set(key, alike.set(refKey(product.ref), product));
    }
  }
  byKey.delete('');
  return new Map(asked.map((code) => [code, [...(byKey.get(keyOf(code))?.values() ?? [])]]));
}

const MOST_WORDS = 8;
/** Letters whose plain form is written with two: the shop may show either. */
const TWO_LETTER_FORMS = /ss|ae|oe/g;
const NO_SEPARABLE_MARK = /[łøđßæœı]/u;

/**
 * The parts of a name that stand unchanged in every spelling that counts as the same name: whole runs of letters and
 * digits that have no accent, no quote and no dash in them.
 */
export function certainWords(name: string): string[] {
  let plain = '';
  for (const char of normaliseNameKeepingMarks(name)) {
    const certain = /[\p{L}\p{N}]/u.test(char) && char.normalize('NFD') === char && !NO_SEPARABLE_MARK.test(char);
    plain += certain ? char : ' ';
  }
  const words = [...new Set(plain.replace(TWO_LETTER_FORMS, ' ').split(' '))].filter(
    (word) => word !== '' && word !== '0',
  );
  return words.sort((a, b) => b.length - a.length).slice(0, MOST_WORDS);
}

/** Entities decoded as normaliseName does: "&amp;" must not become the word "amp". */
const normaliseNameKeepingMarks = (name: string): string => decodeHTML(name).normalize('NFC').toLowerCase();

/** A word no product has: it makes a shop that knows only the older search find nothing, instead of everything. */
const NO_SUCH_WORD = 'zqxjkvwzqxjkv';

/**
 * Every product and variation that could have this name. "Exactly one" is proven only by a complete list, so one that
 * is too long to read is a failure of its own and not a shorter list.
 */
export async function findByName(
  api: WooApi,
  access: ShopAccess,
  name: string,
  signal: AbortSignal,
): Promise<readonly ShopProduct[]> {
  if (normaliseName(name) === '') return [];
  const words = certainWords(name);
  if (words.length === 0) throw unprovable(name, '?');
  // Newer versions let the first parameter win, older ones know only the second.
  const filter = { search_name_or_sku: words.join(' '), search: NO_SUCH_WORD };
  const listing = await listProducts(api, access, filter, MOST_PAGES_BY_NAME, signal);
  if (!listing.complete) throw unprovable(name, `over ${MOST_PAGES_BY_NAME * LARGEST_PAGE}`);
  if (listing.products.length > 0) return listing.products.map((product) => shopProduct(product));
  return findByNameInOlderShops(api, access, name, signal);
}

/** The older search knows no variations, so those of a product whose name begins the wanted one are read as well. */
async function findByNameInOlderShops(
  api: WooApi,
  access: ShopAccess,
  name: string,
  signal: AbortSignal,
): Promise<readonly ShopProduct[]> {
  const found: ShopProduct[] = [];
  for (const { start, isWhole } of beginnings(name)) {
    const words = certainWords(start);
    if (words.length === 0) throw unprovable(name, '?');
    const listing = await listProducts(api, access, { search: words.join(' ') }, MOST_PAGES_BY_NAME, signal);
    if (!listing.complete) throw unprovable(name, `over ${MOST_PAGES_BY_NAME * LARGEST_PAGE}`);
    const named = listing.products
      .map((product) => shopProduct(product))
      .filter((product) => normaliseName(product.name) === normaliseName(start));
    if (isWhole) found.push(...named);
    else {
      for (const parent of named.filter((product) => product.type === 'variable')) {
        const variations = await listVariations(api, access, parent.ref.productId, null, signal);
        found.push(...variations.map((each) => shopVariation(each, parent.ref.productId, parent.name)));
      }
    }
  }
  return found;
}

/** A name, and what could be its parent's: "Coat - long - S" may be a variation of "Coat" or of "Coat - long". */
function beginnings(name: string): { readonly start: string; readonly isWhole: boolean }[] {
  const parts = name.split(' - ');
  return parts.map((_, index) => ({
    start: parts.slice(0, parts.length - index).join(' - '),
    isWhole: index === 0,
  }));
}

const unprovable = (name: string, count: string): FailureError =>
  new FailureError(failure('name_unprovable', { name, count }));
