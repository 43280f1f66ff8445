import { readonly, ref } from 'vue';
import { i18n } from '../i18n';
import { isLanguage, pickLanguage, type Language } from '../languages';
import { recall, remember } from './remembered';

/** Only the language in use is fetched. */
const loaders: Readonly<Record<Language, () => Promise<{ default: object }>>> = {
  en: () => import('../locales/en.json'),
  ro: () => import('../locales/ro.json'),
  fr: () => import('../locales/fr.json'),
  es: () => import('../locales/es.json'),
  'pt-BR': () => import('../locales/pt-BR.json'),
};

const KEY = 'language';
const language = ref<Language>('en');

async function show(wanted: Language): Promise<void> {
  const messages = await loaders[wanted]();
  i18n.global.setLocaleMessage(wanted, messages.default as never);
  i18n.global.locale.value = wanted;
  language.value = wanted;
  document.documentElement.lang = wanted;
}

export function startLanguage(): Promise<void> {
  const remembered = recall(KEY);
  return show(isLanguage(remembered) ? remembered : pickLanguage(navigator.languages));
}

export function useLanguage() {
  const change = async (wanted: Language) => {
    await show(wanted);
    remember(KEY, wanted);
  };
  return { language: readonly(language), change };
}
