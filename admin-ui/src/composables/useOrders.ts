import { type Ref, watch } from 'vue';
import type { Page } from '../api/http';
import { listOrders, markOrderSeen, type OrderFilter, type WebOrder } from '../api/orders';
import { useAction } from './useAction';
import { usePages } from './usePages';
import { useToasts } from './useToasts';
import { useWords } from './useWords';

/** Web orders with what they took, page by page. */
export function useOrders(filter: Ref<OrderFilter>) {
  const pages = usePages<WebOrder, Page<WebOrder>>((page, signal) => listOrders(filter.value, page, signal), {
    everyMs: 10_000,
    about: ['items'],
  });
  // A drawer that opens changes the address, and not what is listed.
  watch(
    () => JSON.stringify(filter.value),
    () => void pages.restart(),
  );
  const { t } = useWords();
  const { done } = useToasts();
  const { busy, run } = useAction();
  const markSeen = (order: WebOrder) =>
    run(async () => {
      await markOrderSeen(order);
      done(t('orders.seenDone', { number: order.number }));
      await pages.refresh();
    });
  return { ...pages, busy, markSeen };
}
