import { type ApiClient, pick, pickList, pickNumber, pickText } from '../support/api-client';
import { eventually } from '../support/eventually';
import { connect, type RunningService, runService } from '../support/running-service';
import { SimulatedHiboutik, type TillProduct } from '../support/simulated-hiboutik';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const LOGIN = { user: 'owner@shop.example', apiKey: 'KEY' };
const PUBLIC_URL = 'https://relay.example';

describe('A till that calls', () => {
  let till: SimulatedHiboutik;
  let shop: SimulatedWooCommerce;
  let running: RunningService;
  let api: ApiClient;
  let connectionId: number;
  let sourceId: number;
  let pushUrl: string;

  const products: TillProduct[] = Array.from({ length: 30 }, (_, n) => ({
    id: n + 1,
    barcode: `B-${n + 1}`,
    name: `Product ${n + 1}`,
    levels: { 1: 20, 2: 90 },
  }));
  const stockOf = (id: number) => shop.products.stockOf(`B-${id}`);
  const source = () => api.expect(200, 'GET', `/sources/${sourceId}`);
  const runToEnd = async (path: string) => {
    const id = pickNumber(await api.expect(202, 'POST', path), 'runId');
    return eventually(async () => {
      const found = await api.expect(200, 'GET', `/runs/${id}`);
      return ['queued', 'running'].includes(pickText(found, 'status')) ? undefined : found;
    }, 30_000);
  };

  beforeAll(async () => {
    const warehouses = [
      { id: 1, name: 'Boutique' },
      { id: 2, name: 'Réserve' },
    ];
    till = await SimulatedHiboutik.start({ products, warehouses, login: LOGIN });
    shop = await startSimulatedWooCommerce({
      products: products.map(({ barcode, name }) => ({ sku: barcode, name, stock: 20 })),
    });
    running = await runService({ HIBOUTIK_API_URL: till.apiUrl, PUBLIC_URL });
    till.network = { from: PUBLIC_URL, to: running.url };
    api = running.api;
    const connected = await connect(
      api,
      { url: shop.url, ...shop.keys.readWrite },
      {
        source: { name: 'Till', kind: 'hiboutik', settings: { account: 'myshop', ...LOGIN, tellCashier: 'yes' } },
        connection: { warehouses: ['Boutique'], matchBy: ['barcode'] },
      },
    );
    ({ connectionId, sourceId, pushUrl } = connected);
    await api.expect(204, 'POST', `/sources/${sourceId}/subscribe`);
  });
  afterAll(async () => {
    await running.stop();
    await shop.close();
    await till.close();
  });

  it('is told to by us, at an address whose secret nobody is shown', async () => {
    expect(till.webhooks.map(({ webhook_action }) => webhook_action).sort()).toEqual([
      'product',
      'sale',
      'stock_order',
    ]);
    const [address = ''] = till.webhooks.map(({ webhook_url }) => webhook_url);
    expect(address).toMatch(/^https:\/\/relay\.example\/push\/[0-9a-f]{32}\?k=[0-9a-f]{64}$/);
    const secret = new URL(address).searchParams.get('k') ?? '';
    expect(JSON.stringify(await source())).not.toContain(secret);
    expect(running.logText()).not.toContain(secret);
  });

  it('is answered at once, and what was sold is read and written to the shop', async () => {
    const answers = await till.sell([
      { product: 1, warehouse: 1, quantity: 3 },
      { product: 2, warehouse: 1, quantity: 1 },
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200]);
    expect(answers[0]?.contentType).toContain('application/json');
    expect(JSON.parse(answers[0]?.text ?? '')).toEqual({ alerte: expect.stringContaining('alert-success') as unknown });
    await eventually(() => Promise.resolve(stockOf(1) === 17 && stockOf(2) === 19));
    expect(pick(await source(), 'toRead', 'count')).toBe(0);
  });

  it('sells ten times in a row, and the shop ends with what is left', async () => {
    const before = till.calls.length;
    await Promise.all(Array.from({ length: 10 }, () => till.sell([{ product: 3, warehouse: 1, quantity: 1 }])));
    await eventually(() => Promise.resolve(stockOf(3) === 10));
    expect(till.calls.slice(before).length).toBeLessThanOrEqual(11);
  });

  it('takes in an order, and tells of a product whose form was saved', async () => {
    await till.receive(1, [
      { product: 4, quantity: 5 },
      { product: 5, quantity: 6 },
    ]);
    await eventually(() => Promise.resolve(stockOf(4) === 25 && stockOf(5) === 26));
    products[5]!.levels[1] = 2;
    await till.edit(6, {});
    await eventually(() => Promise.resolve(stockOf(6) === 2));
  });

  it('is not asked anew for what the shop itself sold there', async () => {
    const before = till.calls.length;
    await till.sell([{ product: 7, warehouse: 1, quantity: 1 }], 'wc_512');
    const [latest] = pickList(await api.expect(200, 'GET', `/pushes?sourceId=${sourceId}`), 'data');
    expect(pick(latest, 'says')).toBe('echo');
    expect(till.calls.slice(before)).toEqual([]);
  });

  it('with the wrong secret, or none, changes nothing and is told apart from silence', async () => {
    const [{ webhook_url: address } = { webhook_url: '' }] = till.webhooks;
    const form = 'line_items[0][product_id]=8&line_items[0][product_size]=0';
    products[7]!.levels[1] = 1;
    expect((await till.call(address.replace(/k=.*/, 'k=wrong'), form)).status).toBe(403);
    expect(pick(await source(), 'lastRefusal')).toBe('token_wrong');
    expect((await till.call(pushUrl, form)).status).toBe(403);
    expect(pick(await source(), 'lastRefusal')).toBe('token_missing');
    expect(stockOf(8)).toBe(20);
    expect((await till.call(address, form)).status).toBe(200);
    await eventually(() => Promise.resolve(stockOf(8) === 1));
  });

  it('has its secret accepted in the address alone', async () => {
    const [{ webhook_url: address } = { webhook_url: '' }] = till.webhooks;
    const secret = new URL(address).searchParams.get('k') ?? '';
    const answer = await fetch(pushUrl.replace(PUBLIC_URL, running.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}` },
      body: '',
    });
    expect(answer.status).toBe(403);
  });

  it('moves goods to another warehouse and tells nobody: the check finds it, and says so', async () => {
    await runToEnd(`/connections/${connectionId}/pull`);
    till.transfer(9, 1, 2, 12);
    const run = await runToEnd(`/connections/${connectionId}/check`);
    expect(pick(run, 'status')).toBe('succeeded');
    expect(stockOf(9)).toBe(8);
    const lines = pickList(await api.expect(200, 'GET', `/runs/${pickNumber(run, 'id')}/lines`), 'data');
    const moved = lines.filter((line) => pick(line, 'reason') !== null && pick(line, 'outcome') === 'changed');
    expect(moved.map((line) => [pick(line, 'barcode'), pick(line, 'reason', 'code'), pick(line, 'after')])).toEqual([
      ['B-9', 'not_told', '8'],
    ]);
    expect(pick(run, 'proven')).toEqual({ proven: 30, of: 30 });
  });

  it('has a month’s calls, which are counted and shown, and outlive the service', async () => {
    const { used, most } = Object(pick(await source(), 'calls')) as { used: number; most: number };
    expect(most).toBe(9_000);
    expect(used).toBe(till.calls.length);
  });
});
