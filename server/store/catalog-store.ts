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
  e.categories AS categories, e.modified_at AS modifiedAt, e.seen_pass AS seenPass`;

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
  seenPass: number;
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
/** As the column holds it: half a character, where a text is cut or came in half, would come back as another. */
const cut = (text: string, length: number): string => text.slice(0, length).replace(/\p{Cs}/gu, '\uFFFD');
/** The shop's own words; a plugin may have some that are no ASCII, and a page must not fail over one of them. */
const word = (text: string): string => cut(text, 20).replace(/[^\x20-\x7e]/g, '?');

/** A product as it is stored, so that one that was stored before is not taken for another. */
const storedForm = (product: CatalogProduct): CatalogProduct => ({
  ...product,
  sku: cut(product.sku, 200),
  gtin: product.gtin === null ? null : cut(product.gtin, 100),
  name: cut(product.name, 500),
  status: word(product.status),
  stockStatus: word(product.stockStatus),
});

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

/** The same product, and another number for it by the rules. */
const isCountedOtherwise = (before: EntryRow, now: CatalogProduct): boolean =>
  Boolean(before.backorders) !== now.backorders || hasOtherCategories(before, now);

const hasOtherCategories = (before: EntryRow, now: CatalogProduct): boolean =>
  before.categories !== numbersText(now.categories.map(({ id }) => id));

interface Parent {
  readonly name: string;
  readonly sku: string;
}

const SEPARATED = /^ [-–—|] /;

/** What a name says beyond its parent's; null where it does not begin with that. */
function ownPart(name: string, parentName: string): string | null {
  if (parentName === '' || !name.startsWith(parentName)) return null;
  const rest = name.slice(parentName.length);
  if (rest === '') return '';
  return SEPARATED.test(rest) ? rest.replace(SEPARATED, '') : null;
}

/** A variation is called by its parent's name and its own; a SKU it only inherits is not its own. */
const underParent = (variation: CatalogProduct, parent: Parent): CatalogProduct => {
  const { name, sku } = variation;
  const whole = name === '' ? parent.name : `${parent.name} - ${name}`;
  return {
    ...variation,
    name: cut(ownPart(name, parent.name) === null ? whole : name, 500),
    sku: sameCode(sku, parent.sku) ? '' : sku,
  };
};

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
           walk_began_shop_time = NULL WHERE shop_id = ? AND walk IS NULL`,
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
      const { entities } = this.unit;
      // Whoever was held at the end of a walk must not end the one that another began since.
      const ours = await affectedRows(
        entities,
        `UPDATE catalogs SET walk = NULL, refreshed_at = ?, changed_since = ?${isFull ? ', loaded_at = ?' : ''}
         WHERE shop_id = ? AND walk = ? AND walk_began_at = ? AND position IS NULL`,
        [at, next.changedSince, ...(isFull ? [at] : []), shopId, state.walk, state.walkBeganAt],
      );
      if (ours !== 1) return [];
      const gone = isFull ? await this.removeUnseen(shopId) : [];
      const [now] = await selectRows<Pick<StateRow, 'dueAt' | 'fullDueAt'>>(
        entities,
        'SELECT due_at AS dueAt, full_due_at AS fullDueAt FROM catalogs WHERE shop_id = ?',
        [shopId],
      );
      // What was asked for while the walk was under way may concern what it had passed by. A full walk is as good as the
      // one that is asked for meanwhile, but for what changed since it began.
      const fullDueAt = isFull || now?.fullDueAt === state.fullDueAt ? next.fullDueAt : (now?.fullDueAt ?? null);
      const askedFor = now?.dueAt === state.dueAt ? null : (now?.dueAt ?? null);
      const dueAt = earliest(next.dueAt, earliest(askedFor, fullDueAt));
      await affectedRows(entities, 'UPDATE catalogs SET due_at = ?, full_due_at = ? WHERE shop_id = ?', [
        dueAt,
        fullDueAt,
        shopId,
      ]);
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

  /** Adds and changes entries; tells which were others before, and which can be found by something new. */
  private async keep(shopId: number, products: readonly CatalogProduct[], pass: number, at: number): Promise<PageKept> {
    const changed: ShopProductRef[] = [];
    const appeared: CatalogProduct[] = [];
    const parents: Family[] = [];
    const whole = await this.withParents(shopId, products.map(storedForm));
    for (const slice of slices(whole)) {
      const refs = slice.map(({ ref }) => ref);
      const before = new Map((await this.rows(shopId, refs)).map((row) => [refKey(refOf(row)), row]));
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
      const rows = await this.rows(shopId, slice);
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

  /** Products by their ids and variations by theirs: pair by pair SQLite would look through the whole shop. */
  private async rows(shopId: number, refs: readonly ShopProductRef[]): Promise<EntryRow[]> {
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
          this.unit.entities,
          `SELECT ${SELECTED} FROM catalog_entries e WHERE e.shop_id = ? AND ${condition} IN (${marks(slice)})`,
          [shopId, ...slice],
        );
        for (const row of found) if (wanted.has(refKey(refOf(row)))) rows.push(row);
      }
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

/** Every word of a name, so that any of them finds it. A mark belongs to its letter: "й" is one and a mark. */
const wordsOf = (name: string): readonly string[] => [
  ...new Set(
    normaliseName(name)
      .split(/[^\p{L}\p{M}\p{N}]+/u)
      .filter((each) => each.length > 1)
      .map((each) => cut(each, LONGEST_WORD)),
  ),
];

/** A parent as it was known, and as it is. */
interface Family {
  readonly before: EntryRow | null;
  readonly now: CatalogProduct;
}

const idOf = ({ ref }: CatalogProduct): number => ref.productId;
const mayHaveVariations = ({ ref, type }: CatalogProduct): boolean =>
  ref.variationId === null && (type === 'variable' || type === 'other');
const isOtherParent = (before: EntryRow, now: CatalogProduct): boolean =>
  before.name !== now.name || !sameCode(before.sku, now.sku) || hasOtherCategories(before, now);

const earliest = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b);

const byProduct = (a: CatalogProduct, b: CatalogProduct): number =>
  a.ref.productId - b.ref.productId || (a.ref.variationId ?? 0) - (b.ref.variationId ?? 0);
