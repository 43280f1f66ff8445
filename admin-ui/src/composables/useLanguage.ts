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

/** Whoever goes through the list by keyboard asks for several at once, and they load as they like: the last one counts. */
let asked: Language | null = null;

/** Whether it is shown: not where another was asked for meanwhile. */
async function show(wanted: Language): Promise<boolean> {
  asked = wanted;
  const messages = await loaders[wanted]();
  if (asked !== wanted) return false;
  i18n.global.setLocaleMessage(wanted, messages.default as never);
  i18n.global.locale.value = wanted;
  language.value = wanted;
  document.documentElement.lang = wanted;
  return true;
}

export async function startLanguage(): Promise<void> {
  const remembered = recall(KEY);
  await show(isLanguage(remembered) ? remembered : pickLanguage(navigator.languages));
}

export function useLanguage() {
  const change = async (wanted: Language) => {
    if (await show(wanted)) remember(KEY, wanted);
  };
  return { language: readonly(language), change };
}
