import { ref, watch, type Ref } from 'vue';
import {
  getRun,
  getRunLog,
  isUnderWay,
  listRunLines,
  listRuns,
  type Run,
  type RunFilter,
  type RunLine,
  type RunLinePage,
  type RunPage,
} from '../api/runs';
import { useLive } from './useLive';
import { usePages } from './usePages';

const UNDER_WAY_MS = 2_000;
const RESTING_MS = 10_000;
const RUNS = ['runs'] as const;

const paceOf = (moves: boolean): number => (moves ? UNDER_WAY_MS : RESTING_MS);

/** The runs, asked for more often while one of them moves. */
export function useRuns(filter: Ref<RunFilter>, options: { readonly first?: number } = {}) {
  const pace = { ...options, everyMs: UNDER_WAY_MS, about: RUNS };
  const pages = usePages<Run, RunPage>(async (page, signal) => {
    const found = await listRuns(filter.value, page, signal);
    if (page.cursor === undefined) pace.everyMs = paceOf(found.data.some(isUnderWay));
    return found;
  }, pace);
  watch(filter, (now, before) => {
    if (now.connectionId !== before.connectionId) void pages.restart();
  });
  return pages;
}

export function useRun(id: Ref<number>) {
  const pace = { everyMs: UNDER_WAY_MS, about: RUNS };
  const live = useLive(async (signal) => {
    const run = await getRun(id.value, signal);
    pace.everyMs = paceOf(isUnderWay(run));
    return run;
  }, pace);
  watch(id, () => void live.restart());
  return live;
}

export function useRunLog(run: () => Run) {
  const live = useLive((signal) => getRunLog(run().id, signal), { everyMs: RESTING_MS });
  watch(
    () => `${run().id} ${run().status} ${run().phase}`,
    () => void live.refresh(),
  );
  return live;
}

/** A run's lines; what became of them is known when it is over. */
export function useRunLines(id: Ref<number>, run: Readonly<Ref<Run | null>>) {
  // Of thousands of products most are equal, and nobody looks for those.
  const onlyUnequal = ref(true);
  const pages = usePages<RunLine, RunLinePage>(
    (page, signal) => listRunLines(id.value, { ...page, ...(onlyUnequal.value && { only: 'unequal' }) }, signal),
    { everyMs: RESTING_MS },
  );
  watch([id, onlyUnequal], () => void pages.restart());
  watch(
    () => run.value && `${run.value.id} ${run.value.status} ${run.value.phase}`,
    (_, before) => {
      if (before !== null) void pages.refresh();
    },
  );
  return { ...pages, onlyUnequal };
}
