import { computed, ref, watch } from 'vue';
import { getOverview, type ActivityHour } from '../api/overview';
import { useLive } from './useLive';

const HOUR_MS = 3_600_000;
const EVERY_MS = 15_000;

/** How far back the chart goes, and how much of it is one bar. */
export const SPANS = { day: { hours: 24, by: 'hour' }, month: { hours: 30 * 24, by: 'day' } } as const;
export type Span = keyof typeof SPANS;

export interface ActivityBar {
  /** When it begins: the hour, or midnight where the person is. */
  readonly at: number;
  readonly changes: number;
  readonly failures: number;
  readonly usualDelayMs: number | null;
  readonly longestDelayMs: number | null;
}

function beginOf(at: number, by: 'hour' | 'day'): number {
  const begin = new Date(at);
  if (by === 'day') begin.setHours(0, 0, 0, 0);
  else begin.setMinutes(0, 0, 0);
  return begin.getTime();
}

/** Every bar of the span, those in which nothing was done among them: a gap must be seen as one. */
export function barsOf(hours: readonly ActivityHour[], span: Span, now: number): readonly ActivityBar[] {
  const { hours: length, by } = SPANS[span];
  const begins: number[] = [];
  // From the middle of each step, so that a day of 23 or 25 hours is one bar as well.
  for (let at = now - (length - (by === 'day' ? 24 : 1)) * HOUR_MS; at <= now; at += HOUR_MS) {
    const begin = beginOf(at, by);
    if (begins.at(-1) !== begin) begins.push(begin);
  }
  const byBegin = new Map<number, ActivityHour[]>(begins.map((begin) => [begin, []]));
  for (const hour of hours) byBegin.get(beginOf(Date.parse(hour.at), by))?.push(hour);
  return begins.map((at) => {
    const all = byBegin.get(at) ?? [];
    const sum = (value: (hour: ActivityHour) => number) => all.reduce((total, hour) => total + value(hour), 0);
    const changes = sum((hour) => hour.changes);
    return {
      at,
      changes,
      failures: sum((hour) => hour.failures),
      usualDelayMs: changes === 0 ? null : Math.round(sum((hour) => (hour.usualDelayMs ?? 0) * hour.changes) / changes),
      longestDelayMs: changes === 0 ? null : Math.max(...all.map((hour) => hour.longestDelayMs ?? 0)),
    };
  });
}

/** What waits, how old the proofs are, and what was done hour by hour. */
export function useActivity() {
  const span = ref<Span>('day');
  const live = useLive((signal) => getOverview(SPANS[span.value].hours, signal), {
    everyMs: EVERY_MS,
    about: ['items', 'runs'],
  });
  watch(span, () => void live.refresh());
  const bars = computed(() => barsOf(live.data.value?.hours ?? [], span.value, live.updatedAt.value ?? Date.now()));
  return { ...live, span, bars };
}
