import { TextDecoder } from 'node:util';
import { AxiosError, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios';
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { createMemoryHistory, type Router } from 'vue-router';
import App from '../../../admin-ui/src/App.vue';
import { http, onUnauthorised, setCsrfToken } from '../../../admin-ui/src/api/http';
import { startLanguage } from '../../../admin-ui/src/composables/useLanguage';
import { useShownTokens } from '../../../admin-ui/src/composables/useShownTokens';
import { useToasts } from '../../../admin-ui/src/composables/useToasts';
import { startTheme } from '../../../admin-ui/src/composables/useTheme';
import { i18n } from '../../../admin-ui/src/i18n';
import { createPanelRouter } from '../../../admin-ui/src/router';
import { useSession } from '../../../admin-ui/src/stores/session';
import { answer, type FakeCall, type FakeState } from './fake-api';

export interface Panel {
  readonly wrapper: VueWrapper;
  readonly router: Router;
  readonly state: FakeState;
  /** Every call made, with its headers. */
  readonly calls: (FakeCall & { readonly headers: Record<string, unknown> })[];
  /** While true no call is answered: the network is gone. */
  down: boolean;
  /** While true calls stay without an answer. */
  silent: boolean;
}

const panels: Panel[] = [];

/** What jsdom lacks and the panel asks of a browser. */
export function aBrowser(dark = false): void {
  Object.defineProperty(window, 'matchMedia', {
    configurable: true,
    value: () => ({ matches: dark, addEventListener: () => undefined, removeEventListener: () => undefined }),
  });
  window.scrollTo = () => undefined;
  Element.prototype.scrollIntoView = () => undefined;
  HTMLCanvasElement.prototype.getContext = () => null;
  Object.defineProperty(globalThis, 'TextDecoder', { configurable: true, value: TextDecoder });
  Object.defineProperty(navigator, 'clipboard', {
    configurable: true,
    value: { writeText: jest.fn(() => Promise.resolve()) },
  });
}

/** Opens the panel at an address, over the fake API. */
export async function openPanel(state: FakeState, path: string, set: Partial<Panel> = {}): Promise<Panel> {
  setCsrfToken(null);
  const panel: Panel = { state, calls: [], down: false, silent: false, ...set } as unknown as Panel;
  const adapter: AxiosAdapter = (request: InternalAxiosRequestConfig) => {
    const call = {
      method: (request.method ?? 'get').toUpperCase(),
      path: request.url ?? '',
      query: Object.fromEntries(
        Object.entries((request.params ?? {}) as Record<string, unknown>)
          .filter(([, value]) => value !== undefined)
          .map(([key, value]) => [key, String(value)]),
      ),
      body: request.data === undefined ? {} : (JSON.parse(String(request.data)) as Record<string, unknown>),
    };
    panel.calls.push({ ...call, headers: { ...request.headers } });
    if (panel.silent) return new Promise(() => undefined);
    if (panel.down) return Promise.reject(new AxiosError('Network Error', AxiosError.ERR_NETWORK, request));
    const { status, body, headers } = answer(state, call);
    const response = {
      status,
      statusText: '',
      headers: { ...headers },
      config: request,
      data: body === undefined ? '' : JSON.parse(JSON.stringify(body)),
    };
    return status < 400
      ? Promise.resolve(response)
      : Promise.reject(new AxiosError('refused', AxiosError.ERR_BAD_REQUEST, request, null, response));
  };
  http.defaults.adapter = adapter;

  startTheme();
  await startLanguage();
  const router = createPanelRouter(createMemoryHistory());
  const pinia = createPinia();
  setActivePinia(pinia);
  onUnauthorised(() => {
    useSession(pinia).forget();
    void router.replace({ name: 'login' });
  });
  await router.push(path);
  const wrapper = mount(App, { attachTo: document.body, global: { plugins: [pinia, i18n, router] } });
  await settle();
  Object.assign(panel, { wrapper, router });
  panels.push(panel);
  return panel;
}

export async function settle(): Promise<void> {
  for (let round = 0; round < 6; round += 1) await flushPromises();
}

export function closePanels(): void {
  panels.splice(0).forEach(({ wrapper }) => wrapper.unmount());
  useShownTokens().forgetAll();
  const { toasts, dismiss } = useToasts();
  [...toasts.value].forEach(({ id }) => dismiss(id));
  document.body.replaceChildren();
  document.documentElement.className = '';
  localStorage.clear();
}

// By role and name, as a screen reader meets the page.

const ROLES: Record<string, string> = {
  button: 'button, summary',
  link: 'a[href]',
  textbox: 'input:not([type=radio]):not([type=checkbox]), textarea',
  radio: 'input[type=radio]',
  checkbox: 'input[type=checkbox]:not([role=switch])',
  switch: '[role=switch]',
  combobox: 'select',
  heading: 'h1, h2, h3',
  alert: '[role=alert]',
  status: '[role=status]',
  row: '[role=row], tr',
  menuitem: '[role=menuitem]',
  dialog: '[role=dialog]',
};

const squeeze = (text: string | null | undefined): string => (text ?? '').replace(/\s+/g, ' ').trim();

const nameOf = (element: Element): string => {
  const labelled = element.getAttribute('aria-label');
  if (labelled !== null) return labelled;
  const by = element.getAttribute('aria-labelledby');
  if (by !== null) return squeeze(document.getElementById(by)?.textContent);
  const labels = (element as HTMLInputElement).labels;
  if (labels && labels.length > 0) {
    return squeeze(
      [...labels].map((label) => label.querySelector('.name')?.textContent ?? label.textContent).join(' '),
    );
  }
  return squeeze(element.textContent);
};

export function allByRole(role: string, name?: string | RegExp): HTMLElement[] {
  const found = [...document.body.querySelectorAll<HTMLElement>(ROLES[role] ?? `[role=${role}]`)];
  return found.filter(
    (element) =>
      name === undefined || (typeof name === 'string' ? nameOf(element) === name : name.test(nameOf(element))),
  );
}

export function byRole(role: string, name?: string | RegExp): HTMLElement {
  const [first] = allByRole(role, name);
  if (first === undefined) {
    const there = allByRole(role).map(nameOf).join(' | ');
    throw new Error(`No ${role} named ${String(name)}; there are: ${there}`);
  }
  return first;
}

export async function click(element: HTMLElement): Promise<void> {
  element.click();
  await settle();
}

export async function fill(name: string | RegExp, text: string): Promise<void> {
  const input = byRole('textbox', name) as HTMLInputElement;
  input.value = text;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  await settle();
}

export async function choose(name: string | RegExp, value: string): Promise<void> {
  const select = byRole('combobox', name) as HTMLSelectElement;
  select.value = value;
  select.dispatchEvent(new Event('change', { bubbles: true }));
  await settle();
}

export const pageText = (): string => squeeze(document.body.textContent);
