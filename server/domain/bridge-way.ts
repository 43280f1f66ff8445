import type { Failure } from './failure';

/**
 * The way through a shop's plugin. While it is away everything goes by plain REST; at `retryAt` the next piece of work
 * tries it again.
 */
export interface BridgeWay {
  readonly failure: Failure | null;
  readonly awaySince: number | null;
  readonly retryAt: number | null;
  readonly failures: number;
}

export const AT_HAND: BridgeWay = { failure: null, awaySince: null, retryAt: null, failures: 0 };

/** How often a shop's plugin is asked how it is, and for what it could not tell us by itself. */
export const BRIDGE_WATCHED_EVERY_MS = 60_000;

const FIRST_PAUSE_MS = 30_000;
/** Nothing waits for it, so a shop whose plugin is gone is asked seldom. */
const LONGEST_PAUSE_MS = 10 * 60_000;

export const mayCross = ({ retryAt }: BridgeWay, now: number): boolean => retryAt === null || now >= retryAt;

/** Calls side by side meet the same trouble: it is one, and the pause is not made longer for each of them. */
export function wentAway(way: BridgeWay, failure: Failure, now: number): BridgeWay {
  if (!mayCross(way, now)) return way;
  const failures = way.failures + 1;
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10));
  return { failure, awaySince: way.awaySince ?? now, retryAt: now + pause, failures };
}
