import { codeKey } from './normal-forms';

export const MOST_MAPPING_LINES = 50_000;
export const LONGEST_REFERENCE = 100;
export const LONGEST_SKU = 200;

export interface Mapping {
  readonly reference: string;
  readonly sku: string;
}

export interface MappingLine extends Mapping {
  /** Where it starts in the text, counted from 1. */
  readonly line: number;
}

export type MappingErrorCode =
  | 'no_separator'
  /** More fields, or colons, than a mapping has: which of them separates would be a guess. */
  | 'too_many_fields'
  /** A quote that is never closed, or text behind a closed one. */
  | 'quote_misplaced'
  | 'reference_missing'
  | 'sku_missing'
  | 'too_long'
  | 'control_character'
  | 'twice'
  | 'too_many';

export interface MappingError {
  readonly line: number;
  readonly code: MappingErrorCode;
  /** The reference at fault, cut to the length a reference may have; null where none could be read. */
  readonly reference: string | null;
  /** For `twice`: the line that says otherwise. */
  readonly otherLine: number | null;
}

export interface MappingReading {
  /** A reference that two lines map to different SKUs is not among them: neither is more right than the other. */
  readonly lines: readonly MappingLine[];
  readonly errors: readonly MappingError[];
}

type Separator = '\t' | ';' | ',' | ':';
/** In the order of preference: the further left, the less likely it is to be part of a code. */
const SEPARATORS: readonly Separator[] = ['\t', ';', ',', ':'];

interface Columns {
  readonly separator: Separator;
  readonly reference: number;
  readonly sku: number;
  readonly count: number;
}

interface Refusal {
  readonly code: MappingErrorCode;
  readonly reference: string | null;
}

const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;
const LINE_END = /\r\n|\r|\n/;
// Longer than any mapping; the bound keeps a megabyte without a line end away from the patterns.
const LONGEST_LINE = 4_000;
// A field in quotes, between line ends and separators of any kind.
const QUOTED_FIELD = /(?<=^|[\t;,:])[^\S\t]*"(?:[^"]|"")*"[^\S\t]*(?=[\t;,:]|$)/g;
// Blank, a comment, or the empty cells of a spreadsheet's row.
const NOTHING = /^(?:\s*#|[\s;,]*$)/;
const WHOLLY_QUOTED = /^"((?:[^"]|"")*)"$/;

/**
 * Reads mappings that a person pasted or exported: `reference:sku`, or two columns separated by tabs, semicolons or
 * commas with quoting as in CSV. A header line, if there is one, names the columns and settles the separator of all
 * lines; without one each line is read by itself.
 */
export function readMappingLines(text: string): MappingReading {
  const errors: MappingError[] = [];
  const byReference = new Map<string, MappingLine>();
  const contradicted = new Set<string>();
  const all = text.replace(/^\uFEFF/, '').split(LINE_END);
  let columns: Columns | null = null;
  let count = 0;
  for (let index = 0; index < all.length; index++) {
    const record = all[index] ?? '';
    const line = index + 1;
    if (NOTHING.test(record)) continue;
    if (count === 0 && columns === null) {
      columns = headerOf(record);
      if (columns !== null) continue;
    }
    count++;
    if (count > MOST_MAPPING_LINES) {
      errors.push({ line, code: 'too_many', reference: null, otherLine: null });
      break;
    }
    const read = readRecord(record, columns);
    if ('code' in read) {
      errors.push({ line, ...read, otherLine: null });
      if (read.code === 'quote_misplaced') index = endOfOpenQuote(all, index);
      continue;
    }
    const key = codeKey(read.reference);
    const earlier = byReference.get(key);
    if (earlier === undefined) byReference.set(key, { line, ...read });
    else if (codeKey(earlier.sku) !== codeKey(read.sku)) {
      errors.push({ line, code: 'twice', reference: read.reference, otherLine: earlier.line });
      contradicted.add(key);
    }
  }
  return { lines: [...byReference].flatMap(([key, line]) => (contradicted.has(key) ? [] : [line])), errors };
}

/**
 * RFC 4180 with a header, every field quoted. Nothing is put before a leading "=" or "-": this file is read back, and
 * an apostrophe meant for a spreadsheet would become part of the code.
 */
export function writeMappingCsv(rows: Iterable<Mapping>): string {
  const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;
  let csv = 'reference,sku\r\n';
  for (const { reference, sku } of rows) csv += `${quoted(reference)},${quoted(sku)}\r\n`;
  return csv;
}

/**
 * A field may have been meant to go on over the line's end. What lies between the two quotes is not read: the second
 * half of such a field would pass for a mapping of its own.
 */
function endOfOpenQuote(all: readonly string[], index: number): number {
  if (((all[index] ?? '').split('"').length - 1) % 2 === 0) return index;
  const closing = all.findIndex((line, at) => at > index && line.includes('"'));
  return closing === -1 ? index : closing;
}

function separatorOf(record: string): Separator | null {
  const outsideQuotes = record.replace(QUOTED_FIELD, '');
  return SEPARATORS.find((separator) => outsideQuotes.includes(separator)) ?? null;
}

/** The fields of a record, or null where its quoting is broken. A quote within an unquoted field is an inch. */
function fieldsOf(record: string, separator: Separator): string[] | null {
  const masked = record.replace(QUOTED_FIELD, (field) => '"'.repeat(field.length));
  const fields: string[] = [];
  for (let at = 0; at <= record.length;) {
    const found = masked.indexOf(separator, at);
    const end = found === -1 ? record.length : found;
    const raw = record.slice(at, end).trim();
    const quoted = WHOLLY_QUOTED.exec(raw);
    if (quoted === null && raw.startsWith('"')) return null;
    fields.push((quoted?.[1]?.replaceAll('""', '"') ?? raw).trim().normalize('NFC'));
    at = end + 1;
  }
  return fields;
}

function headerOf(record: string): Columns | null {
  const separator = record.length > LONGEST_LINE ? null : separatorOf(record);
  const names = separator === null ? null : fieldsOf(record, separator)?.map((name) => name.toLowerCase());
  if (separator === null || !names) return null;
  const [reference, sku] = [names.indexOf('reference'), names.indexOf('sku')];
  return reference === -1 || sku === -1 ? null : { separator, reference, sku, count: names.length };
}

function readRecord(record: string, columns: Columns | null): Mapping | Refusal {
  if (record.length > LONGEST_LINE) return { code: 'too_long', reference: null };
  const separator = columns?.separator ?? separatorOf(record);
  const fields = fieldsOf(record, separator ?? '\t');
  if (fields === null) return { code: 'quote_misplaced', reference: null };
  const reference = fields[columns?.reference ?? 0] ?? '';
  const sku = fields[columns?.sku ?? 1] ?? '';
  const refused = (code: MappingErrorCode): Refusal => ({
    code,
    reference: reference === '' || UNPRINTABLE.test(reference) ? null : cut(reference),
  });
  if (fields.length === 1) return refused('no_separator');
  // Spreadsheets end lines with empty columns; an empty field after a colon is no column.
  const beyond = fields.slice(columns?.count ?? 2);
  if (separator === ':' ? beyond.length > 0 : beyond.some((field) => field !== '')) return refused('too_many_fields');
  if (reference === '') return refused('reference_missing');
  if (sku === '') return refused('sku_missing');
  if (UNPRINTABLE.test(reference) || UNPRINTABLE.test(sku)) return refused('control_character');
  if ([...reference].length > LONGEST_REFERENCE || [...sku].length > LONGEST_SKU) return refused('too_long');
  return { reference, sku };
}

const cut = (reference: string): string => [...reference].slice(0, LONGEST_REFERENCE).join('');
