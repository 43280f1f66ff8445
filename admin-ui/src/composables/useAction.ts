import { ref } from 'vue';
import { asProblem } from '../api/problem';
import { useProblemWords } from './useProblemWords';
import { useToasts } from './useToasts';

/** One deed at a time; what goes wrong is said, never swallowed. */
export function useAction() {
  const busy = ref(false);
  const { failed } = useToasts();
  const { says, proof } = useProblemWords();

  async function run(deed: () => Promise<void>): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    try {
      await deed();
      return true;
    } catch (thrown) {
      const problem = asProblem(thrown);
      failed([says(problem), proof(problem)].filter((words) => words !== null).join(' '));
      return false;
    } finally {
      busy.value = false;
    }
  }

  return { busy, run };
}
