import type { Failure } from './failure';
import { foldCode, normaliseName, sameCode } from './normal-forms';
import type { ShopProduct } from './ports/shop-target';

export { foldCode, normaliseName, sameCode };

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
