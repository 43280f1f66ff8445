import { type Quantity, subtractQuantity } from './quantity';

/**
 * Why the shop showed another number than it should, as far as it can be told:
 * - not_told: the source has another level than it last told us
 * - not_written: what the source told had not come through to the shop
 * - changed_in_shop: the shop's number is no longer the one it last showed us; not looked into yet
 * - order: web orders took just as much
 * - order_and_more: web orders took some of it
 * - edited: the product was saved in the shop, by a person or another program
 * - overwritten: something changed the number past WooCommerce, which knows of no change
 */
export const DIFFERENCE_REASONS = [
  'not_told',
  'not_written',
  'changed_in_shop',
  'order',
  'order_and_more',
  'edited',
  'overwritten',
] as const;
export type DifferenceReason = (typeof DIFFERENCE_REASONS)[number];

export interface Difference {
  readonly reason: DifferenceReason;
  readonly params: Readonly<Record<string, string | number>>;
}

/** What orders took from the stock of one product, and which they were. */
export interface Sold {
  readonly quantity: Quantity;
  readonly orders: readonly string[];
}

/** The shop's clock and ours differ a little, and it tells seconds only. */
export const CLOCK_DOUBT_MS = 5_000;

const instant = (at: number): string => new Date(at).toISOString();

/** The likely reason why the shop shows `seen` where it last showed `was`. Times are epoch ms. */
export function explainDifference(facts: {
  readonly was: Quantity;
  readonly seen: Quantity;
  /** When the shop last showed us `was`. */
  readonly since: number;
  readonly now: number;
  /** When the product was last saved, by the shop's account; null where it does not say. */
  readonly modifiedAt: number | null;
  /** When we last wrote to it: that is a save, too. */
  readonly writtenAt: number | null;
  /** null where no order is known to have taken any. */
  readonly sold: Sold | null;
}): Difference {
  const { was, seen, since, now, modifiedAt, writtenAt, sold } = facts;
  if (sold) {
    const params = { orders: sold.orders.map((number) => `#${number}`).join(', '), quantity: sold.quantity, was, seen };
    return { reason: subtractQuantity(was, sold.quantity) === seen ? 'order' : 'order_and_more', params };
  }
  const ours = Math.max(since, writtenAt ?? 0) + CLOCK_DOUBT_MS;
  if (modifiedAt === null || modifiedAt > ours) {
    return { reason: 'edited', params: { was, seen, ...(modifiedAt === null ? {} : { at: instant(modifiedAt) }) } };
  }
  return { reason: 'overwritten', params: { was, seen, from: instant(since), to: instant(now) } };
}
