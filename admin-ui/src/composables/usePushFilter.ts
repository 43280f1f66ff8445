import { computed } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { PushFilter, PushOutcome } from '../api/pushes';

export const PUSH_OUTCOMES = [
  'accepted',
  'rejected',
  'unreadable',
  'test',
  'other',
] as const satisfies readonly PushOutcome[];

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The filter lives in the address. Days are those of the person who looks. */
export function usePushFilter() {
  const route = useRoute();
  const router = useRouter();

  const text = (key: string): string => {
    const value = route.query[key];
    return typeof value === 'string' ? value : '';
  };
  const day = (key: string): string => (DAY.test(text(key)) ? text(key) : '');

  /** The begin of this day, or of the one after it. */
  const moment = (of: string, later: number): string | undefined => {
    const [year = 0, month = 1, date = 1] = of.split('-').map(Number);
    return of === '' ? undefined : new Date(year, month - 1, date + later).toISOString();
  };

  const filter = computed<PushFilter>(() => {
    const sourceId = Number(text('source'));
    const outcome = PUSH_OUTCOMES.find((known) => known === text('outcome'));
    const from = moment(day('from'), 0);
    const before = moment(day('to'), 1);
    return {
      ...(Number.isInteger(sourceId) && sourceId > 0 && { sourceId }),
      ...(outcome !== undefined && { outcome }),
      ...(from !== undefined && { from }),
      ...(before !== undefined && { before }),
    };
  });

  return {
    filter,
    isNarrowed: computed(() => Object.keys(filter.value).length > 0),
    from: computed(() => day('from')),
    to: computed(() => day('to')),
    set: (key: 'source' | 'outcome' | 'from' | 'to', value: string) =>
      router.replace({ query: { ...route.query, [key]: value || undefined } }),
    clear: () => router.replace({ query: {} }),
  };
}
