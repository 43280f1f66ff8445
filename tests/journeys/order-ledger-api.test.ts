import { systemClock } from '../../server/clock/system-clock';
import { type ApiAnswer, ApiClient, pick, pickList, pickNumber, pickText, push } from '../support/api-client';
import { CookieBrowser } from '../support/cookie-browser';
import { engines } from '../support/databases';
import { eventually } from '../support/eventually';
import { freePort } from '../support/free-port';
import { QuickClock } from '../support/quick-clock';
import { type Connected, connect, type RunningService, runService } from '../support/running-service';
import { ServedContract } from '../support/served-contract';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const OWNER = { email: 'owner@example.com', password: 'a long enough password' };

describe.each(engines)('the ledger of web orders over the API, on $name', (engine) => {
  engine.whenAvailable(() => {
    const clock = new QuickClock(systemClock.now(), 1);
    let shop: SimulatedWooCommerce;
    let running: RunningService;
    let connected: Connected;
    let contract: ServedContract;

    beforeAll(async () => {
      shop = await startSimulatedWooCommerce({
        products: ['A', 'B', 'C', 'D', 'E'].map((sku) => ({ sku, name: `Product ${sku}`, stock: 10 })),
        now: () => clock.now(),
      });
      const port = String(await freePort());
      running = await runService(
        {
          DATABASE_URL: (await engine.create()).url,
          PORT: port,
          PUBLIC_URL: `http://127.0.0.1:${port}`,
          ADMIN_EMAIL: OWNER.email,
          ADMIN_PASSWORD: OWNER.password,
        },
        { clock },
      );
      contract = await ServedContract.of(running.url);
      // Web orders are not spoken of: the connection goes by what is usual for its source.
      connected = await connect(
        running.api,
        { url: shop.url, ...shop.keys.readWrite },
        { connection: { orders: undefined } },
      );
      await eventually(async () => shop.webhooks.some(({ topic }) => topic === 'order.restored'));
    });

    afterAll(async () => {
      await running.stop();
      await shop.close();
      await engine.dropAll();
    });

    /** Calls, and holds the answer against the served document. */
    async function call(
      method: string,
      template: string,
      values: Readonly<Record<string, number>> = {},
      body?: unknown,
      query = '',
    ): Promise<ApiAnswer> {
      const path = template.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
      const answer = await running.api.call(method.toUpperCase(), path + query, body);
      contract.check(method, `/api/v1${template}`, answer);
      return answer;
    }
    const send = (code: string, quantity: number) => push(connected.pushUrl, connected.token, { code, quantity });
    const shows = (sku: string, stock: number) => eventually(async () => shop.products.stockOf(sku) === stock, 20_000);
    const open = async (): Promise<readonly unknown[]> =>
      pickList((await call('get', '/orders', {}, undefined, '?state=open')).body, 'data');

    it('is kept for a connection that says nothing of web orders, and no sale is written over', async () => {
      const { body } = await call('get', '/connections/{id}', { id: connected.connectionId });
      expect(body).toMatchObject({ orders: { knownBy: 'level', afterHours: 72 } });
      await send('A', 10);
      await eventually(async () => pickList((await call('get', '/items')).body, 'data').length === 1);
      const { id } = shop.orders.place({ A: 2 });
      // A count of the shelves, made before anybody entered the order.
      await send('A', 11);
      await shows('A', 9);
      expect(await open()).toMatchObject([{ orderId: id, lines: [{ held: '2', known: [] }] }]);
      await send('A', 9);
      await eventually(async () => (await open()).length === 0);
      expect(shop.products.stockOf('A')).toBe(9);
    });

    it.each([
      ['smartbill', { email: 'a@shop.example', apiToken: '003|AbCdEf', vatCode: 'RO12345678' }, 72],
      ['oblio', { email: 'a@shop.example', secret: 'abc', cif: 'RO12345678' }, 72],
      ['hiboutik', { account: 'till', user: 'a@shop.example', apiKey: 'abc' }, 24],
      ['generic', {}, 72],
    ])('begins for a source of the kind %s with what its kind says', async (kind, settings, afterHours) => {
      const kinds = pickList((await call('get', '/source-kinds')).body, 'data');
      const usual = { knownBy: 'level', statuses: [], metaKey: null, afterHours };
      expect(kinds.find((one) => pick(one, 'kind') === kind)).toMatchObject({ orders: usual });
      const source = await running.api.expect(201, 'POST', '/sources', { name: kind, kind, settings });
      const ends = { sourceId: pickNumber(source, 'id'), shopId: connected.shopId };
      const made = await call('post', '/connections', {}, ends);
      expect(made.body).toMatchObject({ orders: usual });
      const id = pickNumber(made.body, 'id');
      const said = { knownBy: 'not_counted' };
      expect((await call('patch', '/connections/{id}', { id }, { orders: said })).body).toMatchObject({ orders: said });
      expect((await call('patch', '/connections/{id}', { id }, { mode: 'live' })).body).toMatchObject({ orders: said });
      expect((await call('delete', '/connections/{id}', { id })).status).toBe(204);
    });

    it('lets go of an order that somebody says a source knows, and of none for who may only look', async () => {
      await send('B', 20);
      await shows('B', 20);
      const { id } = shop.orders.place({ B: 2 });
      await send('B', 30);
      await shows('B', 28);
      const browser = new CookieBrowser(running.url);
      const csrf = {
        'x-csrf-token': pickText((await browser.call('POST', '/session', OWNER)).body, 'csrfToken'),
      };
      const made = await browser.call('POST', '/tokens', { name: 'Looks', scope: 'read' }, csrf);
      const looking = new ApiClient(running.url, pickText(made.body, 'token'));
      expect((await looking.call('GET', '/orders')).status).toBe(200);
      expect((await looking.call('POST', `/orders/${id}/seen`, {})).status).toBe(403);
      expect((await call('post', '/orders/{id}/seen', { id: 999_999 }, {})).status).toBe(404);
      const seen = await call('post', '/orders/{id}/seen', { id }, { connectionId: connected.connectionId });
      expect(pickList(seen.body, 'lines', 0, 'known')).toMatchObject([
        { connectionId: connected.connectionId, quantity: '2', reason: 'acknowledged' },
      ]);
      await shows('B', 30);
      expect(await open()).toEqual([]);
    });

    it('has had every operation of its part of the document checked', () => {
      const ours = contract.operations(['Orders']).filter((operation) => !operation.endsWith('.csv'));
      expect(contract.unchecked().filter((operation) => ours.includes(operation))).toEqual([]);
    });
  });
});
