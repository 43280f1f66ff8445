import { flushPromises } from '@vue/test-utils';
import { barsOf } from '../../admin-ui/src/composables/useActivity';
import { busyState } from './support/fake-api';
import { aBrowser, closePanels, openPanel, type Panel } from './support/panel';

/** What a browser does with a stream of events. */
class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2;
  static opened: FakeEventSource[] = [];
  readyState = 0;

  constructor(readonly url: string) {
    super();
    FakeEventSource.opened.push(this);
  }
  close(): void {
    this.readyState = FakeEventSource.CLOSED;
  }
  say(name: string, data: unknown): void {
    this.readyState = 1;
    this.dispatchEvent(Object.assign(new Event(name), { data: JSON.stringify(data) }));
  }
  break(forGood: boolean): void {
    this.readyState = forGood ? FakeEventSource.CLOSED : 0;
    this.dispatchEvent(new Event('error'));
  }
}

const stream = (): FakeEventSource => {
  const last = FakeEventSource.opened.at(-1);
  if (!last) throw new Error('No stream was opened');
  return last;
};

describe('The live line', () => {
  let panel: Panel;
  const asked = (path: string) => panel.calls.filter((call) => call.path === path).length;
  const pass = async (ms: number) => {
    await jest.advanceTimersByTimeAsync(ms);
    await flushPromises();
  };

  beforeEach(async () => {
    jest.useFakeTimers();
    aBrowser();
    FakeEventSource.opened = [];
    Object.defineProperty(globalThis, 'EventSource', { configurable: true, value: FakeEventSource });
    panel = await openPanel(busyState(), '/products');
  });
  afterEach(() => {
    closePanels();
    jest.advanceTimersByTime(5_000);
    Reflect.deleteProperty(globalThis, 'EventSource');
    jest.useRealTimers();
  });

  it('is one for the whole panel', () => {
    expect(FakeEventSource.opened.map(({ url }) => url)).toEqual(['/api/v1/events']);
  });

  it('has the list read again when it has changed, and not otherwise', async () => {
    stream().say('ready', {});
    await pass(1_500);
    const before = asked('/items');
    await pass(10_000);
    expect(asked('/items')).toBe(before);
    stream().say('change', { topics: ['items'] });
    await pass(1_500);
    expect(asked('/items')).toBeGreaterThan(before);
  });

  it('does not have read what was not named', async () => {
    stream().say('ready', {});
    await pass(1_500);
    const before = asked('/shops');
    stream().say('change', { topics: ['pushes'] });
    await pass(1_500);
    expect(asked('/shops')).toBe(before);
  });

  it('makes one reading of many changes at once', async () => {
    stream().say('ready', {});
    await pass(1_500);
    const before = panel.calls.filter(({ path, query }) => path === '/items' && query['limit'] !== '1').length;
    for (let change = 0; change < 20; change++) stream().say('change', { topics: ['items'] });
    await pass(900);
    const after = panel.calls.filter(({ path, query }) => path === '/items' && query['limit'] !== '1').length;
    expect(after - before).toBe(1);
  });

  it('says whether it is there, and while it is away the page looks by itself', async () => {
    stream().say('ready', {});
    await pass(0);
    expect(panel.wrapper.text()).toContain('Live');
    stream().break(false);
    await pass(0);
    expect(panel.wrapper.text()).toContain('Looked for every few seconds');
    const before = asked('/items');
    await pass(6_000);
    expect(asked('/items')).toBeGreaterThan(before);
  });

  it('is opened anew after it was refused, and everything is read again then', async () => {
    stream().say('ready', {});
    await pass(1_500);
    stream().break(true);
    await pass(11_000);
    expect(FakeEventSource.opened).toHaveLength(2);
    const before = asked('/items');
    stream().say('ready', {});
    await pass(1_500);
    expect(asked('/items')).toBeGreaterThan(before);
  });
});

describe('The bars of the chart', () => {
  const now = new Date(2026, 2, 10, 14, 30).getTime();
  const hour = (at: Date, more = {}) => ({
    at: at.toISOString(),
    changes: 1,
    failures: 0,
    usualDelayMs: 1_000,
    longestDelayMs: 2_000,
    ...more,
  });

  it('are as many as the hours of a day, the one under way last, with a gap where nothing was done', () => {
    const bars = barsOf([hour(new Date(2026, 2, 10, 13))], 'day', now);
    expect(bars).toHaveLength(24);
    expect(bars.at(-1)?.at).toBe(new Date(2026, 2, 10, 14).getTime());
    expect(bars.map(({ changes }) => changes).slice(-3)).toEqual([0, 1, 0]);
    expect(bars.at(-1)?.usualDelayMs).toBeNull();
  });

  it('are days where the person is, and weigh each hour by what was done in it', () => {
    const bars = barsOf(
      [
        hour(new Date(2026, 2, 10, 0), { changes: 3, usualDelayMs: 1_000, longestDelayMs: 9_000 }),
        hour(new Date(2026, 2, 10, 12), { changes: 1, usualDelayMs: 5_000, failures: 2 }),
        hour(new Date(2026, 2, 9, 23)),
      ],
      'month',
      now,
    );
    expect(bars).toHaveLength(30);
    expect(bars.at(-1)).toMatchObject({ changes: 4, failures: 2, usualDelayMs: 2_000, longestDelayMs: 9_000 });
    expect(bars.at(-2)).toMatchObject({ changes: 1 });
  });
});
