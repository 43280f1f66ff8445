import { Secret, TOTP } from 'otpauth';
import { answerOf, type ApiAnswer, pick, pickList, pickText, push } from '../support/api-client';
import { CookieBrowser } from '../support/cookie-browser';
import { eventually } from '../support/eventually';
import { type Connected, connect, NOT_COUNTED, runService, type RunningService } from '../support/running-service';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const OWNER = { email: 'owner@example.com', password: 'a long enough password' };
const SMARTBILL = { email: 'owner@shop.example', apiToken: '003|AbCdEf', vatCode: 'RO12345678' };

describe('the door for the plugins of shops', () => {
  let shop: SimulatedWooCommerce;
  let running: RunningService;
  let connected: Connected;
  let browser: CookieBrowser;

  const post = async (path: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<ApiAnswer> =>
    answerOf(await fetch(`${running.url}${path}`, { method: 'POST', body, headers }));
  const signedPost = (path: string, body: string, more: Readonly<Record<string, string>> = {}) =>
    post(path, body, { ...shop.plugin.headersFor('POST', path, body), ...more });
  const events = (...told: readonly object[]): string =>
    JSON.stringify({
      gap: false,
      events: told.map((each) => ({
        parentId: 0,
        by: 'storefront',
        at: new Date(Date.now() + 60_000).toISOString(),
        ...each,
      })),
    });
  const bridge = () => running.api.expect(200, 'GET', `/shops/${connected.shopId}/bridge`);
  const pair = async (): Promise<void> => {
    const given = await browser.call('POST', `/shops/${connected.shopId}/bridge/code`);
    const code = pickText(given.body, 'code');
    shop.plugin.typeCode(code);
    expect((await browser.call('POST', `/shops/${connected.shopId}/bridge/pair`, { code })).body).toMatchObject({
      state: 'paired',
      bridge: { account: OWNER.email },
    });
  };
  const item = async (code: string): Promise<unknown> =>
    pickList(
      await running.api.expect(200, 'GET', `/items?connectionId=${connected.connectionId}&q=${code}`),
      'data',
    )[0];
  const inStep = (code: string) => eventually(async () => pick(await item(code), 'status') === 'synced');
  const idOf = (sku: string): number => shop.products.bySku(sku).id;

  beforeAll(async () => {
    shop = await startSimulatedWooCommerce({
      products: [
        { sku: 'SOLD', stock: 1 },
        { sku: 'EDITED', stock: 1 },
        { sku: 'CLOTHES', variations: [{ option: 'S', sku: 'CLOTHES-S', stock: 1 }] },
      ],
    });
    shop.plugin.installed = true;
    running = await runService({ ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password });
    connected = await connect(running.api, { url: shop.url, ...shop.keys.readWrite });
    browser = new CookieBrowser(running.url);
    browser.adopt(await browser.call('POST', '/session', OWNER));
    await pair();
    await push(connected.pushUrl, connected.token, {
      items: ['SOLD', 'EDITED', 'CLOTHES-S'].map((sku) => ({ code: sku, quantity: 9 })),
    });
    for (const sku of ['SOLD', 'EDITED', 'CLOTHES-S']) await inStep(sku);
  }, 60_000);
  afterAll(async () => {
    await running.stop();
    await shop.close();
  });

  it.each<[string, number, string, () => Promise<ApiAnswer>]>([
    ['unsigned', 401, 'stock_relay_unsigned', () => post('/bridge/v1/events', events())],
    [
      'of a plugin nobody paired',
      401,
      'stock_relay_unpaired',
      () =>
        signedPost('/bridge/v1/events', events(), { 'X-Stock-Relay-Pairing': '00000000-0000-4000-8000-000000000000' }),
    ],
    [
      'signed six minutes ago',
      401,
      'stock_relay_late',
      () => {
        const now = Date.now() - 360_000;
        return post(
          '/bridge/v1/events',
          events(),
          shop.plugin.headersFor('POST', '/bridge/v1/events', events(), { now }),
        );
      },
    ],
    [
      'whose body was changed on its way',
      401,
      'stock_relay_bad_signature',
      () => post('/bridge/v1/events', `${events()} `, shop.plugin.headersFor('POST', '/bridge/v1/events', events())),
    ],
    [
      'signed for another address',
      401,
      'stock_relay_bad_signature',
      () => post('/bridge/v1/events', '{}', shop.plugin.headersFor('POST', '/bridge/v1/unpaired', '{}')),
    ],
    [
      'of more than a mebibyte',
      413,
      'stock_relay_oversized',
      () => signedPost('/bridge/v1/events', 'x'.repeat(1024 * 1024 + 1)),
    ],
    [
      'that is no list of events',
      400,
      'stock_relay_bad_request',
      () => signedPost('/bridge/v1/events', '{"events":7}'),
    ],
    [
      'with a quantity that was a float',
      400,
      'stock_relay_bad_request',
      () =>
        signedPost(
          '/bridge/v1/events',
          '{"events":[{"seq":"1","id":1,"stockId":1,"after":0.5,"cause":"edit","by":"x","at":"2026-01-01T00:00:00Z"}]}',
        ),
    ],
  ])('refuses a call %s', async (_how, status, code, call) => {
    expect(await call()).toMatchObject({ status, body: { code } });
  });

  it('refuses a call that came in before, and tells the owner what was refused', async () => {
    const headers = shop.plugin.headersFor('POST', '/bridge/v1/events', events());
    expect((await post('/bridge/v1/events', events(), headers)).status).toBe(200);
    expect(await post('/bridge/v1/events', events(), headers)).toMatchObject({
      status: 401,
      body: { code: 'stock_relay_replayed' },
    });
    const codes = pickList(await bridge(), 'refused').map((each) => pickText(each, 'code'));
    expect(codes).toEqual([
      'stock_relay_replayed',
      'stock_relay_bad_signature',
      'stock_relay_bad_signature',
      'stock_relay_late',
    ]);
  });

  it('leaves what a web order took, and names the order; the same told twice counts once', async () => {
    shop.products.sell('SOLD', 2);
    const sold = events({
      seq: '1',
      id: idOf('SOLD'),
      stockId: idOf('SOLD'),
      before: '9',
      after: '7',
      cause: 'order',
      orderNumber: '512',
    });
    expect((await signedPost('/bridge/v1/events', sold)).body).toEqual({ stored: '1' });
    expect((await signedPost('/bridge/v1/events', sold)).body).toEqual({ stored: '1' });
    expect(await item('SOLD')).toMatchObject({
      shown: '7',
      failure: { code: 'shop_sold', params: { orders: '#512', quantity: '2', shown: '7', wanted: '9' } },
    });
    const more = events({
      seq: '2',
      id: idOf('SOLD'),
      stockId: idOf('SOLD'),
      before: '7',
      after: '6',
      cause: 'order',
      orderNumber: '513',
    });
    await signedPost('/bridge/v1/events', more);
    expect(await item('SOLD')).toMatchObject({
      shown: '6',
      failure: { code: 'shop_sold', params: { orders: '#512, #513', quantity: '3' } },
    });
    expect(shop.products.stockOf('SOLD')).toBe(7);
  });

  it('makes true again what was edited in the shop, of a variation too', async () => {
    shop.products.setStock('EDITED', 50);
    shop.products.setStock('CLOTHES-S', 50);
    const variation = shop.products.bySku('CLOTHES-S');
    await signedPost(
      '/bridge/v1/events',
      events(
        { seq: '3', id: idOf('EDITED'), stockId: idOf('EDITED'), before: '9', after: '50', cause: 'edit', by: 'admin' },
        {
          seq: '4',
          id: variation.id,
          parentId: variation.parentId,
          stockId: variation.id,
          before: '9',
          after: '50',
          cause: 'edit',
          by: 'admin',
        },
      ),
    );
    await eventually(() =>
      Promise.resolve(shop.products.stockOf('EDITED') === 9 && shop.products.stockOf('CLOTHES-S') === 9),
    );
    await inStep('EDITED');
  });

  it('takes no notice of what we wrote ourselves', async () => {
    await signedPost(
      '/bridge/v1/events',
      events({
        seq: '5',
        id: idOf('EDITED'),
        stockId: idOf('EDITED'),
        before: '50',
        after: '8',
        cause: 'relay',
        by: 'rest',
      }),
    );
    expect(await item('EDITED')).toMatchObject({ status: 'synced', shown: '9' });
  });

  it('passes SmartBill’s push on to the source that feeds the shop, and answers as the push door does', async () => {
    const source = await running.api.expect(201, 'POST', '/sources', {
      name: 'SB',
      kind: 'smartbill',
      settings: SMARTBILL,
    });
    await running.api.expect(201, 'POST', '/connections', {
      sourceId: pick(source, 'id'),
      shopId: connected.shopId,
      mode: 'test',
      orders: NOT_COUNTED,
    });
    const body = JSON.stringify({ products: [{ productCode: 'SB-1', productName: 'X', warehouse: 'W', quantity: 3 }] });
    const relayed = (token: string) =>
      signedPost('/bridge/v1/relay/smartbill', body, {
        'Content-Type': 'application/json',
        'X-Stock-Relay-Forwarded-Authorization': `Bearer ${token}`,
      });
    const atTheDoor = (token: string) => push(pickText(source, 'pushUrl'), token, body);
    const known = pickText(source, 'token');
    const wrong = await relayed('no-such-token');
    const refused = await atTheDoor('no-such-token');
    expect(wrong.status).toBe(refused.status);
    expect(pick(wrong.body, 'code')).toBe(pick(refused.body, 'code'));
    const taken = await relayed(known);
    expect(taken).toMatchObject({ status: 200, body: { accepted: 1, rejected: 0 } });
    expect(await atTheDoor(known)).toMatchObject({ status: 200, body: { accepted: 1 } });
  });

  describe('a browser that comes from wp-admin', () => {
    const signIn = (fields: Readonly<Record<string, string>>) =>
      fetch(`${running.url}/bridge/v1/sign-in`, {
        method: 'POST',
        body: new URLSearchParams(fields),
        redirect: 'manual',
        headers: { 'user-agent': 'Firefox' },
      });

    it('is let in as who paired the plugin, once', async () => {
      const fields = shop.plugin.signInForm();
      const answer = await signIn(fields);
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
      const cookie = answer.headers
        .getSetCookie()
        .map((each) => each.split(';')[0])
        .join('; ');
      const session = await fetch(`${running.url}/api/v1/session`, { headers: { cookie } });
      expect(await session.json()).toMatchObject({ user: { email: OWNER.email } });
      const again = await signIn(fields);
      expect([again.status, again.headers.get('location')]).toEqual([303, '/login?why=stock_relay_replayed']);
      expect(again.headers.getSetCookie()).toEqual([]);
    });

    it.each<[string, () => Record<string, string>, string]>([
      ['with another user than was signed', () => shop.plugin.signInForm({ user: '1' }), 'stock_relay_bad_signature'],
      [
        'signed over a minute ago',
        () => shop.plugin.signInForm({ timestamp: String(Math.floor(Date.now() / 1000) - 70) }),
        'stock_relay_late',
      ],
      ['without a signature', () => ({ user: '7' }), 'stock_relay_unsigned'],
      [
        'as another user of the shop, whatever e-mail address they gave themselves',
        () => shop.plugin.signInForm({}, { id: 8, email: OWNER.email, displayName: 'X' }),
        'forbidden',
      ],
    ])('is not let in %s', async (_how, fields, why) => {
      const answer = await signIn(fields());
      expect([answer.status, answer.headers.get('location')]).toEqual([303, `/login?why=${why}`]);
      expect(answer.headers.getSetCookie()).toEqual([]);
    });

    it('is asked for the second factor where the account has one', async () => {
      const begun = await browser.call('POST', '/account/second-factor');
      const totp = new TOTP({ secret: Secret.fromBase32(pickText(begun.body, 'secret')) });
      expect((await browser.call('POST', '/account/second-factor/confirm', { code: totp.generate() })).status).toBe(
        200,
      );
      const answer = await signIn(shop.plugin.signInForm());
      const location = answer.headers.get('location') ?? '';
      expect(location).toMatch(/^\/login\?why=second_factor_needed#challenge=[0-9a-f]{64}&expires=\d+$/);
      expect(answer.headers.getSetCookie()).toEqual([]);
    });

    it('leaves an entry in the audit log, refused or not', async () => {
      const entries = pickList(await running.api.expect(200, 'GET', '/audit?limit=200'), 'data');
      const outcomes = entries
        .filter((entry) => pick(entry, 'action') === 'session.bridge')
        .map((entry) => pick(entry, 'outcome'));
      expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(2);
      expect(outcomes.filter((outcome) => outcome === 'refused')).toHaveLength(5);
    });
  });

  it('lets go of a pairing that was ended in the shop', async () => {
    const headers = shop.plugin.headersFor('POST', '/bridge/v1/unpaired', '{}');
    expect((await post('/bridge/v1/unpaired', '{}', headers)).status).toBe(204);
    expect(await bridge()).toMatchObject({ state: 'none' });
    expect(await signedPost('/bridge/v1/events', events())).toMatchObject({ body: { code: 'stock_relay_unpaired' } });
  });

  // The last one: from here on no stranger of this address is heard for a minute.
  it('makes strangers wait, and no paired shop behind their address', async () => {
    await pair();
    const byStranger = (tries: number) =>
      signedPost('/bridge/v1/events', events(), {
        'X-Stock-Relay-Pairing': `00000000-0000-4000-8000-${String(tries).padStart(12, '0')}`,
      });
    for (let tries = 0; tries < 60; tries++) await byStranger(tries);
    expect(await byStranger(60)).toMatchObject({ status: 429 });
    expect(await signedPost('/bridge/v1/events', events())).toMatchObject({ status: 200 });
  });
});
