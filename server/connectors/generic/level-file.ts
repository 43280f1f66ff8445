import { Refusal } from '../../domain/refusal';
import type { LosslessObject, LosslessValue } from '../push-body/decode-json';
import { decodeJson, isList, isObject } from '../push-body/decode-json';
import { type LineFields, readLine, type ReadLine } from '../push-body/read-line';
import { textOf } from '../push-body/text-of';
import { fieldPath, fieldReader, itemsAt } from '../push-body/value-path';
import { CONTRACT_FIELDS } from './contract-push';
import { type CsvTable, readCsv, readCsvAtOnce } from './csv-table';
import { FileFault } from './file-fault';
import type { FileColumns } from './generic-settings';

/** A list of levels, read as a whole and sound as a whole; its rows are judged one by one. */
export interface LevelFile {
  readonly length: number;
  /** null where the rows name no warehouse. */
  readonly warehouseOf: ((row: number) => string) | null;
  line(row: number): ReadLine;
}

export type FileFormat = 'csv' | 'json';

const fieldsOf = (columns: FileColumns | null): LineFields => {
  if (columns === null) return CONTRACT_FIELDS;
  const { code, barcode, name, id, warehouse, quantity = '', observedAt } = columns;
  return { code, barcode, name, id, warehouse, quantity, observedAt };
};

const named = (fields: LineFields): readonly string[] =>
  Object.values(fields).filter((field): field is string => field !== undefined);

/** A page for people, such as a login, is no list that has become empty. */
function assertNoPage(text: string): void {
  if (/^\s*</.test(text)) throw new FileFault('it is a page, not a list');
}

const formatOf = (text: string, contentType: string | null): FileFormat => {
  if (/\bjson\b/i.test(contentType ?? '')) return 'json';
  if (/\bcsv\b/i.test(contentType ?? '')) return 'csv';
  return /^\s*[[{]/.test(text) ? 'json' : 'csv';
};

function ofTable({ header, rows }: CsvTable, columns: FileColumns | null): LevelFile {
  const places = new Map<string, number>();
  for (const name of named(fieldsOf(columns))) {
    const key = name.toLowerCase();
    const found = header.flatMap((each, place) => (each.toLowerCase() === key ? [place] : []));
    const exact = found.filter((place) => header[place] === name);
    const [place, another] = exact.length > 0 ? exact : found;
    if (another !== undefined) throw new FileFault(`it has several columns “${name}”`);
    if (place !== undefined) places.set(name, place);
    else if (columns !== null) throw new FileFault(`it has no column “${name}”`);
  }
  const fields = Object.fromEntries(
    Object.entries(fieldsOf(columns)).filter(([, name]) => name !== undefined && places.has(name)),
  );
  const { quantity, warehouse } = fields;
  if (quantity === undefined) throw new FileFault('it has no column “quantity”');
  const cell = (row: number, name: string): string => rows[row]?.[places.get(name) ?? -1] ?? '';
  const reading = { idSuffices: columns !== null && 'id' in fields };
  return {
    length: rows.length,
    warehouseOf: warehouse === undefined ? null : (row) => cell(row, warehouse),
    line: (row) => {
      const value: LosslessValue =
        rows[row] == null ? null : Object.fromEntries([...places.keys()].map((name) => [name, cell(row, name)]));
      return readLine(value, row, { ...fields, quantity }, reading);
    },
  };
}

function listIn(root: LosslessValue, path: string | undefined): readonly LosslessValue[] | null {
  if (path !== undefined) return itemsAt(root, fieldPath(path)[0]?.steps ?? []);
  if (isList(root)) return root;
  const items = isObject(root) ? root['items'] : undefined;
  return isList(items) ? items : null;
}

function ofJson(text: string, columns: FileColumns | null): LevelFile {
  let root: LosslessValue;
  try {
    root = decodeJson(text);
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    throw new FileFault(`it is no whole JSON (${thrown.facts.errors?.[0]?.path ?? 'nested too deeply'})`);
  }
  const path = columns?.items;
  const items = listIn(root, path);
  if (items === null) throw new FileFault(path === undefined ? 'it holds no list' : `there is no list at “${path}”`);
  const fields = fieldsOf(columns);
  const at = fieldReader(root, named(fields));
  const find = (line: LosslessObject, field: string) => at(line, field);
  const { warehouse } = fields;
  return {
    length: items.length,
    warehouseOf: warehouse === undefined ? null : (row) => textOf(at(items[row] ?? null, warehouse)),
    line: (row) => readLine(items[row] ?? null, row, fields, { at: find, idSuffices: columns?.id !== undefined }),
  };
}

function soundText(text: string): string {
  const sound = text.replace(/^\uFEFF/, '');
  if (sound.trim() === '') throw new FileFault('it is empty');
  assertNoPage(sound);
  return sound;
}

export interface FileShape {
  /** undefined = to be guessed. */
  readonly format: FileFormat | undefined;
  readonly contentType: string | null;
  readonly columns: FileColumns | null;
}

/** Throws FileFault for what is no whole list. */
export async function readLevelFile(text: string, { format, contentType, columns }: FileShape): Promise<LevelFile> {
  const sound = soundText(text);
  return (format ?? formatOf(sound, contentType)) === 'json'
    ? ofJson(sound, columns)
    : ofTable(await readCsv(sound), columns);
}

/** The same in one go, for what is small. */
export function readLevelFileAtOnce(text: string, { format, contentType, columns }: FileShape): LevelFile {
  const sound = soundText(text);
  return (format ?? formatOf(sound, contentType)) === 'json'
    ? ofJson(sound, columns)
    : ofTable(readCsvAtOnce(sound), columns);
}
