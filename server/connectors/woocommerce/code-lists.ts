import { LARGEST_BATCH } from '../../domain/batch-plan';
import { percentEncode } from './oauth1';

/** Web servers refuse request lines of 8 KB; the rest of the address and its signature need room as well. */
const LONGEST_LIST_BYTES = 6_000;

/**
 * What WordPress makes of a text in a query before WooCommerce sees it: tags, encoded bytes and repeated blanks are
 * taken out. A code this changes would be asked for as another code.
 */
export const asWordPressReads = (text: string): string =>
  text
    .replace(/<[^>]*>?/g, '')
    .replace(/[\r\n\t ]+/g, ' ')
    .replace(/%[a-f0-9]{2}/gi, '')
    .trim();

/** How a code can be asked for. */
export interface CodesToAsk {
  /** Lists of codes, each fit for one call. */
  readonly lists: readonly (readonly string[])[];
  /** Codes with a comma: inside a list they would be read as two. */
  readonly alone: readonly string[];
  /** Codes that do not survive the way; only a part of them can be searched for. */
  readonly byPart: readonly string[];
}

export function codesToAsk(codes: Iterable<string>): CodesToAsk {
  const listed: string[] = [];
  const alone: string[] = [];
  const byPart: string[] = [];
  for (const code of new Set(codes)) {
    if (code.trim() === '') continue;
    if (asWordPressReads(code) !== code.trim()) byPart.push(code);
    else if (!code.includes(',')) listed.push(code);
    // An empty part would be looked for as "no code at all".
    else if (code.split(',').every((part) => part.trim() !== '')) alone.push(code);
    else byPart.push(code);
  }
  return { lists: splitList(listed), alone, byPart };
}

function splitList(codes: readonly string[]): string[][] {
  const lists: string[][] = [];
  let bytes = 0;
  for (const code of codes) {
    const size = percentEncode(code).length + 3;
    const current = lists.at(-1);
    if (current && current.length < LARGEST_BATCH && bytes + size <= LONGEST_LIST_BYTES) {
      current.push(code);
      bytes += size;
    } else {
      lists.push([code]);
      bytes = size;
    }
  }
  return lists;
}

/**
 * A list as the value of a filter. PHP takes a lone "0" for no value at all, and a filter without a value lists the
 * whole catalogue; twice the same code is a value and asks for the same.
 */
export const listValue = (codes: readonly string[]): string => {
  const value = codes.map((code) => code.trim()).join(',');
  return value === '0' ? '0,0' : value;
};

/** The longest part of a code that arrives unchanged; '' when there is none worth asking for. */
export function survivingPart(code: string): string {
  const parts = code.split(/%[a-f0-9]{2}|[<>%]|\s+/i).map((part) => part.trim());
  const longest = parts.reduce((best, part) => (part.length > best.length ? part : best), '');
  return longest === '0' ? '' : longest;
}
