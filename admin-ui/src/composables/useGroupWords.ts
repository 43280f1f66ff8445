import type { DeskStatus } from '../api/items';
import type { ProblemGroup } from '../api/problems';
import { useConnectionNames } from './useConnectionNames';
import { useFailureWords } from './useFailureWords';
import { deskOf } from './useLinking';
import { useWords } from './useWords';

const UNMATCHED: Partial<Record<string, DeskStatus>> = {
  product_unmatched: 'unmatched',
  mapping_unmatched: 'unmatched',
  product_ambiguous: 'ambiguous',
};

/** What a cause is called where it has many products, and where to see to it. */
export function useGroupWords() {
  const { t, te } = useWords();
  const { causeOfMany } = useFailureWords();
  const { nameOf, shops, sources } = useConnectionNames();
  const shopName = (id: number | null) => shops.value.find((shop) => shop.id === id)?.name ?? null;

  const sourceName = (id: number | null) => sources.value.find((source) => source.id === id)?.name ?? null;

  const title = ({ about, failure, shopId, sourceId }: ProblemGroup): string => {
    if (about !== 'items' && about !== 'shop') {
      return t(`notices.kind.${about}.title`, { shop: shopName(shopId) ?? '–', source: sourceName(sourceId) ?? '–' });
    }
    return failure === null ? t('groups.title') : causeOfMany(failure);
  };

  /** Words that name no product's number; undefined where those of one fit them all. */
  const cure = ({ failure, count }: ProblemGroup): string | undefined => {
    const key = `groups.cure.${failure?.code}`;
    return count > 1 && te(key) ? t(key) : undefined;
  };

  /** What a list is narrowed to: a code, perhaps with a cause whose words are not at hand. */
  const named = (filter: string): string => {
    const code = filter.split('.')[0] ?? '';
    const key = [`groups.says.${code}`, `failures.${code}.cause`].find((each) => te(each));
    return key === undefined ? code : t(key, { type: '…', code: '…', what: '…' });
  };

  /** The connection, the shop or the source it is about. */
  const where = ({ connectionId, shopId, sourceId }: ProblemGroup): string | null =>
    nameOf(connectionId ?? undefined) ?? shopName(shopId) ?? sourceName(sourceId);

  const place = ({ path, filter, connectionId }: ProblemGroup) => {
    if (filter !== null) return { name: 'products', query: { connection: connectionId, failure: filter } };
    return path ?? { name: 'connections' };
  };
  /** Where the products of a group are matched by hand; null where they found their match. */
  const desk = ({ failure, connectionId, count, examples: [example] }: ProblemGroup) => {
    const status = failure && UNMATCHED[failure.code];
    if (!status || connectionId === null) return null;
    const nobody = { code: null, barcode: null, name: null };
    return deskOf({ ...((count === 1 && example) || nobody), connectionId }, status);
  };
  const placeName = ({ about, filter }: ProblemGroup): string => {
    if (filter !== null) return t('groups.show');
    return about === 'items' || about === 'shop' ? t('nav.connections') : t(`notices.kind.${about}.place`);
  };

  return { title, cure, named, where, place, placeName, desk };
}
