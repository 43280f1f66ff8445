/** How fast one shop is written to; follows what the shop itself shows it can bear. */
export interface Pace {
  /** Items per write call. */
  readonly batchSize: number;
  /** Deliveries under way at once. */
  readonly deliveries: number;
  /** Good full batches in a row since the pace last changed. */
  readonly streak: number;
}

/** Four calls of 25 are as fast as WooCommerce's REST API gets on a small host, and each stays far below a time limit. */
export const FIRST_PACE: Pace = { batchSize: 25, deliveries: 4, streak: 0 };

const SMALLEST_BATCH = 5;
const LARGEST_BATCH = 100;
const MOST_DELIVERIES = 4;
/** A call this quick has its fixed cost to save: the next may carry more. */
const QUICK_CALL_MS = 1_500;
/** A call this slow is on its way to the 30 s at which many hosts cut it off in the middle. */
const SLOW_CALL_MS = 8_000;
const BATCH_STEP = 10;
const STREAK_TO_GROW = 5;

/** A write call that was answered: additive increase, and a step back before the host has to cut us off. */
export function afterAnsweredCall(pace: Pace, items: number, durationMs: number): Pace {
  if (durationMs > SLOW_CALL_MS) return slower(pace);
  // A small batch says nothing about what a large one would cost.
  if (items < pace.batchSize) return pace;
  if (pace.streak + 1 < STREAK_TO_GROW) return { ...pace, streak: pace.streak + 1 };
  return {
    batchSize: durationMs < QUICK_CALL_MS ? Math.min(LARGEST_BATCH, pace.batchSize + BATCH_STEP) : pace.batchSize,
    deliveries: Math.min(MOST_DELIVERIES, pace.deliveries + 1),
    streak: 0,
  };
}

/** A time-out, a 5xx, a 429: multiplicative decrease, at once. */
export const slower = (pace: Pace): Pace => ({
  batchSize: Math.max(SMALLEST_BATCH, Math.floor(pace.batchSize / 2)),
  deliveries: Math.max(1, Math.floor(pace.deliveries / 2)),
  streak: 0,
});

/** What was stored by a former run, or the first pace where that makes no sense. */
export function paceOf(stored: unknown): Pace {
  if (typeof stored !== 'object' || stored === null) return FIRST_PACE;
  const { batchSize, deliveries } = { batchSize: 0, deliveries: 0, ...stored };
  const fits =
    Number.isInteger(batchSize) &&
    Number.isInteger(deliveries) &&
    batchSize >= SMALLEST_BATCH &&
    batchSize <= LARGEST_BATCH &&
    deliveries >= 1 &&
    deliveries <= MOST_DELIVERIES;
  return fits ? { batchSize, deliveries, streak: 0 } : FIRST_PACE;
}
