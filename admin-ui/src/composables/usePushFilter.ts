import { computed } from 'vue';
import type { PushFilter, PushOutcome } from '../api/pushes';
import { said, useAddress } from './useAddress';

export const PUSH_OUTCOMES = [
  'accepted',
  'rejected',
  'unreadable',
  'test',
  'other',
] as const satisfies readonly PushOutcome[];

export function usePushFilter() {
  const { id, oneOf, day, text, set, clear } = useAddress();
  const filter = computed<PushFilter>(() =>
    said({
      sourceId: id('source'),
      outcome: oneOf('outcome', PUSH_OUTCOMES),
      from: day('from'),
      before: day('to', 1),
    }),
  );

  return {
    filter,
    isNarrowed: computed(() => Object.keys(filter.value).length > 0),
    from: computed(() => text('from')),
    to: computed(() => text('to')),
    set: (key: 'source' | 'outcome' | 'from' | 'to', value: string) => set(key, value),
    clear,
  };
}
