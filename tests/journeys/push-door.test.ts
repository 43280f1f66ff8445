import net from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerOf, pick, pickList, pickNumber, pickText, push } from '../support/api-client';
import { eventually } from '../support/eventually';
import { ADMIN_TOKEN, type Connected, connect, type RunningService, runService } from '../support/running-service';
import { ServedContract } from '../support/served-contract';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const line = (more: object): object => ({ code: 'A-1', quantity: 1, ...more });

describe('the push door', () => {
  let shop: SimulatedWooCommerce;
  let running: RunningService;
  let generic: Connected;
  let smartbill: Connected;

  beforeAll(async () => {
    shop = await startSimulatedWooCommerce({
      products: [
        { sku: 'A-1', name: 'One', stock: 1 },
        { sku: 'IT001', name: 'Revista IT', stock: 1 },
        { sku: 'C-300', name: 'Cană ceramică 300ml', stock: 4 },
      ],
    });
    running = await runService();
    const keys = { url: shop.url, ...shop.keys.readWrite };
    generic = await connect(running.api, keys);
    smartbill = await connect(running.api, keys, {
      source: {
        name: 'SmartBill',
        kind: 'smartbill',
        settings: {
          email: 'shop@example.com',
          apiToken: '003|ABCDEF0123456789abcdef0123456789',
          vatCode: 'RO12345678',
        },
      },
      connection: { warehouses: ['Depozit'] },
    });
  });

  afterAll(async () => {
    await running.stop();
    await shop.close();
  });

  const send = (body: string | object | Uint8Array<ArrayBuffer>, headers = {}) =>
    push(generic.pushUrl, generic.token, body, headers);
  const sendSmartbill = (body: string | object, headers = {}) =>
    push(smartbill.pushUrl, smartbill.token, body, headers);
  const counts = async () => pick(await running.api.expect(200, 'GET', '/items?limit=1'), 'counts');

  describe('tells whoever may not come in', () => {
    it.each([
      ['no token', {}],
      ['a wrong token', { authorization: 'Bearer wrong' }],
      ['an unknown scheme', { authorization: 'Digest abc' }],
    ])('with %s: 401 (smartbill 403), and the owner sees that somebody tried', async (_what, headers) => {
      const refused = await fetch(generic.pushUrl, { method: 'POST', headers, body: '[]' });
      expect(refused.status).toBe(401);
      expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer, Basic/);
      const isWrong = 'authorization' in headers && headers.authorization.startsWith('Bearer');
      expect(pickText(await refused.json(), 'detail')).toContain(isWrong ? 'the token is wrong' : 'No token arrived');
      const vendor = await fetch(smartbill.pushUrl, { method: 'POST', headers, body: '[]' });
      expect(vendor.status).toBe(403);
      const source = await running.api.expect(200, 'GET', `/sources/${generic.sourceId}`);
      expect(pick(source, 'lastRefusedAt')).not.toBeNull();
    });

    it('an unknown address gets the same 401', async () => {
      const refused = await push(`${running.url}/push/0123456789abcdef0123456789abcdef`, generic.token, []);
      expect(refused.status).toBe(401);
    });

    it('another method gets 405', async () => {
      const refused = await fetch(generic.pushUrl, {
        method: 'PUT',
        headers: { authorization: `Bearer ${generic.token}` },
      });
      expect(refused.status).toBe(405);
      expect(refused.headers.get('allow')).toContain('POST');
    });
  });

  it('takes the token as Bearer, as X-Api-Token and as the password of Basic', async () => {
    const basic = `Basic ${Buffer.from(`anybody:${generic.token}`).toString('base64')}`;
    for (const headers of [{ authorization: basic }, { authorization: '', 'x-api-token': generic.token }]) {
      expect((await send([], headers)).status).toBe(202);
    }
  });

  it('takes the account’s own API token from SmartBill, in any case', async () => {
    const token = '003|abcdef0123456789ABCDEF0123456789';
    expect((await sendSmartbill([], { authorization: `Bearer ${token}` })).status).toBe(200);
    expect((await sendSmartbill([], { authorization: `Bearer ${smartbill.token.toUpperCase()}` })).status).toBe(200);
  });

  it.each([
    ['an empty list', '[]', 202],
    ['an empty items list', '{"items":[]}', 202],
  ])('takes %s for a test that changes nothing', async (_what, body, status) => {
    const before = await counts();
    const answer = await send(body);
    expect(answer).toMatchObject({ status, body: { accepted: 0, rejected: 0, lines: [] } });
    expect(await counts()).toEqual(before);
    const source = await running.api.expect(200, 'GET', `/sources/${generic.sourceId}`);
    expect(pick(source, 'lastTestAt')).not.toBeNull();
  });

  it.each(['[]', '{"products":[]}', '{}'])('takes %s from SmartBill for "Testeaza conexiunea"', async (body) => {
    expect((await sendSmartbill(body)).status).toBe(200);
  });

  describe('judges quantities by themselves', () => {
    it.each([
      ['0', '0'],
      ['"2.5"', '2.5'],
      ['"2,5"', '2.5'],
      ['1e3', '1000'],
      ['-3', '-3'],
      ['"+4"', '4'],
      ['123456789012.123456', '123456789012.123456'],
    ])('%s is %s', async (sent, kept) => {
      const answer = await send(`{"items":[{"code":"Q-1","quantity":${sent}}]}`);
      expect(answer.status).toBe(202);
      const detail = await running.api.expect(200, 'GET', `/pushes/${pickNumber(answer.body, 'pushId')}`);
      expect(pickText(detail, 'lines', 0, 'quantity')).toBe(kept);
    });

    it.each([
      ['null', 'quantity_missing'],
      ['""', 'quantity_missing'],
      ['true', 'quantity_not_a_number'],
      ['"abc"', 'quantity_not_a_number'],
      ['"1e3"', 'quantity_not_a_number'],
      ['"NaN"', 'quantity_not_a_number'],
      ['[3]', 'quantity_not_a_number'],
      ['10000000000000000000', 'quantity_out_of_range'],
      ['1234567890123', 'quantity_out_of_range'],
      ['1.1234567', 'quantity_out_of_range'],
      ['1e400', 'quantity_out_of_range'],
    ])('%s is refused with its reason and path', async (sent, reason) => {
      const answer = await send(`[{"code":"Q-2","quantity":${sent}}]`);
      expect(answer.status).toBe(422);
      expect(answer.body).toMatchObject({
        code: 'push_no_line_usable',
        errors: [{ path: '[0].quantity' }],
        lines: [{ index: 0, outcome: 'rejected', code: reason }],
      });
    });
  });

  describe('judges lines one by one', () => {
    it.each([
      ['a code of 300 characters', { code: 'x'.repeat(300) }, 'code_too_long'],
      ['a NUL byte', { code: 'A\u0000B' }, 'control_character'],
      ['a line break inside', { name: 'one\ntwo' }, 'control_character'],
      ['half a surrogate pair', { code: 'x\ud800' }, 'control_character'],
      ['a name of 501 characters', { name: 'n'.repeat(501) }, 'name_too_long'],
      ['no identity', { code: ' ', barcode: '' }, 'identity_missing'],
      ['an object for a code', { code: {} }, 'code_invalid'],
      ['a time that is none', { observedAt: 'yesterday' }, 'observed_at_invalid'],
    ])('%s is refused, its neighbour accepted', async (_what, fault, reason) => {
      const answer = await send([line(fault), { code: 'N-1', quantity: 5 }]);
      expect(answer).toMatchObject({
        status: 202,
        body: { accepted: 1, rejected: 1, lines: [{ outcome: 'rejected', code: reason }, { outcome: 'accepted' }] },
      });
    });

    it('keeps emoji, blanks around trimmed, and ids beyond 2^53', async () => {
      const answer = await send('[{"code":"  🧦-1 ","quantity":1,"id":9007199254740993123,"colour":"red"}]');
      const detail = await running.api.expect(200, 'GET', `/pushes/${pickNumber(answer.body, 'pushId')}`);
      expect(pickText(detail, 'lines', 0, 'code')).toBe('🧦-1');
      expect(pickText(detail, 'rawBody')).toContain('"colour":"red"');
    });
  });

  describe('reads bodies', () => {
    it.each([
      ['a bare list', '[{"code":"B-1","quantity":1}]', 'application/json'],
      ['one object', '{"code":"B-2","quantity":2}', 'application/json; charset=utf-8'],
      [
        'JSON inside a form field',
        `payload=${encodeURIComponent('{"items":[{"code":"B-3","quantity":3}]}')}`,
        'application/x-www-form-urlencoded',
      ],
      [
        'a nested form',
        'items[0][code]=B-4&items[0][quantity]=4&items[25][code]=B-5&items[25][quantity]=5',
        'application/x-www-form-urlencoded',
      ],
    ])('%s', async (_what, body, contentType) => {
      const answer = await send(body, { 'content-type': contentType });
      expect(answer.status).toBe(202);
      expect(pick(answer.body, 'rejected')).toBe(0);
    });

    it.each([
      ['broken JSON', '{"items":[{"code":"A-1",}]}', 'application/json', 400],
      ['an empty body', '', 'application/json', 400],
      ['a number', '5', 'application/json', 400],
      ['items that are no list', '{"items":7}', 'application/json', 400],
      ['nesting without end', '['.repeat(100_000), 'application/json', 400],
      ['XML', '<items/>', 'application/xml', 415],
      ['another character set', '[]', 'application/json; charset=iso-8859-2', 415],
      ['a file upload', '--x', 'multipart/form-data; boundary=x', 415],
    ])('%s is refused', async (_what, body, contentType, status) => {
      const answer = await send(body, { 'content-type': contentType });
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    });

    it('names the position of the fault in broken JSON and in broken UTF-8', async () => {
      expect((await send('{"items":[{"code":"A-1",}]}')).body).toMatchObject({ errors: [{ path: 'position 24' }] });
      expect((await send(new Uint8Array([0x5b, 0x22, 0xff, 0x22, 0x5d]))).body).toMatchObject({
        errors: [{ path: 'position 2' }],
      });
    });

    it('refuses 6 MB and 10,001 lines with 413, and takes 10,000 lines', async () => {
      const large = await send(`[{"code":"${'x'.repeat(6 * 1024 * 1024)}"}]`);
      expect(large).toMatchObject({ status: 413, body: { code: 'push_too_large' } });
      expect(pickText(large.body, 'detail')).toContain('5242880 bytes');
      const unpacked = await send('[]', { 'content-encoding': 'gzip' });
      expect(unpacked).toMatchObject({ status: 400, body: { code: 'push_unreadable' } });
      const lines = Array.from({ length: 10_001 }, (_, n) => ({ code: `M-${n}`, quantity: n }));
      expect((await send(lines)).status).toBe(413);
      const taken = await send(lines.slice(1));
      expect(taken).toMatchObject({ status: 202, body: { accepted: 10_000, rejected: 0 } });
    }, 60_000);
  });

  describe('is safe to call again', () => {
    it('answers the same Idempotency-Key with the first answer, even later and after other pushes', async () => {
      const first = await send([line({ quantity: 61 })], { 'idempotency-key': 'k-1' });
      await send([line({ quantity: 62 })]);
      const again = await send([line({ quantity: 61 })], { 'idempotency-key': 'k-1' });
      expect(again.body).toEqual(first.body);
      await eventually(async () => shop.products.stockOf('A-1') === 62);
    });

    it('refuses the same Idempotency-Key for another body', async () => {
      const answer = await send([line({ quantity: 63 })], { 'idempotency-key': 'k-1' });
      expect(answer.status).toBe(409);
    });

    it('takes A, B, A as three changes', async () => {
      const ids = [];
      for (const quantity of [70, 71, 70]) {
        ids.push(pickNumber((await send([line({ quantity })])).body, 'pushId'));
      }
      expect(new Set(ids).size).toBe(3);
      await eventually(async () => shop.products.stockOf('A-1') === 70);
    });
  });

  describe('speaks SmartBill', () => {
    it('takes both shapes, blank codes, and compares warehouses without case', async () => {
      const answer = await sendSmartbill({
        products: [
          { productCode: 'IT001', productName: 'Revista IT', quantity: 12, warehouse: 'DEPOZIT' },
          {
            productCode: '',
            productName: 'Cana ceramica 300ml',
            quantity: 0,
            warehouse: 'Depozit',
            measuringUnit: 'buc',
          },
        ],
      });
      expect(answer).toMatchObject({ status: 200, body: { accepted: 2, rejected: 0 } });
      await eventually(async () => shop.products.stockOf('IT001') === 12 && shop.products.stockOf('C-300') === 0);
      expect((await sendSmartbill([{ productCode: 'IT001', quantity: '2,5', warehouse: 'Depozit' }])).status).toBe(200);
      await eventually(async () => shop.products.stockOf('IT001') === 2);
    });

    it('records another warehouse, says so in SmartBill’s words, and never writes it', async () => {
      shop.forgetCalls();
      const answer = await sendSmartbill([
        { productCode: 'IT001', productName: 'Revista IT', quantity: 99, warehouse: 'Magazin' },
      ]);
      expect(answer.status).toBe(200);
      expect(pickList(answer.body, 'lines')[0]).toMatchObject({
        outcome: 'not_chosen',
        message:
          'Eroare actualizare stoc. Gestiune configurata in modul: Depozit. Gestiunea produsului Revista IT: Magazin',
      });
      expect(shop.writes).toEqual([]);
    });

    it('never lets an unknown code fall back to the name', async () => {
      await sendSmartbill([{ productCode: 'NOT-THERE', productName: 'Revista IT', quantity: 5, warehouse: 'Depozit' }]);
      await eventually(async () => {
        const rows = pickList(await running.api.expect(200, 'GET', '/items?q=NOT-THERE'), 'data');
        return rows.some((row) => pick(row, 'status') === 'unmatched');
      });
      expect(shop.products.stockOf('IT001')).toBe(2);
    });

    it('answers a source that is switched off with 400', async () => {
      await running.api.expect(200, 'PATCH', `/sources/${smartbill.sourceId}`, { enabled: false });
      expect((await sendSmartbill([])).status).toBe(400);
      await running.api.expect(200, 'PATCH', `/sources/${smartbill.sourceId}`, { enabled: true });
    });
  });

  it('answers as its document says', async () => {
    const contract = await ServedContract.of(running.url);
    const path = '/push/{sourceKey}';
    for (const body of [
      { code: 7, quantity: 1 },
      [{ barcode: 7, id: 8, quantity: '1' }],
      '{"items":[{}]}',
      '{"a":1,"a":2}',
    ]) {
      contract.check('post', path, await send(body));
    }
    contract.check('post', path, await push(generic.pushUrl, 'wrong', []));
    const authorization = `Bearer ${generic.token}`;
    contract.check('get', path, await answerOf(await fetch(generic.pushUrl, { headers: { authorization } })));
  });

  it('tells the sender with the token what it would want to know', async () => {
    const answer = await fetch(generic.pushUrl, { headers: { authorization: `Bearer ${generic.token}` } });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ connectedAs: 'Accounting', shops: ['Shop'], kind: 'generic' });
  });

  it('lets a rotated token live on for its grace time only', async () => {
    const rotated = await running.api.expect(200, 'POST', `/sources/${generic.sourceId}/rotate-token`, {
      graceSeconds: 3600,
    });
    const fresh = pickText(rotated, 'token');
    expect(fresh).toMatch(/^[0-9a-f]{64}$/);
    expect((await send([])).status).toBe(202);
    expect((await push(generic.pushUrl, fresh, [])).status).toBe(202);
    await running.api.expect(200, 'POST', `/sources/${generic.sourceId}/rotate-token`, { graceSeconds: 0 });
    expect((await send([])).status).toBe(401);
    expect((await push(generic.pushUrl, fresh, [])).status).toBe(401);
  });

  it('makes whoever sends wrong tokens wait, and nobody else behind the same address', async () => {
    const wrong = () => push(generic.pushUrl, 'wrong', []);
    for (let tries = 0; tries < 120; tries++) await wrong();
    const refused = await wrong();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await sendSmartbill([])).status).toBe(200);
  });

  it('makes whoever signs wrongly wait, for that source alone', async () => {
    const signed = await running.api.expect(201, 'POST', '/sources', {
      name: 'Signs',
      kind: 'generic',
      settings: { preset: 'square', signatureSecret: 'a-secret-of-the-sender' },
    });
    const wrong = () => fetch(pickText(signed, 'pushUrl'), { method: 'POST', body: '{}' });
    for (let tries = 0; tries < 120; tries++) expect((await wrong()).status).toBe(401);
    expect((await wrong()).status).toBe(429);
    expect((await push(pickText(signed, 'pushUrl'), pickText(signed, 'token'), '{}')).status).not.toBe(429);
    expect((await sendSmartbill([])).status).toBe(200);
  });
});

it('lets a push under way end before it stops, and an open panel not hold it up', async () => {
  const running = await runService();
  const source = await running.api.expect(201, 'POST', '/sources', { name: 'Accounting', kind: 'generic' });
  const { hostname, port, pathname } = new URL(pickText(source, 'pushUrl'));
  const panel = await fetch(`${running.url}/api/v1/events`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  const body = JSON.stringify({ items: [{ code: 'A-1', quantity: 7 }] });
  const socket = net.connect(Number(port), hostname);
  const answered = text(socket);
  socket.write(
    `POST ${pathname} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${pickText(source, 'token')}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 20)}`,
  );
  await sleep(200);
  const began = Date.now();
  const stopped = running.stop();
  await sleep(300);
  socket.write(body.slice(20));
  expect(await answered).toMatch(/^HTTP\/1.1 202 /);
  await stopped;
  expect(Date.now() - began).toBeLessThan(4_000);
  expect(await panel.text()).toContain('event: ready');
});
