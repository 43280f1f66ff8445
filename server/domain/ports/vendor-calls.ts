/** How many calls we allow ourselves at an account in a month. */
export interface CallAllowance {
  /** The account at its vendor, such as "hiboutik:myshop". */
  readonly account: string;
  readonly most: number;
}

/** Months are those of UTC. */
export type CallPeriod = 'month' | 'ten-seconds';

/** Counts the calls to accounts that take only so many in a period, over all our processes and restarts. */
export interface VendorCalls {
  /** Counts one call made at this time; false when `most` were made in its period already: then none may be made. */
  take(account: string, most: number, at: number, period?: CallPeriod): Promise<boolean>;
  /** Calls made in the month of this time. */
  used(account: string, at: number): Promise<number>;
  /** Forgets the ten seconds that ended before; months are few, and kept. */
  removeBefore(at: number): Promise<number>;
}

export const TEN_SECONDS_MS = 10_000;
