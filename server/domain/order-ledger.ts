import type { OrderRule, ReleaseReason, UnseenSale } from './order-rule';
import type { ShopOrder } from './ports/shop-orders';
import { isNegative, quantity, type Quantity, subtractQuantity, sumQuantities } from './quantity';

const ZERO = quantity('0');
const HOUR_MS = 3_600_000;

/** The smaller of two. */
const smaller = (a: Quantity, b: Quantity): Quantity => (isNegative(subtractQuantity(a, b)) ? a : b);

/** What a line holds of the stock that the source does not know of; a line that gave it back owes nothing. */
export function unseenOf({ held, released }: { readonly held: Quantity; readonly released: Quantity }): Quantity {
  const left = subtractQuantity(held, released);
  return isNegative(left) ? ZERO : left;
}

/**
 * What stays known of a line that holds less now: what was given back is unknown again should the order take it anew,
 * as one that was cancelled by mistake does.
 */
export const stillReleased = (released: Quantity, held: Quantity): Quantity => smaller(released, held);

/** The latest that an order can have taken its pieces, as far as its dates tell; null = they do not. */
export const tookAt = ({ placedAt, paidAt }: Pick<ShopOrder, 'placedAt' | 'paidAt'>): number | null =>
  placedAt === null ? null : Math.max(placedAt, paidAt ?? 0);

/**
 * The reason for which the source knows all of an order by now, as far as the order itself tells; null = it does not. Its
 * hours run from when it took its pieces: one that was paid days after it was placed is news to the source.
 */
export function knownByItself(
  rule: OrderRule,
  order: Pick<ShopOrder, 'status' | 'keys'> & { readonly tookAt: number | null },
  now: number,
): ReleaseReason | null {
  if (rule.knownBy === 'status' && rule.statuses.includes(order.status)) return 'status';
  if (rule.knownBy === 'meta' && rule.metaKey !== null && order.keys.includes(rule.metaKey)) return 'meta';
  const { afterHours, knownBy } = rule;
  if (knownBy === 'not_counted' || afterHours === null || order.tookAt === null) return null;
  return now - order.tookAt >= afterHours * HOUR_MS ? 'hours' : null;
}

export interface OpenLine {
  readonly id: number;
  readonly unseen: Quantity;
}

/**
 * The source's level fell by so many pieces: which lines that explains, oldest first, and how much of each. What is left
 * over was sold elsewhere, or belongs to an order we have not heard of yet.
 */
export function explainedByFall(
  lines: readonly OpenLine[],
  fall: Quantity,
): { readonly taken: readonly { readonly id: number; readonly quantity: Quantity }[]; readonly left: Quantity } {
  let left = isNegative(fall) ? ZERO : fall;
  const taken: { id: number; quantity: Quantity }[] = [];
  for (const { id, unseen } of lines) {
    if (left === ZERO) break;
    const part = smaller(unseen, left);
    if (part === ZERO) continue;
    taken.push({ id, quantity: part });
    left = subtractQuantity(left, part);
  }
  return { taken, left };
}

/** By order: one may have the product on several lines. */
export function salesOf(
  lines: readonly { readonly number: string; readonly held: Quantity; readonly released: Quantity }[],
): readonly UnseenSale[] {
  const sales = new Map<string, Quantity>();
  for (const line of lines) {
    sales.set(line.number, sumQuantities([sales.get(line.number) ?? ZERO, unseenOf(line)]));
  }
  return [...sales].map(([order, sold]) => ({ order, quantity: sold }));
}
