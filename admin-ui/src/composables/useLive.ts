import { onScopeDispose, readonly, ref, shallowRef, watch } from 'vue';
import type { ChangeTopic } from '../../../server/http/schemas/events';
import { givenUp } from '../api/http';
import { asProblem, type ApiProblem } from '../api/problem';
import { useEvents, useIsLive } from './useEvents';

const SLOWEST_MS = 30_000;

/** While the server tells of changes, nothing is looked for but what it may have failed to tell. */
const LIVE_EVERY_MS = 30_000;
/** However fast things change, they are read no faster than this. */
const CLOSEST_MS = 1_000;

export interface LiveOptions {
  readonly everyMs: number;
  /** What the server tells of by itself; without it, it is looked for. */
  readonly about?: readonly ChangeTopic[];
  /** Goes on while another tab is in front: what is waited for happens there. */
  readonly whileHidden?: boolean;
}

/**
 * Something on the server, kept fresh while anybody looks: loads at once, again when it has changed and after each
 * pause, by default not while the page is hidden. A failed load keeps what was shown before and says so; it is tried again, ever more slowly.
 */
export function useLive<T>(load: (signal: AbortSignal) => Promise<T>, options: LiveOptions) {
  const data = shallowRef<T | null>(null);
  const problem = shallowRef<ApiProblem | null>(null);
  const loading = ref(false);
  const updatedAt = ref<number | null>(null);
  const paused = ref(false);

  const isTold = options.about !== undefined;
  const isLive = useIsLive();
  let failures = 0;
  let startedAt = 0;
  let changed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current: AbortController | undefined;
  let disposed = false;

  const isOutOfSight = () => document.hidden && options.whileHidden !== true;
  const sleeps = () => paused.value || isOutOfSight();

  function wait(): number {
    if (failures > 0) return Math.min(options.everyMs * 2 ** failures, SLOWEST_MS);
    if (changed) return Math.max(CLOSEST_MS - (Date.now() - startedAt), 0);
    return isTold && isLive.value ? Math.max(LIVE_EVERY_MS, options.everyMs) : options.everyMs;
  }

  function plan(): void {
    clearTimeout(timer);
    if (disposed || sleeps()) return;
    timer = setTimeout(() => void refresh(), wait());
  }

  /** Many changes at once are one; what changes while it is read is read again. */
  function onChange(): void {
    if (disposed || sleeps()) return;
    changed = true;
    if (!loading.value) plan();
  }

  async function refresh(): Promise<void> {
    clearTimeout(timer);
    startedAt = Date.now();
    changed = false;
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
    if (isOutOfSight()) clearTimeout(timer);
    else if (!paused.value) void refresh();
  };
  document.addEventListener('visibilitychange', onVisibility);

  if (options.about !== undefined) useEvents(options.about, onChange);
  watch(isLive, () => {
    // Without the line, what it told has to be looked for at once.
    if (isTold && !loading.value) plan();
  });

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
