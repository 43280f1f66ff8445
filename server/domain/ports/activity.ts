/** What was done at all shops together in an hour. */
export interface ActivityHour {
  /** When the hour began, epoch ms. */
  readonly hour: number;
  /** Products that were written and then shown right by the shop. */
  readonly changes: number;
  /** Tries that came to nothing. */
  readonly failures: number;
  /** From a change becoming due to the shop showing it; of all changes together, and of the slowest. */
  readonly delayTotalMs: number;
  readonly delayLongestMs: number;
}

export interface ActivityStore {
  /** The hours since then in which anything was done, oldest first. */
  hoursSince(since: number): Promise<readonly ActivityHour[]>;
  removeBefore(before: number): Promise<number>;
}
