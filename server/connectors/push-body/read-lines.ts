import { Refusal } from '../../domain/refusal';
import type { ReadPush } from '../../domain/ports/stock-source';
import { isList, isObject, type LosslessValue } from './decode-json';
import { type LineFields, readLine } from './read-line';

export const MOST_LINES = 10_000;

/** A list, or a form's list whose indices arrived as keys (`items[0]`, `items[7]`, …). */
export function asList(value: LosslessValue | undefined): readonly LosslessValue[] | null {
  if (isList(value)) return value;
  if (isObject(value) && Object.keys(value).every((key) => /^\d+$/.test(key))) return Object.values(value);
  return null;
}

export function readLines(values: readonly LosslessValue[], fields: LineFields): ReadPush {
  if (values.length > MOST_LINES) {
    throw new Refusal('push_too_large', `A push may have at most ${MOST_LINES} lines; this one has ${values.length}.`);
  }
  return values.map((value, index) => readLine(value, index, fields));
}
