import type { Item } from '../../server/http/schemas/items';
import { anItem, busyState, failureView, type FakeState } from './support/fake-api';
import { aBrowser, allByRole, byRole, choose, click, closePanels, openPanel, pageText, settle } from './support/panel';

beforeEach(() => aBrowser());
afterEach(closePanels);

const COUNT = 1000;
const many = (): FakeState => ({
  ...busyState(),
  items: Array.from({ length: COUNT }, (_, n): Item => anItem(n + 1, { name: `Product ${n + 1}`, code: `C-${n + 1}` })),
});

const rows = () => [...document.querySelectorAll<HTMLElement>('[role=row][data-index]')];
const focused = () => document.activeElement as HTMLElement;
const press = async (key: string) => {
  focused().dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  await settle();
};
const rowOf = (index: number) => rows().find((row) => row.dataset['index'] === String(index));

describe('one product', () => {
  const drawer = () => byRole('dialog');

  it('says why it does not move, with the shop’s own words and the cure', async () => {
    await openPanel(busyState(), '/products?item=2');
    expect(drawer().textContent).toContain('Stops it');
    expect(drawer().textContent).toContain('The last attempt failed, and it waits for you.');
    expect(drawer().textContent).toContain('{"manage_stock":false,"stock_quantity":null}');
    expect(drawer().textContent).toContain('tick “Stock management”');
    expect(drawer().textContent).toContain('The last push about it said 7.');
  });

  it.each([
    [{ name: 'Cană roșie', shopName: 'Red cup' }, 'Cană roșie'],
    [{ name: null, shopName: 'Red cup' }, 'Red cup'],
    [{ name: null, shopName: null }, 'A-1'],
    [{ name: null, shopName: '', code: null, barcode: null }, 'Product 1'],
  ] as const)(
    'is called as its source calls it, else as the shop does, else by its code: %o',
    async (known, called) => {
      await openPanel({ ...busyState(), items: [anItem(1, known)] }, '/products?item=1');
      expect(drawer().querySelector('h2')?.textContent).toBe(called);
      expect(rowOf(0)?.querySelector('a')?.textContent).toBe(called);
    },
  );

  it('asks which number is right where somebody set one in the shop, and in no other case', async () => {
    const failure = {
      code: 'shop_differs',
      severity: 'error',
      cause: 'The shop shows 30.',
      proof: null,
      cure: 'Choose.',
      params: { shown: '30', wanted: '7' },
    } as const;
    const items = [anItem(1, { status: 'failed', shown: '30', failure }), anItem(2)];
    const { calls } = await openPanel({ ...busyState(), items }, '/products?item=1');
    expect(drawer().textContent).toContain('The shop shows 30, where it must show 7');
    expect(drawer().textContent).toContain('Waits for your decision');
    expect(allByRole('button', 'Retry')).toEqual([]);
    await click(byRole('button', 'Keep the shop’s number'));
    expect(calls.filter(({ path }) => path === '/items/actions').map(({ body }) => body)).toEqual([
      { action: 'keep', ids: [1] },
    ]);
    expect(allByRole('button', 'Keep the shop’s number')).toEqual([]);
  });

  it('says the cause first, then what cures it, and keeps the rest in a menu', async () => {
    const { calls } = await openPanel(busyState(), '/products?item=2');
    const cause = drawer().querySelector('.findings');
    const isAfter = cause?.compareDocumentPosition(byRole('button', 'Retry')) ?? 0;
    expect(isAfter & Node.DOCUMENT_POSITION_FOLLOWING).not.toBe(0);
    expect(allByRole('button', 'Sync now')).toEqual([]);
    await click(byRole('button', 'More'));
    expect(allByRole('menuitem').map((one) => one.textContent?.trim())).toEqual(['Sync now', 'Relink', 'Take offline']);
    await click(byRole('menuitem', 'Take offline'));
    expect(calls.find(({ path }) => path === '/items/actions')?.body).toEqual({ action: 'offline', ids: [2] });
  });

  it('that several fit is one of them by a press, which Undo takes back', async () => {
    const { calls } = await openPanel(busyState(), '/products?item=4');
    expect(allByRole('button', 'Sync now')).toEqual([]);
    expect(drawer().textContent).toContain('Already gets its stock from “Egg cup, green”');
    expect(byRole('link', 'Open in the Match desk').getAttribute('href')).toBe(
      '/match?status=ambiguous&connection=1&q=A-4',
    );
    const [one, ...others] = allByRole('button', /^This one/);
    expect(others).toEqual([]);
    await click(one ?? drawer());
    expect(calls.find(({ path }) => path === '/items/4/link')?.body).toEqual({ productId: 240, variationId: 241 });
    expect(pageText()).toContain('The product is linked.');
    await click(byRole('button', 'Undo'));
    expect(calls.filter(({ path }) => path === '/items/actions').map(({ body }) => body)).toEqual([
      { action: 'relink', ids: [4] },
    ]);
  });

  it('tells which web orders took from its number, and leads to them', async () => {
    await openPanel(busyState(), '/products?item=1');
    expect(drawer().textContent).toContain('Sold in the shop: order #5001, −1.');
    expect(byRole('link', 'Order 5001').getAttribute('href')).toBe('/orders?shop=1&number=5001');
  });

  it('tells its stock over time in words and as a table, for the days asked for', async () => {
    const { calls } = await openPanel(busyState(), '/products?item=1');
    const chart = drawer().querySelector('canvas[role=img]');
    expect(chart?.getAttribute('aria-label')).toMatch(/now 7 wanted, 7 shown/);
    expect(drawer().querySelectorAll('details tbody tr')).toHaveLength(7);
    await choose('Period', '30');
    expect(calls.filter(({ path }) => path === '/items/1/stock-history').map(({ query }) => query['days'])).toEqual([
      '7',
      '30',
    ]);
  });

  it('says of a product the source tells of, but that has none in the shop, that nothing was written', async () => {
    await openPanel(busyState(), '/products?item=3');
    expect(drawer().textContent).toContain('Nothing was written to the shop in these days.');
  });

  it('shows its timeline day by day, and of one kind alone', async () => {
    const { calls } = await openPanel(busyState(), '/products?item=1');
    expect(allByRole('heading', 'Timeline')).toHaveLength(1);
    expect(drawer().querySelectorAll('h4').length).toBeGreaterThan(0);
    await choose('Kind', 'push');
    expect(calls.some(({ path, query }) => path === '/items/1/timeline' && query['step'] === 'push')).toBe(true);
    const kinds = [...drawer().querySelectorAll('.timeline li strong')].map((one) => one.textContent);
    expect(new Set(kinds)).toEqual(new Set(['Push received']));
  });
});

describe('many products', () => {
  it('are as many rows to a screen reader as there are, and few to the browser', async () => {
    await openPanel(many(), '/products');
    expect(byRole('grid').getAttribute('aria-rowcount')).toBe(String(COUNT + 1));
    expect(rows().length).toBeLessThan(40);
    expect(rows()[0]?.getAttribute('aria-rowindex')).toBe('2');
    expect(pageText()).toContain('1,000 products');
  });

  it('are moved through by the keys, to the very end, and loaded where one is', async () => {
    const { calls } = await openPanel(many(), '/products');
    rowOf(0)?.focus();
    await press('ArrowDown');
    expect(focused().dataset['index']).toBe('1');
    await press('End');
    expect(focused().dataset['index']).toBe(String(COUNT - 1));
    await press('Home');
    expect(focused().dataset['index']).toBe('0');
    expect(
      calls.filter(({ path, query }) => path === '/items' && query['offset'] !== undefined).length,
    ).toBeGreaterThan(0);
  });

  it('open by Enter and are selected by Space', async () => {
    const { router } = await openPanel(many(), '/products');
    rowOf(2)?.focus();
    await press(' ');
    expect(rowOf(2)?.getAttribute('aria-selected')).toBe('true');
    expect(pageText()).toContain('One selected');
    await press('Enter');
    expect(router.currentRoute.value.query['item']).toBe('3');
  });

  it('are not tried again where of all that are selected a person is asked which number is right', async () => {
    const failure = failureView('shop_differs', { shown: '30', wanted: '7' });
    const items = [anItem(1, { status: 'failed', failure }), anItem(2, { name: 'Other' })];
    await openPanel({ ...busyState(), items }, '/products');
    await click(byRole('checkbox', 'Select Mug no. 1'));
    expect(allByRole('button', 'Retry')).toEqual([]);
    await click(byRole('checkbox', 'Select Other'));
    await click(byRole('button', 'Retry'));
    expect(pageText()).toContain('One product is tried again. The rest is left as it is');
  });

  it('are acted on all at once, save those that were taken out, and given back by Undo', async () => {
    const { calls, state } = await openPanel(many(), '/products');
    await click(byRole('checkbox', 'Select Product 2'));
    await click(byRole('button', 'Select all 1,000 that fit'));
    await click(byRole('checkbox', 'Select Product 1'));
    expect(pageText()).toContain('999 selected');
    await click(byRole('button', 'Take offline'));
    const sent = calls.find(({ path }) => path === '/items/actions');
    expect(sent?.body).toEqual({ action: 'offline', filter: {}, except: [1] });
    expect(state.items.filter(({ status }) => status === 'offline')).toHaveLength(999);
    expect(pageText()).toContain('999 products are offline.');
    expect(allByRole('status').some((one) => one.textContent?.includes('selected'))).toBe(false);
    await click(byRole('button', 'Undo'));
    expect(state.items.some(({ status }) => status === 'offline')).toBe(false);
    expect(pageText()).toContain('Undone for 999 products.');
  });

  it('show the columns a person chose, also the next time', async () => {
    await openPanel(many(), '/products');
    const headers = () => [...document.querySelectorAll('[role=columnheader]')].map((one) => one.textContent?.trim());
    expect(headers()).not.toContain('Barcode');
    await click(byRole('checkbox', 'Barcode'));
    await click(byRole('checkbox', 'Proven'));
    expect(headers()).toContain('Barcode');
    expect(headers()).not.toContain('Proven');
    const { wrapper } = await openPanel(many(), '/products');
    expect(wrapper.findAll('[role=columnheader]').map((one) => one.text())).toContain('Barcode');
  });

  it('come in the order asked for', async () => {
    const { calls, router } = await openPanel(many(), '/products');
    await choose('Order', 'code');
    expect(router.currentRoute.value.query['sort']).toBe('code');
    expect(calls.at(-1)?.query['sort'] ?? calls.at(-2)?.query['sort']).toBe('code');
  });
});
