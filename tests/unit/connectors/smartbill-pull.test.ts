import { createSmartbillSource } from '../../../server/connectors/smartbill/smartbill-source';
import { failure, FailureError } from '../../../server/domain/failure';
import type { LevelsPage } from '../../../server/domain/ports/stock-source';
import type { ChosenWarehouses } from '../../../server/domain/warehouse';
import { type ScriptedAnswer, ScriptedHttp } from '../../support/scripted-http';
import { stockChange } from '../../support/builders';
import type { VendorCalls } from '../../../server/domain/ports/vendor-calls';
import { CountedVendorCalls } from '../../support/counted-vendor-calls';
import { TestClock } from '../../support/test-clock';

const SETTINGS = { email: 'owner@shop.example', apiToken: '003|abc', vatCode: 'RO12345678' };
const MINUTE = 60_000;
const signal = new AbortController().signal;

function pulling(
  script: (url: URL) => ScriptedAnswer,
  clock = new TestClock(),
  vendorCalls: VendorCalls = new CountedVendorCalls(),
) {
  const http = new ScriptedHttp(script);
  const { pull } = createSmartbillSource(http, 'https://vendor.example/api', clock, vendorCalls);
  if (!pull) throw new Error('SmartBill can be asked');
  const page = (cursor: string | null = null, warehouses: ChosenWarehouses = ['Depozit']) =>
    pull.page(SETTINGS, { warehouses, cursor }, signal);
  const all = async (warehouses: ChosenWarehouses) => {
    const pages: LevelsPage[] = [];
    for (let cursor: string | null = null; pages.length === 0 || cursor !== null;) {
      const some: LevelsPage = await page(cursor, warehouses);
      pages.push(some);
      cursor = some.next;
    }
    return pages.flatMap(({ lines }) => lines);
  };
  return { http, page, all, clock };
}

const ecom = (...products: readonly unknown[]) => ({ body: { errorText: '', products } });
const stocks = (...products: readonly unknown[]) => ({
  errorText: '',
  list: [{ products, warehouse: { warehouseName: 'Depozit', warehouseType: 'en detail' } }],
});
const only = (path: string, answer: ScriptedAnswer) => (url: URL) =>
  url.pathname === `/api${path}` ? answer : { status: 404, body: { errorText: '' } };
const failureOf = async (work: Promise<unknown>) => {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof FailureError)) throw new Error('The call did not fail');
  return { ...thrown.failure, retryAfterMs: thrown.facts.retryAfterMs };
};
const row = { productCode: 'IT001', productName: 'Revista IT', measuringUnit: 'buc', quantity: 100 };

describe('A page of SmartBill’s levels', () => {
  const clock = new TestClock();
  const change = stockChange({ code: 'IT001', name: 'Revista IT', observedAt: clock.now() });

  test.each([
    ['the list for web shops', '/stocks/ecom/', { errorText: '', products: [row] }],
    ['the general list', '/stocks', stocks(row)],
    ['the general list, wrapped', '/stocks', { errorText: '', stocks: stocks(row) }],
    ['the list for web shops, wrapped', '/stocks/ecom/', { stocks: { products: [row] } }],
  ])('is read from %s', async (_what, path, body) => {
    const { page } = pulling(only(path, { body }));
    expect(await page()).toEqual({ lines: [{ change: { ...change, quantity: '100' } }], next: null, total: null });
  });

  it('is asked for with the login, the company, the warehouse, and the firm’s own day', async () => {
    // 22:30 UTC is past midnight in Bucharest.
    const { http, page } = pulling(
      only('/stocks', { body: stocks(row) }),
      new TestClock(Date.UTC(2026, 0, 15, 22, 30)),
    );
    await page(null, ['Gestiune mică']);
    expect(http.asked.map(decodeURI)).toEqual([
      '/api/stocks/ecom/?cif=RO12345678&warehouseName=Gestiune+mică',
      '/api/stocks?cif=RO12345678&date=2026-01-16&warehouseName=Gestiune+mică',
    ]);
    expect(http.requests[0]?.headers).toMatchObject({
      Authorization: `Basic ${Buffer.from('owner@shop.example:003|abc').toString('base64')}`,
    });
  });

  test.each([
    [
      'its other names',
      { denumire: 'Cana', cod: 'C-1', um: 'buc', cantitate: 3 },
      { code: 'C-1', name: 'Cana', quantity: '3' },
    ],
    [
      'names nobody knows, by their order',
      { a: 'Cana', b: 'C-1', c: 'buc', d: 3 },
      { code: 'C-1', name: 'Cana', quantity: '3' },
    ],
    ['a list of four values', { 0: 'Cana', 1: 'C-1', 2: 'buc', 3: '7' }, { code: 'C-1', name: 'Cana', quantity: '7' }],
    ['no code', { productName: 'Cana', quantity: 1 }, { code: null, name: 'Cana', quantity: '1' }],
    ['a number as text', { ...row, quantity: '12' }, { quantity: '12' }],
    ['decimals', { ...row, quantity: 2.5 }, { quantity: '2.5' }],
    ['decimals with a comma', { ...row, quantity: '2,50' }, { quantity: '2.5' }],
    ['less than nothing', { ...row, quantity: -3 }, { quantity: '-3' }],
    ['nothing left', { ...row, quantity: 0 }, { quantity: '0' }],
  ])('understands %s', async (_what, product, expected) => {
    const { page } = pulling(only('/stocks/ecom/', ecom(product)));
    expect((await page()).lines).toMatchObject([{ change: { ...expected, warehouse: 'Depozit' } }]);
  });

  test.each([
    ['a quantity that is none', { ...row, quantity: 'mult' }, 'quantity_not_a_number'],
    ['no quantity', { productCode: 'A', productName: 'B' }, 'quantity_missing'],
    ['three values under unknown names', { a: 'Cana', b: 'C-1', c: 3 }, 'quantity_missing'],
    ['a row that is no row', 'IT001', 'line_not_an_object'],
  ])('refuses %s and keeps its neighbours', async (_what, product, refusal) => {
    const { page } = pulling(only('/stocks/ecom/', ecom(product, row)));
    expect((await page()).lines).toMatchObject([{ refused: { refusal, index: 0 } }, { change: { code: 'IT001' } }]);
  });

  test.each([
    ['is empty', { body: { errorText: '', products: [] } }],
    ['is not there', { status: 404, body: 'Not found' }],
    ['is not there, with a word of it', { status: 404, body: { errorText: 'Resursa nu exista' } }],
    ['is gone', { status: 410 }],
  ])('comes from the general list where that for web shops %s', async (_what, answer) => {
    const { page, http } = pulling((url) => (url.pathname.endsWith('/ecom/') ? answer : { body: stocks(row) }));
    expect((await page()).lines).toHaveLength(1);
    expect(http.requests).toHaveLength(2);
  });

  it('is no empty warehouse where neither list is there', async () => {
    const { page } = pulling(() => ({ status: 404 }));
    expect(await failureOf(page())).toMatchObject({ code: 'source_answer_unexpected' });
  });
});

describe('A pull that SmartBill refuses', () => {
  const said = 'Gestiunea Depozit nu a fost gasita pe server.';

  test.each([
    ['a login', { status: 401, body: '' }, { code: 'source_login_refused' }],
    [
      'a login, told in words',
      { status: 400, body: { errorText: 'Autentificare esuata. Va rugam verificati datele si incercati din nou.' } },
      { code: 'source_login_refused' },
    ],
    ['a login inside 200', { body: { errorText: 'Autentificare esuata.' } }, { code: 'source_login_refused' }],
    ['an unknown warehouse', { status: 400, body: { errorText: said } }, { code: 'source_refused', params: { said } }],
    ['an unknown warehouse inside 200', { body: { errorText: said, products: [] } }, { code: 'source_refused' }],
    ['by a fault of its own', { status: 500, body: { errorText: 'Eroare' } }, { code: 'source_unreachable' }],
    ['by an answer that is no JSON', { body: '<html>' }, { code: 'source_answer_unexpected' }],
    ['by an answer without a list', { body: { errorText: '' } }, { code: 'source_answer_unexpected' }],
  ])('%s says why', async (_what, answer, expected) => {
    const { page } = pulling(() => answer);
    expect(await failureOf(page())).toMatchObject(expected);
  });

  it('names a source, not a shop, where nobody answers', async () => {
    const { page } = pulling(() => {
      throw new FailureError(failure('shop_unreachable', { reason: 'ECONNREFUSED', host: 'x' }));
    });
    expect(await failureOf(page())).toMatchObject({
      code: 'source_unreachable',
      params: { reason: 'ECONNREFUSED' },
    });
  });

  it('says that the login is refused, not that there are no products, when it first asks for the warehouses', async () => {
    const { page } = pulling(() => ({ status: 401 }));
    expect(await failureOf(page(null, '*'))).toMatchObject({ code: 'source_login_refused' });
  });

  it('is never asked more than 24 times in any ten seconds, whichever of our processes asks', async () => {
    const clock = new TestClock();
    const shared = new CountedVendorCalls();
    const [one, other] = [pulling(() => ecom(row), clock, shared), pulling(() => ecom(row), clock, shared)];
    const made = () => one.http.requests.length + other.http.requests.length;
    const settled = async () => {
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    };
    const work = Promise.all(Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? one : other).page()));
    await settled();
    expect(made()).toBe(12);
    clock.advance(10_000);
    await settled();
    expect(made()).toBe(24);
    clock.advance(10_000);
    await work;
    expect(made()).toBe(30);
  });

  it('waits out the ten minutes of a block without a further call', async () => {
    let blocked = true;
    const { page, http, clock } = pulling(() => (blocked ? { status: 403 } : ecom(row)));
    expect(await failureOf(page())).toMatchObject({
      code: 'source_rate_limited',
      params: { seconds: 600 },
      retryAfterMs: 10 * MINUTE,
    });
    clock.advance(4 * MINUTE);
    expect(await failureOf(page())).toMatchObject({ params: { seconds: 360 }, retryAfterMs: 6 * MINUTE });
    expect(http.requests).toHaveLength(1);
    blocked = false;
    clock.advance(6 * MINUTE);
    expect((await page()).lines).toHaveLength(1);
  });
});

describe('A long pull from SmartBill', () => {
  const many = Array.from({ length: 5_000 }, (_, n) => ({ ...row, productCode: `P-${n}`, quantity: n }));
  const codes = (lines: LevelsPage['lines']) => lines.map((line) => ('change' in line ? line.change.code : null));

  it('asks once for a list of 5,000 rows and hands it on in pages, every row once', async () => {
    const { http, all } = pulling(only('/stocks/ecom/', ecom(...many)));
    const lines = await all(['Depozit']);
    expect(codes(lines)).toEqual(many.map(({ productCode }) => productCode));
    expect(lines.map((line) => ('change' in line ? line.change.index : -1))).toEqual(many.map((_, n) => n));
    expect(http.requests).toHaveLength(1);
  });

  it('says of later pages that they are as old as the list: what is pushed meanwhile is newer', async () => {
    const { page, clock } = pulling(only('/stocks/ecom/', ecom(...many)));
    const askedAt = clock.now();
    const first = await page();
    clock.advance(MINUTE);
    const second = await page(first.next);
    expect(second.lines[0]).toMatchObject({ change: { observedAt: askedAt } });
  });

  it('goes on where it was after a restart', async () => {
    const before = pulling(only('/stocks/ecom/', ecom(...many)));
    const first = await before.page();
    const after = pulling(only('/stocks/ecom/', ecom(...many)));
    const second = await after.page(first.next);
    expect(codes(second.lines)[0]).toBe(`P-${first.lines.length}`);
    const third = await after.page(second.next);
    expect(third.next).toBeNull();
    expect(first.lines.length + second.lines.length + third.lines.length).toBe(5_000);
    expect(after.http.requests).toHaveLength(1);
  });

  it('begun anew asks anew', async () => {
    const { page, http } = pulling(only('/stocks/ecom/', ecom(...many)));
    await page();
    await page();
    expect(http.requests).toHaveLength(2);
  });

  it('goes through every warehouse named, an empty one included', async () => {
    const { all } = pulling((url) => {
      const warehouse = url.searchParams.get('warehouseName');
      if (warehouse === 'Gol') return { body: { errorText: '', products: [], list: [] } };
      return ecom({ ...row, quantity: warehouse === 'Depozit' ? 1 : 2 });
    });
    expect(await all(['Depozit', 'Gol', 'Magazin'])).toMatchObject([
      { change: { index: 0, warehouse: 'Depozit', quantity: '1' } },
      { change: { index: 1, warehouse: 'Magazin', quantity: '2' } },
    ]);
  });

  it('asks for the names where every warehouse counts', async () => {
    const { all } = pulling((url) =>
      url.pathname === '/api/company/warehouses'
        ? { body: { errorText: '', warehouses: ['Depozit', 'Magazin'] } }
        : ecom(row),
    );
    expect(await all('*')).toMatchObject([{ change: { warehouse: 'Depozit' } }, { change: { warehouse: 'Magazin' } }]);
  });

  it('takes the names from the list of all stocks where the account is not told them', async () => {
    const list = ['Depozit', 'Magazin', 'Depozit'].map((warehouseName) => ({
      products: [row],
      warehouse: { warehouseName },
    }));
    const { all, http } = pulling((url) => {
      if (url.pathname === '/api/company/warehouses') return { status: 404 };
      return url.searchParams.has('warehouseName') ? ecom(row) : { body: { errorText: '', list } };
    });
    expect(await all('*')).toMatchObject([{ change: { warehouse: 'Depozit' } }, { change: { warehouse: 'Magazin' } }]);
    expect(http.asked[1]).toBe('/api/stocks?cif=RO12345678&date=2026-01-15');
  });
});
