import type { SettingField } from '../../domain/setting-field';

/** Under the names their users know them by. */
const SENDERS = {
  square: 'Square',
  zettle: 'Zettle',
  shopify: 'Shopify',
  loyverse: 'Loyverse',
  lightspeed: 'Lightspeed',
  frappe: 'Frappe / ERPNext',
  dotypos: 'Dotypos',
  picqer: 'Picqer',
  kiotviet: 'KiotViet',
  shippingbo: 'Shippingbo',
} as const;

const optional = { optional: true } as const;
const ofFile = { optional: true, group: 'file' } as const;
const COLUMNS = ['code', 'barcode', 'name', 'id', 'warehouse', 'quantity', 'observedAt'] as const;

export const genericForm: readonly SettingField[] = [
  {
    name: 'preset',
    type: 'select',
    words: 'preset',
    ...optional,
    options: [{ value: '', words: 'none' }, ...Object.entries(SENDERS).map(([value, name]) => ({ value, name }))],
  },
  { name: 'signatureSecret', type: 'secret', words: 'signatureSecret', ...optional },
  { name: 'keyInAddress', type: 'switch', words: 'keyInAddress', ...optional },
  { name: 'fileUrl', type: 'url', words: 'fileUrl', ...ofFile },
  {
    name: 'fileFormat',
    type: 'select',
    words: 'fileFormat',
    ...ofFile,
    options: [
      { value: '', words: 'any' },
      { value: 'csv', words: 'csv' },
      { value: 'json', words: 'json' },
    ],
  },
  { name: 'fileUser', type: 'text', words: 'fileUser', ...ofFile },
  { name: 'filePassword', type: 'secret', words: 'filePassword', ...ofFile },
  { name: 'fileColumns.items', type: 'text', words: 'fileItems', ...ofFile },
  ...COLUMNS.map((column): SettingField => ({
    name: `fileColumns.${column}`,
    type: 'text',
    words: 'column',
    of: column,
    ...ofFile,
  })),
];
