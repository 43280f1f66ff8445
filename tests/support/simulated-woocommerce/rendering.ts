import type { Catalogue, SimulatedProduct } from './catalogue';

type Renderer = (product: SimulatedProduct, catalogue: Catalogue, home: string) => unknown;

const gmt = (time: number): string => new Date(time).toISOString().slice(0, 19);
const slug = (product: SimulatedProduct): string => `product-${product.id}`;

const manageStock: Renderer = (product, catalogue) => {
  const owner = catalogue.stockOwner(product);
  return owner === 'parent' ? 'parent' : owner === 'self';
};

const FIELDS: Readonly<Record<string, Renderer>> = {
  id: (product) => product.id,
  name: (product) => product.name,
  slug,
  permalink: (product, _catalogue, home) => `${home}/product/${slug(product)}/`,
  date_created: (product) => gmt(product.createdAt),
  date_created_gmt: (product) => gmt(product.createdAt),
  date_modified: (product) => gmt(product.modifiedAt),
  date_modified_gmt: (product) => gmt(product.modifiedAt),
  type: (product) => product.type,
  status: (product) => product.status,
  featured: () => false,
  catalog_visibility: () => 'visible',
  description: () => '<p>Descriere de produs cu diacritice: ăâîșț.</p>',
  short_description: () => '<p>Scurtă descriere.</p>',
  sku: (product, catalogue) => product.sku || (catalogue.get(product.parentId)?.sku ?? ''),
  global_unique_id: (product) => product.gtin,
  price: () => '9.99',
  regular_price: () => '9.99',
  sale_price: () => '',
  on_sale: () => false,
  purchasable: () => true,
  total_sales: () => 0,
  virtual: () => false,
  downloadable: () => false,
  downloads: () => [],
  tax_status: () => 'taxable',
  tax_class: () => '',
  manage_stock: manageStock,
  stock_quantity: (product, catalogue) => catalogue.shownQuantity(product),
  backorders: (product, catalogue) => catalogue.shownBackorders(product),
  backorders_allowed: (product, catalogue) => catalogue.shownBackorders(product) !== 'no',
  backordered: (product, catalogue) => catalogue.shownStatus(product) === 'onbackorder',
  low_stock_amount: () => null,
  sold_individually: () => false,
  weight: () => '',
  dimensions: () => ({ length: '', width: '', height: '' }),
  parent_id: (product) => product.parentId,
  attributes: (product) =>
    product.option === '' ? [] : [{ id: 0, name: 'Mărime', slug: 'marime', option: product.option }],
  variations: (product) => product.children,
  stock_status: (product, catalogue) => catalogue.shownStatus(product),
  has_options: (product) => product.type === 'variable',
  categories: (product) =>
    product.categories.map(({ id, name }) => ({ id, name, slug: name.toLowerCase().replace(/\W+/g, '-') })),
  meta_data: () => [],
  // Left out of the JSON where no plugin adds it.
  translations: (product) => product.translations ?? undefined,
};

const ALL = Object.keys(FIELDS);

const PRODUCTS_ONLY = new Set([
  'catalog_visibility',
  'featured',
  'short_description',
  'slug',
  'has_options',
  'variations',
  'total_sales',
  'categories',
]);
const VARIATION_FIELDS = ALL.filter((field) => !PRODUCTS_ONLY.has(field));

/** `_fields` as sent, or null for everything. */
export const readFields = (text: unknown): readonly string[] | null =>
  typeof text === 'string' && text.trim() !== '' ? text.split(',').map((field) => field.trim()) : null;

function render(
  product: SimulatedProduct,
  catalogue: Catalogue,
  home: string,
  fields: readonly string[],
): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const field of fields) {
    const renderer = FIELDS[field];
    if (renderer !== undefined) body[field] = renderer(product, catalogue, home);
  }
  return body;
}

const links = (product: SimulatedProduct, home: string): Record<string, unknown> => ({
  self: [{ href: `${home}/wp-json/wc/v3/products/${product.id}` }],
  collection: [{ href: `${home}/wp-json/wc/v3/products` }],
});

export interface Rendering {
  readonly catalogue: Catalogue;
  readonly home: string;
  /** Versions before 9.2 have no GTINs. */
  readonly withGtin: boolean;
}

const known = (fields: readonly string[], { withGtin }: Rendering): readonly string[] =>
  withGtin ? fields : fields.filter((field) => field !== 'global_unique_id');

/** An entry of a list: `_links` only without `_fields`. */
export function renderListed(
  product: SimulatedProduct,
  fields: readonly string[] | null,
  context: Rendering,
): Record<string, unknown> {
  const body = render(product, context.catalogue, context.home, known(fields ?? ALL, context));
  return fields === null ? { ...body, _links: links(product, context.home) } : body;
}

/** One product alone, or an item of a product batch: `_links` is always there. */
export function renderSingle(
  product: SimulatedProduct,
  fields: readonly string[] | null,
  context: Rendering,
): Record<string, unknown> {
  return {
    ...render(product, context.catalogue, context.home, known(fields ?? ALL, context)),
    _links: links(product, context.home),
  };
}

/** In the variation routes the name is only what the variation differs by. */
export function renderVariation(
  product: SimulatedProduct,
  fields: readonly string[] | null,
  context: Rendering,
): Record<string, unknown> {
  const shown = fields?.filter((field) => !PRODUCTS_ONLY.has(field)) ?? VARIATION_FIELDS;
  const body = render(product, context.catalogue, context.home, known(shown, context));
  return 'name' in body ? { ...body, name: product.option } : body;
}
