import { systemClock } from '../../server/clock/system-clock';
import type { Clock } from '../../server/domain/ports/clock';
import { eventually } from '../support/eventually';
import { ApiClient, pick, pickList, pickNumber, pickText } from '../support/api-client';
import { ADMIN_TOKEN, NOT_COUNTED, type RunningService, runService } from '../support/running-service';
import { SimulatedAccounting } from '../support/simulated-accounting';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const LOGIN = { email: 'owner@shop.example', apiToken: '003|abc', vatCode: 'RO12345678' };
const PRODUCTS = 300;

describe('Pulling every level from SmartBill', () => {
  let accounting: SimulatedAccounting;
  let shop: SimulatedWooCommerce;
  let running: RunningService;
  let api: ApiClient;
  let connectionId: number;

  const products = Array.from({ length: PRODUCTS }, (_, n) => ({ code: `P-${n}`, name: `Product ${n}`, level: 5 }));
  const at = (n: number) => {
    const product = products[n];
    if (!product) throw new Error(`There is no product ${n}`);
    return product;
  };
  const run = (id: number) => api.expect(200, 'GET', `/runs/${id}`);
  const finished = (id: number) =>
    eventually(async () => {
      const found = await run(id);
      return ['queued', 'running'].includes(pickText(found, 'status')) ? undefined : found;
    }, 60_000);
  const start = async (path: string): Promise<number> => pickNumber(await api.expect(202, 'POST', path), 'runId');
  const pulled = async () => finished(await start(`/connections/${connectionId}/pull`));
  /** How far the service's clock is ahead of the machine's. */
  let passed = 0;
  const clock: Clock = { now: () => systemClock.now() + passed, sleep: (ms, signal) => systemClock.sleep(ms, signal) };

  beforeAll(async () => {
    accounting = await SimulatedAccounting.start({ products, warehouses: ['Depozit', 'Gol'], login: LOGIN });
    shop = await startSimulatedWooCommerce({
      products: products.map(({ code, name }) => ({ sku: code, name, stock: 5 })),
    });
    running = await runService({ SMARTBILL_API_URL: accounting.apiUrl }, { clock });
    api = new ApiClient(running.url, ADMIN_TOKEN);
    const shopId = pickNumber(
      await api.expect(201, 'POST', '/shops', { name: 'Shop', url: shop.url, ...shop.keys.readWrite }),
      'id',
    );
    const sourceId = pickNumber(
      await api.expect(201, 'POST', '/sources', { name: 'SmartBill', kind: 'smartbill', settings: LOGIN }),
      'id',
    );
    const connection = await api.expect(201, 'POST', '/connections', {
      sourceId,
      shopId,
      warehouses: '*',
      matchBy: ['code'],
      mode: 'live',
      orders: NOT_COUNTED,
    });
    connectionId = pickNumber(connection, 'id');
  });
  afterAll(async () => {
    await running.stop();
    await shop.close();
    await accounting.close();
  });

  it('finds all of them equal the first time, and writes nothing', async () => {
    const found = await pulled();
    expect(pick(found, 'status')).toBe('succeeded');
    expect(pick(found, 'counts')).toEqual({ equal: PRODUCTS });
    expect(shop.calls.filter(({ method, path }) => method === 'POST' && path.includes('batch'))).toEqual([]);
  });

  it('is refused within the vendor’s five minutes, with the time that is left', async () => {
    const answer = await api.call('POST', `/connections/${connectionId}/pull`);
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(200);
  });

  it('writes what differs and nothing else, tells of each line, and can be undone', async () => {
    at(3).level = 9;
    at(7).level = 0;
    passed += 6 * 60_000;
    const found = await pulled();
    const id = pickNumber(found, 'id');
    expect(pick(found, 'counts')).toEqual({ equal: PRODUCTS - 2, changed: 2 });
    const lines = pickList(await api.expect(200, 'GET', `/runs/${id}/lines?limit=10`), 'data');
    expect(lines[3]).toMatchObject({
      code: 'P-3',
      quantity: '9',
      before: '5',
      wanted: '9',
      after: '9',
      outcome: 'changed',
    });
    expect([shop.products.stockOf('P-3'), shop.products.stockOf('P-7')]).toEqual([9, 0]);
    const undo = await finished(await start(`/runs/${id}/undo`));
    expect(pick(undo, 'counts')).toEqual({ changed: 2 });
    expect([shop.products.stockOf('P-3'), shop.products.stockOf('P-7')]).toEqual([5, 5]);
  });

  it('pauses and asks before most of the shop goes to 0; released, it goes on; cancelled, nothing is changed', async () => {
    for (const product of products) product.level = 0;
    passed += 6 * 60_000;
    const paused = await pulled();
    expect(pick(paused, 'status')).toBe('paused');
    expect(pick(paused, 'failure')).toMatchObject({
      code: 'mass_zero',
      params: { zeros: PRODUCTS - 1, inStock: PRODUCTS },
    });
    expect(shop.products.stockOf('P-9')).toBe(5);
    const id = pickNumber(paused, 'id');
    const cancelled = await api.expect(200, 'POST', `/runs/${id}/cancel`);
    expect(pick(cancelled, 'status')).toBe('cancelled');
    passed += 6 * 60_000;
    const again = await pulled();
    await api.expect(200, 'POST', `/runs/${pickNumber(again, 'id')}/release`);
    const ended = await finished(pickNumber(again, 'id'));
    // What the undo gave back stays where the source says the same as before: it was at 0 already.
    expect(pick(ended, 'counts')).toEqual({ changed: PRODUCTS - 1, equal: 1 });
    expect(shop.products.stockOf('P-7')).toBe(5);
    expect(shop.products.stockOf('P-9')).toBe(0);
  });

  it('pauses where the source lists nothing at all: a missing product is not one with level 0', async () => {
    const all = products.splice(0);
    passed += 6 * 60_000;
    const paused = await pulled();
    expect(pick(paused, 'failure')).toMatchObject({ code: 'source_list_empty' });
    products.push(...all);
    await api.expect(200, 'POST', `/runs/${pickNumber(paused, 'id')}/cancel`);
  });

  it('a check repairs what somebody changed in the shop', async () => {
    shop.products.setStock('P-11', 77);
    passed += 6 * 60_000;
    const found = await finished(await start(`/connections/${connectionId}/check`));
    expect(pick(found, 'status')).toBe('succeeded');
    expect(shop.products.stockOf('P-11')).toBe(0);
  });
});
