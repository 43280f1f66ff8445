import type { Clock } from '../../server/domain/ports/clock';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is moved by hand: no test waits for time to pass. */
export class TestClock implements Clock {
  private readonly sleepers = new Set<Sleeper>();

  constructor(private time = Date.UTC(2026, 0, 15, 12)) {}

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        until: this.time + ms,
        wake: () => {
          this.sleepers.delete(sleeper);
          signal?.removeEventListener('abort', sleeper.wake);
          resolve();
        },
      };
      this.sleepers.add(sleeper);
      signal?.addEventListener('abort', sleeper.wake);
    });
  }

  /** How many wait for the time to come. */
  get sleeping(): number {
    return this.sleepers.size;
  }

  /** Moves the time and wakes whoever's time has come. */
  advance(ms: number): void {
    this.time += ms;
    for (const sleeper of [...this.sleepers]) if (sleeper.until <= this.time) sleeper.wake();
  }
}
