import { decodeHTML } from 'entities';

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

/** The form in which two codes are what a person would call the same code: equal but for case and Unicode form. */
export const codeKey = (code: string): string => code.trim().normalize('NFC').toLowerCase();

export const sameCode = (a: string, b: string): boolean => codeKey(a) === codeKey(b);
