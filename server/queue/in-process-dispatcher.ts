import type { Clock } from '../domain/ports/clock';
import type { LaneDispatcher } from './lane-dispatcher';

/** How often the database is asked for what no announcement told of: retries that came due, a lost announcement. */
const SWEEP_EVERY_MS = 1_000;

/** One process: an announcement is a call. */
export class InProcessDispatcher implements LaneDispatcher {
  private wake: ((shopId: number) => void) | null = null;
  private stopping: AbortController | null = null;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly clock: Clock,
    private readonly shopsWithDueItems: (at: number) => Promise<readonly number[]>,
    private readonly onSweepFailed: (error: unknown) => void,
  ) {}

  announce(shopIds: Iterable<number>): void {
    for (const shopId of shopIds) this.wake?.(shopId);
  }

  start(wake: (shopId: number) => void): void {
    this.wake = wake;
    this.stopping = new AbortController();
    this.sweeping = this.sweep(this.stopping.signal);
  }

  async stop(): Promise<void> {
    this.wake = null;
    this.stopping?.abort();
    await this.sweeping;
  }

  private async sweep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.announce(await this.shopsWithDueItems(this.clock.now()));
      } catch (error) {
        this.onSweepFailed(error);
      }
      await this.clock.sleep(SWEEP_EVERY_MS, signal);
    }
  }
}
