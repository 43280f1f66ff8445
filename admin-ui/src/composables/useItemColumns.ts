import { computed, ref } from 'vue';
import { recall, remember } from './remembered';
import { useWords } from './useWords';

/** In their order; the product's name stands before them all. */
export const ITEM_COLUMNS = [
  'code',
  'barcode',
  'status',
  'levels',
  'wanted',
  'shown',
  'verified',
  'lastSynced',
  'sku',
  'connection',
  'reason',
] as const;
export type ItemColumn = (typeof ITEM_COLUMNS)[number];

const FIRST: readonly ItemColumn[] = ['code', 'status', 'wanted', 'shown', 'verified', 'lastSynced', 'sku', 'reason'];
const KEY = 'columns';
const NONE = '-';

const known = (text: string | null): readonly ItemColumn[] =>
  text === null ? FIRST : ITEM_COLUMNS.filter((column) => text.split(',').includes(column));

/** Which columns a person wants to see, remembered at this browser. */
export function useItemColumns() {
  const { t } = useWords();
  const chosen = ref(known(recall(KEY)));
  const NAMES: Readonly<Record<ItemColumn, string>> = {
    code: 'item.code',
    barcode: 'item.barcode',
    status: 'item.status',
    levels: 'grid.levels',
    wanted: 'item.wanted',
    shown: 'item.shown',
    verified: 'item.verified',
    lastSynced: 'item.lastSynced',
    sku: 'grid.sku',
    connection: 'products.connection',
    reason: 'grid.reason',
  };

  function choose(column: ItemColumn, wanted: boolean): void {
    chosen.value = ITEM_COLUMNS.filter((each) => (each === column ? wanted : chosen.value.includes(each)));
    remember(KEY, chosen.value.join(',') || NONE);
  }

  return {
    chosen: computed(() => chosen.value),
    choose,
    nameOf: (column: ItemColumn): string => t(NAMES[column]),
  };
}
