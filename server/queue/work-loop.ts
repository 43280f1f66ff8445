import type { Clock } from '../domain/ports/clock';

const LOOK_EVERY_MS = 1_000;

/** Does what there is to do, one thing after the other; looks again every second, or at once when woken. */
export class WorkLoop {
  private readonly stopping = new AbortController();
  private waking = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly clock: Clock,
    /** True when there was something to do. Must not throw. */
    private readonly workOne: (stopping: AbortSignal) => Promise<boolean>,
  ) {}

  start(): void {
    this.loop = this.work();
  }

  wake(): void {
    this.waking.abort();
  }

  /** Resolves when what is under way has ended. */
  async drain(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.loop;
  }

  private async work(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      if (await this.workOne(signal)) continue;
      this.waking = new AbortController();
      await this.clock.sleep(LOOK_EVERY_MS, AbortSignal.any([this.waking.signal, signal]));
    }
  }
}
