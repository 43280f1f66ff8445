import { z } from 'zod';
import { type QuantityReading, quantityFromJsonNumber, quantityFromText } from '../../domain/quantity';
import type { LineRefusal, RefusedLine, StockChange } from '../../domain/stock-change';
import { isNumberText, isObject, type LosslessObject, type LosslessValue } from './decode-json';

/** How a system spells the fields of a line; one it does not have is left out. */
export interface LineFields {
  readonly code?: string;
  readonly barcode?: string;
  readonly name?: string;
  readonly id?: string;
  readonly warehouse?: string;
  readonly quantity: string;
  readonly observedAt?: string;
}

export interface LineReading {
  /** How a field is found; left out: it is the line's own, of that name. */
  readonly at?: (line: LosslessObject, field: string) => LosslessValue | undefined;
  /** The source's own id names a product by itself. */
  readonly idSuffices?: boolean;
}

export type ReadLine = { readonly change: StockChange } | { readonly refused: RefusedLine };

// Control characters and lone halves of a surrogate pair: no product is called so, and databases choke on them.
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;
const isoInstant = z.union([z.iso.datetime({ offset: true }), z.iso.datetime({ local: true })]);

class Refused extends Error {
  constructor(
    readonly refusal: LineRefusal,
    readonly path: string,
  ) {
    super(refusal);
  }
}

type TextRule = { readonly longest: number; readonly invalid: LineRefusal; readonly tooLong: LineRefusal };
const RULES = {
  code: { longest: 100, invalid: 'code_invalid', tooLong: 'code_too_long' },
  barcode: { longest: 100, invalid: 'barcode_invalid', tooLong: 'barcode_too_long' },
  name: { longest: 500, invalid: 'name_invalid', tooLong: 'name_too_long' },
  id: { longest: 100, invalid: 'id_invalid', tooLong: 'id_too_long' },
  warehouse: { longest: 200, invalid: 'warehouse_invalid', tooLong: 'warehouse_too_long' },
} as const satisfies Record<string, TextRule>;

/** A text, or a number's digits as sent (codes and ids are often sent as numbers); blank and null are "not given". */
function readText(value: LosslessValue | undefined, path: string, rule: TextRule): string | null {
  if (value === undefined || value === null) return null;
  const raw = typeof value === 'string' ? value : isNumberText(value) ? value.numberText : undefined;
  if (raw === undefined) throw new Refused(rule.invalid, path);
  // Composed first: a few letters are spelt with two characters in that form, and the bound is on what is kept.
  const text = raw.trim().normalize('NFC');
  if (text === '') return null;
  if (UNPRINTABLE.test(text)) throw new Refused('control_character', path);
  if ([...text].length > rule.longest) throw new Refused(rule.tooLong, path);
  return text;
}

function readQuantity(value: LosslessValue | undefined, path: string): StockChange['quantity'] {
  const reading: QuantityReading =
    value === undefined || value === null
      ? { ok: false, refusal: 'quantity_missing' }
      : isNumberText(value)
        ? quantityFromJsonNumber(value.numberText)
        : typeof value === 'string'
          ? quantityFromText(value)
          : { ok: false, refusal: 'quantity_not_a_number' };
  if (!reading.ok) throw new Refused(reading.refusal, path);
  return reading.quantity;
}

/** ISO 8601; a time without a zone is UTC. */
function readInstant(value: LosslessValue | undefined, path: string): number | null {
  if (value === undefined || value === null || value === '') return null;
  const parsed = isoInstant.safeParse(value);
  if (!parsed.success) throw new Refused('observed_at_invalid', path);
  const time = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(parsed.data) ? parsed.data : `${parsed.data}Z`);
  if (!Number.isFinite(time)) throw new Refused('observed_at_invalid', path);
  return time;
}

/** A code as it may be shown, though it may be none. */
export const shownCode = (value: LosslessValue | undefined): string | null => {
  const text = typeof value === 'string' ? value : isNumberText(value) ? value.numberText : '';
  const shown = [...text.trim()]
    .slice(0, 100)
    .join('')
    .replace(/[\p{Cc}\p{Cs}]/gu, '\uFFFD');
  return shown === '' ? null : shown;
};

/** Where a field of a line lies, as it is told to the sender. */
export const pathOf = (index: number, field: string): string => (field.startsWith('/') ? field : `[${index}].${field}`);

/** Judges one line by itself: a bad one never touches its neighbours. */
export function readLine(
  value: LosslessValue,
  index: number,
  fields: LineFields,
  { at: find = (line, field) => line[field], idSuffices = false }: LineReading = {},
): ReadLine {
  if (!isObject(value)) {
    return { refused: { index, refusal: 'line_not_an_object', path: `[${index}]`, code: null } };
  }
  const at = (field: string | undefined) => (field === undefined ? undefined : find(value, field));
  const path = (field: string | undefined) => pathOf(index, field ?? '');
  try {
    const change: StockChange = {
      index,
      code: readText(at(fields.code), path(fields.code), RULES.code),
      barcode: readText(at(fields.barcode), path(fields.barcode), RULES.barcode),
      name: readText(at(fields.name), path(fields.name), RULES.name),
      externalId: readText(at(fields.id), path(fields.id), RULES.id),
      warehouse: readText(at(fields.warehouse), path(fields.warehouse), RULES.warehouse) ?? '',
      quantity: readQuantity(at(fields.quantity), path(fields.quantity)),
      observedAt: readInstant(at(fields.observedAt), path(fields.observedAt)),
    };
    const isNamed = change.code !== null || change.barcode !== null || change.name !== null;
    if (!isNamed && !(idSuffices && change.externalId !== null)) {
      throw new Refused('identity_missing', path(fields.code ?? fields.barcode ?? fields.name ?? fields.id));
    }
    return { change };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { refused: { index, refusal: error.refusal, path: error.path, code: shownCode(at(fields.code)) } };
  }
}
