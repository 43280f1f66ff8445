import type { FailureView, TimelineEntry } from '../api/items';
import type { ShopCheck } from '../api/shops';
import type { SourceTest } from '../api/sources';
import { useWords } from './useWords';

export type Check = ShopCheck | SourceTest['checks'][number];
type Params = Readonly<Record<string, string | number>>;

/** What the server says in English, said in the panel's language where the code is known. */
export function useFailureWords() {
  const { t, te, moment } = useWords();

  const say = (keys: readonly string[], params: Params, otherwise: string): string => {
    const known = keys.find((key) => te(key));
    return known === undefined ? otherwise : t(known, params);
  };

  /** A check that found no words of its own speaks in those of the failure behind it. */
  const checkKeys = ({ id, code }: Check, shop: string, failure: string): string[] =>
    code === 'not_checked'
      ? [`doctor.not_checked.${shop}`]
      : [`doctor.${id}.${code}.${shop}`, `sourceDoctor.${id}.${code}.${shop}`, `failures.${code}.${failure}`];

  /** The rule a product was found by is a word too. */
  const inWords = (params: Params): Params => {
    const key = `connection.rule.${params['by']}`;
    return te(key) ? { ...params, by: t(key) } : params;
  };

  /** A flow is named by its kind, and was due at a moment. */
  const ofFlow = (params: Params): Params => {
    const { flow, due } = params;
    if (flow === undefined || due === undefined) return params;
    const key = `run.kind.${flow}`;
    return { ...params, flow: te(key) ? t(key) : flow, due: moment(String(due)) };
  };

  return {
    cause: (failure: FailureView) => say([`failures.${failure.code}.cause`], ofFlow(failure.params), failure.cause),
    cure: (failure: FailureView) => say([`failures.${failure.code}.cure`], failure.params, failure.cure),
    checkMessage: (check: Check) => say(checkKeys(check, 'message', 'cause'), check.params, check.message),
    checkCure: (check: Check) =>
      check.cure === null ? null : say(checkKeys(check, 'cure', 'cure'), check.params, check.cure),
    why: (entry: TimelineEntry) =>
      say([`timeline.outcome.${entry.step}.${entry.outcome}`], inWords(entry.params), entry.why),
  };
}
