import { type Failure, type FailureCode, failureCause, failureCure, failureKind, fillWords } from './failure';
import type { MatchSubject } from './matching';
import type { NotificationKind } from './notice';

/** What of an item's failure is the cause itself; whatever else it tells is of that one product. */
const CAUSE_PARAMS: Partial<Record<FailureCode, readonly string[]>> = {
  product_without_stock: ['type'],
  shop_refused_item: ['code'],
  shop_fails_on_item: ['what'],
  unknown_failure: ['what'],
};

/** The same text for failures of one code that have the same cause; null where the code says it all. */
export function causeOf({ code, params }: Pick<Failure, 'code' | 'params'>): string | null {
  // What speaks of the whole shop tells nothing of a product.
  const names = failureKind(code).scope === 'shop' ? Object.keys(params).sort() : (CAUSE_PARAMS[code] ?? []);
  const known = names.filter((name) => name in params);
  return known.length === 0 ? null : known.map((name) => `${name}=${params[name]}`).join('&');
}

/** What is wrong with many products at once, where the words for one would name just that one. */
export const PROBLEM_WORDS: Partial<Record<FailureCode, string>> = {
  product_unmatched: 'The shop has no product that fits',
  mapping_unmatched: 'The mapping names a SKU that the shop does not have',
  product_ambiguous: 'Several products in the shop fit',
  name_unprovable: 'Too many products with a like name to prove that one is meant',
  product_taken: 'Another product of the source already has the product in the shop',
  product_gone: 'The product no longer exists in the shop',
  product_trashed: 'The product is in the shop’s trash',
  product_without_stock: 'Products of the type “{type}” hold no stock of their own',
  stock_not_managed: 'Stock management is off in WooCommerce',
  stock_managed_by_parent: 'The parent keeps the stock of the variation',
  shop_shows_other: 'The shop shows another number than we wrote',
  shop_refused_item: 'The shop refuses the product ({code})',
  shop_fails_on_item: 'The shop fails whenever it is given the product ({what})',
  number_unexplained: 'The shop’s number has changed, and no web order explains it yet',
  shop_differs: 'Changed in the shop by a person or another program; you decide which number is right',
  number_unsafe: 'The level is too large for the shop',
  mass_zero_held: 'Held back: very many products went to 0 at once',
};

export const problemWords = (failure: Failure): string => {
  const words = PROBLEM_WORDS[failure.code];
  return words === undefined ? failureCause(failure) : fillWords(words, failure.params);
};

/** The cure of one product names its number, which is none of the others'. */
export const PROBLEM_CURES: Partial<Record<FailureCode, string>> = {
  shop_differs:
    'Choose whether the source’s numbers are written, or the shop’s numbers stay until the source says something new.',
};

/** What to do about as many products of one cause. */
export const problemCure = (failure: Failure, count: number): string =>
  (count > 1 ? PROBLEM_CURES[failure.code] : undefined) ?? failureCure(failure);

/** Not where nothing has failed: a person is asked which number is right. */
export const isTriedAgain = (code: FailureCode): boolean => code !== 'shop_differs';

/** Everything that has one cause: products of a connection, a whole shop, or what an alarm is about. */
export interface Problem {
  readonly key: string;
  readonly about: 'items' | 'shop' | NotificationKind;
  readonly connectionId: number | null;
  readonly shopId: number | null;
  readonly sourceId: number | null;
  /** As it met one of them. */
  readonly failure: Failure | null;
  /** By which its items are listed. */
  readonly cause: string | null;
  /** Where in the panel an alarm is seen to; null where there is no alarm. */
  readonly path: string | null;
  /** Whether a person has to act; if not, it is being tried again. */
  readonly asks: boolean;
  readonly count: number;
  /** How many of them are about to be tried once more. */
  readonly waiting: number;
  readonly since: number;
  readonly healedAt: number | null;
  readonly examples: readonly { readonly id: number; readonly subject: MatchSubject }[];
}
