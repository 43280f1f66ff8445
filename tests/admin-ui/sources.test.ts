import { aBrowser, allByRole, byRole, choose, click, closePanels, fill, openPanel, pageText } from './support/panel';
import { ago, aShop, aSource, busyState, emptyState, failureView } from './support/fake-api';
import type { FakeState } from './support/fake-api';

beforeEach(() => aBrowser());
afterEach(closePanels);

const aHiboutik = (more: Parameters<typeof aSource>[0] = {}) =>
  aSource({
    name: 'Till',
    kind: 'hiboutik',
    settings: {
      account: 'myshop',
      user: 'ana@example.com',
      apiKey: '••••••••',
      salePrefix: 'wc_',
      monthlyCalls: '9000',
    },
    canSubscribe: true,
    calls: { used: 3120, most: 9000 },
    ...more,
  });
const aGeneric = (more: Parameters<typeof aSource>[0] = {}) =>
  aSource({ kind: 'generic', settings: {}, canPull: false, lastTestAt: null, lastPushAt: null, ...more });

const withSource = (source: FakeState['sources'][number]): FakeState => ({
  ...emptyState(),
  shops: [aShop()],
  sources: [source],
});
const sent = (panel: Awaited<ReturnType<typeof openPanel>>, method: string, path: RegExp) =>
  panel.calls.filter((call) => call.method === method && path.test(call.path)).map(({ body }) => body);

describe('the settings of a source', () => {
  it('of Hiboutik: what is needed rarely is folded away and has what usually holds', async () => {
    const panel = await openPanel({ ...emptyState(), shops: [aShop()] }, '/wizard');
    await click(byRole('radio', 'Hiboutik'));
    await fill('Name of the source', 'Till');
    await fill('Account', 'myshop');
    await fill('User', 'ana@example.com');
    await fill('API key', 'key');
    expect(byRole('button', 'More settings').closest('details')?.open).toBe(false);
    await fill('Calls a month, at most (optional)', 'many');
    await click(byRole('button', 'Save and continue'));
    expect(byRole('alert').textContent).toContain('Enter a whole number.');
    expect(byRole('button', 'More settings').closest('details')?.open).toBe(true);
    await fill('Calls a month, at most (optional)', '8000');
    await click(byRole('switch', 'Tell the cashier'));
    await click(byRole('button', 'Save and continue'));
    expect(sent(panel, 'POST', /^\/sources$/)).toEqual([
      {
        kind: 'hiboutik',
        name: 'Till',
        settings: {
          account: 'myshop',
          user: 'ana@example.com',
          apiKey: 'key',
          webhookSecret: '',
          salePrefix: 'wc_',
          monthlyCalls: '8000',
          onlyOnline: '',
          tellCashier: 'yes',
        },
      },
    ]);
  });

  it('keep a secret that is not replaced, each on its own', async () => {
    const source = aHiboutik();
    source.settings['webhookSecret'] = '••••••••';
    const panel = await openPanel(withSource(source), '/wizard?step=source');
    expect(allByRole('textbox', 'API key')).toHaveLength(0);
    await click(byRole('button', 'Replace this secret Webhook secret'));
    expect(pageText()).toContain('Leave it empty to remove the one that is set.');
    await fill('Webhook secret (optional)', 'new one');
    await click(byRole('button', 'Save and continue'));
    const [patch] = sent(panel, 'PATCH', /^\/sources\/1$/);
    expect(patch?.['settings']).toMatchObject({ webhookSecret: 'new one', account: 'myshop' });
    expect(patch?.['settings']).not.toHaveProperty('apiKey');
  });

  it('that came to be after the source was saved begin with what holds for it', async () => {
    const source = aHiboutik({ settings: { account: 'myshop', user: 'ana@example.com', apiKey: '••••••••' } });
    const panel = await openPanel(withSource(source), '/wizard?step=source');
    await click(byRole('button', 'Save and continue'));
    const [patch] = sent(panel, 'PATCH', /^\/sources\/1$/);
    expect(patch?.['settings']).toMatchObject({ salePrefix: 'wc_', monthlyCalls: '9000' });
  });

  it('of a known sender are its name and its signing secret, and an old mapping goes', async () => {
    const source = aGeneric({ settings: { mapping: '{"quantity":"qty","code":"sku"}' } });
    const panel = await openPanel(withSource(source), '/wizard?step=source');
    await choose('Who sends', 'square');
    await fill('Signing secret (optional)', 'shh');
    await click(byRole('button', 'Save and continue'));
    const [patch] = sent(panel, 'PATCH', /^\/sources\/1$/);
    expect(patch?.['settings']).toMatchObject({ preset: 'square', signatureSecret: 'shh', mapping: '' });
    expect(pageText()).toContain('Paste the address in Square');
    expect(pageText()).not.toContain('curl');
  });

  it('of a file to fetch are tested at once, and the result is shown', async () => {
    const state = withSource(aGeneric());
    state.sourceChecks = [
      {
        id: 'vendor_address',
        ok: true,
        severity: 'info',
        code: 'file_read',
        params: { rows: 120, refused: 2 },
        message: '',
        cure: null,
      },
    ];
    const panel = await openPanel(state, '/wizard?step=source');
    await fill('Address of the file (optional)', 'not an address');
    await click(byRole('button', 'Save and test the file'));
    expect(byRole('alert').textContent).toContain('Enter an address that begins with https://.');
    await fill('Address of the file (optional)', 'https://erp.example.com/stock.csv');
    await fill('Column: Code (SKU) (optional)', 'Art.Nr');
    await fill('Column: Quantity (optional)', 'Qty');
    await click(byRole('button', 'Save and test the file'));
    const [patch] = sent(panel, 'PATCH', /^\/sources\/1$/);
    expect(patch?.['settings']).toMatchObject({
      fileUrl: 'https://erp.example.com/stock.csv',
      fileColumns: { code: 'Art.Nr', quantity: 'Qty' },
    });
    expect(pageText()).toContain('The file is read. It has 120 rows; 2 of them cannot be used.');
    expect((byRole('textbox', 'Column: Code (SKU) (optional)') as HTMLInputElement).value).toBe('Art.Nr');
  });
});

describe('the address of a source', () => {
  it('that bears its secret is shown once, to be pasted', async () => {
    const panel = await openPanel({ ...emptyState(), shops: [aShop()] }, '/wizard');
    await click(byRole('radio', 'Oblio'));
    await fill('Name of the source', 'Oblio');
    await fill('E-mail of the Oblio account', 'ana@example.com');
    await fill('API secret', 'secret');
    await fill('VAT code of the company (CIF)', 'RO1');
    await click(byRole('button', 'Save and continue'));
    expect(pageText()).toContain('https://relay.example.com/push/s_4Jq8dR2mKcXw7bTz?k=k1');
    expect(pageText()).toContain('Give it to Oblio as the address of a webhook');
    expect(pageText()).not.toContain('tok_shown-once-7Hq2');
    await click(byRole('button', /^Have Oblio call us/));
    expect(panel.calls.filter(({ path }) => path === '/sources/1/subscribe')).toHaveLength(1);
    expect(pageText()).toContain('Oblio calls us from now on.');
    // The vendor got one of its own.
    expect(pageText()).not.toContain('?k=k1');
  });

  it('of a sender that neither signs nor bears a token holds the secret by itself', async () => {
    const dotypos = aSource({
      name: 'Till',
      kind: 'generic',
      settings: { preset: 'dotypos' },
      lastPushAt: null,
      lastTestAt: null,
    });
    await openPanel(withSource(dotypos), '/wizard');
    expect(pageText()).toContain('The address holds a secret, which is shown only when it is made');
    expect(pageText()).not.toContain('With its signing secret');
  });

  it('is made anew where it was lost', async () => {
    await openPanel(withSource(aHiboutik({ lastTestAt: null, lastPushAt: null })), '/wizard');
    expect(pageText()).toContain('The address holds a secret, which is shown only when it is made');
    await click(byRole('button', /^Make a new address/));
    await click(byRole('button', 'Make a new address'));
    expect(pageText()).toContain('?k=k2');
  });

  it.each([
    [{ status: 409, code: 'conflict' }, 'Start the service with PUBLIC_URL set to its public https address'],
    [{ status: 502, code: 'source_login_refused' }, 'Enter user and key of the source again'],
  ])('that a vendor could not be given says what to do: %o', async (subscribeFault, words) => {
    const state = { ...withSource(aHiboutik({ lastTestAt: null, lastPushAt: null })), subscribeFault };
    const panel = await openPanel(state, '/wizard');
    await click(byRole('button', /^Have Hiboutik call us/));
    expect(byRole('alert').textContent).toContain('Hiboutik could not be set up to call us');
    expect(byRole('alert').textContent).toContain(words);
    panel.state.subscribeFault = null;
    await click(byRole('button', 'Try again'));
    expect(pageText()).toContain('Hiboutik calls us from now on.');
  });

  it.each([
    ['signature_missing', 'not signed', 'The source called without a signature'],
    ['signature_wrong', 'wrong signature', 'signed with another secret'],
  ] as const)('to which a call came with %s says so', async (lastRefusal, title, why) => {
    await openPanel(withSource(aGeneric({ lastRefusal, lastRefusedAt: ago(3) })), '/wizard');
    expect(pageText()).toMatch(new RegExp(`Refused at .*: ${title}`));
    expect(pageText()).toContain(why);
  });
});

describe('the card of a source', () => {
  const card = (source: FakeState['sources'][number]) =>
    openPanel({ ...busyState(), sources: [source] }, '/connections');

  it('says how many calls are used, and warns from 80 %', async () => {
    await card(aHiboutik());
    expect(pageText()).toContain('3,120 of 9,000 calls this month');
    expect(document.querySelector('meter')?.value).toBe(3120);
    expect(pageText()).not.toContain('Most of them are used.');
    closePanels();
    await card(aHiboutik({ calls: { used: 7200, most: 9000 } }));
    expect(pageText()).toContain('Most of them are used.');
    closePanels();
    await card(aHiboutik({ calls: { used: 9000, most: 9000 } }));
    expect(pageText()).toContain('All of them are used.');
  });

  it('says which levels wait to be read, since when and why', async () => {
    const toRead = { count: 3, oldestAt: ago(4000), failure: failureView('source_login_refused') };
    await card(aHiboutik({ toRead }));
    expect(pageText()).toContain('3 products wait to be read');
    expect(pageText()).toContain('1 hour ago');
    expect(pageText()).toContain('The accounting system refuses the login.');
  });
});
