import { onScopeDispose, ref, shallowRef, watch } from 'vue';
import { givenUp } from '../api/http';
import { asProblem, type ApiProblem } from '../api/problem';

const QUIET_MS = 400;

/** Asks the server about something that is still being typed, once the typing rests; null = it cannot be asked yet. */
export function useQuietly<Question, Answer>(
  question: () => Question | null,
  ask: (question: Question, signal: AbortSignal) => Promise<Answer>,
) {
  const answer = shallowRef<Answer | null>(null);
  const problem = shallowRef<ApiProblem | null>(null);
  const loading = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current: AbortController | undefined;

  async function load(): Promise<void> {
    clearTimeout(timer);
    current?.abort();
    const wanted = question();
    if (wanted === null) return;
    const mine = new AbortController();
    current = mine;
    loading.value = true;
    try {
      const found = await ask(wanted, mine.signal);
      if (mine.signal.aborted) return;
      answer.value = found;
      problem.value = null;
    } catch (thrown) {
      if (mine.signal.aborted || givenUp(thrown)) return;
      problem.value = asProblem(thrown);
    }
    loading.value = false;
  }

  watch(
    () => JSON.stringify(question()),
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

  return { answer, problem, loading, load };
}
