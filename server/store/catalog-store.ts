import { refKey } from '../domain/batch-plan';
import type { Failure } from '../domain/failure';
import { barcodeKey } from '../domain/gtin';
import { foldCode, normaliseName, sameCode } from '../domain/matching';
import { pageOf, type Page, type PageRequest } from '../domain/page';
import type { CatalogEntry, CatalogState, CatalogStore, CatalogWalk, PageKept } from '../domain/ports/catalog';
import type { CatalogProduct, CataloguePage, ShopCategory } from '../domain/ports/shop-catalogue';
import type { ShopProduct, ShopProductRef, ShopProductType, StockOwner } from '../domain/ports/shop-target';
import { quantity } from '../domain/quantity';
import { digestOf } from './digests';
import { affectedRows, containsPattern, insertRows, marks, selectRows, slices } from './statements';
import { failureOf, numbersIn } from './stored-json';
import type { TypeormUnitOfWork } from './unit-of-work';

/** 128 bits: enough that two texts of a catalogue never share one, and half of what an index has to carry. */
const keyOf = (text: string): string => digestOf(text).slice(0, 32);
const keyOrNull = (text: string): string | null => (text === '' ? null : keyOf(text));

const LONGEST_WORD = 40;

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

const SELECTED = `e.id AS id, e.product_id AS productId, e.variation_id AS variationId, e.type AS type, e.sku AS sku,
  e.gtin AS gtin, e.name AS name, e.status AS status, e.stock_owner AS stockOwner, e.quantity AS quantity,
  e.stock_status AS stockStatus, e.backorders AS backorders, e.translations AS translations,
  e.categories AS categories, e.modified_at AS modifiedAt`;

interface EntryRow {
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
}

interface StateRow {
  shopId: number;
  walk: string | null;
  position: string | null;
  done: number;
  total: number | null;
  walkBeganAt: number | null;
  walkBeganShopTime: number | null;
  changedSince: number | null;
  loadedAt: number | null;
  refreshedAt: number | null;
  dueAt: number | null;
  fullDueAt: number | null;
  failure: string | null;
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
const numbersText = (numbers: readonly number[]): string | null =>
  numbers.length === 0 ? null : JSON.stringify(numbers);

const refOf = ({ productId, variationId }: Pick<EntryRow, 'productId' | 'variationId'>): ShopProductRef => ({
  productId,
  variationId: variationId === 0 ? null : variationId,
});

const productOf = (row: EntryRow): CatalogProduct => ({
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
const isAnother = (before: EntryRow, now: CatalogProduct): boolean =>
  !sameCode(before.sku, now.sku) ||
  before.name !== now.name ||
  before.gtin !== now.gtin ||
  before.status !== now.status ||
  before.type !== now.type ||
  before.stockOwner !== now.stockOwner;

const byRef = (alias = ''): string => `(${alias}product_id = ? AND ${alias}variation_id = ?)`;
const refValues = (refs: readonly ShopProductRef[]): number[] =>
  refs.flatMap(({ productId, variationId }) => [productId, variationId ?? 0]);

export class TypeormCatalogStore implements CatalogStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async state(shopId: number): Promise<CatalogState | null> {
    const rows = await selectRows<StateRow>(
      this.unit.entities,
      `SELECT shop_id AS shopId, walk AS walk, position AS ${'`position`'}, done AS done, total AS total,
         walk_began_at AS walkBeganAt, walk_began_shop_time AS walkBeganShopTime, changed_since AS changedSince,
         loaded_at AS loadedAt, refreshed_at AS refreshedAt, due_at AS dueAt, full_due_at AS fullDueAt,
         failure AS failure
       FROM catalogs WHERE shop_id = ?`,
      [shopId],
    );
    const [row] = rows;
    return row
      ? {
          ...row,
          walk: row.walk === 'full' || row.walk === 'changes' ? row.walk : null,
          failure: failureOf(row.failure),
        }
      : null;
  }

  async count(shopId: number): Promise<number> {
    const rows = await selectRows<{ n: number | string }>(
      this.unit.entities,
      'SELECT COUNT(*) AS n FROM catalog_entries WHERE shop_id = ?',
      [shopId],
    );
    return Number(rows[0]?.n ?? 0);
  }

  async request(shopId: number, walk: CatalogWalk, at: number): Promise<void> {
    await this.unit.run(async () => {
      const { entities } = this.unit;
      if ((await this.state(shopId)) === null) {
        await insertRows(
          entities,
          'catalogs',
          ['shop_id', 'due_at', 'full_due_at'],
          [[shopId, at, at]],
          this.unit.isSqlite ? 'ON CONFLICT (shop_id) DO NOTHING' : 'ON DUPLICATE KEY UPDATE shop_id = shop_id',
        );
        return;
      }
      await affectedRows(
        entities,
        `UPDATE catalogs SET due_at = ?${walk === 'full' ? ', full_due_at = ?' : ''} WHERE shop_id = ?`,
        walk === 'full' ? [at, at, shopId] : [at, shopId],
      );
    });
  }

  async beginWalk(shopId: number, walk: CatalogWalk, at: number): Promise<void> {
    await this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        `UPDATE catalogs SET walk = ?, pass = pass + 1, position = NULL, done = 0, total = NULL, walk_began_at = ?,
           walk_began_shop_time = NULL WHERE shop_id = ?`,
        [walk, at, shopId],
      ),
    );
  }

  keepPage(state: CatalogState, page: CataloguePage, at: number): Promise<PageKept | null> {
    return this.unit.run(async () => {
      const { shopId } = state;
      // The condition fences off who walked on the same page before: positions are never the same twice in a walk.
      const ours = await affectedRows(
        this.unit.entities,
        `UPDATE catalogs SET position = ?, done = ?, total = ?, failure = NULL,
           walk_began_shop_time = COALESCE(walk_began_shop_time, ?)
         WHERE shop_id = ? AND walk = ? AND walk_began_at = ? AND ${state.position === null ? 'position IS NULL' : 'position = ?'}`,
        [
          page.next,
          page.done,
          page.total,
          page.shopTime,
          shopId,
          state.walk,
          state.walkBeganAt,
          ...(state.position === null ? [] : [state.position]),
        ],
      );
      if (ours !== 1) return null;
      const [row] = await selectRows<{ pass: number }>(
        this.unit.entities,
        'SELECT pass AS pass FROM catalogs WHERE shop_id = ?',
        [shopId],
      );
      return this.keep(shopId, page.products, row?.pass ?? 0, at);
    });
  }

  endWalk(
    state: CatalogState,
    next: Pick<CatalogState, 'changedSince' | 'dueAt' | 'fullDueAt'>,
    at: number,
  ): Promise<readonly ShopProductRef[]> {
    return this.unit.run(async () => {
      const { shopId } = state;
      const isFull = state.walk === 'full';
      const gone = isFull ? await this.removeUnseen(shopId) : [];
      await affectedRows(
        this.unit.entities,
        `UPDATE catalogs SET walk = NULL, position = NULL, refreshed_at = ?, changed_since = ?, due_at = ?, full_due_at = ?
           ${isFull ? ', loaded_at = ?' : ''} WHERE shop_id = ?`,
        [at, next.changedSince, next.dueAt, next.fullDueAt, ...(isFull ? [at] : []), shopId],
      );
      return gone;
    });
  }

  async postpone(shopId: number, failure: Failure, dueAt: number): Promise<void> {
    await this.unit.run(() =>
      affectedRows(this.unit.entities, 'UPDATE catalogs SET due_at = ?, failure = ? WHERE shop_id = ?', [
        dueAt,
        JSON.stringify(failure),
        shopId,
      ]),
    );
  }

  keepChanged(shopId: number, product: CatalogProduct, at: number): Promise<PageKept> {
    return this.unit.run(async () => {
      const [known] = await this.rows(shopId, [product.ref]);
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
            await this.rows(
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
          const now = { ...before, ...identity, status, type, stockOwner, quantity: shown, stockStatus, backorders };
          if (isAnother(row, now)) changed.push(product.ref);
          news.push([row, now]);
        }
        await this.update(shopId, news, at);
      }
      return changed;
    });
  }

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
    const asked = [...new Set(words.map((word) => word.slice(0, LONGEST_WORD)))];
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
      for (const row of await this.rows(shopId, slice)) found.push({ id: row.id, product: productOf(row) });
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
           WHERE e.shop_id = ? AND e.${column} IN (${marks(slice)})`,
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

  /** Adds and changes entries; tells which were others before, and which are new. */
  private async keep(shopId: number, products: readonly CatalogProduct[], pass: number, at: number): Promise<PageKept> {
    const changed: ShopProductRef[] = [];
    const appeared: CatalogProduct[] = [];
    const whole = await this.withParents(shopId, products);
    for (const slice of slices(whole)) {
      const refs = slice.map(({ ref }) => ref);
      const before = new Map((await this.rows(shopId, refs)).map((row) => [refKey(refOf(row)), row]));
      for (const product of slice) {
        const row = before.get(refKey(product.ref));
        if (!row) appeared.push(product);
        else if (isAnother(row, product)) changed.push(product.ref);
      }
      await this.upsert(shopId, slice, pass, at);
      const renamed = slice.filter(({ ref, name }) => before.get(refKey(ref))?.name !== name);
      await this.keepWords(shopId, renamed);
      await this.keepCategories(shopId, slice);
    }
    return { changed, appeared };
  }

  /** A variation is called by its parent's name and its own; a SKU it only inherits is not its own. */
  private async withParents(shopId: number, products: readonly CatalogProduct[]): Promise<CatalogProduct[]> {
    const here = new Map(
      products.flatMap((each) => (each.ref.variationId === null ? [[each.ref.productId, each]] : [])),
    );
    const elsewhere = products.filter(({ ref }) => ref.variationId !== null && !here.has(ref.productId));
    const parentIds = [...new Set(elsewhere.map(({ ref }) => ref.productId))];
    const rows = await this.rows(
      shopId,
      parentIds.map((productId) => ({ productId, variationId: null })),
    );
    const parents = new Map<number, Pick<CatalogProduct, 'name' | 'sku'>>([
      ...rows.map((row) => [row.productId, row] as const),
      ...here,
    ]);
    return products.map((product) => {
      const parent = product.ref.variationId === null ? undefined : parents.get(product.ref.productId);
      if (!parent) return product;
      const own = product.name === '' ? parent.name : `${parent.name} - ${product.name}`;
      const name = product.name.startsWith(parent.name) ? product.name : own;
      return { ...product, name, sku: sameCode(product.sku, parent.sku) ? '' : product.sku };
    });
  }

  private upsert(shopId: number, products: readonly CatalogProduct[], pass: number, at: number): Promise<void> {
    const updates = ENTRY_COLUMNS.filter((column) => !IDENTITY_COLUMNS.has(column));
    return insertRows(
      this.unit.entities,
      'catalog_entries',
      ENTRY_COLUMNS,
      products.map((product) => [
        shopId,
        product.ref.productId,
        product.ref.variationId ?? 0,
        product.type,
        product.sku.slice(0, 200),
        product.gtin?.slice(0, 100) ?? null,
        product.name.slice(0, 500),
        keyOrNull(foldCode(product.sku)),
        product.gtin === null ? null : keyOrNull(barcodeKey(product.gtin)),
        product.sku === '' ? null : keyOrNull(barcodeKey(product.sku)),
        keyOrNull(normaliseName(product.name)),
        product.status.slice(0, 20),
        product.stockOwner,
        product.quantity,
        product.stockStatus.slice(0, 20),
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
    const renamed = news.flatMap(([row, now]) => (row.name === now.name ? [] : [now]));
    const same = news.filter(([row, now]) => row.name === now.name && row.sku === now.sku && row.gtin === now.gtin);
    const others = news.filter((each) => !same.includes(each));
    const columns = ['status', 'stock_owner', 'quantity', 'stock_status', 'backorders', 'seen_at'];
    await insertRows(
      this.unit.entities,
      'catalog_entries',
      ['shop_id', 'product_id', 'variation_id', 'type', 'sku', 'name', 'seen_pass', ...columns],
      same.map(([, now]) => [
        shopId,
        now.ref.productId,
        now.ref.variationId ?? 0,
        now.type,
        now.sku,
        now.name,
        0,
        now.status.slice(0, 20),
        now.stockOwner,
        now.quantity,
        now.stockStatus.slice(0, 20),
        now.backorders,
        at,
      ]),
      this.unit.isSqlite
        ? `ON CONFLICT (shop_id, product_id, variation_id) DO UPDATE SET ${columns.map((each) => `${each} = excluded.${each}`).join(', ')}`
        : `ON DUPLICATE KEY UPDATE ${columns.map((each) => `${each} = VALUES(${each})`).join(', ')}`,
    );
    if (others.length === 0) return;
    const passes = await selectRows<{ pass: number }>(
      this.unit.entities,
      'SELECT pass AS pass FROM catalogs WHERE shop_id = ?',
      [shopId],
    );
    await this.upsert(
      shopId,
      others.map(([, now]) => now),
      passes[0]?.pass ?? 0,
      at,
    );
    await this.keepWords(shopId, renamed);
  }

  private async keepWords(shopId: number, renamed: readonly CatalogProduct[]): Promise<void> {
    const rows = await this.rows(
      shopId,
      renamed.map(({ ref }) => ref),
    );
    const ids = rows.map((row) => row.id);
    if (ids.length === 0) return;
    const { entities } = this.unit;
    await affectedRows(entities, `DELETE FROM catalog_words WHERE entry_id IN (${marks(ids)})`, ids);
    const words = rows.flatMap((row) => wordsOf(row.name).map((word) => [shopId, word, row.id] as const));
    // MySQL compares words more loosely than we do: two of one name may be one to it.
    await insertRows(
      entities,
      'catalog_words',
      ['shop_id', 'word', 'entry_id'],
      words,
      this.unit.isSqlite ? 'ON CONFLICT DO NOTHING' : 'ON DUPLICATE KEY UPDATE entry_id = entry_id',
    );
  }

  private async keepCategories(shopId: number, products: readonly CatalogProduct[]): Promise<void> {
    const categories = new Map(products.flatMap((each) => each.categories.map(({ id, name }) => [id, name])));
    await insertRows(
      this.unit.entities,
      'catalog_categories',
      ['shop_id', 'category_id', 'name'],
      [...categories].flatMap(([id, name]) => (name === '' ? [] : [[shopId, id, name.slice(0, 200)]])),
      this.unit.isSqlite
        ? 'ON CONFLICT (shop_id, category_id) DO UPDATE SET name = excluded.name'
        : 'ON DUPLICATE KEY UPDATE name = VALUES(name)',
    );
  }

  private async removeUnseen(shopId: number): Promise<ShopProductRef[]> {
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

  private async remove(ids: readonly number[]): Promise<void> {
    for (const slice of slices(ids)) {
      await affectedRows(this.unit.entities, `DELETE FROM catalog_entries WHERE id IN (${marks(slice)})`, [...slice]);
    }
  }

  private async rows(shopId: number, refs: readonly ShopProductRef[]): Promise<EntryRow[]> {
    const rows: EntryRow[] = [];
    for (const slice of slices(refs, 200)) {
      rows.push(
        ...(await selectRows<EntryRow>(
          this.unit.entities,
          `SELECT ${SELECTED} FROM catalog_entries e
           WHERE e.shop_id = ? AND (${slice.map(() => byRef('e.')).join(' OR ')})`,
          [shopId, ...refValues(slice)],
        )),
      );
    }
    return rows;
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

/** Every word of a name, so that any of them finds it. */
const wordsOf = (name: string): readonly string[] => [
  ...new Set(
    normaliseName(name)
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word.length > 1)
      .map((word) => word.slice(0, LONGEST_WORD)),
  ),
];

const byProduct = (a: CatalogProduct, b: CatalogProduct): number =>
  a.ref.productId - b.ref.productId || (a.ref.variationId ?? 0) - (b.ref.variationId ?? 0);
