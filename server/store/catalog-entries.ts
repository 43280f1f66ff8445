import { refKey } from '../domain/batch-plan';
import { barcodeKey } from '../domain/gtin';
import { foldCode, normaliseName } from '../domain/matching';
import type { CatalogEntries, PageKept } from '../domain/ports/catalog';
import type { CatalogProduct } from '../domain/ports/shop-catalogue';
import type { ShopProduct, ShopProductRef } from '../domain/ports/shop-target';
import {
  cut,
  type EntryRow,
  hasOtherCategories,
  isAnother,
  isCountedOtherwise,
  keyOrNull,
  LONGEST_WORD,
  numbersText,
  productOf,
  refOf,
  rowsOf,
  SELECTED,
  storedForm,
} from './catalog-rows';
import { type Family, isOtherParent, mayHaveVariations, ownPart, type Parent, underParent } from './catalog-variations';
import { affectedRows, insertRows, marks, selectRows, slices } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

const ENTRY_COLUMNS = [
  'shop_id',
  'product_id',
  'variation_id',
  'type',
  'sku',
  'gtin',
  'name',
  'code_key',
  'gtin_key',
  'sku_barcode_key',
  'name_key',
  'status',
  'stock_owner',
  'quantity',
  'stock_status',
  'backorders',
  'translations',
  'categories',
  'modified_at',
  'seen_pass',
  'seen_at',
];
const IDENTITY_COLUMNS = new Set(['shop_id', 'product_id', 'variation_id']);

/** Every word of a name, so that any of them finds it. A mark belongs to its letter: "й" is one and a mark. */
const wordsOf = (name: string): readonly string[] => [
  ...new Set(
    normaliseName(name)
      .split(/[^\p{L}\p{M}\p{N}]+/u)
      .filter((each) => each.length > 1)
      .map((each) => cut(each, LONGEST_WORD)),
  ),
];

const idOf = ({ ref }: CatalogProduct): number => ref.productId;

export class TypeormCatalogEntries implements CatalogEntries {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  keepChanged(shopId: number, product: CatalogProduct, at: number): Promise<PageKept> {
    return this.unit.run(async () => {
      const [known] = await rowsOf(this.unit.entities, shopId, [product.ref]);
      const isOlder =
        known !== undefined &&
        known.modifiedAt !== null &&
        product.modifiedAt !== null &&
        product.modifiedAt < known.modifiedAt;
      if (isOlder) return { changed: [], appeared: [] };
      const [state] = await selectRows<{ pass: number }>(
        this.unit.entities,
        'SELECT pass AS pass FROM catalogs WHERE shop_id = ?',
        [shopId],
      );
      return state ? this.keep(shopId, [product], state.pass, at) : { changed: [], appeared: [] };
    });
  }

  keepDeleted(shopId: number, id: number): Promise<readonly ShopProductRef[]> {
    return this.unit.run(async () => {
      const rows = await selectRows<Pick<EntryRow, 'id' | 'productId' | 'variationId'>>(
        this.unit.entities,
        `SELECT id AS id, product_id AS productId, variation_id AS variationId FROM catalog_entries
         WHERE shop_id = ? AND product_id = ? UNION
         SELECT id AS id, product_id AS productId, variation_id AS variationId FROM catalog_entries
         WHERE shop_id = ? AND variation_id = ?`,
        [shopId, id, shopId, id],
      );
      await this.remove(rows.map((row) => row.id));
      return rows.map(refOf);
    });
  }

  async keepSeen(shopId: number, seen: readonly ShopProduct[], at: number): Promise<readonly ShopProductRef[]> {
    if (seen.length === 0) return [];
    return this.unit.run(async () => {
      const changed: ShopProductRef[] = [];
      for (const slice of slices(seen)) {
        const known = new Map(
          (
            await rowsOf(
              this.unit.entities,
              shopId,
              slice.map(({ ref }) => ref),
            )
          ).map((row) => [refKey(refOf(row)), row]),
        );
        const news: (readonly [EntryRow, CatalogProduct])[] = [];
        for (const product of slice) {
          const row = known.get(refKey(product.ref));
          if (!row) continue;
          const before = productOf(row);
          // What a write answers of a variation is its own part of the name, and perhaps its parent's SKU.
          const identity =
            product.ref.variationId === null ? { sku: product.sku, gtin: product.gtin, name: product.name } : {};
          const { status, type, stockOwner, quantity: shown, stockStatus, backorders } = product;
          const facts = { status, type, stockOwner, quantity: shown, stockStatus, backorders };
          const now = storedForm({ ...before, ...identity, ...facts });
          if (isAnother(row, now) || isCountedOtherwise(row, now)) changed.push(product.ref);
          news.push([row, now]);
        }
        await this.update(shopId, news, at);
      }
      return changed;
    });
  }

  /** Adds and changes entries; tells which were others before, and which can be found by something new. */
  async keep(shopId: number, products: readonly CatalogProduct[], pass: number, at: number): Promise<PageKept> {
    const changed: ShopProductRef[] = [];
    const appeared: CatalogProduct[] = [];
    const parents: Family[] = [];
    const whole = await this.withParents(shopId, products.map(storedForm));
    for (const slice of slices(whole)) {
      const refs = slice.map(({ ref }) => ref);
      const before = new Map((await rowsOf(this.unit.entities, shopId, refs)).map((row) => [refKey(refOf(row)), row]));
      for (const product of slice) {
        const row = before.get(refKey(product.ref));
        if (!row || isAnother(row, product)) appeared.push(product);
        if (row && (isAnother(row, product) || isCountedOtherwise(row, product))) changed.push(product.ref);
        if (mayHaveVariations(product)) parents.push({ before: row ?? null, now: product });
      }
      changed.push(...(await this.removeMoved(shopId, slice)));
      await this.upsert(
        shopId,
        slice.map((product) => [product, pass]),
        at,
      );
      const renamed = slice.filter(({ ref, name }) => before.get(refKey(ref))?.name !== name);
      await this.keepWords(
        shopId,
        renamed.map(({ ref }) => ref),
        before.size > 0,
      );
      await this.keepCategories(shopId, slice);
    }
    const here = new Set(whole.map(({ ref }) => refKey(ref)));
    const told = await this.tellVariations(shopId, parents, here, at);
    return { changed: [...changed, ...told.changed], appeared: [...appeared, ...told.appeared] };
  }

  async removeUnseen(shopId: number): Promise<ShopProductRef[]> {
    const gone: ShopProductRef[] = [];
    for (;;) {
      const rows = await selectRows<Pick<EntryRow, 'id' | 'productId' | 'variationId'>>(
        this.unit.entities,
        `SELECT e.id AS id, e.product_id AS productId, e.variation_id AS variationId FROM catalog_entries e
         JOIN catalogs c ON c.shop_id = e.shop_id WHERE e.shop_id = ? AND e.seen_pass < c.pass LIMIT 500`,
        [shopId],
      );
      if (rows.length === 0) return gone;
      await this.remove(rows.map((row) => row.id));
      gone.push(...rows.map(refOf));
    }
  }

  private async withParents(shopId: number, products: readonly CatalogProduct[]): Promise<CatalogProduct[]> {
    const here = new Map(
      products.flatMap((each) => (each.ref.variationId === null ? [[each.ref.productId, each]] : [])),
    );
    const elsewhere = products.filter(({ ref }) => ref.variationId !== null && !here.has(ref.productId));
    const parentIds = [...new Set(elsewhere.map(({ ref }) => ref.productId))];
    const rows = await rowsOf(
      this.unit.entities,
      shopId,
      parentIds.map((productId) => ({ productId, variationId: null })),
    );
    const parents = new Map<number, Parent>([...rows.map((row) => [row.productId, row] as const), ...here]);
    return products.map((product) => {
      const parent = product.ref.variationId === null ? undefined : parents.get(product.ref.productId);
      return parent ? underParent(product, parent) : product;
    });
  }

  /**
   * Variations that were mirrored before their parent, or under another name of it: the shop does not tell of them
   * again when it is the parent that changed. Their categories are its own.
   */
  private async tellVariations(
    shopId: number,
    parents: readonly Family[],
    here: ReadonlySet<string>,
    at: number,
  ): Promise<PageKept> {
    const others = new Map(
      parents.flatMap((each) => (each.before && !isOtherParent(each.before, each.now) ? [] : [[idOf(each.now), each]])),
    );
    const changed: ShopProductRef[] = [];
    const news: (readonly [EntryRow, CatalogProduct])[] = [];
    for (const slice of slices([...others.keys()])) {
      const rows = await selectRows<EntryRow>(
        this.unit.entities,
        `SELECT ${SELECTED} FROM catalog_entries e
         WHERE e.shop_id = ? AND e.product_id IN (${marks(slice)}) AND +e.variation_id > 0`,
        [shopId, ...slice],
      );
      for (const row of rows) {
        const family = others.get(row.productId);
        if (!family) continue;
        const { before, now } = family;
        if (before && hasOtherCategories(before, now)) changed.push(refOf(row));
        if (here.has(refKey(refOf(row)))) continue;
        const variation = productOf(row);
        const own = before === null ? null : ownPart(row.name, before.name);
        const named = underParent({ ...variation, name: own ?? row.name }, now);
        if (isAnother(row, named)) news.push([row, named]);
      }
    }
    await this.update(shopId, news, at);
    return {
      changed: [...changed, ...news.map(([, { ref }]) => ref)],
      appeared: news.map(([, variation]) => variation),
    };
  }

  /** A variation has one parent: where it hung before, it is no longer. */
  private async removeMoved(shopId: number, products: readonly CatalogProduct[]): Promise<ShopProductRef[]> {
    const parentOf = new Map(
      products.flatMap(({ ref }) => (ref.variationId ? [[ref.variationId, ref.productId]] : [])),
    );
    if (parentOf.size === 0) return [];
    const rows = await selectRows<Pick<EntryRow, 'id' | 'productId' | 'variationId'>>(
      this.unit.entities,
      `SELECT id AS id, product_id AS productId, variation_id AS variationId FROM catalog_entries
       WHERE shop_id = ? AND variation_id IN (${marks([...parentOf])})`,
      [shopId, ...parentOf.keys()],
    );
    const moved = rows.filter((row) => parentOf.get(row.variationId) !== row.productId);
    await this.remove(moved.map((row) => row.id));
    return moved.map(refOf);
  }

  /** Each with the walk it was last met in. */
  private upsert(
    shopId: number,
    entries: readonly (readonly [product: CatalogProduct, pass: number])[],
    at: number,
  ): Promise<void> {
    const updates = ENTRY_COLUMNS.filter((column) => !IDENTITY_COLUMNS.has(column));
    return insertRows(
      this.unit.entities,
      'catalog_entries',
      ENTRY_COLUMNS,
      entries.map(([product, pass]) => [
        shopId,
        product.ref.productId,
        product.ref.variationId ?? 0,
        product.type,
        product.sku,
        product.gtin,
        product.name,
        keyOrNull(foldCode(product.sku)),
        product.gtin === null ? null : keyOrNull(barcodeKey(product.gtin)),
        product.sku === '' ? null : keyOrNull(barcodeKey(product.sku)),
        keyOrNull(normaliseName(product.name)),
        product.status,
        product.stockOwner,
        product.quantity,
        product.stockStatus,
        product.backorders,
        numbersText(product.translations),
        numbersText(product.categories.map(({ id }) => id)),
        product.modifiedAt,
        pass,
        at,
      ]),
      this.unit.isSqlite
        ? `ON CONFLICT (shop_id, product_id, variation_id) DO UPDATE SET ${updates.map((each) => `${each} = excluded.${each}`).join(', ')}`
        : `ON DUPLICATE KEY UPDATE ${updates.map((each) => `${each} = VALUES(${each})`).join(', ')}`,
    );
  }

  /** What reads and writes showed of entries that are known; the pass they were met in stays. */
  private async update(
    shopId: number,
    news: readonly (readonly [EntryRow, CatalogProduct])[],
    at: number,
  ): Promise<void> {
    const renamed = news.filter(([row, now]) => row.name !== now.name);
    const same = news.filter(([row, now]) => row.name === now.name && row.sku === now.sku && row.gtin === now.gtin);
    const others = news.filter(([row, now]) => row.name !== now.name || row.sku !== now.sku || row.gtin !== now.gtin);
    const columns = ['type', 'status', 'stock_owner', 'quantity', 'stock_status', 'backorders', 'seen_at'];
    await insertRows(
      this.unit.entities,
      'catalog_entries',
      ['shop_id', 'product_id', 'variation_id', 'sku', 'name', 'seen_pass', ...columns],
      same.map(([row, now]) => [
        shopId,
        now.ref.productId,
        now.ref.variationId ?? 0,
        now.sku,
        now.name,
        row.seenPass,
        now.type,
        now.status,
        now.stockOwner,
        now.quantity,
        now.stockStatus,
        now.backorders,
        at,
      ]),
      this.unit.isSqlite
        ? `ON CONFLICT (shop_id, product_id, variation_id) DO UPDATE SET ${columns.map((each) => `${each} = excluded.${each}`).join(', ')}`
        : `ON DUPLICATE KEY UPDATE ${columns.map((each) => `${each} = VALUES(${each})`).join(', ')}`,
    );
    await this.upsert(
      shopId,
      others.map(([row, now]) => [now, row.seenPass]),
      at,
    );
    await this.keepWords(
      shopId,
      renamed.map(([, { ref }]) => ref),
      true,
    );
  }

  private async keepWords(shopId: number, renamed: readonly ShopProductRef[], hadWords: boolean): Promise<void> {
    const { entities } = this.unit;
    for (const slice of slices(renamed)) {
      const rows = await rowsOf(this.unit.entities, shopId, slice);
      if (hadWords && rows.length > 0) {
        const ids = rows.map((row) => row.id);
        await affectedRows(entities, `DELETE FROM catalog_words WHERE entry_id IN (${marks(ids)})`, ids);
      }
      // MySQL compares words more loosely than we do: two of one name may be one to it.
      await insertRows(
        entities,
        'catalog_words',
        ['shop_id', 'word', 'entry_id'],
        rows.flatMap((row) => wordsOf(row.name).map((each) => [shopId, each, row.id] as const)),
        this.unit.isSqlite ? 'ON CONFLICT DO NOTHING' : 'ON DUPLICATE KEY UPDATE entry_id = entry_id',
      );
    }
  }

  private async keepCategories(shopId: number, products: readonly CatalogProduct[]): Promise<void> {
    const categories = new Map(products.flatMap((each) => each.categories.map(({ id, name }) => [id, name])));
    await insertRows(
      this.unit.entities,
      'catalog_categories',
      ['shop_id', 'category_id', 'name'],
      [...categories].flatMap(([id, name]) => (name === '' ? [] : [[shopId, id, cut(name, 200)]])),
      this.unit.isSqlite
        ? 'ON CONFLICT (shop_id, category_id) DO UPDATE SET name = excluded.name'
        : 'ON DUPLICATE KEY UPDATE name = VALUES(name)',
    );
  }

  private async remove(ids: readonly number[]): Promise<void> {
    for (const slice of slices(ids)) {
      await affectedRows(this.unit.entities, `DELETE FROM catalog_entries WHERE id IN (${marks(slice)})`, [...slice]);
    }
  }
}
