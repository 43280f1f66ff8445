import { useRouter } from 'vue-router';
import { replayPush } from '../api/pushes';
import { useAction } from './useAction';
import { useToasts } from './useToasts';
import { useWords } from './useWords';

/** Takes a stored push in once more and shows what became of it. */
export function useReplay() {
  const { t } = useWords();
  const { done } = useToasts();
  const { busy, run } = useAction();
  const router = useRouter();

  const replay = (pushId: number) =>
    run(async () => {
      const id = await replayPush(pushId);
      done(t('push.replayed'));
      await router.push({ name: 'push', params: { id } });
    });
  return { busy, replay };
}
