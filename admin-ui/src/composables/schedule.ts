export const SCHEDULE_KINDS = ['daily', 'weekdays', 'weekly', 'hourly', 'minutes', 'cron'] as const;
export type ScheduleKind = (typeof SCHEDULE_KINDS)[number];

/** How often within an hour; only what divides it comes at even distances. */
export const MINUTES = [5, 10, 15, 20, 30] as const;

/** Five fields of cron, as a person thinks of them. */
export interface Schedule {
  readonly kind: ScheduleKind;
  /** HH:MM */
  readonly time: string;
  /** 0 = Sunday. */
  readonly day: number;
  /** Minutes past the hour. */
  readonly past: number;
  readonly every: number;
  readonly cron: string;
}

const two = (text: string): string => text.padStart(2, '0');

export function readCron(cron: string): Schedule {
  const rest = { time: '02:30', day: 0, past: 0, every: 15, cron };
  const [minute = '', hour = '', ...days] = cron.trim().split(/\s+/);
  const isTime = /^[0-5]?\d$/.test(minute) && /^([01]?\d|2[0-3])$/.test(hour);
  const time = `${two(hour)}:${two(minute)}`;
  if (isTime && days.join(' ') === '* * *') return { ...rest, kind: 'daily', time };
  if (isTime && days.join(' ') === '* * 1-5') return { ...rest, kind: 'weekdays', time };
  const day = /^\* \* ([0-7])$/.exec(days.join(' '))?.[1];
  if (isTime && day !== undefined) return { ...rest, kind: 'weekly', time, day: Number(day) % 7 };
  if (hour !== '*' || days.join(' ') !== '* * *') return { ...rest, kind: 'cron' };
  if (/^[0-5]?\d$/.test(minute)) return { ...rest, kind: 'hourly', past: Number(minute) };
  const every = MINUTES.find((each) => minute === `*/${each}`);
  return every === undefined ? { ...rest, kind: 'cron' } : { ...rest, kind: 'minutes', every };
}

export const isTime = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(text.trim());

export function writeCron({ kind, time, day, past, every, cron }: Schedule): string {
  const [hour, minute] = time.split(':').map(Number);
  switch (kind) {
    case 'daily':
      return `${minute} ${hour} * * *`;
    case 'weekdays':
      return `${minute} ${hour} * * 1-5`;
    case 'weekly':
      return `${minute} ${hour} * * ${day}`;
    case 'hourly':
      return `${past} * * * *`;
    case 'minutes':
      return `*/${every} * * * *`;
    case 'cron':
      return cron.trim();
  }
}
