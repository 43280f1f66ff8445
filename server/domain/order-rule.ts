import type { Quantity } from './quantity';

/**
 * When the source knows of a web order, so that its own number has it in already:
 * - level: its level fell by what the order took
 * - acknowledged: it, or somebody for it, said so over our API
 * - status: the order has one of these statuses in the shop
 * - meta: the order bears this key, such as the number of an invoice
 * - hours: so many hours after it was placed
 * - never: it is not told of web orders
 * - not_counted: web orders are not looked at, and what the source says is written over them
 */
export const ORDER_RULE_KINDS = ['level', 'acknowledged', 'status', 'meta', 'hours', 'never', 'not_counted'] as const;
export type OrderRuleKind = (typeof ORDER_RULE_KINDS)[number];

export interface OrderRule {
  readonly knownBy: OrderRuleKind;
  /** Of `status`. */
  readonly statuses: readonly string[];
  /** Of `meta`. */
  readonly metaKey: string | null;
  /** Of `hours`; with every other rule the longest that an order counts as unknown, null = for ever. */
  readonly afterHours: number | null;
}

/**
 * Why an order line no longer counts as unknown to the source; kept with the line. `before`: it had taken its pieces
 * before web orders were counted for this source.
 */
export const RELEASE_REASONS = ['before', 'level', 'acknowledged', 'status', 'meta', 'hours', 'by_hand'] as const;
export type ReleaseReason = (typeof RELEASE_REASONS)[number];

export const ORDERS_NOT_COUNTED: OrderRule = { knownBy: 'not_counted', statuses: [], metaKey: null, afterHours: null };

export const countsOrders = ({ knownBy }: Pick<OrderRule, 'knownBy'>): boolean => knownBy !== 'not_counted';

/** Known by the fall of the source's level, after so many hours at the latest. */
export const knownByLevel = (afterHours: number): OrderRule => ({
  knownBy: 'level',
  statuses: [],
  metaKey: null,
  afterHours,
});

const USUALLY_HEARD_WITHIN_HOURS = 24;

/**
 * After how many hours people are told of an order that the source still does not know of; null = they are not. Half of
 * the longest time leaves the other half to act before the order counts as known; before a day is over nobody is troubled,
 * unless the longest time is no longer than that. By `hours` an order is known in time, and by `never` none ever is.
 */
export function toldUnseenAfterHours({ knownBy, afterHours }: OrderRule): number | null {
  if (knownBy === 'not_counted' || knownBy === 'never' || knownBy === 'hours') return null;
  if (afterHours === null) return USUALLY_HEARD_WITHIN_HOURS;
  return afterHours > USUALLY_HEARD_WITHIN_HOURS
    ? Math.max(afterHours / 2, USUALLY_HEARD_WITHIN_HOURS)
    : afterHours / 2;
}

/** What one web order took from a product in the shop and the source does not know of, in pieces of the shop. */
export interface UnseenSale {
  /** The order's number as the shop shows it. */
  readonly order: string;
  readonly quantity: Quantity;
}
