import { busyState } from './support/fake-api';
import { aBrowser, byRole, choose, click, closePanels, openPanel, pageText, settle } from './support/panel';

beforeEach(() => aBrowser());
afterEach(closePanels);

const setDay = async (name: string, day: string) => {
  const label = [...document.querySelectorAll('label')].find((one) => one.textContent?.includes(name));
  const input = label?.querySelector('input');
  if (!input) throw new Error(`There is no day ${name}`);
  input.value = day;
  input.dispatchEvent(new Event('change', { bubbles: true }));
  await settle();
};

describe('the pushes', () => {
  it('are narrowed by outcome and days, in the address, and saved as narrowed', async () => {
    const { calls, router } = await openPanel(busyState(), '/pushes');
    await choose('Outcome', 'rejected');
    await setDay('From', '2026-03-01');
    await setDay('To', '2026-03-02');
    expect(router.currentRoute.value.query).toEqual({ outcome: 'rejected', from: '2026-03-01', to: '2026-03-02' });
    const from = new Date(2026, 2, 1).toISOString();
    const before = new Date(2026, 2, 3).toISOString();
    expect(calls.filter(({ path }) => path === '/pushes').at(-1)?.query).toMatchObject({
      outcome: 'rejected',
      from,
      before,
    });
    const link = new URL(byRole('link', 'Export as CSV: the pushes').getAttribute('href') ?? '', 'http://panel');
    expect([link.pathname, Object.fromEntries(link.searchParams)]).toEqual([
      '/api/v1/pushes.csv',
      { outcome: 'rejected', from, before },
    ]);
  });

  it('say that none fits rather than that there are none', async () => {
    const { router } = await openPanel({ ...busyState(), pushes: [] }, '/pushes?outcome=test');
    expect(pageText()).toContain('No push fits this filter');
    await click(byRole('button', 'Clear the filter'));
    expect(router.currentRoute.value.query).toEqual({});
    expect(pageText()).toContain('Nothing has been received yet');
  });

  it('can be taken in once more, each', async () => {
    const { calls, router, state } = await openPanel(busyState(), '/pushes');
    const known = state.pushes.find(({ says, rawBody }) => says === 'levels' && rawBody !== null);
    await router.push(`/pushes/${known?.id}`);
    await settle();
    await click(byRole('button', 'Take it in once more'));
    expect(calls.some(({ method, path }) => method === 'POST' && path === `/pushes/${known?.id}/replay`)).toBe(true);
    expect(router.currentRoute.value.params['id']).not.toBe(String(known?.id));
  });
});
