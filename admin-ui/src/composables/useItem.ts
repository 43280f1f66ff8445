import { ref, watch, type Ref } from 'vue';
import { getItem, getTimeline, getWhy, type TimelineEntry, type TimelineStep } from '../api/items';
import type { Page } from '../api/http';
import { useLive } from './useLive';
import { usePages } from './usePages';

const EVERY_MS = 2_500;
const ENTRIES = 20;

/** One item, why it is where it is, and its timeline, newest first. */
export function useItem(id: Ref<number>) {
  const item = useLive((signal) => getItem(id.value, signal), { everyMs: EVERY_MS, about: ['items'] });
  const why = useLive((signal) => getWhy(id.value, signal), { everyMs: EVERY_MS, about: ['items'] });
  const step = ref<TimelineStep | undefined>();
  const timeline = usePages<TimelineEntry, Page<TimelineEntry>>(
    (page, signal) => getTimeline(id.value, { ...page, ...(step.value && { step: step.value }) }, signal),
    { everyMs: EVERY_MS, about: ['items'], first: ENTRIES },
  );
  watch(id, () => {
    void item.restart();
    void why.restart();
    void timeline.restart();
  });
  watch(step, () => void timeline.restart());
  return { item, why, timeline, step };
}
