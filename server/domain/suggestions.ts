import { distance, token_set_ratio, token_sort_ratio } from 'fuzzball';
import { barcodeKey } from './gtin';
import type { MatchSubject } from './matching';
import { codeKey, normaliseName } from './normal-forms';
import type { CatalogProduct } from './ports/shop-catalogue';

export interface SuggestionReason {
  readonly kind: 'words' | 'letters' | 'barcode' | 'code';
  readonly score: number;
  /** What is alike, in the shop's spelling: the shared words, or the name, barcode or SKU that was compared. */
  readonly detail: string;
}

/** A guess for a person to accept or not. Nothing is ever linked by it. */
export interface Suggestion {
  readonly product: CatalogProduct;
  readonly score: number;
  /** Most telling first. */
  readonly reasons: readonly SuggestionReason[];
}

// Below it two names may share no more than a language: an empty list is honest, and five wrong ones cost time.
const FLOOR = 0.45;
const LEAST_REASON = 0.3;
// How far a second kind of evidence closes what the strongest leaves open.
const SECOND_EVIDENCE = 0.3;
const OTHER_NUMBERS = 0.8;
// SKUs and barcodes are counted upward: one that is nearly the same, of a product called otherwise, is its neighbour's.
const SAME_CODE = 0.9;
const OTHER_NAME = 0.5;
const MOST_OF_NEIGHBOUR = 0.6;

/**
 * The products a person is most likely to have meant, best first. Equal input gives equal output in equal order,
 * whatever the order of the candidates.
 */
export function rankSuggestions(
  subject: MatchSubject,
  candidates: readonly CatalogProduct[],
  most = 5,
): readonly Suggestion[] {
  return candidates
    .filter(({ status, type }) => status !== 'trash' && type !== 'grouped' && type !== 'external')
    .map((product) => suggestion(subject, product))
    .filter(({ score }) => score >= FLOOR)
    .sort(
      (a, b) =>
        b.score - a.score ||
        a.product.ref.productId - b.product.ref.productId ||
        (a.product.ref.variationId ?? 0) - (b.product.ref.variationId ?? 0),
    )
    .slice(0, most);
}

const MOST_WORDS = 6;

/**
 * The words by which candidates for a name are looked up in normalised names: each is part of the name's own normal
 * form. Longest first, since long words are rare ones; of two as long first the one with a digit, a size or a model.
 */
export function searchWords(name: string | null): string[] {
  const words = [...new Set(name === null ? [] : normaliseName(name).match(/[\p{L}\p{M}\p{N}]+/gu))];
  const lettersOf = (word: string): number => [...word].length;
  return words
    .filter((word) => lettersOf(word) >= 2)
    .sort((a, b) => lettersOf(b) - lettersOf(a) || Number(/\p{N}/u.test(b)) - Number(/\p{N}/u.test(a)))
    .slice(0, MOST_WORDS);
}

function suggestion(subject: MatchSubject, product: CatalogProduct): Suggestion {
  const { words, letters } = compareNames(subject.name, product.name);
  const code = best('code', subject.code, [product.sku], codeLikeness);
  const barcode = best('barcode', subject.barcode, [product.gtin ?? '', product.sku], barcodeLikeness);
  // A till that has no field for the barcode keeps it as the code.
  const codeAsBarcode = best('barcode', subject.code, [product.gtin ?? ''], barcodeLikeness);
  const digits = barcode.score >= codeAsBarcode.score ? barcode : codeAsBarcode;

  const names = (words.score + letters.score) / 2;
  const [strongest = 0, second = 0] = [names, code.score, digits.score].sort((a, b) => b - a);
  const isNeighbour = subject.name !== null && names < OTHER_NAME && Math.max(code.score, digits.score) < SAME_CODE;
  // Where no words are shared, they have to be well alike to be a reason.
  const reasons = [words, letters, code, digits].filter(
    ({ kind, score, detail }) => score >= (kind === 'words' && detail === '' ? OTHER_NAME : LEAST_REASON),
  );
  return {
    product,
    score: rounded(
      Math.min(strongest + (1 - strongest) * SECOND_EVIDENCE * second, isNeighbour ? MOST_OF_NEIGHBOUR : 1),
    ),
    reasons: reasons.map((reason) => ({ ...reason, score: rounded(reason.score) })).sort((a, b) => b.score - a.score),
  };
}

/** To three decimals, so that two scores that look equal are equal and the ids decide. */
const rounded = (score: number): number => Math.round(score * 1_000) / 1_000;

// Digits and letters are parted: "500ml" and "500 ml" are the same words; a decimal number is one word.
const WORDS = /\p{N}+(?:[.,]\p{N}+)*|[\p{L}\p{M}]+/gu;
const wordsOf = (normalName: string): string[] => normalName.match(WORDS) ?? [];
/** Numbers and words such as “de” are in names of every kind. */
const isTelling = (word: string): boolean => /^\p{L}/u.test(word) && [...word].length > 2;
const telling = (words: readonly string[]): string => words.filter(isTelling).join(' ');
const numbersOf = (words: readonly string[]): string =>
  words
    .filter((word) => /^\p{N}/u.test(word))
    .map((word) => word.replace(',', '.'))
    .sort()
    .join(' ');

function compareNames(
  name: string | null,
  other: string,
): { readonly words: SuggestionReason; readonly letters: SuggestionReason } {
  const [mine, theirs] = [wordsOf(normaliseName(name ?? '')), wordsOf(normaliseName(other))];
  if (mine.length === 0 || theirs.length === 0) {
    return { words: { kind: 'words', score: 0, detail: '' }, letters: { kind: 'letters', score: 0, detail: '' } };
  }
  const shared = [...new Set(theirs)].filter((word) => mine.includes(word));
  const [a, b] = [mine.join(' '), theirs.join(' ')];
  const tells = a === b || shared.some(isTelling);
  const alike = tells ? wordLikeness(a, b) : wordLikeness(telling(mine), telling(theirs));
  // Sizes and models differ by a digit, and names that differ in nothing else are neighbours on the shelf.
  const numbers = numbersOf(mine) === numbersOf(theirs) ? 1 : OTHER_NUMBERS;
  return {
    words: { kind: 'words', score: alike * numbers, detail: tells ? shared.join(' ') : '' },
    letters: { kind: 'letters', score: trigramLikeness(a, b) * numbers, detail: other },
  };
}

/** By the set alone "cup" would be all of "cup with red dots"; by all words alone a note behind the name counts fully. */
function wordLikeness(a: string, b: string): number {
  const options = { full_process: false, astral: true };
  return (token_set_ratio(a, b, options) + token_sort_ratio(a, b, options)) / 200;
}

/** Dice's coefficient of the two bags of three letters in a row, with a blank before and behind. */
function trigramLikeness(a: string, b: string): number {
  const [mine, theirs] = [trigramsOf(a), trigramsOf(b)];
  const open = new Map<string, number>();
  for (const gram of mine) open.set(gram, (open.get(gram) ?? 0) + 1);
  let shared = 0;
  for (const gram of theirs) {
    const left = open.get(gram) ?? 0;
    if (left === 0) continue;
    open.set(gram, left - 1);
    shared++;
  }
  return (2 * shared) / (mine.length + theirs.length);
}

function trigramsOf(text: string): string[] {
  const letters = [...` ${text} `];
  return letters.slice(2).map((letter, index) => `${letters[index] ?? ''}${letters[index + 1] ?? ''}${letter}`);
}

function best(
  kind: 'code' | 'barcode',
  asked: string | null,
  texts: readonly string[],
  likeness: (asked: string, text: string) => number,
): SuggestionReason {
  let found: SuggestionReason = { kind, score: 0, detail: '' };
  for (const text of texts) {
    const score = asked === null || text.trim() === '' ? 0 : likeness(asked, text);
    if (score > found.score) found = { kind, score, detail: text };
  }
  return found;
}

const LEAST_CODE = 3;

function codeLikeness(code: string, sku: string): number {
  if (codeKey(code) === codeKey(sku)) return 1;
  const [a, b] = [code, sku].map((text) => codeKey(text).replace(/[^\p{L}\p{M}\p{N}]/gu, ''));
  if (a === undefined || b === undefined || Math.min(a.length, b.length) < LEAST_CODE) return 0;
  if (a === b) return 0.95;
  if (withoutPadding(a) === withoutPadding(b)) return 0.9;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  const partOf = short.length / long.length;
  if (long.startsWith(short) || long.endsWith(short)) return 0.5 + 0.4 * partOf;
  const edits = distance(a, b, { full_process: false, astral: true });
  if (edits === 1) return short.length > LEAST_CODE ? 0.8 : 0.5;
  return edits === 2 && short.length >= 2 * LEAST_CODE ? 0.55 : 0;
}

/** Zeros before a number, at the start or behind letters: "AB007" and "AB7". */
const withoutPadding = (code: string): string => code.replace(/(?<!\p{N})0+(?=\p{N})/gu, '');

const SHORTEST_BARCODE = 7;
// A company's number in a GTIN has up to ten digits; fewer than these are a country's.
const COMPANY_DIGITS = 7;

function barcodeLikeness(asked: string, text: string): number {
  if (barcodeKey(asked) === barcodeKey(text)) return 1;
  const [a, b] = [asked, text].map((each) => each.replace(/[\s-]/g, ''));
  if (a === undefined || b === undefined || ![a, b].every(isBarcodeLike)) return 0;
  const [one, other] = [a.padStart(14, '0'), b.padStart(14, '0')];
  if (one === other) return 0.9;
  if (one.slice(0, -1) === other.slice(0, -1)) return 0.9;
  // Zeros are what short numbers were filled up with: the digits themselves must be as many.
  if (a.length === b.length && distance(a, b, { full_process: false }) === 1) return 0.8;
  const common = [...a].findIndex((digit, place) => digit !== b[place]);
  return a.length === b.length && common >= COMPANY_DIGITS ? (0.5 * common) / a.length : 0;
}

const isBarcodeLike = (text: string): boolean =>
  /^\d+$/.test(text) && text.length >= SHORTEST_BARCODE && text.length <= 14;
