import { barcodeKey } from '../domain/gtin';
import { foldCode, normaliseName } from '../domain/matching';
import { pageOf, type Page, type PageRequest } from '../domain/page';
import type { CatalogEntry, CatalogSearch } from '../domain/ports/catalog';
import type { CatalogProduct, ShopCategory } from '../domain/ports/shop-catalogue';
import type { ShopProductRef } from '../domain/ports/shop-target';
import { cut, type EntryRow, keyOrNull, LONGEST_WORD, productOf, rowsOf, SELECTED } from './catalog-rows';
import { containsPattern, marks, selectRows, slices } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

const byProduct = (a: CatalogProduct, b: CatalogProduct): number =>
  a.ref.productId - b.ref.productId || (a.ref.variationId ?? 0) - (b.ref.variationId ?? 0);

export class TypeormCatalogSearch implements CatalogSearch {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  findByCodes(shopId: number, codes: readonly string[]): Promise<ReadonlyMap<string, readonly CatalogProduct[]>> {
    return this.findByKeys(shopId, ['code_key'], codes, (code) => keyOrNull(foldCode(code)));
  }

  findByBarcodes(shopId: number, barcodes: readonly string[]): Promise<ReadonlyMap<string, readonly CatalogProduct[]>> {
    return this.findByKeys(shopId, ['gtin_key', 'sku_barcode_key'], barcodes, (code) => keyOrNull(barcodeKey(code)));
  }

  findByNames(shopId: number, names: readonly string[]): Promise<ReadonlyMap<string, readonly CatalogProduct[]>> {
    return this.findByKeys(shopId, ['name_key'], names, (name) => keyOrNull(normaliseName(name)));
  }

  async findByWords(shopId: number, words: readonly string[], most: number): Promise<readonly CatalogProduct[]> {
    const asked = [...new Set(words.map((each) => cut(each, LONGEST_WORD)))];
    if (asked.length === 0) return [];
    const counts = await selectRows<{ word: string; n: number | string }>(
      this.unit.entities,
      `SELECT word AS word, COUNT(*) AS n FROM catalog_words WHERE shop_id = ? AND word IN (${marks(asked)}) GROUP BY word`,
      [shopId, ...asked],
    );
    const rarest = counts.sort((a, b) => Number(a.n) - Number(b.n));
    const ids = new Set<number>();
    for (const { word } of rarest) {
      if (ids.size >= most) break;
      const rows = await selectRows<{ id: number }>(
        this.unit.entities,
        'SELECT entry_id AS id FROM catalog_words WHERE shop_id = ? AND word = ? ORDER BY entry_id LIMIT ?',
        [shopId, word, most],
      );
      for (const { id } of rows) if (ids.size < most) ids.add(id);
    }
    return this.byIds([...ids]);
  }

  async find(shopId: number, refs: readonly ShopProductRef[]): Promise<readonly CatalogEntry[]> {
    const found: CatalogEntry[] = [];
    for (const slice of slices(refs)) {
      for (const row of await rowsOf(this.unit.entities, shopId, slice))
        found.push({ id: row.id, product: productOf(row) });
    }
    return found;
  }

  async search(shopId: number, text: string, { limit, cursor }: PageRequest): Promise<Page<CatalogEntry>> {
    const pattern = containsPattern(text);
    const rows = await selectRows<EntryRow>(
      this.unit.entities,
      `SELECT ${SELECTED} FROM catalog_entries e
       WHERE e.shop_id = ? AND (e.sku LIKE ? ESCAPE '!' OR e.gtin LIKE ? ESCAPE '!' OR e.name LIKE ? ESCAPE '!')
         AND e.id > ? ORDER BY e.id LIMIT ?`,
      [shopId, pattern, pattern, pattern, Number(cursor ?? 0), limit + 1],
    );
    const page = pageOf(rows, limit, (row) => String(row.id));
    return { ...page, data: page.data.map((row) => ({ id: row.id, product: productOf(row) })) };
  }

  async categories(shopId: number): Promise<readonly ShopCategory[]> {
    return selectRows<ShopCategory>(
      this.unit.entities,
      'SELECT category_id AS id, name AS name FROM catalog_categories WHERE shop_id = ? ORDER BY name, category_id',
      [shopId],
    );
  }

  async countUnmanaged(shopId: number): Promise<{ readonly linked: number; readonly unmanaged: number }> {
    const rows = await selectRows<{ linked: number | string; unmanaged: number | string | null }>(
      this.unit.entities,
      `SELECT COUNT(*) AS linked, SUM(CASE WHEN e.stock_owner = 'nobody' THEN 1 ELSE 0 END) AS unmanaged
       FROM product_links l JOIN catalog_entries e
         ON e.shop_id = l.shop_id AND e.product_id = l.product_id AND e.variation_id = l.variation_id
       WHERE l.shop_id = ?`,
      [shopId],
    );
    return { linked: Number(rows[0]?.linked ?? 0), unmanaged: Number(rows[0]?.unmanaged ?? 0) };
  }

  private async findByKeys(
    shopId: number,
    columns: readonly string[],
    asked: readonly string[],
    keyFor: (text: string) => string | null,
  ): Promise<ReadonlyMap<string, readonly CatalogProduct[]>> {
    const keyOfAsked = new Map(asked.map((text) => [text, keyFor(text)]));
    const keys = [...new Set([...keyOfAsked.values()].filter((key) => key !== null))];
    const byKey = new Map<string, Map<number, CatalogProduct>>();
    for (const column of columns) {
      for (const slice of slices(keys)) {
        const rows = await selectRows<EntryRow & { key: string }>(
          this.unit.entities,
          `SELECT ${SELECTED}, e.${column} AS ${'`key`'} FROM catalog_entries e
           WHERE e.shop_id = ? AND e.${column} IN (${marks(slice)}) AND e.status <> 'trash'`,
          [shopId, ...slice],
        );
        for (const row of rows) {
          const alike = byKey.get(row.key) ?? new Map<number, CatalogProduct>();
          byKey.set(row.key, alike.set(row.id, productOf(row)));
        }
      }
    }
    return new Map(
      asked.map((text) => [text, [...(byKey.get(keyOfAsked.get(text) ?? '')?.values() ?? [])].sort(byProduct)]),
    );
  }

  private async byIds(ids: readonly number[]): Promise<CatalogProduct[]> {
    const found: CatalogProduct[] = [];
    for (const slice of slices(ids)) {
      const rows = await selectRows<EntryRow>(
        this.unit.entities,
        `SELECT ${SELECTED} FROM catalog_entries e WHERE e.id IN (${marks(slice)})`,
        slice,
      );
      found.push(...rows.map(productOf));
    }
    return found;
  }
}
