import { computed, shallowRef, watch, type Ref } from 'vue';
import { listItems, listItemsAt, type Item, type ItemFilter, type ItemOrder, type ItemStatus } from '../api/items';
import { useLive } from './useLive';

const EVERY_MS = 2_500;
const PAGE = 100;
/** Pages on either side of those looked at that are not forgotten. */
const KEPT = 3;
/** While the list flies past nobody reads it. */
const REST_MS = 60;

/** A list of any length of which only what is looked at is loaded; kept fresh, far rows are forgotten. */
export function useItemRows(filter: Ref<ItemFilter>, order: Ref<ItemOrder>) {
  const pages = shallowRef<ReadonlyMap<number, readonly Item[]>>(new Map());
  let first = 0;
  let last = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const counting = useLive((signal) => listItems(filter.value, { limit: 1 }, signal), {
    everyMs: EVERY_MS,
    about: ['items'],
  });
  const counts = computed<Partial<Record<ItemStatus, number>> | null>(() => counting.data.value?.counts ?? null);
  const everything = computed(() => Object.values(counts.value ?? {}).reduce((sum, count) => sum + count, 0));
  const total = computed(() => {
    const { status } = filter.value;
    return status === undefined ? everything.value : (counts.value?.[status] ?? 0);
  });

  /** Beyond the middle it is nearer from behind. */
  const placeOf = (page: number) => {
    const start = page * PAGE;
    const offset = start > total.value / 2 && start < total.value ? start - total.value : start;
    return { offset, limit: PAGE, sort: order.value };
  };

  const loading = useLive(
    async (signal) => {
      const from = first;
      const to = last;
      const asked = Array.from({ length: to - from + 1 }, (_, n) => from + n);
      const rows = await Promise.all(
        asked.map(async (page) => [page, await listItemsAt(filter.value, placeOf(page), signal)] as const),
      );
      if (signal.aborted) return;
      const near = [...pages.value].filter(([page]) => page >= from - KEPT && page <= to + KEPT);
      pages.value = new Map([...near, ...rows]);
    },
    { everyMs: EVERY_MS, about: ['items'] },
  );

  /** These rows are looked at now. */
  function show(from: number, to: number): void {
    first = Math.floor(Math.max(0, from) / PAGE);
    last = Math.max(first, Math.floor(Math.max(0, to) / PAGE));
    if (pages.value.has(first) && pages.value.has(last)) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      void loading.refresh();
    }, REST_MS);
  }

  watch([filter, order], (now, before) => {
    if (JSON.stringify(now) === JSON.stringify(before)) return;
    pages.value = new Map();
    first = last = 0;
    void counting.restart();
    void loading.restart();
  });

  const parts = [counting, loading];
  return {
    rowAt: (index: number): Item | undefined => pages.value.get(Math.floor(index / PAGE))?.[index % PAGE],
    /** As long as its row is not forgotten. */
    find: (id: number): Item | undefined => [...pages.value.values()].flat().find((row) => row.id === id),
    counts,
    everything,
    total,
    show,
    problem: computed(() => parts.find((part) => part.problem.value !== null)?.problem.value ?? null),
    loading: computed(() => parts.some((part) => part.loading.value)),
    updatedAt: computed(() =>
      counting.updatedAt.value === null || loading.updatedAt.value === null
        ? null
        : Math.min(counting.updatedAt.value, loading.updatedAt.value),
    ),
    paused: counting.paused,
    setPaused: (paused: boolean) => parts.forEach((part) => part.setPaused(paused)),
    refresh: async () => {
      await Promise.all(parts.map((part) => part.refresh()));
    },
  };
}
