import type { Quantity } from './quantity';

/** How much of a source product a warehouse holds, and when the source saw it (epoch ms). */
export interface StockLevel {
  readonly warehouse: string;
  readonly quantity: Quantity;
  readonly observedAt: number;
}

/** A sender's clock may run ahead by this much before we stop believing its time. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000;

/**
 * The time an observation counts as made. A time in the future would shut out every later change until that moment
 * comes, so beyond the tolerance the moment of receipt stands in for it.
 */
export const effectiveObservedAt = (observedAt: number | null, receivedAt: number): number =>
  observedAt === null || observedAt > receivedAt + CLOCK_TOLERANCE_MS ? receivedAt : observedAt;

/**
 * When a stored level counts as seen. What lies further ahead than any time is believed was stored while our own clock
 * was ahead: it says nothing, and would shut out every reading and every dated change until that time has come.
 */
export const believedObservedAt = (storedAt: number, receivedAt: number): number =>
  storedAt > receivedAt + CLOCK_TOLERANCE_MS ? 0 : storedAt;

/**
 * An older observation never overwrites a newer one; of two equally old ones the later to arrive wins. A change counts
 * unless the level was told as a whole after it: then it is in that level already. Changes may overtake each other.
 */
export const isSuperseded = (
  incomingObservedAt: number,
  stored: { readonly observedAt: number; readonly countedAt: number } | undefined,
  isChange = false,
): boolean => stored !== undefined && incomingObservedAt < (isChange ? stored.countedAt : stored.observedAt);
