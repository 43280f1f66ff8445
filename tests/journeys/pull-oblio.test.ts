import { eventually } from '../support/eventually';
import { type ApiClient, pick, pickList, pickNumber, pickText } from '../support/api-client';
import { connect, type RunningService, runService } from '../support/running-service';
import { type OblioProduct, SimulatedOblio } from '../support/simulated-oblio';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const LOGIN = { email: 'owner@shop.example', secret: 'a-secret-of-oblio', cif: 'RO37311090' };
const PRODUCTS = 300;

describe('Pulling every level from Oblio', () => {
  let oblio: SimulatedOblio;
  let shop: SimulatedWooCommerce;
  let running: RunningService;
  let api: ApiClient;
  let connectionId: number;
  let sourceId: number;

  const products: OblioProduct[] = [
    { code: '', name: 'Montare' },
    ...Array.from({ length: PRODUCTS }, (_, n) => ({
      code: `P-${n}`,
      name: `Product ${n}`,
      stock: [
        { workStation: 'Sediu', management: 'Magazin', quantity: n === 7 ? 0 : 3 },
        { workStation: 'Sediu', management: 'Magazin', quantity: n === 7 ? 0 : '2' },
        { workStation: 'Depozit', management: 'Magazin', quantity: 90 },
      ],
    })),
  ];

  beforeAll(async () => {
    oblio = await SimulatedOblio.start({ products, login: LOGIN });
    shop = await startSimulatedWooCommerce({
      products: products.slice(1).map(({ code, name }, n) => ({ sku: code, name, stock: n % 100 === 0 ? 1 : 5 })),
    });
    running = await runService({ OBLIO_API_URL: oblio.apiUrl });
    api = running.api;
    ({ connectionId, sourceId } = await connect(
      api,
      { url: shop.url, ...shop.keys.readWrite },
      {
        source: { name: 'Oblio', kind: 'oblio', settings: LOGIN },
        connection: { warehouses: ['Sediu / Magazin'], matchBy: ['code'] },
      },
    ));
  });
  afterAll(async () => {
    await running.stop();
    await shop.close();
    await oblio.close();
  });

  it('is tested, names its warehouses, and never shows the secret', async () => {
    const checks = pickList(await api.expect(200, 'POST', `/sources/${sourceId}/test`), 'checks');
    expect(checks.slice(0, 3).map((each) => pick(each, 'ok'))).toEqual([true, true, true]);
    const names = await api.expect(200, 'GET', `/sources/${sourceId}/warehouses`);
    expect(pickList(names, 'data').map((each) => pickText(each, 'name'))).toEqual([
      'Sediu / Magazin',
      'Depozit / Magazin',
    ]);
    expect(JSON.stringify(await api.expect(200, 'GET', `/sources/${sourceId}`))).not.toContain(LOGIN.secret);
    expect(running.logText()).not.toContain(LOGIN.secret);
  });

  it('brings the levels of the chosen warehouse to the shop, though the token ended meanwhile', async () => {
    oblio.endTokens();
    const before = oblio.calls.length;
    const id = pickNumber(await api.expect(202, 'POST', `/connections/${connectionId}/pull`), 'runId');
    const run = await eventually(async () => {
      const found = await api.expect(200, 'GET', `/runs/${id}`);
      return ['queued', 'running'].includes(pickText(found, 'status')) ? undefined : found;
    }, 60_000);
    expect(pick(run, 'status')).toBe('succeeded');
    expect(pick(run, 'counts')).toEqual({ equal: PRODUCTS - 4, changed: 4 });
    expect(['P-0', 'P-7', 'P-100', 'P-299'].map((sku) => shop.products.stockOf(sku))).toEqual([5, 0, 5, 5]);
    expect(oblio.calls.slice(before)).toEqual([
      '/nomenclature/management?cif=RO37311090',
      '/authorize/token',
      '/nomenclature/management?cif=RO37311090',
      '/nomenclature/products?cif=RO37311090&offset=0',
      '/nomenclature/products?cif=RO37311090&offset=250',
    ]);
  });
});
