import { onScopeDispose, ref, shallowRef, watch } from 'vue';
import { previewRules, type PreviewedItem, type RulesPreviewInput } from '../api/connections';
import { givenUp } from '../api/http';
import { asProblem, type ApiProblem } from '../api/problem';

const QUIET_MS = 400;

/** Real products by rules that are still being typed; null rules = they cannot be read yet. */
export function useRulesPreview(connectionId: () => number, rules: () => RulesPreviewInput | null) {
  const rows = shallowRef<readonly PreviewedItem[] | null>(null);
  const problem = shallowRef<ApiProblem | null>(null);
  const loading = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current: AbortController | undefined;

  async function load(): Promise<void> {
    clearTimeout(timer);
    current?.abort();
    const wanted = rules();
    if (wanted === null) return;
    const mine = new AbortController();
    current = mine;
    loading.value = true;
    try {
      const found = await previewRules(connectionId(), wanted, mine.signal);
      if (mine.signal.aborted) return;
      rows.value = found;
      problem.value = null;
    } catch (thrown) {
      if (mine.signal.aborted || givenUp(thrown)) return;
      problem.value = asProblem(thrown);
    }
    loading.value = false;
  }

  watch(
    () => JSON.stringify(rules()),
    () => {
      clearTimeout(timer);
      timer = setTimeout(() => void load(), QUIET_MS);
    },
  );
  void load();
  onScopeDispose(() => {
    clearTimeout(timer);
    current?.abort();
  });

  return { rows, problem, loading, load };
}
