import { computed, ref, watch } from 'vue';
import { listProblems } from '../api/problems';
import { useLive } from './useLive';

const EVERY_MS = 2_500;
const COUNT_EVERY_MS = 30_000;
const asked = ref(0);

/** What is wrong by its cause, and what healed within a day. */
export function useProblems() {
  const live = useLive((signal) => listProblems(signal), {
    everyMs: EVERY_MS,
    about: ['items', 'circuits', 'notifications'],
  });
  const all = computed(() => live.data.value ?? []);
  watch(
    () => all.value.filter(({ asks }) => asks).length,
    () => (asked.value += 1),
  );
  return {
    ...live,
    all,
    asking: computed(() => all.value.filter(({ asks }) => asks)),
    passing: computed(() => all.value.filter(({ asks, healedAt }) => !asks && healedAt === null)),
    healed: computed(() => all.value.filter(({ healedAt }) => healedAt !== null)),
  };
}

/** How many causes ask for a person; null while that is not known. */
export function useLiveProblemCount() {
  const live = useLive((signal) => listProblems(signal), {
    everyMs: COUNT_EVERY_MS,
    about: ['items', 'circuits', 'notifications'],
  });
  watch(asked, () => void live.refresh());
  return computed(() =>
    live.data.value === null || live.problem.value !== null ? null : live.data.value.filter(({ asks }) => asks).length,
  );
}
