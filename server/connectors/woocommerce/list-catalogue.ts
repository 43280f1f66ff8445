import { z } from 'zod';
import type { CatalogProduct, CataloguePage, ShopCatalogue } from '../../domain/ports/shop-catalogue';
import type { ShopAccess } from '../../domain/ports/shop-target';
import {
  CATALOGUE_FIELDS,
  catalogProduct,
  catalogVariation,
  modifiedAt,
  wooCatalogueEntry,
  type WooCatalogueEntry,
} from './catalog-product';
import { BEGINNING, type ReadPage, together, type WalkedRows, walkOn, walkToTheEnd } from './list-walk';
import { ignoredFilter, LARGEST_PAGE } from './product-list';
import { createWooApi, isMissing, type WooApi, type WooApiOptions } from './woo-api';

/** Each costs a call or more, and a step must not take minutes. */
const PARENTS_A_STEP = 10;

const id = z.number().int().positive();
const count = z.number().int().nonnegative();

/** All that a walk knows; it is the cursor, so it must survive a restart. */
const walk = z.object({
  /** What is being read: products, then variations where the shop lists them all, else the parents of variations. */
  list: z.enum(['products', 'variations', 'parents']),
  place: z.object({ lastId: count, offset: count, total: count.nullable() }),
  /** Parents whose variations are read next. */
  waiting: z.array(id),
  /** No parents follow those that wait. */
  lastOnes: z.boolean(),
  done: count,
  products: count.nullable(),
  variations: count.nullable(),
});

type Walk = z.infer<typeof walk>;

const START: Walk = {
  list: 'products',
  place: BEGINNING,
  waiting: [],
  lastOnes: false,
  done: 0,
  products: null,
  variations: null,
};

/** A cursor nobody can read any more (of another version of this service) begins anew: nothing is skipped so. */
function readCursor(cursor: string | null): Walk {
  if (cursor === null) return START;
  try {
    return walk.parse(JSON.parse(cursor));
  } catch {
    return START;
  }
}

/** One walk: the whole catalogue, or what was changed. */
interface Lists {
  readonly products: ReadPage<WooCatalogueEntry>;
  readonly variations: ReadPage<WooCatalogueEntry>;
  readonly parents: ReadPage<WooCatalogueEntry>;
  readonly variationsOf: (parentId: number) => ReadPage<WooCatalogueEntry>;
  /** Whether an entry belongs to the walk; false where more had to be asked for than is wanted. */
  readonly wanted: (product: CatalogProduct) => boolean;
}

interface ListsWanted {
  readonly filter: Readonly<Record<string, string>>;
  readonly check: (rows: readonly WooCatalogueEntry[]) => void;
  readonly wanted: (product: CatalogProduct) => boolean;
}

const entries = z.array(wooCatalogueEntry);

function listsOf(api: WooApi, access: ShopAccess, signal: AbortSignal, { filter, check, wanted }: ListsWanted): Lists {
  const list =
    (route: string, fields: string, more: Readonly<Record<string, string>> = {}): ReadPage<WooCatalogueEntry> =>
    async (offset) => {
      const query = {
        ...filter,
        ...more,
        status: 'any',
        orderby: 'id',
        order: 'asc',
        per_page: String(LARGEST_PAGE),
        ...(offset === 0 ? {} : { offset: String(offset) }),
        _fields: fields,
      };
      const reply = await api.call({ access, method: 'GET', route, query, shape: entries, signal });
      check(reply.data);
      return reply;
    };
  return {
    products: list('/wc/v3/products', CATALOGUE_FIELDS.products),
    variations: list('/wc/v3/variations', CATALOGUE_FIELDS.variations),
    parents: list('/wc/v3/products', 'id,date_modified_gmt', { type: 'variable' }),
    variationsOf: (parentId) => list(`/wc/v3/products/${parentId}/variations`, CATALOGUE_FIELDS.variations),
    wanted,
  };
}

interface Step {
  readonly found: readonly CatalogProduct[];
  /** Null at the end of the walk. */
  readonly walk: Walk | null;
  readonly products: number | null;
  readonly variations: number | null;
  readonly shopTime: number | null;
}

async function stepOn(lists: Lists, cursor: string | null): Promise<CataloguePage> {
  const before = readCursor(cursor);
  const step = await next(lists, before);
  const done = before.done + step.found.length;
  const total = step.products === null || step.variations === null ? null : step.products + step.variations;
  return {
    products: step.found.filter(lists.wanted),
    next: step.walk === null ? null : JSON.stringify({ ...step.walk, done }),
    done,
    // What was added since the shop counted has been read as well.
    total: step.walk === null ? done : total === null ? null : Math.max(total, done),
    shopTime: step.shopTime,
  };
}

function next(lists: Lists, at: Walk): Promise<Step> {
  switch (at.list) {
    case 'products':
      return at.products === null ? beginProducts(lists, at) : walkProducts(lists, at);
    case 'variations':
      return walkVariations(lists, at);
    case 'parents':
      return at.waiting.length === 0 ? walkParents(lists, at) : readWaitingParents(lists, at);
  }
}

/** The first page of both lists: together they tell how much there is, and are all there is when little has changed. */
async function beginProducts(lists: Lists, at: Walk): Promise<Step> {
  const [products, variations] = await together(
    walkOn(lists.products, at.place, 1),
    orNoRoute(walkOn(lists.variations, BEGINNING, 1)),
  );
  const step = { ...afterProducts(at, products), variations: variations?.total ?? null };
  if (step.walk === null) return step;
  if (variations === null)
    return step.walk.list === 'products' ? step : { ...step, walk: startOf(step.walk, 'parents') };
  const counted = { ...step.walk, variations: variations.total };
  if (counted.list === 'products') return { ...step, walk: counted };
  const rest = afterVariations(counted, variations);
  return { ...rest, found: [...step.found, ...rest.found], shopTime: step.shopTime };
}

const walkProducts = async (lists: Lists, at: Walk): Promise<Step> =>
  afterProducts(at, await walkOn(lists.products, at.place, 2));

const startOf = (at: Walk, list: Walk['list']): Walk => ({ ...at, list, place: BEGINNING });

function afterProducts(at: Walk, { rows, next, total, shopTime }: WalkedRows<WooCatalogueEntry>): Step {
  const products = total ?? at.products ?? 0;
  const counted = { ...at, products };
  return {
    found: rows.map(catalogProduct),
    walk: next === null ? startOf(counted, 'variations') : { ...counted, place: next },
    products,
    variations: at.variations,
    shopTime,
  };
}

/** Versions before 10.3 list variations only under their parents. */
async function walkVariations(lists: Lists, at: Walk): Promise<Step> {
  const walked = await orNoRoute(walkOn(lists.variations, at.place, 2));
  return walked === null ? walkParents(lists, startOf(at, 'parents')) : afterVariations(at, walked);
}

function afterVariations(at: Walk, { rows, next, total, shopTime }: WalkedRows<WooCatalogueEntry>): Step {
  return {
    found: rows.flatMap((row) => (row.parent_id ? [catalogVariation(row, row.parent_id)] : [])),
    walk: next === null ? null : { ...at, place: next, variations: total },
    products: at.products,
    variations: total,
    shopTime,
  };
}

async function walkParents(lists: Lists, at: Walk): Promise<Step> {
  const { rows, next, shopTime } = await walkOn(lists.parents, at.place, 2);
  const waiting = rows.map((row) => row.id);
  return {
    found: [],
    walk:
      next === null && waiting.length === 0
        ? null
        : { ...at, waiting, place: next ?? at.place, lastOnes: next === null, variations: null },
    products: at.products,
    variations: null,
    shopTime,
  };
}

async function readWaitingParents(lists: Lists, at: Walk): Promise<Step> {
  const now = at.waiting.slice(0, PARENTS_A_STEP);
  const found: CatalogProduct[] = [];
  let shopTime: number | null = null;
  const variationsOf = async (parentId: number): Promise<CatalogProduct[]> => {
    const walked = await walkToTheEnd(lists.variationsOf(parentId));
    shopTime ??= walked.shopTime;
    return walked.rows.map((row) => catalogVariation(row, parentId));
  };
  for (let index = 0; index < now.length; index += 2) {
    const [one, other] = [now[index], now[index + 1]];
    if (one === undefined) break;
    const [ofOne, ofOther] = await together(variationsOf(one), other === undefined ? null : variationsOf(other));
    found.push(...ofOne, ...(ofOther ?? []));
  }
  const waiting = at.waiting.slice(PARENTS_A_STEP);
  return {
    found,
    walk: waiting.length === 0 && at.lastOnes ? null : { ...at, waiting },
    products: at.products,
    variations: null,
    shopTime,
  };
}

async function orNoRoute<Reading>(reading: Promise<Reading>): Promise<Reading | null> {
  try {
    return await reading;
  } catch (thrown) {
    if (isMissing(thrown, 'rest_no_route')) return null;
    throw thrown;
  }
}

/** Everything; nothing to check, since nothing is filtered but by being in the trash. */
const EVERYTHING: ListsWanted = { filter: {}, check: () => undefined, wanted: () => true };

const SECOND = 1000;
const HOUR = 3_600_000;
const FRIDAY = 5;

/**
 * The date to ask for: the shop compares seconds, and wants later ones only. It also reads a date in UTC by its own
 * zone, and what falls into the hour its clocks leave out in spring counts as an hour later. Clocks are put forward
 * in the small hours of a Friday to Sunday; then an hour more is asked for.
 */
export function dateToAskAfter(since: number): number {
  const exact = Math.floor(since / SECOND) * SECOND - SECOND;
  const date = new Date(exact);
  const mayBeLeftOut = date.getUTCHours() < 5 && (date.getUTCDay() === 0 || date.getUTCDay() >= FRIDAY);
  return mayBeLeftOut ? exact - HOUR : exact;
}

function changedSince(since: number): ListsWanted {
  const after = dateToAskAfter(since);
  const firstSecond = Math.floor(since / SECOND) * SECOND;
  return {
    filter: { modified_after: new Date(after).toISOString().slice(0, 19), dates_are_gmt: 'true' },
    // A version that does not know the filter lists everything, beginning with the oldest.
    check: (rows) => {
      if (rows.some((row) => (modifiedAt(row) ?? 0) <= after)) throw ignoredFilter('modified_after');
    },
    wanted: (product) => product.modifiedAt !== null && product.modifiedAt >= firstSecond,
  };
}

/** The catalogue of a WooCommerce shop, read over its REST API v3. */
export function createWooCommerceCatalogue(options: WooApiOptions): ShopCatalogue {
  const api = createWooApi(options);
  return {
    list: (access, cursor, signal) => stepOn(listsOf(api, access, signal, EVERYTHING), cursor),
    listChanged: (access, since, cursor, signal) => stepOn(listsOf(api, access, signal, changedSince(since)), cursor),
  };
}
