import { readonly, ref } from 'vue';
import { recall, remember } from './remembered';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'theme';
const isTheme = (text: unknown): text is Theme => THEMES.includes(text as Theme);
const theme = ref<Theme>('system');
const systemIsDark = () => matchMedia('(prefers-color-scheme: dark)');

function apply(): void {
  const dark = theme.value === 'dark' || (theme.value === 'system' && systemIsDark().matches);
  document.documentElement.classList.toggle('dark', dark);
}

export function startTheme(): void {
  const remembered = recall(KEY);
  theme.value = isTheme(remembered) ? remembered : 'system';
  systemIsDark().addEventListener('change', apply);
  apply();
}

export function useTheme() {
  const change = (wanted: Theme) => {
    theme.value = wanted;
    remember(KEY, wanted);
    apply();
  };
  return { theme: readonly(theme), change };
}
