import { computed } from 'vue';
import { listOrderLedgers } from '../api/orders';
import { sumOf } from './pieces';
import { useLive } from './useLive';

/** How web orders reach us, by shop, and what that comes to over all. */
export function useOrderLedgers() {
  const live = useLive(listOrderLedgers, { everyMs: 10_000, about: ['items', 'estate'] });
  const ledgers = computed(() => live.data.value ?? []);
  const unknown = computed(() => ledgers.value.flatMap((ledger) => ledger.unknown));
  const saved = (which: 'all' | 'lately') => ({
    orders: ledgers.value.reduce((sum, ledger) => sum + ledger.saved[which].orders, 0),
    pieces: String(sumOf(ledgers.value.map((ledger) => ledger.saved[which].pieces))),
  });
  return {
    ...live,
    ledgers,
    /** The oldest first. */
    unknown: computed(() => [...unknown.value].sort((a, b) => a.oldest.placedAt.localeCompare(b.oldest.placedAt))),
    saved: computed(() => ({ all: saved('all'), lately: saved('lately') })),
  };
}
