import { computed, ref, watch, type Ref } from 'vue';
import {
  actOnItems,
  linkItems,
  listDesk,
  listItems,
  type DeskPage,
  type DeskRow,
  type DeskStatus,
  type ItemFilter,
  type ItemLink,
  type Suggestion,
} from '../api/items';
import { useAction } from './useAction';
import { useDeskCount } from './useDeskCount';
import { useLive } from './useLive';
import { usePages } from './usePages';
import { chanceOf, isFree, isTaken, keyOf } from './useSuggestionWords';
import { useToasts } from './useToasts';
import { useWords } from './useWords';

// Every row costs the server a search, and rows that move under the hand help nobody.
const EVERY_MS = 15_000;
const FIRST = 20;
const MOST_PER_CALL = 50;
/** The shop is asked for each link; so many are answered well within the time a call has. */
const LINKS_PER_CALL = 25;

export interface DeskFilter extends Omit<ItemFilter, 'status'> {
  readonly status: DeskStatus;
}

/** What found nothing, or several, with what it might be; what was chosen and ticked; and the linking of it. */
export function useMatchDesk(filter: Ref<DeskFilter>) {
  const { t, tn } = useWords();
  const { done } = useToasts();
  const { busy, run } = useAction();
  const { recount } = useDeskCount();

  const pages = usePages<DeskRow, DeskPage>((page, signal) => listDesk(filter.value, page, signal), {
    everyMs: EVERY_MS,
    first: FIRST,
    mostPerCall: MOST_PER_CALL,
  });
  /** What another product has already stands last: nobody can choose it. */
  const rows = computed<readonly DeskRow[]>(() =>
    pages.rows.value.map((row) => ({
      ...row,
      suggestions: [...row.suggestions].sort((a, b) => Number(isTaken(a)) - Number(isTaken(b))),
    })),
  );
  const counter = useLive((signal) => listItems({ ...filter.value, status: undefined }, { limit: 1 }, signal), {
    everyMs: EVERY_MS,
  });

  const chosen = ref<Record<number, string>>({});
  const ticked = ref<ReadonlySet<number>>(new Set());
  /** Why an item could not be linked, or what is missing before it can be. */
  const faults = ref<Record<number, string>>({});

  function refresh(): void {
    void pages.refresh();
    void counter.refresh();
    recount();
  }

  watch(filter, (now, before) => {
    if (JSON.stringify(now) === JSON.stringify(before)) return;
    ticked.value = new Set();
    void pages.restart();
    void counter.refresh();
  });

  /** What a person chose; before that, the one product that is very likely, if it stands alone. It is only proposed. */
  function choiceOf({ item, suggestions }: DeskRow): Suggestion | undefined {
    const wanted = chosen.value[item.id];
    const free = suggestions.filter(isFree);
    if (wanted !== undefined) return free.find((one) => keyOf(one) === wanted);
    const [first, ...more] = suggestions.filter((one) => chanceOf(one) === 'veryLikely');
    return first !== undefined && more.length === 0 && isFree(first) ? first : undefined;
  }

  function choose(row: DeskRow, suggestion: Suggestion | undefined): void {
    if (suggestion === undefined || !isFree(suggestion)) return;
    chosen.value = { ...chosen.value, [row.item.id]: keyOf(suggestion) };
    setFault(row.item.id, undefined);
  }

  function setFault(id: number, words: string | undefined): void {
    const others = Object.entries(faults.value).filter(([key]) => key !== String(id));
    faults.value = Object.fromEntries(words === undefined ? others : [...others, [id, words]]);
  }

  /** Ticking an item without a choice chooses its best one, for everybody to see. */
  function tick(row: DeskRow, wanted: boolean): void {
    const next = new Set(ticked.value);
    if (wanted && choiceOf(row) === undefined) choose(row, row.suggestions.find(isFree));
    if (wanted && choiceOf(row) !== undefined) next.add(row.item.id);
    else next.delete(row.item.id);
    ticked.value = next;
  }

  const tickable = computed(() =>
    rows.value.filter((row) => {
      const choice = choiceOf(row);
      return choice !== undefined && chanceOf(choice) === 'veryLikely' && !ticked.value.has(row.item.id);
    }),
  );
  const tickedRows = computed(() => rows.value.filter(({ item }) => ticked.value.has(item.id)));

  const undo = (ids: number[]) =>
    run(async () => {
      await actOnItems({ action: 'relink', ids });
      done(tn('desk.undone', ids.length));
      refresh();
    });

  async function send(links: readonly ItemLink[]): Promise<void> {
    const linked: number[] = [];
    let failed = 0;
    try {
      for (let start = 0; start < links.length; start += LINKS_PER_CALL) {
        for (const { itemId, ok, message } of await linkItems(links.slice(start, start + LINKS_PER_CALL))) {
          if (ok) linked.push(itemId);
          else failed += 1;
          setFault(itemId, ok ? undefined : t('desk.refused', { why: message ?? '' }));
        }
      }
    } finally {
      ticked.value = new Set([...ticked.value].filter((id) => !linked.includes(id)));
      if (linked.length > 0) {
        const words = [tn('desk.linked', linked.length), ...(failed > 0 ? [tn('desk.notLinked', failed)] : [])];
        done(words.join(' '), { label: t('common.undo'), run: () => void undo(linked) });
      }
      refresh();
    }
  }

  const link = (row: DeskRow, suggestion: Suggestion | undefined): Promise<boolean> | undefined => {
    if (suggestion === undefined) {
      setFault(row.item.id, t('desk.chooseFirst'));
      return undefined;
    }
    const { productId, variationId } = suggestion.product;
    return run(() => send([{ itemId: row.item.id, productId, variationId }]));
  };

  const linkTicked = () =>
    run(() =>
      send(
        tickedRows.value.flatMap((row) => {
          const choice = choiceOf(row);
          if (choice === undefined) return [];
          const { productId, variationId } = choice.product;
          return [{ itemId: row.item.id, productId, variationId }];
        }),
      ),
    );

  return {
    ...pages,
    rows,
    refresh,
    setPaused: (wanted: boolean) => {
      pages.setPaused(wanted);
      counter.setPaused(wanted);
    },
    counts: computed(() => counter.data.value?.counts ?? null),
    busy,
    faults,
    ticked,
    tickable,
    tickedRows,
    choiceOf,
    choose,
    tick,
    tickAll: () => tickable.value.forEach((row) => tick(row, true)),
    link,
    linkTicked,
  };
}
