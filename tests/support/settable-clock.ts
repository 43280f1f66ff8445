import { systemClock } from '../../server/clock/system-clock';
import { TestClock } from './test-clock';

/** Tells the time a test sets, while whoever sleeps does so in real time: for a whole service that must go on working. */
export class SettableClock extends TestClock {
  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }
}
