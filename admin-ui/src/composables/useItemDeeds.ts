import { actOnItems, type Item, type ItemAction, type ItemFilter } from '../api/items';
import { useAction } from './useAction';
import { useToasts } from './useToasts';
import { useWords } from './useWords';

const OPPOSITE: Partial<Record<ItemAction, ItemAction>> = { offline: 'online', online: 'offline' };

/** The deeds a person can do to items; those with an opposite can be undone from the toast. */
export function useItemDeeds(after: () => void) {
  const { t, tn } = useWords();
  const { done } = useToasts();
  const { busy, run } = useAction();

  const act = (item: Pick<Item, 'id' | 'name' | 'code' | 'barcode'>, action: ItemAction): Promise<boolean> =>
    run(async () => {
      await actOnItems({ action, ids: [item.id] });
      const undo = OPPOSITE[action];
      const product = item.name ?? item.code ?? item.barcode ?? `#${item.id}`;
      done(t(`deed.${action}.done`, { product }), undo && { label: t('common.undo'), run: () => void act(item, undo) });
      after();
    });

  const actOnAll = (action: ItemAction, filter: ItemFilter): Promise<boolean> =>
    run(async () => {
      const affected = await actOnItems({ action, filter });
      done(tn('deed.all', affected));
      after();
    });

  return { busy, act, actOnAll };
}
