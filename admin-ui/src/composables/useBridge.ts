import { computed, watch } from 'vue';
import { attemptPairing, getBridge, type Bridge, type BridgeAttempted, type BridgeCode } from '../api/bridge';
import { ApiProblem } from '../api/problem';
import { useLive } from './useLive';
import { useNow } from './useNow';

/** The plugin of one shop. The server tells nothing of it by itself. */
export const useBridge = (shopId: () => number) => useLive((signal) => getBridge(shopId(), signal), { everyMs: 5_000 });

export const isPaired = ({ state }: Bridge): boolean => state === 'paired' || state === 'away';

export type PluginState = Bridge['state'] | 'slow';

/** How it does, in one word. */
export const stateOf = ({ state, slowBecause }: Bridge): PluginState =>
  state === 'paired' && slowBecause.length > 0 ? 'slow' : state;

type Attempt = BridgeAttempted['state'] | 'missing';

/** What may be waited for, and what the person is to do about it. */
export type PairingStep = 'waiting' | 'other' | 'missing' | 'paired' | 'void' | 'over';

/** A shop without the plugin is asked on: it may be about to be put there. */
async function attempt(shopId: number, code: string, signal: AbortSignal): Promise<Attempt> {
  try {
    return (await attemptPairing(shopId, code, signal)).state;
  } catch (thrown) {
    if (thrown instanceof ApiProblem && thrown.code === 'bridge_missing') return 'missing';
    throw thrown;
  }
}

/** Asks the shop again and again whether the code has been confirmed there, until it has or the time is over. */
export function usePairing(shopId: number, { code, expiresAt }: BridgeCode) {
  const now = useNow();
  const { data, problem, loading, refresh, setPaused } = useLive((signal) => attempt(shopId, code, signal), {
    everyMs: 3_000,
    whileHidden: true,
  });
  const step = computed<PairingStep>(() => {
    if (data.value === 'paired') return 'paired';
    if (problem.value?.kind === 'conflict') return 'void';
    if (Date.parse(expiresAt) <= now.value) return 'over';
    // Before its time ours is not expired: what was typed in the shop is another.
    return data.value === 'wrong_code' || data.value === 'expired' ? 'other' : (data.value ?? 'waiting');
  });
  const isAsking = computed(() => !['paired', 'void', 'over'].includes(step.value));
  watch(isAsking, (asks) => {
    if (!asks) setPaused(true);
  });
  return { problem, loading, refresh, step, isAsking };
}
