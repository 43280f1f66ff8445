import type { EntityManager } from 'typeorm';
import { refKey } from '../domain/batch-plan';
import { sameCode } from '../domain/matching';
import type { CatalogProduct } from '../domain/ports/shop-catalogue';
import type { ShopProductRef, ShopProductType, StockOwner } from '../domain/ports/shop-target';
import { quantity } from '../domain/quantity';
import { digestOf } from './digests';
import { marks, selectRows, slices } from './statements';
import { numbersIn } from './stored-json';

/** 128 bits: enough that two texts of a catalogue never share one, and half of what an index has to carry. */
const keyOf = (text: string): string => digestOf(text).slice(0, 32);
export const keyOrNull = (text: string): string | null => (text === '' ? null : keyOf(text));

export const LONGEST_WORD = 40;

export const SELECTED = `e.id AS id, e.product_id AS productId, e.variation_id AS variationId, e.type AS type, e.sku AS sku,
  e.gtin AS gtin, e.name AS name, e.status AS status, e.stock_owner AS stockOwner, e.quantity AS quantity,
  e.stock_status AS stockStatus, e.backorders AS backorders, e.translations AS translations,
  e.categories AS categories, e.modified_at AS modifiedAt, e.seen_pass AS seenPass`;

export interface EntryRow {
  id: number;
  productId: number;
  variationId: number;
  type: string;
  sku: string;
  gtin: string | null;
  name: string;
  status: string;
  stockOwner: string;
  quantity: string | null;
  stockStatus: string;
  backorders: number | boolean;
  translations: string | null;
  categories: string | null;
  modifiedAt: number | null;
  seenPass: number;
}

const TYPES: readonly string[] = [
  'simple',
  'variation',
  'variable',
  'grouped',
  'external',
  'other',
] satisfies ShopProductType[];
const OWNERS: readonly string[] = ['self', 'parent', 'nobody'] satisfies StockOwner[];
const isType = (text: string): text is ShopProductType => TYPES.includes(text);
const isOwner = (text: string): text is StockOwner => OWNERS.includes(text);

/** As the column holds it: half a character, where a text is cut or came in half, would come back as another. */
export const cut = (text: string, length: number): string => text.slice(0, length).replace(/\p{Cs}/gu, '\uFFFD');
/** The shop's own words; a plugin may have some that are no ASCII, and a page must not fail over one of them. */
const word = (text: string): string => cut(text, 20).replace(/[^\x20-\x7e]/g, '?');

/** A product as it is stored, so that one that was stored before is not taken for another. */
export const storedForm = (product: CatalogProduct): CatalogProduct => ({
  ...product,
  sku: cut(product.sku, 200),
  gtin: product.gtin === null ? null : cut(product.gtin, 100),
  name: cut(product.name, 500),
  status: word(product.status),
  stockStatus: word(product.stockStatus),
});

export const numbersText = (numbers: readonly number[]): string | null =>
  numbers.length === 0 ? null : JSON.stringify(numbers);

export const refOf = ({ productId, variationId }: Pick<EntryRow, 'productId' | 'variationId'>): ShopProductRef => ({
  productId,
  variationId: variationId === 0 ? null : variationId,
});

export const productOf = (row: EntryRow): CatalogProduct => ({
  ref: refOf(row),
  type: isType(row.type) ? row.type : 'other',
  sku: row.sku,
  gtin: row.gtin,
  name: row.name,
  status: row.status,
  stockOwner: isOwner(row.stockOwner) ? row.stockOwner : 'nobody',
  quantity: row.quantity === null ? null : quantity(row.quantity),
  stockStatus: row.stockStatus,
  backorders: Boolean(row.backorders),
  translations: numbersIn(row.translations),
  // Their names are kept once for the shop.
  categories: numbersIn(row.categories).map((id) => ({ id, name: '' })),
  modifiedAt: row.modifiedAt,
});

/** What makes the product behind a link another one, or one that takes no number. */
export const isAnother = (before: EntryRow, now: CatalogProduct): boolean =>
  !sameCode(before.sku, now.sku) ||
  before.name !== now.name ||
  before.gtin !== now.gtin ||
  before.status !== now.status ||
  before.type !== now.type ||
  before.stockOwner !== now.stockOwner;

/** The same product, and another number for it by the rules. */
export const isCountedOtherwise = (before: EntryRow, now: CatalogProduct): boolean =>
  Boolean(before.backorders) !== now.backorders || hasOtherCategories(before, now);

export const hasOtherCategories = (before: EntryRow, now: CatalogProduct): boolean =>
  before.categories !== numbersText(now.categories.map(({ id }) => id));

/** Products by their ids and variations by theirs: pair by pair SQLite would look through the whole shop. */
export async function rowsOf(
  entities: EntityManager,
  shopId: number,
  refs: readonly ShopProductRef[],
): Promise<EntryRow[]> {
  const products = refs.flatMap(({ productId, variationId }) => (variationId === null ? [productId] : []));
  const variations = refs.flatMap(({ variationId }) => variationId ?? []);
  const wanted = new Set(refs.map(refKey));
  const rows: EntryRow[] = [];
  for (const [condition, ids] of [
    // The plus keeps SQLite from going through all products by the index of variations.
    ['+e.variation_id = 0 AND e.product_id', products],
    ['e.variation_id', variations],
  ] as const) {
    for (const slice of slices(ids)) {
      const found = await selectRows<EntryRow>(
        entities,
        `SELECT ${SELECTED} FROM catalog_entries e WHERE e.shop_id = ? AND ${condition} IN (${marks(slice)})`,
        [shopId, ...slice],
      );
      for (const row of found) if (wanted.has(refKey(refOf(row)))) rows.push(row);
    }
  }
  return rows;
}
