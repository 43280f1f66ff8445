import { type Catalogue, collate, type SimulatedProduct } from './catalogue';
import { invalidParam } from './rest-error';

export type Params = Readonly<Record<string, unknown>>;

/** What a version of WooCommerce knows; parameters it does not know are ignored without a word. */
export interface Features {
  readonly searchNameOrSku: boolean;
  readonly gtin: boolean;
  readonly globalVariations: boolean;
  readonly modifiedAfter: boolean;
}

export interface Page {
  readonly items: readonly SimulatedProduct[];
  readonly total: number;
  readonly pages: number;
}

/** WordPress cleans every text parameter: tags, encoded bytes and repeated blanks go, and the ends are trimmed. */
export function sanitize(text: string): string {
  let clean = text
    .replace(/<[^>]*>?/g, '')
    .replace(/[\r\n\t ]+/g, ' ')
    .trim();
  let found = false;
  for (let match = /%[a-f0-9]{2}/i.exec(clean); match !== null; match = /%[a-f0-9]{2}/i.exec(clean)) {
    clean = clean.replaceAll(match[0], '');
    found = true;
  }
  return found ? clean.replace(/ +/g, ' ').trim() : clean;
}

/** PHP's empty(): "0" is nothing. */
const isEmpty = (text: string): boolean => text === '' || text === '0';

function text(params: Params, name: string): string {
  const value = params[name];
  if (value === undefined || value === null) return '';
  if (typeof value === 'string' || typeof value === 'number') return sanitize(String(value));
  throw invalidParam(name, `${name} is not of type string.`, 'rest_invalid_type');
}

export function integer(params: Params, name: string, fallback: number, least: number, most: number): number {
  const value = params[name];
  if (value === undefined) return fallback;
  const number = Number(value);
  if (!Number.isInteger(number)) throw invalidParam(name, `${name} is not of type integer.`, 'rest_invalid_type');
  if (number < least || number > most) {
    const words = Number.isFinite(most)
      ? `between ${least} (inclusive) and ${most} (inclusive)`
      : `greater than or equal to ${least}`;
    throw invalidParam(name, `${name} must be ${words}`, 'rest_out_of_bounds');
  }
  return number;
}

export function oneOf(params: Params, name: string, fallback: string, allowed: readonly string[]): string {
  const value = params[name] === undefined ? fallback : String(params[name]);
  if (!allowed.includes(value)) {
    throw invalidParam(name, `${name} is not one of ${allowed.join(', ')}.`, 'rest_not_in_enum');
  }
  return value;
}

function ids(params: Params, name: string): number[] {
  const value = params[name];
  if (value === undefined || value === '') return [];
  const list = Array.isArray(value) ? value.map(String) : String(value).split(/[\s,]+/);
  return list
    .filter((each) => each !== '')
    .map((each) => {
      if (!/^-?\d+$/.test(each)) throw invalidParam(name, `${name}[0] is not of type integer.`, 'rest_invalid_type');
      return Number(each);
    });
}

const ORDERS = [
  'date',
  'id',
  'include',
  'title',
  'slug',
  'modified',
  'popularity',
  'rating',
  'post__in',
  'price',
  'sales',
  'menu_order',
  'random',
];
const STATUSES = ['any', 'future', 'trash', 'draft', 'pending', 'private', 'publish'];

const foldedName = (product: SimulatedProduct): string => (product.foldedName ??= collate(product.name));

const words = (value: string): string[] =>
  value
    .split(' ')
    .map((word) => collate(word.trim()))
    .filter((word) => !isEmpty(word));

type Test = (product: SimulatedProduct) => boolean;

/** GET /products. */
export function listProducts(catalogue: Catalogue, params: Params, features: Features): Page {
  return walkedPage(() => catalogue.listed(), params) ?? filteredPage(catalogue, params, features);
}

const WALKING = new Set(['per_page', 'page', 'offset', 'orderby', 'order', 'status', '_fields']);

/** A page of a whole list by id: cut out of the list at once, since a hundred thousand products are walked so. */
function walkedPage(list: () => readonly SimulatedProduct[], params: Params): Page | null {
  const isWalk = Object.keys(params).every((name) => WALKING.has(name) || name.startsWith('oauth_'));
  if (!isWalk || (params['status'] ?? 'any') !== 'any') return null;
  const perPage = integer(params, 'per_page', 10, 1, 100);
  const page = integer(params, 'page', 1, 1, Infinity);
  if (!['date', 'id'].includes(String(params['orderby'] ?? 'date'))) return null;
  const descending = oneOf(params, 'order', 'desc', ['asc', 'desc']) === 'desc';
  const all = list();
  const start = integer(params, 'offset', (page - 1) * perPage, 0, Infinity);
  const items = descending
    ? all.slice(Math.max(0, all.length - start - perPage), Math.max(0, all.length - start)).reverse()
    : all.slice(start, start + perPage);
  return { items, total: all.length, pages: Math.ceil(all.length / perPage) };
}

function filteredPage(catalogue: Catalogue, params: Params, features: Features): Page {
  const { candidates, tests } = narrowed(catalogue, params, features);
  return paged(candidates, tests, params);
}

/** GET /products/<id>/variations and GET /variations. */
export function listVariations(
  catalogue: Catalogue,
  params: Params,
  features: Features,
  parentId: number | null,
): Page {
  const walked = parentId === null ? walkedPage(() => catalogue.listedVariations(), params) : null;
  if (walked !== null) return walked;
  const sku = text(params, 'sku');
  const gtin = text(params, 'global_unique_id');
  const tests: Test[] = [(product) => product.type === 'variation', statusTest(params)];
  let candidates: Iterable<SimulatedProduct> = catalogue.all();
  const include = ids(params, 'include');
  if (parentId !== null) {
    candidates = (catalogue.get(parentId)?.children ?? []).flatMap((id) => catalogue.get(id) ?? []);
    tests.push((product) => product.parentId === parentId);
  }
  if (include.length > 0) {
    candidates = include.flatMap((id) => catalogue.get(id) ?? []);
  }
  const modifiedAfter = features.modifiedAfter ? modifiedTest(params) : null;
  if (modifiedAfter !== null) tests.push(modifiedAfter);
  if (!isEmpty(sku)) {
    const wanted = new Set(sku.split(',').map(collate));
    tests.push((product) => product.sku !== '' && wanted.has(collate(product.sku)));
  }
  if (!isEmpty(gtin)) {
    const wanted = new Set(gtin.split(',').map((each) => each.trim()));
    tests.push((product) => wanted.has(product.gtin));
  }
  return paged(candidates, tests, params);
}

function statusTest(params: Params): Test {
  const status = oneOf(params, 'status', 'any', STATUSES);
  return status === 'any' ? (product) => product.status !== 'trash' : (product) => product.status === status;
}

/** The smallest set the filters can be answered from, and what is left to test on it. */
function narrowed(
  catalogue: Catalogue,
  params: Params,
  features: Features,
): { candidates: Iterable<SimulatedProduct>; tests: Test[] } {
  const tests: Test[] = [statusTest(params)];
  let candidates: Iterable<SimulatedProduct> | null = null;
  let withVariations = false;

  const nameOrSku = features.searchNameOrSku ? text(params, 'search_name_or_sku') : '';
  const searchSku = nameOrSku === '' ? text(params, 'search_sku') : '';
  const sku = nameOrSku === '' && isEmpty(searchSku) ? text(params, 'sku') : '';
  const search = nameOrSku === '' ? text(params, 'search') : '';
  const gtin = features.gtin ? text(params, 'global_unique_id') : '';

  if (nameOrSku !== '') {
    const wanted = words(nameOrSku);
    withVariations = true;
    tests.push((product) =>
      wanted.every((word) => foldedName(product).includes(word) || collate(product.sku).includes(word)),
    );
  }
  if (!isEmpty(searchSku)) {
    const wanted = collate(searchSku);
    withVariations = true;
    tests.push((product) => collate(product.sku).includes(wanted));
  }
  if (!isEmpty(sku)) {
    const asked = sku.split(',');
    candidates = [...new Set(asked.length > 1 ? [...asked, sku] : asked)].flatMap((each) => catalogue.withSku(each));
    withVariations = true;
  }
  if (search !== '') {
    const wanted = words(search);
    tests.push((product) => wanted.every((word) => foldedName(product).includes(word)));
  }
  if (!isEmpty(gtin)) {
    const asked = new Set(gtin.split(',').map((each) => each.trim()));
    if (candidates === null) candidates = [...asked].flatMap((each) => catalogue.withGtin(each));
    else tests.push((product) => asked.has(product.gtin));
    withVariations = true;
  }
  const include = ids(params, 'include');
  if (include.length > 0) {
    if (candidates === null) candidates = include.flatMap((id) => catalogue.get(id) ?? []);
    else {
      const wanted = new Set(include);
      tests.push((product) => wanted.has(product.id));
    }
  }
  const exclude = new Set(ids(params, 'exclude'));
  if (exclude.size > 0) tests.push((product) => !exclude.has(product.id));
  const type = text(params, 'type');
  if (type !== '') tests.push((product) => product.type === type);
  const stockStatus = text(params, 'stock_status');
  if (stockStatus !== '') tests.push((product) => catalogue.shownStatus(product) === stockStatus);
  const modifiedAfter = features.modifiedAfter ? modifiedTest(params) : null;
  if (modifiedAfter !== null) tests.push(modifiedAfter);
  if (!withVariations) tests.push((product) => product.type !== 'variation');
  const trashWanted = params['status'] === 'trash';
  return { candidates: candidates ?? (withVariations || trashWanted ? catalogue.all() : catalogue.listed()), tests };
}

/** Exclusive, and to the second. */
function modifiedTest(params: Params): Test | null {
  const value = text(params, 'modified_after');
  if (value === '') return null;
  const hasZone = /(Z|[+-]\d\d:?\d\d)$/i.test(value);
  // The simulated site's own zone is UTC, so dates_are_gmt changes nothing.
  const time = Date.parse(hasZone ? value : `${value}Z`);
  if (Number.isNaN(time)) throw invalidParam('modified_after', 'Invalid date.', 'rest_invalid_date');
  return (product) => Math.floor(product.modifiedAt / 1000) * 1000 > time;
}

function paged(candidates: Iterable<SimulatedProduct>, tests: readonly Test[], params: Params): Page {
  const perPage = integer(params, 'per_page', 10, 1, 100);
  const page = integer(params, 'page', 1, 1, Infinity);
  const orderBy = oneOf(params, 'orderby', 'date', ORDERS);
  const descending = oneOf(params, 'order', 'desc', ['asc', 'desc']) === 'desc';
  const offset = integer(params, 'offset', (page - 1) * perPage, 0, Infinity);

  const found: SimulatedProduct[] = [];
  const seen = new Set<number>();
  for (const product of candidates) {
    if (seen.has(product.id) || !tests.every((test) => test(product))) continue;
    seen.add(product.id);
    found.push(product);
  }
  const include = orderBy === 'include' || orderBy === 'post__in' ? ids(params, 'include') : [];
  sort(found, orderBy, descending, include);
  return {
    items: found.slice(offset, offset + perPage),
    total: found.length,
    pages: Math.ceil(found.length / perPage),
  };
}

function sort(found: SimulatedProduct[], orderBy: string, descending: boolean, include: readonly number[]): void {
  const direction = descending ? -1 : 1;
  if (include.length > 0) {
    const place = new Map(include.map((id, index) => [id, index]));
    found.sort((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0));
  } else if (orderBy === 'title') {
    found.sort((a, b) => direction * foldedName(a).localeCompare(foldedName(b)));
  } else if (orderBy === 'modified') {
    found.sort((a, b) => direction * (a.modifiedAt - b.modifiedAt || a.id - b.id));
  } else {
    found.sort((a, b) => direction * (a.id - b.id));
  }
}
