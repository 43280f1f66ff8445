import { createHiboutikSource } from '../../../server/connectors/hiboutik/hiboutik-source';
import { FailureError } from '../../../server/domain/failure';
import { CountedVendorCalls } from '../../support/counted-vendor-calls';
import { type ScriptedAnswer, ScriptedHttp } from '../../support/scripted-http';
import { TestClock } from '../../support/test-clock';

const SETTINGS: Readonly<Record<string, string>> = {
  account: 'myshop',
  user: 'owner@shop.example',
  apiKey: 'KEY',
  monthlyCalls: '100',
};
const ACCOUNT = 'hiboutik:myshop';
const HOUR = 60 * 60_000;
const signal = new AbortController().signal;
const row = { product_id: 1, product_size: 0, warehouse_id: 1, stock_available: '12', product_barcode: 'B-1' };

function process(vendorCalls: CountedVendorCalls, clock: TestClock, script?: (url: URL) => ScriptedAnswer) {
  const http = new ScriptedHttp(
    script ??
      ((url) => ({
        body: url.pathname.endsWith('/warehouses') ? [{ warehouse_id: 1, warehouse_label: 'Boutique' }] : [row],
      })),
  );
  const { api, pull, reread } = createHiboutikSource(http, undefined, clock, vendorCalls);
  if (!api || !pull || !reread) throw new Error('Hiboutik can be asked');
  return {
    http,
    api,
    page: () => pull.page(SETTINGS, { warehouses: '*', cursor: null }, signal),
    levels: (settings = SETTINGS) => reread.levels(settings, 'product:1', signal),
  };
}

function begin(calls = 0) {
  const clock = new TestClock(Date.UTC(2026, 0, 31, 12));
  const vendorCalls = new CountedVendorCalls();
  vendorCalls.set(ACCOUNT, calls, clock.now());
  return { clock, vendorCalls, ...process(vendorCalls, clock) };
}

const failureOf = async (work: Promise<unknown>) => {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof FailureError)) throw new Error('The call did not fail');
  return { ...thrown.failure, retryAfterMs: thrown.facts.retryAfterMs };
};

describe('The calls a month Hiboutik allows', () => {
  it('are counted whoever makes them, and whether they succeed or not', async () => {
    const { vendorCalls, clock, page, levels } = begin();
    await page();
    await levels();
    expect(await vendorCalls.used(ACCOUNT, clock.now())).toBe(3);
    const failing = process(vendorCalls, clock, () => ({ status: 500 }));
    await failureOf(failing.levels());
    expect(await vendorCalls.used(ACCOUNT, clock.now())).toBe(4);
  });

  it('are not exceeded: without a call it is said when the month ends', async () => {
    const { levels, http } = begin(100);
    expect(await failureOf(levels())).toMatchObject({
      code: 'source_rate_limited',
      params: { seconds: 12 * 3600 },
      retryAfterMs: HOUR,
    });
    expect(http.requests).toEqual([]);
  });

  it('are asked for again in less than an hour where the month ends before', async () => {
    const { levels, clock } = begin(100);
    clock.advance(11.5 * HOUR);
    expect(await failureOf(levels())).toMatchObject({ params: { seconds: 1800 }, retryAfterMs: HOUR / 2 });
  });

  it('are counted anew in the next month', async () => {
    const { levels, clock } = begin(100);
    clock.advance(12 * HOUR);
    expect((await levels()).lines).toHaveLength(1);
  });

  it('are those of one account, not of another', async () => {
    const { levels } = begin(100);
    expect((await levels({ ...SETTINGS, account: 'other' })).lines).toHaveLength(1);
  });

  it('are known to another process, and after a restart', async () => {
    const { levels, vendorCalls, clock } = begin(98);
    await levels();
    const other = process(vendorCalls, clock);
    expect(await failureOf(other.levels())).toMatchObject({ code: 'source_rate_limited' });
    expect(other.http.requests).toEqual([]);
  });

  it('are left to what was sold when nine tenths are used: then a pull stops', async () => {
    const { page, levels, vendorCalls, clock, http } = begin(88);
    await page();
    expect(await vendorCalls.used(ACCOUNT, clock.now())).toBe(90);
    expect(await failureOf(page())).toMatchObject({ code: 'source_rate_limited', retryAfterMs: HOUR });
    expect(http.requests).toHaveLength(2);
    for (let sale = 0; sale < 10; sale++) await levels();
    expect(await failureOf(levels())).toMatchObject({ code: 'source_rate_limited' });
    expect(http.requests).toHaveLength(12);
  });

  it('are 9,000 at a source that does not say how many', () => {
    const { api } = begin();
    expect(api.budget?.({ account: 'myshop' })).toEqual({ account: ACCOUNT, most: 9_000 });
    expect(api.budget?.(SETTINGS)).toEqual({ account: ACCOUNT, most: 100 });
  });
});

describe('The test of a Hiboutik source', () => {
  test.each([
    [0, 'calls_used', 'info', 1],
    [79, 'calls_used', 'info', 80],
    [80, 'calls_nearly_used', 'warning', 81],
  ])('after %p calls says so (%s)', async (calls, code, severity, used) => {
    const { api } = begin(calls);
    expect((await api.test(SETTINGS, signal))[0]).toEqual({
      id: 'vendor_address',
      ok: true,
      severity,
      code,
      params: { used, most: 100 },
    });
  });

  it('fails when no call is left', async () => {
    expect(await begin(100).api.test(SETTINGS, signal)).toMatchObject([{ ok: false, code: 'calls_used_up' }]);
  });
});
