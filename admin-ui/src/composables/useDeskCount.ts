import { computed, ref, watch } from 'vue';
import { listItems } from '../api/items';
import { useLive } from './useLive';

const EVERY_MS = 30_000;
const asked = ref(0);

/** Whoever changes how many items wait at the match desk says so here. */
export function useDeskCount() {
  return { recount: () => (asked.value += 1) };
}

/** How many items wait at the match desk; null while that is not known. */
export function useLiveDeskCount() {
  const live = useLive((signal) => listItems({}, { limit: 1 }, signal), {
    everyMs: EVERY_MS,
    about: ['items'],
  });
  watch(asked, () => void live.refresh());
  return computed(() => {
    const counts = live.data.value?.counts;
    return counts === undefined || live.problem.value !== null
      ? null
      : (counts.unmatched ?? 0) + (counts.ambiguous ?? 0);
  });
}
