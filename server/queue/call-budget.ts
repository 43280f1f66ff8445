import type { Clock } from '../domain/ports/clock';

const MINUTE_MS = 60_000;

/** Spreads the calls to a shop so that its owner's limit per minute holds in every minute, not only on average. */
export class CallBudget {
  private readonly recent: number[] = [];

  constructor(private readonly clock: Clock) {}

  /** Resolves when the next call may go out, or when the signal aborts. */
  async take(perMinute: number | null, signal: AbortSignal): Promise<void> {
    if (perMinute === null) return;
    for (;;) {
      const now = this.clock.now();
      const isOver = (at: number): boolean => at <= now - MINUTE_MS || at > now;
      // A call from the future was made before the clock was set back; its minute would last until it has caught up.
      while (this.recent[0] !== undefined && isOver(this.recent[0])) this.recent.shift();
      const oldest = this.recent[0];
      if (oldest === undefined || this.recent.length < perMinute) {
        this.recent.push(now);
        return;
      }
      if (signal.aborted) return;
      await this.clock.sleep(oldest + MINUTE_MS - now, signal);
    }
  }
}
