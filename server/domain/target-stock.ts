import {
  divideToWhole,
  equalQuantities,
  isNegative,
  type Quantity,
  quantity,
  quotientText,
  type Rounding,
  subtractQuantity,
  sumQuantities,
} from './quantity';
import type { UnseenSale } from './order-rule';
import { type ChosenWarehouses, isChosen } from './warehouse';

export interface WarehouseLevel {
  readonly warehouse: string;
  readonly quantity: Quantity;
}

/** How the source's number becomes the shop's. */
export interface NumberRules {
  /** Kept back from the shop, in the source's units. */
  readonly buffer: Quantity;
  /** How many of the source's units are one piece of the shop: 6 = sold by the six, 0.001 = kilograms sold as grams. */
  readonly packSize: Quantity;
  readonly rounding: Rounding;
  readonly negative: 'zero' | 'keep_with_backorders';
}

export type TargetAdjustment =
  'buffer' | 'pack' | 'rounded_down' | 'rounded' | 'rounded_up' | 'orders' | 'negative_to_zero';

/** One line of the sum: what was done, by how much, and what it came to. Only what changed the number is a step. */
export interface TargetStep {
  /** held: a number of the product's own instead of all that; `by` says whose (undo, edited). */
  readonly kind: 'sum' | 'buffer' | 'pack' | 'rounding' | 'orders' | 'negative' | 'held';
  /** The buffer taken off, the units in a piece, the direction of the rounding, the orders; null where there is nothing to name. */
  readonly by: string | null;
  /** A quotient without end is cut off and ends in "…"; what follows is computed from the whole of it. */
  readonly value: string;
}

/** Why the shop must show this number, as steps a person can add up. */
export interface TargetStock {
  /** Exact sum of the chosen warehouses. */
  readonly exact: Quantity;
  /** The whole number the shop must show; below zero only where the rules keep that. */
  readonly target: Quantity;
  readonly counted: readonly WarehouseLevel[];
  readonly adjustments: readonly TargetAdjustment[];
  readonly steps: readonly TargetStep[];
}

/** Why a product has a number of its own until the source says something new: an undo gave it back, or it was edited in the shop. */
export type OwnNumber = { readonly quantity: Quantity; readonly why: 'undo' | 'edited' };

export interface ProductState {
  /** What the shop has sold and the source does not know of. */
  readonly unseen?: readonly UnseenSale[];
  readonly held?: OwnNumber | null;
}

const ZERO = quantity('0');
const ONE = quantity('1');

export const NO_RULES: NumberRules = { buffer: ZERO, packSize: ONE, rounding: 'down', negative: 'zero' };

const ROUNDED = { down: 'rounded_down', nearest: 'rounded', up: 'rounded_up' } as const;

/**
 * The number the shop must show, or null while no chosen warehouse has reported a level: an unknown level is
 * unknown, and never 0. `backorders`: the shop sells this product below zero.
 */
export function computeTargetStock(
  levels: readonly WarehouseLevel[],
  chosen: ChosenWarehouses,
  rules: NumberRules = NO_RULES,
  backorders = false,
  { unseen = [], held = null }: ProductState = {},
): TargetStock | null {
  if (isNegative(rules.buffer)) throw new RangeError(`A buffer cannot be ${rules.buffer}`);
  if (isNegative(rules.packSize) || equalQuantities(rules.packSize, ZERO)) {
    throw new RangeError(`A piece cannot be ${rules.packSize} units`);
  }
  const counted = levels.filter((level) => isChosen(chosen, level.warehouse));
  if (counted.length === 0) return null;
  const exact = sumQuantities(counted.map((level) => level.quantity));
  const adjustments: TargetAdjustment[] = [];
  const steps: TargetStep[] = [{ kind: 'sum', by: null, value: exact }];

  const sellable = withoutBuffer(exact, rules.buffer);
  if (!equalQuantities(sellable, exact)) {
    adjustments.push('buffer');
    steps.push({ kind: 'buffer', by: rules.buffer, value: sellable });
  }
  const pieces = quotientText(sellable, rules.packSize);
  if (pieces !== sellable) {
    adjustments.push('pack');
    steps.push({ kind: 'pack', by: rules.packSize, value: pieces });
  }
  let target = divideToWhole(sellable, rules.packSize, rules.rounding);
  if (pieces !== target) {
    adjustments.push(ROUNDED[rules.rounding]);
    steps.push({ kind: 'rounding', by: rules.rounding, value: target });
  }
  if (held !== null) {
    target = held.quantity;
    steps.push({ kind: 'held', by: held.why, value: target });
  }
  const sold = sumQuantities(unseen.map((sale) => sale.quantity));
  if (!equalQuantities(sold, ZERO)) {
    target = subtractQuantity(target, sold);
    adjustments.push('orders');
    steps.push({ kind: 'orders', by: unseen.map(({ order }) => `#${order}`).join(', '), value: target });
  }
  const isOwn = held !== null && isNegative(held.quantity);
  if (isNegative(target) && !isOwn && !(rules.negative === 'keep_with_backorders' && backorders)) {
    target = ZERO;
    adjustments.push('negative_to_zero');
    steps.push({ kind: 'negative', by: null, value: target });
  }
  return { exact, target, counted, adjustments, steps };
}

/** What is kept back is never more than there is: below zero nothing is left to keep, and a debt must not grow. */
function withoutBuffer(exact: Quantity, buffer: Quantity): Quantity {
  if (isNegative(exact)) return exact;
  const left = subtractQuantity(exact, buffer);
  return isNegative(left) ? ZERO : left;
}

const larger = (a: Quantity, b: Quantity): Quantity => (isNegative(subtractQuantity(a, b)) ? b : a);

/**
 * The rules of one product: what is set for the product itself, else for its categories (of several the largest buffer:
 * each of them asks that at least so much be kept back), else for the connection.
 */
export function rulesFor(
  base: NumberRules,
  product: { readonly buffer: Quantity | null; readonly packSize: Quantity | null },
  categoryBuffers: readonly Quantity[],
): NumberRules {
  const ofCategories = categoryBuffers.length === 0 ? base.buffer : categoryBuffers.reduce(larger);
  return { ...base, buffer: product.buffer ?? ofCategories, packSize: product.packSize ?? base.packSize };
}
