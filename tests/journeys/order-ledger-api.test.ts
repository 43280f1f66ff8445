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

const MINUTE = 60_000;
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
    /** That nothing is under way any more: an order that comes now is heard of by its webhook first. */
    const rests = () =>
      eventually(async () => {
        const items = pickList((await call('get', '/items', {}, undefined, '?limit=200')).body, 'data');
        return items.every((item) => pick(item, 'status') === 'synced');
      }, 20_000);
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
      // The shop shows it before its answer is kept, and with it which product the source means.
      await eventually(async () => (await open()).length > 0);
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
      await rests();
      const { id } = shop.orders.place({ B: 2 });
      await send('B', 30);
      await shows('B', 28);
      await rests();
      const browser = new CookieBrowser(running.url);
      const csrf = {
        'x-csrf-token': pickText((await browser.call('POST', '/session', OWNER)).body, 'csrfToken'),
      };
      const made = await browser.call('POST', '/tokens', { name: 'Looks', scope: 'read' }, csrf);
      const looking = new ApiClient(running.url, pickText(made.body, 'token'));
      expect((await looking.call('GET', '/orders')).status).toBe(200);
      expect((await looking.call('POST', `/orders/${id}/seen`, {})).status).toBe(403);
      const say = (orderId: number, body: object) => call('post', '/orders/{orderId}/seen', { orderId }, body);
      const unread = await say(999_999, {});
      expect(unread).toMatchObject({ status: 404, body: { detail: expect.stringContaining('not heard of yet') } });
      expect(unread.headers.get('retry-after')).toBe('60');
      expect(await say(id, { connectionId: 999_999 })).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'connectionId', message: 'there is no such connection of this shop' }] },
      });
      expect((await say(id, { connection: connected.connectionId })).status).toBe(422);
      expect(pickNumber(await ledger(), 'unknown', 0, 'orders')).toBe(1);
      const seen = await say(id, { connectionId: connected.connectionId });
      expect(pickList(seen.body, 'lines', 0, 'known')).toMatchObject([
        { connectionId: connected.connectionId, quantity: '2', reason: 'acknowledged' },
      ]);
      await shows('B', 30);
      expect(await open()).toEqual([]);
    });

    const ledger = async (): Promise<unknown> => {
      const ledgers = pickList((await call('get', '/order-ledgers')).body, 'data');
      return ledgers.find((one) => pick(one, 'shopId') === connected.shopId);
    };
    /** Said anew at most every five seconds. */
    const ledgerSays = (what: object) =>
      eventually(async () => {
        expect(await ledger()).toMatchObject(what);
        return true;
      }, 20_000);

    it('says how orders reach us, the oldest that is unknown, and which sales were saved', async () => {
      await send('C', 10);
      await shows('C', 10);
      await rests();
      const { id } = shop.orders.place({ C: 3 });
      await shop.deliverWebhooks();
      await send('C', 12);
      await shows('C', 9);
      await rests();
      const { connectionId } = connected;
      const oldest = { orderId: id, number: String(id) };
      await ledgerSays({
        told: { inTime: true },
        failure: null,
        unknown: [{ connectionId, orders: 1, oldest }],
        saved: { all: { orders: 3, pieces: '7' }, lately: { orders: 3, pieces: '7' } },
      });
      expect(pickNumber(await ledger(), 'told', 'lagMs')).toBeLessThan(60_000);
      const metrics = await (await fetch(`${running.url}/metrics`)).text();
      expect(metrics).toContain(`stock_relay_unknown_orders{connection="${connectionId}"} 1`);
      expect(metrics).toMatch(
        new RegExp(`stock_relay_oldest_unknown_order_seconds\\{connection="${connectionId}"\\} [0-9.]+`),
      );
    });

    it('is narrowed by everything that an order is known by, in the list and in its file', async () => {
      const numbers = async (query: string) =>
        pickList((await call('get', '/orders', {}, undefined, query)).body, 'data').map((order) =>
          pickText(order, 'number'),
        );
      const [latest, ...earlier] = await numbers('');
      expect(earlier).toHaveLength(2);
      expect(await numbers('?product=C')).toEqual([latest]);
      expect(await numbers(`?product=${shop.products.bySku('A').id}`)).toEqual(earlier.slice(1));
      expect(await numbers(`?number=${latest}`)).toEqual([latest]);
      expect(await numbers('?heardBy=webhook')).toEqual([latest]);
      expect(await numbers('?heardBy=poll&saved=yes')).toEqual(earlier);
      expect(await numbers(`?shopId=${connected.shopId}&connectionId=${connected.connectionId}&state=known`)).toEqual(
        earlier,
      );
      expect(await numbers('?state=open')).toEqual([latest]);
      expect(await numbers('?state=gone')).toEqual([]);
      const now = encodeURIComponent(new Date(clock.now()).toISOString());
      expect(await numbers(`?from=${now}`)).toEqual([]);
      expect(await numbers(`?before=${now}&limit=1`)).toEqual([latest]);
      for (const wrong of ['state=odd', 'from=yesterday', 'shopId=0', 'heardBy=owl', 'saved=no']) {
        expect([wrong, (await call('get', '/orders', {}, undefined, `?${wrong}`)).status]).toEqual([wrong, 422]);
      }
      const file = await (await running.api.file('/orders.csv?product=C')).text();
      const [head, ...lines] = file.trim().split('\r\n');
      expect(head).toContain('"order","order_id","status"');
      expect(head).toContain('"heard_by","product_id","variation_id","name","held","saved","known","why"');
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/"webhook",.*"3","3"/);
    });

    it('says why orders cannot be read, and what cures it, until they can', async () => {
      shop.faults.always({ kind: 'may-not-view' }, { route: /\/orders$/ });
      clock.jump(10 * MINUTE);
      await ledgerSays({ failure: { code: expect.any(String), cure: expect.any(String) }, read: { everyMs: null } });
      shop.faults.clear();
      clock.jump(2 * MINUTE);
      await ledgerSays({ failure: null });
    }, 60_000);

    it('has had every operation of its part of the document checked', () => {
      const ours = contract.operations(['Orders']).filter((operation) => !operation.endsWith('.csv'));
      expect(contract.unchecked().filter((operation) => ours.includes(operation))).toEqual([]);
    });
  });
});
