import { type ApiClient, pick, pickList } from '../support/api-client';
import { eventually } from '../support/eventually';
import { connect, type RunningService, runService } from '../support/running-service';
import { SimulatedOblio } from '../support/simulated-oblio';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const LOGIN = { email: 'owner@shop.example', secret: 'SECRET', cif: 'RO123456' };
const PUBLIC_URL = 'https://relay.example';

describe('Oblio that calls', () => {
  let oblio: SimulatedOblio;
  let shop: SimulatedWooCommerce;
  let running: RunningService;
  let api: ApiClient;
  let sourceId: number;

  const stock = ['A-1', 'A-2', 'A-3'].map((code) => ({
    code,
    workStation: 'Sediu',
    management: 'Magazin',
    quantity: 5,
  }));
  const setLevel = (code: string, quantity: number): void => {
    const found = stock.find((each) => each.code === code);
    if (found) found.quantity = quantity;
  };

  beforeAll(async () => {
    oblio = await SimulatedOblio.start({
      products: stock.map((level) => ({ code: level.code, name: `Product ${level.code}`, stock: [level] })),
      login: LOGIN,
    });
    shop = await startSimulatedWooCommerce({
      products: stock.map(({ code }) => ({ sku: code, name: `Product ${code}`, stock: 5 })),
    });
    running = await runService({ OBLIO_API_URL: oblio.apiUrl, PUBLIC_URL });
    oblio.network = { from: PUBLIC_URL, to: running.url };
    api = running.api;
    ({ sourceId } = await connect(
      api,
      { url: shop.url, ...shop.keys.readWrite },
      { source: { name: 'Accounts', kind: 'oblio', settings: LOGIN }, connection: { matchBy: ['code'] } },
    ));
    await api.expect(204, 'POST', `/sources/${sourceId}/subscribe`);
  });
  afterAll(async () => {
    await running.stop();
    await shop.close();
    await oblio.close();
  });

  it('registers our address, since it gives the id of the call back', () => {
    expect(oblio.webhooks.map(({ topic }) => topic)).toEqual(['stock']);
  });

  it('names a product, and its level is read and written', async () => {
    setLevel('A-2', 3);
    expect(await oblio.tellStock({ topic: 'stock', data: [{ code: 'A-2', quantity: 999 }] })).toEqual([true]);
    // What the call says of the quantity is documented nowhere, and not believed.
    await eventually(() => Promise.resolve(shop.products.stockOf('A-2') === 3));
  });

  it('names nothing, and every level is read', async () => {
    setLevel('A-1', 1);
    setLevel('A-3', 2);
    expect(await oblio.tellStock({ topic: 'stock', data: { changed: true } })).toEqual([true]);
    await eventually(
      () => Promise.resolve(shop.products.stockOf('A-1') === 1 && shop.products.stockOf('A-3') === 2),
      20_000,
    );
    const runs = pickList(await api.expect(200, 'GET', '/runs'), 'data');
    expect(runs.map((run) => [pick(run, 'kind'), pick(run, 'startedBy')])).toContainEqual(['pull', 'schedule']);
  });
});
