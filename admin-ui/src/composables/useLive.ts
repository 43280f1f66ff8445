import { onScopeDispose, readonly, ref, shallowRef } from 'vue';
import { givenUp } from '../api/http';
import { asProblem, type ApiProblem } from '../api/problem';

const SLOWEST_MS = 30_000;

/**
 * Something on the server, kept fresh while anybody looks: loads at once, again after each pause, not while the page
 * is hidden. A failed load keeps what was shown before and says so; it is tried again, ever more slowly.
 */
export function useLive<T>(load: (signal: AbortSignal) => Promise<T>, options: { readonly everyMs: number }) {
  const data = shallowRef<T | null>(null);
  const problem = shallowRef<ApiProblem | null>(null);
  const loading = ref(false);
  const updatedAt = ref<number | null>(null);
  const paused = ref(false);

  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current: AbortController | undefined;
  let disposed = false;

  const sleeps = () => paused.value || document.hidden;

  function plan(): void {
    clearTimeout(timer);
    if (disposed || sleeps()) return;
    timer = setTimeout(() => void refresh(), Math.min(options.everyMs * 2 ** failures, SLOWEST_MS));
  }

  async function refresh(): Promise<void> {
    clearTimeout(timer);
    current?.abort();
    const mine = new AbortController();
    current = mine;
    loading.value = true;
    try {
      const loaded = await load(mine.signal);
      if (mine.signal.aborted) return;
      data.value = loaded;
      problem.value = null;
      updatedAt.value = Date.now();
      failures = 0;
    } catch (thrown) {
      if (mine.signal.aborted || givenUp(thrown)) return;
      problem.value = asProblem(thrown);
      failures += 1;
    }
    loading.value = false;
    plan();
  }

  /** Forgets what is shown: for when something else is looked at. */
  function restart(): Promise<void> {
    data.value = null;
    problem.value = null;
    updatedAt.value = null;
    failures = 0;
    return refresh();
  }

  function setPaused(wanted: boolean): void {
    paused.value = wanted;
    if (wanted) clearTimeout(timer);
    else void refresh();
  }

  const onVisibility = () => {
    if (document.hidden) clearTimeout(timer);
    else if (!paused.value) void refresh();
  };
  document.addEventListener('visibilitychange', onVisibility);

  onScopeDispose(() => {
    disposed = true;
    clearTimeout(timer);
    current?.abort();
    document.removeEventListener('visibilitychange', onVisibility);
  });

  void refresh();

  return {
    data,
    problem: readonly(problem),
    loading: readonly(loading),
    updatedAt: readonly(updatedAt),
    paused: readonly(paused),
    refresh,
    restart,
    setPaused,
  };
}
