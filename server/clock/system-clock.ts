import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../domain/ports/clock';

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await wait(ms, undefined, signal ? { signal } : {});
    } catch {
      // Woken before the time: that is what the signal is for.
    }
  },
};
