import { eventually } from '../support/eventually';
import { type ApiClient, pick, pickList, pickNumber, pickText } from '../support/api-client';
import { connect, type RunningService, runService } from '../support/running-service';
import { SimulatedHiboutik, type TillProduct } from '../support/simulated-hiboutik';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const LOGIN = { user: 'owner@shop.example', apiKey: 'KEY' };
const SETTINGS = { account: 'myshop', ...LOGIN };
const PRODUCTS = 300;

describe('Pulling every level from Hiboutik', () => {
  let till: SimulatedHiboutik;
  let shop: SimulatedWooCommerce;
  let running: RunningService;
  let api: ApiClient;
  let connectionId: number;
  let sourceId: number;

  const products: TillProduct[] = Array.from({ length: PRODUCTS }, (_, n) => ({
    id: n + 1,
    size: n === 9 ? 4 : 0,
    barcode: n === 3 ? '' : `B-${n}`,
    name: `Product ${n}`,
    levels: { 1: n === 7 ? 0 : 5, 2: 90 },
  }));

  beforeAll(async () => {
    const warehouses = [
      { id: 1, name: 'Boutique' },
      { id: 2, name: 'Réserve' },
    ];
    till = await SimulatedHiboutik.start({ products, warehouses, login: LOGIN });
    shop = await startSimulatedWooCommerce({
      products: products.map(({ name }, n) => ({ sku: `B-${n}`, name, stock: n % 100 === 0 || n === 3 ? 1 : 5 })),
    });
    running = await runService({ HIBOUTIK_API_URL: till.apiUrl });
    api = running.api;
    const connected = await connect(
      api,
      { url: shop.url, ...shop.keys.readWrite },
      {
        source: { name: 'Till', kind: 'hiboutik', settings: SETTINGS },
        connection: { warehouses: ['Boutique'], matchBy: ['barcode', 'name'] },
      },
    );
    ({ connectionId, sourceId } = connected);
  });
  afterAll(async () => {
    await running.stop();
    await shop.close();
    await till.close();
  });

  it('is tested and names its warehouses', async () => {
    const { checks } = await api.expect(200, 'POST', `/sources/${sourceId}/test`).then((body) => ({
      checks: pickList(body, 'checks').map((each) => [pickText(each, 'id'), pick(each, 'ok')]),
    }));
    expect(checks.slice(0, 3)).toEqual([
      ['vendor_address', true],
      ['vendor_login', true],
      ['vendor_company', true],
    ]);
    const names = await api.expect(200, 'GET', `/sources/${sourceId}/warehouses`);
    expect(pickList(names, 'data').map((each) => pickText(each, 'name'))).toEqual(['Boutique', 'Réserve']);
  });

  it('never shows the key', async () => {
    expect(JSON.stringify(await api.expect(200, 'GET', `/sources/${sourceId}`))).not.toContain('"KEY"');
  });

  it('brings the levels of the chosen warehouse to the shop, by barcode and by name', async () => {
    const before = till.calls.length;
    const id = pickNumber(await api.expect(202, 'POST', `/connections/${connectionId}/pull`), 'runId');
    const run = await eventually(async () => {
      const found = await api.expect(200, 'GET', `/runs/${id}`);
      return ['queued', 'running'].includes(pickText(found, 'status')) ? undefined : found;
    }, 60_000);
    expect(pick(run, 'status')).toBe('succeeded');
    expect(pick(run, 'counts')).toEqual({ equal: PRODUCTS - 5, changed: 5 });
    expect(['B-0', 'B-3', 'B-7', 'B-9', 'B-200'].map((sku) => shop.products.stockOf(sku))).toEqual([5, 5, 0, 5, 5]);
    // Warehouses, two pages of levels, and two of names, for the one product without a barcode.
    expect(till.calls.slice(before)).toEqual([
      '/warehouses?p=1',
      '/stock_available/warehouse_id/1?p=1',
      '/products/?p=1',
      '/products/?p=2',
      '/stock_available/warehouse_id/1?p=2',
    ]);
  });
});
