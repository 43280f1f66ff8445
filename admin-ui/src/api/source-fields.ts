import type { SourceKind } from './sources';

/** One setting of a kind of source, as its connector names it. */
export interface SourceField {
  readonly name: string;
  readonly type: 'text' | 'email' | 'secret';
  /** Where its words stand in the language files: label and hint. */
  readonly label: string;
  readonly hint: string;
}

const words = (name: string): Pick<SourceField, 'label' | 'hint'> => ({
  label: `source.field.${name}.label`,
  hint: `source.field.${name}.hint`,
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
  ],
  oblio: [
    { name: 'email', type: 'email', ...words('oblioEmail') },
    { name: 'secret', type: 'secret', ...words('secret') },
    { name: 'cif', type: 'text', ...words('cif') },
  ],
  generic: [],
};

/** Every field of every kind, for a form that shows one kind's at a time. */
export const ALL_SOURCE_FIELDS: readonly string[] = [
  ...new Set(Object.values(SOURCE_FIELDS).flatMap((fields) => fields.map(({ name }) => name))),
];
