import { isObject, type LosslessValue } from '../push-body/decode-json';
import { textOf } from '../push-body/text-of';
import type { Condition, FieldMapping } from './field-mapping';
import type { SignatureScheme } from './signature';

/** What we know of a sender whose calls are documented. */
export interface Preset {
  readonly mapping: FieldMapping;
  readonly signature: SignatureScheme | null;
  /** How it tries whether we are there. */
  readonly test?: Condition;
  /** Where no path leads to what a line means. */
  readonly prepare?: (line: LosslessValue) => LosslessValue;
}

const mapping = (of: Partial<FieldMapping> & Pick<FieldMapping, 'fields'>): FieldMapping => ({
  items: [''],
  eventId: null,
  mode: 'levels',
  only: [],
  ...of,
});

const sha256 = (header: string, more: Partial<SignatureScheme> = {}): SignatureScheme => ({
  algorithm: 'sha256',
  encoding: 'base64',
  covers: 'body',
  header,
  ...more,
});

/** The number in `gid://shopify/InventoryLevel/1?inventory_item_id=2` is exact where the other was a float on its way. */
function withIdOfGid(line: LosslessValue): LosslessValue {
  if (!isObject(line)) return line;
  const gid = textOf(line['admin_graphql_api_id']);
  const id = /[?&]inventory_item_id=(\d+)/.exec(gid)?.[1] ?? /\/InventoryItem\/(\d+)/.exec(gid)?.[1];
  return id === undefined ? line : { ...line, inventory_item_id: id };
}

export const PRESETS = {
  square: {
    mapping: mapping({
      items: ['data.object.inventory_counts'],
      fields: {
        id: 'catalog_object_id',
        warehouse: 'location_id',
        quantity: 'quantity',
        observedAt: 'calculated_at',
      },
      eventId: 'event_id',
      only: [
        { field: '/type', is: ['inventory.count.updated'] },
        { field: 'state', is: ['IN_STOCK'] },
      ],
    }),
    signature: sha256('x-square-hmacsha256-signature', { covers: 'url+body' }),
  },
  zettle: {
    mapping: mapping({
      items: ['payload.balanceAfter'],
      fields: { id: 'variantUuid', warehouse: 'locationUuid', quantity: 'balance', observedAt: '/timestamp' },
      eventId: 'messageUuid',
      only: [{ field: '/eventName', is: ['InventoryBalanceChanged'] }],
    }),
    signature: sha256('x-izettle-signature', { encoding: 'hex', covers: 'timestamp.payload' }),
    test: { field: '/eventName', is: ['TestMessage'] },
  },
  shopify: {
    mapping: mapping({
      fields: {
        id: 'inventory_item_id',
        warehouse: 'location_id',
        quantity: 'available',
        observedAt: 'updated_at',
      },
      only: [{ field: '/inventory_item_id' }],
    }),
    signature: sha256('x-shopify-hmac-sha256'),
    prepare: withIdOfGid,
  },
  loyverse: {
    mapping: mapping({
      items: ['inventory_levels', ''],
      fields: { id: 'variant_id', warehouse: 'store_id', quantity: 'in_stock', observedAt: 'updated_at' },
      // Some accounts get the bare list.
      only: [{ field: '/type', is: ['inventory_levels.update'], orAbsent: true }],
    }),
    signature: { algorithm: 'sha1', encoding: 'base64', covers: 'body', header: 'x-loyverse-signature' },
  },
  lightspeed: {
    mapping: mapping({
      // Alone in its form, the payload is the body.
      items: ['payload', ''],
      fields: { code: 'product.sku|sku', id: 'product_id', warehouse: 'outlet_id', quantity: 'count' },
      only: [{ field: '/type', is: ['inventory.update'], orAbsent: true }],
    }),
    signature: sha256('x-signature', { encoding: 'either' }),
  },
  frappe: {
    mapping: mapping({
      fields: { code: 'item_code', warehouse: 'warehouse', quantity: 'actual_qty' },
      // In the entries of the stock ledger, the same field is what a level changed by.
      only: [{ field: '/doctype', is: ['Bin'], orAbsent: true }],
    }),
    signature: sha256('x-frappe-webhook-signature'),
  },
  dotypos: {
    mapping: mapping({
      mode: 'changes',
      fields: { id: 'product_id', warehouse: 'warehouseid', quantity: 'quantity' },
    }),
    signature: null,
  },
  picqer: {
    mapping: mapping({
      items: ['data.stock'],
      fields: {
        code: '/data.productcode',
        barcode: '/data.barcode',
        name: '/data.name',
        id: '/data.idproduct',
        warehouse: 'idwarehouse',
        quantity: 'freestock|stock',
      },
      only: [
        {
          field: '/event',
          is: ['products.free_stock_changed', 'products.stock_changed', 'products.assembled_stock_changed'],
        },
      ],
    }),
    signature: sha256('x-picqer-signature'),
  },
  kiotviet: {
    mapping: mapping({
      items: ['Notifications.Data'],
      fields: {
        code: 'ProductCode',
        name: 'ProductName',
        id: 'ProductId',
        warehouse: 'BranchId|branchId',
        quantity: 'OnHand',
      },
    }),
    signature: null,
  },
  shippingbo: {
    mapping: mapping({
      items: ['object'],
      fields: { code: 'user_ref', barcode: 'ean13', id: 'id', quantity: 'stock' },
      only: [
        { field: '/object_class', is: ['Product'] },
        { field: '/additional_data.field', is: ['stock'] },
      ],
    }),
    signature: null,
  },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];

export const presetOf = (name: string | undefined): Preset | null =>
  name !== undefined && Object.hasOwn(PRESETS, name) ? PRESETS[name as PresetName] : null;
