import { computed, ref } from 'vue';
import type { Page } from '../api/http';
import { useLive, type LiveOptions } from './useLive';

const FIRST = 50;
const MOST_PER_CALL = 200;

/**
 * A long list, kept fresh as far as it was opened: a refresh reads again as many rows as are shown, so that rows which
 * moved appear once and in their place.
 */
export function usePages<Row, P extends Page<Row>>(
  load: (page: { limit: number; cursor?: string }, signal: AbortSignal) => Promise<P>,
  options: LiveOptions & { readonly first?: number; readonly mostPerCall?: number },
) {
  const first = options.first ?? FIRST;
  const most = options.mostPerCall ?? MOST_PER_CALL;
  const wanted = ref(first);

  const live = useLive(async (signal) => {
    let page = await load({ limit: Math.min(wanted.value, most) }, signal);
    const start = page;
    const rows = [...page.data];
    while (page.nextCursor !== null && rows.length < wanted.value) {
      const limit = Math.min(wanted.value - rows.length, most);
      page = await load({ limit, cursor: page.nextCursor }, signal);
      rows.push(...page.data);
    }
    return { rows, hasMore: page.nextCursor !== null, start };
  }, options);

  return {
    ...live,
    rows: computed(() => live.data.value?.rows ?? []),
    hasMore: computed(() => live.data.value?.hasMore ?? false),
    start: computed(() => live.data.value?.start ?? null),
    more: () => {
      wanted.value += first;
      return live.refresh();
    },
    restart: () => {
      wanted.value = first;
      return live.restart();
    },
  };
}
