import { readonly, ref } from 'vue';

// The server shows a token once. It stays here until the page is left, so that going a step back does not lose it;
// it is never written anywhere.
const tokens = ref<Record<number, string>>({});

export function useShownTokens() {
  return {
    tokens: readonly(tokens),
    keep: (sourceId: number, token: string) => {
      tokens.value = { ...tokens.value, [sourceId]: token };
    },
    forgetAll: () => {
      tokens.value = {};
    },
  };
}
