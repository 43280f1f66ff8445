import { floorQuantity, isNegative, isWhole, type Quantity, quantity, sumQuantities } from './quantity';
import { type ChosenWarehouses, isChosen } from './warehouse';

export interface WarehouseLevel {
  readonly warehouse: string;
  readonly quantity: Quantity;
}

/** Why the shop must show this number, as steps a person can add up. */
export interface TargetStock {
  /** Exact sum of the chosen warehouses. */
  readonly exact: Quantity;
  /** The whole, non-negative number the shop must show. */
  readonly target: Quantity;
  readonly counted: readonly WarehouseLevel[];
  readonly adjustments: readonly ('rounded_down' | 'negative_to_zero')[];
}

const ZERO = quantity('0');

/**
 * The number the shop must show, or null while no chosen warehouse has reported a level: an unknown level is
 * unknown, and never 0.
 */
export function computeTargetStock(levels: readonly WarehouseLevel[], chosen: ChosenWarehouses): TargetStock | null {
  const counted = levels.filter((level) => isChosen(chosen, level.warehouse));
  if (counted.length === 0) return null;
  const exact = sumQuantities(counted.map((level) => level.quantity));
  const adjustments: TargetStock['adjustments'][number][] = [];
  let target = exact;
  if (!isWhole(target)) {
    target = floorQuantity(target);
    adjustments.push('rounded_down');
  }
  if (isNegative(target)) {
    target = ZERO;
    adjustments.push('negative_to_zero');
  }
  return { exact, target, counted, adjustments };
}
