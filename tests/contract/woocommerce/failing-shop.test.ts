import { createWooCommerceShopTarget } from '../../../server/connectors/woocommerce/woocommerce-shop-target';
import { FailureError } from '../../../server/domain/failure';
import type { ShopAccess, ShopExamination, ShopTarget } from '../../../server/domain/ports/shop-target';
import { quantity } from '../../../server/domain/quantity';
import { createHttpClient, type HttpCall, type HttpClient } from '../../../server/outbound/http-client';
import {
  type Fault,
  type SimulatedWooCommerce,
  type SimulatedWooCommerceOptions,
  startSimulatedWooCommerce,
} from '../../support/simulated-woocommerce';
import { selfSignedCertificate } from '../../support/self-signed-certificate';
import { systemClock } from './shop-under-test';

const { signal } = new AbortController();

describe('A shop that fails', () => {
  let shop: SimulatedWooCommerce;
  let http: HttpClient;
  let target: ShopTarget;
  let calls: HttpCall[];

  const start = async (options: SimulatedWooCommerceOptions = {}): Promise<void> => {
    await shop?.close();
    shop = await startSimulatedWooCommerce({
      ...options,
      products: options.products ?? [
        { sku: 'A', name: 'Ceașcă', stock: 10 },
        { sku: 'B', name: 'Farfurie', stock: 5 },
        { sku: 'C', name: 'Lingură', stock: 1 },
      ],
    });
  };

  beforeEach(async () => {
    await start();
    calls = [];
    http = createHttpClient({ allowPrivateNetwork: true, clock: systemClock, onCall: (call) => calls.push(call) });
    target = createWooCommerceShopTarget({
      http,
      clock: systemClock,
      version: '0.0.0-test',
      readTimeoutMs: 2_000,
      writeTimeoutMs: 2_000,
    });
  });

  afterEach(async () => {
    http.close();
    await shop.close();
  });

  const access = (changes: Partial<ShopAccess> = {}): ShopAccess => ({
    shopId: 1,
    url: shop.url,
    consumerKey: shop.keys.readWrite.consumerKey,
    consumerSecret: shop.keys.readWrite.consumerSecret,
    verifyTls: true,
    allowQueryKeys: false,
    authentication: null,
    routeStyle: null,
    ...changes,
  });
  const read = (changes: Partial<ShopAccess> = {}) => target.findByCodes(access(changes), ['A'], signal);
  const writeTo = (to: ShopTarget, levels: Readonly<Record<string, string>>) =>
    to.write(
      access(),
      {
        parentId: null,
        writes: Object.entries(levels).map(([sku, level]) => ({
          ref: { productId: shop.products.bySku(sku).id, variationId: null },
          quantity: quantity(level),
        })),
      },
      signal,
    );
  const write = (levels: Readonly<Record<string, string>> = { A: '7' }) => writeTo(target, levels);
  const failureOf = async (work: Promise<unknown>): Promise<FailureError> => {
    try {
      await work;
    } catch (thrown) {
      if (thrown instanceof FailureError) return thrown;
      throw thrown;
    }
    throw new Error('Nothing failed');
  };

  it.each<[string, Fault, string, boolean]>([
    ['a 500 page', { kind: 'server-error' }, 'shop_server_error', true],
    ['a 500 as JSON', { kind: 'server-error', as: 'json' }, 'shop_server_error', true],
    ['a 502 page', { kind: 'server-error', status: 502 }, 'shop_server_error', true],
    ['maintenance', { kind: 'maintenance' }, 'shop_maintenance', false],
    ['a 429', { kind: 'rate-limit' }, 'shop_rate_limited', false],
    ['the home page with 200', { kind: 'html-page' }, 'shop_not_json', true],
    ['a Cloudflare challenge', { kind: 'firewall', by: 'cloudflare' }, 'shop_blocked', false],
    ['a Wordfence page', { kind: 'firewall', by: 'wordfence' }, 'shop_blocked', false],
    ['a ModSecurity page', { kind: 'firewall', by: 'modsecurity' }, 'shop_blocked', false],
    ['a redirect', { kind: 'redirect', location: 'https://www.example.com' }, 'shop_redirects', false],
    ['a connection cut before the write', { kind: 'reset-before-write' }, 'shop_answer_lost', true],
    ['a connection cut after the write', { kind: 'reset-after-write' }, 'shop_answer_lost', true],
    ['a 500 after the write', { kind: 'fail-after-write' }, 'shop_server_error', true],
    ['JSON that breaks off', { kind: 'cut-json' }, 'shop_not_json', true],
    ['an answer that leaves an item out', { kind: 'wrong-answer', how: 'short' }, 'shop_answer_unexpected', true],
    ['an answer with an item too many', { kind: 'wrong-answer', how: 'long' }, 'shop_answer_unexpected', true],
    ['an answer in another order', { kind: 'wrong-answer', how: 'reversed' }, 'shop_answer_unexpected', true],
  ])('%s is named, and a write then is known to be done or not', async (_what, fault, code, mayHaveHappened) => {
    shop.faults.next(fault);
    const failed = await failureOf(write({ A: '7', B: '8' }));
    expect([failed.failure.code, failed.facts.writeMayHaveHappened ?? false]).toEqual([code, mayHaveHappened]);
  });

  it('names Cloudflare with its Ray id', async () => {
    shop.faults.next({ kind: 'firewall', by: 'cloudflare' });
    expect((await failureOf(read())).failure.params).toEqual({
      what: 'Cloudflare challenge, Ray id 8f1e2d3c4b5a6978-OTP',
    });
  });

  it('does not repeat a redirect’s query, which holds the keys of the call', async () => {
    shop.faults.next({ kind: 'redirect', location: 'https://www.example.com' });
    const failed = await failureOf(read());
    expect(failed.failure.params).toEqual({ location: 'https://www.example.com/wp-json/wc/v3/products' });
  });

  it.each([
    [{ kind: 'rate-limit', retryAfter: 17 } as const, 17_000],
    [{ kind: 'rate-limit', status: 503, retryAfter: '3' } as const, 3_000],
    [{ kind: 'maintenance' } as const, 600_000],
  ])('hands on how long %j asks us to wait', async (fault, ms) => {
    shop.faults.next(fault);
    expect((await failureOf(write())).facts.retryAfterMs).toBe(ms);
  });

  it('takes the data behind a notice, of a read and of a write', async () => {
    shop.faults.always({ kind: 'notice-before-json' });
    expect((await read()).get('A')).toHaveLength(1);
    expect(await write()).toMatchObject([{ kind: 'answered', product: { quantity: '7' } }]);
  });

  it('leaves half a batch written when PHP dies in it, and says that it may be so', async () => {
    shop.faults.next({ kind: 'die-in-batch', items: 1 });
    const failed = await failureOf(write({ A: '1', B: '2', C: '3' }));
    expect(failed.facts.writeMayHaveHappened).toBe(true);
    expect(['A', 'B', 'C'].map((sku) => shop.products.stockOf(sku))).toEqual([1, 5, 1]);
  });

  it('dies on every batch with the poisoned item in it, and on no other', async () => {
    shop.faults.always({ kind: 'poison', skus: ['B'] });
    expect((await failureOf(write({ A: '1', B: '2' }))).failure.code).toBe('shop_server_error');
    expect(shop.products.stockOf('A')).toBe(10);
    expect(await write({ A: '1', C: '2' })).toHaveLength(2);
  });

  it('shows in its answer what is stored, when that is not what was sent', async () => {
    shop.faults.next({ kind: 'ignore-writes' });
    expect(await write()).toMatchObject([{ product: { quantity: '10' } }]);
    shop.faults.next({ kind: 'store-other', change: (number) => number + 1, skus: ['A'] });
    expect(await write()).toMatchObject([{ product: { quantity: '8' } }]);
  });

  it('has done the write although its answer never came', async () => {
    shop.faults.next({ kind: 'no-answer' });
    const impatient = createWooCommerceShopTarget({ http, clock: systemClock, version: '0', writeTimeoutMs: 500 });
    const failed = await failureOf(writeTo(impatient, { A: '7' }));
    expect([failed.failure.code, failed.facts.writeMayHaveHappened]).toEqual(['shop_timeout', true]);
    expect(shop.products.stockOf('A')).toBe(7);
  });

  it('answers a signed read that had to be sent twice, though it takes no signature twice', async () => {
    await start({ treatHttpAsHttps: false });
    await read();
    shop.faults.next({ kind: 'reset-after-write' });
    expect((await read()).get('A')).toHaveLength(1);
    expect(shop.calls.map((call) => call.status)).toEqual([200, 0, 401, 200]);
  });

  it('is down, and back', async () => {
    await shop.goDown();
    const failed = await failureOf(write());
    expect([failed.failure.code, failed.facts.writeMayHaveHappened]).toEqual(['shop_unreachable', undefined]);
    await shop.comeBack();
    expect(await write()).toHaveLength(1);
  });

  it('limits its faults to the routes named', async () => {
    shop.faults.always({ kind: 'server-error' }, { route: /\/batch$/ });
    expect((await read()).get('A')).toHaveLength(1);
    expect((await failureOf(write())).failure.code).toBe('shop_server_error');
  });

  it('is asked by no other method than GET and POST, under a name of ours', async () => {
    await read();
    await write();
    await target.read(access(), [{ productId: 999_999, variationId: null }], signal);
    await target.examine(access(), signal);
    expect(new Set(shop.calls.map((call) => call.method))).toEqual(new Set(['GET', 'POST']));
    expect(new Set(shop.calls.map((call) => call.headers['user-agent']))).toEqual(new Set(['StockRelay/0.0.0-test']));
  });

  it('leaves no key and no query in the record of a call, nor in a failure', async () => {
    shop.faults.next({ kind: 'html-page', html: `<title>You sent ${shop.keys.readWrite.consumerSecret}</title>` });
    const failed = await failureOf(read());
    await failureOf(read({ consumerSecret: 'cs_wrong' }));
    const told = JSON.stringify([failed, failed.message, String(failed.stack), calls]);
    expect(told).not.toContain(shop.keys.readWrite.consumerSecret);
    expect(told).not.toContain(shop.keys.readWrite.consumerKey);
    expect(told).not.toContain('oauth_');
    expect(failed.cause).toBeUndefined();
  });

  it('reads all pages of a code that over a hundred products share', async () => {
    shop.products.addMany(230, (index) => ({ sku: 'TWIN', name: `Geamăn ${index}`, stock: 1 }));
    expect((await target.findByCodes(access(), ['twin'], signal)).get('twin')).toHaveLength(230);
  });

  it('is not read to its end when it ignores a filter', async () => {
    await start({ features: { searchNameOrSku: false, gtin: false, globalVariations: false } });
    shop.products.addMany(3_000, (index) => ({ sku: `X-${index}`, name: `Produs ${index}`, stock: 1 }));
    const found = await target.findByBarcodes(access(), ['5901234123457', 'X-7'], signal);
    expect([...found].map(([barcode, products]) => [barcode, products.length])).toEqual([
      ['5901234123457', 0],
      ['X-7', 1],
    ]);
    expect(shop.calls.length).toBeLessThanOrEqual(3);
  });

  it('proves names in older versions too, variations among them', async () => {
    await start({
      features: { searchNameOrSku: false, gtin: false, globalVariations: false },
      products: [
        { sku: 'H', name: 'Haină – lungă', variations: [{ option: 'S', sku: 'H-S', stock: 1 }] },
        { sku: 'J', name: 'Haină', variations: [{ option: 'lungă', sku: 'J-L', stock: 1 }] },
      ],
    });
    const named = await target.findByName(access(), 'haina - lunga - s', signal);
    expect(named.map((product) => product.sku)).toContain('H-S');
    const twice = await target.findByName(access(), 'Haină - lungă', signal);
    expect(twice.map((product) => product.sku).sort()).toEqual(['H', 'J-L']);
  });

  it('says so when too many names are alike to prove one', async () => {
    shop.products.addMany(600, (index) => ({ sku: `N-${index}`, name: `Tricou ${index}`, stock: 1 }));
    expect((await failureOf(target.findByName(access(), 'Tricou', signal))).failure.code).toBe('name_unprovable');
  });

  it('reads variations parent by parent where it has no list of all of them', async () => {
    const products = ['P', 'Q'].map((sku) => ({
      sku,
      name: `Haină ${sku}`,
      variations: [{ option: 'S', sku: `${sku}-S`, stock: 3 }],
    }));
    await start({ features: { globalVariations: false }, products });
    const refs = ['P-S', 'Q-S'].map((sku) => {
      const variation = shop.products.bySku(sku);
      return { productId: variation.parentId, variationId: variation.id };
    });
    const answers = await target.read(access(), refs, signal);
    expect(answers.map((answer) => answer.kind === 'found' && answer.product.name)).toEqual([
      'Haină P - S',
      'Haină Q - S',
    ]);
  });

  describe('as the doctor sees it', () => {
    const codesOf = (examination: ShopExamination): Record<string, string> =>
      Object.fromEntries(examination.checks.map((check) => [check.id, check.code]));
    const examined = async (changes: Partial<ShopAccess> = {}) => target.examine(access(changes), signal);

    it('is not an address', async () => {
      const examination = await examined({ url: 'magazin' });
      expect(codesOf(examination)).toMatchObject({
        address: 'invalid',
        reachable: 'not_checked',
        clock: 'not_checked',
      });
      expect(examination.ok).toBe(false);
    });

    it('is down', async () => {
      await shop.goDown();
      expect(codesOf(await examined())).toMatchObject({ reachable: 'shop_unreachable', tls: 'not_checked' });
      await shop.comeBack();
    });

    it('moved to another address, which is proposed', async () => {
      shop.faults.always({ kind: 'redirect', location: 'https://www.example.com' });
      const examination = await examined();
      expect(examination.checks[0]).toMatchObject({
        code: 'redirects',
        ok: false,
        params: { proposed: 'https://www.example.com' },
      });
    });

    it.each(['plain', 'plain-with-rewrite'] as const)('works under permalinks that are %s', async (permalinks) => {
      shop.permalinks = permalinks;
      const examination = await examined();
      expect(examination).toMatchObject({ ok: true, routeStyle: 'rest-route' });
      expect(codesOf(examination)).toMatchObject({ rest_route: 'plain_permalinks', keys_may_write: 'may_write' });
      expect((await read({ routeStyle: 'rest-route' })).get('A')).toHaveLength(1);
    });

    it('is behind a firewall, in maintenance, or broken', async () => {
      for (const [fault, code] of [
        [{ kind: 'firewall' }, 'shop_blocked'],
        [{ kind: 'maintenance' }, 'shop_maintenance'],
        [{ kind: 'server-error' }, 'shop_server_error'],
      ] as const) {
        shop.faults.clear();
        shop.faults.always(fault);
        expect(codesOf(await examined())).toMatchObject({ reachable: 'reachable', rest_route: code });
      }
    });

    it('manages no stock at all', async () => {
      shop.products.setManageStockStoreWide(false);
      const examination = await examined();
      expect(codesOf(examination)).toMatchObject({ keys_may_write: 'may_write', stock_management: 'off' });
      expect(examination.ok).toBe(false);
    });

    it('is of an old version', async () => {
      await start({ version: '7.9.1' });
      const examination = await examined();
      expect(codesOf(examination)).toMatchObject({ version: 'old' });
      expect(examination).toMatchObject({ ok: true, version: '7.9.1' });
    });

    it('has a clock that is wrong by minutes, or by more than signatures allow', async () => {
      await start({ treatHttpAsHttps: false });
      shop.clockOffsetMs = 7 * 60_000;
      expect(codesOf(await examined())).toMatchObject({ keys_valid: 'signed', clock: 'off' });
      shop.clockOffsetMs = 40 * 60_000;
      expect(codesOf(await examined())).toMatchObject({ keys_valid: 'keys_clock', clock: 'breaks_signatures' });
    });

    describe('when its server drops the Authorization header', () => {
      const stripped = async (): Promise<void> => {
        await start({ tls: selfSignedCertificate() });
        shop.faults.always({ kind: 'strip-header' });
      };
      const keysCheck = (examination: ShopExamination) => examination.checks.find((check) => check.id === 'keys_valid');

      it('is called with a signature instead, and never told the secret', async () => {
        await stripped();
        const examination = await examined({ verifyTls: false, allowQueryKeys: true });
        expect(examination).toMatchObject({ ok: true, authentication: 'oauth1' });
        expect(keysCheck(examination)).toMatchObject({ code: 'signed_instead', severity: 'warning' });
        expect(shop.calls.some((call) => call.query.includes(shop.keys.readWrite.consumerSecret))).toBe(false);
      });

      it('is told the keys in the address where no signature is right, but only with consent', async () => {
        await stripped();
        shop.faults.always({ kind: 'other-home', home: 'https://intern.example' });
        const without = await examined({ verifyTls: false });
        expect(without).toMatchObject({ ok: false, authentication: null });
        expect(keysCheck(without)).toMatchObject({ code: 'not_seen', severity: 'error' });
        expect(shop.calls.some((call) => call.query.includes('consumer_secret'))).toBe(false);
        const withConsent = await examined({ verifyTls: false, allowQueryKeys: true });
        expect(withConsent).toMatchObject({ ok: true, authentication: 'query' });
        expect(keysCheck(withConsent)).toMatchObject({ code: 'sent_in_address', severity: 'warning' });
      });

      it('is named when it begins to do so', async () => {
        await stripped();
        const failed = await failureOf(read({ verifyTls: false, authentication: 'basic' }));
        expect(failed.failure.code).toBe('keys_header_stripped');
        expect((await read({ verifyTls: false, authentication: 'oauth1' })).get('A')).toHaveLength(1);
      });

      it('never gets the keys in the address without consent, whatever was stored', async () => {
        await stripped();
        await failureOf(read({ verifyTls: false, authentication: 'query', allowQueryKeys: false }));
        expect(shop.calls.some((call) => call.query.includes('consumer_secret'))).toBe(false);
      });
    });

    it('has a certificate nobody vouches for', async () => {
      await start({ tls: selfSignedCertificate() });
      expect(codesOf(await examined())).toMatchObject({ reachable: 'reachable', tls: 'shop_tls_invalid' });
      expect(codesOf(await examined({ verifyTls: false }))).toMatchObject({ address: 'https', tls: 'unverified' });
    });
  });
});
