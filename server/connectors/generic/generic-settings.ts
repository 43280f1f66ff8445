import { z } from 'zod';
import type { SourceSettings } from '../../domain/ports/sources';
import type { StockSource } from '../../domain/ports/stock-source';
import { secretText, settingErrors } from '../vendor-api/read-settings';
import { type FieldMapping, fieldMapping, mappingShape, needIdentity, notAnObject } from './field-mapping';
import { type Preset, PRESET_NAMES, presetOf } from './presets';
import { type SignatureScheme, signatureShape } from './signature';

const blankIsAbsent = (value: unknown): unknown => (value === null || value === '' ? undefined : value);
const secret = z.preprocess(blankIsAbsent, secretText.optional());
const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.preprocess(blankIsAbsent, z.enum(values).optional());
const nested = <Shape extends z.ZodType>(shape: Shape) => z.preprocess(fromJson, shape.optional());

/** Nested settings are kept as JSON, and come back as such from whoever was shown them. */
function fromJson(value: unknown): unknown {
  if (typeof value !== 'string') return blankIsAbsent(value);
  if (value.trim() === '') return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function isHttpAddress(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : null;
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
}
const bearsLogin = (value: string): boolean => {
  const url = URL.canParse(value) ? new URL(value) : null;
  return url !== null && (url.username !== '' || url.password !== '');
};

const columnName = z.preprocess(blankIsAbsent, z.string().trim().max(200).optional());
const columnsShape = z
  .strictObject(
    {
      items: columnName,
      code: columnName,
      barcode: columnName,
      name: columnName,
      id: columnName,
      warehouse: columnName,
      quantity: columnName,
      observedAt: columnName,
    },
    { error: notAnObject },
  )
  .superRefine((columns, context) => {
    if (columns.quantity === undefined) {
      context.addIssue({ code: 'custom', path: ['quantity'], message: 'say which column has the quantity' });
    }
    needIdentity(columns, context);
  });

export type FileColumns = z.infer<typeof columnsShape>;

const settingsShape = z.strictObject({
  preset: oneOf(PRESET_NAMES as [string, ...string[]]),
  signatureSecret: secret,
  mapping: nested(mappingShape),
  signature: nested(signatureShape),
  keyInAddress: oneOf(['yes']),
  replyWith: oneOf(['json', 'text', 'nothing']),
  fileUrl: z.preprocess(
    blankIsAbsent,
    z
      .string()
      .trim()
      .max(2000)
      .refine(isHttpAddress, 'must be an address that begins with https://')
      .refine((value) => !bearsLogin(value), 'must bear no user and password; they have fields of their own')
      .optional(),
  ),
  fileFormat: oneOf(['csv', 'json']),
  fileUser: z.preprocess(
    blankIsAbsent,
    z
      .string()
      .trim()
      .max(200)
      .regex(/^[^:]*$/, 'must hold no colon')
      .optional(),
  ),
  filePassword: secret,
  fileColumns: nested(columnsShape),
});

/** Known senders that neither sign nor bear a token: nothing but their address can bear a secret. */
export const signsNothing = (settings: SourceSettings): boolean => presetOf(settings['preset'])?.signature === null;

export const SECRET_SETTINGS = ['signatureSecret', 'filePassword'] as const;

/** Judges settings; what is not filled in is not kept. */
export const readGenericSettings: StockSource['readSettings'] = (input) => {
  const parsed = settingsShape.safeParse(input);
  if (!parsed.success) return { ok: false, errors: settingErrors(parsed.error) };
  const kept = Object.entries(parsed.data).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, typeof value === 'string' ? value : JSON.stringify(value)]],
  );
  return { ok: true, settings: Object.fromEntries(kept) };
};

const parsed = <Shape extends z.ZodType>(shape: Shape, json: string | undefined): z.infer<Shape> | null =>
  json === undefined ? null : shape.parse(JSON.parse(json));

/** How a sender's calls are read that does not speak our own contract. */
export interface Sender extends Pick<Preset, 'test' | 'prepare'> {
  readonly mapping: FieldMapping;
}

/** null = the sender speaks our own contract. A mapping of its own stands before what a preset says. */
export function senderOf(settings: SourceSettings): Sender | null {
  const preset = presetOf(settings['preset']);
  const own = parsed(mappingShape, settings['mapping']);
  if (own) return { mapping: fieldMapping(own), test: preset?.test, prepare: preset?.prepare };
  return preset;
}

/** null = calls are not signed. */
export const signatureOf = (settings: SourceSettings): SignatureScheme | null =>
  parsed(signatureShape, settings['signature']) ?? presetOf(settings['preset'])?.signature ?? null;

/** null = the file has the fields of our own contract. */
export const fileColumnsOf = (settings: SourceSettings): FileColumns | null =>
  parsed(columnsShape, settings['fileColumns']);
