import { aBrowser, allByRole, byRole, click, closePanels, openPanel, pageText } from './support/panel';
import { aConnection, aGoLivePreview, busyState, someAlarms } from './support/fake-api';
import type { FakeState } from './support/fake-api';

beforeEach(() => aBrowser());
afterEach(closePanels);

const PATH = '/connections/1/go-live';
const inTest = (more: Parameters<typeof aGoLivePreview>[0] = {}): FakeState => ({
  ...busyState(),
  connections: [aConnection({ mode: 'test' })],
  goLive: aGoLivePreview(more),
});
const button = () => byRole('button', 'Go live') as HTMLButtonElement;

describe('going live', () => {
  it('says in words what it would change, with the first changes', async () => {
    await openPanel(inTest(), PATH);
    const text = pageText();
    expect(text).toContain('3 products get another number');
    expect(text).toContain('61 are equal already');
    expect(byRole('link', '2 are not found in the shop').getAttribute('href')).toBe(
      '/match?connection=1&status=unmatched',
    );
    expect(text).toContain('4 → 7');
    expect(text).toContain('– → 2');
    expect(text).not.toContain('have failed');
  });

  it('is one step, and another back from the toast', async () => {
    const panel = await openPanel(inTest(), PATH);
    expect(button().disabled).toBe(false);
    await click(button());
    expect(panel.state.connections[0]?.mode).toBe('live');
    expect(panel.router.currentRoute.value.name).toBe('connections');
    expect(pageText()).toContain('Accounting → Ceramics by Ana is live.');
    await click(byRole('button', 'Undo'));
    expect(panel.state.connections[0]?.mode).toBe('test');
  });

  it('names what stands in the way, and leads to where it is solved', async () => {
    await openPanel(inTest({ obstacles: ['shop_not_tested', 'not_all_compared'] }), PATH);
    expect(button().disabled).toBe(true);
    expect(pageText()).toContain('The shop has not passed its connection test');
    expect(pageText()).toContain('The shop is in use');
    expect(byRole('link', 'To the shop').getAttribute('href')).toBe('/connections#shops');
    expect(byRole('link', 'To the products that wait').getAttribute('href')).toBe('/products?connection=1&status=due');
    expect(pageText()).toContain('Solve the open points above first.');
  });

  it('asks for a tick of its own where very many products go to 0', async () => {
    const panel = await openPanel(inTest({ obstacles: ['mass_zero'], massZero: { zeros: 210, inStock: 640 } }), PATH);
    expect(button().disabled).toBe(true);
    await click(byRole('checkbox', 'I have seen that 210 products go to 0'));
    expect(button().disabled).toBe(false);
    await click(button());
    const sent = panel.calls.filter(({ path }) => path === '/connections/1/go-live').map(({ body }) => body);
    expect(sent).toEqual([{ massZeroSeen: true }]);
    expect(panel.state.connections[0]?.mode).toBe('live');
  });

  it('is not offered to who is live', async () => {
    await openPanel({ ...inTest({ obstacles: ['already_live'] }), connections: [aConnection()] }, PATH);
    expect(pageText()).toContain('This connection is live');
    expect(allByRole('button', 'Go live')).toHaveLength(0);
  });

  it('is not offered while what it would change is not known', async () => {
    const state = inTest();
    const panel = await openPanel(state, '/connections');
    panel.down = true;
    await click(byRole('link', /^Go live/));
    expect(byRole('alert').textContent).toContain('What would change could not be loaded');
    expect(allByRole('button', 'Go live')).toHaveLength(0);
  });
});

describe('what the service noticed', () => {
  it('is on the overview while it lasts, with cause and cure', async () => {
    await openPanel({ ...busyState(), notifications: someAlarms() }, '/');
    expect(pageText()).toContain('Ceramics by Ana: products are held back from going to 0');
    expect(pageText()).toContain('“Accounting” has said nothing for 30 hours');
    expect(pageText()).not.toContain('“Till”');
    expect(byRole('link', 'To these products').getAttribute('href')).toBe('/products?status=failed');
  });
});
