import {
  aBrowser,
  allByRole,
  byRole,
  choose,
  click,
  closePanels,
  fill,
  openPanel,
  type Panel,
  pageText,
  settle,
} from './support/panel';
import { ago, aNotice, aNoticeWebhook, busyState, failureView, someAlarms, type FakeState } from './support/fake-api';
import type { Notification } from '../../admin-ui/src/api/notifications';

beforeEach(() => aBrowser());
afterEach(closePanels);

const alarmed = (more: Partial<FakeState> = {}): FakeState => ({
  ...busyState(),
  notifications: someAlarms(),
  ...more,
});
const bell = () => byRole('button', /^Notices,/);
const drawer = () => byRole('dialog', 'Notices');
const asked = (calls: Panel['calls'], method: string, path: string) =>
  calls.filter((call) => call.method === method && call.path === path);

describe('the bell', () => {
  it('has the count of what is unread in its name', async () => {
    const panel = await openPanel(alarmed(), '/products');
    expect(bell().getAttribute('aria-label')).toBe('Notices, unread: 3');
    expect(bell().getAttribute('aria-expanded')).toBe('false');
    // What was there when the page was opened is not news; what comes after is said aloud.
    expect(pageText()).not.toContain('New notices');
    panel.state.notifications = panel.state.notifications.map((notice) => ({ ...notice, unread: true }));
    document.dispatchEvent(new Event('visibilitychange'));
    await settle();
    expect(allByRole('status').map((region) => region.textContent)).toContain('New notices: 6');
    closePanels();
    await openPanel(busyState(), '/products');
    expect(bell().getAttribute('aria-label')).toBe('Notices, nothing unread');
  });

  it('lists what lasts first, then what has healed, each leading to the trouble itself', async () => {
    const { router } = await openPanel(alarmed(), '/products');
    await click(bell());
    const titles = [...drawer().querySelectorAll('a.open')].map((link) => link.textContent?.trim());
    expect(titles).toHaveLength(6);
    expect(titles.at(-1)).toMatch(/^Till has fallen silent/);
    expect(drawer().textContent).toContain('1,284');
    expect(drawer().textContent).toContain('Stops work');
    await click(byRole('link', /products without a match/));
    expect(router.currentRoute.value.fullPath).toBe('/match?connection=1');
    expect(bell().getAttribute('aria-expanded')).toBe('false');
  });

  it('names the cause of products in error, and of one cause how many', async () => {
    const failed = (id: number, failure: Notification['failure'], n: number) =>
      aNotice({
        id,
        kind: 'products_failed',
        shopName: 'Ceramics by Ana',
        sourceName: 'Till',
        connectionId: 1,
        failure,
        params: { n },
        raisedAt: ago(60),
      });
    const notifications = [
      failed(1, failureView('stock_not_managed', { productId: 4 }), 2),
      failed(2, failureView('shop_refused_item', { code: 'woocommerce_rest_invalid' }), 1),
    ];
    await openPanel({ ...busyState(), notifications }, '/notices');
    expect(pageText()).toContain('Till → Ceramics by Ana: Stock management is off in WooCommerce');
    expect(pageText()).toContain('Products that are not written because of it: 2.');
    expect(pageText()).toContain('Till → Ceramics by Ana: The shop refuses the product (woocommerce_rest_invalid)');
  });

  it('marks all as read, up to the newest that was shown', async () => {
    const panel = await openPanel(alarmed(), '/products');
    await click(bell());
    await click(byRole('button', 'Mark all as read'));
    const [call] = asked(panel.calls, 'POST', '/notifications/read');
    const newest = someAlarms()
      .map(({ newsAt }) => newsAt)
      .sort()
      .at(-1);
    expect(call).toMatchObject({ body: { until: newest } });
    expect(bell().getAttribute('aria-label')).toBe('Notices, nothing unread');
    expect(allByRole('button', 'Mark all as read')).toHaveLength(0);
  });

  it('says when nothing is wrong', async () => {
    await openPanel(busyState(), '/products');
    await click(bell());
    expect(drawer().textContent).toContain('Nothing is wrong');
  });

  it('that could not be loaded says so, instead of that nothing is wrong', async () => {
    const panel = await openPanel(busyState(), '/products');
    panel.down = true;
    await click(bell());
    document.dispatchEvent(new Event('visibilitychange'));
    await settle();
    expect(drawer().textContent).toContain('The notices could not be loaded');
  });
});

describe('the page of notices', () => {
  it('lists all, and by state', async () => {
    const { router } = await openPanel(alarmed(), '/notices');
    expect(document.querySelectorAll('main a.open')).toHaveLength(6);
    await click(byRole('link', 'Over'));
    expect(router.currentRoute.value.fullPath).toBe('/notices?state=healed');
    expect(document.querySelectorAll('main a.open')).toHaveLength(1);
    expect(pageText()).toContain('One notice shown');
    await click(byRole('link', 'Open'));
    expect(document.querySelectorAll('main a.open')).toHaveLength(5);
  });

  it('is saved whole as a file, as it is narrowed', async () => {
    await openPanel(alarmed(), '/notices?state=open');
    const address = byRole('link', 'Export as CSV: the notices').getAttribute('href');
    expect(address).toBe('/api/v1/notifications.csv?state=open');
  });
});

describe('the settings of notifications', () => {
  const at = '/settings/notifications';

  it('say what each kind does, and save what was chosen', async () => {
    const panel = await openPanel(alarmed(), at);
    expect((byRole('combobox', 'E-mail for: A shop is not called any more') as HTMLSelectElement).value).toBe(
      'at_once',
    );
    await choose('E-mail for: A source has fallen silent', 'never');
    await choose('Digest', 'hour');
    await click(byRole('switch', 'Quiet hours'));
    await fill('From', '23:15');
    await click(byRole('button', /^Save/));
    const [call] = asked(panel.calls, 'PATCH', '/notice-settings');
    expect(call?.body).toMatchObject({
      digest: { every: 'hour' },
      timeZone: 'Europe/Bucharest',
      quiet: { fromMinute: 23 * 60 + 15, toMinute: 7 * 60 },
      stopsPass: true,
    });
    expect(call?.body['kinds']).toContainEqual({ kind: 'source_silent', mail: 'never' });
    expect(pageText()).toContain('Your choice has been saved.');
  });

  it('name a wrong time beside its field, and send nothing', async () => {
    const panel = await openPanel(alarmed(), at);
    await click(byRole('switch', 'Quiet hours'));
    await fill('From', '07:00');
    await click(byRole('button', /^Save/));
    expect(pageText()).toContain('The hours must not begin and end at the same time.');
    expect(asked(panel.calls, 'PATCH', '/notice-settings')).toHaveLength(0);
  });

  it('send a test, and say why it cannot be sent', async () => {
    const panel = await openPanel(alarmed(), at);
    await click(byRole('button', 'Send me a test'));
    expect(pageText()).toContain('The test is on its way to owner@example.com.');
    panel.state.testFault = { status: 503, code: 'mail_refused' };
    await click(byRole('button', 'Send me a test'));
    expect(document.querySelector('.toast.failed')).not.toBeNull();
  });

  it('show the last error of sending, and what waits', async () => {
    const state = alarmed();
    state.noticeSettings.mail = {
      ...state.noticeSettings.mail,
      waiting: 2,
      failure: failureView('mail_login_refused', {}, '535 no'),
      failedAt: new Date().toISOString(),
    };
    await openPanel(state, at);
    expect(pageText()).toContain('The mail server does not accept user and password.');
    expect(pageText()).toContain('Waiting: 2');
  });

  it('say where there is no mail server, and leave nothing to choose that would do nothing', async () => {
    const state = alarmed();
    state.noticeSettings.mail = { ...state.noticeSettings.mail, isConfigured: false };
    await openPanel(state, at);
    expect(pageText()).toContain('E-mails are switched off');
    expect((byRole('combobox', /^E-mail for: A run has failed/) as HTMLSelectElement).disabled).toBe(true);
    expect(allByRole('button', 'Send me a test')).toHaveLength(0);
  });

  it('add a webhook, whose secret is shown once, try it and remove it', async () => {
    const panel = await openPanel(alarmed(), at);
    await fill('Address', 'hooks.example.com');
    await click(byRole('button', 'Add webhook'));
    expect(pageText()).toContain('Enter an address that begins with https:// or http://.');
    await fill('Address', 'https://hooks.example.com/x');
    await click(byRole('button', 'Add webhook'));
    expect(pageText()).toContain('whsec_shown-once-4Kd9');
    await click(byRole('button', /^Send a test/));
    expect(pageText()).toContain('The receiver took the test.');
    await click(byRole('button', /^Remove/));
    const confirm = [...byRole('dialog').querySelectorAll('button')].find(
      (one) => one.textContent?.trim() === 'Remove',
    );
    await click(confirm as HTMLElement);
    expect(panel.state.noticeWebhooks).toEqual([]);
    expect(pageText()).not.toContain('whsec_shown-once-4Kd9');
  });

  it('show a webhook that does not take what it is told; webhooks are the owner’s alone', async () => {
    const failing = aNoticeWebhook({ waiting: 3, failure: failureView('webhook_refused', { status: 500 }) });
    await openPanel(alarmed({ noticeWebhooks: [failing] }), at);
    expect(pageText()).toContain('The webhook’s receiver answered with status 500.');
    closePanels();
    const state = alarmed();
    state.session = { ...state.session!, user: { ...state.session!.user, role: 'operator' } };
    const panel = await openPanel(state, at);
    expect(pageText()).not.toContain('Webhooks');
    expect(asked(panel.calls, 'GET', '/notice-webhooks')).toHaveLength(0);
  });

  it('that could not be loaded are not shown as chosen', async () => {
    const panel = await openPanel(alarmed(), '/products');
    panel.down = true;
    await panel.router.push(at);
    await settle();
    expect(pageText()).toContain('Your settings could not be loaded');
    expect(allByRole('combobox', /^E-mail for/)).toHaveLength(0);
  });
});
