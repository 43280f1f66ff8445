import type { DueSweep } from './due-sweep';
import type { LaneDispatcher, Wake } from './lane-dispatcher';

/** One process: an announcement is a call, and a burst of them is one. */
export class InProcessDispatcher implements LaneDispatcher {
  private readonly announced = new Set<number>();
  private wake: Wake | null = null;

  constructor(private readonly sweep: DueSweep) {}

  announce(shopIds: Iterable<number>): void {
    if (!this.wake) return;
    if (this.announced.size === 0) queueMicrotask(() => this.wakeAnnounced());
    for (const shopId of shopIds) this.announced.add(shopId);
  }

  start(wake: Wake): void {
    this.wake = wake;
    this.sweep.start(wake);
  }

  async stop(): Promise<void> {
    this.wake = null;
    await this.sweep.stop();
  }

  private wakeAnnounced(): void {
    const shopIds = [...this.announced];
    this.announced.clear();
    for (const shopId of shopIds) void this.wake?.(shopId);
  }
}
