import { watch, type Ref } from 'vue';
import { getItem, getTimeline, type TimelineEntry } from '../api/items';
import type { Page } from '../api/http';
import { useLive } from './useLive';
import { usePages } from './usePages';

const EVERY_MS = 2_500;
const ENTRIES = 20;

/** One item and its timeline, newest first. */
export function useItem(id: Ref<number>) {
  const item = useLive((signal) => getItem(id.value, signal), { everyMs: EVERY_MS });
  const timeline = usePages<TimelineEntry, Page<TimelineEntry>>((page, signal) => getTimeline(id.value, page, signal), {
    everyMs: EVERY_MS,
    first: ENTRIES,
  });
  watch(id, () => {
    void item.restart();
    void timeline.restart();
  });
  return { item, timeline };
}
