import { watch, type Ref } from 'vue';
import { getCatalogue, listCategories, type Catalogue, type Shop } from '../api/shops';
import { useLive } from './useLive';

/** How far the mirror of one shop's catalogue is. */
export const useCatalogue = (shopId: () => number) =>
  useLive((signal) => getCatalogue(shopId(), signal), { everyMs: 5_000, about: ['estate'] });

/** The same of all shops, for whoever depends on them. */
export function useCatalogues(shops: Ref<readonly Shop[]>) {
  const live = useLive<readonly { readonly shop: Shop; readonly catalogue: Catalogue }[]>(
    (signal) =>
      Promise.all(shops.value.map(async (shop) => ({ shop, catalogue: await getCatalogue(shop.id, signal) }))),
    { everyMs: 20_000 },
  );
  watch(
    () => shops.value.map(({ id }) => id).join(),
    () => void live.refresh(),
  );
  return live;
}

export const useCategories = (shopId: () => number) =>
  useLive((signal) => listCategories(shopId(), signal), { everyMs: 60_000 });
