import { computed } from 'vue';
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router';
import { ITEM_STATUSES, type ItemFilter, type ItemStatus } from '../api/items';

/** The filter lives in the address: it can be shared, reloaded and gone back to. */
export function useItemFilter() {
  const route = useRoute();
  const router = useRouter();

  const text = (key: string): string | undefined => {
    const value = route.query[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };

  const filter = computed<ItemFilter>(() => {
    const connectionId = Number(text('connection'));
    const status = ITEM_STATUSES.find((known) => known === text('status'));
    const q = text('q');
    const failure = text('failure');
    return {
      ...(Number.isInteger(connectionId) && connectionId > 0 && { connectionId }),
      ...(status !== undefined && { status }),
      ...(q !== undefined && { q }),
      ...(failure !== undefined && { failure }),
    };
  });

  const withQuery = (change: LocationQueryRaw) => ({ query: { ...route.query, item: undefined, ...change } });

  return {
    filter,
    isNarrowed: computed(() => Object.keys(filter.value).length > 0),
    toStatus: (status: ItemStatus | undefined) => withQuery({ status }),
    setSearch: (q: string) => router.replace(withQuery({ q: q.trim() || undefined })),
    setConnection: (id: string) => router.replace(withQuery({ connection: id || undefined })),
    clearFailure: () => router.replace(withQuery({ failure: undefined })),
    clear: () => router.replace({ query: {} }),
  };
}
