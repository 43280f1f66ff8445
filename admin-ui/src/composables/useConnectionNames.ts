import { useEstate } from './useEstate';
import { useWords } from './useWords';

/** Connections by the names of what they connect; null while (or where) it is not known. */
export function useConnectionNames() {
  const { t } = useWords();
  const estate = useEstate({ everyMs: 60_000 });
  const find = (id: number | undefined) => estate.connections.value.find((one) => one.id === id);
  const nameOf = (id: number | undefined): string | null => {
    const connection = find(id);
    return connection === undefined
      ? null
      : t('connection.name', {
          source: estate.sourceOf(connection)?.name ?? '–',
          shop: estate.shopOf(connection)?.name ?? '–',
        });
  };
  return { ...estate, find, nameOf };
}
