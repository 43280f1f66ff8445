import { computed } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { ItemOrder } from '../api/items';

export const ITEM_ORDERS = ['added', 'changed', 'code'] as const satisfies readonly ItemOrder[];

/** Stands in the address, as the filter does. */
export function useItemOrder() {
  const route = useRoute();
  const router = useRouter();
  return {
    order: computed<ItemOrder>(() => ITEM_ORDERS.find((known) => known === route.query['sort']) ?? 'added'),
    setOrder: (order: string) =>
      router.replace({ query: { ...route.query, sort: order === 'added' ? undefined : order } }),
  };
}
