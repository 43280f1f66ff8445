import type { languages } from '../../server/http/schemas/session';

export type Language = (typeof languages)[number];

/** Each language under the name its speakers know it by. */
export const LANGUAGES: Readonly<Record<Language, string>> = {
  en: 'English',
  ro: 'Română',
  fr: 'Français',
  es: 'Español',
  'pt-BR': 'Português (Brasil)',
};

export const isLanguage = (text: unknown): text is Language => typeof text === 'string' && text in LANGUAGES;

/** The plural forms of each language, in the order in which a message lists them between bars. */
export const PLURAL_FORMS: Readonly<Record<Language, readonly Intl.LDMLPluralRule[]>> = {
  en: ['one', 'other'],
  ro: ['one', 'few', 'other'],
  fr: ['one', 'other'],
  es: ['one', 'other'],
  'pt-BR': ['one', 'other'],
};

/** The first of the person's languages that we speak; a regional variant counts for its language. */
export function pickLanguage(preferred: readonly string[]): Language {
  for (const wanted of preferred) {
    if (isLanguage(wanted)) return wanted;
    const base = wanted.split('-')[0]?.toLowerCase();
    if (base === 'pt') return 'pt-BR';
    if (isLanguage(base)) return base;
  }
  return 'en';
}
