import {
  actOnItems,
  undoAction,
  type ActionResult,
  type Item,
  type ItemAction,
  type ItemSelection,
} from '../api/items';
import { useAction } from './useAction';
import { useToasts } from './useToasts';
import { useWords } from './useWords';

/** The deeds a person can do to items; what takes something away can be undone from the toast. */
export function useItemDeeds(after: () => void) {
  const { t, tn } = useWords();
  const { done } = useToasts();
  const { busy, run } = useAction();

  const takeBack = (id: number): Promise<boolean> =>
    run(async () => {
      const { restored, left } = await undoAction(id);
      done([tn('grid.undone', restored), ...(left > 0 ? [tn('grid.left', left)] : [])].join(' '));
      after();
    });

  const say = (words: string, { undo }: ActionResult): void => {
    done(words, undo ? { label: t('common.undo'), run: () => void takeBack(undo.id) } : undefined);
    after();
  };

  const act = (item: Pick<Item, 'id' | 'name' | 'code' | 'barcode'>, action: ItemAction): Promise<boolean> =>
    run(async () => {
      const result = await actOnItems({ action, ids: [item.id] });
      const product = item.name ?? item.code ?? item.barcode ?? `#${item.id}`;
      say(t(`deed.${action}.done`, { product }), result);
    });

  const actOnMany = (selection: ItemSelection, action: ItemAction): Promise<boolean> =>
    run(async () => {
      const result = await actOnItems({ action, ...selection });
      say(tn(`grid.done.${action}`, result.affected), result);
    });

  return { busy, act, actOnMany };
}
