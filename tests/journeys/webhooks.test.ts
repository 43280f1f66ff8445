import { createHmac } from 'node:crypto';
import { systemClock } from '../../server/clock/system-clock';
import { type ApiAnswer, answerOf, pick, pickList, pickText, push } from '../support/api-client';
import { engines } from '../support/databases';
import { eventually } from '../support/eventually';
import { freePort } from '../support/free-port';
import { QuickClock } from '../support/quick-clock';
import { type Connected, connect, type RunningService, runService } from '../support/running-service';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

describe.each(engines)('webhooks of a shop, end to end, on $name', (engine) => {
  engine.whenAvailable(() => {
    const clock = new QuickClock(systemClock.now(), 1);
    let shop: SimulatedWooCommerce;
    let running: RunningService;
    let connected: Connected;

    beforeAll(async () => {
      shop = await startSimulatedWooCommerce({
        products: ['A', 'B', 'C', 'LATER', 'SPARE'].map((sku) => ({ sku, name: `Product ${sku}`, stock: 1 })),
      });
      const port = String(await freePort());
      const environment = { PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}` };
      running = await runService({ DATABASE_URL: (await engine.create()).url, ...environment }, { clock });
      connected = await connect(running.api, { url: shop.url, ...shop.keys.readWrite });
      await eventually(async () => pick(await catalogue(), 'state') === 'ready');
    });

    afterAll(async () => {
      await running.stop();
      await shop.close();
      await engine.dropAll();
    });

    const catalogue = (): Promise<unknown> => running.api.expect(200, 'GET', `/shops/${connected.shopId}/catalogue`);
    const send = async (...lines: readonly object[]): Promise<void> => {
      expect((await push(connected.pushUrl, connected.token, { items: lines })).status).toBe(202);
    };
    const item = async (code: string): Promise<unknown> => {
      const items = pickList(await running.api.expect(200, 'GET', '/items?limit=200'), 'data');
      return items.find((row) => pick(row, 'code') === code);
    };
    const becomes = (code: string, expected: object): Promise<unknown> =>
      eventually(async () => {
        const found = await item(code);
        expect(found).toMatchObject(expected);
        return found;
      }, 20_000);
    const synced = (code: string, sku: string, quantity: number): Promise<unknown> => {
      const shown = String(quantity);
      const productId = shop.products.bySku(sku).id;
      return becomes(code, { status: 'synced', verified: true, productId, wanted: shown, shown });
    };
    const ours = () => shop.webhooks.map(({ topic, status, deliveryUrl }) => [topic, status, deliveryUrl]);
    const walks = () => shop.calls.filter(({ query }) => query.includes('status=any'));

    it('are set up once the shop is connected, and neither their address nor their secret is shown', async () => {
      expect(await catalogue()).toMatchObject({
        webhooks: { state: 'active', failure: null, receivedAt: null, revivedAt: null },
      });
      const [{ deliveryUrl, secret } = { deliveryUrl: '', secret: '' }] = shop.webhooks;
      expect(deliveryUrl).toMatch(new RegExp(`^${running.url}/hooks/woocommerce/[0-9a-f]{32,}$`));
      const topics = ['product.created', 'product.updated', 'product.deleted', 'product.restored'];
      expect(ours()).toEqual(topics.map((topic) => [topic, 'active', deliveryUrl]));
      for (const hidden of [secret, new URL(deliveryUrl).pathname.split('/').at(-1) ?? '']) {
        expect(hidden.length).toBeGreaterThanOrEqual(32);
        expect(running.logText()).not.toContain(hidden);
        expect(JSON.stringify(await catalogue())).not.toContain(hidden);
      }
    });

    it('move a link when its product gets another SKU and another product gets its own', async () => {
      await send({ code: 'A', quantity: 5 });
      await synced('A', 'A', 5);
      const former = shop.products.bySku('A');
      shop.forgetCalls();
      shop.products.changeSku('A', 'A-OLD');
      shop.products.changeSku('B', 'A');
      for (const sku of ['A-OLD', 'A']) shop.products.touch(sku);
      await shop.deliverWebhooks();
      await synced('A', 'A', 5);
      expect(shop.products.stockOf('A')).toBe(5);
      expect(former.stockQuantity).toBe(5);
      expect(shop.writes.map(({ id }) => id)).toEqual([shop.products.bySku('A').id]);
      expect(walks()).toEqual([]);
      expect(pick(await catalogue(), 'webhooks', 'receivedAt')).not.toBeNull();
    });

    it('wake up what was not found when its product is made, or an old one gets its SKU', async () => {
      await send({ code: 'NEW', quantity: 6 }, { code: 'RENAMED', quantity: 7 });
      for (const code of ['NEW', 'RENAMED']) await becomes(code, { status: 'unmatched' });
      shop.forgetCalls();
      shop.products.add({ sku: 'NEW', name: 'Made just now', stock: 0 });
      shop.products.changeSku('LATER', 'RENAMED');
      shop.products.touch('RENAMED');
      await shop.deliverWebhooks();
      await synced('NEW', 'NEW', 6);
      await synced('RENAMED', 'RENAMED', 7);
      expect(walks()).toEqual([]);
    });

    it('report a linked product that is put in the trash, and write it again when it is back', async () => {
      await send({ code: 'C', quantity: 8 });
      await synced('C', 'C', 8);
      shop.products.trash('C');
      await shop.deliverWebhooks();
      await becomes('C', { status: 'failed', failure: { code: 'product_trashed' } });
      shop.products.restore('C', 'publish');
      await shop.deliverWebhooks();
      await synced('C', 'C', 8);
    });

    it('are refused with a wrong signature or none, and change nothing', async () => {
      await send({ code: 'FORGED', quantity: 9 });
      await becomes('FORGED', { status: 'unmatched' });
      const [{ deliveryUrl, secret } = { deliveryUrl: '', secret: '' }] = shop.webhooks;
      const spare = shop.products.bySku('SPARE');
      const body = JSON.stringify({ id: spare.id, type: 'simple', status: 'publish', name: 'Spare', sku: 'FORGED' });
      const call = async (headers: Record<string, string>, url = deliveryUrl, text = body): Promise<ApiAnswer> => {
        const topic = { 'content-type': 'application/json', 'x-wc-webhook-topic': 'product.updated' };
        return answerOf(await fetch(url, { method: 'POST', headers: { ...topic, ...headers }, body: text }));
      };
      const signed = (by: string, text = body) => ({
        'x-wc-webhook-signature': createHmac('sha256', by).update(text).digest('base64'),
      });
      const before = { catalogue: await catalogue(), item: await item('FORGED') };
      const other = body.replace('Spare', 'Other');
      const refusals = [
        await call({}),
        await call({ 'x-wc-webhook-signature': '' }),
        await call(signed('a-guess')),
        await call(signed('')),
        await call(signed(secret), deliveryUrl, other),
      ];
      expect(refusals.map(({ status }) => status)).toEqual(refusals.map(() => 401));
      for (const { body: answer } of refusals) expect(answer).toMatchObject({ code: 'not_authenticated' });
      expect((await call(signed(secret), `${running.url}/hooks/woocommerce/${'0'.repeat(64)}`)).status).toBe(404);
      expect((await fetch(deliveryUrl)).status).toBe(405);
      expect({ catalogue: await catalogue(), item: await item('FORGED') }).toEqual(before);
      // The very same news with the right signature is believed, and looked at: the shop knows nothing of such a SKU.
      expect(await call(signed(secret))).toMatchObject({ status: 200, body: { received: true } });
      await eventually(async () => pickText(await item('FORGED'), 'updatedAt') !== pickText(before.item, 'updatedAt'));
      await becomes('FORGED', { status: 'unmatched' });
      expect(spare.stockQuantity).toBe(1);
    });

    it('that the shop has disabled are set active again within the hour, and what was missed is read', async () => {
      for (const webhook of shop.webhooks) webhook.status = 'disabled';
      shop.products.changeSku('SPARE', 'FORGED');
      shop.products.touch('FORGED');
      await shop.deliverWebhooks();
      await becomes('FORGED', { status: 'unmatched' });
      clock.jump(61 * 60_000);
      await synced('FORGED', 'FORGED', 9);
      expect(ours().map(([, status]) => status)).toEqual(['active', 'active', 'active', 'active']);
      expect(pick(await catalogue(), 'webhooks', 'revivedAt')).not.toBeNull();
    });
  });
});
