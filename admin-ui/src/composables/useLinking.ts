import { actOnItems, linkItem, type DeskStatus, type Item } from '../api/items';
import { useAction } from './useAction';
import { useToasts } from './useToasts';
import { useWords } from './useWords';

/** Whether the match desk has it. */
export const deskStatusOf = ({ status }: Pick<Item, 'status'>): DeskStatus | null =>
  status === 'unmatched' || status === 'ambiguous' ? status : null;

/** Where on the match desk it is. */
export const deskOf = (item: Pick<Item, 'connectionId' | 'code' | 'barcode' | 'name'>, status: DeskStatus) => ({
  name: 'match',
  query: { status, connection: item.connectionId, q: item.code ?? item.barcode ?? item.name ?? undefined },
});

/** Links an item by hand; the toast takes it back. */
export function useLinking(linked: () => void) {
  const { t } = useWords();
  const { done } = useToasts();
  const { run } = useAction();

  const undo = (id: number) =>
    run(async () => {
      await actOnItems({ action: 'relink', ids: [id] });
      linked();
    });

  return async (id: number, productId: number, variationId: number | null): Promise<void> => {
    await linkItem(id, productId, variationId);
    done(t('link.done'), { label: t('common.undo'), run: () => void undo(id) });
    linked();
  };
}
