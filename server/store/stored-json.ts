import { type Failure, failure, isFailureCode } from '../domain/failure';
import { causeOf } from '../domain/problem';
import type { ProductLink } from '../domain/ports/sync-items';
import { digestOf } from './digests';

type Params = Record<string, string | number>;

/** Params as we wrote them; anything else in the column is dropped rather than shown. */
export function paramsOf(text: string | null): Params {
  if (text === null) return {};
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string | number] => typeof entry[1] === 'string' || typeof entry[1] === 'number',
    ),
  );
}

/** A stored failure; one written by another version of the program fails closed as unknown. */
export function failureOf(text: string | null): Failure | null {
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('code' in value) || typeof value.code !== 'string') {
    return failure('unknown_failure', { what: 'unreadable record' });
  }
  const params = 'params' in value ? paramsOf(JSON.stringify(value.params)) : {};
  const proof = 'proof' in value && typeof value.proof === 'string' ? value.proof : null;
  return isFailureCode(value.code)
    ? failure(value.code, params, proof)
    : failure('unknown_failure', { what: value.code }, proof);
}

export const failureText = (stored: Failure | null): string | null => (stored === null ? null : JSON.stringify(stored));

/** By which items with one cause are found together. */
export function causeKey(stored: Failure | null): string | null {
  const cause = stored && causeOf(stored);
  return cause === null ? null : digestOf(cause).slice(0, 16);
}

/** A link as it was kept; null where none was, or where it cannot be read any more. */
export function linkIn(text: string | null): ProductLink | null {
  const value: unknown = text === null ? null : JSON.parse(text);
  return isLink(value) ? value : null;
}

const isLink = (value: unknown): value is ProductLink =>
  typeof value === 'object' &&
  value !== null &&
  ['ref', 'foundBy', 'sku', 'name', 'provenAt', 'twins'].every((member) => member in value);

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'number');

export const numbersIn = (text: string | null): readonly number[] => {
  const value: unknown = text === null ? [] : JSON.parse(text);
  return isNumbers(value) ? value : [];
};
