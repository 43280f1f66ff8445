/** First wait, and the wait the curve levels off at. */
export const FIRST_WAIT_MS = 2_000;
export const LONGEST_WAIT_MS = 15 * 60_000;
/** After this many failed attempts in a row an item is an error that asks for a person. */
export const MOST_ATTEMPTS = 8;

/**
 * The one backoff curve: doubling from 2 s to 15 min, with full jitter over its upper half so that a thousand items
 * that failed together do not come back together. `chance` is in [0, 1).
 */
export function backoffMs(attempts: number, chance: number): number {
  const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, Math.min(attempts, 30) - 1));
  return Math.round(ceiling / 2 + (ceiling / 2) * chance);
}

/** When to try again, or null when retrying is over. What the other side asked for is the least we wait. */
export function retryDelayMs(attempts: number, chance: number, askedMs = 0): number | null {
  return attempts >= MOST_ATTEMPTS ? null : Math.max(backoffMs(attempts, chance), askedMs);
}
