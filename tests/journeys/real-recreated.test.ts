import { pick, pickList, pickNumber, push } from '../support/api-client';
import { eventually } from '../support/eventually';
import { inRealShop, REAL_SHOP } from '../support/in-real-shop';
import { type Connected, connect, type RunningService, runService } from '../support/running-service';

// On products of its own that it removes again. Jest leaves this file out where WOO_URL is not set.
describe('a product that is deleted and made anew in a real shop (WOO_URL)', () => {
  const simple = `relay-anew-${process.pid}`;
  const variation = `${simple}-s`;
  const stocked = { regular_price: '1', manage_stock: true, stock_quantity: 40 };
  const asSimple = { sku: simple, name: simple, ...stocked };
  const asVariation = { sku: variation, attributes: [{ name: 'Size', option: 'S' }], ...stocked };
  let running: RunningService;
  let connected: Connected;
  let productId: number;
  let parentId: number;
  let variationId: number;
  let orderId: number;

  const make = async (route: string, body: object): Promise<number> =>
    pickNumber(await inRealShop('POST', route, body), 'id');
  const shown = async (): Promise<readonly number[]> => [
    pickNumber(await inRealShop('GET', `/products/${productId}`), 'stock_quantity'),
    pickNumber(await inRealShop('GET', `/products/${parentId}/variations/${variationId}`), 'stock_quantity'),
  ];
  const say = async (quantity: number): Promise<void> => {
    const items = [simple, variation].map((code) => ({ code, quantity }));
    expect((await push(connected.pushUrl, connected.token, { items })).status).toBe(202);
  };
  const settles = (...numbers: readonly number[]): Promise<void> =>
    eventually(
      async () => {
        const items = pickList(await running.api.expect(200, 'GET', `/items?q=${simple}`), 'data');
        expect(items.map((item) => [pick(item, 'status'), pick(item, 'shown')])).toEqual(
          numbers.map((number) => ['synced', String(number)]),
        );
        expect(await shown()).toEqual(numbers);
        return true;
      },
      60_000,
      500,
    ).then(() => undefined);

  beforeAll(async () => {
    productId = await make('/products', asSimple);
    parentId = await make('/products', {
      name: `${simple} sizes`,
      type: 'variable',
      attributes: [{ name: 'Size', options: ['S'], variation: true, visible: true }],
    });
    variationId = await make(`/products/${parentId}/variations`, asVariation);
    running = await runService();
    connected = await connect(running.api, REAL_SHOP, { connection: { orders: { knownBy: 'acknowledged' } } });
  }, 120_000);

  afterAll(async () => {
    await running.stop();
    await inRealShop('DELETE', `/orders/${orderId}?force=true`);
    await inRealShop('POST', '/products/batch', { delete: [productId, parentId] });
  }, 120_000);

  it('shows what the source says less what was ordered of it before, until that is cancelled', async () => {
    await say(10);
    await settles(10, 10);
    orderId = await make('/orders', {
      status: 'processing',
      line_items: [
        { product_id: productId, quantity: 2 },
        { product_id: parentId, variation_id: variationId, quantity: 3 },
      ],
    });
    await say(11);
    await settles(9, 8);
    await inRealShop('DELETE', `/products/${productId}?force=true`);
    await inRealShop('DELETE', `/products/${parentId}/variations/${variationId}?force=true`);
    productId = await make('/products', asSimple);
    variationId = await make(`/products/${parentId}/variations`, asVariation);
    await say(12);
    await settles(10, 9);
    await inRealShop('PUT', `/orders/${orderId}`, { status: 'completed' });
    await say(13);
    await settles(11, 10);
    await inRealShop('PUT', `/orders/${orderId}`, { status: 'cancelled' });
    await say(14);
    await settles(14, 14);
  }, 300_000);
});
