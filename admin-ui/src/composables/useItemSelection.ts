import { computed, shallowRef, watch, type Ref } from 'vue';
import type { ItemFilter, ItemSelection } from '../api/items';

/** Some rows, or all that fit the filter less some. */
export function useItemSelection(filter: Ref<ItemFilter>, total: Ref<number>) {
  const ids = shallowRef<ReadonlySet<number>>(new Set());
  /** Where all are selected, `ids` are those that are not. */
  const all = shallowRef(false);

  const clear = (): void => {
    ids.value = new Set();
    all.value = false;
  };
  watch(filter, (now, before) => {
    if (JSON.stringify(now) !== JSON.stringify(before)) clear();
  });

  return {
    all,
    clear,
    count: computed(() => (all.value ? Math.max(0, total.value - ids.value.size) : ids.value.size)),
    has: (id: number): boolean => ids.value.has(id) !== all.value,
    toggle: (id: number): void => {
      const next = new Set(ids.value);
      if (!next.delete(id)) next.add(id);
      ids.value = next;
    },
    selectAll: (): void => {
      ids.value = new Set();
      all.value = true;
    },
    selection: computed<ItemSelection>(() =>
      all.value ? { filter: filter.value, except: [...ids.value] } : { ids: [...ids.value] },
    ),
  };
}
