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

/** The number in the shop was changed there, and a person is asked which one is right. */
export const isUndecided = ({ status, failure }: Pick<Item, 'status' | 'failure'>): boolean =>
  status === 'failed' && failure?.code === 'shop_differs';

/** What can be done to an item: first what its cure names, then the rest. What could not help is left out. */
export function deedsFor(item: Pick<Item, 'status' | 'failure'>): {
  readonly first: readonly ItemAction[];
  readonly more: readonly ItemAction[];
} {
  const { status, failure } = item;
  if (status === 'offline') return { first: ['online'], more: ['relink'] };
  if (isUndecided(item)) return { first: ['sync-now', 'keep'], more: ['offline'] };
  if (status === 'unmatched' || status === 'ambiguous') return { first: ['retry'], more: ['relink', 'offline'] };
  if (failure?.code === 'shop_sold') return { first: ['sync-now'], more: ['relink', 'offline'] };
  if (failure !== null) return { first: ['retry'], more: ['sync-now', 'relink', 'offline'] };
  return { first: ['sync-now'], more: ['retry', 'relink', 'offline'] };
}

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

  const actOnMany = (selection: ItemSelection, action: ItemAction, count: number): Promise<boolean> =>
    run(async () => {
      const result = await actOnItems({ action, ...selection });
      const isLess = action === 'retry' && result.affected < count;
      say([tn(`grid.done.${action}`, result.affected), ...(isLess ? [t('grid.retriedLeft')] : [])].join(' '), result);
    });

  return { busy, act, actOnMany };
}
