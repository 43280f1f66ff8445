import { computed } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { beginOfDay } from './calendar-day';
import type { PushFilter, PushOutcome } from '../api/pushes';

export const PUSH_OUTCOMES = [
  'accepted',
  'rejected',
  'unreadable',
  'test',
  'other',
] as const satisfies readonly PushOutcome[];

/** The filter lives in the address. Days are those of the person who looks. */
export function usePushFilter() {
  const route = useRoute();
  const router = useRouter();

  const text = (key: string): string => {
    const value = route.query[key];
    return typeof value === 'string' ? value : '';
  };

  const filter = computed<PushFilter>(() => {
    const sourceId = Number(text('source'));
    const outcome = PUSH_OUTCOMES.find((known) => known === text('outcome'));
    const from = beginOfDay(text('from'));
    const before = beginOfDay(text('to'), 1);
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
    from: computed(() => text('from')),
    to: computed(() => text('to')),
    set: (key: 'source' | 'outcome' | 'from' | 'to', value: string) =>
      router.replace({ query: { ...route.query, [key]: value || undefined } }),
    clear: () => router.replace({ query: {} }),
  };
}
