import { existsSync } from 'node:fs';
import path from 'node:path';
import { answerOf, pick, pickList, pickNumber, pickText, push } from '../support/api-client';
import { CookieBrowser } from '../support/cookie-browser';
import { eventually } from '../support/eventually';
import { ADMIN_TOKEN, type Connected, connect, type RunningService, runService } from '../support/running-service';
import { ServedContract } from '../support/served-contract';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

describe('the admin API', () => {
  let shop: SimulatedWooCommerce;
  let running: RunningService;
  let connected: Connected;
  let contract: ServedContract;

  beforeAll(async () => {
    shop = await startSimulatedWooCommerce({
      products: [
        { sku: 'A-1', name: 'One', stock: 1 },
        { sku: 'B-1', name: 'Two', stock: 1 },
        { sku: 'C-1', name: 'Three', stock: 1 },
      ],
    });
    running = await runService({ ADMIN_EMAIL: 'owner@example.com', ADMIN_PASSWORD: 'a long enough password' });
    contract = await ServedContract.of(running.url);
    browser = new CookieBrowser(running.url);
    connected = await connect(running.api, { url: `${shop.url}/`, ...shop.keys.readWrite });
    await push(connected.pushUrl, connected.token, [
      { code: 'A-1', quantity: 5 },
      { code: 'GONE', quantity: 5 },
    ]);
  });

  afterAll(async () => {
    await running.stop();
    await shop.close();
  });

  /** Calls, and holds the answer against the served document. */
  async function call(
    method: string,
    template: string,
    values: Record<string, string | number> = {},
    body?: unknown,
    query = '',
  ) {
    const path = template.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
    const answer = await running.api.call(method.toUpperCase(), path + query, body);
    contract.check(method, `/api/v1${template}`, answer);
    return answer;
  }

  let browser: CookieBrowser;

  describe('lets in', () => {
    it('nobody without a log-in or token, and no wrong token', async () => {
      const callers: Record<string, string>[] = [{}, { authorization: 'Bearer nope' }];
      for (const headers of callers) {
        const answer = await answerOf(await fetch(`${running.url}/api/v1/items`, { headers }));
        expect(answer).toMatchObject({ status: 401, body: { code: 'not_authenticated' } });
        expect(answer.headers.get('www-authenticate')).toBe('Bearer');
        contract.check('get', '/api/v1/items', answer);
      }
      const inAddress = await answerOf(await fetch(`${running.url}/api/v1/items?access_token=${ADMIN_TOKEN}`));
      expect(inAddress.status).toBe(401);
      const inBody = await answerOf(
        await fetch(`${running.url}/api/v1/shops`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ access_token: ADMIN_TOKEN }),
        }),
      );
      expect(inBody.status).toBe(401);
    });

    it('an owner by password, with cookies that scripts cannot read, and changes only with the CSRF token', async () => {
      const wrong = await browser.call('POST', '/session', { email: 'owner@example.com', password: 'wrong' });
      expect(wrong).toMatchObject({ status: 401, body: { code: 'wrong_credentials' } });
      const unknown = await browser.call('POST', '/session', { email: 'nobody@example.com', password: 'wrong' });
      expect(unknown.body).toMatchObject({ code: 'wrong_credentials', detail: pickText(wrong.body, 'detail') });

      const login = await browser.call('POST', '/session', {
        email: 'Owner@Example.com',
        password: 'a long enough password',
      });
      contract.check('post', '/api/v1/session', login);
      expect(login).toMatchObject({ status: 200, body: { user: { email: 'owner@example.com', role: 'owner' } } });
      for (const cookie of login.headers.getSetCookie()) {
        expect(cookie).toMatch(/HttpOnly/i);
        expect(cookie).toMatch(/SameSite=Strict/i);
      }
      const csrfToken = pickText(login.body, 'csrfToken');
      contract.check('get', '/api/v1/session', await browser.call('GET', '/session'));

      const action = { action: 'sync-now', ids: [1] };
      expect(await browser.call('POST', '/items/actions', action)).toMatchObject({
        status: 403,
        body: { code: 'csrf_missing' },
      });
      const forged = await browser.call('POST', '/items/actions', action, { 'x-csrf-token': 'forged' });
      expect(forged.status).toBe(403);
      const right = await browser.call('POST', '/items/actions', action, { 'x-csrf-token': csrfToken });
      expect(right.status).toBe(200);

      const logout = await browser.call('DELETE', '/session', undefined, { 'x-csrf-token': csrfToken });
      contract.check('delete', '/api/v1/session', logout);
      expect(logout.status).toBe(204);
    });

    it('nobody with the cookie of an ended session', async () => {
      const login = await browser.call('POST', '/session', {
        email: 'owner@example.com',
        password: 'a long enough password',
      });
      const kept = new Map(browser.cookies);
      await browser.call('DELETE', '/session', undefined, { 'x-csrf-token': pickText(login.body, 'csrfToken') });
      browser.cookies = kept;
      expect((await browser.call('GET', '/session')).status).toBe(401);
      browser.cookies.clear();
    });

    it('slows down whoever guesses passwords', async () => {
      const tries = [];
      for (let n = 0; n < 10; n++) {
        tries.push(await browser.call('POST', '/session', { email: 'guess@example.com', password: `guess ${n}` }));
      }
      const last = tries.at(-1);
      expect(last?.status).toBe(429);
      expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
    });

    it('the first set-up only once', async () => {
      contract.check('get', '/api/v1/setup', await answerOf(await fetch(`${running.url}/api/v1/setup`)));
      const again = await call(
        'post',
        '/setup',
        {},
        { token: 'x', email: 'a@example.com', password: 'a long enough password' },
      );
      expect(again.status).toBe(403);
    });
  });

  describe('shops', () => {
    it('never give the keys back', async () => {
      const answer = await call('get', '/shops/{id}', { id: connected.shopId });
      expect(JSON.stringify(answer.body)).not.toContain(shop.keys.readWrite.consumerSecret);
      expect(JSON.stringify(answer.body)).not.toContain(shop.keys.readWrite.consumerKey);
      expect(pickText(answer.body, 'url')).toBe(shop.url);
      await call('get', '/shops');
    });

    it('are not added twice, however the address is spelt', async () => {
      const again = { name: 'Again', ...shop.keys.readWrite };
      const { host } = new URL(shop.url);
      for (const url of [shop.url, `${shop.url}//`, `HTTP://${host}/?a=1#b`, `https://${host}`]) {
        expect(await call('post', '/shops', {}, { ...again, url })).toMatchObject({
          status: 409,
          body: { code: 'conflict', shopId: connected.shopId, errors: [{ path: 'url' }] },
        });
      }
      const other = pickNumber((await call('post', '/shops', {}, { ...again, url: `${shop.url}/other` })).body, 'id');
      const moved = await call('patch', '/shops/{id}', { id: other }, { url: `${shop.url}/` });
      expect(moved).toMatchObject({ status: 409, body: { shopId: connected.shopId } });
      expect((await call('patch', '/shops/{id}', { id: other }, { url: `${shop.url}/other/` })).status).toBe(200);
      await call('delete', '/shops/{id}', { id: other });
      expect((await call('patch', '/shops/{id}', { id: other }, { name: 'Gone' })).status).toBe(404);
    });

    it('are examined by the doctor, and keep what it found', async () => {
      const test = await call('post', '/shops/{id}/test', { id: connected.shopId });
      expect(pick(test.body, 'ok')).toBe(true);
      const kept = await call('get', '/shops/{id}', { id: connected.shopId });
      expect(pick(kept.body, 'lastTest', 'ok')).toBe(true);
      expect(pick(kept.body, 'version')).toBe('10.5.2');
    });

    it('keep their keys where these are sent back as they are shown', async () => {
      const shown = (await call('get', '/shops/{id}', { id: connected.shopId })).body;
      for (const path of ['consumerKey', 'consumerSecret']) {
        const answer = await call('patch', '/shops/{id}', { id: connected.shopId }, { [path]: pickText(shown, path) });
        expect(answer).toMatchObject({ status: 422, body: { errors: [{ path }] } });
      }
      expect(pick((await call('post', '/shops/{id}/test', { id: connected.shopId })).body, 'ok')).toBe(true);
    });

    it('with wrong keys are told which check failed and what cures it', async () => {
      const bad = await call(
        'post',
        '/shops',
        {},
        {
          name: 'Bad',
          url: shop.url.replace('127.0.0.1', 'localhost'),
          consumerKey: 'ck_wrong',
          consumerSecret: 'cs_wrong',
        },
      );
      const id = pickNumber(bad.body, 'id');
      const test = await call('post', '/shops/{id}/test', { id });
      const failed = pickList(test.body, 'checks').find((check) => pick(check, 'ok') === false);
      expect(failed).toMatchObject({ id: 'keys_valid', severity: 'error' });
      expect(pickText(failed, 'cure')).toMatch(/WooCommerce/);
      const patched = await call('patch', '/shops/{id}', { id }, { ...shop.keys.readWrite, verifyTls: false });
      expect(pick(patched.body, 'lastTest')).toBeNull();
      expect(pick((await call('patch', '/shops/{id}', { id }, { name: 'Good' })).body, 'verifyTls')).toBe(false);
      expect(pick((await call('post', '/shops/{id}/test', { id })).body, 'ok')).toBe(true);
      expect((await call('delete', '/shops/{id}', { id })).status).toBe(204);
      expect((await call('get', '/shops/{id}', { id })).status).toBe(404);
    });

    it('stop being called when they are out of reach, lose nothing, and go on by themselves or by hand', async () => {
      await shop.goDown();
      await push(connected.pushUrl, connected.token, { code: 'B-1', quantity: 44 });
      await eventually(async () => {
        const view = await running.api.expect(200, 'GET', `/shops/${connected.shopId}`);
        return (
          pick(view, 'circuit', 'state') === 'open' && pick(view, 'circuit', 'failure', 'code') === 'shop_unreachable'
        );
      });
      const waiting = await running.api.expect(200, 'GET', '/items?q=B-1');
      expect(pickList(waiting, 'data')[0]).toMatchObject({ status: 'due', attempts: 0 });
      // What matches nothing is told of as well, at any full minute.
      const ofCircuits = async () =>
        pickList((await call('get', '/notifications')).body, 'data').filter(
          (notice) => pickText(notice, 'kind') === 'circuit_open',
        );
      expect(await ofCircuits()).toMatchObject([{ kind: 'circuit_open', shopName: 'Shop', healedAt: null }]);
      await shop.comeBack();
      await call('post', '/shops/{id}/resume', { id: connected.shopId });
      await eventually(async () => shop.products.stockOf('B-1') === 44);
      const healed = await ofCircuits();
      expect(healed).toHaveLength(1);
      expect(pick(healed[0], 'healedAt')).not.toBeNull();
    });

    it.each([
      [{ name: '', url: 'not an address', consumerKey: '', consumerSecret: 'x' }, ['name', 'url', 'consumerKey']],
      [{ name: 'x', url: 'ftp://example.com', consumerKey: 'a', consumerSecret: 'b' }, ['url']],
      [{}, ['name', 'url', 'consumerKey', 'consumerSecret']],
    ])('refuse bad input with the path of each fault', async (input, paths) => {
      const answer = await call('post', '/shops', {}, input);
      expect(answer.status).toBe(422);
      expect(pickList(answer.body, 'errors').map((error) => pickText(error, 'path'))).toEqual(paths);
    });
  });

  describe('sources', () => {
    it('show their token once and their secrets never', async () => {
      const settings = { email: 'a@example.com', apiToken: 'top-secret-token', vatCode: 'RO123456' };
      const created = await call('post', '/sources', {}, { name: 'SB', kind: 'smartbill', settings });
      expect(created.status).toBe(201);
      expect(pickText(created.body, 'token')).toMatch(/^[0-9a-f]{64}$/);
      const id = pickNumber(created.body, 'id');
      const shown = await call('get', '/sources/{id}', { id });
      expect(JSON.stringify(shown.body)).not.toContain('top-secret-token');
      expect(shown.body).not.toHaveProperty('token');
      expect(pick(shown.body, 'settings', 'email')).toBe('a@example.com');
      await call('patch', '/sources/{id}', { id }, { settings: { email: 'b@example.com' } });
      await call('post', '/sources/{id}/rotate-token', { id }, {});
      expect((await call('delete', '/sources/{id}', { id })).status).toBe(204);
    });

    it('with bad settings are refused with the path of each fault', async () => {
      const answer = await call('post', '/sources', {}, { name: 'SB', kind: 'smartbill', settings: { email: 'x' } });
      expect(answer.status).toBe(422);
      expect(pickList(answer.body, 'errors').map((error) => pickText(error, 'path'))).toEqual([
        'settings.email',
        'settings.apiToken',
        'settings.vatCode',
      ]);
      expect((await call('post', '/sources', {}, { name: 'X', kind: 'unheard-of' })).status).toBe(422);
    });

    it('keep their secrets where these are sent back as they are shown', async () => {
      const settings = { email: 'a@example.com', apiToken: '003|x', vatCode: 'RO12345678' };
      const made = await call('post', '/sources', {}, { name: 'SB', kind: 'smartbill', settings });
      const id = pickNumber(made.body, 'id');
      const answer = await call('patch', '/sources/{id}', { id }, { settings: pick(made.body, 'settings') });
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'settings.apiToken' }] } });
      await call('delete', '/sources/{id}', { id });
    });

    it('say what has come in, and which warehouses were named', async () => {
      await call('get', '/sources');
      const test = await call('post', '/sources/{id}/test', { id: connected.sourceId });
      expect(pickList(test.body, 'checks')[0]).toMatchObject({ id: 'push_received', ok: true });
      const warehouses = await call('get', '/sources/{id}/warehouses', { id: connected.sourceId });
      expect(warehouses.status).toBe(200);
    });

    it('show what came in, and how it would be read by other settings', async () => {
      const id = connected.sourceId;
      const samples = await call('get', '/sources/{id}/samples', { id });
      const pushId = pickNumber(samples.body, 'data', 0, 'pushId');
      const settings = { mapping: { code: 'code', quantity: 'quantity', warehouse: 'code' } };
      const tried = await call('post', '/sources/{id}/try-mapping', { id }, { pushId, settings });
      expect(pickList(tried.body, 'lines')[0]).toMatchObject({ code: 'B-1', warehouse: 'B-1', quantity: '44' });
      const wrong = { mapping: { code: 'code' } };
      const refused = await call('post', '/sources/{id}/try-mapping', { id }, { pushId, settings: wrong });
      expect(refused.status).toBe(422);
      expect(pickText(refused.body, 'errors', 0, 'path')).toBe('settings.mapping.quantity');
      expect((await call('post', '/sources/{id}/try-mapping', { id }, { pushId: 999, settings: {} })).status).toBe(404);
    });

    it('of a kind whose vendor calls nobody cannot be subscribed to', async () => {
      expect((await call('post', '/sources/{id}/subscribe', { id: connected.sourceId })).status).toBe(409);
    });
  });

  describe('connections', () => {
    it('cannot join what does not exist, or the same two twice', async () => {
      const missing = await call('post', '/connections', {}, { sourceId: 999, shopId: 998 });
      expect(missing.status).toBe(422);
      expect(pickList(missing.body, 'errors')).toHaveLength(2);
      const { sourceId, shopId } = connected;
      expect((await call('post', '/connections', {}, { sourceId, shopId })).status).toBe(409);
    });

    it('are not made of a body with a field that is none, nor is a question with one answered', async () => {
      const feed = { sourceId: connected.sourceId, shopId: connected.shopId };
      const none = 'there is no such field here';
      const typo = { ...feed, warehouse: ['Depozit'], modes: 'live', rules: { bufer: '1' } };
      const answer = await call('post', '/connections', {}, typo);
      expect(answer.status).toBe(422);
      expect(pickList(answer.body, 'errors')).toEqual(
        expect.arrayContaining(['warehouse', 'modes', 'rules.bufer'].map((path) => ({ path, message: none }))),
      );
      for (const [method, path, query] of [
        ['get', '/items', '?conection=1'],
        ['get', '/shops/{id}', '?a=1'],
        ['post', '/shops/{id}/test', '?a=1'],
      ] as const) {
        const asked = await call(method, path, { id: connected.shopId }, undefined, query);
        expect(asked).toMatchObject({ status: 422, body: { errors: [{ message: none }] } });
      }
      const body = { force: true };
      expect(await call('post', '/shops/{id}/test', { id: connected.shopId }, body)).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'force', message: none }] },
      });
      const settings = { email: 'a@example.com', apiToken: '003|x', vatCode: 'RO12345678', vatcode: 'RO1' };
      expect(await call('post', '/sources', {}, { name: 'SB', kind: 'smartbill', settings })).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'settings.vatcode' }] },
      });
    });

    it('in test mode compare and write nothing; live, they bring what waited', async () => {
      const source = await call('post', '/sources', {}, { name: 'Second', kind: 'generic' });
      const sourceId = pickNumber(source.body, 'id');
      await push(pickText(source.body, 'pushUrl'), pickText(source.body, 'token'), { code: 'C-1', quantity: 31 });
      const created = await call('post', '/connections', {}, { sourceId, shopId: connected.shopId });
      const id = pickNumber(created.body, 'id');
      expect(pick(created.body, 'mode')).toBe('test');
      const item = await eventually(async () => {
        const rows = pickList(await running.api.expect(200, 'GET', `/items?connectionId=${id}`), 'data');
        return rows.find((row) => pick(row, 'productId') !== null);
      });
      expect(item).toMatchObject({ status: 'due', wanted: '31', shown: '1', verified: false });
      expect(shop.products.stockOf('C-1')).toBe(1);
      await running.api.expect(200, 'POST', `/shops/${connected.shopId}/test`);
      const preview = await call('get', '/connections/{id}/preview', { id });
      expect(preview.body).toMatchObject({ obstacles: [], massZero: null, counts: { to_change: 1, equal: 0 } });
      expect(pickList(preview.body, 'changes')).toMatchObject([{ code: 'C-1', shown: '1', wanted: '31' }]);
      expect((await call('post', '/connections/{id}/go-live', { id }, {})).body).toMatchObject({ mode: 'live' });
      await eventually(async () => {
        const rows = pickList(await running.api.expect(200, 'GET', `/items?connectionId=${id}`), 'data');
        return rows.every((row) => pick(row, 'status') === 'synced');
      });
      expect(shop.products.stockOf('C-1')).toBe(31);
      const twice = await call('post', '/connections/{id}/go-live', { id }, {});
      expect(twice.status).toBe(409);
      expect(pickList(twice.body, 'errors').map((error) => pickText(error, 'path'))).toEqual(['already_live']);
      await call('patch', '/connections/{id}', { id }, { mode: 'live' });
      await call('get', '/connections/{id}', { id });
      await call('get', '/connections');
      expect((await call('delete', '/connections/{id}', { id })).status).toBe(204);
    });
  });

  describe('items', () => {
    const find = async (q: string) => pickList(await running.api.expect(200, 'GET', `/items?q=${q}`), 'data')[0];

    it('are listed page by page with counts, and found by text', async () => {
      const first = await call('get', '/items', {}, undefined, '?limit=1');
      expect(pickList(first.body, 'data')).toHaveLength(1);
      const second = await call(
        'get',
        '/items',
        {},
        undefined,
        `?limit=1&cursor=${pickText(first.body, 'nextCursor')}`,
      );
      expect(pickNumber(second.body, 'data', 0, 'id')).toBeGreaterThan(pickNumber(first.body, 'data', 0, 'id'));
      expect((await call('get', '/items', {}, undefined, '?cursor=1;DROP')).status).toBe(422);
      expect((await call('get', '/items', {}, undefined, '?status=nonsense')).status).toBe(422);
    });

    it('go offline and come back, with who did it in the timeline', async () => {
      const id = pickNumber(await find('A-1'), 'id');
      await call('post', '/items/actions', {}, { action: 'offline', ids: [id] });
      await push(connected.pushUrl, connected.token, { code: 'A-1', quantity: 77 });
      expect(await find('A-1')).toMatchObject({ status: 'offline', wanted: '77', verified: false });
      await call('post', '/items/actions', {}, { action: 'online', ids: [id] });
      await eventually(async () => shop.products.stockOf('A-1') === 77);
      const timeline = await call('get', '/items/{id}/timeline', { id });
      const changes = pickList(timeline.body, 'data').filter((entry) => pick(entry, 'step') === 'change');
      expect(changes.map((entry) => [pick(entry, 'outcome'), pick(entry, 'by')])).toEqual(
        expect.arrayContaining([
          ['online', 'ADMIN_TOKEN'],
          ['offline', 'ADMIN_TOKEN'],
        ]),
      );
      await call('get', '/items/{id}', { id });
      await call('get', '/items/{id}/why', { id });
      await call('get', '/items/{id}/stock-history', { id });
      const again = await call('post', '/items/actions', {}, { action: 'offline', ids: [id] });
      const undone = { id: pickNumber(again.body, 'undo', 'id') };
      expect((await call('post', '/items/actions/{id}/undo', undone)).body).toEqual({ restored: 1, left: 0 });
    });

    it('that failed are told by their cause, and tried again as a whole', async () => {
      const problems = pickList((await call('get', '/problems')).body, 'data');
      const unmatched = problems.find((each) => pick(each, 'filter') === 'product_unmatched');
      expect(unmatched).toMatchObject({ about: 'items', asks: true, canRetry: true });
      const { body } = await call('post', '/problems/{key}/retry', { key: pickText(unmatched, 'key') });
      expect(pickNumber(body, 'affected')).toBeGreaterThan(0);
      await eventually(async () => pick(await find('GONE'), 'status') === 'unmatched');
    });

    it('are retried by filter once the cause is cured', async () => {
      shop.products.add({ sku: 'GONE', name: 'Back again', stock: 0 });
      const answer = await call(
        'post',
        '/items/actions',
        {},
        { action: 'retry', filter: { status: 'unmatched', q: 'GONE' } },
      );
      expect(pickNumber(answer.body, 'affected')).toBe(1);
      await eventually(async () => shop.products.stockOf('GONE') === 5);
    });

    it('are linked by hand only to a product that is there and free', async () => {
      await push(connected.pushUrl, connected.token, { code: 'HAND', quantity: 8 });
      const item = await eventually(async () => {
        const found = await find('HAND');
        return found !== undefined && pick(found, 'status') === 'unmatched' ? found : undefined;
      });
      const id = pickNumber(item, 'id');
      expect((await call('post', '/items/{id}/link', { id }, { productId: 999_999 })).status).toBe(422);
      const taken = shop.products.bySku('A-1').id;
      expect((await call('post', '/items/{id}/link', { id }, { productId: taken })).status).toBe(409);
      const free = shop.products.add({ sku: 'OTHER-SKU', name: 'Linked by hand', stock: 1 });
      expect((await call('post', '/items/{id}/link', { id }, { productId: free.id })).status).toBe(200);
      await eventually(async () => shop.products.stockOf('OTHER-SKU') === 8);
    });
  });

  describe('the catalogue', () => {
    it('is mirrored, says how far it is, and is read anew when asked', async () => {
      const id = connected.shopId;
      const ready = await eventually(async () => {
        const answer = await call('get', '/shops/{id}/catalogue', { id });
        return pick(answer.body, 'state') === 'ready' ? answer.body : undefined;
      });
      expect(ready).toMatchObject({ failure: null, webhooks: { state: 'no_public_address' } });
      const { id: added } = shop.products.add({ sku: 'NEW-1', name: 'Set of pans', stock: 2 });
      expect((await call('post', '/shops/{id}/catalogue/refresh', { id })).status).toBe(202);
      await eventually(async () => {
        const answer = await call('get', '/shops/{id}/catalogue', { id });
        return pick(answer.body, 'entries') === shop.products.size && pick(answer.body, 'walk') === null;
      });
      expect(pickList((await call('get', '/shops/{id}/categories', { id })).body, 'data')).toEqual([
        { id: 15, name: 'Uncategorized' },
      ]);
      await push(connected.pushUrl, connected.token, { code: 'PANS', name: 'Pans, set of', quantity: 4 });
      const [asked] = await eventually(async () => {
        const desk = await call('get', '/match-desk', {}, undefined, '?q=PANS');
        const rows = pickList(desk.body, 'data');
        return rows.length === 1 ? rows : undefined;
      });
      expect(pick(asked, 'suggestions', 0)).toMatchObject({ product: { productId: added }, takenBy: null });
      const itemId = pickNumber(asked, 'item', 'id');
      const links = [
        { itemId, productId: added },
        { itemId, productId: 999_999 },
      ];
      const linked = await call('post', '/match-desk/links', {}, { links });
      expect(pickList(linked.body, 'results').map((result) => pick(result, 'ok'))).toEqual([true, false]);
      await eventually(async () => shop.products.stockOf('NEW-1') === 4);
    });
  });

  describe('the owner’s own rules', () => {
    it('for one product are kept, and shown for ten before they are saved', async () => {
      const item = pickList(await running.api.expect(200, 'GET', '/items?q=PANS'), 'data')[0];
      const id = pickNumber(item, 'id');
      const ruled = await call('patch', '/items/{id}/rules', { id }, { buffer: '1', packSize: null });
      expect(ruled.body).toMatchObject({ buffer: '1', packSize: null, wanted: '3' });
      const connectionId = connected.connectionId;
      const rules = { buffer: '2', packSize: '1', rounding: 'down', negative: 'zero' };
      const preview = await call('post', '/connections/{id}/rules/preview', { id: connectionId }, { rules });
      const rows = pickList(preview.body, 'data');
      expect(rows.find((row) => pick(row, 'code') === 'PANS')).toMatchObject({ before: '3', after: '3' });
      expect(rows.find((row) => pick(row, 'code') === 'A-1')).toMatchObject({ before: '77', after: '75' });
      const faulty = { rules: { ...rules, packSize: '0' } };
      expect((await call('post', '/connections/{id}/rules/preview', { id: connectionId }, faulty)).status).toBe(422);
    });

    it('of which reference is which SKU come as text and go as text, all or nothing', async () => {
      const id = connected.connectionId;
      const put = await call('post', '/connections/{id}/mappings', { id }, { text: 'X-1:NEW-1\nX-2;A-1' });
      expect(put.body).toEqual({ added: 2, changed: 0, removed: 0, items: 0 });
      const bad = await call('post', '/connections/{id}/mappings', { id }, { text: 'X-3:B-1\nX-4', mode: 'replace' });
      expect(bad.status).toBe(422);
      const listed = await call('get', '/connections/{id}/mappings', { id });
      expect(listed.body).toMatchObject({ count: 2, data: [{ sku: 'NEW-1' }, { sku: 'A-1' }] });
      const exported = await call('get', '/connections/{id}/mappings/export', { id });
      expect(pickText(exported.body, 'csv')).toContain('X-2');
      const ids = pickList(listed.body, 'data').map((line) => pickNumber(line, 'id'));
      const removed = await call('post', '/connections/{id}/mappings/remove', { id }, { ids });
      expect(pick(removed.body, 'removed')).toBe(2);
    });

    it('to switch stock management on can be undone, even where nothing was switched', async () => {
      const id = connected.connectionId;
      expect((await call('get', '/connections/{id}/switched-on', { id })).body).toMatchObject({ data: [], count: 0 });
      expect((await call('post', '/connections/{id}/switched-on/undo', { id })).body).toEqual({ affected: 0 });
    });
  });

  describe('runs and flows', () => {
    it('of a source that cannot be asked for its levels are refused; a check goes through all items', async () => {
      const id = connected.connectionId;
      expect((await call('post', '/connections/{id}/pull', { id })).status).toBe(409);
      const runId = pickNumber((await call('post', '/connections/{id}/check', { id })).body, 'runId');
      const ended = await eventually(async () => {
        const found = await call('get', '/runs/{id}', { id: runId });
        return pick(found.body, 'finishedAt') === null ? undefined : found.body;
      });
      expect(ended).toMatchObject({ kind: 'check', startedBy: 'person', phase: 'settling', failure: null });
      const lines = await call('get', '/runs/{id}/lines', { id: runId }, undefined, '?limit=1');
      expect(pickList(lines.body, 'data')).toHaveLength(1);
      expect(pickText(lines.body, 'nextCursor')).toBe('0');
      expect(pickList((await call('get', '/runs')).body, 'data')).toHaveLength(1);
      const log = await call('get', '/runs/{id}/log', { id: runId });
      expect(pickList(log.body, 'data').at(-1)).toMatchObject({ step: 'ended', failure: null });
      const empty = await call('post', '/connections/{id}/pull-file', { id }, { text: 'code;quantity' });
      expect(empty.status).toBe(400);
      expect((await call('post', '/runs/{id}/cancel', { id: runId })).status).toBe(409);
      expect((await call('post', '/runs/{id}/release', { id: runId })).status).toBe(409);
      const undo = await call('post', '/runs/{id}/undo', { id: runId });
      expect(undo.status).toBe(202);
    });

    it('start by their schedule, which is judged before it is kept', async () => {
      const flows = await call('get', '/flows', {}, undefined, `?connectionId=${connected.connectionId}`);
      const check = pickList(flows.body, 'data').find((flow) => pick(flow, 'kind') === 'check');
      expect(check).toMatchObject({ enabled: true, cron: '30 4 * * *', timeZone: 'UTC' });
      const id = pickNumber(check, 'id');
      const bad = await call('patch', '/flows/{id}', { id }, { cron: 'every night' });
      expect(bad.status).toBe(422);
      const kept = await call('patch', '/flows/{id}', { id }, { cron: '0 5 * * 1', timeZone: 'Europe/Bucharest' });
      expect(pickText(kept.body, 'nextAt')).toMatch(/T0[23]:00:00/);
      const off = await call('patch', '/flows/{id}', { id }, { enabled: false });
      expect(off.body).toMatchObject({ enabled: false, nextAt: null });
      const now = await call('post', '/flows/{id}/run', { id });
      expect([202, 409]).toContain(now.status);
    });
  });

  describe('pushes', () => {
    it('are kept raw and read, and replaying one never undoes a newer level', async () => {
      const older = await push(connected.pushUrl, connected.token, { code: 'B-1', quantity: 90 });
      await push(connected.pushUrl, connected.token, { code: 'B-1', quantity: 91 });
      await eventually(async () => shop.products.stockOf('B-1') === 91);
      const id = pickNumber(older.body, 'pushId');
      const replayed = await call('post', '/pushes/{id}/replay', { id });
      expect(pickList(replayed.body, 'lines')[0]).toMatchObject({ outcome: 'superseded' });
      const detail = await call('get', '/pushes/{id}', { id: pickNumber(replayed.body, 'pushId') });
      expect(pick(detail.body, 'replayOf')).toBe(id);
      await call('get', '/pushes', {}, undefined, `?sourceId=${connected.sourceId}&limit=2`);
      expect(shop.products.stockOf('B-1')).toBe(91);
    });
  });

  it('answers what is not there, not allowed or not JSON with problem documents', async () => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    for (const [method, path, status] of [
      ['GET', '/nothing', 404],
      ['PUT', '/shops', 405],
      ['GET', '/shops/abc', 422],
    ] as const) {
      const answer = await running.api.call(method, path);
      expect([method, path, answer.status]).toEqual([method, path, status]);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(pickText(answer.body, 'requestId')).toBe(answer.headers.get('x-request-id'));
    }
    const broken = await fetch(`${running.url}/api/v1/shops`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: '{"name":',
    });
    expect(await answerOf(broken)).toMatchObject({ status: 400, body: { code: 'body_unreadable' } });
  });

  it('takes no body that it would leave unread, and says what cures one it cannot take', async () => {
    const name = async () => pickText((await call('get', '/shops/{id}', { id: connected.shopId })).body, 'name');
    const before = await name();
    const patch = async (body: string | Uint8Array<ArrayBuffer> | ReadableStream, headers: Record<string, string>) =>
      answerOf(
        await fetch(`${running.url}/api/v1/shops/${connected.shopId}`, {
          method: 'PATCH',
          headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...headers },
          body,
          duplex: 'half',
        } as RequestInit),
      );
    const other = JSON.stringify({ name: 'Other' });
    const json = 'application/json';
    for (const [answer, status, code, cure] of [
      [await patch(other, { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'body_not_json', json],
      [await patch(new Blob([other]).stream(), {}), 415, 'body_not_json', json],
      [await patch(other, { 'content-type': json, 'content-encoding': 'zip' }), 415, 'body_not_json', 'gzip'],
      [await patch(other, { 'content-type': `${json}; charset=x` }), 415, 'body_not_json', 'UTF-8'],
      [await patch(other, { 'content-type': json, 'content-encoding': 'gzip' }), 400, 'body_unreadable', 'compressed'],
      [await patch(`"${'x'.repeat(1_100_000)}"`, { 'content-type': json }), 413, 'body_too_large', '1048576 bytes'],
    ] as const) {
      expect(answer).toMatchObject({ status, body: { code, detail: expect.stringContaining(cure) } });
    }
    expect(await name()).toBe(before);
    expect((await patch(other.replace('Other', before), { 'content-type': `${json}; charset=utf-8` })).status).toBe(
      200,
    );
  });

  it('says by which methods what is not of the API is read', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/api/v1/openapi.json', '/api/v1/events']) {
      const refused = await fetch(running.url + path, { method: 'POST' });
      expect([path, refused.status, refused.headers.get('allow')]).toEqual([path, 405, 'GET, HEAD']);
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      expect((await fetch(running.url + path, { method: 'HEAD', headers })).status).toBe(200);
    }
  });

  it('tells how things stand, and whether shops can give their keys by themselves', async () => {
    expect(await call('get', '/source-kinds')).toMatchObject({ status: 200 });
    expect((await call('get', '/service')).body).toMatchObject({ database: 'sqlite', keptDays: { history: 90 } });
    const overview = await call('get', '/overview');
    expect(overview.status).toBe(200);
    expect((await call('get', '/overview', {}, undefined, '?hours=0')).status).toBe(422);
    expect((await call('get', '/shop-approvals')).body).toEqual({ possible: false });
    const refused = await call('post', '/shop-approvals', {}, { name: 'A', url: 'https://a.example' });
    expect(refused.status).toBe(409);
  });

  describe('notices', () => {
    it('are read, and chosen, by each person for themselves', async () => {
      const login = await browser.call('POST', '/session', {
        email: 'owner@example.com',
        password: 'a long enough password',
      });
      const csrf = { 'x-csrf-token': pickText(login.body, 'csrfToken') };
      const asOwner = async (method: string, path: string, body?: unknown) => {
        const answer = await browser.call(method.toUpperCase(), path, body, csrf);
        contract.check(method, `/api/v1${path}`, answer);
        return answer;
      };
      const before = await asOwner('get', '/notifications/bell');
      expect(pickNumber(before.body, 'unread')).toBeGreaterThan(0);
      expect((await asOwner('post', '/notifications/read', { until: '2999-01-01T00:00:00Z' })).status).toBe(204);
      expect(pick((await asOwner('get', '/notifications/bell')).body, 'unread')).toBe(0);
      const kinds = [{ kind: 'circuit_open', mail: 'digest' }];
      const quiet = { fromMinute: 1_320, toMinute: 420 };
      const changed = await asOwner('patch', '/notice-settings', { kinds, quiet, timeZone: 'Europe/Bucharest' });
      expect(changed.body).toMatchObject({ quiet, timeZone: 'Europe/Bucharest', digest: { every: 'day', hour: 8 } });
      expect(pickList((await asOwner('get', '/notice-settings')).body, 'kinds')).toContainEqual({
        kind: 'circuit_open',
        stopsWork: true,
        mail: 'digest',
      });
      // There is no mail server here.
      expect((await asOwner('post', '/notice-settings/test-mail')).status).toBe(409);
      await browser.call('DELETE', '/session', undefined, csrf);
      browser.cookies.clear();
    });

    it('are told to webhooks, whose secret is shown once', async () => {
      const added = await call('post', '/notice-webhooks', {}, { url: `${shop.url}/no-such-hook` });
      const id = pickNumber(added.body, 'id');
      const secret = pickText(added.body, 'secret');
      const listed = await call('get', '/notice-webhooks');
      expect(JSON.stringify(listed.body)).not.toContain(secret);
      const tried = await call('post', '/notice-webhooks/{id}/test', { id });
      expect(tried).toMatchObject({ status: 503, body: { code: 'webhook_refused' } });
      expect((await call('delete', '/notice-webhooks/{id}', { id })).status).toBe(204);
      expect(pickList((await call('get', '/notice-webhooks')).body, 'data')).toEqual([]);
    });
  });

  it('says why a product does not move, how its stock went, and what is wrong by its cause', async () => {
    await push(connected.pushUrl, connected.token, [{ code: 'NOWHERE', quantity: 1 }]);
    const gone = await eventually(async () => {
      const { body } = await call('get', '/items', {}, undefined, '?q=NOWHERE&status=unmatched');
      return pickList(body, 'data').map((row) => pickNumber(row, 'id'))[0];
    });
    const why = await call('get', '/items/{id}/why', { id: gone });
    expect(JSON.stringify(why.body)).toContain('product_unmatched');
    expect((await call('get', '/items/{id}/stock-history', { id: gone })).status).toBe(200);
    const groups = pickList((await call('get', '/problems')).body, 'data');
    const key = pickText(
      groups.find((group) => pickText(group, 'key').endsWith('product_unmatched')),
      'key',
    );
    expect((await call('post', '/problems/{key}/retry', { key })).body).toMatchObject({ affected: 1 });
    expect((await call('post', '/problems/{key}/retry', { key: 'items.999.product_unmatched' })).status).toBe(404);
  });

  it('takes an action on products back', async () => {
    const gone = pickNumber(pickList((await call('get', '/items', {}, undefined, '?q=GONE')).body, 'data')[0], 'id');
    const done = await call('post', '/items/actions', {}, { action: 'offline', ids: [gone] });
    const id = pickNumber(done.body, 'undo', 'id');
    const undone = await call('post', '/items/actions/{id}/undo', { id });
    expect(undone.status).toBe(200);
    expect((await call('get', '/items/{id}', { id: gone })).body).not.toMatchObject({ status: 'offline' });
  });

  it('pairs with the plugin of a shop, changes its secret and lets go of it', async () => {
    const { shopId: id } = connected;
    expect((await call('get', '/shops/{id}/bridge', { id })).body).toMatchObject({ state: 'none' });
    shop.plugin.installed = true;
    const code = pickText((await call('post', '/shops/{id}/bridge/code', { id })).body, 'code');
    expect((await call('post', '/shops/{id}/bridge/pair', { id }, { code: 'AAAA-AAAA-AAAA' })).status).toBe(409);
    expect((await call('post', '/shops/{id}/bridge/pair', { id }, { code })).body).toMatchObject({ state: 'waiting' });
    shop.plugin.typeCode(code);
    expect((await call('post', '/shops/{id}/bridge/pair', { id }, { code })).body).toMatchObject({ state: 'paired' });
    expect((await call('post', '/shops/{id}/bridge/rotate', { id })).status).toBe(200);
    shop.plugin.capable = false;
    expect(await call('post', '/shops/{id}/bridge/rotate', { id })).toMatchObject({
      status: 502,
      body: { code: 'bridge_capability' },
    });
    expect((await call('delete', '/shops/{id}/bridge', { id })).body).toEqual({ shopTold: false });
    expect((await call('delete', '/shops/{id}/bridge', { id })).status).toBe(409);
    expect((await call('post', '/shops/{id}/bridge/code', { id: 999 })).status).toBe(404);
    shop.plugin.installed = false;
  });

  it('hands out the plugin where it is built, and says so where it is not', async () => {
    const operation = '/api/v1/bridge/plugin.zip';
    expect((await fetch(running.url + operation)).status).toBe(401);
    const answer = await fetch(running.url + operation, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    if (existsSync(path.resolve(__dirname, '../../dist/bridge/stock-relay.zip'))) {
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip']);
      expect(
        Buffer.from(await answer.arrayBuffer())
          .subarray(0, 2)
          .toString(),
      ).toBe('PK');
    } else {
      const refused = await answerOf(answer);
      contract.check('get', operation, refused);
      expect(refused).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
  });

  it('serves every file it has in its document as one', async () => {
    const files = contract.operations().filter((operation) => operation.endsWith('.csv'));
    expect(files.length).toBeGreaterThan(6);
    const { data } = (await call('get', '/runs')).body as { data: { id: number }[] };
    for (const operation of files) {
      const path = operation.replace('get ', '');
      const id = path.includes('/runs/') ? data[0]?.id : 1;
      const answer = await running.api.file(path.replace('{id}', String(id ?? 1)).replace('/api/v1', ''));
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([path, 200, 'text/csv; charset=utf-8']);
      expect(await answer.text()).toContain('\r\n');
    }
  });

  it('is counted under one name by its routes, whatever becomes of the call', async () => {
    await fetch(`${running.url}/api/v1/shops/7/categories`);
    await running.api.call('GET', '/shops/abc/categories');
    await fetch(`${running.url}/api/v1/events`);
    const metrics = await (await fetch(`${running.url}/metrics`)).text();
    const names = new Set([...metrics.matchAll(/route="([^"]*)"/g)].map(([, name]) => name));
    expect([...names].filter((name) => name?.startsWith('/v1'))).toEqual([]);
    expect(names).toContain('/api/v1/shops/:id/categories');
    expect(names).toContain('/api/v1/events');
  });

  it('has had every operation of its document checked', () => {
    // People with what lets them in, and web orders, have journeys of their own (people-api, order-ledger-api).
    const others = contract.operations(['Account', 'People', 'API tokens', 'Audit log', 'Session', 'Orders']);
    expect(
      contract.unchecked().filter((operation) => !others.includes(operation) && !/\.(csv|zip)$/.test(operation)),
    ).toEqual(['get /push/{sourceKey}', 'post /push/{sourceKey}', 'get /api/v1/events']);
  });

  it('serves health, readiness, metrics and readable docs', async () => {
    for (const path of ['/healthz', '/readyz']) expect((await fetch(running.url + path)).status).toBe(200);
    const metrics = await (await fetch(`${running.url}/metrics`)).text();
    expect(metrics).toContain('stock_relay_push_lines_total{outcome="accepted"}');
    expect(metrics).toMatch(/stock_relay_items\{status="synced"\} \d+/);
    const docs = await fetch(`${running.url}/api/docs/`);
    expect(await docs.text()).toContain('swagger-ui');
  });
});
