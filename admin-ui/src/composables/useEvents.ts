import { onScopeDispose, readonly, ref } from 'vue';
import type { ChangeTopic } from '../../../server/http/schemas/events';

const AGAIN_AFTER_MS = 10_000;
/** From one page to the next nobody listens for a moment. */
const LINGER_MS = 2_000;

interface Listener {
  readonly topics: readonly ChangeTopic[];
  readonly changed: () => void;
}

const listeners = new Set<Listener>();
const isLive = ref(false);
let stream: EventSource | null = null;
let again: ReturnType<typeof setTimeout> | undefined;
let lingering: ReturnType<typeof setTimeout> | undefined;

function tell(topics: readonly string[] | null): void {
  for (const listener of [...listeners]) {
    if (topics === null || listener.topics.some((topic) => topics.includes(topic))) listener.changed();
  }
}

function close(): void {
  clearTimeout(again);
  stream?.close();
  stream = null;
  isLive.value = false;
}

/** A stream holds one of the few connections a browser has for us: none is held for a page nobody looks at. */
function open(): void {
  if (stream !== null || listeners.size === 0 || document.hidden || typeof EventSource === 'undefined') return;
  const mine = new EventSource('/api/v1/events');
  stream = mine;
  mine.addEventListener('ready', () => {
    isLive.value = true;
    // Whatever changed while nobody was told.
    tell(null);
  });
  mine.addEventListener('change', (event: MessageEvent<string>) => {
    const { topics } = JSON.parse(event.data) as { readonly topics: readonly string[] };
    tell(topics);
  });
  mine.addEventListener('error', () => {
    isLive.value = false;
    // The browser comes back by itself, unless it was refused.
    if (mine.readyState !== EventSource.CLOSED || stream !== mine) return;
    stream = null;
    clearTimeout(again);
    again = setTimeout(open, AGAIN_AFTER_MS);
  });
}

if (typeof document !== 'undefined') {
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
}

/** Whether the server tells of changes as they happen; otherwise they are looked for. */
export const useIsLive = () => readonly(isLive);

/** Calls when one of these has changed on the server, for as long as the component lives. */
export function useEvents(topics: readonly ChangeTopic[], changed: () => void): void {
  const listener = { topics, changed };
  clearTimeout(lingering);
  listeners.add(listener);
  open();
  onScopeDispose(() => {
    listeners.delete(listener);
    clearTimeout(lingering);
    if (listeners.size === 0) lingering = setTimeout(() => listeners.size === 0 && close(), LINGER_MS);
  });
}
