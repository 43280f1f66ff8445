import { createHiboutikSource } from '../../../server/connectors/hiboutik/hiboutik-source';
import { failure, FailureError } from '../../../server/domain/failure';
import type { LevelsPage } from '../../../server/domain/ports/stock-source';
import type { ChosenWarehouses } from '../../../server/domain/warehouse';
import { CountedVendorCalls } from '../../support/counted-vendor-calls';
import { type ScriptedAnswer, ScriptedHttp } from '../../support/scripted-http';
import { TestClock } from '../../support/test-clock';

const SETTINGS: Readonly<Record<string, string>> = {
  account: 'myshop',
  user: 'owner@shop.example',
  apiKey: 'KEY',
};
const HOUR = 60 * 60_000;
const signal = new AbortController().signal;
const WAREHOUSES = {
  body: [
    { warehouse_id: 1, warehouse_label: 'Boutique' },
    { warehouse_id: '2', warehouse_label: 'Dépôt' },
  ],
};
const row = {
  product_id: 123,
  product_size: 0,
  stock_available: '12',
  inventory_alert: '0',
  product_barcode: '2430000000164',
};

function asking(script: (url: URL) => ScriptedAnswer, clock = new TestClock(), apiUrl?: string, settings = SETTINGS) {
  const http = new ScriptedHttp((url) =>
    url.pathname.endsWith('/warehouses') ? (only(url) ?? WAREHOUSES) : script(url),
  );
  // A script may have a word in the warehouses too.
  function only(url: URL): ScriptedAnswer | null {
    const answer = script(url);
    return answer.status === undefined && answer.headers === undefined ? null : answer;
  }
  const source = createHiboutikSource(http, apiUrl, clock, new CountedVendorCalls());
  const { api, pull } = source;
  if (!api || !pull) throw new Error('Hiboutik can be asked');
  const page = (cursor: string | null = null, warehouses: ChosenWarehouses = ['Boutique']) =>
    pull.page(settings, { warehouses, cursor }, signal);
  const all = async (warehouses: ChosenWarehouses) => {
    const pages: LevelsPage[] = [];
    for (let cursor: string | null = null; pages.length === 0 || cursor !== null;) {
      const some: LevelsPage = await page(cursor, warehouses);
      pages.push(some);
      cursor = some.next;
    }
    return pages.flatMap(({ lines }) => lines);
  };
  return { http, source, api, page, all, clock };
}

const failureOf = async (work: Promise<unknown>) => {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof FailureError)) throw new Error('The call did not fail');
  return { ...thrown.failure, retryAfterMs: thrown.facts.retryAfterMs };
};

describe('A page of Hiboutik’s levels', () => {
  it('is asked for at the account’s own address, with the login', async () => {
    const { http, page } = asking(() => ({ body: [row] }));
    await page();
    expect(http.requests.map(({ url }) => url)).toEqual([
      'https://myshop.hiboutik.com/api/warehouses?p=1',
      'https://myshop.hiboutik.com/api/stock_available/warehouse_id/1?p=1',
    ]);
    expect(http.requests[1]?.headers).toMatchObject({
      Authorization: `Basic ${Buffer.from('owner@shop.example:KEY').toString('base64')}`,
    });
  });

  it('is asked for elsewhere where another address is set', async () => {
    const { http, page } = asking(() => ({ body: [row] }), new TestClock(), 'http://127.0.0.1:9/api');
    await page();
    expect(http.requests[0]?.url).toBe('http://127.0.0.1:9/api/warehouses?p=1');
  });

  test.each([
    ['text', row, { quantity: '12', externalId: '123' }],
    ['numbers', { ...row, stock_available: 7, product_size: '0' }, { quantity: '7', externalId: '123' }],
    ['a size', { ...row, product_size: 4 }, { externalId: '123/4' }],
    ['a size as text', { ...row, product_size: '4' }, { externalId: '123/4' }],
    ['a barcode as a number', { ...row, product_barcode: 2430000000164 }, { barcode: '2430000000164' }],
    ['a level below zero', { ...row, stock_available: '-2' }, { quantity: '-2' }],
    ['a level of 0', { ...row, stock_available: '0' }, { quantity: '0' }],
    ['decimals', { ...row, stock_available: '1.5' }, { quantity: '1.5' }],
    [
      'ids beyond what a float holds',
      '[{"product_id":9007199254740993,"stock_available":1,"product_barcode":"B"}]',
      { externalId: '9007199254740993' },
    ],
  ])('understands %s', async (_what, found, expected) => {
    const { page } = asking(() => ({ body: typeof found === 'string' ? found : [found] }));
    expect((await page()).lines).toMatchObject([
      { change: { code: null, name: null, warehouse: 'Boutique', ...expected } },
    ]);
  });

  it('names what has no barcode, and asks for names only then, once', async () => {
    const { page, http } = asking((url) =>
      url.pathname.endsWith('/products/')
        ? { body: [{ product_id: 123, product_model: 'Tasse' }] }
        : {
            body: [
              { ...row, product_barcode: '' },
              { ...row, product_id: 5 },
              { ...row, product_barcode: null, product_size: 3 },
            ],
          },
    );
    const { lines } = await page();
    expect(lines).toMatchObject([
      { change: { name: 'Tasse', barcode: null, externalId: '123' } },
      { change: { name: null, barcode: '2430000000164' } },
      // Each size would be called as the product is.
      { refused: { refusal: 'identity_missing', index: 2 } },
    ]);
    expect(http.requests).toHaveLength(3);
  });

  test.each([
    ['no level', { ...row, stock_available: undefined }, 'quantity_missing'],
    ['a level that is none', { ...row, stock_available: 'n/a' }, 'quantity_not_a_number'],
  ])('refuses a row with %s, and takes nothing from the row before', async (_what, bad, refusal) => {
    const { page } = asking(() => ({ body: [row, bad] }));
    expect((await page()).lines).toMatchObject([{ change: { quantity: '12' } }, { refused: { refusal } }]);
  });

  it('leaves out rows of another warehouse', async () => {
    const { page } = asking(() => ({
      body: [
        { ...row, warehouse_id: 2 },
        { ...row, warehouse_id: '1', product_id: 7 },
      ],
    }));
    expect((await page()).lines).toMatchObject([{ change: { externalId: '7', index: 0 } }]);
  });
});

describe('A long pull from Hiboutik', () => {
  const rows = Array.from({ length: 600 }, (_, n) => ({ ...row, product_id: n, product_barcode: `B-${n}` }));
  const paged = (how: (page: number) => Readonly<Record<string, string>>) => (url: URL) => {
    const page = Number(url.searchParams.get('p'));
    return url.pathname.endsWith('/warehouses')
      ? {}
      : { status: 200, body: rows.slice((page - 1) * 250, page * 250), headers: how(page) };
  };

  test.each([
    [
      'by its links',
      (page: number) => ({
        link: page < 3 ? `<x?p=1>; rel="start", <x?p=${page + 1}>; rel="next"` : '<x?p=1>; rel="start"',
        'content-range': '0-249/600',
      }),
    ],
    ['by its length, where the links are lost', () => ({})],
  ])('goes on %s', async (_what, headers) => {
    const { all, http } = asking(paged(headers));
    const lines = await all(['Boutique']);
    expect(lines.map((line) => ('change' in line ? line.change.index : -1))).toEqual(rows.map((_, n) => n));
    expect(http.asked.slice(1)).toEqual([1, 2, 3].map((p) => `/api/stock_available/warehouse_id/1?p=${p}`));
  });

  it('goes on where it was after a restart, without asking for the warehouses again', async () => {
    const script = paged(() => ({ 'content-range': '0-249/600' }));
    const first = await asking(script).page();
    expect(first.total).toBe(600);
    const after = asking(script);
    const second = await after.page(first.next);
    expect(second.lines[0]).toMatchObject({ change: { barcode: 'B-250', index: 250 } });
    expect(after.http.asked).toEqual(['/api/stock_available/warehouse_id/1?p=2']);
  });

  it('goes through the warehouses named, in any case, or through all of them', async () => {
    const { all } = asking((url) => ({ body: [{ ...row, stock_available: url.pathname.endsWith('/2') ? 2 : 1 }] }));
    const both = [
      { change: { warehouse: 'Boutique', quantity: '1' } },
      { change: { warehouse: 'Dépôt', quantity: '2' } },
    ];
    expect(await all('*')).toMatchObject(both);
    expect(await all(['boutique', ' DÉPÔT '])).toMatchObject(both);
  });

  it('does not begin with a warehouse that is not there', async () => {
    const { page } = asking(() => ({ body: [row] }));
    expect(await failureOf(page(null, ['Boutique', 'Grenier']))).toMatchObject({
      code: 'source_refused',
      params: { said: 'There is no warehouse “Grenier”.' },
    });
  });
});

describe('Hiboutik’s warehouses', () => {
  it('are told apart where two have one name, and shown by number where they have none', async () => {
    const http = new ScriptedHttp(() => ({
      body: [
        { warehouse_id: 1, warehouse_label: 'Boutique' },
        { warehouse_id: 2, warehouse_label: 'boutique' },
        { warehouse_id: 3 },
        { warehouse_label: 'no id' },
      ],
    }));
    const { api } = createHiboutikSource(http, undefined, new TestClock(), new CountedVendorCalls());
    expect(await api?.warehouses(SETTINGS, signal)).toEqual(['Boutique (1)', 'boutique (2)', '3']);
  });
});

describe('A pull that Hiboutik refuses', () => {
  const details = {
    error: 'x',
    code: 99,
    error_description: 'Invalid warehouse',
    details: { warehouse_id: 'Unknown' },
  };

  test.each([
    ['a login', { status: 401, body: { error: 'Unauthorized' } }, { code: 'source_login_refused' }],
    [
      'a right',
      { status: 403, body: { error: 'Insufficient scope' } },
      { code: 'source_refused', params: { said: 'Insufficient scope' } },
    ],
    ['a right, without a word', { status: 403, body: '' }, { code: 'source_refused', params: { said: 'status 403' } }],
    [
      'what it was asked',
      { status: 422, body: details },
      { code: 'source_refused', params: { said: 'Invalid warehouse: Unknown' } },
    ],
    ['by a fault of its own', { status: 503, body: '' }, { code: 'source_unreachable' }],
    ['by a page for people', { status: 200, body: '<html>' }, { code: 'source_answer_unexpected' }],
    ['by another address', { status: 302, body: '' }, { code: 'source_answer_unexpected' }],
  ])('%s says why', async (_what, answer, expected) => {
    const { page } = asking(() => answer);
    expect(await failureOf(page())).toMatchObject(expected);
  });

  it('names a source, not a shop, where nobody answers', async () => {
    const { page } = asking(() => {
      throw new FailureError(failure('shop_unreachable', { reason: 'ENOTFOUND', host: 'x' }));
    });
    expect(await failureOf(page())).toMatchObject({ code: 'source_unreachable', params: { reason: 'ENOTFOUND' } });
  });

  it('waits as long as it says, without a further call; and looks again within the hour', async () => {
    const { page, http, clock } = asking(() => ({ status: 429, headers: { 'retry-after': '7200' } }));
    expect(await failureOf(page())).toMatchObject({
      code: 'source_rate_limited',
      params: { seconds: 7200 },
      retryAfterMs: HOUR,
    });
    clock.advance(HOUR);
    expect(await failureOf(page())).toMatchObject({ params: { seconds: 3600 } });
    expect(http.requests).toHaveLength(1);
    clock.advance(HOUR);
    await failureOf(page());
    expect(http.requests).toHaveLength(2);
  });
});

describe('The test of a Hiboutik source', () => {
  test.each([
    ['passes', {}, ['vendor_address.calls_used', 'vendor_login.login_accepted', 'vendor_company.company_found']],
    ['tells of a refused login', { status: 401 }, ['vendor_login.login_refused_hiboutik']],
    ['tells of a missing right', { status: 403 }, ['vendor_login.rights_missing']],
    ['tells of used-up calls', { status: 429 }, ['vendor_address.calls_used_up']],
    ['tells of a fault', { status: 500 }, ['vendor_address.unreachable']],
    ['tells of another address', { status: 200, body: '<html>' }, ['vendor_address.answer_unexpected']],
  ])('%s', async (_what, answer, expected) => {
    const { api } = asking(() => answer);
    const checks = await api.test(SETTINGS, signal);
    expect(checks.map(({ id, code }) => `${id}.${code}`)).toEqual(expected);
    expect(checks.every(({ ok }) => ok)).toBe(expected.length === 3);
  });

  it('says the status of an answer it does not understand', async () => {
    const { api } = asking(() => ({ status: 302, body: '' }));
    expect(await api.test(SETTINGS, signal)).toMatchObject([{ code: 'answer_unexpected', params: { status: '302' } }]);
  });
});

describe('A pull of what is sold online only', () => {
  const shown = (id: number, more: object) => ({ product_id: id, product_model: `P ${id}`, ...more });
  const script = (url: URL) =>
    url.pathname.endsWith('/products/')
      ? {
          body: [
            shown(1, { product_display_www: 1, product_arch: 0 }),
            shown(2, { product_display_www: 0, product_arch: 0 }),
            shown(3, { product_display_www: '1', product_arch: '1' }),
            shown(4, {}),
          ],
        }
      : { body: [1, 2, 3, 4, 5].map((id) => ({ ...row, product_id: id, product_barcode: `B-${id}` })) };

  it('leaves out what is not shown online or laid aside, and keeps what the list of products does not tell of', async () => {
    const { all, http } = asking(script, new TestClock(), undefined, { ...SETTINGS, onlyOnline: 'yes' });
    const lines = await all('*');
    expect(lines.map((line) => ('change' in line ? [line.change.index, line.change.barcode] : null))).toEqual([
      [0, 'B-1'],
      [1, 'B-4'],
      [2, 'B-5'],
      [3, 'B-1'],
      [4, 'B-4'],
      [5, 'B-5'],
    ]);
    // Asked for once a pull.
    expect(http.asked.filter((path) => path.includes('/products/'))).toHaveLength(1);
    await all('*');
    expect(http.asked.filter((path) => path.includes('/products/'))).toHaveLength(2);
  });

  it('looks at the products anew where it begins anew after it was broken off', async () => {
    const { page, http } = asking(script, new TestClock(), undefined, { ...SETTINGS, onlyOnline: 'yes' });
    await page(null, '*');
    await page(null, '*');
    expect(http.asked.filter((path) => path.includes('/products/'))).toHaveLength(2);
  });

  it('is no pull of everything: that one leaves out nothing, and asks for no products', async () => {
    const { all, http } = asking(script, new TestClock(), undefined, { ...SETTINGS, onlyOnline: '' });
    expect(await all(['Boutique'])).toHaveLength(5);
    expect(http.asked.filter((path) => path.includes('/products/'))).toEqual([]);
  });
});

describe('Hiboutik’s settings', () => {
  const { source } = asking(() => ({}));
  const needed = { account: ' MyShop ', user: ' a@b.example ', apiKey: ' K ' };
  const faultsOf = (settings: object) => {
    const read = source.readSettings({ ...needed, ...settings });
    return read.ok ? [] : read.errors.map(({ path }) => path);
  };

  it('are trimmed, and have defaults', () => {
    expect(source.readSettings(needed)).toEqual({
      ok: true,
      settings: {
        account: 'myshop',
        user: 'a@b.example',
        apiKey: 'K',
        salePrefix: 'wc_',
        onlyOnline: '',
        tellCashier: '',
        monthlyCalls: '9000',
      },
    });
    expect(source.secretSettings).toEqual(['apiKey', 'webhookSecret']);
  });

  it('may switch the guard against our own orders off, and sign the calls', () => {
    const read = source.readSettings({
      ...needed,
      salePrefix: ' ',
      webhookSecret: ' s3 ',
      onlyOnline: 'yes',
      tellCashier: 'yes',
      monthlyCalls: ' 0500 ',
    });
    expect(read.ok && read.settings).toMatchObject({
      salePrefix: '',
      webhookSecret: 's3',
      onlyOnline: 'yes',
      tellCashier: 'yes',
      monthlyCalls: '500',
    });
  });

  it('do not hold a secret that was taken away', () => {
    const read = source.readSettings({ ...needed, webhookSecret: ' ' });
    expect(read.ok && 'webhookSecret' in read.settings).toBe(false);
  });

  test.each([['100'], ['1000000'], ['']])('allow %p calls a month', (monthlyCalls) => {
    expect(faultsOf({ monthlyCalls })).toEqual([]);
  });

  test.each([['99'], ['1000001'], ['-500'], ['1e3'], ['500.5'], ['many'], [500]])(
    'do not allow %p calls a month',
    (monthlyCalls) => {
      expect(faultsOf({ monthlyCalls })).toEqual(['settings.monthlyCalls']);
    },
  );

  it('know yes and nothing', () => {
    expect(faultsOf({ onlyOnline: 'no', tellCashier: true })).toEqual(['settings.onlyOnline', 'settings.tellCashier']);
  });

  test.each([['https://myshop.hiboutik.com'], ['myshop.hiboutik.com'], ['my/shop'], ['-x'], ['']])(
    'are refused field by field, an account %s included',
    (account) => {
      const read = source.readSettings({ account, user: ' ' });
      expect(read.ok ? [] : read.errors.map(({ path }) => path)).toEqual([
        'settings.account',
        'settings.user',
        'settings.apiKey',
      ]);
    },
  );
});
