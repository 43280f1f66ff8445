import type { RawPush, ReadPush, SampleField, SampleFields } from '../../domain/ports/stock-source';
import type { SourceSettings } from '../../domain/ports/sources';
import { decodeBody } from '../push-body/decode-body';
import { isList, isNumberText, isObject, type LosslessValue } from '../push-body/decode-json';
import { itemsAt, opened } from '../push-body/value-path';
import { readGenericPush } from './read-generic-push';

const MOST_ENTRIES = 200;
const MOST_LINES = 50;
const LONGEST_EXAMPLE = 80;
const DEEPEST = 8;
/** Lines looked at for a field that is empty in the first ones. */
const LOOKED_AT = 20;

const kindOf = (value: LosslessValue): SampleField['kind'] => {
  if (value === null) return 'null';
  if (isNumberText(value)) return 'number';
  if (isList(value)) return 'list';
  return isObject(value) ? 'object' : 'text';
};

const exampleOf = (value: LosslessValue): string => {
  if (isList(value)) return `[${value.length}]`;
  if (isObject(value)) return `{${Object.keys(value).join(', ')}}`;
  return isNumberText(value) ? value.numberText : value === null ? '' : String(value);
};

const shown = (path: string, value: LosslessValue): SampleField => ({
  path,
  example: [...exampleOf(value).slice(0, 2 * LONGEST_EXAMPLE)].slice(0, LONGEST_EXAMPLE).join(''),
  kind: kindOf(value),
});

/** Every field below, by its path; lists end the way, since of several values none is meant. */
function* fieldsBelow(
  value: LosslessValue,
  prefix: string,
  depth: number,
): Generator<readonly [string, LosslessValue]> {
  const inner = opened(value);
  if (!isObject(inner) || depth > DEEPEST) return;
  for (const [key, each] of Object.entries(inner)) {
    if (key === '' || key.includes('|')) continue;
    const path = prefix === '' ? key : `${prefix}.${key}`;
    const within = opened(each);
    yield [path, within];
    yield* fieldsBelow(within, path, depth + 1);
  }
}

/** Paths to lists, through other lists too. */
function* listsBelow(value: LosslessValue, path: string, depth: number): Generator<string> {
  const inner = opened(value);
  if (depth > DEEPEST) return;
  if (isList(inner)) {
    yield path;
    for (const each of inner.slice(0, LOOKED_AT)) yield* listsBelow(each, path, depth + 1);
  } else if (isObject(inner)) {
    for (const [key, each] of Object.entries(inner)) {
      if (key === '' || key.includes('|')) continue;
      yield* listsBelow(each, path === '' ? key : `${path}.${key}`, depth + 1);
    }
  }
}

/** The first of the lines that has something in a field gives its example. */
function fieldsOfLines(lines: readonly LosslessValue[], most: number): readonly SampleField[] {
  const found = new Map<string, LosslessValue>();
  for (const line of lines.slice(0, LOOKED_AT)) {
    for (const [path, value] of fieldsBelow(line, '', 1)) {
      const known = found.get(path);
      if (known === undefined ? found.size < most : known === null) found.set(path, value);
    }
  }
  return [...found].map(([path, value]) => shown(path, value));
}

/** What is in a call, to build a mapping from. Throws Refusal when it cannot be read at all. */
export function sampleFields(push: RawPush): SampleFields {
  const body = decodeBody(push, ['text/plain']);
  let left = MOST_ENTRIES;
  const root: SampleField[] = [];
  for (const [path, value] of fieldsBelow(body, '', 1)) {
    if (left === 0) break;
    root.push(shown(`/${path}`, value));
    left--;
  }
  const lists: SampleFields['lists'][number][] = [];
  for (const path of new Set(listsBelow(body, '', 1))) {
    if (left === 0) break;
    left--;
    const lines = itemsAt(body, path === '' ? [] : path.split('.')) ?? [];
    const fields = fieldsOfLines(lines, left);
    left -= fields.length;
    lists.push({ path, length: lines.length, fields });
  }
  return { root, lists };
}

/** The first lines of a call as these settings read it; none where it is about something else than levels. */
export function readSample(push: RawPush, settings: SourceSettings): ReadPush {
  const reading = readGenericPush(push, settings);
  return reading.says === 'levels' ? reading.lines.slice(0, MOST_LINES) : [];
}
