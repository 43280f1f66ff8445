import type { Item } from '../api/items';
import { useWords } from './useWords';

type Named = Pick<Item, 'id' | 'name' | 'shopName' | 'code' | 'barcode'>;

/** What a product is called: as its source calls it, else as the shop does, else by what it is looked for by. */
export function useItemName() {
  const { t } = useWords();
  return ({ id, name, shopName, code, barcode }: Named): string =>
    [name, shopName, code, barcode].find((each) => each !== null && each !== '') ?? t('item.nameless', { id });
}
