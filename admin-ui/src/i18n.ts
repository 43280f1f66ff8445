import { createI18n } from 'vue-i18n';
import { LANGUAGES, PLURAL_FORMS, type Language } from './languages';

/** Which of a message's forms fits a count; what a language has no form for (millions in French) takes the last. */
const pluralRule = (language: Language) => {
  const rules = new Intl.PluralRules(language);
  const forms = PLURAL_FORMS[language];
  return (count: number) => {
    const index = forms.indexOf(rules.select(count));
    return index < 0 ? forms.length - 1 : index;
  };
};

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  // Every language has every key (a test says so); a fallback would only hide a hole.
  fallbackLocale: false,
  missingWarn: false,
  fallbackWarn: false,
  messages: {} as Record<string, Record<string, never>>,
  pluralRules: Object.fromEntries((Object.keys(LANGUAGES) as Language[]).map((l) => [l, pluralRule(l)])),
});
