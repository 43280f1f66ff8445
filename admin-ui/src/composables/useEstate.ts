import { computed } from 'vue';
import { listConnections, type Connection } from '../api/connections';
import { listShops, type Shop } from '../api/shops';
import { listSources, type Source } from '../api/sources';
import { useLive } from './useLive';

export interface Estate {
  readonly shops: readonly Shop[];
  readonly sources: readonly Source[];
  readonly connections: readonly Connection[];
}

/** Everything that is set up: shops, sources and the connections between them. */
export function useEstate(options: { readonly everyMs: number }) {
  const live = useLive<Estate>(
    async (signal) => {
      const [shops, sources, connections] = await Promise.all([
        listShops(signal),
        listSources(signal),
        listConnections(signal),
      ]);
      return { shops, sources, connections };
    },
    { ...options, about: ['estate', 'circuits'] },
  );

  const shops = computed(() => live.data.value?.shops ?? []);
  const sources = computed(() => live.data.value?.sources ?? []);
  const connections = computed(() => live.data.value?.connections ?? []);

  return {
    ...live,
    shops,
    sources,
    connections,
    shopOf: (connection: Connection) => shops.value.find((shop) => shop.id === connection.shopId),
    sourceOf: (connection: Connection) => sources.value.find((source) => source.id === connection.sourceId),
  };
}
