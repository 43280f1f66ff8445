import { gracefulShutdown, scheduleJob } from 'node-schedule';

export interface Schedule {
  readonly name: string;
  /** Cron, five fields. */
  readonly cron: string;
  readonly timeZone: string;
  readonly run: () => Promise<unknown>;
}

/** Runs each schedule at its times until stopped. A run still going when its next time comes is not started twice. */
export function startSchedules(
  schedules: readonly Schedule[],
  onEnd: (name: string, result: unknown, error: unknown) => void,
): { readonly stop: () => Promise<void> } {
  const running = new Set<string>();
  for (const { name, cron, timeZone, run } of schedules) {
    const job = scheduleJob(name, { rule: cron, tz: timeZone }, () => {
      if (running.has(name)) return;
      running.add(name);
      run()
        .then(
          (result) => onEnd(name, result, null),
          (error: unknown) => onEnd(name, null, error),
        )
        .finally(() => running.delete(name));
    });
    // node-schedule answers null to a rule it does not understand, and would simply never run it.
    if (job === null) throw new Error(`The schedule of ${name} is not valid: ${cron}`);
  }
  return { stop: () => gracefulShutdown() };
}
