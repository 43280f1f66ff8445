import {
  aConnection,
  aSession,
  aShop,
  aSource,
  anItem,
  anOrder,
  anOrderLine,
  busyState,
  emptyState,
  type FakeState,
  someOrders,
} from './support/fake-api';
import { aBrowser, allByRole, byRole, click, closePanels, fill, openPanel, pageText, settle } from './support/panel';

beforeEach(() => aBrowser());
afterEach(closePanels);

const rows = () => [...document.querySelectorAll<HTMLElement>('.order')];
const texts = () => rows().map(({ textContent }) => (textContent ?? '').replace(/\s+/g, ' ').trim());
const chips = () => rows().map((row) => row.querySelector('.sources')?.textContent?.replace(/\s+/g, ' ').trim());

describe('the web orders', () => {
  it('say what they hold, and for each source that counts them why it knows of it or how much it does not', async () => {
    await openPanel(busyState(), '/orders');
    expect(texts()[0]).toContain('Order 512processing · holds 2 of the stock');
    expect(texts()[5]).toContain('thrown away');
    const ofAccounting = (state: string) => `Accounting → Ceramics by Ana${state}`;
    expect(chips()).toEqual(
      [
        '2 not known yet',
        '3 not known yet',
        'known: level fell',
        'nothing to know',
        'known: by hand',
        'known: hours passed',
      ].map(ofAccounting),
    );
    expect(pageText()).toContain('6 orders');
  });

  it('name every source that counts them, and none that does not', async () => {
    const orders = aConnection().orders;
    await openPanel(
      {
        ...busyState(),
        sources: [aSource(), aSource({ id: 2, name: 'Till' }), aSource({ id: 3, name: 'Depot' })],
        connections: [
          aConnection(),
          aConnection({ id: 2, sourceId: 2 }),
          aConnection({ id: 3, sourceId: 3, orders: { ...orders, knownBy: 'not_counted' } }),
        ],
        orders: [
          anOrder(9, {
            lines: [anOrderLine('0.1'), anOrderLine('0.2', [{ quantity: '0.3', reason: 'acknowledged' }])],
          }),
        ],
      },
      '/orders',
    );
    expect(chips()).toEqual(['Accounting → Ceramics by Anaknown: said soTill → Ceramics by Ana0.3 not known yet']);
  });

  it('are narrowed to those a source does not know, in the address, and saved as narrowed', async () => {
    const { calls, router } = await openPanel(busyState(), '/orders');
    await click(byRole('link', 'Not known yet'));
    expect(router.currentRoute.value.query).toEqual({ state: 'open' });
    expect(calls.filter(({ path }) => path === '/orders').at(-1)?.query).toMatchObject({ state: 'open' });
    expect(rows()).toHaveLength(2);
    expect(byRole('link', 'Not known yet').getAttribute('aria-current')).toBe('true');
    expect(byRole('link', 'Export as CSV: the orders').getAttribute('href')).toBe('/api/v1/orders.csv?state=open');
    await click(byRole('link', 'All'));
    expect(router.currentRoute.value.query).toEqual({});
    expect(rows()).toHaveLength(6);
  });

  it('are marked as known one by one, as long as something is not', async () => {
    const { calls } = await openPanel(busyState(), '/orders');
    expect(allByRole('button', /^The source knows it/)).toHaveLength(2);
    await click(byRole('button', 'The source knows it Order 512'));
    const posts = calls.filter(({ method }) => method === 'POST');
    expect(posts.map(({ path, body }) => [path, body])).toEqual([['/orders/512/seen', { shopId: 1 }]]);
    expect(chips()[0]).toContain('known: by hand');
    expect(allByRole('button', /^The source knows it/)).toHaveLength(1);
  });

  it('are only looked at by a viewer', async () => {
    await openPanel({ ...busyState(), session: aSession({ role: 'viewer' }) }, '/orders');
    expect(rows()).toHaveLength(6);
    expect(allByRole('button', /^The source knows it/)).toEqual([]);
  });

  it('say why there are none, and that none is unknown', async () => {
    const { router } = await openPanel({ ...busyState(), orders: someOrders().slice(2) }, '/orders?state=open');
    expect(pageText()).toContain('The source knows every order');
    await router.push('/orders');
    await settle();
    expect(rows()).toHaveLength(4);
    closePanels();
    await openPanel({ ...busyState(), orders: [] }, '/orders');
    expect(pageText()).toContain('No web order yet');
    expect(pageText()).toContain('Orders are counted for connections that say when their source knows of one.');
  });

  it('that could not be loaded are asked for again', async () => {
    const panel = await openPanel(busyState(), '/runs');
    panel.down = true;
    await click(byRole('link', 'Web orders'));
    expect(byRole('alert').textContent).toContain('The orders could not be loaded');
    panel.down = false;
    await click(byRole('button', 'Try again'));
    expect(rows()).toHaveLength(6);
  });
});

describe('when the source knows of a web order', () => {
  const orders = { knownBy: 'not_counted' as const, statuses: [], metaKey: null, afterHours: null };
  const counting = (): FakeState => ({ ...busyState(), connections: [aConnection({ orders })] });
  const fold = () =>
    [...document.querySelectorAll('details')].find((one) =>
      one.querySelector('summary')?.textContent?.includes('Web orders'),
    );
  const open = async (state = counting()) => {
    const panel = await openPanel(state, '/connections');
    await click(byRole('button', /^Edit Accounting/));
    return { panel, sent: () => panel.calls.find(({ method }) => method === 'PATCH')?.body['orders'] };
  };
  const choose = (rule: string) => click(byRole('radio', new RegExp(`^${rule}`)));
  const save = () => click(byRole('button', 'Save'));
  const HOURS = /^At the latest after so many hours/;

  it.each([
    ['smartbill', 'Recommended for SmartBill: by its level, within 72 hours.', 72],
    ['hiboutik', 'Recommended for Hiboutik: by its level, within 24 hours.', 24],
  ] as const)('begins for a new connection of %s with what is usual, and says why', async (kind, why, hours) => {
    const source = aSource({ kind });
    const state = { ...emptyState(), shops: [aShop()], sources: [source] };
    const panel = await openPanel(state, '/wizard');
    expect(fold()?.querySelector('summary')?.textContent).toContain('When its level falls by what was sold');
    expect(fold()?.textContent).toContain(why);
    await click(byRole('button', 'Connect'));
    const made = panel.calls.find(({ method, path }) => method === 'POST' && path === '/connections');
    expect(made?.body['orders']).toEqual({ knownBy: 'level', statuses: [], metaKey: null, afterHours: hours });
  });

  it('stays as it was said for a connection there is', async () => {
    const { sent } = await open();
    expect(fold()?.querySelector('summary')?.textContent).toContain('Do not count web orders');
    await save();
    expect(sent()).toEqual(orders);
  });

  it('is not asked where orders are not counted', async () => {
    const { sent } = await open();
    expect(allByRole('textbox', HOURS)).toEqual([]);
    await choose('When its level falls');
    await fill(HOURS, 'soon');
    await choose('Do not count');
    await save();
    expect(sent()).toEqual(orders);
  });

  it.each([
    ['When its level falls', async () => fill(HOURS, '72'), { knownBy: 'level', afterHours: 72 }],
    ['When it says so', async () => undefined, { knownBy: 'acknowledged' }],
    [
      'When the order has a certain status',
      async () => {
        await click(byRole('checkbox', 'processing'));
        await click(byRole('checkbox', 'completed'));
        await click(byRole('checkbox', 'processing'));
      },
      { knownBy: 'status', statuses: ['completed'] },
    ],
    [
      'When the order bears',
      async () => fill('Name of the field', ' _invoice '),
      { knownBy: 'meta', metaKey: '_invoice' },
    ],
    ['After some hours', async () => fill(HOURS, '8760'), { knownBy: 'hours', afterHours: 8_760 }],
    ['Never', async () => undefined, { knownBy: 'never' }],
  ])('is sent with what belongs to it: %s', async (rule, more, expected) => {
    const { sent } = await open();
    await choose(rule);
    await more();
    await save();
    expect(sent()).toEqual({ ...orders, ...expected });
  });

  it.each([
    ['When the order has a certain status', undefined, 'Choose at least one status.'],
    ['When the order bears', undefined, 'Enter the name of the field.'],
    ['After some hours', undefined, 'Enter whole hours from 1 to 8760.'],
    ['When its level falls', '8761', 'Enter whole hours from 1 to 8760.'],
    ['Never', '0', 'Enter whole hours from 1 to 8760.'],
  ])('is not sent while it is wrong, and its fold is opened: %s, %s', async (rule, hours, words) => {
    const { sent } = await open();
    await choose(rule);
    if (hours !== undefined) await fill(HOURS, hours);
    expect(fold()?.open).toBe(false);
    await save();
    expect(sent()).toBeUndefined();
    expect(
      allByRole('alert')
        .map(({ textContent }) => textContent)
        .join(),
    ).toContain(words);
    expect(fold()?.open).toBe(true);
  });
});

describe('the sum of a number', () => {
  it('names the orders that were taken off', async () => {
    const steps = [
      { kind: 'sum' as const, by: null, value: '10' },
      { kind: 'orders' as const, by: '#512, #514', value: '8' },
    ];
    await openPanel({ ...busyState(), items: [anItem(1, { steps, wanted: '8', shown: '8' })] }, '/products?item=1');
    expect(byRole('dialog').textContent).toContain(
      '− sold in the shop and not known to the source yet (#512, #514) = 8',
    );
  });
});
