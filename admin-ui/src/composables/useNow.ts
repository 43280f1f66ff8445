import { onScopeDispose, readonly, ref } from 'vue';

const now = ref(Date.now());
let watchers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** The time, ticking once a second for as long as anybody shows it: one timer for the whole page. */
export function useNow() {
  now.value = Date.now();
  watchers += 1;
  timer ??= setInterval(() => (now.value = Date.now()), 1000);
  onScopeDispose(() => {
    watchers -= 1;
    if (watchers > 0) return;
    clearInterval(timer);
    timer = undefined;
  });
  return readonly(now);
}
