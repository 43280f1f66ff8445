import type { Failure } from './failure';
import { barcodeKey, gtin14 } from './gtin';
import { foldCode, normaliseName, sameCode } from './normal-forms';
import type { ShopProduct } from './ports/shop-target';

export { foldCode, normaliseName, sameCode };

/** `code-gtin`: the source's code is the barcode the shop knows as GTIN. */
export type MatchRule = 'code' | 'barcode' | 'code-gtin' | 'name';

/** How a link was found; `mapping` and `manual` are a person's choice and are never replaced by a rule. */
export type MatchMethod = MatchRule | 'mapping' | 'manual';

export interface MatchSubject {
  readonly code: string | null;
  readonly barcode: string | null;
  readonly name: string | null;
  /** The source's own id, which some systems name a product by; the shop knows nothing of it. */
  readonly externalId?: string | null;
}

/** What a person's mapping calls a product of the source by. */
export const referenceOf = ({ code, barcode, externalId = null }: MatchSubject): string | null =>
  code ?? barcode ?? externalId;

/** "Ambiguous" and "none" are answers: neither is ever turned into a guess. */
export type MatchVerdict =
  | {
      readonly found: 'one';
      readonly product: ShopProduct;
      readonly by: MatchMethod;
      /** Its translations that fit just as well: one product in several languages, and each keeps a number of its own. */
      readonly twins: readonly ShopProduct[];
    }
  | { readonly found: 'many'; readonly candidates: readonly ShopProduct[]; readonly by: MatchMethod }
  | { readonly found: 'none'; readonly tried: readonly MatchRule[] }
  /** "Exactly one" could not be proven for this product; it says nothing about the others. */
  | { readonly found: 'unproven'; readonly failure: Failure };

/** The id a translation plugin knows it by: a variation is translated by itself. */
const ownId = ({ ref }: ShopProduct): number => ref.variationId ?? ref.productId;

/**
 * Whether all of them are one product in several languages. Each must name all the others: a group that is claimed from
 * one side only may be a copy that was made into a product of its own.
 */
const areTwins = (all: readonly ShopProduct[]): boolean =>
  all.every((each) => all.every((other) => other === each || each.translations.includes(ownId(other))));

function judge(
  by: MatchRule,
  alike: readonly ShopProduct[],
  isExact: (candidate: ShopProduct) => boolean,
): MatchVerdict {
  const [product, ...twins] = [...alike].sort((a, b) => ownId(a) - ownId(b));
  if (product === undefined) return { found: 'none', tried: [by] };
  return alike.every(isExact) && areTwins(alike)
    ? { found: 'one', product, by, twins }
    : { found: 'many', candidates: alike, by };
}

/**
 * Judges what the shop returned for a code. Two products that the shop would confuse are ambiguous, and so is a single
 * one that differs by an accent: the shop found it by a comparison looser than "the same code". A variation that shows
 * its parent's SKU has none of its own ('') and is not found: the code is the parent's.
 */
export function judgeByCode(code: string, candidates: readonly ShopProduct[]): MatchVerdict {
  const wanted = foldCode(code);
  const alike = candidates.filter((candidate) => candidate.sku !== '' && foldCode(candidate.sku) === wanted);
  return judge('code', alike, (candidate) => sameCode(candidate.sku, code));
}

/** Exactly one published product or variation with the same normalised name, or no match at all. */
export function judgeByName(name: string, candidates: readonly ShopProduct[]): MatchVerdict {
  const wanted = normaliseName(name);
  const alike = candidates.filter(
    (candidate) => wanted !== '' && candidate.status === 'publish' && normaliseName(candidate.name) === wanted,
  );
  return judge('name', alike, () => true);
}

const alikeBarcodes = (a: string | null, b: string): boolean =>
  a !== null && barcodeKey(a) !== '' && barcodeKey(a) === barcodeKey(b);

/** One barcode: the same GTIN however it is spelt, else the same text; an accent makes a text another, as in a code. */
const sameBarcode = (a: string | null, b: string): boolean =>
  a !== null && alikeBarcodes(a, b) && (gtin14(a) !== null || sameCode(a, b));

/** Two products share a barcode as often as two share a name, so the rule is the same: one, or no match. */
export function judgeByBarcode(barcode: string, candidates: readonly ShopProduct[]): MatchVerdict {
  const alike = candidates.filter(({ gtin, sku }) => alikeBarcodes(gtin, barcode) || alikeBarcodes(sku, barcode));
  return judge('barcode', alike, ({ gtin, sku }) => sameBarcode(gtin, barcode) || sameBarcode(sku, barcode));
}

/** For a source that gives the barcode as the code: only a GTIN can prove it, the SKU was asked for by the code. */
export function judgeByGtin(code: string, candidates: readonly ShopProduct[]): MatchVerdict {
  const alike = candidates.filter(({ gtin }) => alikeBarcodes(gtin, code));
  return judge('code-gtin', alike, ({ gtin }) => sameBarcode(gtin, code));
}

/** What a rule looks for. */
export const askedBy = (rule: MatchRule, subject: MatchSubject): string | null =>
  rule === 'code-gtin' ? subject.code : subject[rule];

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
    if (askedBy(rule, subject) === null) return false;
    return rule !== 'name' || subject.code === null || allowNameAfterCode;
  });
}

/** Whether the product a link points to still is the one it was found as. What is not known contradicts nothing. */
export function contradictsLink(
  link: { readonly foundBy: MatchMethod; readonly sku: string; readonly name: string },
  subject: MatchSubject,
  seen: ShopProduct,
  /** The SKU that a person's mapping gives this product now. */
  mappedSku: string | null = null,
): boolean {
  const { code, barcode, name } = subject;
  switch (link.foundBy) {
    case 'code':
      return code !== null && !sameCode(seen.sku, code);
    case 'barcode':
      return barcode !== null && !sameBarcode(seen.gtin, barcode) && !sameBarcode(seen.sku, barcode);
    case 'code-gtin':
      return code !== null && !sameBarcode(seen.gtin, code);
    case 'name':
      return name !== null && normaliseName(seen.name) !== normaliseName(name);
    case 'mapping':
      return mappedSku !== null && !sameCode(seen.sku, mappedSku);
    case 'manual':
      return false;
  }
}
