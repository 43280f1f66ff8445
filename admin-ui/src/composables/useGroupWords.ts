import type { ProblemGroup } from '../api/problems';
import { useConnectionNames } from './useConnectionNames';
import { useFailureWords } from './useFailureWords';
import { useWords } from './useWords';

/** What a cause is called where it has many products, and where to see to it. */
export function useGroupWords() {
  const { t, te } = useWords();
  const { cause } = useFailureWords();
  const { nameOf, shops, sources } = useConnectionNames();
  const shopName = (id: number | null) => shops.value.find((shop) => shop.id === id)?.name ?? null;

  const sourceName = (id: number | null) => sources.value.find((source) => source.id === id)?.name ?? null;

  const title = ({ about, failure, shopId, sourceId }: ProblemGroup): string => {
    if (about !== 'items' && about !== 'shop') {
      return t(`notices.kind.${about}.title`, { shop: shopName(shopId) ?? '–', source: sourceName(sourceId) ?? '–' });
    }
    if (failure === null) return t('groups.title');
    const key = `groups.says.${failure.code}`;
    return te(key) ? t(key, failure.params) : cause(failure);
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
  const placeName = ({ about, filter }: ProblemGroup): string => {
    if (filter !== null) return t('groups.show');
    return about === 'items' || about === 'shop' ? t('nav.connections') : t(`notices.kind.${about}.place`);
  };

  return { title, named, where, place, placeName };
}
