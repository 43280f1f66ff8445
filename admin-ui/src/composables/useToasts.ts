import { readonly, ref } from 'vue';

export interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'failed';
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

const toasts = ref<Toast[]>([]);
let lastId = 0;

export function useToasts() {
  const show = (toast: Omit<Toast, 'id'>): void => {
    lastId += 1;
    toasts.value = [...toasts.value.slice(-2), { ...toast, id: lastId }];
  };
  return {
    toasts: readonly(toasts),
    done: (text: string, action?: Toast['action']) => show({ kind: 'done', text, action }),
    failed: (text: string, action?: Toast['action']) => show({ kind: 'failed', text, action }),
    dismiss: (id: number) => {
      toasts.value = toasts.value.filter((toast) => toast.id !== id);
    },
  };
}
