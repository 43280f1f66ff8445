import {
  aConnection,
  ago,
  aSession,
  aShop,
  aSource,
  anItem,
  anOrder,
  anOrderLedger,
  anOrderLine,
  busyState,
  emptyState,
  failureView,
  type FakeState,
  someOrders,
} from './support/fake-api';
import {
  aBrowser,
  allByRole,
  byRole,
  choose as select,
  click,
  closePanels,
  fill,
  openPanel,
  pageText,
  settle,
} from './support/panel';

beforeEach(() => aBrowser());
afterEach(closePanels);

const rows = () => [...document.querySelectorAll<HTMLElement>('.order')];
const texts = () => rows().map(({ textContent }) => (textContent ?? '').replace(/\s+/g, ' ').trim());
const chips = () => rows().map((row) => row.querySelector('.sources')?.textContent?.replace(/\s+/g, ' ').trim());

describe('the web orders', () => {
  it('say what they hold, and for each source that counts them why it knows of it or how much it does not', async () => {
    await openPanel(busyState(), '/orders');
    expect(texts()[0]).toContain('Order 512processing · holds 2 of the stock · 4 minutes ago · by webhook');
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

  it('name every source that counts them and has what was ordered, and no other', async () => {
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
            lines: [
              anOrderLine('0.1', [{ quantity: '0.1', reason: 'acknowledged' }]),
              anOrderLine('0.2', [{ quantity: '0.2', reason: 'acknowledged' }]),
              anOrderLine('0.3', [], { connectionId: 2 }),
              anOrderLine('4', [], { connectionId: 3 }),
            ],
          }),
          anOrder(8, { lines: [anOrderLine('1')] }),
          anOrder(7, { lines: [anOrderLine('1', [], { connectionId: null, itemId: null })] }),
        ],
      },
      '/orders',
    );
    expect(chips()).toEqual([
      'Accounting → Ceramics by Anaknown: said soTill → Ceramics by Ana0.3 not known yet',
      'Accounting → Ceramics by Ana1 not known yet',
      'None of your sources has these products',
    ]);
  });

  it('are narrowed to those a source does not know, in the address, and saved as narrowed', async () => {
    const { calls, router } = await openPanel(busyState(), '/orders');
    await click(byRole('link', 'Not known yet'));
    expect(router.currentRoute.value.query).toEqual({ state: 'open' });
    expect(calls.filter(({ path }) => path === '/orders').at(-1)?.query).toMatchObject({ state: 'open' });
    expect(rows()).toHaveLength(2);
    expect(byRole('link', 'Not known yet').getAttribute('aria-current')).toBe('true');
    expect(byRole('link', 'Export as CSV: the orders').getAttribute('href')).toBe('/api/v1/orders.csv?state=open');
    await click(byRole('link', 'Cancelled or gone'));
    expect(texts().map((text) => text.slice(0, 9))).toEqual(['Order 505', 'Order 498']);
    await click(byRole('link', 'All'));
    expect(router.currentRoute.value.query).toEqual({});
    expect(rows()).toHaveLength(6);
  });

  it('are marked as known one by one, as long as something is not', async () => {
    const { calls } = await openPanel(busyState(), '/orders');
    expect(allByRole('button', /^The source knows it/)).toHaveLength(2);
    await click(byRole('button', 'The source knows it Order 512'));
    // What the shop sells changes by it, and nothing takes it back.
    expect(byRole('dialog').textContent).toMatch(/Does the source know order 512\?.*Accounting → .*: \+\d/);
    expect(calls.filter(({ method }) => method === 'POST')).toEqual([]);
    await click(byRole('button', 'Cancel'));
    expect(calls.filter(({ method }) => method === 'POST')).toEqual([]);
    await click(byRole('button', 'The source knows it Order 512'));
    await click(byRole('button', 'The source knows it'));
    const posts = calls.filter(({ method }) => method === 'POST');
    expect(posts.map(({ path, body }) => [path, body])).toEqual([['/orders/512/seen', { shopId: 1 }]]);
    expect(pageText()).toContain('Order 512 counts as known.');
    expect(chips()[0]).toContain('known: by hand');
    expect(allByRole('button', /^The source knows it Order/)).toHaveLength(1);
  });

  it('are only looked at by a viewer', async () => {
    await openPanel({ ...busyState(), session: aSession({ role: 'viewer' }) }, '/orders');
    expect(rows()).toHaveLength(6);
    expect(allByRole('button', /^The source knows it/)).toEqual([]);
  });

  it('say why there are none, and that none is unknown', async () => {
    const { router } = await openPanel({ ...busyState(), orders: someOrders().slice(2) }, '/orders?state=open');
    expect(pageText()).toContain('No order fits this filter');
    await click(byRole('button', 'Clear the filter'));
    expect(router.currentRoute.value.fullPath).toBe('/orders');
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

describe('the list of web orders', () => {
  const lastAsked = (panel: Awaited<ReturnType<typeof openPanel>>) =>
    panel.calls.filter(({ path }) => path === '/orders').at(-1)?.query;

  it('is narrowed from the address, and says so to the server', async () => {
    const address = '/orders?shop=1&connection=1&number=%23%2050&product=101&heard=webhook&from=2026-01-02&saved=yes';
    const panel = await openPanel(busyState(), address);
    const asked = lastAsked(panel);
    expect(asked).toMatchObject({
      shopId: '1',
      connectionId: '1',
      number: '50',
      product: '101',
      heardBy: 'webhook',
      saved: 'yes',
      from: new Date(2026, 0, 2).toISOString(),
    });
    expect(document.querySelector('details')?.open).toBe(true);
    expect(pageText()).toContain('4 set');
    expect(pageText()).toContain('No order fits this filter');
    await click(byRole('button', 'Clear the filter'));
    expect(lastAsked(panel)).not.toHaveProperty('number');
    expect(rows()).toHaveLength(6);
  });

  it('is narrowed by what is typed and chosen, and nothing of it is asked that is no choice', async () => {
    const panel = await openPanel({ ...busyState(), shops: [aShop(), aShop({ id: 2 })] }, '/orders?state=odd&shop=x');
    expect(Object.keys(lastAsked(panel) ?? {})).toEqual(['limit']);
    const search = async (text: string) => {
      await fill('Order number', text);
      byRole('search').dispatchEvent(new Event('submit'));
      await settle();
    };
    await search('51');
    expect(panel.router.currentRoute.value.query['number']).toBe('51');
    expect(rows()).toHaveLength(2);
    await select('How we heard of it', 'poll');
    expect(rows()).toHaveLength(0);
    await select('How we heard of it', '');
    await select('Saved or not', 'yes');
    await search('');
    expect(texts()).toHaveLength(1);
    expect(texts()[0]).toContain('1 saved');
    expect(byRole('link', /^Export/).getAttribute('href')).toBe('/api/v1/orders.csv?saved=yes');
    await select('Shop', '2');
    expect(lastAsked(panel)).toMatchObject({ shopId: '2', saved: 'yes' });
  });

  it('leads from each line to its product, which opens beside the list and reads nothing anew', async () => {
    const panel = await openPanel(busyState(), '/orders?number=508');
    expect(texts()[0]).toContain('1 × Blue mug, 300 ml');
    expect(texts()[0]).toContain('0 × Product 977, variation 981');
    const asked = panel.calls.filter(({ path }) => path === '/orders').length;
    await click(byRole('link', 'Blue mug, 300 ml'));
    expect(panel.router.currentRoute.value.query).toEqual({ number: '508', item: '1' });
    expect(byRole('dialog', /Blue mug/).textContent).toContain('Blue mug');
    expect(panel.calls.filter(({ path }) => path === '/orders')).toHaveLength(asked);
  });
});

describe('how web orders reach us', () => {
  const cards = () => [...document.querySelectorAll('section[aria-label^="Web orders of"]')].map(textOf);
  const textOf = ({ textContent }: Element) => (textContent ?? '').replace(/\s+/g, ' ').trim();
  const shown = async (more: Parameters<typeof anOrderLedger>[0], state = busyState()) => {
    await openPanel({ ...state, orderLedgers: [anOrderLedger(more)] }, '/orders');
    return cards()[0];
  };

  it('is said for every shop: how late a webhook told, how often they are read, what is unknown and was saved', async () => {
    const second = anOrderLedger({ shopId: 2, told: null, read: null, unknown: [] });
    await openPanel(
      { ...busyState(), shops: [aShop(), aShop({ id: 2, name: 'Wood' })], orderLedgers: [anOrderLedger(), second] },
      '/orders',
    );
    expect(cards()).toHaveLength(2);
    expect(cards()[0]).toContain(
      'The shop tells of them by itself, the last after 12 sec (3 minutes ago)Read every 5 min, last 2 minutes ago',
    );
    expect(cards()[0]).toContain('Order 511, 10 minutes ago');
    expect(cards()[0]).toContain('12 orders, 15 of the stockin the last 30 days: 3 orders, 4 of the stock');
    expect(cards()[1]).toContain('The shop has not told of an order by itself so farThey have not been read yet.');
    expect(cards()[1]).toContain('The source knows every order');
    expect(byRole('link', '2 orders not known yet').getAttribute('href')).toBe('/orders?state=open&connection=1');
  });

  it('names webhooks that are late, and why orders cannot be read, with the cure', async () => {
    const late = { at: ago(60), lagMs: 420_000, inTime: false };
    const text = await shown({ told: late, read: { at: ago(60), everyMs: 60_000 } });
    expect(text).toContain('The shop tells late: the last came after 7 min');
    expect(text).toContain('Read every 1 min, last 1 minute ago');
    closePanels();
    const refused = await shown({ failure: failureView('keys_forbidden'), read: { at: ago(7_200), everyMs: null } });
    expect(refused).toContain('The orders cannot be read at the moment');
    expect(refused).toContain('Cause');
    expect(refused).toContain('What to do');
    expect(refused).toContain('Last read 2 hours ago');
  });

  it('says of a source that is never told that it never is, and of nothing saved that nothing was', async () => {
    const never = { knownBy: 'never' as const, statuses: [], metaKey: null, afterHours: null };
    const none = { orders: 0, pieces: '0' };
    const text = await shown(
      { unknown: [], saved: { all: none, lately: none } },
      { ...busyState(), connections: [aConnection({ orders: never })] },
    );
    expect(text).toContain('The source is never told of web orders.');
    expect(text).toContain('No level would have written over a sale so far.');
  });

  it('is seen on the overview, over all shops, the oldest first', async () => {
    const unknown = [{ connectionId: 1, orders: 1, oldest: { orderId: 9, number: '9', placedAt: ago(90_000) } }];
    const sold = { orders: 1, pieces: '0.2' };
    const second = anOrderLedger({ shopId: 2, unknown, saved: { all: sold, lately: sold } });
    const first = anOrderLedger({ saved: { all: { orders: 2, pieces: '0.1' }, lately: { orders: 0, pieces: '0' } } });
    await openPanel({ ...busyState(), orderLedgers: [first, second] }, '/');
    const tile = textOf(byRole('link', 'All web orders').closest('section') as HTMLElement);
    expect(tile).toMatch(/Order 9, yesterday.*Order 511, 10 minutes ago/);
    expect(tile).toContain('3 orders, 0.3 of the stockin the last 30 days: 1 order, 0.2 of the stock');
    closePanels();
    await openPanel({ ...busyState(), orderLedgers: [] }, '/');
    expect(allByRole('link', 'All web orders')).toEqual([]);
  });

  it('is not said to be missing on top of the list, where nothing can be loaded', async () => {
    const panel = await openPanel(busyState(), '/runs');
    panel.down = true;
    await click(byRole('link', 'Web orders'));
    expect(allByRole('alert').map(textOf)).toEqual([expect.stringContaining('The orders could not be loaded')]);
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
