import { ORDERS_NOT_COUNTED } from '../../server/domain/order-rule';
import type { RawPush } from '../../server/domain/ports/stock-source';
import type { Connection } from '../../server/domain/ports/connections';
import type { ShopAccess, ShopProduct, ShopProductRef } from '../../server/domain/ports/shop-target';
import type { ClaimedItem, NumberFacts, ProductLink } from '../../server/domain/ports/sync-items';
import { quantity } from '../../server/domain/quantity';
import type { StockChange } from '../../server/domain/stock-change';
import { NO_RULES, type WarehouseLevel } from '../../server/domain/target-stock';

export const ref = (productId: number, variationId: number | null = null): ShopProductRef => ({
  productId,
  variationId,
});

/** A published simple product that keeps its own stock. */
export const shopProduct = (id: number, changes: Partial<ShopProduct> = {}): ShopProduct => ({
  ref: ref(id),
  type: 'simple',
  sku: `SKU-${id}`,
  name: `Product ${id}`,
  gtin: null,
  status: 'publish',
  stockOwner: 'self',
  quantity: quantity('0'),
  stockStatus: 'instock',
  backorders: false,
  translations: [],
  ...changes,
});

export const level = (amount: string, warehouse = 'Depozit'): WarehouseLevel => ({
  warehouse,
  quantity: quantity(amount),
});

export const connection = (changes: Partial<Connection> = {}): Connection => ({
  id: 1,
  sourceId: 1,
  shopId: 1,
  warehouses: '*',
  matchBy: ['code', 'barcode', 'name'],
  mode: 'live',
  allowNameAfterCode: false,
  holdErrors: false,
  rules: NO_RULES,
  categoryBuffers: [],
  unmanaged: 'report',
  onDifference: 'repair',
  orders: ORDERS_NOT_COUNTED,
  createdAt: 0,
  updatedAt: 0,
  ...changes,
});

export const productLink = (productId: number, changes: Partial<ProductLink> = {}): ProductLink => ({
  ref: ref(productId),
  foundBy: 'code',
  sku: `SKU-${productId}`,
  name: `Product ${productId}`,
  provenAt: 0,
  twins: [],
  ...changes,
});

/** A product no rule is made for, as far as is known. */
export const NO_FACTS: NumberFacts = {
  buffer: null,
  packSize: null,
  backorders: false,
  categoryIds: [],
  held: null,
  unseen: [],
};

/** An item in a worker's hands: the source says 7 of the product with the code SKU-<id>. */
export const claimedItem = (id: number, changes: Partial<ClaimedItem> = {}): ClaimedItem => ({
  id,
  connectionId: 1,
  sourceProductId: id,
  epoch: 1,
  version: 1,
  priority: 0,
  attempts: 0,
  waitingSince: null,
  subject: { code: `SKU-${id}`, barcode: null, name: `Product ${id}` },
  levels: [level('7')],
  facts: NO_FACTS,
  link: null,
  shown: null,
  news: true,
  failure: null,
  left: null,
  doubtedUntil: null,
  ...changes,
});

export const stockChange = (changes: Partial<StockChange> = {}): StockChange => ({
  index: 0,
  code: 'A-1',
  barcode: null,
  name: null,
  externalId: null,
  warehouse: 'Depozit',
  quantity: quantity('7'),
  observedAt: null,
  ...changes,
});

export const shopAccess: ShopAccess = {
  shopId: 1,
  url: 'https://shop.example',
  consumerKey: 'ck_test',
  consumerSecret: 'cs_test',
  verifyTls: true,
  allowQueryKeys: false,
  authentication: null,
  routeStyle: null,
};

export const rawPush = (body: string | Uint8Array, contentType: string | null = 'application/json'): RawPush => ({
  contentType,
  body: typeof body === 'string' ? Buffer.from(body) : body,
});
