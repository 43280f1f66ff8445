// What the panel remembers about the person at this browser: language, theme, columns of a list; nothing else.
const name = (key: string) => `stock-relay.${key}`;

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(name(key));
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(name(key), value);
  } catch {
    // Storage is switched off or full: the choice lasts until the page is left.
  }
}
