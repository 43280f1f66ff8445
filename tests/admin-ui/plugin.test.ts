import { aBrowser, allByRole, byRole, click, closePanels, fill, openPanel, pageText, settle } from './support/panel';
import { aSession, busyState, emptyState, failureView, type FakeState } from './support/fake-api';
import { awayView, type FakeBridge, pairedView, slowView } from './support/fake-bridge';

const withPlugin = (more: Partial<FakeBridge> = {}, state = busyState()): FakeState => ({
  ...state,
  bridge: { ...state.bridge, ...more },
});
const folded = () => byRole('button', /^Plugin( |$)/);
const openPlugin = async (state: FakeState) => {
  const panel = await openPanel(state, '/connections');
  const details = folded().closest('details');
  if (!details) throw new Error('The plugin is not folded');
  details.open = true;
  details.dispatchEvent(new Event('toggle'));
  await settle();
  return { panel, details };
};
const asViewer = (state: FakeState): FakeState => ({
  ...state,
  session: aSession({ role: 'viewer' }),
});
const asked = ({ panel }: Awaited<ReturnType<typeof openPlugin>>, method: string, path: string) =>
  panel.calls.filter((call) => call.method === method && call.path === path);
const attempts = (opened: Awaited<ReturnType<typeof openPlugin>>) => asked(opened, 'POST', '/shops/1/bridge/pair');
const pass = async (ms: number) => {
  await jest.advanceTimersByTimeAsync(ms);
  await settle();
};

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  aBrowser();
});
afterEach(() => {
  closePanels();
  jest.useRealTimers();
});

describe('a plugin that is not paired', () => {
  it('says what it gains, where it is had, and that nothing needs it', async () => {
    await openPlugin(busyState());
    expect(folded().textContent).toContain('not paired');
    expect(pageText()).toContain('Everything works without it');
    expect(pageText()).toContain('Every stock change in the shop is told at once');
    expect(byRole('link', 'Download the plugin').getAttribute('href')).toBe('/api/v1/bridge/plugin.zip');
  });

  it('is no link where its file is not on the server', async () => {
    const state = busyState();
    state.bridge.view.download = false;
    await openPlugin(state);
    expect(allByRole('link', 'Download the plugin')).toHaveLength(0);
    expect(pageText()).toContain('npm run build');
  });

  it('is paired by a code that is shown with its link, and says so by itself', async () => {
    const state = busyState();
    const opened = await openPlugin(state);
    await click(byRole('button', /^Pair /));
    expect(pageText()).toContain('7K3F-9QXM-2WTB');
    expect(byRole('link', /^Open WordPress with the code filled in/).getAttribute('href')).toContain(
      'page=stock-relay&pair=7K3F-9QXM-2WTB',
    );
    expect(pageText()).toContain('Waiting for you to confirm it in WordPress');
    expect(folded().textContent).toContain('waiting to be confirmed in WordPress');
    await pass(3_100);
    expect(attempts(opened).map(({ body }) => body)).toEqual([{ code: '7K3F-9QXM-2WTB' }, { code: '7K3F-9QXM-2WTB' }]);
    state.bridge.attempt = 'paired';
    await pass(3_100);
    expect(pageText()).toContain('The plugin of Ceramics by Ana is paired.');
    expect(folded().textContent).toContain('in use');
    expect(pageText()).not.toContain('7K3F-9QXM-2WTB');
    const before = attempts(opened).length;
    await pass(20_000);
    expect(attempts(opened)).toHaveLength(before);
  });

  it('is waited for while another tab is in front, and not while the part is folded', async () => {
    const opened = await openPlugin(busyState());
    await click(byRole('button', /^Pair /));
    const hidden = jest.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    document.dispatchEvent(new Event('visibilitychange'));
    const before = attempts(opened).length;
    await pass(6_500);
    expect(attempts(opened).length).toBeGreaterThan(before + 1);
    hidden.mockRestore();
    opened.details.open = false;
    opened.details.dispatchEvent(new Event('toggle'));
    await settle();
    const folded = attempts(opened).length;
    await pass(10_000);
    expect(attempts(opened)).toHaveLength(folded);
    opened.details.open = true;
    opened.details.dispatchEvent(new Event('toggle'));
    await settle();
    expect(attempts(opened)).toHaveLength(folded + 1);
    expect(pageText()).toContain('7K3F-9QXM-2WTB');
  });

  it.each([
    ['wrong_code', 'Another code was entered in WordPress'],
    ['expired', 'Another code was entered in WordPress'],
    ['missing', 'The plugin does not answer in the shop yet'],
  ] as const)('while the shop answers %s, says so and goes on asking', async (attempt, says) => {
    const opened = await openPlugin(withPlugin({ attempt }));
    await click(byRole('button', /^Pair /));
    expect(pageText()).toContain(says);
    expect(pageText()).toContain('7K3F-9QXM-2WTB');
    const before = attempts(opened).length;
    await pass(7_000);
    expect(attempts(opened).length).toBeGreaterThan(before);
  });

  it('stops asking for a code whose time is over, or that a newer one replaced, and has a new one made', async () => {
    const opened = await openPlugin(withPlugin({ goodFor: 4 }));
    await click(byRole('button', /^Pair /));
    await pass(5_000);
    expect(pageText()).toContain('The code’s time is over');
    const before = attempts(opened).length;
    await pass(10_000);
    expect(attempts(opened)).toHaveLength(before);
    opened.panel.state.bridge.goodFor = 600;
    await click(byRole('button', /^Make a new code/));
    closePanels();
    const other = await openPlugin(withPlugin({ attempt: 'void' }));
    await click(byRole('button', /^Pair /));
    expect(pageText()).toContain('This code no longer counts');
    await pass(10_000);
    expect(attempts(other)).toHaveLength(1);
    expect(byRole('button', /^Make a new code/)).toBeTruthy();
  });

  it('says that the shop could not be asked', async () => {
    const opened = await openPlugin(busyState());
    await click(byRole('button', /^Pair /));
    opened.panel.down = true;
    await pass(3_100);
    expect(
      allByRole('alert')
        .map(({ textContent }) => textContent)
        .join(' '),
    ).toContain('The shop could not be asked');
  });
});

describe('a paired plugin', () => {
  it('says who paired it, its versions, and what it has yet to tell', async () => {
    await openPlugin(withPlugin({ view: pairedView() }));
    expect(pageText()).toContain('Ana (ana@shop.example)');
    expect(pageText()).toContain('Stock Relay 1.0.0 · WordPress 6.9.1 · WooCommerce 10.5.2 · PHP 8.2.0');
    expect(pageText()).toContain('Stock changes it has yet to tellNone');
    expect(pageText()).not.toContain('clock');
  });

  it('that is away says since when, why, and what cures it', async () => {
    await openPlugin(withPlugin({ view: awayView() }));
    expect(folded().textContent).toContain('away');
    expect(pageText()).toMatch(/Away since .+: stock goes by WooCommerce’s own REST API/);
    expect(pageText()).toContain('Activate the plugin in the shop to go fast again.');
    expect(byRole('button', /^Pair anew/)).toBeTruthy();
  });

  it('that goes the slow way says why, and what is wrong with clock, events, door and calls', async () => {
    await openPlugin(withPlugin({ view: slowView() }));
    expect(folded().textContent).toContain('in use, the slow way');
    expect(pageText()).toContain('Another plugin saves products while it is told of their new stock');
    expect(pageText()).toContain('old-erp');
    expect(pageText()).toContain('The shop’s clock is 2 min 20 sec behind ours');
    expect(pageText()).toMatch(/yet to tell ?3 ?The oldest is from/);
    expect(pageText()).toContain('Telling us failed last: cURL error 28');
    expect(pageText()).toContain('drops the Authorization header');
    expect(pageText()).toContain('one lately');
    expect(pageText()).toContain('Signed too long ago, or the clocks differ');
  });

  it('that came back says what its last trouble was', async () => {
    const lastFailure = failureView('bridge_capability');
    const view = pairedView({ lastFailure, lastFailureAt: awayView().awaySince });
    await openPlugin(withPlugin({ view }));
    expect(pageText()).toContain('The WordPress user who paired the plugin may no longer edit products.');
  });

  it('is given a new secret, and let go of only when that was asked for twice', async () => {
    const opened = await openPlugin(withPlugin({ view: pairedView(), isTold: false }));
    await click(byRole('button', /^New secret/));
    expect(asked(opened, 'POST', '/shops/1/bridge/rotate')).toHaveLength(1);
    expect(pageText()).toContain('The plugin of Ceramics by Ana has a new secret.');
    await click(byRole('button', /^Unpair Ceramics/));
    expect(asked(opened, 'DELETE', '/shops/1/bridge')).toHaveLength(0);
    await pass(500);
    expect(pageText()).toContain('It cannot be taken back');
    await click(byRole('button', 'Unpair'));
    expect(asked(opened, 'DELETE', '/shops/1/bridge')).toHaveLength(1);
    expect(pageText()).toContain('The shop could not be told: end it in WordPress too.');
    expect(folded().textContent).toContain('not paired');
  });

  it('shows its state to who may not change it, and no button', async () => {
    await openPlugin(asViewer(withPlugin({ view: awayView() })));
    expect(pageText()).toContain('Activate the plugin in the shop to go fast again.');
    expect(allByRole('button', /^(Pair|New secret|Unpair)/)).toHaveLength(0);
    closePanels();
    await openPlugin(asViewer(busyState()));
    expect(pageText()).toContain('An owner can pair it here.');
    expect(allByRole('button', /^Pair/)).toHaveLength(0);
  });
});

describe('the log-in page after WordPress', () => {
  const out = (): FakeState => ({ ...emptyState(), session: null });

  it.each([
    ['stock_relay_late', 'took more than a minute'],
    ['stock_relay_replayed', 'has been used already'],
    ['forbidden', 'Nobody here has an account for your WordPress user.'],
    ['something_new', 'Log in here with e-mail and password.'],
    ['title', 'Log in here with e-mail and password.'],
  ])('says why it could not let in: %s', async (why, says) => {
    await openPanel(out(), `/login?why=${why}`);
    expect(pageText()).toContain('WordPress could not let you in here');
    expect(pageText()).toContain(says);
    expect(byRole('button', 'Log in')).toBeTruthy();
  });

  it('says nothing to who came by themselves', async () => {
    await openPanel(out(), '/login');
    expect(pageText()).not.toContain('WordPress');
  });

  it('asks for the second factor, proves it with what stood behind the anchor, and leaves that in no address', async () => {
    const state = out();
    const panel = await openPanel(
      state,
      `/login?why=second_factor_needed#challenge=challenge-1&expires=${Date.now() + 60_000}`,
    );
    expect(panel.router.currentRoute.value.fullPath).toBe('/login');
    await settle();
    await fill('Code', '123456');
    await click(byRole('button', 'Log in'));
    const [proved] = panel.calls.filter(({ path }) => path === '/session/second-factor');
    expect(proved?.body).toEqual({ challenge: 'challenge-1', code: '123456' });
  });
});
