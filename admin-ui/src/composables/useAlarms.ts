import { computed } from 'vue';
import { listNotifications } from '../api/notifications';
import { useLive } from './useLive';

/** What lasts and asks for a person; a shop out of reach has its own notice. */
export function useAlarms() {
  const live = useLive((signal) => listNotifications(signal), { everyMs: 10_000 });
  const alarms = computed(() =>
    (live.data.value ?? []).filter(({ kind, healedAt }) => healedAt === null && kind !== 'circuit_open'),
  );
  return { ...live, alarms };
}
