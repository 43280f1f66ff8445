import { type NotificationKind, stopsWork } from './notice';
import type { Role } from './ports/users';
import { isQuiet, minuteOfDay, type QuietHours } from './quiet-hours';

export const MAIL_CHOICES = ['at_once', 'digest', 'never'] as const;
export type MailChoice = (typeof MAIL_CHOICES)[number];

/** What one person wants to hear by e-mail, and when. The bell says everything. */
export interface NoticePreferences {
  /** What is not named here goes by its kind. */
  readonly mail: Readonly<Partial<Record<NotificationKind, MailChoice>>>;
  readonly digest: { readonly every: 'hour' } | { readonly every: 'day'; readonly hour: number };
  /** IANA name; the day of the digest and the quiet hours go by it. */
  readonly timeZone: string;
  /** Minutes of the day; null = none. */
  readonly quiet: { readonly fromMinute: number; readonly toMinute: number } | null;
  /** What stops everything is told in quiet hours too. */
  readonly stopsPass: boolean;
}

export const FIRST_PREFERENCES: NoticePreferences = {
  mail: {},
  digest: { every: 'day', hour: 8 },
  timeZone: 'UTC',
  quiet: null,
  stopsPass: true,
};

/** Who may only look is told nothing unasked. */
export const mailChoice = (kind: NotificationKind, { mail }: NoticePreferences, role: Role): MailChoice =>
  mail[kind] ?? (role === 'viewer' ? 'never' : stopsWork(kind) ? 'at_once' : 'digest');

const MINUTE = 60_000;
/** Clocks are set forward and back, and hours begin, only where a quarter of an hour of UTC does. */
const QUARTER = 15 * MINUTE;
const DAY_MINUTES = 1_440;
/** What comes and goes is told once in this time. */
export const FLAPPING_MS = 60 * MINUTE;

/** The first moment from now on that is not quiet. */
export function endOfQuiet(hours: QuietHours | null, now: number): number {
  let at = now;
  while (hours !== null && isQuiet(hours, at)) {
    const left = (hours.toMinute - minuteOfDay(at, hours.timeZone) + DAY_MINUTES) % DAY_MINUTES;
    const whole = Math.floor(at / MINUTE) * MINUTE;
    at = Math.min(whole + left * MINUTE, (Math.floor(at / QUARTER) + 1) * QUARTER);
  }
  return at;
}

/** The first full hour of the clock there, not before now; where the clock leaves it out, the moment it leaps. */
function nextHour(hour: number, timeZone: string, now: number): number {
  const sinceHour = (at: number): number => (minuteOfDay(at, timeZone) - hour * 60 + DAY_MINUTES) % DAY_MINUTES;
  let at = Math.ceil(now / QUARTER) * QUARTER;
  // It has come where the time since then falls from nearly a day to nearly nothing.
  while (sinceHour(at - QUARTER) - sinceHour(at) < DAY_MINUTES / 2) at += QUARTER;
  return at;
}

/** The next digest of this person, not before now. */
export function nextDigest({ digest, timeZone }: NoticePreferences, now: number): number {
  if (digest.every === 'day') return nextHour(digest.hour, timeZone, now);
  return Math.ceil(now / FLAPPING_MS) * FLAPPING_MS;
}

/**
 * When this person is told by e-mail; null = never. `lastTold` is when they were last told of the same subject, within
 * the time in which they are told once.
 */
export function mailDueAt(
  kind: NotificationKind,
  preferences: NoticePreferences,
  role: Role,
  now: number,
  lastTold: number | null,
): number | null {
  const choice = mailChoice(kind, preferences, role);
  if (choice === 'never') return null;
  const earliest = lastTold === null ? now : Math.max(now, lastTold + FLAPPING_MS);
  const at = choice === 'digest' ? nextDigest(preferences, earliest) : earliest;
  if (stopsWork(kind) && choice === 'at_once' && preferences.stopsPass) return at;
  const { quiet, timeZone } = preferences;
  return endOfQuiet(quiet && { ...quiet, timeZone }, at);
}
