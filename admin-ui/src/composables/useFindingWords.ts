import type { ItemFinding } from '../api/items';
import { useWords } from './useWords';

/** A finding in the panel's language where its code is known. */
export function useFindingWords() {
  const { t, te, number, moment } = useWords();
  const NUMBERS = ['target', 'sum', 'quantity', 'before', 'sold'];

  const say = (part: 'cause' | 'cure', finding: ItemFinding): string => {
    const key = `why.${part}.${finding.code}`;
    // There is not always something to do.
    if (finding[part] === '' || !te(key)) return finding[part];
    const params = Object.entries(finding.params).map(([name, value]) => [
      name,
      NUMBERS.includes(name) && value !== '–' ? number(value) : value,
    ]);
    return t(key, { ...Object.fromEntries(params), at: finding.at === null ? '' : moment(finding.at) });
  };
  return {
    cause: (finding: ItemFinding) => say('cause', finding),
    cure: (finding: ItemFinding) => say('cure', finding),
  };
}
