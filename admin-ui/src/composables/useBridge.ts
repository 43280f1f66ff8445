import { computed, watch } from 'vue';
import { attemptPairing, getBridge, type Bridge, type BridgeCode } from '../api/bridge';
import { useLive } from './useLive';
import { useNow } from './useNow';

/** The plugin of one shop. The server tells nothing of it by itself. */
export const useBridge = (shopId: () => number) => useLive((signal) => getBridge(shopId(), signal), { everyMs: 5_000 });

export const isPaired = ({ state }: Bridge): boolean => state === 'paired' || state === 'away';

export type PluginState = Bridge['state'] | 'slow';

/** How it does, in one word. */
export const stateOf = ({ state, slowBecause }: Bridge): PluginState =>
  state === 'paired' && slowBecause.length > 0 ? 'slow' : state;

/** What may be waited for, and what the person is to do about it. */
export type PairingStep = 'waiting' | 'other' | 'missing' | 'paired' | 'void' | 'over';

/** Asks the shop again and again whether the code has been confirmed there, until it has or the time is over. */
export function usePairing(shopId: number, { code, expiresAt }: BridgeCode) {
  const now = useNow();
  const { data, problem, loading, refresh, setPaused } = useLive((signal) => attemptPairing(shopId, code, signal), {
    everyMs: 3_000,
    whileHidden: true,
  });
  const step = computed<PairingStep>(() => {
    const state = data.value?.state;
    if (state === 'paired') return 'paired';
    if (problem.value?.kind === 'conflict') return 'void';
    if (Date.parse(expiresAt) <= now.value) return 'over';
    // Before its time ours is not expired: what was typed in the shop is another.
    return state === 'wrong_code' || state === 'expired' ? 'other' : (state ?? 'waiting');
  });
  const isAsking = computed(() => !['paired', 'void', 'over'].includes(step.value));
  watch(isAsking, (asks) => {
    if (!asks) setPaused(true);
  });
  return { problem, loading, refresh, step, isAsking };
}
