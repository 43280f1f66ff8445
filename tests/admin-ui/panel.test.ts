import {
  aBrowser,
  allByRole,
  byRole,
  choose,
  click,
  closePanels,
  fill,
  openPanel,
  pageText,
  settle,
} from './support/panel';
import {
  aConnection,
  anItem,
  aProblem,
  ago,
  aShop,
  aSource,
  busyState,
  emptyState,
  failureView,
  goodChecks,
  someAlarms,
  strippedChecks,
} from './support/fake-api';
import type { FakeState } from './support/fake-api';
import { leaving } from '../../admin-ui/src/composables/useShopApproval';

beforeEach(() => aBrowser());
afterEach(closePanels);

const userMenu = () => byRole('button', 'Your account: owner@example.com');
const loggedOut = (more: Partial<FakeState> = {}): FakeState => ({ ...emptyState(), session: null, ...more });

describe('logging in', () => {
  it('asks who does not know us to log in, and leads back to where they wanted to go', async () => {
    const panel = await openPanel({ ...busyState(), session: null }, '/pushes?source=1');
    expect(panel.router.currentRoute.value.fullPath).toBe('/login?next=/pushes?source=1');
    await fill('E-mail', 'owner@example.com');
    await fill('Password', 'correct horse battery');
    await click(byRole('button', 'Log in'));
    expect(panel.router.currentRoute.value.fullPath).toBe('/pushes?source=1');
    expect(byRole('heading', 'Pushes')).toBeTruthy();
    expect(document.title).toBe('Pushes · Stock Relay');
  });

  it('ties each fault to its field and takes the focus to the summary', async () => {
    await openPanel(loggedOut(), '/login');
    await click(byRole('button', 'Log in'));
    const email = byRole('textbox', 'E-mail');
    expect(email.getAttribute('aria-invalid')).toBe('true');
    const fault = document.getElementById(email.getAttribute('aria-describedby') ?? '');
    expect(fault?.textContent).toBe('Please fill in: E-mail');
    expect(document.activeElement?.textContent).toContain('2 fields need correcting');
    await click(byRole('link', 'Please fill in: Password'));
    expect(document.activeElement).toBe(byRole('textbox', 'Password'));
  });

  it('says that e-mail or password is wrong, and nothing more', async () => {
    await openPanel(loggedOut(), '/login');
    await fill('E-mail', 'owner@example.com');
    await fill('Password', 'wrong');
    await click(byRole('button', 'Log in'));
    expect(byRole('alert').textContent).toContain('The e-mail or the password is wrong.');
  });

  it('points at the one-time link while nobody has an account', async () => {
    await openPanel(loggedOut({ setupNeeded: true }), '/login');
    expect(pageText()).toContain('Nobody has an account yet');
  });

  it('never leads to another site', async () => {
    const panel = await openPanel(loggedOut(), '/login?next=//evil.example.com');
    await fill('E-mail', 'owner@example.com');
    await fill('Password', 'correct horse battery');
    await click(byRole('button', 'Log in'));
    expect(panel.router.currentRoute.value.fullPath).toBe('/');
  });

  it('goes back to the log-in when the session has ended', async () => {
    const panel = await openPanel(busyState(), '/products');
    panel.state.session = null;
    await click(byRole('link', /^Failed/));
    expect(panel.router.currentRoute.value.name).toBe('login');
  });

  it('logs out from the user menu', async () => {
    const panel = await openPanel(busyState(), '/');
    await click(userMenu());
    await click(byRole('button', 'Log out'));
    expect(panel.state.session).toBeNull();
    expect(panel.router.currentRoute.value.name).toBe('login');
    const [call] = panel.calls.filter(({ method }) => method === 'DELETE');
    expect(call?.headers['X-CSRF-Token']).toBe('csrf-token');
  });

  it('says so when the server cannot be asked, and recovers', async () => {
    const panel = await openPanel(busyState(), '/products', { down: true });
    expect(byRole('alert').textContent).toContain('The panel cannot reach its server');
    panel.down = false;
    await click(byRole('button', 'Try again'));
    expect(byRole('heading', 'Products')).toBeTruthy();
  });
});

describe('the first owner', () => {
  it('is made with the token behind the #, and goes on to the set-up', async () => {
    const panel = await openPanel(loggedOut({ setupNeeded: true }), '/setup#token=right-token');
    await fill('E-mail', 'owner@example.com');
    await fill('Password', 'correct horse battery');
    await click(byRole('button', 'Create account and begin'));
    const [call] = panel.calls.filter(({ method, path }) => method === 'POST' && path === '/setup');
    expect(call?.body).toEqual({
      token: 'right-token',
      email: 'owner@example.com',
      password: 'correct horse battery',
      language: 'en',
    });
    expect(panel.router.currentRoute.value.name).toBe('wizard');
  });

  it('needs a password of 12 characters', async () => {
    await openPanel(loggedOut({ setupNeeded: true }), '/setup#token=right-token');
    await fill('E-mail', 'owner@example.com');
    await fill('Password', 'short');
    await click(byRole('button', 'Create account and begin'));
    expect(byRole('alert').textContent).toContain('at least 12 characters');
  });

  it.each([
    ['/setup', 'The link is not complete'],
    ['/setup#token=', 'The link is not complete'],
  ])('explains a missing token: %s', async (path, words) => {
    await openPanel(loggedOut({ setupNeeded: true }), path);
    expect(pageText()).toContain(words);
    expect(allByRole('textbox')).toHaveLength(0);
  });

  it('explains a wrong token', async () => {
    await openPanel(loggedOut({ setupNeeded: true }), '/setup#token=old');
    await fill('E-mail', 'owner@example.com');
    await fill('Password', 'correct horse battery');
    await click(byRole('button', 'Create account and begin'));
    expect(byRole('alert').textContent).toContain('The one-time link is not valid.');
    expect(pageText()).toContain('Restart the server');
  });

  it('sends everybody to the log-in once an owner exists', async () => {
    await openPanel(loggedOut(), '/setup#token=right-token');
    expect(pageText()).toContain('An owner already exists');
  });
});

describe('language and theme', () => {
  it('starts in the browser’s language and remembers another', async () => {
    jest.spyOn(navigator, 'languages', 'get').mockReturnValue(['ro-RO', 'en']);
    await openPanel(busyState(), '/products');
    expect(document.documentElement.lang).toBe('ro');
    expect(byRole('heading', 'Produse')).toBeTruthy();
    expect(document.title).toBe('Produse · Stock Relay');
    await click(byRole('button', 'Contul tău: owner@example.com'));
    await choose('Limbă', 'fr');
    expect(byRole('heading', 'Produits')).toBeTruthy();
    expect(document.documentElement.lang).toBe('fr');
    expect(localStorage.getItem('stock-relay.language')).toBe('fr');
    jest.restoreAllMocks();
  });

  it('says failures in the language chosen', async () => {
    localStorage.setItem('stock-relay.language', 'es');
    await openPanel(busyState(), '/products?status=unmatched');
    expect(pageText()).toContain('La tienda no tiene ningún producto con código «A-3».');
  });

  it('follows the system until a theme is chosen, and remembers it', async () => {
    aBrowser(true);
    await openPanel(busyState(), '/');
    expect(document.documentElement.classList.contains('dark')).toBe(true);
    await click(userMenu());
    await choose('Theme', 'light');
    expect(document.documentElement.classList.contains('dark')).toBe(false);
    expect(localStorage.getItem('stock-relay.theme')).toBe('light');
  });
});

describe('the user menu', () => {
  const isOpen = () => userMenu().getAttribute('aria-expanded') === 'true' && allByRole('combobox', 'Theme').length > 0;
  const leaveFor = (target: Element) =>
    userMenu().dispatchEvent(new FocusEvent('focusout', { bubbles: true, relatedTarget: target }));

  it('says who is logged in and as what, and leads to the settings', async () => {
    const panel = await openPanel(busyState(), '/');
    expect(isOpen()).toBe(false);
    await click(userMenu());
    const sheet = document.getElementById(userMenu().getAttribute('aria-controls') ?? '');
    expect(sheet?.textContent).toMatch(/owner@example\.com\s*Owner/);
    await click(byRole('link', 'Settings'));
    expect(panel.router.currentRoute.value.name).toBe('settings-account');
    expect(isOpen()).toBe(false);
  });

  it('is closed by Escape, which gives the focus back to what opened it', async () => {
    await openPanel(busyState(), '/');
    await click(userMenu());
    const language = byRole('combobox', 'Language');
    language.focus();
    language.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    await settle();
    expect(isOpen()).toBe(false);
    expect(document.activeElement).toBe(userMenu());
  });

  it('stays open while the focus is in it, and closes when it goes elsewhere, or a press does', async () => {
    await openPanel(busyState(), '/');
    await click(userMenu());
    leaveFor(byRole('combobox', 'Theme'));
    byRole('combobox', 'Theme').dispatchEvent(new Event('pointerdown', { bubbles: true }));
    await settle();
    expect(isOpen()).toBe(true);
    leaveFor(byRole('link', 'Products'));
    await settle();
    expect(isOpen()).toBe(false);
    await click(userMenu());
    document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }));
    await settle();
    expect(isOpen()).toBe(false);
  });

  it.each([
    ['the log-in', '/login'],
    ['the set-up of the first owner', '/setup#token=right-token'],
    ['an invitation', '/join#token=abc'],
  ])('offers %s language and theme, and nothing that needs a user', async (_, path) => {
    await openPanel(loggedOut({ setupNeeded: path.startsWith('/setup') }), path);
    await click(byRole('button', 'Language and theme: English'));
    await choose('Theme', 'dark');
    expect(document.documentElement.classList.contains('dark')).toBe(true);
    expect(allByRole('button', 'Log out')).toHaveLength(0);
    expect(allByRole('link', 'Settings')).toHaveLength(0);
    await choose('Language', 'ro');
    expect(byRole('button', 'Limbă și temă: Română').textContent).toBe('Română');
  });
});

describe('the shell', () => {
  it('takes the focus to the heading of the next page', async () => {
    await openPanel(busyState(), '/');
    await click(byRole('link', 'Connections'));
    expect(document.activeElement).toBe(byRole('heading', 'Connections'));
    expect(byRole('link', 'Connections').getAttribute('aria-current')).toBe('page');
  });

  it('has a link that skips to the content', async () => {
    await openPanel(busyState(), '/');
    await click(byRole('link', 'Skip to content'));
    expect(document.activeElement?.id).toBe('content');
  });
});

describe('the overview', () => {
  const headline = () => document.querySelector('.headline h2')?.textContent;
  const onHold = aShop({ circuit: { state: 'open', failure: null, openedAt: ago(5), probeAt: null } });

  it.each<[string, Partial<FakeState>]>([
    ['Nothing has arrived yet', {}],
    ['All 2 products proven equal', { items: [anItem(1), anItem(2)] }],
    ['One product needs you', { items: [anItem(1), anItem(2, { status: 'failed' })] }],
    ['One product is on its way', { items: [anItem(1), anItem(2, { status: 'unverified' })] }],
    ['One product is on its way', { items: [anItem(1), anItem(2, { status: 'due' })], connections: [aConnection()] }],
    [
      'One product compared, nothing written (test mode)',
      { items: [anItem(2, { status: 'due', dueAt: null })], connections: [aConnection({ mode: 'test' })] },
    ],
    ['The one product is offline', { items: [anItem(1, { status: 'offline' })] }],
    ['On hold: Ceramics by Ana', { items: [anItem(1)], shops: [onHold] }],
    [
      'On hold: Ceramics by Ana; 2 products wait',
      {
        items: [anItem(1, { status: 'due' }), anItem(2, { status: 'retrying' }), anItem(3, { status: 'failed' })],
        shops: [onHold],
        problems: [aProblem('shop_timeout', 2, { about: 'shop' })],
      },
    ],
    [
      '3 products need you, for 2 reasons',
      {
        items: [1, 2, 3].map((id) => anItem(id, { status: 'failed' })),
        problems: [
          aProblem('stock_not_managed', 2),
          aProblem('product_unmatched', 1),
          aProblem('shop_server_error', 4, { asks: false }),
        ],
      },
    ],
  ])('says “%s”', async (words, more) => {
    await openPanel({ ...emptyState(), ...more }, '/');
    expect(headline()).toBe(words);
  });

  it('never says of what waits for a shop on hold that it is on its way', async () => {
    const items = [
      ...[1, 2, 3].map((id) => anItem(id, { status: 'due' })),
      anItem(4, { status: 'failed' }),
      anItem(5, { status: 'failed' }),
    ];
    const problems = [aProblem('shop_timeout', 2, { about: 'shop' }), aProblem('stock_not_managed', 2)];
    await openPanel({ ...emptyState(), items, shops: [onHold], connections: [aConnection()], problems }, '/');
    expect(document.querySelector('.headline p')?.textContent).toBe(
      '2 products need you, for one reason. One more is on its way.',
    );
  });

  it('leads from what needs somebody to its causes, which the navigation counts', async () => {
    await openPanel(
      { ...emptyState(), items: [anItem(1, { status: 'failed' })], problems: [aProblem('stock_not_managed', 1)] },
      '/',
    );
    expect(byRole('link', 'See what needs you').getAttribute('href')).toBe('/problems');
    expect(
      byRole('link', /^Needs you/)
        .querySelector('[title]')
        ?.getAttribute('title'),
    ).toBe('one cause needs you');
  });

  it('tells of levels that cannot be read and of flows that were missed, in the language chosen', async () => {
    localStorage.setItem('stock-relay.language', 'es');
    await openPanel({ ...busyState(), notifications: someAlarms() }, '/');
    expect(pageText()).toContain('Accounting: no se puede leer su stock');
    expect(pageText()).toContain('El flujo «Comprobación con la tienda» de Accounting debía empezar');
    expect(byRole('link', 'A las ejecuciones').getAttribute('href')).toBe('/runs');
  });

  it('says what could not be loaded instead of “nothing”', async () => {
    const panel = await openPanel(busyState(), '/pushes');
    panel.down = true;
    await click(byRole('link', 'Overview'));
    expect(byRole('alert').textContent).toContain('The overview could not be loaded');
    expect(pageText()).not.toContain('Nothing has arrived yet');
  });
});

describe('the products', () => {
  it('are shown with their figures, and say why one does not move', async () => {
    await openPanel(busyState(), '/products');
    const row = allByRole('row').find((one) => one.textContent?.includes('Tea pot'));
    expect(row?.textContent).toContain('Failed');
    expect(row?.textContent).toContain('Stock management is off for product 102, so WooCommerce ignores the number.');
    expect(byRole('link', /^All 69$/)).toBeTruthy();
  });

  it('say that they are loading', async () => {
    const panel = await openPanel(busyState(), '/');
    panel.silent = true;
    await click(byRole('link', 'Products'));
    expect(allByRole('status').map((one) => one.textContent)).toContain('Loading…');
    expect(pageText()).not.toContain('Nothing has arrived yet');
  });

  it('say that they could not be loaded, never that there are none', async () => {
    const panel = await openPanel(busyState(), '/');
    panel.down = true;
    await click(byRole('link', 'Products'));
    expect(byRole('alert').textContent).toContain('The products could not be loaded');
    expect(pageText()).not.toContain('Nothing has arrived yet');
    panel.down = false;
    await click(byRole('button', 'Try again'));
    expect(allByRole('alert')).toHaveLength(0);
    expect(allByRole('row').length).toBeGreaterThan(15);
  });

  it('say that none has arrived, or that none fits', async () => {
    await openPanel(emptyState(), '/products');
    expect(pageText()).toContain('Nothing has arrived yet');
    closePanels();
    await openPanel(busyState(), '/products?q=nothing-like-this');
    expect(pageText()).toContain('No product fits this filter');
    await click(byRole('button', 'Clear the filter'));
    expect(allByRole('row').length).toBeGreaterThan(15);
  });

  it('keep what was shown when an update fails, and say so', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const panel = await openPanel(busyState(), '/products');
      panel.down = true;
      await jest.advanceTimersByTimeAsync(2600);
      await settle();
      expect(byRole('alert').textContent).toContain('Could not be updated');
      expect(allByRole('row').length).toBeGreaterThan(15);
    } finally {
      jest.useRealTimers();
    }
  });

  it('are asked for again every 2.5 seconds, not while paused or hidden', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const panel = await openPanel(busyState(), '/products');
      // The navigation asks too, for one row and the counts.
      const asked = () => panel.calls.filter(({ path, query }) => path === '/items' && query['limit'] !== '1').length;
      const before = asked();
      await jest.advanceTimersByTimeAsync(2600);
      await settle();
      expect(asked()).toBe(before + 1);
      await click(byRole('button', 'Pause'));
      await jest.advanceTimersByTimeAsync(10_000);
      expect(asked()).toBe(before + 1);
      await click(byRole('button', 'Continue'));
      expect(asked()).toBe(before + 2);
      const hidden = jest.spyOn(document, 'hidden', 'get').mockReturnValue(true);
      document.dispatchEvent(new Event('visibilitychange'));
      await jest.advanceTimersByTimeAsync(10_000);
      expect(asked()).toBe(before + 2);
      hidden.mockRestore();
      document.dispatchEvent(new Event('visibilitychange'));
      await settle();
      expect(asked()).toBe(before + 3);
    } finally {
      jest.useRealTimers();
    }
  });

  it('can be narrowed by status and search', async () => {
    const panel = await openPanel(busyState(), '/products');
    expect(pageText()).toContain('69 products');
    await click(byRole('link', /^No match/));
    expect(panel.router.currentRoute.value.query['status']).toBe('unmatched');
    expect(pageText()).toContain('One product');
    await fill('Search code, barcode or name', 'soup');
    byRole('search').dispatchEvent(new Event('submit'));
    await settle();
    expect(panel.router.currentRoute.value.query['q']).toBe('soup');
    expect(pageText()).toContain('Soup plate');
  });

  it('are taken offline from the row, and brought back by Undo', async () => {
    const panel = await openPanel(busyState(), '/products');
    await click(byRole('button', 'Actions for Blue mug, 300 ml'));
    expect(document.activeElement).toBe(byRole('menuitem', 'Sync now'));
    await click(byRole('menuitem', 'Take offline'));
    expect(panel.state.items[0]?.status).toBe('offline');
    expect(pageText()).toContain('Blue mug, 300 ml is offline.');
    await click(byRole('button', 'Undo'));
    expect(panel.state.items[0]?.status).toBe('synced');
    expect(pageText()).toContain('Undone for one product.');
    const posts = panel.calls.filter(({ method }) => method === 'POST');
    expect(posts.map(({ path, body }) => [path, body])).toEqual([
      ['/items/actions', { action: 'offline', ids: [1] }],
      ['/items/actions/1/undo', {}],
    ]);
  });

  it('open with failure, cure and timeline, and can be linked by hand', async () => {
    const panel = await openPanel(busyState(), '/products?item=4');
    const dialog = byRole('dialog', 'Egg cup');
    expect(dialog.textContent).toContain('2 products in the shop fit: #118 Egg cup, #240 Egg cup (old).');
    expect(dialog.textContent).toContain('or link the right one by hand');
    expect(dialog.textContent).toContain('Found in the shop by its code: “Blue mug, 300 ml” (SKU A-1).');
    expect(dialog.textContent).toContain('by owner@example.com');
    expect(dialog.textContent).toContain('A rule of a newer version changed this.');
    await click(byRole('button', 'Link'));
    expect(dialog.textContent).toContain('Enter the product’s ID');
    await fill('Product ID in the shop', '118');
    await click(byRole('button', 'Link'));
    expect(panel.calls.filter(({ path }) => path === '/items/4/link').map(({ body }) => body)).toEqual([
      { productId: 118, variationId: null },
    ]);
  });
});

describe('the set-up', () => {
  const current = () => document.querySelector('[aria-current=step]')?.textContent?.replace(/\s+/g, ' ').trim();

  it('begins with the shop, saves it, tests it and shows every check', async () => {
    const panel = await openPanel({ ...emptyState(), doctor: strippedChecks() }, '/wizard');
    expect(current()).toContain('Connect the shop');
    await click(byRole('button', 'Save and test'));
    expect(byRole('alert').textContent).toContain('4 fields need correcting');
    await fill('Name of the shop', 'Ceramics');
    await fill('Address of the shop', 'https://shop.example.com');
    await fill('Consumer key', '  ck_1 ');
    await fill('Consumer secret', 'cs_2');
    await click(byRole('button', 'Save and test'));
    const [made] = panel.calls.filter(({ method, path }) => method === 'POST' && path === '/shops');
    expect(made?.body).toMatchObject({ consumerKey: 'ck_1', consumerSecret: 'cs_2', allowQueryKeys: false });
    expect(pageText()).toContain('The shop is not ready yet');
    expect(pageText()).toContain('The shop’s server drops the header that carries the keys.');
    expect(pageText()).toContain('Not checked, since something before it failed.');
    // The keys are masked from now on, and the consent is offered.
    expect(allByRole('textbox', 'Consumer key')).toHaveLength(0);
    await click(byRole('switch', 'Allow keys in the address'));
    await click(byRole('button', 'Save and test again'));
    const [changed] = panel.calls.filter(({ method }) => method === 'PATCH');
    expect(changed?.body).toEqual({
      name: 'Ceramics',
      url: 'https://shop.example.com',
      verifyTls: true,
      allowQueryKeys: true,
    });
    expect(pageText()).toContain('The shop is ready');
    await click(byRole('button', 'Next'));
    expect(current()).toContain('Choose the source');
  });

  it('replaces keys only when asked to', async () => {
    const shop = aShop({ lastTest: { ok: false, testedAt: ago(5), checks: strippedChecks() } });
    const panel = await openPanel({ ...emptyState(), shops: [shop], doctor: goodChecks() }, '/wizard');
    await click(byRole('button', 'Replace keys'));
    await fill('Consumer key', 'ck_new');
    await fill('Consumer secret', 'cs_new');
    await click(byRole('button', 'Save and test again'));
    const [changed] = panel.calls.filter(({ method }) => method === 'PATCH');
    expect(changed?.body).toMatchObject({ consumerKey: 'ck_new', consumerSecret: 'cs_new' });
  });

  it('makes a SmartBill source and shows its token once, with where to paste it', async () => {
    const panel = await openPanel({ ...emptyState(), shops: [aShop()] }, '/wizard');
    expect(current()).toContain('Choose the source');
    await fill('Name of the source', 'Accounting');
    await fill('E-mail of the SmartBill account', 'owner@example.com');
    await fill('API token', 'secret');
    await fill('VAT code of the company', 'RO1');
    await click(byRole('button', 'Save and continue'));
    const [made] = panel.calls.filter(({ method, path }) => method === 'POST' && path === '/sources');
    expect(made?.body).toEqual({
      kind: 'smartbill',
      name: 'Accounting',
      settings: { email: 'owner@example.com', apiToken: 'secret', vatCode: 'RO1' },
    });
    expect(current()).toContain('Copy address and token');
    expect(pageText()).toContain('tok_shown-once-7Hq2');
    expect(pageText()).toContain('Contul Meu > Integrari > Sincronizare stocuri');
    expect(pageText()).toContain('Testeaza conexiunea');
    await click(byRole('button', 'Copy Token'));
    expect(navigator.clipboard.writeText).toHaveBeenCalledWith('tok_shown-once-7Hq2');
    expect(allByRole('status').map((one) => one.textContent?.trim())).toContain('Copied: Token');
  });

  it('hears the first call by itself', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const source = aSource({ lastTestAt: null, lastPushAt: null });
      const panel = await openPanel({ ...emptyState(), shops: [aShop()], sources: [source] }, '/wizard');
      expect(pageText()).toContain('Waiting for the first call…');
      source.lastRefusedAt = ago(5);
      source.lastRefusal = 'token_wrong';
      await jest.advanceTimersByTimeAsync(2100);
      await settle();
      expect(pageText()).toMatch(/Refused at .*: wrong token/);
      source.lastTestAt = ago(1);
      await jest.advanceTimersByTimeAsync(2100);
      await settle();
      expect(pageText()).toContain('Test received at');
      expect(panel.router.currentRoute.value.name).toBe('wizard');
      expect(current()).toContain('Copy address and token');
    } finally {
      jest.useRealTimers();
    }
  });

  it('gives other systems a call to copy, with a placeholder once the token is gone', async () => {
    const source = aSource({ kind: 'generic', lastTestAt: null, lastPushAt: null });
    await openPanel({ ...emptyState(), shops: [aShop()], sources: [source] }, '/wizard');
    expect(pageText()).toContain(`curl -X POST '${source.pushUrl}'`);
    expect(pageText()).toContain('Authorization: Bearer YOUR_TOKEN');
    await click(byRole('button', /^Make a new token/));
    await click(byRole('button', 'Make a new token'));
    expect(pageText()).toContain('Authorization: Bearer tok_new-9Kd1');
  });

  it('connects chosen warehouses, one of them typed by hand', async () => {
    const source = aSource({ lastPushAt: null });
    const panel = await openPanel(
      { ...emptyState(), shops: [aShop()], sources: [source], warehouses: ['Depozit', 'Magazin'] },
      '/wizard',
    );
    expect(current()).toContain('Choose warehouses');
    await click(byRole('radio', 'Only chosen warehouses'));
    await click(byRole('button', 'Connect'));
    expect(byRole('alert').textContent).toContain('Choose at least one warehouse.');
    await click(byRole('checkbox', 'Depozit'));
    await fill('Another warehouse', 'Subsol');
    await click(byRole('button', 'Connect'));
    const [made] = panel.calls.filter(({ method, path }) => method === 'POST' && path === '/connections');
    expect(made?.body).toEqual({
      sourceId: 1,
      shopId: 1,
      warehouses: ['Depozit', 'Subsol'],
      mode: 'test',
      matchBy: ['code', 'name'],
      allowNameAfterCode: false,
      holdErrors: false,
      rules: { buffer: '0', packSize: '1', rounding: 'down', negative: 'zero' },
      categoryBuffers: [],
      unmanaged: 'report',
      onDifference: 'repair',
      orders: { knownBy: 'level', statuses: [], metaKey: null, afterHours: 72 },
    });
    expect(current()).toContain('See the first push');
  });

  it('holds errors until somebody handles them, where that is asked for', async () => {
    const panel = await openPanel({ ...emptyState(), shops: [aShop()], sources: [aSource()] }, '/wizard');
    await click(byRole('switch', 'Hold errors until I handle them'));
    await click(byRole('button', 'Connect'));
    expect(panel.state.connections[0]?.holdErrors).toBe(true);
  });

  it.each([
    ['Correct it', 'repair'],
    ['Keep it until the source changes', 'keep'],
    ['Ask me', 'report'],
  ])('does with numbers changed in the shop as is asked for: %s', async (choice, onDifference) => {
    const panel = await openPanel({ ...emptyState(), shops: [aShop()], sources: [aSource()] }, '/wizard');
    await click(byRole('radio', choice));
    await click(byRole('button', 'Connect'));
    expect(panel.state.connections[0]).toMatchObject({ onDifference, unmanaged: 'report' });
  });

  it('shows the first products arriving and is then complete', async () => {
    await openPanel({ ...busyState(), items: [anItem(1, { name: 'Blue mug' })] }, '/wizard');
    expect(current()).toContain('Preview and go live');
    expect(pageText()).toContain('Accounting → Ceramics by Ana is live');
    expect(pageText()).toContain('One product has arrived');
    expect(byRole('link', 'To the products')).toBeTruthy();
  });

  it('shows what would change before it goes live, and does so on the same page', async () => {
    const state = { ...busyState(), items: [anItem(1, { name: 'Blue mug' })] };
    const [connection] = state.connections;
    if (connection) connection.mode = 'test';
    await openPanel(state, '/wizard');
    expect(current()).toContain('Preview and go live');
    await click(byRole('button', 'Go live'));
    expect(state.connections[0]?.mode).toBe('live');
    expect(pageText()).toContain('Accounting → Ceramics by Ana is live');
  });

  describe('where a shop can give its keys by itself', () => {
    const leave = jest.fn();
    beforeEach(() => {
      leave.mockReset();
      leaving.to = leave;
    });

    it('asks for the address alone, and leads to the shop’s own page', async () => {
      const state = { ...emptyState(), approvals: true };
      await openPanel(state, '/wizard');
      expect(allByRole('textbox', 'Consumer key')).toEqual([]);
      await fill('Address of the shop', 'https://ceramics.example');
      await click(byRole('button', 'Approve in the shop'));
      expect(state.approvalAsked).toEqual({ name: 'ceramics.example', url: 'https://ceramics.example' });
      expect(leave).toHaveBeenCalledWith('https://ceramics.example/?wc-auth-version=1');
    });

    it('lets the keys be entered by hand all the same', async () => {
      await openPanel({ ...emptyState(), approvals: true }, '/wizard');
      await click(byRole('button', 'Enter the keys by hand'));
      expect(byRole('textbox', 'Consumer key')).toBeTruthy();
    });

    it('tests the shop at once when the person comes back with an approval', async () => {
      const state = { ...emptyState(), approvals: true, shops: [aShop({ lastTest: null })] };
      await openPanel(state, '/wizard?step=shop&success=1');
      expect(pageText()).toContain('The shop is ready');
    });

    it('says so when the shop gave no keys', async () => {
      await openPanel({ ...emptyState(), approvals: true }, '/wizard?step=shop&success=0');
      expect(pageText()).toContain('The shop did not give us keys');
    });
  });
});

describe('the connections', () => {
  it('lead to what going live would change, and switch nothing by themselves', async () => {
    const panel = await openPanel({ ...busyState(), connections: [aConnection({ mode: 'test' })] }, '/connections');
    await click(byRole('link', /^Go live/));
    expect(panel.router.currentRoute.value.fullPath).toBe('/connections/1/go-live');
    expect(panel.state.connections[0]?.mode).toBe('test');
  });

  it('say of a shop on hold what its cause and cure is, and resume it', async () => {
    const circuit = { state: 'open' as const, failure: failureView('keys_read_only'), openedAt: ago(9), probeAt: null };
    const panel = await openPanel({ ...busyState(), shops: [aShop({ circuit })] }, '/connections');
    expect(byRole('link', /See cause and cure$/).getAttribute('href')).toBe('/connections#shops');
    expect(pageText()).toContain('Accounting → Ceramics by AnaOn holdChanges wait; nothing is written now.');
    expect(pageText()).not.toContain('Every change of stock is written to the shop at once.');
    expect(pageText()).toContain('Last test: The shop is ready');
    expect(pageText()).toContain('The keys may read but not write.');
    expect(pageText()).toContain('set the key’s permissions to read/write');
    await click(byRole('button', /^Resume now/));
    expect(panel.state.shops[0]?.circuit.state).toBe('closed');
    expect(pageText()).not.toContain('On hold');
    expect(pageText()).toContain('Every change of stock is written to the shop at once.');
  });

  it('leave a connection in test mode as it is while its shop is on hold', async () => {
    const circuit = { state: 'open' as const, failure: null, openedAt: ago(9), probeAt: null };
    await openPanel(
      { ...busyState(), shops: [aShop({ circuit })], connections: [aConnection({ mode: 'test' })] },
      '/connections',
    );
    expect(pageText()).toContain('Everything is recorded and compared; nothing is written to the shop.');
    expect(pageText()).not.toContain('Changes wait; nothing is written now.');
  });

  it('switch a source off', async () => {
    const panel = await openPanel(busyState(), '/connections');
    await click(byRole('switch', 'Accept pushes'));
    expect(panel.state.sources[0]?.enabled).toBe(false);
    expect(pageText()).toContain('The source is switched off');
  });
});

describe('a push', () => {
  it('shows its lines, why one was rejected, and what was received', async () => {
    await openPanel(busyState(), '/pushes/2');
    expect(pageText()).toContain('The quantity is not a number.');
    expect(pageText()).toContain('12 accepted');
    expect(pageText()).toContain('"productCode": "A-1"');
  });
});
