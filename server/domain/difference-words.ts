import type { Difference, DifferenceReason } from './difference';
import { fillWords } from './failure';

/** English for each reason; a panel says the same in its languages by the same keys. */
export const DIFFERENCE_WORDS: Readonly<Record<DifferenceReason, string>> = {
  not_told: 'The source says {level} now; it last told us {was}, and the change in between never reached us.',
  not_written: 'What the source had told had not come through to the shop yet.',
  changed_in_shop: 'The shop showed {was} when we last looked, and {seen} now.',
  order: 'Web orders ({orders}) took {quantity}: from {was} to {seen}.',
  order_and_more: 'Web orders ({orders}) took {quantity}; that does not explain all of it (from {was} to {seen}).',
  edited: 'The product was saved in the shop, by a person or another program: from {was} to {seen}.',
  overwritten: 'Something changed the number past WooCommerce, from {was} to {seen}; the shop knows of no change.',
};

export const differenceWords = ({ reason, params }: Difference): string => fillWords(DIFFERENCE_WORDS[reason], params);
