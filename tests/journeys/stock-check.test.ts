import { systemClock } from '../../server/clock/system-clock';
import type { Clock } from '../../server/domain/ports/clock';
import { pick, pickList, pickNumber, pickText } from '../support/api-client';
import { eventually } from '../support/eventually';
import { type Connected, connect, type RunningService, runService } from '../support/running-service';
import { SimulatedAccounting } from '../support/simulated-accounting';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const LOGIN = { email: 'owner@shop.example', apiToken: '003|abc', vatCode: 'RO12345678' };
const PRODUCTS = 60;
const MINUTE = 60_000;

describe('Checking a shop against SmartBill', () => {
  let accounting: SimulatedAccounting;
  let shop: SimulatedWooCommerce;
  let running: RunningService;
  let connected: Connected;
  /** How far the clocks of service and shop are ahead of the machine's. */
  let passed = 0;
  const clock: Clock = { now: () => systemClock.now() + passed, sleep: (ms, signal) => systemClock.sleep(ms, signal) };

  const products = Array.from({ length: PRODUCTS }, (_, n) => ({ code: `P-${n}`, name: `Product ${n}`, level: 10 }));
  const source = (n: number) => {
    const product = products[n];
    if (!product) throw new Error(`There is no product ${n}`);
    return product;
  };
  const run = async (kind: string): Promise<unknown> => {
    const path = `/flows?connectionId=${connected.connectionId}`;
    const flows = pickList(await running.api.expect(200, 'GET', path), 'data');
    const flow = flows.find((each) => pick(each, 'kind') === kind);
    const started = await running.api.expect(202, 'POST', `/flows/${pickNumber(flow, 'id')}/run`);
    const id = pickNumber(started, 'runId');
    return eventually(async () => {
      const found = await running.api.expect(200, 'GET', `/runs/${id}`);
      return ['queued', 'running'].includes(pickText(found, 'status')) ? undefined : found;
    }, 60_000);
  };
  const linesOf = async (found: unknown) =>
    pickList(await running.api.expect(200, 'GET', `/runs/${pickNumber(found, 'id')}/lines?limit=200`), 'data');
  const loaded = (shopId: number) =>
    eventually(
      async () => pick(await running.api.expect(200, 'GET', `/shops/${shopId}/catalogue`), 'loadedAt') !== null,
      30_000,
    );

  beforeEach(async () => {
    passed = 0;
    for (const product of products) product.level = 10;
    accounting = await SimulatedAccounting.start({ products, warehouses: ['Depozit'], login: LOGIN });
    shop = await startSimulatedWooCommerce({
      now: () => clock.now(),
      products: products.map(({ code, name }) => ({ sku: code, name, stock: 10 })),
    });
    running = await runService({ SMARTBILL_API_URL: accounting.apiUrl }, { clock });
    connected = await connect(
      running.api,
      { url: shop.url, ...shop.keys.readWrite },
      {
        source: { kind: 'smartbill', settings: LOGIN },
        connection: { warehouses: '*', matchBy: ['code'] },
      },
    );
    await loaded(connected.shopId);
  });
  afterEach(async () => {
    await running.stop();
    await shop.close();
    await accounting.close();
  });

  it('tells an order from a hand edit and from a change that never arrived, and brings right what may be', async () => {
    expect(pick(await run('pull'), 'counts')).toEqual({ equal: PRODUCTS });
    passed += 60 * MINUTE;
    const order = shop.orders.place({ 'P-1': 2 });
    shop.products.setStock('P-2', 77);
    shop.products.overwriteStock('P-3', 1);
    source(4).level = 6;
    passed += MINUTE;
    shop.forgetCalls();
    const found = await run('check');
    expect(found).toMatchObject({
      status: 'warning',
      counts: { changed: 3, reported: 1, equal: PRODUCTS - 4 },
      proven: { proven: PRODUCTS - 1, of: PRODUCTS },
    });
    expect([1, 2, 3, 4].map((n) => shop.products.stockOf(`P-${n}`))).toEqual([8, 10, 10, 6]);
    const lines = await linesOf(found);
    expect([1, 2, 3, 4].map((n) => lines.find((line) => pick(line, 'code') === `P-${n}`))).toMatchObject([
      {
        reason: { code: 'order', params: { orders: `#${order.id}`, quantity: '2' } },
        outcome: 'reported',
        failure: { code: 'shop_sold', severity: 'info' },
      },
      { reason: { code: 'edited' }, before: '77', after: '10', outcome: 'changed' },
      { reason: { code: 'overwritten' }, before: '1', after: '10', outcome: 'changed' },
      { reason: { code: 'not_told', params: { was: '10', level: '6' } }, after: '6', outcome: 'changed' },
    ]);
    expect(shop.writes.map(({ sku, asked }) => `${sku}=${String(asked)}`).sort()).toEqual([
      'P-2=10',
      'P-3=10',
      'P-4=6',
    ]);
    const log = pickList(await running.api.expect(200, 'GET', `/runs/${pickNumber(found, 'id')}/log`), 'data');
    expect(log.map((note) => pick(note, 'step'))).toEqual([
      'started',
      'source_read',
      'applied',
      'looked',
      'compared',
      'explained',
      'repaired',
      'ended',
    ]);
    // The till learns of the order, and tells: then it counts.
    source(1).level = 7;
    passed += 6 * MINUTE;
    expect(pick(await run('check'), 'status')).toBe('succeeded');
    expect(shop.products.stockOf('P-1')).toBe(7);
  });

  it('goes on where the keys may not read orders, and says so', async () => {
    await run('pull');
    passed += 60 * MINUTE;
    shop.faults.always({ kind: 'may-not-view' }, { route: /\/orders$/ });
    shop.products.setStock('P-2', 77);
    const found = await run('check');
    expect(pick(found, 'status')).toBe('succeeded');
    const log = pickList(await running.api.expect(200, 'GET', `/runs/${pickNumber(found, 'id')}/log`), 'data');
    expect(log.find((note) => pick(note, 'step') === 'orders_not_readable')).toMatchObject({
      failure: { code: 'keys_forbidden' },
    });
    expect(shop.products.stockOf('P-2')).toBe(10);
  });

  it('sends nothing but questions to a shop whose connection is in test mode, whatever runs', async () => {
    await running.api.expect(200, 'PATCH', `/connections/${connected.connectionId}`, { mode: 'test' });
    shop.forgetCalls();
    source(4).level = 6;
    source(5).level = 0;
    shop.products.setStock('P-2', 77);
    shop.orders.place({ 'P-1': 2 });
    for (const kind of ['pull', 'check', 'sync', 'retry']) {
      passed += 6 * MINUTE;
      const found = await run(kind);
      expect([kind, pick(found, 'status')]).toEqual([kind, 'succeeded']);
      if (kind !== 'retry') expect(pick(found, 'counts')).toEqual({ would_change: 4, equal: PRODUCTS - 4 });
    }
    expect(shop.calls.length).toBeGreaterThan(4);
    expect(shop.calls.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(shop.writes).toEqual([]);
  });
});
