import type { Ref } from 'vue';
import { useRouter } from 'vue-router';
import { cancelRun, releaseRun, undoRun } from '../api/runs';
import { useAction } from './useAction';
import { useToasts } from './useToasts';
import { useWords } from './useWords';

/** What a person can do with a run. */
export function useRunDeeds(id: Ref<number>, after: () => void) {
  const { t } = useWords();
  const { done } = useToasts();
  const { busy, run } = useAction();
  const router = useRouter();

  const cancel = () =>
    run(async () => {
      await cancelRun(id.value);
      done(t('run.cancelAsked'));
      after();
    });

  const release = () =>
    run(async () => {
      await releaseRun(id.value);
      done(t('run.released'));
      after();
    });

  const undo = () =>
    run(async () => {
      const runId = await undoRun(id.value);
      await router.push({ name: 'run', params: { id: runId } });
    });

  return { busy, cancel, release, undo };
}
