import { computed } from 'vue';
import { listNotifications } from '../api/notifications';
import { useLive } from './useLive';

const MOST = 50;
/** Said by something else on the same page: a shop’s own notice, the headline. */
const SAID_ELSEWHERE: readonly string[] = ['circuit_open', 'products_unmatched', 'products_failed'];

/** What lasts and asks for a person. */
export function useAlarms() {
  const live = useLive((signal) => listNotifications({ state: 'open' }, { limit: MOST }, signal), {
    everyMs: 10_000,
    about: ['notifications'],
  });
  const alarms = computed(() => (live.data.value?.data ?? []).filter(({ kind }) => !SAID_ELSEWHERE.includes(kind)));
  return { ...live, alarms };
}
