import { type Job, scheduleJob } from 'node-schedule';

export interface Schedule {
  readonly name: string;
  /** Cron, five fields. */
  readonly cron: string;
  readonly timeZone: string;
  readonly run: () => Promise<unknown>;
}

/**
 * Runs each schedule at its times until stopped. A run still going when its next time comes is not started twice, and
 * of several processes one alone runs it: the one that `claim` answers true for that moment.
 */
export function startSchedules(
  schedules: readonly Schedule[],
  claim: (name: string, moment: number) => Promise<boolean>,
  onEnd: (name: string, result: unknown, error: unknown) => void,
): { readonly stop: () => Promise<void> } {
  const running = new Map<string, Promise<void>>();
  const runIfOurs = async ({ name, run }: Schedule, moment: number): Promise<void> => {
    try {
      if (await claim(name, moment)) onEnd(name, await run(), null);
    } catch (error) {
      onEnd(name, null, error);
    } finally {
      running.delete(name);
    }
  };
  const jobs: Job[] = [];
  const stop = async (): Promise<void> => {
    for (const job of jobs) job.cancel();
    await Promise.all(running.values());
  };
  for (const schedule of schedules) {
    // The moment is the planned one, so that processes whose clocks differ a little speak of the same.
    const job: Job | null = scheduleJob({ rule: schedule.cron, tz: schedule.timeZone }, (planned) => {
      if (!running.has(schedule.name)) running.set(schedule.name, runIfOurs(schedule, planned.getTime()));
    });
    // node-schedule answers null to a rule it does not understand, and would simply never run it.
    if (job === null) throw new Error(`The schedule of ${schedule.name} is not valid: ${schedule.cron}`);
    jobs.push(job);
  }
  return { stop };
}
