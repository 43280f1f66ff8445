/** How many calls we allow ourselves at an account in a period, such as a month. */
export interface CallAllowance {
  /** The account at its vendor, such as "hiboutik:myshop". */
  readonly account: string;
  readonly most: number;
}

/**
 * Counts the calls to accounts that have only so many a month, over all our processes and restarts. Months are those of
 * UTC.
 */
export interface VendorCalls {
  /** Counts one call made at this time; false when `most` were made in its month already: then none may be made. */
  take(account: string, most: number, at: number): Promise<boolean>;
  /** Calls made in the month of this time. */
  used(account: string, at: number): Promise<number>;
}
