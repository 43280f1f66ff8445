import { eventually } from '../support/eventually';
import { pick, pickList, pickNumber, pickText, push } from '../support/api-client';
import { type Connected, connect, runService, type RunningService } from '../support/running-service';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const COUNT = 1_000;
const sku = (n: number): string => `B-${n}`;

describe('a shop with our plugin', () => {
  let shop: SimulatedWooCommerce;
  let running: RunningService;
  let connected: Connected;

  const bridge = () => running.api.expect(200, 'GET', `/shops/${connected.shopId}/bridge`);
  const pair = async (): Promise<unknown> => {
    const given = await running.api.expect(201, 'POST', `/shops/${connected.shopId}/bridge/code`);
    const code = pickText(given, 'code');
    shop.plugin.typeCode(code);
    return running.api.expect(200, 'POST', `/shops/${connected.shopId}/bridge/pair`, { code });
  };
  const pushAll = (level: (n: number) => number) =>
    push(connected.pushUrl, connected.token, {
      items: Array.from({ length: COUNT }, (_, n) => ({ code: sku(n), quantity: level(n) })),
    });
  const allShow = (level: (n: number) => number) =>
    eventually(() => {
      const differing = Array.from({ length: COUNT }, (_, n) => n).filter(
        (n) => shop.products.stockOf(sku(n)) !== level(n),
      );
      return Promise.resolve(differing.length === 0);
    }, 60_000);
  const allSynced = () =>
    eventually(async () => {
      const counts = await running.api.expect(200, 'GET', `/items?connectionId=${connected.connectionId}&limit=1`);
      return pickNumber(counts, 'counts', 'synced') === COUNT;
    }, 60_000);
  const callsTo = (route: string) => shop.calls.filter((call) => call.route === route);

  beforeAll(async () => {
    shop = await startSimulatedWooCommerce();
    shop.products.addMany(COUNT, (n) => ({ sku: sku(n), name: `Product ${n}`, stock: 1 }));
    shop.plugin.installed = true;
    running = await runService();
    connected = await connect(running.api, { url: shop.url, ...shop.keys.readWrite });
  }, 60_000);
  afterAll(async () => {
    await running.stop();
    await shop.close();
  });

  it('is found by the connection doctor, which says what it would gain', async () => {
    expect(pick(await bridge(), 'state')).toBe('none');
    const test = await running.api.expect(200, 'POST', `/shops/${connected.shopId}/test`);
    expect(pickList(test, 'checks').at(-1)).toMatchObject({ id: 'bridge', ok: true, code: 'unpaired' });
    expect(pick(await bridge(), 'installed')).toBe(true);
    expect(pickList(await bridge(), 'gains').length).toBeGreaterThan(3);
  });

  it('is paired by a code that is shown once', async () => {
    const given = await running.api.expect(201, 'POST', `/shops/${connected.shopId}/bridge/code`);
    const code = pickText(given, 'code');
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/);
    expect(pickText(given, 'link')).toContain(`${shop.url}/wp-admin/admin.php?page=stock-relay&pair=${code}`);
    const attempt = (typed: string) =>
      running.api.call('POST', `/shops/${connected.shopId}/bridge/pair`, { code: typed });
    expect((await attempt('0000-0000-0000')).status).toBe(409);
    expect((await attempt(code)).body).toMatchObject({ state: 'waiting', bridge: { state: 'code_given' } });
    shop.plugin.typeCode('1111-1111-1111');
    expect((await attempt(code)).body).toMatchObject({ state: 'wrong_code' });
    shop.plugin.typeCode(code);
    expect((await attempt(code.toLowerCase())).body).toMatchObject({
      state: 'paired',
      bridge: { state: 'paired', versions: { plugin: '1.0.0' }, shopUser: { id: 7 }, slowBecause: [], failure: null },
    });
    expect(running.logText()).not.toContain(code.replaceAll('-', ''));
    expect(running.logText()).not.toContain(shop.plugin.pairing?.secret);
    const audit = await running.api.expect(200, 'GET', '/audit?limit=200');
    const actions = pickList(audit, 'data').map((entry) => pickText(entry, 'action'));
    expect(actions.filter((action) => action === 'shops.bridge.pair')).toHaveLength(1);
  });

  it('gets a thousand products in a few calls, and says that it has them', async () => {
    shop.forgetCalls();
    expect((await pushAll(() => 5)).status).toBe(202);
    await allShow(() => 5);
    await allSynced();
    expect(callsTo('/wc/v3/products/batch').flatMap(({ writes }) => writes)).toEqual([]);
    expect(callsTo('/stock-relay/v1/stock').length).toBeLessThan(12);
    expect(shop.writes).toHaveLength(COUNT);
  }, 90_000);

  it('loses its plugin in the middle of a run, and everything arrives, nothing twice and nothing lost', async () => {
    shop.forgetCalls();
    shop.plugin.itemsPerCall = 100;
    let written = 0;
    shop.plugin.beforeWrite = () => {
      written += 1;
      if (written === 350) shop.plugin.installed = false;
    };
    const wanted = (n: number): number => 10 + (n % 7);
    await pushAll(wanted);
    await allShow(wanted);
    await allSynced();
    shop.plugin.beforeWrite = () => undefined;
    shop.plugin.itemsPerCall = Infinity;
    expect(written).toBeGreaterThanOrEqual(350);
    expect(written).toBeLessThan(COUNT);
    const changes = shop.writes.filter(({ before, after }) => before !== after);
    expect(changes).toHaveLength(COUNT);
    expect(await bridge()).toMatchObject({ state: 'away', failure: { code: 'bridge_missing' } });
    expect(await running.api.expect(200, 'GET', `/shops/${connected.shopId}`)).toMatchObject({
      circuit: { state: 'closed' },
    });
    const test = await running.api.expect(200, 'POST', `/shops/${connected.shopId}/test`);
    expect(pickList(test, 'checks').at(-1)).toMatchObject({
      id: 'bridge',
      ok: false,
      severity: 'warning',
      code: 'bridge_missing',
    });
    expect(pick(test, 'ok')).toBe(true);
  }, 120_000);

  it('is used again once the plugin answers', async () => {
    shop.plugin.installed = true;
    await running.api.expect(200, 'POST', `/shops/${connected.shopId}/test`);
    expect(await bridge()).toMatchObject({ state: 'paired', failure: null, lastFailure: { code: 'bridge_missing' } });
  });

  it('is given a new secret and let go of', async () => {
    const former = shop.plugin.pairing?.secret;
    expect(await running.api.expect(200, 'POST', `/shops/${connected.shopId}/bridge/rotate`)).toMatchObject({
      state: 'paired',
      rotating: false,
    });
    expect(shop.plugin.pairing?.secret).not.toBe(former);
    expect(await running.api.expect(200, 'DELETE', `/shops/${connected.shopId}/bridge`)).toEqual({ shopTold: true });
    expect(shop.plugin.pairing).toBeNull();
    expect(await bridge()).toMatchObject({ state: 'none', shopUser: null, versions: null });
    await pair();
  });
});
