import { ref, shallowRef } from 'vue';
import { createToken, listTokens, revokeToken, type ApiToken, type CreatedApiToken } from '../api/tokens';
import { useAction } from './useAction';
import { useLive } from './useLive';
import { useToasts } from './useToasts';
import { useWords } from './useWords';

const EVERY_MS = 20_000;

export function useTokens() {
  const { t } = useWords();
  const { done } = useToasts();
  const { busy, run } = useAction();
  const live = useLive(listTokens, { everyMs: EVERY_MS });
  /** The token just made: it is shown until it is put away, and never again. */
  const created = shallowRef<CreatedApiToken | null>(null);
  const revoking = ref<ApiToken | null>(null);

  /** Throws what the server refuses. */
  async function create(draft: Parameters<typeof createToken>[0]): Promise<void> {
    created.value = await createToken(draft);
    await live.refresh();
  }

  const revoke = (token: ApiToken) =>
    run(async () => {
      await revokeToken(token.id);
      revoking.value = null;
      if (created.value?.id === token.id) created.value = null;
      done(t('tokens.revoked', { name: token.name }));
      await live.refresh();
    });

  return { ...live, busy, created, revoking, create, revoke };
}
