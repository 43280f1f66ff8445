import { useI18n } from 'vue-i18n';
import { createFormat } from './format';

/** Words, counts, numbers and times in the language in use. */
export function useWords() {
  const { t, te, locale } = useI18n();
  const format = createFormat(locale);
  /** The plural form that fits `count`, with `{n}` written the language's way. */
  const tn = (key: string, count: number, params: Record<string, unknown> = {}): string =>
    t(key, { ...params, n: format.number(count) }, count);
  return { t, te, tn, ...format };
}
