import { ref } from 'vue';

const SHOWN_MS = 4_000;

/** Copies text; where the browser refuses (an address without https), the caller is told so. */
export function useCopy() {
  const state = ref<'idle' | 'copied' | 'refused'>('idle');
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function copy(text: string): Promise<void> {
    clearTimeout(timer);
    try {
      await navigator.clipboard.writeText(text);
      state.value = 'copied';
    } catch {
      state.value = 'refused';
    }
    timer = setTimeout(() => (state.value = 'idle'), SHOWN_MS);
  }
  return { state, copy };
}
