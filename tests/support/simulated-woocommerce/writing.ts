import type { Catalogue, SimulatedProduct } from './catalogue';
import { sanitize } from './listing';
import { invalidParam, RestError } from './rest-error';

export type Body = Readonly<Record<string, unknown>>;

export const isBody = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** How PHP reads a whole number from anything: what does not begin like one is 0. */
export function phpInteger(value: unknown): number {
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string') {
    const number = Number(/^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?/i.exec(value)?.[0] ?? '0');
    return Number.isFinite(number) ? Math.trunc(number) : 0;
  }
  // A list, or what was an object in JSON, is 1 when anything is in it.
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0 ? 0 : 1;
  return 0;
}

const phpBoolean = (value: unknown): boolean =>
  value === true ||
  value === 1 ||
  (typeof value === 'string' && ['yes', 'true', '1', 'on'].includes(value.toLowerCase()));

/** A single write is checked against the schema; the items of a batch are not. */
export function checkSchema(body: Body): void {
  for (const name of ['stock_quantity', 'inventory_delta']) {
    const value = body[name];
    if (value === undefined || value === null || name === 'inventory_delta') continue;
    const whole =
      typeof value === 'number' ? Number.isInteger(value) : typeof value === 'string' && /^-?\d+$/.test(value);
    if (!whole) throw invalidParam(name, `${name} is not of type integer.`, 'rest_invalid_type');
  }
  const managed = body['manage_stock'];
  if (managed !== undefined && ![true, false, 0, 1, 'true', 'false', '0', '1'].some((each) => each === managed)) {
    throw invalidParam('manage_stock', 'manage_stock is not of type boolean.', 'rest_invalid_type');
  }
}

export interface WriteFaults {
  readonly ignored: (product: SimulatedProduct) => boolean;
  readonly stored: (product: SimulatedProduct, quantity: number) => number;
}

/** Every write moves the date, even one without effect. */
export function applyUpdate(
  catalogue: Catalogue,
  product: SimulatedProduct,
  body: Body,
  nullMeansZero: boolean,
  faults: WriteFaults,
): void {
  applyBody(catalogue, product, body, nullMeansZero, faults);
  if (!faults.ignored(product)) catalogue.touch(product);
}

/** What a product or variation takes from the body of a write. */
function applyBody(
  catalogue: Catalogue,
  product: SimulatedProduct,
  body: Body,
  nullMeansZero: boolean,
  faults: WriteFaults,
): void {
  if (product.type === 'external' && phpBoolean(body['manage_stock'])) {
    throw new RestError(400, 'product_external_invalid_manage_stock', 'External products cannot be stock managed.');
  }
  applyIdentity(catalogue, product, body);
  if (faults.ignored(product)) return;
  if (body['manage_stock'] !== undefined) catalogue.setManageStock(product, phpBoolean(body['manage_stock']));
  if (typeof body['backorders'] === 'string' && catalogue.stockOwner(product) === 'self') {
    const { backorders } = body;
    if (backorders === 'yes' || backorders === 'no' || backorders === 'notify') product.backorders = backorders;
  }
  if (Array.isArray(body['categories'])) {
    product.categories = body['categories'].flatMap((each) =>
      isBody(each) ? (catalogue.category(phpInteger(each['id'])) ?? []) : [],
    );
  }
  if (typeof body['stock_status'] === 'string') catalogue.setStatusOfUnmanaged(product, body['stock_status']);
  const quantity = body['stock_quantity'];
  if (quantity !== undefined && (quantity !== null || nullMeansZero)) {
    catalogue.setQuantity(product, faults.stored(product, phpInteger(quantity)));
  } else if (body['inventory_delta'] !== undefined) {
    const sum = (product.stockQuantity ?? 0) + phpInteger(body['inventory_delta']);
    catalogue.setQuantity(product, faults.stored(product, sum));
  }
}

function applyIdentity(catalogue: Catalogue, product: SimulatedProduct, body: Body): void {
  if (typeof body['sku'] === 'string') {
    const sku = sanitize(body['sku']);
    if (sku !== product.sku) {
      checkSkuIsFree(catalogue, sku, product.id);
      catalogue.changeSku(product, sku);
    }
  }
  if (typeof body['global_unique_id'] === 'string') {
    const gtin = body['global_unique_id'].replace(/[^0-9-]/g, '');
    const [taken] = catalogue.withGtin(gtin).filter((each) => each.id !== product.id);
    if (taken !== undefined) {
      throw new RestError(400, 'product_invalid_global_unique_id', 'Invalid or duplicated GTIN, UPC, EAN or ISBN.', {
        resource_id: taken.id,
      });
    }
    catalogue.changeGtin(product, gtin);
  }
  if (typeof body['name'] === 'string' && product.type !== 'variation') {
    catalogue.rename(product, storedName(body['name']));
  }
  if (typeof body['status'] === 'string' && body['status'] !== product.status) {
    catalogue.changeStatus(product, body['status']);
  }
}

/** Names sent over REST are stored with `&` and `<` encoded. */
export const storedName = (name: string): string =>
  name.replace(/&(?!\w+;|#\d+;)/g, '&amp;').replace(/<(?![a-z/])/gi, '&lt;');

export function checkSkuIsFree(catalogue: Catalogue, sku: string, exceptId: number | null): void {
  if (sku === '') return;
  const [taken] = catalogue.withSku(sku).filter((each) => each.id !== exceptId);
  if (taken === undefined) return;
  if (taken.status === 'trash') {
    throw new RestError(
      400,
      'woocommerce_rest_product_not_created',
      `The product with SKU (${sku}) you are trying to insert is already present in the lookup table`,
    );
  }
  throw new RestError(400, 'product_invalid_sku', 'Invalid or duplicated SKU.', {
    resource_id: taken.id,
    unique_sku: `${sku}-1`,
  });
}

export function createProduct(catalogue: Catalogue, body: Body): SimulatedProduct {
  const sku = typeof body['sku'] === 'string' ? sanitize(body['sku']) : '';
  checkSkuIsFree(catalogue, sku, null);
  const type = body['type'];
  const product = catalogue.add({
    type: type === 'variable' || type === 'grouped' || type === 'external' ? type : 'simple',
    name: typeof body['name'] === 'string' ? storedName(body['name']) : '',
    sku,
    manageStock: false,
  });
  applyBody(catalogue, product, body, true, NO_WRITE_FAULTS);
  return product;
}

export function createVariation(catalogue: Catalogue, parentId: number, body: Body): SimulatedProduct {
  const attributes = Array.isArray(body['attributes']) ? body['attributes'].filter(isBody) : [];
  const option = attributes.map((attribute) => String(attribute['option'] ?? '')).join(', ');
  const sku = typeof body['sku'] === 'string' ? sanitize(body['sku']) : '';
  checkSkuIsFree(catalogue, sku, null);
  const variation = catalogue.addVariation(parentId, { option, sku, manageStock: false });
  applyBody(catalogue, variation, body, true, NO_WRITE_FAULTS);
  return variation;
}

export const NO_WRITE_FAULTS: WriteFaults = { ignored: () => false, stored: (_product, quantity) => quantity };
