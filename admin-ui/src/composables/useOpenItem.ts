import { computed } from 'vue';
import { useRoute, useRouter } from 'vue-router';

/** The product whose drawer is open, as the address says. */
export function useOpenItem() {
  const route = useRoute();
  const router = useRouter();
  const toItem = (id: number) => ({ query: { ...route.query, item: id } });
  return {
    openItem: computed(() => {
      const id = Number(route.query['item']);
      return Number.isInteger(id) && id > 0 ? id : null;
    }),
    toItem,
    open: (id: number) => router.push(toItem(id)),
    close: () => router.replace({ query: { ...route.query, item: undefined } }),
  };
}
