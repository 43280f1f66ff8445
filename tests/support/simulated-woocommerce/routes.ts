import { checkRole, type SimulatedKey } from './authentication';
import type { Catalogue, SimulatedProduct } from './catalogue';
import { type Fault, faultOf } from './faults';
import { type Features, listProducts, listVariations, type Page, type Params } from './listing';
import { answerOrders, type Orders, refundOrder } from './orders';
import { readFields, renderListed, renderSingle, renderVariation, type Rendering } from './rendering';
import { noRoute, RestError } from './rest-error';
import { answerWebhooks, type Webhooks } from './webhooks';
import {
  applyUpdate,
  type Body,
  checkSchema,
  createProduct,
  createVariation,
  isBody,
  NO_WRITE_FAULTS,
  phpInteger,
  storedName,
  type WriteFaults,
} from './writing';

export interface RestRequest {
  readonly method: string;
  readonly route: string;
  readonly params: Params;
  readonly body: Body;
  readonly user: SimulatedKey | null;
  readonly faults: readonly Fault[];
}

export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One quantity asked for in a write, whether the shop took it or not. */
export interface RecordedWrite {
  readonly id: number;
  readonly sku: string;
  /** The number; written by difference, `{ inventory_delta }`. */
  readonly asked: unknown;
  readonly before: number | null;
  readonly after: number | null;
}

export interface Shop {
  readonly catalogue: Catalogue;
  readonly features: Features;
  readonly home: string;
  readonly version: string;
  readonly now: () => number;
  readonly record: (write: RecordedWrite) => void;
  readonly webhooks: Webhooks;
  readonly orders: Orders;
}

/** PHP died: whatever was done until then stays done. */
export class PhpDied extends Error {}

const LARGEST_BATCH = 100;

const ok = (body: unknown): RestAnswer => ({ status: 200, body });

const invalidProduct = (status: number): RestError =>
  new RestError(status, 'woocommerce_rest_product_invalid_id', 'Invalid ID.');

const invalidVariation = (): RestError =>
  new RestError(404, 'woocommerce_rest_product_variation_invalid_id', 'Invalid ID.');

const variationOnProductRoute = (): RestError =>
  new RestError(
    404,
    'woocommerce_rest_invalid_product_id',
    'To manipulate product variations you should use the /products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint.',
  );

export function answerRest(shop: Shop, request: RestRequest): RestAnswer {
  const { route, method } = request;
  const reading = method === 'GET' || method === 'HEAD';
  if (route === '/' || route === '') return ok(index(shop, request.params));
  if (route === '/wc/v3/products') {
    if (reading) return list(shop, request, listProducts(shop.catalogue, request.params, shop.features), renderListed);
    if (method === 'POST') return create(shop, request);
    throw noRoute();
  }
  if (route === '/wc/v3/variations' && reading && shop.features.globalVariations) {
    return list(shop, request, listVariations(shop.catalogue, request.params, shop.features, null), renderVariation);
  }
  if (route === '/wc/v3/system_status' && reading) return ok(systemStatus(shop, request));
  if (route === '/wc/v3/settings/products/woocommerce_manage_stock' && reading)
    return ok(manageStockSetting(shop, request));
  const webhook = /^\/wc\/v3\/webhooks(?:\/(\d+))?$/.exec(route);
  if (webhook !== null) return answerWebhooks(shop.webhooks, request, webhook[1] ?? null);
  const category = /^\/wc\/v3\/products\/categories(?:\/(\d+))?$/.exec(route);
  if (category !== null) return answerCategories(shop, request, category[1] ?? null);
  const refunded = /^\/wc\/v3\/orders\/(\d+)\/refunds$/.exec(route)?.[1];
  if (refunded !== undefined && request.method === 'POST') return refundOrder(shop.orders, request, Number(refunded));
  const order = /^\/wc\/v3\/orders(?:\/(\d+))?$/.exec(route);
  if (order !== null) return answerOrders(shop.orders, shop.catalogue, request, order[1] ?? null);
  const product = /^\/wc\/v3\/products\/(\d+)(\/.*)?$/.exec(route);
  if (route === '/wc/v3/products/batch' && isWriting(method)) return batch(shop, request, null);
  if (product?.[1] !== undefined) return answerProduct(shop, request, Number(product[1]), product[2] ?? '');
  throw noRoute();
}

const isWriting = (method: string): boolean => method === 'POST' || method === 'PUT' || method === 'PATCH';

function answerCategories(shop: Shop, request: RestRequest, id: string | null): RestAnswer {
  if (request.method === 'POST' && id === null) {
    checkRole(request.user, 'create');
    return { status: 201, body: shop.catalogue.addCategory(storedName(String(request.body['name'] ?? ''))) };
  }
  if (request.method === 'DELETE' && id !== null) {
    checkRole(request.user, 'delete');
    shop.catalogue.removeCategory(Number(id));
    return ok({ id: Number(id) });
  }
  throw noRoute();
}

function answerProduct(shop: Shop, request: RestRequest, id: number, rest: string): RestAnswer {
  const { method } = request;
  if (rest === '') {
    if (method === 'GET' || method === 'HEAD') return readProduct(shop, request, id);
    if (isWriting(method)) return updateProduct(shop, request, id);
    if (method === 'DELETE') return deleteProduct(shop, request, id);
  }
  if (rest === '/variations') {
    if (method === 'GET' || method === 'HEAD') {
      return list(shop, request, listVariations(shop.catalogue, request.params, shop.features, id), renderVariation);
    }
    if (method === 'POST') return addVariation(shop, request, id);
  }
  if (rest === '/variations/batch' && isWriting(method)) return batch(shop, request, id);
  const variation = /^\/variations\/(\d+)$/.exec(rest)?.[1];
  if (variation !== undefined) return answerVariation(shop, request, id, Number(variation));
  throw noRoute();
}

export const rendering = (shop: Shop): Rendering => ({
  catalogue: shop.catalogue,
  home: shop.home,
  withGtin: shop.features.gtin,
});

function list(shop: Shop, request: RestRequest, page: Page, render: typeof renderListed): RestAnswer {
  checkRole(request.user, 'view');
  const fields = readFields(request.params['_fields']);
  return {
    status: 200,
    body: page.items.map((product) => render(product, fields, rendering(shop))),
    headers: { 'X-WP-Total': String(page.total), 'X-WP-TotalPages': String(page.pages) },
  };
}

function single(shop: Shop, request: RestRequest, product: SimulatedProduct, status = 200): RestAnswer {
  const fields = readFields(request.params['_fields']);
  return { status, body: renderSingle(product, fields, rendering(shop)) };
}

function readProduct(shop: Shop, request: RestRequest, id: number): RestAnswer {
  checkRole(request.user, 'view');
  const product = shop.catalogue.get(id);
  if (product === undefined) throw invalidProduct(404);
  return single(shop, request, product);
}

function create(shop: Shop, request: RestRequest): RestAnswer {
  checkRole(request.user, 'create');
  checkSchema(request.body);
  return single(shop, request, createProduct(shop.catalogue, request.body), 201);
}

function updateProduct(shop: Shop, request: RestRequest, id: number): RestAnswer {
  checkRole(request.user, 'edit');
  checkSchema(request.body);
  const product = productToUpdate(shop, id);
  update(shop, product, request.body, true, request.faults);
  return single(shop, request, product);
}

function productToUpdate(shop: Shop, id: number): SimulatedProduct {
  const product = shop.catalogue.get(id);
  if (product === undefined) throw invalidProduct(400);
  if (product.type === 'variation') throw variationOnProductRoute();
  return product;
}

function variationToUpdate(shop: Shop, parentId: number, id: number): SimulatedProduct {
  const variation = shop.catalogue.get(id);
  if (variation?.type !== 'variation' || variation.parentId !== parentId) throw invalidVariation();
  return variation;
}

function deleteProduct(shop: Shop, request: RestRequest, id: number): RestAnswer {
  checkRole(request.user, 'delete');
  const product = shop.catalogue.get(id);
  if (product === undefined) throw invalidProduct(404);
  if (product.type === 'variation') throw variationOnProductRoute();
  const answer = single(shop, request, product);
  if (String(request.params['force']) === 'true') shop.catalogue.remove(product);
  else shop.catalogue.changeStatus(product, 'trash');
  return answer;
}

function addVariation(shop: Shop, request: RestRequest, parentId: number): RestAnswer {
  checkRole(request.user, 'create');
  checkSchema(request.body);
  if (shop.catalogue.get(parentId)?.type !== 'variable') throw invalidProduct(404);
  const variation = createVariation(shop.catalogue, parentId, request.body);
  return { status: 201, body: renderVariation(variation, null, rendering(shop)) };
}

function answerVariation(shop: Shop, request: RestRequest, parentId: number, id: number): RestAnswer {
  checkRole(request.user, request.method === 'GET' ? 'view' : 'edit');
  if (isWriting(request.method)) checkSchema(request.body);
  const variation = variationToUpdate(shop, parentId, id);
  if (isWriting(request.method)) update(shop, variation, request.body, true, request.faults);
  else if (request.method === 'DELETE') {
    if (String(request.params['force']) === 'true') shop.catalogue.remove(variation);
    else shop.catalogue.changeStatus(variation, 'trash');
  }
  const fields = readFields(request.params['_fields']);
  return ok(renderVariation(variation, fields, rendering(shop)));
}

function writeFaults(faults: readonly Fault[]): WriteFaults {
  const ignore = faultOf(faults, 'ignore-writes');
  const other = faultOf(faults, 'store-other');
  if (ignore === undefined && other === undefined) return NO_WRITE_FAULTS;
  const concerns = (skus: readonly string[] | undefined, product: SimulatedProduct): boolean =>
    skus === undefined || skus.includes(product.sku);
  return {
    ignored: (product) => ignore !== undefined && concerns(ignore.skus, product),
    stored: (product, quantity) =>
      other !== undefined && concerns(other.skus, product) ? other.change(quantity) : quantity,
  };
}

function update(shop: Shop, product: SimulatedProduct, body: Body, single: boolean, faults: readonly Fault[]): void {
  const before = shop.catalogue.shownQuantity(product);
  applyUpdate(shop.catalogue, product, body, single, writeFaults(faults));
  const { stock_quantity: number, inventory_delta } = body;
  if (number === undefined && inventory_delta === undefined) return;
  const after = shop.catalogue.shownQuantity(product);
  const asked = number === undefined ? { inventory_delta } : number;
  shop.record({ id: product.id, sku: product.sku, asked, before, after });
}

const entries = (value: unknown): unknown[] => {
  if (Array.isArray(value)) return value;
  return isBody(value) ? Object.values(value) : [];
};

/** POST /products/batch and /products/<parent>/variations/batch: not validated, not one transaction, always 200. */
function batch(shop: Shop, request: RestRequest, parentId: number | null): RestAnswer {
  checkRole(request.user, 'batch');
  const creates = entries(request.body['create']);
  const updates = entries(request.body['update']);
  const deletes = entries(request.body['delete']);
  if (creates.length + updates.length + deletes.length > LARGEST_BATCH) {
    throw new RestError(
      413,
      'woocommerce_rest_request_entity_too_large',
      `Unable to accept more than ${LARGEST_BATCH} items for this request.`,
    );
  }
  const poison = faultOf(request.faults, 'poison');
  if (poison !== undefined && updates.some((item) => isPoisoned(shop, item, poison.skus))) throw new PhpDied();
  const dying = faultOf(request.faults, 'die-in-batch');
  const body: Record<string, unknown[]> = {};
  if (creates.length > 0) body['create'] = creates.map((item) => perItem(item, () => createItem(shop, item, parentId)));
  if (updates.length > 0) {
    body['update'] = updates.map((item, index) => {
      if (dying !== undefined && index >= dying.items) throw new PhpDied();
      return perItem(item, () => updateItem(shop, item, parentId, request.faults));
    });
  }
  if (deletes.length > 0) body['delete'] = deletes.map((item) => perItem({ id: item }, () => deleteItem(shop, item)));
  const wrong = faultOf(request.faults, 'wrong-answer');
  if (wrong !== undefined) body['update'] = wronglyAnswered(body['update'] ?? [], wrong.how);
  return ok(withTopFields(body, readFields(request.params['_fields'])));
}

function wronglyAnswered(items: readonly unknown[], how: 'short' | 'long' | 'reversed'): unknown[] {
  if (how === 'short') return items.slice(0, -1);
  return how === 'long' ? [...items, ...items.slice(-1)] : items.toReversed();
}

const isPoisoned = (shop: Shop, item: unknown, skus: readonly string[]): boolean =>
  isBody(item) && skus.includes(shop.catalogue.get(phpInteger(item['id']))?.sku ?? '');

function perItem(item: unknown, work: () => unknown): unknown {
  if (typeof item === 'string') throw new PhpDied();
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof RestError)) throw thrown;
    const id = isBody(item) && item['id'] !== undefined ? phpInteger(item['id']) : null;
    return { id, error: thrown.body };
  }
}

function createItem(shop: Shop, item: unknown, parentId: number | null): unknown {
  const body = isBody(item) ? item : {};
  if (parentId !== null) return renderVariation(createVariation(shop.catalogue, parentId, body), null, rendering(shop));
  return renderSingle(createProduct(shop.catalogue, body), readFields(body['_fields']), rendering(shop));
}

function updateItem(shop: Shop, item: unknown, parentId: number | null, faults: readonly Fault[]): unknown {
  const body = isBody(item) ? item : {};
  const id = phpInteger(body['id']);
  if (parentId !== null) {
    const variation = variationToUpdate(shop, parentId, id);
    update(shop, variation, body, false, faults);
    return renderVariation(variation, null, rendering(shop));
  }
  const product = productToUpdate(shop, id);
  update(shop, product, body, false, faults);
  return renderSingle(product, readFields(body['_fields']), rendering(shop));
}

function deleteItem(shop: Shop, item: unknown): unknown {
  const product = shop.catalogue.get(phpInteger(item));
  if (product === undefined) throw invalidProduct(404);
  const answer = renderSingle(product, null, rendering(shop));
  shop.catalogue.remove(product);
  return answer;
}

/** An empty result is an empty list; `_fields` in the address cuts the items' answers away, though all was written. */
function withTopFields(body: Record<string, unknown[]>, fields: readonly string[] | null): unknown {
  const kept: Record<string, unknown[]> = {};
  for (const [name, items] of Object.entries(body)) {
    if (fields === null || fields.includes(name)) kept[name] = items;
    else if (fields.some((field) => field.startsWith(`${name}.`))) kept[name] = [];
  }
  return Object.keys(kept).length === 0 ? [] : kept;
}

const NAMESPACES = ['oembed/1.0', 'wc/v3', 'wc/v2', 'wc/v1', 'wc/store', 'wc/store/v1', 'wp/v2'];

function index(shop: Shop, params: Params): Record<string, unknown> {
  const all: Record<string, unknown> = {
    name: 'Magazin de Probă',
    description: '',
    url: shop.home,
    home: shop.home,
    gmt_offset: 0,
    timezone_string: 'UTC',
    namespaces: NAMESPACES,
  };
  const fields = readFields(params['_fields']);
  return fields === null ? all : Object.fromEntries(Object.entries(all).filter(([name]) => fields.includes(name)));
}

function systemStatus(shop: Shop, request: RestRequest): Record<string, unknown> {
  checkRole(request.user, 'view');
  return {
    environment: {
      home_url: shop.home,
      site_url: shop.home,
      version: shop.version,
      wp_version: '6.9.1',
      php_version: '8.2.36',
      wp_cron: true,
    },
    settings: { currency: 'RON' },
  };
}

function manageStockSetting(shop: Shop, request: RestRequest): Record<string, unknown> {
  checkRole(request.user, 'view');
  return {
    id: 'woocommerce_manage_stock',
    label: 'Manage stock',
    type: 'checkbox',
    default: 'yes',
    value: shop.catalogue.manageStockStoreWide ? 'yes' : 'no',
  };
}
