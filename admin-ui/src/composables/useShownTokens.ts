import { readonly, ref } from 'vue';

/** What the server shows of a source once: its token, and its address with a secret where its sender bears one there. */
export interface Shown {
  readonly token: string;
  readonly callUrl: string | null;
}

// It stays here until the page is left, so that going a step back does not lose it; it is never written anywhere.
const shown = ref<Readonly<Record<number, Shown>>>({});

export function useShownTokens() {
  return {
    shown: readonly(shown),
    keep: (sourceId: number, { token, callUrl }: Shown) => {
      shown.value = { ...shown.value, [sourceId]: { token, callUrl } };
    },
    forget: (sourceId: number) => {
      shown.value = Object.fromEntries(Object.entries(shown.value).filter(([id]) => id !== String(sourceId)));
    },
    forgetAll: () => {
      shown.value = {};
    },
  };
}
