import type { FailureView, TimelineEntry } from '../api/items';
import type { ShopCheck } from '../api/shops';
import type { SourceTest } from '../api/sources';
import { useWords } from './useWords';

export type Check = ShopCheck | SourceTest['checks'][number];
type Params = Readonly<Record<string, string | number>>;

/** One rule and what it looked for, as the server lists them: code “A-3”, name “Cup”. */
const TRIED = /(code|barcode|code-gtin|name) “(.*?)”(?=, (?:code|barcode|code-gtin|name) “|$)/g;

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

  /** What was looked for in vain is listed in words and quotes of the language. */
  const ofSearch = (params: Params): Params => {
    if (params['tried'] === undefined) return params;
    const tried = [...String(params['tried']).matchAll(TRIED)].map(([, rule, text]) =>
      t('connection.tried', { rule: t(`connection.rule.${rule}`), text }),
    );
    return { ...params, tried: tried.length === 0 ? t('connection.triedNothing') : tried.join(', ') };
  };

  const cause = (failure: FailureView): string =>
    say([`failures.${failure.code}.cause`], ofSearch(ofFlow(failure.params)), failure.cause);

  return {
    cause,
    /** The cause of many products at once, where the words for one would name just that one. */
    causeOfMany: (failure: FailureView) => say([`groups.says.${failure.code}`], failure.params, cause(failure)),
    cure: (failure: FailureView) => say([`failures.${failure.code}.cure`], failure.params, failure.cure),
    checkMessage: (check: Check) => say(checkKeys(check, 'message', 'cause'), check.params, check.message),
    checkCure: (check: Check) =>
      check.cure === null ? null : say(checkKeys(check, 'cure', 'cure'), check.params, check.cure),
    why: (entry: TimelineEntry) =>
      say([`timeline.outcome.${entry.step}.${entry.outcome}`], inWords(entry.params), entry.why),
  };
}
