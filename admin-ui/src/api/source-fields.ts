import { SENDERS } from './senders';
import type { SourceKind } from './sources';

export type FieldGroup = 'more' | 'file';

/** One setting of a kind of source, as its connector names it; `a.b` is the field b of the nested setting a. */
export interface SourceField {
  readonly name: string;
  /** A switch is `yes` or empty. */
  readonly type: 'text' | 'email' | 'url' | 'secret' | 'switch' | 'number' | 'select';
  /** Where its words stand in the language files: label and hint. */
  readonly label: string;
  /** Names what fills the label. */
  readonly of?: string;
  readonly hint?: string;
  readonly optional?: boolean;
  /** What holds as long as nothing else is said. */
  readonly initial?: string;
  /** Of a select: their words stand under `words`, or they are names. */
  readonly options?: readonly { readonly value: string; readonly words?: string; readonly name?: string }[];
  /** Rarely needed, so folded away. */
  readonly group?: FieldGroup;
}

const words = (name: string): Pick<SourceField, 'label' | 'hint'> => ({
  label: `source.field.${name}.label`,
  hint: `source.field.${name}.hint`,
});

const COLUMNS = ['code', 'barcode', 'name', 'id', 'warehouse', 'quantity', 'observedAt'] as const;
const column = (name: string): SourceField => ({
  name: `fileColumns.${name}`,
  type: 'text',
  label: 'source.column',
  of: `mapping.field.${name}`,
  optional: true,
  group: 'file',
});

/** What is asked for, by kind, in the order of the form. */
export const SOURCE_FIELDS: Readonly<Record<SourceKind, readonly SourceField[]>> = {
  smartbill: [
    { name: 'email', type: 'email', label: 'source.email', hint: 'source.emailHint' },
    { name: 'apiToken', type: 'secret', label: 'source.apiToken', hint: 'source.apiTokenHint' },
    { name: 'vatCode', type: 'text', label: 'source.vatCode', hint: 'source.vatCodeHint' },
  ],
  hiboutik: [
    { name: 'account', type: 'text', ...words('account') },
    { name: 'user', type: 'text', ...words('user') },
    { name: 'apiKey', type: 'secret', ...words('apiKey') },
    { name: 'webhookSecret', type: 'secret', optional: true, group: 'more', ...words('webhookSecret') },
    { name: 'salePrefix', type: 'text', optional: true, initial: 'wc_', group: 'more', ...words('salePrefix') },
    { name: 'monthlyCalls', type: 'number', optional: true, initial: '9000', group: 'more', ...words('monthlyCalls') },
    { name: 'onlyOnline', type: 'switch', optional: true, group: 'more', ...words('onlyOnline') },
    { name: 'tellCashier', type: 'switch', optional: true, group: 'more', ...words('tellCashier') },
  ],
  oblio: [
    { name: 'email', type: 'email', ...words('oblioEmail') },
    { name: 'secret', type: 'secret', ...words('secret') },
    { name: 'cif', type: 'text', ...words('cif') },
  ],
  generic: [
    {
      name: 'preset',
      type: 'select',
      optional: true,
      ...words('preset'),
      options: [
        { value: '', words: 'source.field.preset.none' },
        ...SENDERS.map(({ value, name }) => ({ value, name })),
      ],
    },
    { name: 'signatureSecret', type: 'secret', optional: true, ...words('signatureSecret') },
    { name: 'keyInAddress', type: 'switch', optional: true, ...words('keyInAddress') },
    { name: 'fileUrl', type: 'url', optional: true, group: 'file', ...words('fileUrl') },
    {
      name: 'fileFormat',
      type: 'select',
      optional: true,
      group: 'file',
      ...words('fileFormat'),
      options: [
        { value: '', words: 'source.field.fileFormat.any' },
        { value: 'csv', words: 'source.field.fileFormat.csv' },
        { value: 'json', words: 'source.field.fileFormat.json' },
      ],
    },
    { name: 'fileUser', type: 'text', optional: true, group: 'file', ...words('fileUser') },
    { name: 'filePassword', type: 'secret', optional: true, group: 'file', ...words('filePassword') },
    {
      name: 'fileColumns.items',
      type: 'text',
      label: 'mapping.items',
      hint: 'mapping.itemsOfFile',
      optional: true,
      group: 'file',
    },
    ...COLUMNS.map(column),
  ],
};

/** Every field of every kind, for a form that shows one kind's at a time. */
export const ALL_SOURCE_FIELDS: readonly string[] = [
  ...new Set(Object.values(SOURCE_FIELDS).flatMap((fields) => fields.map(({ name }) => name))),
];
