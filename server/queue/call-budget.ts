import type { Clock } from '../domain/ports/clock';

const MINUTE_MS = 60_000;

/** Spreads the calls to a shop so that its owner's limit per minute holds in every minute, not only on average. */
export class CallBudget {
  private readonly recent: number[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly perMinute: number | null,
  ) {}

  /** Resolves when the next call may go out, or when the signal aborts. */
  async take(signal: AbortSignal): Promise<void> {
    if (this.perMinute === null) return;
    for (;;) {
      const now = this.clock.now();
      while (this.recent[0] !== undefined && this.recent[0] <= now - MINUTE_MS) this.recent.shift();
      const oldest = this.recent[0];
      if (oldest === undefined || this.recent.length < this.perMinute) {
        this.recent.push(now);
        return;
      }
      if (signal.aborted) return;
      await this.clock.sleep(oldest + MINUTE_MS - now, signal);
    }
  }
}
