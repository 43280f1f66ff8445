import { randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { WEBHOOK_TOPICS, type WebhookCall, type WebhookNews } from '../../../server/domain/ports/shop-webhooks';
import { SHOPS, type ShopUnderTest } from './shop-under-test';

const { signal } = new AbortController();
const withId = z.object({ id: z.number() });

/** Where a shop delivers to; answers with the status it is told to. */
class Receiver {
  readonly calls: WebhookCall[] = [];
  status = 200;
  readonly #server = http.createServer((request, response) => void this.#take(request, response));

  async #take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
    );
    this.calls.push({ headers, body: Buffer.concat(chunks) });
    response.writeHead(this.status).end();
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/news?shop=1&of=2`;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe.each(SHOPS)('The webhooks of WooCommerce, as $name keeps them', ({ open }) => {
  const name = `SW${randomBytes(4).toString('hex')}`;
  const secret = randomBytes(24).toString('hex');
  const receiver = new Receiver();
  const created: number[] = [];
  const products: number[] = [];
  let shop: ShopUnderTest;
  let deliveryUrl: string;

  beforeAll(async () => {
    shop = await open();
    deliveryUrl = await receiver.open();
  });

  afterAll(async () => {
    for (const id of created) await shop.webhooks.remove(shop.access, id, signal);
    await shop.raw('POST', '/products/batch', { body: { delete: products } });
    await shop.close();
    await receiver.close();
  }, 60_000);

  const own = async () =>
    (await shop.webhooks.list(shop.access, signal)).filter((webhook) => created.includes(webhook.id));
  const news = (): WebhookNews[] => receiver.calls.map((call) => shop.webhooks.read(call, secret));
  const post = async (route: string, body: unknown): Promise<number> =>
    withId.parse((await shop.raw('POST', route, { body })).json).id;

  it('are created, tried out with a ping, and listed', async () => {
    for (const topic of WEBHOOK_TOPICS) {
      const webhook = await shop.webhooks.create(shop.access, { name, topic, deliveryUrl, secret }, signal);
      created.push(webhook.id);
      expect(webhook).toEqual({ id: webhook.id, topic, deliveryUrl, active: true });
    }
    expect(news()).toEqual(WEBHOOK_TOPICS.map(() => ({ kind: 'ping' })));
    expect((await own()).map(({ topic, active }) => [topic, active])).toEqual(
      WEBHOOK_TOPICS.map((each) => [each, true]),
    );
  });

  it('are revived when the shop has disabled them', async () => {
    const [id = 0] = created;
    await shop.raw('POST', `/webhooks/${id}`, { body: { status: 'disabled' } });
    expect((await own())[0]).toMatchObject({ id, active: false });
    expect(await shop.webhooks.revive(shop.access, id, signal)).toMatchObject({ id, active: true, deliveryUrl });
    expect((await own())[0]).toMatchObject({ id, active: true });
  });

  it('are not created for a topic the shop does not know, and not revived when they are gone', async () => {
    const webhook = { name, topic: 'product.sold', deliveryUrl, secret };
    const answer = await shop.raw('POST', '/webhooks', { body: { ...webhook, delivery_url: deliveryUrl } });
    expect([answer.status, answer.json]).toMatchObject([400, { code: 'woocommerce_rest_shop_webhook_invalid_topic' }]);
    await expect(shop.webhooks.revive(shop.access, 999_999_999, signal)).rejects.toMatchObject({
      failure: { code: 'shop_answer_unexpected' },
    });
  });

  it('tell of products and variations, signed, once for each and as they are now', async () => {
    const { deliverWebhooks } = shop;
    if (deliverWebhooks === null) return;
    await deliverWebhooks();
    receiver.calls.length = 0;
    const next = async (): Promise<WebhookNews[]> => {
      await deliverWebhooks();
      const told = news();
      receiver.calls.length = 0;
      return told;
    };
    const product = await post('/products', { name: `${name} produs`, manage_stock: true, stock_quantity: 3 });
    const sizes = [{ name: 'Mărime', options: ['S'], variation: true }];
    const parent = await post('/products', { name: `${name} haină`, type: 'variable', attributes: sizes });
    products.push(product, parent);
    const attributes = [{ name: 'Mărime', option: 'S' }];
    const variation = await post(`/products/${parent}/variations`, { attributes });
    expect(await next()).toMatchObject([
      { kind: 'changed', product: { ref: { productId: product, variationId: null }, quantity: '3' } },
      { kind: 'changed', product: { ref: { productId: parent, variationId: null }, type: 'variable' } },
      {
        kind: 'changed',
        product: { ref: { productId: parent, variationId: variation }, name: `${name} haină - S`, type: 'variation' },
      },
    ]);
    for (const stock_quantity of [4, 5]) await shop.raw('POST', `/products/${product}`, { body: { stock_quantity } });
    expect(await next()).toMatchObject([
      { kind: 'changed', product: { quantity: '5', modifiedAt: expect.any(Number) } },
    ]);
    await shop.raw('POST', `/products/${parent}/variations/${variation}`, { query: { _method: 'DELETE' } });
    await shop.raw('POST', `/products/${product}`, { query: { _method: 'DELETE' } });
    expect(await next()).toEqual([
      { kind: 'deleted', id: variation },
      { kind: 'deleted', id: product },
    ]);
    // Taken out of the trash over REST it counts as changed.
    await shop.raw('POST', `/products/${product}`, { body: { status: 'publish' } });
    expect(await next()).toMatchObject([{ kind: 'changed', product: { status: 'publish' } }]);
    await shop.raw('POST', `/products/${product}`, { query: { _method: 'DELETE', force: 'true' } });
    expect(await next()).toEqual([]);
  });

  it('are disabled by the shop after the seventh failure in a row, and after one more when revived', async () => {
    const { deliverWebhooks } = shop;
    if (deliverWebhooks === null) return;
    const product = await post('/products', { name: `${name} produs` });
    products.push(product);
    const updated = created[WEBHOOK_TOPICS.indexOf('product.updated')] ?? 0;
    const activeAfterFailure = async (): Promise<boolean | undefined> => {
      await shop.raw('POST', `/products/${product}`, { body: { name: `${name} alt produs` } });
      await deliverWebhooks();
      return (await own()).find(({ id }) => id === updated)?.active;
    };
    receiver.status = 500;
    for (let failures = 1; failures <= 6; failures += 1) expect(await activeAfterFailure()).toBe(true);
    expect(await activeAfterFailure()).toBe(false);
    await shop.webhooks.revive(shop.access, updated, signal);
    expect(await activeAfterFailure()).toBe(false);
    receiver.status = 200;
  });

  it('are removed, also when they are gone already, and not without force', async () => {
    const [id = 0] = created;
    const kept = await shop.raw('POST', `/webhooks/${id}`, { query: { _method: 'DELETE' } });
    expect([kept.status, kept.json]).toMatchObject([501, { code: 'woocommerce_rest_trash_not_supported' }]);
    await shop.webhooks.remove(shop.access, id, signal);
    expect((await own()).map((webhook) => webhook.id)).toEqual(created.slice(1));
    await shop.webhooks.remove(shop.access, id, signal);
  });
});
