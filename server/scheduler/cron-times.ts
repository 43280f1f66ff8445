import { parseExpression } from 'cron-parser';
import type { CronTimes } from '../domain/ports/flows';

const FIELDS = 5;

/** The times of a cron rule in its own zone; a time that a change of clocks leaves out or repeats comes once. */
export const cronTimes: CronTimes = {
  next: (cron, timeZone, after) => {
    if (cron.trim().split(/\s+/).length !== FIELDS) return null;
    try {
      return parseExpression(cron, { tz: timeZone, currentDate: new Date(after) })
        .next()
        .getTime();
    } catch {
      return null;
    }
  },
};
