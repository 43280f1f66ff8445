import { computed, watch, type Ref } from 'vue';
import { listItems, type Item, type ItemFilter, type ItemPage, type ItemStatus } from '../api/items';
import { usePages } from './usePages';

const EVERY_MS = 2_500;

/** The items that fit a filter, live, with the counts by status. */
export function useItems(filter: Ref<ItemFilter>, options: { readonly first?: number } = {}) {
  const pages = usePages<Item, ItemPage>((page, signal) => listItems(filter.value, page, signal), {
    everyMs: EVERY_MS,
    about: ['items'],
    ...options,
  });
  watch(filter, (now, before) => {
    if (JSON.stringify(now) !== JSON.stringify(before)) void pages.restart();
  });
  const counts = computed<Partial<Record<ItemStatus, number>> | null>(() => pages.start.value?.counts ?? null);
  const total = computed(() => Object.values(counts.value ?? {}).reduce((sum, count) => sum + count, 0));
  return { ...pages, counts, total };
}
