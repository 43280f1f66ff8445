import type { ReadRequestedLevels } from '../application/read-requested-levels';
import type { Clock } from '../domain/ports/clock';
import { WorkLoop } from './work-loop';

/** Reads the levels that calls only named, one source at a time. */
export const createLevelWorker = (
  readLevels: ReadRequestedLevels,
  clock: Clock,
  onFailed: (error: unknown) => void,
): WorkLoop =>
  new WorkLoop(clock, async (stopping) => {
    try {
      return await readLevels.step(stopping);
    } catch (error) {
      // What was taken shows up again by itself.
      onFailed(error);
      return false;
    }
  });
