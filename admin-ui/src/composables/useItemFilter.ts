import { computed } from 'vue';
import { ITEM_STATUSES, type ItemFilter, type ItemStatus } from '../api/items';
import { said, useAddress } from './useAddress';

export function useItemFilter() {
  const { text, id, oneOf, withQuery, set, clear } = useAddress();
  const filter = computed<ItemFilter>(() =>
    said({
      connectionId: id('connection'),
      status: oneOf('status', ITEM_STATUSES),
      q: text('q'),
      failure: text('failure'),
    }),
  );

  return {
    filter,
    isNarrowed: computed(() => Object.keys(filter.value).length > 0),
    toStatus: (status: ItemStatus | undefined) => withQuery({ status }),
    setSearch: (q: string) => set('q', q),
    setConnection: (connection: string) => set('connection', connection),
    clearFailure: () => set('failure', ''),
    clear,
  };
}
