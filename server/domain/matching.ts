import { decodeHTML } from 'entities';
import type { Failure } from './failure';
import type { ShopProduct } from './ports/shop-target';

/** How a link was found; `manual` is a person's choice and is never replaced by a rule. */
export type MatchMethod = 'code' | 'barcode' | 'name' | 'manual';

export type MatchRule = 'code' | 'barcode' | 'name';

export interface MatchSubject {
  readonly code: string | null;
  readonly barcode: string | null;
  readonly name: string | null;
}

/** "Ambiguous" and "none" are answers: neither is ever turned into a guess. */
export type MatchVerdict =
  | { readonly found: 'one'; readonly product: ShopProduct; readonly by: MatchMethod }
  | { readonly found: 'many'; readonly candidates: readonly ShopProduct[]; readonly by: MatchMethod }
  | { readonly found: 'none'; readonly tried: readonly MatchRule[] }
  /** "Exactly one" could not be proven for this product; it says nothing about the others. */
  | { readonly found: 'unproven'; readonly failure: Failure };

// Only on Latin letters: in other scripts a mark makes another letter or vowel, and another word.
const ACCENTS = /(?<=\p{Script=Latin}\p{M}*)\p{M}/gu;
const QUOTES = /[\u2018\u2019\u201A\u2032`´]/gu;
const DOUBLE_QUOTES = /[\u201C\u201D\u201E\u2033«»]/gu;
const DASHES = /[\u2010-\u2015\u2212]/gu;
// Letters that carry no separable mark, so canonical decomposition leaves them alone.
const UNDECOMPOSED: Readonly<Record<string, string>> = { ł: 'l', ø: 'o', đ: 'd', ß: 'ss', æ: 'ae', œ: 'oe', ı: 'i' };

const withoutMarks = (text: string): string => text.normalize('NFD').replace(ACCENTS, '');

/**
 * The form in which two names are one name: entities decoded, Unicode form, case, accents (Romanian ş/ș and ţ/ț among
 * them), typographic quotes and dashes, and runs of blanks made equal. Canonical, not compatibility, decomposition:
 * "10⁵" must not become "105".
 */
export function normaliseName(name: string): string {
  return withoutMarks(decodeHTML(name).toLowerCase())
    .replace(/[łøđßæœı]/gu, (letter) => UNDECOMPOSED[letter] ?? letter)
    .replace(QUOTES, "'")
    .replace(DOUBLE_QUOTES, '"')
    .replace(DASHES, '-')
    .replace(/[\s\u00A0\u200B\uFEFF]+/gu, ' ')
    .trim();
}

/** The form in which WooCommerce itself confuses two SKUs: its database compares without case and accents. */
export const foldCode = (code: string): string => withoutMarks(code.trim().toLowerCase());

/** Equal but for case and Unicode form: what a person would call the same code. */
export const sameCode = (a: string, b: string): boolean =>
  a.trim().normalize('NFC').toLowerCase() === b.trim().normalize('NFC').toLowerCase();

/**
 * Judges what the shop returned for a code. Two products that the shop would confuse are ambiguous, and so is a single
 * one that differs by an accent: the shop found it by a comparison looser than "the same code".
 */
export function judgeByCode(code: string, candidates: readonly ShopProduct[]): MatchVerdict {
  const alike = candidates.filter((candidate) => candidate.sku !== '' && foldCode(candidate.sku) === foldCode(code));
  if (alike.length === 0) return { found: 'none', tried: ['code'] };
  const [first] = alike;
  if (alike.length === 1 && first !== undefined && sameCode(first.sku, code)) {
    return { found: 'one', product: first, by: 'code' };
  }
  return { found: 'many', candidates: alike, by: 'code' };
}

/** Exactly one published product or variation with the same normalised name, or no match at all. */
export function judgeByName(name: string, candidates: readonly ShopProduct[]): MatchVerdict {
  const wanted = normaliseName(name);
  if (wanted === '') return { found: 'none', tried: ['name'] };
  const alike = candidates.filter(
    (candidate) => candidate.status === 'publish' && normaliseName(candidate.name) === wanted,
  );
  const [first] = alike;
  if (first === undefined) return { found: 'none', tried: ['name'] };
  return alike.length === 1
    ? { found: 'one', product: first, by: 'name' }
    : { found: 'many', candidates: alike, by: 'name' };
}

/** Two products share a barcode as often as two share a name, so the rule is the same: one, or no match. */
export function judgeByBarcode(barcode: string, candidates: readonly ShopProduct[]): MatchVerdict {
  const alike = candidates.filter(
    (candidate) => candidate.gtin === barcode || (candidate.sku !== '' && sameCode(candidate.sku, barcode)),
  );
  const [first] = alike;
  if (first === undefined) return { found: 'none', tried: ['barcode'] };
  return alike.length === 1
    ? { found: 'one', product: first, by: 'barcode' }
    : { found: 'many', candidates: alike, by: 'barcode' };
}

/**
 * The rules that apply to a product, in the connection's order. A code that is present but unknown never falls back to
 * the name, unless the owner allowed it: the name is the weakest evidence, and a wrong product is worse than none.
 */
export function applicableRules(
  subject: MatchSubject,
  order: readonly MatchRule[],
  allowNameAfterCode: boolean,
): MatchRule[] {
  return order.filter((rule) => {
    if (subject[rule] === null) return false;
    return rule !== 'name' || subject.code === null || allowNameAfterCode;
  });
}

/** Whether the product a link points to still is the one it was found as. */
export function contradictsLink(
  link: { readonly foundBy: MatchMethod; readonly sku: string; readonly name: string },
  subject: MatchSubject,
  seen: ShopProduct,
): boolean {
  switch (link.foundBy) {
    case 'code':
      return subject.code !== null && !sameCode(seen.sku, subject.code);
    case 'barcode':
      return subject.barcode !== null && seen.gtin !== subject.barcode && !sameCode(seen.sku, subject.barcode);
    case 'name':
      return subject.name !== null && normaliseName(seen.name) !== normaliseName(subject.name);
    case 'manual':
      return false;
  }
}
