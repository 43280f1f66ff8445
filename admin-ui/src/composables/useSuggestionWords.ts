import type { CatalogProduct, Item, Suggestion } from '../api/items';
import { likenessOf } from './likeness';
import { useWords } from './useWords';

const VERY_LIKELY = 0.85;
const LIKELY = 0.65;

export type Chance = 'veryLikely' | 'likely' | 'possible';

export const chanceOf = ({ score }: Suggestion): Chance =>
  score >= VERY_LIKELY ? 'veryLikely' : score >= LIKELY ? 'likely' : 'possible';

export const keyOf = ({ product }: Suggestion): string => `${product.productId}/${product.variationId ?? 0}`;

/** Why the product could not keep the number; null when it can, or when the shop has to be asked. */
const obstacleOf = ({ type, stockOwner }: CatalogProduct): string | null => {
  if (type === 'grouped' || type === 'external') return `type.${type}`;
  if (stockOwner === 'parent') return 'parent';
  return type === 'variable' && stockOwner === 'nobody' ? 'type.variable' : null;
};

export const isTaken = ({ takenBy }: Suggestion): boolean => takenBy !== null;

/** Whether a person can choose it: nothing else gets its stock there, and it can hold stock. */
export const isFree = (suggestion: Suggestion): boolean =>
  !isTaken(suggestion) && obstacleOf(suggestion.product) === null;

/** What a suggestion is and why it is one, in words. */
export function useSuggestionWords() {
  const { t, te } = useWords();

  const code = (asked: string | null, detail: string): string =>
    t(`desk.reason.code.${asked === null ? 'near' : likenessOf(asked, detail)}`, { detail });

  function barcode(item: Item, detail: string, score: number): string {
    const differsInOne = [item.barcode, item.code].some(
      (asked) => asked !== null && likenessOf(asked, detail) === 'digit',
    );
    const how = score === 1 ? 'same' : differsInOne ? 'digit' : score >= 0.9 ? 'same' : 'start';
    return t(`desk.reason.barcode.${how}`, { detail });
  }

  /** Words tell more than letters; where there are shared words, letters add nothing. */
  const reasons = (item: Item, suggestion: Suggestion): string[] =>
    suggestion.reasons
      .filter(({ kind }) => kind !== 'letters' || suggestion.reasons.every((other) => other.kind !== 'words'))
      .map(({ kind, detail, score }) => {
        if (kind === 'code') return code(item.code, detail);
        if (kind === 'barcode') return barcode(item, detail, score);
        if (kind === 'letters' || detail === '') return t('desk.reason.letters');
        return score === 1 ? t('desk.reason.name') : t('desk.reason.words', { detail });
      });

  /** What a person should know before choosing it. */
  function notes({ product, takenBy }: Suggestion): string[] {
    const obstacle = obstacleOf(product);
    const status = te(`desk.status.${product.status}`) ? t(`desk.status.${product.status}`) : product.status;
    return [
      ...(takenBy === null ? [] : [t('desk.taken', { other: takenBy })]),
      ...(obstacle === null ? [] : [t(`desk.obstacle.${obstacle}`)]),
      ...(obstacle === null && product.stockOwner === 'nobody' ? [t('desk.obstacle.nobody')] : []),
      ...(product.status === 'publish' ? [] : [status]),
    ];
  }

  return { chance: (suggestion: Suggestion) => t(`desk.chance.${chanceOf(suggestion)}`), reasons, notes };
}
