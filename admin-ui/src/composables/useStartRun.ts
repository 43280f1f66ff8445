import { computed, ref } from 'vue';
import { useRouter } from 'vue-router';
import { ApiProblem } from '../api/problem';
import { listRuns, type Run } from '../api/runs';
import { useAction } from './useAction';
import { useNow } from './useNow';
import { useToasts } from './useToasts';
import { useWords } from './useWords';

/** Coarse on purpose: whoever listens to the page is told once a minute, not every second. The clock of the page
 * may be a second behind. */
const coarse = (ms: number): number => {
  const step = ms > 60_000 ? 60_000 : 10_000;
  return Math.max(1, Math.ceil((ms - 1000) / step)) * step;
};

/** Starts a run of a connection and goes to its page; why it cannot start is said with what to do about it. */
export function useStartRun(connectionId: () => number) {
  const { t, duration } = useWords();
  const { failed } = useToasts();
  const { busy, run } = useAction();
  const router = useRouter();
  const now = useNow();

  const waitUntil = ref(0);
  const waits = computed(() =>
    waitUntil.value > now.value ? t('startRun.wait', { time: duration(coarse(waitUntil.value - now.value)) }) : null,
  );

  const show = (id: number) => router.push({ name: 'run', params: { id } });
  const notOver = async (): Promise<Run | undefined> =>
    (await listRuns({ connectionId: connectionId() }, { limit: 1 })).data.find((one) => one.finishedAt === null);

  const start = (ask: () => Promise<number>) =>
    run(async () => {
      waitUntil.value = 0;
      try {
        await show(await ask());
      } catch (thrown) {
        if (!(thrown instanceof ApiProblem)) throw thrown;
        if (thrown.kind === 'throttled' && thrown.retryAfterSeconds !== null) {
          waitUntil.value = Date.now() + thrown.retryAfterSeconds * 1000;
          return;
        }
        const other = thrown.kind === 'conflict' ? await notOver() : undefined;
        if (other === undefined) throw thrown;
        failed(t('startRun.other'), { label: t('startRun.showOther'), run: () => void show(other.id) });
      }
    });

  return { busy, waits, start };
}
