/**
 * A product that changes again right after it was written waits until it has been still for this long: a burst costs a
 * write at its begin and one at its end, not one for each change.
 */
export const STILL_MS = 1_000;

/** A change this long after the last write begins no burst; it is due at once. */
export const BURST_BEGINS_WITHIN_MS = 2_000;

/** A product that never rests is written all the same, this often. */
export const LONGEST_BURST_MS = 10_000;
