import type { Ref } from 'vue';

/** The person's own variant of the language, where the browser names one (en-GB dates for en). */
const regional = (language: string): string =>
  navigator.languages.find((wanted) => wanted === language || wanted.startsWith(`${language}-`)) ?? language;

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** Making a formatter takes longer than a hundred uses of it, and a list uses one for every cell. */
function kept<Formatter>(make: (tag: string) => Formatter): (tag: string) => Formatter {
  const known = new Map<string, Formatter>();
  return (tag) => {
    const formatter = known.get(tag) ?? make(tag);
    known.set(tag, formatter);
    return formatter;
  };
}

const numbers = kept((tag) => new Intl.NumberFormat(tag, { maximumFractionDigits: 6 }));
const moments = kept((tag) => new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'medium' }));
const relatives = kept((tag) => new Intl.RelativeTimeFormat(tag, { numeric: 'auto' }));
const lists = kept((tag) => new Intl.ListFormat(tag, { type: 'conjunction' }));

export function createFormat(locale: Ref<string>) {
  const tag = () => regional(locale.value);

  /** Takes exact decimal text as it is: no detour over floats. */
  const number = (value: number | string): string => numbers(tag()).format(value as number);

  const moment = (iso: string): string => moments(tag()).format(new Date(iso));

  /** The time alone where it was today. */
  const since = (iso: string): string => {
    const then = new Date(iso);
    const isToday = then.toDateString() === new Date().toDateString();
    return new Intl.DateTimeFormat(tag(), {
      ...(isToday ? {} : { dateStyle: 'medium' }),
      timeStyle: 'short',
    }).format(then);
  };

  /** null = today. */
  const day = (iso: string): string | null => {
    const then = new Date(iso);
    return then.toDateString() === new Date().toDateString()
      ? null
      : new Intl.DateTimeFormat(tag(), { dateStyle: 'full' }).format(then);
  };

  /** Of a bar: the hour, or the day. */
  const hourOf = (ms: number): string =>
    new Intl.DateTimeFormat(tag(), { hour: 'numeric', minute: '2-digit' }).format(new Date(ms));
  const dayOf = (ms: number): string =>
    new Intl.DateTimeFormat(tag(), { day: 'numeric', month: 'short' }).format(new Date(ms));

  /** 0 = Sunday. */
  const weekday = (day: number): string =>
    new Intl.DateTimeFormat(tag(), { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2023, 0, 1 + day));

  const clock = (ms: number): string => new Intl.DateTimeFormat(tag(), { timeStyle: 'medium' }).format(new Date(ms));

  const relative = (from: number, now: number): string => {
    const seconds = Math.round((from - now) / 1000);
    const words = relatives(tag());
    const unit = UNITS.find(([, length]) => Math.abs(seconds) >= length);
    return unit === undefined ? words.format(seconds, 'second') : words.format(Math.trunc(seconds / unit[1]), unit[0]);
  };

  /** The two largest units tell enough: 1 h 5 min, 40 s. */
  const duration = (ms: number): string => {
    const seconds = Math.max(1, Math.round(ms / 1000));
    const parts = [
      [Math.floor(seconds / 3600), 'hour'],
      [Math.floor(seconds / 60) % 60, 'minute'],
      [seconds % 60, 'second'],
    ] as const;
    const first = parts.findIndex(([value]) => value > 0);
    return parts
      .slice(first, first + 2)
      .filter(([value]) => value > 0)
      .map(([value, unit]) => new Intl.NumberFormat(tag(), { style: 'unit', unit, unitDisplay: 'short' }).format(value))
      .join(' ');
  };

  const bytes = (count: number): string => {
    const [value, unit] =
      count < 1024 ? [count, 'byte'] : count < 1024 ** 2 ? [count / 1024, 'kilobyte'] : [count / 1024 ** 2, 'megabyte'];
    return new Intl.NumberFormat(tag(), {
      style: 'unit',
      unit: unit as string,
      unitDisplay: unit === 'byte' ? 'long' : 'short',
      maximumFractionDigits: 1,
    }).format(value as number);
  };

  const list = (words: readonly string[]): string => lists(tag()).format(words);

  return { number, moment, since, day, hourOf, dayOf, weekday, clock, relative, duration, bytes, list };
}
