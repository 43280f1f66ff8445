import { watch, type Ref } from 'vue';
import { changeConnection, goLive, previewGoLive } from '../api/connections';
import { useAction } from './useAction';
import { useLive } from './useLive';
import { useToasts } from './useToasts';
import { useWords } from './useWords';

const EVERY_MS = 5_000;

/** What going live would change, and the step itself, which can be taken back from its toast. */
export function useGoLive(id: Ref<number>) {
  const { t } = useWords();
  const { done } = useToasts();
  const { busy, run } = useAction();
  const live = useLive((signal) => previewGoLive(id.value, signal), {
    everyMs: EVERY_MS,
    about: ['items', 'estate'],
  });
  watch(id, () => void live.restart());

  const back = (connectionId: number, connection: string) =>
    run(async () => {
      await changeConnection(connectionId, { mode: 'test' });
      done(t('mode.testDone', { connection }));
    });

  const go = (connection: string, massZeroSeen: boolean) =>
    run(async () => {
      const connectionId = id.value;
      await goLive(connectionId, massZeroSeen);
      done(t('mode.liveDone', { connection }), {
        label: t('common.undo'),
        run: () => void back(connectionId, connection),
      });
    });

  return { ...live, busy, go };
}
