import { Refusal } from '../../domain/refusal';
import { decodeJson, isList, isObject, type LosslessObject, type LosslessValue } from './decode-json';
import { asList } from './read-lines';

/** Where a value lies, step by step. */
export interface ValuePath {
  /** From the root of the body, not from the line. */
  readonly fromRoot: boolean;
  readonly steps: readonly string[];
}

/** Of several places the first where something lies. */
export type FieldPath = readonly ValuePath[];

/** `variant.sku`; `/event` from the root of the body; `sku|code` the first of both that is there. */
export const fieldPath = (text: string): FieldPath =>
  text.split('|').map((part) => {
    const fromRoot = part.startsWith('/');
    const path = fromRoot ? part.slice(1) : part;
    return { fromRoot, steps: path === '' ? [] : path.split('.') };
  });

/** Some senders put JSON into a text; whoever goes on into such a text goes into what it says. */
export function opened(value: LosslessValue): LosslessValue {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return decodeJson(value);
  } catch (thrown) {
    if (thrown instanceof Refusal) return value;
    throw thrown;
  }
}

/** A key may hold dots itself; `left` is how many steps it takes up. */
function entered(
  value: LosslessObject,
  steps: readonly string[],
  at: number,
): { readonly value: LosslessValue; readonly next: number } | null {
  const step = steps[at] ?? '';
  if (Object.hasOwn(value, step)) return { value: value[step] ?? null, next: at + 1 };
  if (at + 1 === steps.length) return null;
  const rest = steps.slice(at).join('.');
  return Object.hasOwn(value, rest) ? { value: value[rest] ?? null, next: steps.length } : null;
}

/** A list on the way is gone into where it has one element; of several none is meant, and the list itself is the value. */
export function valueAt(start: LosslessValue, steps: readonly string[]): LosslessValue | undefined {
  let value = start;
  for (let at = 0; at < steps.length;) {
    const inner = opened(value);
    if (isList(inner)) {
      const [only] = inner;
      if (only === undefined) return undefined;
      if (inner.length > 1) return inner;
      value = only;
      continue;
    }
    const found = isObject(inner) ? entered(inner, steps, at) : null;
    if (found === null) return undefined;
    ({ value, next: at } = found);
  }
  return value;
}

const listOfForm = (value: LosslessValue): readonly LosslessValue[] | null =>
  isObject(value) && Object.keys(value).length > 0 ? asList(value) : null;

/**
 * Everything that lies at the path, through every list on the way, and lists of lists as one. null where the path leads
 * nowhere, or to what is neither list nor object.
 */
export function itemsAt(start: LosslessValue, steps: readonly string[]): readonly LosslessValue[] | null {
  const found: LosslessValue[] = [];
  const gather = (value: LosslessValue, at: number, isElement: boolean): boolean => {
    const inner = opened(value);
    const list = isList(inner) ? inner : at === steps.length && !isElement ? listOfForm(inner) : null;
    if (list !== null) {
      let any = list.length === 0;
      for (const each of list) any = gather(each, at, true) || any;
      return any;
    }
    if (at === steps.length) {
      // An empty list is null to some senders.
      const counts = isElement || isObject(inner);
      if (counts) found.push(inner);
      return counts || inner === null;
    }
    const next = isObject(inner) ? entered(inner, steps, at) : null;
    return next !== null && gather(next.value, next.next, false);
  };
  return gather(start, 0, false) ? found : null;
}

/** How the fields of a line are found: by their paths, in the line or in the body around it. */
export function fieldReader(
  root: LosslessValue,
  fields: Iterable<string>,
): (line: LosslessValue, field: string) => LosslessValue | undefined {
  const paths = new Map<string, FieldPath>();
  const inRoot = new Map<ValuePath, LosslessValue | undefined>();
  for (const field of fields) {
    const path = fieldPath(field);
    paths.set(field, path);
    // Looked up once, not for every line.
    for (const each of path) if (each.fromRoot) inRoot.set(each, valueAt(root, each.steps));
  }
  return (line, field) => {
    for (const path of paths.get(field) ?? []) {
      const value = path.fromRoot ? inRoot.get(path) : valueAt(line, path.steps);
      if (value !== undefined && value !== null) return value;
    }
    return undefined;
  };
}
