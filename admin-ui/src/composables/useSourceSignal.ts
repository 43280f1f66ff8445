import { computed, watch, type Ref } from 'vue';
import { getSource, type Source } from '../api/sources';
import { useLive } from './useLive';

const EVERY_MS = 2_000;

export type SignalKind = 'waiting' | 'test' | 'push' | 'disabled' | NonNullable<Source['lastRefusal']>;

/** What was last heard of the sender; the latest of the three moments counts. */
export function lastSignal(source: Source): { readonly kind: SignalKind; readonly at: string | null } {
  if (!source.enabled) return { kind: 'disabled', at: null };
  const heard = [
    { kind: 'push' as const, at: source.lastPushAt },
    { kind: 'test' as const, at: source.lastTestAt },
    { kind: source.lastRefusal ?? ('token_wrong' as const), at: source.lastRefusedAt },
  ].filter((one): one is typeof one & { at: string } => one.at !== null);
  heard.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  return heard[0] ?? { kind: 'waiting', at: null };
}

/** The source as it is this moment, for whoever waits for its first call. */
export function useWaitForSource(source: Ref<Source>) {
  const live = useLive((signal) => getSource(source.value.id, signal), {
    everyMs: EVERY_MS,
    about: ['estate', 'pushes'],
  });
  watch(
    () => source.value.id,
    () => void live.restart(),
  );
  return { current: computed(() => live.data.value ?? source.value), problem: live.problem };
}
