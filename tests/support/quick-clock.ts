import { systemClock } from '../../server/clock/system-clock';
import type { Clock } from '../../server/domain/ports/clock';

/**
 * A clock that runs faster than the machine's, so that waits of minutes pass in seconds. Every process that is given
 * the same begin and speed has the same time.
 */
export class QuickClock implements Clock {
  private aheadMs = 0;

  constructor(
    private readonly beganAt: number,
    private readonly speed: number,
  ) {}

  now(): number {
    return Math.floor(this.beganAt + (systemClock.now() - this.beganAt) * this.speed) + this.aheadMs;
  }

  /** What is slept through is not touched by a jump, as with a real clock that is set. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(Math.max(0, ms / this.speed), signal);
  }

  jump(ms: number): void {
    this.aheadMs += ms;
  }
}
