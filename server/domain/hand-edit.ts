import { equalQuantities, isNegative, type Quantity, quantity, subtractQuantity, sumQuantities } from './quantity';

/** What web orders ever took of a product, and what of that they gave back. Only two of these held together say anything. */
export interface SalesInAll {
  readonly taken: Quantity;
  readonly given: Quantity;
}

/** How a product of the shop was left. */
export interface LeftAs extends SalesInAll {
  readonly shown: Quantity;
}

/**
 * - as_left: web orders explain all of it
 * - written_over: a write of ours fell together with an order, and what it took or gave back is undone. No person did
 *   that, so it is repaired whatever the rule for edits says. Whoever sets back by hand just what an order took since we
 *   last looked is taken for this: a sale that is lost weighs more than an edit
 * - edited: a person or another program set it
 */
export type ShownBecause = 'as_left' | 'written_over' | 'edited';

const ZERO = quantity('0');

/** Why the shop shows this number, and the number that was to be expected. */
export function whyShown(
  left: LeftAs,
  byNow: SalesInAll,
  seen: Quantity,
): { readonly because: ShownBecause; readonly expected: Quantity } {
  const taken = subtractQuantity(byNow.taken, left.taken);
  const given = subtractQuantity(byNow.given, left.given);
  const expected = sumQuantities([subtractQuantity(left.shown, taken), given]);
  const more = subtractQuantity(seen, expected);
  if (equalQuantities(more, ZERO)) return { because: 'as_left', expected };
  // Several orders may have come since then, and the write undid one of them.
  const [undone, most] = isNegative(more) ? [subtractQuantity(ZERO, more), given] : [more, taken];
  const isWithin = !isNegative(subtractQuantity(most, undone));
  return { because: isWithin ? 'written_over' : 'edited', expected };
}
