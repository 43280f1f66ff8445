import type { Clock } from '../domain/ports/clock';
import type { Wake } from './lane-dispatcher';

const SWEEP_EVERY_MS = 1_000;

/** Asks the database for what no announcement told of: retries that came due, a lost announcement, a killed worker's lane. */
export class DueSweep {
  private readonly stopping = new AbortController();
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly clock: Clock,
    private readonly shopsWithDueItems: (at: number) => Promise<readonly number[]>,
    private readonly onFailed: (error: unknown) => void,
  ) {}

  start(wake: Wake): void {
    this.sweeping = this.sweep(wake);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.sweeping;
  }

  private async sweep(wake: Wake): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        const shopIds = await this.shopsWithDueItems(this.clock.now());
        if (signal.aborted) return;
        for (const shopId of shopIds) void wake(shopId);
      } catch (error) {
        this.onFailed(error);
      }
      await this.clock.sleep(SWEEP_EVERY_MS, signal);
    }
  }
}
