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
import { aConnection, aRun, aRunLine, aSource, busyState, failureView } from './support/fake-api';
import type { FakeState } from './support/fake-api';

beforeEach(() => aBrowser());
afterEach(closePanels);

const asked = (calls: readonly { method: string; path: string }[], path: string) =>
  calls.filter((call) => call.method === 'POST' && call.path === path).length;

const inDialog = (words: RegExp) =>
  [...byRole('dialog').querySelectorAll('button')].find((one) => words.test(one.textContent ?? '')) as HTMLElement;

const paused = (code: 'mass_zero' | 'source_list_empty' = 'mass_zero'): FakeState => ({
  ...busyState(),
  runs: [
    aRun(9, {
      status: 'paused',
      phase: 'applying',
      counts: {},
      finishedAt: null,
      failure: failureView(code, { zeros: 210, inStock: 640 }),
    }),
  ],
});

describe('the runs', () => {
  it('are reached over the history', async () => {
    await openPanel(busyState(), '/');
    await click(byRole('link', 'History'));
    expect(byRole('heading', 'Pushes')).toBeTruthy();
    await click(byRole('link', 'Runs'));
    expect(byRole('heading', 'Runs')).toBeTruthy();
    expect(byRole('link', 'History').getAttribute('aria-current')).toBe('page');
    await click(byRole('link', 'Web orders'));
    expect(byRole('heading', 'Web orders')).toBeTruthy();
    expect(byRole('link', 'History').getAttribute('aria-current')).toBe('page');
  });

  it('say kind, who, how long, what became of them', async () => {
    await openPanel(busyState(), '/runs');
    const text = pageText();
    expect(text).toContain('Check against the shop');
    expect(text).toContain('by its schedule');
    expect(text).toContain('by owner@example.com');
    expect(text).toContain('took 1 min 25 sec');
    expect(text).toContain('one changed · 1,279 were equal already · 2 failed · one without a match · one offline');
    expect(text).toContain('Bringing the shop in step · 412 of 1,284');
    expect(allByRole('combobox', 'Connection')).toHaveLength(0);
  });

  it('say of one that was started by ADMIN_TOKEN that a script did so', async () => {
    await openPanel({ ...busyState(), runs: [aRun(9, { startedBy: 'person', by: 'ADMIN_TOKEN' })] }, '/runs');
    expect(pageText()).toContain('by a script (ADMIN_TOKEN)');
  });

  it('are filtered by connection when there are several', async () => {
    const state = busyState();
    state.connections.push(aConnection({ id: 2 }));
    const panel = await openPanel(state, '/runs');
    await choose('Connection', '2');
    expect(panel.router.currentRoute.value.query).toEqual({ connection: '2' });
    expect(pageText()).toContain('There has been no run yet');
  });

  it('that could not be loaded are said to be so, never shown as none', async () => {
    const panel = await openPanel(busyState(), '/runs');
    panel.down = true;
    await click(byRole('link', 'Pushes'));
    await click(byRole('link', 'Runs'));
    expect(byRole('alert').textContent).toContain('The runs could not be loaded');
    expect(pageText()).not.toContain('There has been no run yet');
  });
});

describe('a run', () => {
  it('under way shows its phase and how far it is, and can be cancelled', async () => {
    const panel = await openPanel(busyState(), '/runs/5');
    expect(document.querySelector('[aria-current=step]')?.textContent).toContain('Bringing the shop in step');
    const bar = document.querySelector('progress');
    expect([bar?.value, bar?.max]).toEqual([412, 1284]);
    await click(byRole('button', 'Cancel the run'));
    expect(asked(panel.calls, '/runs/5/cancel')).toBe(1);
    expect(pageText()).toContain('what it had stored until then stays stored');
    expect(document.querySelector('progress')).toBeNull();
  });

  it('in test mode only compares, and says so', async () => {
    await openPanel({ ...busyState(), connections: [aConnection({ mode: 'test' })] }, '/runs/5');
    expect(pageText()).toContain('Finishing the comparison (test mode: nothing is written)');
  });

  it('that stopped by itself shows why, and goes on when a person lets it', async () => {
    const panel = await openPanel(paused(), '/runs/9');
    expect(pageText()).toContain('210 of 640 products in stock would go to 0 at once.');
    expect(pageText()).toContain('Look at the list in the accounting system.');
    expect(byRole('button', 'Cancel it')).toBeTruthy();
    await click(byRole('button', 'Let it go on'));
    expect(panel.state.runs[0]?.status).toBe('queued');
    expect(pageText()).toContain('The run goes on.');
  });

  it('that stopped can be cancelled instead', async () => {
    const panel = await openPanel(paused('source_list_empty'), '/runs/9');
    expect(pageText()).toContain('a missing product is not one with level 0');
    await click(byRole('button', 'Cancel it'));
    expect(panel.state.runs[0]?.status).toBe('cancelled');
  });

  it('tells of a change only where there was one', async () => {
    const runLines = [
      aRunLine(0, { name: 'Asked', before: '9', after: '33', wanted: '9', outcome: 'reported' }),
      aRunLine(1, { name: 'Sold', before: '9', after: '8', wanted: '8', outcome: 'equal' }),
    ];
    await openPanel({ ...busyState(), runLines }, '/runs/2');
    await click(byRole('checkbox', 'Only what was not equal already'));
    const row = (words: RegExp) => byRole('row', words).textContent?.replace(/\s+/g, ' ') ?? '';
    expect(row(/Asked/)).toContain('33(wanted: 9)');
    expect(row(/Asked/) + row(/Sold/)).not.toContain('→');
  });

  it('that failed says why, and offers no undo of nothing', async () => {
    await openPanel(busyState(), '/runs/1');
    expect(pageText()).toContain('The accounting system refuses the login.');
    expect(allByRole('button', 'Undo what it changed')).toHaveLength(0);
  });

  it('shows every line with before and after, and why one failed', async () => {
    await openPanel(busyState(), '/runs/2');
    const row = (words: RegExp) => byRole('row', words).textContent?.replace(/\s+/g, ' ') ?? '';
    expect(row(/Blue mug/)).toContain('4 → 7');
    expect(row(/Blue mug/)).toContain('Changed');
    expect(row(/Tea pot/)).toContain('(wanted: 7)');
    expect(row(/Tea pot/)).toContain('Stock management is off for product 102');
    expect(row(/Soup plate/)).toContain('No match');
    expect(pageText()).toContain('The quantity is not a number.');
    // What was equal already is not what somebody looks for.
    expect(pageText()).not.toContain('Already equal');
    await click(byRole('checkbox', 'Only what was not equal already'));
    expect(pageText()).toContain('Already equal');
    expect(pageText()).toContain('50 lines shown');
    await click(byRole('button', 'Load more'));
    expect(pageText()).toContain('100 lines shown');
  });

  it('begins with how many products are proven equal', async () => {
    await openPanel(busyState(), '/runs/4');
    expect(document.querySelector('.notice .title')?.textContent).toBe('1,280 of 1,283 proven equal');
    expect(pageText()).toContain('Done, but not for every product');
    closePanels();
    await openPanel(busyState(), '/runs');
    expect(byRole('link', /^Check against the shop Run 4/).closest('li')?.textContent).toContain(
      '1,280 of 1,283 proven equal',
    );
  });

  it('says why a number differed, before and after, in the language chosen', async () => {
    localStorage.setItem('stock-relay.language', 'fr');
    await openPanel(busyState(), '/runs/4');
    const row = (words: RegExp) => byRole('row', words).textContent?.replace(/\s+/g, ' ') ?? '';
    expect(row(/Bowl, small/)).toContain('Des commandes en ligne (#1001, #1002) ont pris 2 : de 7 à 5.');
    expect(row(/Bowl, small/)).toContain('Diffère, laissé tel quel');
    expect(row(/Trotuș/)).toMatch(/de 1\s200 à 1\s250/);
    expect(row(/Trotuș/)).toMatch(/1\s250 → 1\s200/);
  });

  it('has a log with every step', async () => {
    await openPanel(busyState(), '/runs/4');
    const log = byRole('button', 'What happened, step by step').closest('details')?.textContent ?? '';
    expect(log).toContain('The levels of the source have come in. Lines: 1,284.');
    expect(log).toContain('Entries: 1,310; products of this run: 1,284, seen there: 1,283.');
    expect(log).toContain('The accounting system asks us to wait (30 seconds).');
  });

  it.each([
    ['check', 'explaining', 'Finding out why numbers differ', 8],
    ['refresh', 'looking', 'Reading the shop’s catalogue', 1],
    ['sync', 'reading', 'Listing the products', 4],
    ['undo', 'applying', 'Giving the former numbers back', 3],
  ] as const)('of the kind %s goes through its own phases', async (kind, phase, words, phases) => {
    const runs = [aRun(5, { kind, phase, status: 'running', proven: null, counts: {}, finishedAt: null })];
    await openPanel({ ...busyState(), runs }, '/runs/5');
    expect(document.querySelector('[aria-current=step]')?.textContent).toContain(words);
    expect(document.querySelectorAll('.phases li')).toHaveLength(phases);
  });

  it('is undone with words of what that does, and leads to the run that gives back', async () => {
    const panel = await openPanel({ ...busyState(), runs: [aRun(2)] }, '/runs/2');
    expect(pageText()).toContain('It changed 3 products. They get their former numbers back');
    await click(byRole('button', 'Undo what it changed'));
    expect(panel.router.currentRoute.value.fullPath).toBe('/runs/3');
    expect(pageText()).toContain('Undoes run 2');
    expect(allByRole('button', 'Undo what it changed')).toHaveLength(0);
  });

  it('is saved with every line, also those that are not on the page', async () => {
    await openPanel(busyState(), '/runs/2');
    const link = byRole('link', 'Export as CSV: every line of this run');
    expect(link.getAttribute('href')).toBe('/api/v1/runs/2/lines.csv');
    expect(link.hasAttribute('download')).toBe(true);
  });

  it('names a line that is about a product alone by its number', async () => {
    await openPanel(
      { ...busyState(), runLines: [aRunLine(0, { name: null, code: null, outcome: 'changed' })] },
      '/runs/4',
    );
    expect(byRole('link', 'Product 1')).toBeTruthy();
  });
});

describe('a pull from the connection', () => {
  it('is confirmed with words of what will happen, and leads to its run', async () => {
    const panel = await openPanel({ ...busyState(), runs: [] }, '/connections');
    await click(byRole('button', /^Pull all levels/));
    expect(byRole('dialog').textContent).toContain('the shop is written only where it differs');
    expect(asked(panel.calls, '/connections/1/pull')).toBe(0);
    await click(inDialog(/Pull all levels/));
    expect(panel.router.currentRoute.value.fullPath).toBe('/runs/1');
    expect(pageText()).toContain('Reading the levels of the source');
  });

  it('that comes too soon says how long to wait', async () => {
    const panel = await openPanel({ ...busyState(), runs: [], pullWait: 540 }, '/connections');
    await click(byRole('button', /^Pull all levels/));
    await click(inDialog(/Pull all levels/));
    expect(byRole('dialog').textContent).toContain('They can be pulled again in 9 min.');
    expect(panel.router.currentRoute.value.name).toBe('connections');
  });

  it('is not offered where the source can only push', async () => {
    const state = busyState();
    await openPanel({ ...state, sources: state.sources.map((one) => ({ ...one, canPull: false })) }, '/connections');
    expect(allByRole('button', /^Pull all levels/)).toHaveLength(0);
    expect(allByRole('switch', 'Pull of all levels')).toHaveLength(0);
    expect(byRole('button', /^Check against the shop/)).toBeTruthy();
  });

  it('from a file is confirmed with words of what will happen, and leads to its run', async () => {
    const sources = [aSource({ kind: 'generic', settings: {}, canPull: false })];
    const panel = await openPanel({ ...busyState(), sources, runs: [] }, '/connections');
    await click(byRole('button', /^Upload a file/));
    expect(byRole('dialog').textContent).toContain('the shop is written only where it differs');
    await click(inDialog(/Upload a file/));
    expect(byRole('dialog').textContent).toContain('Choose a file first.');
    const chooser = document.querySelector('input[type=file]') as HTMLInputElement;
    Object.defineProperty(chooser, 'files', { value: [new File(['code,quantity\nA-1,7\n'], 'stock.csv')] });
    chooser.dispatchEvent(new Event('change'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await settle();
    expect(byRole('dialog').textContent).toContain('stock.csv is taken.');
    await click(inDialog(/Upload a file/));
    const [sent] = panel.calls.filter(({ path }) => path === '/connections/1/pull-file');
    expect(sent?.body).toEqual({ text: 'code,quantity\nA-1,7\n' });
    expect(panel.router.currentRoute.value.fullPath).toBe('/runs/1');
  });

  it('from a file is not offered where the system is asked by itself', async () => {
    await openPanel(busyState(), '/connections');
    expect(allByRole('button', /^Upload a file/)).toHaveLength(0);
  });

  it('while another run is not over leads to that one', async () => {
    const panel = await openPanel(busyState(), '/connections');
    await click(byRole('button', /^Check against the shop/));
    expect(pageText()).toContain('Another run of this connection is not over yet.');
    await click(byRole('button', 'Show it'));
    expect(panel.router.currentRoute.value.fullPath).toBe('/runs/5');
  });
});

describe('what starts by itself', () => {
  const patches = (panel: Awaited<ReturnType<typeof openPanel>>) =>
    panel.calls.filter(({ method }) => method === 'PATCH').map(({ path, body }) => ({ path, body }));

  const openFlows = async (state: FakeState) => {
    const panel = await openPanel(state, '/connections');
    const details = byRole('button', /^What starts by itself/).closest('details') as HTMLDetailsElement;
    details.open = true;
    details.dispatchEvent(new Event('toggle'));
    await settle();
    return panel;
  };

  it('is said in words, and when it comes next', async () => {
    await openFlows(busyState());
    expect(byRole('button', /^What starts by itself/).textContent).toContain(
      'Check against the shop: every night at 04:30',
    );
    expect(pageText()).toContain('Starts every night at 04:30 (UTC). Next: ');
    expect(pageText()).toContain('Off: it starts only by hand.');
  });

  it('is switched on and off, and back from the toast', async () => {
    const panel = await openFlows(busyState());
    await click(byRole('switch', 'Pull of all levels'));
    expect(panel.state.flows[0]?.enabled).toBe(true);
    await click(byRole('button', 'Undo'));
    expect(panel.state.flows[0]?.enabled).toBe(false);
    expect(pageText()).toContain('The schedule is as it was before.');
  });

  it.each([
    ['weekdays', '15 6 * * 1-5'],
    ['hourly', '0 * * * *'],
    ['minutes', '*/15 * * * *'],
  ])('is set to %s', async (kind, cron) => {
    const state = busyState();
    const panel = await openFlows({ ...state, flows: state.flows.slice(1, 2) });
    await choose('When', kind);
    if (kind === 'weekdays') await fill('At', '06:15');
    await choose('Time zone', 'Europe/Bucharest');
    await click(byRole('button', /^Save Check against/));
    expect(patches(panel)).toEqual([{ path: '/flows/2', body: { cron, timeZone: 'Europe/Bucharest' } }]);
  });

  it('takes any other schedule as cron, and says what is wrong with it', async () => {
    const state = busyState();
    const flows = state.flows.slice(1, 2).map((flow) => ({ ...flow, cron: '0 3 1 * *' }));
    const panel = await openFlows({ ...state, flows });
    await fill('Cron, five fields', '0 3');
    await click(byRole('button', /^Save Check against/));
    expect(byRole('alert').textContent).toContain('Enter five fields');
    expect(patches(panel)).toEqual([]);
  });

  it('offers the zone of the browser first', async () => {
    await openFlows(busyState());
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(byRole('combobox', 'Time zone').querySelector('option')?.textContent).toContain(`${here} (here)`);
  });

  it('runs now', async () => {
    const panel = await openFlows({ ...busyState(), runs: [] });
    await click(byRole('button', /^Run now Check against/));
    expect(panel.router.currentRoute.value.fullPath).toBe('/runs/1');
    expect(pageText()).toContain('Reading the levels of the source');
  });

  it('says of all five what they do, and how the last of each went', async () => {
    await openFlows(busyState());
    const forms = [...document.querySelectorAll('form.flow')].map((form) => form.textContent ?? '');
    expect(forms).toHaveLength(5);
    expect(forms[1]).toContain('Compares every product with the shop, says why a number differs');
    expect(forms[1]).toMatch(/Last run:.*8 hours ago.*Done, with exceptions/);
    expect(forms[2]).toContain('Refresh of the shop’s catalogue');
    expect(forms[3]).toContain('every Sunday at 03:00');
    expect(forms[4]).not.toContain('Last run:');
  });

  it('is set to a day of the week, and keeps its minute of the hour', async () => {
    const state = busyState();
    const panel = await openFlows({ ...state, flows: state.flows.slice(3) });
    expect(pageText()).toContain('every hour, 15 minutes past');
    await choose('Day', '1');
    await click(byRole('button', /^Save Full sync/));
    await click(byRole('button', /^Save Retry of/));
    expect(patches(panel).map(({ body }) => body['cron'])).toEqual(['0 3 * * 1', '15 * * * *']);
  });

  it('asks for the last runs only once somebody looks', async () => {
    const panel = await openPanel(busyState(), '/connections');
    expect(panel.calls.filter(({ path }) => path === '/runs')).toHaveLength(0);
  });
});
