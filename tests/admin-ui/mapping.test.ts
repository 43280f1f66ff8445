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
import { aForeignPush, aSource, busyState } from './support/fake-api';
import type { FakeState } from './support/fake-api';

beforeEach(() => aBrowser());
afterEach(closePanels);

const source = (settings: Record<string, string> = {}) =>
  aSource({ name: 'Till', kind: 'generic', settings, canPull: false });
const withCalls = (more: Partial<FakeState> = {}): FakeState => ({
  ...busyState(),
  sources: [source()],
  pushes: [aForeignPush(7)],
  ...more,
});
const typed = () => new Promise((resolve) => setTimeout(resolve, 450)).then(settle);
const row = (words: RegExp) => byRole('row', words).textContent?.replace(/\s+/g, ' ') ?? '';

describe('what a call means', () => {
  it('waits for the first call, and shows it by itself', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const panel = await openPanel(withCalls({ pushes: [] }), '/sources/1/fields');
      expect(pageText()).toContain('Waiting for a call…');
      expect(allByRole('combobox', 'Quantity')).toHaveLength(0);
      panel.state.pushes.unshift(aForeignPush(7));
      await jest.advanceTimersByTimeAsync(2100);
      await settle();
      expect(byRole('radio', /^Push 7/)).toBeTruthy();
      expect(byRole('group', 'The call as it came').textContent).toContain('"onHand": 7');
    } finally {
      jest.useRealTimers();
    }
  });

  it('that is saved can be forgotten while no call is kept', async () => {
    const mapping = JSON.stringify({ code: 'sku', quantity: 'onHand' });
    const panel = await openPanel(withCalls({ sources: [source({ mapping })], pushes: [] }), '/sources/1/fields');
    expect(pageText()).toContain('A mapping is saved. Send a call to see and change it.');
    await click(byRole('button', 'Forget the mapping'));
    expect(panel.state.sources[0]?.settings['mapping'] ?? '').toBe('');
  });

  it('keeps a saved value that holds a comma as one, and the event’s id', async () => {
    const saved = {
      items: 'data.articles',
      code: 'sku',
      quantity: 'onHand',
      eventId: '/event',
      mode: 'levels',
      only: [{ field: '/store', is: ['Main street, 5'] }],
    };
    const state = withCalls({ sources: [source({ mapping: JSON.stringify(saved) })] });
    const panel = await openPanel(state, '/sources/1/fields');
    expect((byRole('combobox', 'The event’s own ID') as HTMLSelectElement).value).toBe('/event');
    await click(byRole('button', 'Save what a call means'));
    expect(JSON.parse(panel.state.sources[0]?.settings['mapping'] ?? '')).toEqual(saved);
  });

  it('is picked from the fields found, with examples, and tried at once', async () => {
    const panel = await openPanel(withCalls(), '/sources/1/fields');
    expect((byRole('combobox', 'List of lines') as HTMLSelectElement).value).toBe('data.articles');
    const options = [...byRole('combobox', 'Code (SKU)').querySelectorAll('option')].map((one) => one.textContent);
    expect(options).toContain('sku: A-1');
    expect(options).toContain('/store: Main street');
    expect(pageText()).toContain('Choose where the quantity is.');
    await choose('Quantity', 'onHand');
    expect(pageText()).toContain('Choose at least one of code, barcode, name and ID.');
    expect((byRole('button', 'Save what a call means') as HTMLButtonElement).disabled).toBe(true);
    await choose('Code (SKU)', 'sku');
    await choose('Warehouse', '/store');
    await typed();
    expect(pageText()).toContain('2 lines would be read · one of the first would be refused');
    expect(row(/A-1/)).toContain('Main street');
    expect(row(/A-1/)).toContain('Usable');
    expect(row(/A-2/)).toContain('The quantity is not a number. (field [1].onHand)');
    await click(byRole('button', 'Save what a call means'));
    expect(JSON.parse(panel.state.sources[0]?.settings['mapping'] ?? '')).toEqual({
      items: 'data.articles',
      code: 'sku',
      quantity: 'onHand',
      warehouse: '/store',
      mode: 'levels',
    });
    await click(byRole('button', 'Take it in once more'));
    expect(panel.router.currentRoute.value.fullPath).toBe('/pushes/8');
    expect(pageText()).toContain('Replay of push 7');
  });

  it('may be a change, or only that something changed', async () => {
    await openPanel(withCalls(), '/sources/1/fields');
    await choose('Quantity', 'onHand');
    await choose('Code (SKU)', 'sku');
    await click(byRole('radio', 'By how much it changed'));
    await typed();
    expect(row(/A-1/)).toContain('changed by 7');
    await click(byRole('radio', 'Only that something changed'));
    await choose('Quantity', '');
    await typed();
    expect(pageText()).not.toContain('Choose where the quantity is.');
    expect((byRole('button', 'Save what a call means') as HTMLButtonElement).disabled).toBe(false);
  });

  it('may depend on what a field says', async () => {
    const panel = await openPanel(withCalls(), '/sources/1/fields');
    await choose('Quantity', 'onHand');
    await choose('Code (SKU)', 'sku');
    await click(byRole('button', 'Add a condition'));
    expect(pageText()).toContain('Every condition needs a field and at least one value.');
    await choose('Field of condition 1', 'title');
    await fill('is one of (condition 1)', 'Plate, Blue mug');
    await typed();
    await click(byRole('button', 'Save what a call means'));
    expect(JSON.parse(panel.state.sources[0]?.settings['mapping'] ?? '')).toMatchObject({
      only: [{ field: 'title', is: ['Plate', 'Blue mug'] }],
    });
    await click(byRole('button', /^Remove/));
    expect(allByRole('combobox', 'Field of condition 1')).toHaveLength(0);
  });

  it('is shown as it was saved, also where a field is not in the call', async () => {
    const mapping = JSON.stringify({ items: 'data.articles', code: 'ean', quantity: 'onHand', mode: 'changes' });
    const panel = await openPanel(withCalls({ sources: [source({ mapping })] }), '/sources/1/fields');
    expect((byRole('combobox', 'Code (SKU)') as HTMLSelectElement).value).toBe('ean');
    expect((byRole('radio', 'By how much it changed') as HTMLInputElement).checked).toBe(true);
    await click(byRole('button', 'Forget the mapping'));
    expect(panel.state.sources[0]?.settings).not.toHaveProperty('mapping');
  });

  it('that nothing can be picked from is said so', async () => {
    await openPanel(withCalls({ pushes: [aForeignPush(7, { rawBody: '\u0000 not data {' })] }), '/sources/1/fields');
    expect(pageText()).toContain('so no field can be picked from it');
  });

  it('need not be said where the call is understood already, and is shown as it is read', async () => {
    const rawBody = JSON.stringify({ items: [{ code: 'A-1', quantity: 7 }] });
    await openPanel(
      withCalls({ pushes: [aForeignPush(7, { says: 'levels', accepted: 1, rawBody })] }),
      '/sources/1/fields',
    );
    await typed();
    expect(pageText()).toContain('Already understood');
    expect(row(/A-1/)).toContain('Usable');
    expect(pageText()).not.toContain('Choose where the quantity is.');
    const [option] = byRole('combobox', 'Quantity').querySelectorAll('option');
    expect(option?.textContent).toBe('Not chosen');
    await choose('Code (SKU)', 'code');
    expect(pageText()).not.toContain('Already understood');
    expect(pageText()).toContain('Choose where the quantity is.');
  });

  it('is not called understood where no line could be used', async () => {
    const rawBody = JSON.stringify({ items: [{ code: 'A-1', quantity: 'a few' }] });
    await openPanel(
      withCalls({ pushes: [aForeignPush(7, { says: 'levels', rejected: 1, rawBody })] }),
      '/sources/1/fields',
    );
    await typed();
    expect(row(/A-1/)).toContain('The quantity is not a number.');
    expect(pageText()).not.toContain('Already understood');
  });

  it('is not asked of a source that is known', async () => {
    await openPanel(busyState(), '/sources/1/fields');
    expect(pageText()).toContain('This source has no mapping');
  });
});

describe('a call', () => {
  it('that could not be read says so, leads to the mapping, and can be taken in once more', async () => {
    const panel = await openPanel(withCalls(), '/pushes');
    expect(pageText()).toContain('Not readable');
    await click(byRole('link', 'From Till'));
    expect(byRole('link', 'Say what its fields mean').getAttribute('href')).toBe('/sources/1/fields?push=7');
    await click(byRole('button', 'Take it in once more'));
    expect(panel.router.currentRoute.value.fullPath).toBe('/pushes/8');
    expect(pageText()).toContain('The push was taken in once more.');
  });

  it('that is no JSON at all says so, and asks for no fields', async () => {
    await openPanel(withCalls({ pushes: [aForeignPush(7, { rawBody: '{broken' })] }), '/pushes/7');
    expect(pageText()).toContain('it is not valid JSON');
    expect(pageText()).toContain('Have the program that sends it corrected');
    expect(allByRole('link', 'Say what its fields mean')).toHaveLength(0);
  });

  it('that is a form is asked for its fields', async () => {
    const form = { contentType: 'application/x-www-form-urlencoded', rawBody: 'sku=A-1&qty=7' };
    await openPanel(withCalls({ pushes: [aForeignPush(7, form)] }), '/pushes/7');
    expect(allByRole('link', 'Say what its fields mean')).toHaveLength(1);
  });

  it.each([
    ['asks', 'Named what changed', 'The levels are read by the system’s own API'],
    ['echo', 'Echo of our own', 'a sale that came from the shop itself'],
    ['other_event', 'About something else', 'about something else than stock'],
  ] as const)('that %s is named and explained', async (says, chip, why) => {
    await openPanel(withCalls({ pushes: [aForeignPush(7, { says })] }), '/pushes/7');
    expect(pageText()).toContain(chip);
    expect(pageText()).toContain(why);
    expect(allByRole('button', 'Take it in once more')).toHaveLength(0);
  });
});
