import { createOblioSource } from '../../../server/connectors/oblio/oblio-source';
import { failure, FailureError } from '../../../server/domain/failure';
import type { ChosenWarehouses } from '../../../server/domain/warehouse';
import { type ScriptedAnswer, ScriptedHttp } from '../../support/scripted-http';
import { TestClock } from '../../support/test-clock';

const SETTINGS = { email: 'owner@shop.example', secret: '1edd', cif: 'RO37311090' };
const MINUTE = 60_000;
const signal = new AbortController().signal;

/** Whoever waits has waited at once. */
class WaitingClock extends TestClock {
  override sleep(ms: number): Promise<void> {
    this.advance(ms);
    return Promise.resolve();
  }
}

const list = (...data: readonly unknown[]): ScriptedAnswer => ({
  body: { status: 200, statusMessage: 'Success', data },
});
const MANAGEMENT = list(
  { management: 'Magazin', workStation: 'Sediu', managementType: 'Cantitativ Valorica' },
  { management: 'Mobila', workStation: 'Depozit', managementType: 'Cantitativ Valorica' },
);
const lying = (quantity: unknown, management = 'Magazin', workStation = 'Sediu') => ({
  workStation,
  management,
  quantity,
  price: '200.00',
});
const desk = (...stock: readonly unknown[]) => ({ name: 'Birou', code: 'B-1', productType: 'Marfa', stock });

function asking(products: (url: URL) => ScriptedAnswer, more: Readonly<Record<string, ScriptedAnswer>> = {}) {
  let given = 0;
  const clock = new WaitingClock();
  const http = new ScriptedHttp((url) => {
    if (url.pathname.endsWith('/authorize/token')) {
      given++;
      return more['token'] ?? { body: { access_token: `t${given}`, expires_in: '3600', token_type: 'Bearer' } };
    }
    return url.pathname.endsWith('/management') ? (more['management'] ?? MANAGEMENT) : products(url);
  });
  const source = createOblioSource(http, undefined, clock);
  const { api, pull } = source;
  if (!api || !pull) throw new Error('Oblio can be asked');
  const page = (cursor: string | null = null, warehouses: ChosenWarehouses = '*') =>
    pull.page(SETTINGS, { warehouses, cursor }, signal);
  return { http, source, api, page, clock };
}

const failureOf = async (work: Promise<unknown>) => {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof FailureError)) throw new Error('The call did not fail');
  return { ...thrown.failure, retryAfterMs: thrown.facts.retryAfterMs };
};

describe('A page of Oblio’s levels', () => {
  it('is asked for with a token that is asked for once', async () => {
    const { http, page } = asking(() => list(desk(lying(2))));
    await page();
    await page();
    expect(http.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST https://www.oblio.eu/api/authorize/token',
      'GET https://www.oblio.eu/api/nomenclature/products?cif=RO37311090&offset=0',
      'GET https://www.oblio.eu/api/nomenclature/products?cif=RO37311090&offset=0',
    ]);
    expect(http.requests[0]).toMatchObject({
      body: 'client_id=owner%40shop.example&client_secret=1edd',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    expect(http.requests[2]?.headers).toMatchObject({ Authorization: 'Bearer t1' });
  });

  test.each([
    ['a number', desk(lying(2)), { code: 'B-1', name: 'Birou', warehouse: 'Sediu / Magazin', quantity: '2' }],
    ['text', desk(lying('7')), { quantity: '7' }],
    ['decimals', desk(lying('2.50')), { quantity: '2.5' }],
    ['nothing left', desk(lying(0)), { quantity: '0' }],
    ['less than nothing', desk(lying(-1)), { quantity: '-1' }],
    ['no code', { ...desk(lying(1)), code: '' }, { code: null, name: 'Birou' }],
    ['lots of different prices', desk(lying(2), lying('3.5'), lying(0.25)), { quantity: '5.75' }],
    ['no place of work', desk(lying(1, 'Magazin', '')), { warehouse: 'Magazin' }],
  ])('understands %s', async (_what, product, expected) => {
    const { page } = asking(() => list(product));
    expect((await page()).lines).toMatchObject([{ change: expected }]);
  });

  it('has a line for each warehouse, and none for services and what lies nowhere', async () => {
    const { page } = asking(() =>
      list(
        { name: 'Montare', code: '', productType: 'Serviciu', price: '119.00' },
        desk(),
        desk(lying(1), lying(9, 'Mobila', 'Depozit'), lying(4, 'Magazin', 'Depozit')),
      ),
    );
    expect((await page()).lines).toMatchObject([
      { change: { index: 0, warehouse: 'Sediu / Magazin', quantity: '1' } },
      { change: { index: 1, warehouse: 'Depozit / Mobila', quantity: '9' } },
      { change: { index: 2, warehouse: 'Depozit / Magazin', quantity: '4' } },
    ]);
  });

  test.each([
    ['no quantity', [lying(undefined)], 'quantity_missing'],
    ['a quantity that is none', [lying('mult')], 'quantity_not_a_number'],
    ['a lot that cannot be read among others', [lying(5), lying(null)], 'quantity_missing'],
  ])('refuses %s and keeps its neighbours', async (_what, stock, refusal) => {
    const { page } = asking(() => list(desk(...stock), desk(lying(3))));
    expect((await page()).lines).toMatchObject([{ refused: { refusal } }, { change: { quantity: '3' } }]);
  });

  it('has only the warehouses asked for, in any case', async () => {
    const { page } = asking(() => list(desk(lying(1), lying(9, 'Mobila', 'Depozit'))));
    expect((await page(null, ['depozit / MOBILA'])).lines).toMatchObject([{ change: { index: 0, quantity: '9' } }]);
  });

  it('is not asked for where a warehouse is not there', async () => {
    const { page } = asking(() => list(desk(lying(1))));
    expect(await failureOf(page(null, ['Sediu / Magazin', 'Magazin']))).toMatchObject({
      code: 'source_refused',
      params: { said: 'There is no warehouse “Magazin”.' },
    });
  });
});

describe('A long pull from Oblio', () => {
  const products = Array.from({ length: 600 }, (_, n) => ({ ...desk(lying(n)), code: `P-${n}` }));
  const paged = (url: URL) => {
    const offset = Number(url.searchParams.get('offset'));
    return list(...products.slice(offset, offset + 250));
  };

  it('goes on by offsets, after a restart too, and keeps its calls apart', async () => {
    const { page, clock } = asking(paged);
    const first = await page();
    const after = asking(paged);
    const second = await after.page(first.next);
    const third = await page(second.next);
    expect(third.next).toBeNull();
    const lines = [first, second, third].flatMap((each) => each.lines);
    expect(lines.map((line) => ('change' in line ? [line.change.index, line.change.code] : null))).toEqual(
      products.map(({ code }, n) => [n, code]),
    );
    // Three calls, token included: two waits.
    expect(clock.now() - new TestClock().now()).toBe(700);
  });

  it('ends with an empty page where the last was just full', async () => {
    const { page } = asking((url) =>
      url.searchParams.get('offset') === '0' ? list(...products.slice(0, 250)) : list(),
    );
    const first = await page();
    expect(await page(first.next)).toEqual({ lines: [], next: null, total: null });
  });

  it('renews the token before its hour is over', async () => {
    const { page, http, clock } = asking(() => list(desk(lying(1))));
    await page();
    clock.advance(59 * MINUTE);
    await page();
    expect(http.requests.at(-1)?.headers).toMatchObject({ Authorization: 'Bearer t2' });
  });

  it('asks for a new token where the old one is refused, once', async () => {
    let refusals = 1;
    const { page, http } = asking(() => (refusals-- > 0 ? { status: 401 } : list(desk(lying(1)))));
    expect((await page()).lines).toHaveLength(1);
    expect(http.requests.at(-1)?.headers).toMatchObject({ Authorization: 'Bearer t2' });
    refusals = 2;
    expect(await failureOf(page())).toMatchObject({ code: 'source_login_refused' });
  });
});

describe('A pull that Oblio refuses', () => {
  const said = 'CIF-ul firmei nu este valid.';

  test.each([
    [
      'the firm',
      { status: 400, body: { status: 400, statusMessage: said } },
      { code: 'source_refused', params: { said } },
    ],
    ['the firm inside 200', { body: { status: 400, statusMessage: said } }, { code: 'source_refused' }],
    ['by a fault of its own', { status: 502 }, { code: 'source_unreachable' }],
    ['by a page for people', { body: '<html>' }, { code: 'source_answer_unexpected' }],
    [
      'by an answer without data',
      { body: { status: 200, statusMessage: 'Success' } },
      { code: 'source_answer_unexpected' },
    ],
  ])('%s says why', async (_what, answer, expected) => {
    const { page } = asking(() => answer);
    expect(await failureOf(page())).toMatchObject(expected);
  });

  test.each([
    ['401', { status: 401, body: { status: 401, statusMessage: 'x' } }, 'source_login_refused'],
    ['400', { status: 400, body: { status: 400, statusMessage: 'x' } }, 'source_login_refused'],
    ['no token', { body: {} }, 'source_answer_unexpected'],
  ])('at the door, with %s, says why and asks for nothing more', async (_what, token, code) => {
    const { page, http } = asking(() => list(), { token });
    expect(await failureOf(page())).toMatchObject({ code });
    expect(http.requests).toHaveLength(1);
  });

  it('names a source, not a shop, where nobody answers', async () => {
    const { page } = asking(() => {
      throw new FailureError(failure('shop_timeout', { seconds: 60 }));
    });
    expect(await failureOf(page())).toMatchObject({ code: 'source_unreachable', params: { reason: 'shop_timeout' } });
  });

  it('waits out a block without a further call', async () => {
    const { page, http, clock } = asking(() => ({ status: 429 }));
    expect(await failureOf(page())).toMatchObject({ code: 'source_rate_limited', retryAfterMs: 10 * MINUTE });
    clock.advance(4 * MINUTE);
    expect(await failureOf(page())).toMatchObject({ params: { seconds: 360 } });
    expect(http.requests).toHaveLength(2);
  });
});

describe('The test of an Oblio source', () => {
  test.each([
    ['passes', {}, ['vendor_address.reachable', 'vendor_login.login_accepted', 'vendor_company.company_found']],
    ['tells of a refused login', { token: { status: 401 } }, ['vendor_login.login_refused_oblio']],
    [
      'tells of a refused firm',
      { management: { status: 400, body: { status: 400, statusMessage: 'CIF' } } },
      ['vendor_company.company_refused'],
    ],
    ['tells of a block', { management: { status: 429 } }, ['vendor_address.rate_limited']],
    ['tells of a fault', { token: { status: 500 } }, ['vendor_address.unreachable']],
  ])('%s', async (_what, more, expected) => {
    const { api } = asking(() => list(), more);
    expect((await api.test(SETTINGS, signal)).map(({ id, code }) => `${id}.${code}`)).toEqual(expected);
  });

  it('the warehouses are named with their places of work', async () => {
    const { api } = asking(() => list());
    expect(await api.warehouses(SETTINGS, signal)).toEqual(['Sediu / Magazin', 'Depozit / Mobila']);
  });
});

describe('Oblio’s settings', () => {
  const { source } = asking(() => list());

  it('are trimmed, or refused field by field', () => {
    const settings = { email: ' a@b.example ', secret: ' s ', cif: ' RO12345678 ' };
    expect(source.readSettings(settings)).toEqual({
      ok: true,
      settings: { email: 'a@b.example', secret: 's', cif: 'RO12345678' },
    });
    expect(source.secretSettings).toEqual(['secret']);
    const read = source.readSettings({ email: 'owner', secret: ' ', cif: 'DE1' });
    expect(read.ok ? [] : read.errors.map(({ path }) => path)).toEqual([
      'settings.email',
      'settings.secret',
      'settings.cif',
    ]);
  });
});
