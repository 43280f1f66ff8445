import { createHmac } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ApiClient, answerOf, pick, pickList, pickNumber, pickText, push } from '../support/api-client';
import { eventually } from '../support/eventually';
import { connect, type Connected, type RunningService, runService } from '../support/running-service';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const SKUS = ['A-1', 'A-2', 'A-3', 'A-4'];

describe('Any system that can call an address', () => {
  let shop: SimulatedWooCommerce;
  let running: RunningService;
  let api: ApiClient;

  const shows = (sku: string, stock: number) =>
    eventually(() => Promise.resolve(shop.products.stockOf(sku) === stock), 15_000);
  const connected = async (settings: Readonly<Record<string, unknown>>): Promise<Connected & { callUrl: string }> => {
    const found = await connect(
      api,
      { url: shop.url, ...shop.keys.readWrite },
      { source: { name: 'System', kind: 'generic', settings }, connection: { matchBy: ['code', 'barcode'] } },
    );
    const rotated = await api.expect(200, 'POST', `/sources/${found.sourceId}/rotate-token`, {});
    const callUrl = pick(rotated, 'callUrl');
    return { ...found, token: pickText(rotated, 'token'), callUrl: typeof callUrl === 'string' ? callUrl : '' };
  };
  const post = async (url: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
    answerOf(await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }));
  const map = (connectionId: number, text: string) =>
    api.expect(200, 'POST', `/connections/${connectionId}/mappings`, { text, mode: 'add' });

  beforeEach(async () => {
    shop = await startSimulatedWooCommerce({ products: SKUS.map((sku) => ({ sku, name: `P ${sku}`, stock: 10 })) });
    running = await runService();
    api = running.api;
  });
  afterEach(async () => {
    await running.stop();
    await shop.close();
  });

  it('sends what we cannot read: it is kept, mapped, and read once more', async () => {
    const { sourceId, pushUrl, token } = await connected({});
    const body = { event: 'stock', rows: [{ article: { no: 'A-1' }, onHand: '7,5', place: 'Main' }] };
    expect((await push(pushUrl, token, body)).status).toBe(422);
    expect((await push(pushUrl, token, '[1,')).status).toBe(400);
    const samples = pickList(await api.expect(200, 'GET', `/sources/${sourceId}/samples`), 'data');
    expect(samples.map((sample) => pick(sample, 'says'))).toEqual(['unreadable', 'levels']);
    const sample = samples[1];
    const [list] = pickList(sample, 'fields', 'lists');
    expect(pick(list, 'path')).toBe('rows');
    expect(pickList(list, 'fields').map((field) => pick(field, 'path'))).toContain('article.no');
    const pushId = pickNumber(sample, 'pushId');
    const mapping = { items: 'rows', code: 'article.no', quantity: 'onHand', warehouse: 'place' };
    const tried = await api.expect(200, 'POST', `/sources/${sourceId}/try-mapping`, { pushId, settings: { mapping } });
    expect(pickList(tried, 'lines')).toMatchObject([
      { code: 'A-1', quantity: '7.5', warehouse: 'Main', refusal: null },
    ]);
    expect(shop.products.stockOf('A-1')).toBe(10);
    await api.expect(200, 'PATCH', `/sources/${sourceId}`, { settings: { mapping } });
    await api.expect(202, 'POST', `/pushes/${pushId}/replay`);
    await shows('A-1', 7);
    expect(
      (await push(pushUrl, token, { rows: [{ article: { no: 'A-1' }, onHand: 3, place: 'Main' }] })).status,
    ).toBeLessThan(300);
    await shows('A-1', 3);
  });

  it('tells by how much a level changed: each event counts once, in whatever order', async () => {
    const mapping = { code: 'sku', quantity: 'by', eventId: '/id', mode: 'changes', items: 'lines' };
    const { pushUrl, token, connectionId } = await connected({ mapping });
    const tell = (id: string, by: string) => push(pushUrl, token, { id, lines: [{ sku: 'A-2', by }] });
    const unknown = await tell('1', '-1');
    expect(unknown.status).toBe(200);
    expect(pick(unknown.body, 'rejected')).toBe(1);
    expect(shop.products.stockOf('A-2')).toBe(10);
    await api.expect(202, 'POST', `/connections/${connectionId}/pull-file`, { text: 'code;quantity\nA-2;20\n' });
    await shows('A-2', 20);
    for (const [id, by] of [
      ['3', '-2'],
      ['2', '-0.5'],
      ['3', '-2'],
      ['4', '+1'],
    ] as const) {
      expect((await tell(id, by)).status).toBe(200);
    }
    // 20 − 2 − 0.5 + 1, once each.
    await shows('A-2', 18);
    const [latest] = pickList(await api.expect(200, 'GET', '/pushes'), 'data');
    expect((await api.call('POST', `/pushes/${pickNumber(latest, 'id')}/replay`)).status).toBe(409);
  });

  it('signs its calls as Square does: the right one counts, forged and unsigned ones are refused', async () => {
    const secret = 'signing-key';
    const { pushUrl, connectionId, sourceId } = await connected({ preset: 'square', signatureSecret: secret });
    await map(connectionId, 'CAT-1;A-3');
    const body = (quantity: string, eventId: string) =>
      JSON.stringify({
        merchant_id: 'M',
        type: 'inventory.count.updated',
        event_id: eventId,
        data: {
          object: {
            inventory_counts: [
              { catalog_object_id: 'CAT-1', location_id: 'L1', state: 'IN_STOCK', quantity },
              { catalog_object_id: 'CAT-1', location_id: 'L1', state: 'WASTE', quantity: '99' },
            ],
          },
        },
      });
    const signed = (text: string) => ({
      'x-square-hmacsha256-signature': createHmac('sha256', secret)
        .update(pushUrl + text)
        .digest('base64'),
    });
    const good = body('4', 'E1');
    expect((await post(pushUrl, good, signed(good))).status).toBe(200);
    await shows('A-3', 4);
    const forged = body('1', 'E2');
    expect((await post(pushUrl, forged, signed(good))).status).toBe(401);
    expect(pick(await api.expect(200, 'GET', `/sources/${sourceId}`), 'lastRefusal')).toBe('signature_wrong');
    expect((await post(pushUrl, forged)).status).toBe(401);
    // The same event once more, worded anew, is the one we know.
    const again = body('1', 'E1');
    expect((await post(pushUrl, again, signed(again))).status).toBe(200);
    expect(shop.products.stockOf('A-3')).toBe(4);
  });

  it('can bear a secret in the address alone, where its owner has said so', async () => {
    const plain = await connected({});
    expect(plain.callUrl).toBe('');
    const { callUrl, token, pushUrl } = await connected({ keyInAddress: 'yes' });
    expect((await post(callUrl, JSON.stringify({ code: 'A-4', quantity: 2 }))).status).toBe(202);
    await shows('A-4', 2);
    expect((await post(`${pushUrl}?k=${token}`, '[]')).status).toBe(401);
  });

  it('leaves its levels in a file: pulled, taken by hand, and never applied when it is cut', async () => {
    let file = 'code;quantity\r\nA-1;6\r\nA-2;"5,0"\r\n';
    const server = http.createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/csv' }).end(file);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const fileUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/stock.csv`;
      const { connectionId, sourceId } = await connected({ fileUrl });
      expect(pick(await api.expect(200, 'GET', `/sources/${sourceId}`), 'canPull')).toBe(true);
      const run = async (path: string, body?: unknown) => {
        const id = pickNumber(await api.expect(202, 'POST', `/connections/${connectionId}/${path}`, body), 'runId');
        return eventually(async () => {
          const found = await api.expect(200, 'GET', `/runs/${id}`);
          return ['queued', 'running'].includes(pickText(found, 'status')) ? undefined : found;
        }, 20_000);
      };
      expect(pick(await run('pull'), 'counts')).toEqual({ changed: 2 });
      expect([shop.products.stockOf('A-1'), shop.products.stockOf('A-2')]).toEqual([6, 5]);
      file = 'code;quantity\r\nA-1;0\r\nA-2;"4';
      const cut = await run('check');
      expect(pick(cut, 'status')).toBe('succeeded');
      expect(shop.products.stockOf('A-1')).toBe(6);
      const log = pickList(await api.expect(200, 'GET', `/runs/${pickNumber(cut, 'id')}/log`), 'data');
      expect(log.map((entry) => pick(entry, 'step'))).toContain('source_not_read');
      const uploaded = await run('pull-file', { contentType: 'text/csv', text: 'code,quantity\nA-1,1\nA-9,1\n' });
      expect(pick(uploaded, 'status')).toBe('warning');
      expect(pick(uploaded, 'counts')).toEqual({ changed: 1, unmatched: 1 });
      expect(shop.products.stockOf('A-1')).toBe(1);
    } finally {
      server.close();
    }
  });
});
