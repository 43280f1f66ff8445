/** Hours in which a shop is not called, as minutes of its local day. `from` may lie after `to`: over midnight. */
export interface QuietHours {
  readonly fromMinute: number;
  readonly toMinute: number;
  /** IANA name, such as Europe/Bucharest. */
  readonly timeZone: string;
}

/** Making one costs more than a hundred uses of it. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  clocks.set(timeZone, made);
  return made;
}

export const minuteOfDay = (now: number, timeZone: string): number => {
  const [hour = '0', minute = '0'] = clockOf(timeZone).format(now).split(':');
  return Number(hour) * 60 + Number(minute);
};

/** By the wall clock of the shop, so that the hours stay where they are when summer time begins or ends. */
export function isQuiet(hours: QuietHours | null, now: number): boolean {
  if (hours === null || hours.fromMinute === hours.toMinute) return false;
  const minute = minuteOfDay(now, hours.timeZone);
  return hours.fromMinute < hours.toMinute
    ? minute >= hours.fromMinute && minute < hours.toMinute
    : minute >= hours.fromMinute || minute < hours.toMinute;
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
