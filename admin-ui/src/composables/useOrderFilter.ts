import { computed } from 'vue';
import type { HeardBy, OrderFilter, OrderState } from '../api/orders';
import { said, useAddress } from './useAddress';

export const ORDER_STATES = ['open', 'known', 'gone'] as const satisfies readonly OrderState[];
export const WAYS_HEARD = ['webhook', 'poll', 'bridge'] as const satisfies readonly HeardBy[];
/** What is asked for rarely. */
const RARE = ['product', 'heardBy', 'from', 'before', 'saved'] as const satisfies readonly (keyof OrderFilter)[];

export type OrderFilterKey = 'shop' | 'connection' | 'number' | 'product' | 'heard' | 'from' | 'to' | 'saved';

export function useOrderFilter() {
  const { id, oneOf, day, text, withQuery, set, clear } = useAddress();
  const filter = computed<OrderFilter>(() =>
    said({
      shopId: id('shop'),
      connectionId: id('connection'),
      state: oneOf('state', ORDER_STATES),
      // Shops and people write a # before it, which is no part of it.
      number: text('number').replace(/^#\s*/, ''),
      product: text('product'),
      heardBy: oneOf('heard', WAYS_HEARD),
      from: day('from'),
      before: day('to', 1),
      saved: oneOf('saved', ['yes']),
    }),
  );

  return {
    filter,
    isNarrowed: computed(() => Object.keys(filter.value).length > 0),
    rare: computed(() => RARE.filter((key) => key in filter.value).length),
    text: (key: OrderFilterKey) => text(key),
    toState: (state: OrderState | undefined) => withQuery({ state }),
    set: (key: OrderFilterKey, value: string) => set(key, value),
    clear,
  };
}
