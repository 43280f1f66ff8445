import type { NumberStep } from '../api/items';
import { useWords } from './useWords';

/** How a number came about, as a sum a person can follow. */
export function useStepWords() {
  const { t, number } = useWords();

  /** A quotient without end is cut off by the server and marked so. */
  const figure = (text: string): string => (text.endsWith('…') ? `${number(text.slice(0, -1))}…` : number(text));

  const say = ({ kind, by, value }: NumberStep, before: NumberStep | undefined): string => {
    const to = { value: figure(value) };
    if (kind === 'orders') return t('steps.orders', { ...to, by: by ?? '' });
    if (kind === 'held') return t(`steps.held.${by ?? 'undo'}`, to);
    if (kind === 'rounding') return t(`steps.rounding.${by ?? 'down'}`, to);
    // What is kept back is never more than there is.
    if (kind === 'buffer' && by !== null && Number(before?.value) < Number(by)) {
      return t('steps.bufferAll', { ...to, by: figure(by) });
    }
    return t(`steps.${kind}`, { ...to, by: by === null ? '' : figure(by) });
  };

  return (steps: readonly NumberStep[]): string =>
    steps
      .map((step, at) => {
        const words = say(step, steps[at - 1]);
        if (at === 0) return words;
        return step.kind === 'buffer' ? ` ${words}` : `; ${words}`;
      })
      .join('');
}
