import { watch, type Ref } from 'vue';
import type { Page } from '../api/http';
import { getPush, listPushes, type Push, type PushFilter } from '../api/pushes';
import { useLive } from './useLive';
import { usePages } from './usePages';

const EVERY_MS = 5_000;

export function usePushes(filter: Ref<PushFilter>, options: { readonly first?: number } = {}) {
  const pages = usePages<Push, Page<Push>>((page, signal) => listPushes(filter.value, page, signal), {
    everyMs: EVERY_MS,
    about: ['pushes'],
    ...options,
  });
  watch(filter, (now, before) => {
    if (JSON.stringify(now) !== JSON.stringify(before)) void pages.restart();
  });
  return pages;
}

/** What came in does not change; the id in the address may. */
export function usePush(id: Ref<number>) {
  const live = useLive((signal) => getPush(id.value, signal), { everyMs: 60_000 });
  watch(id, () => void live.restart());
  return live;
}
