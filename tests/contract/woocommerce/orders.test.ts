import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { createWooCommerceOrders } from '../../../server/connectors/woocommerce/read-orders';
import { FailureError } from '../../../server/domain/failure';
import type { ShopSale } from '../../../server/domain/ports/shop-orders';
import type { ShopProductRef } from '../../../server/domain/ports/shop-target';
import { SHOPS, type ShopUnderTest, systemClock } from './shop-under-test';

const { signal } = new AbortController();
const withId = z.object({ id: z.number() });
const created = z.object({ create: z.array(withId) });
const shownDate = z.object({ date_modified_gmt: z.string() });
const SECOND = 1_000;

describe.each(SHOPS)('The orders of WooCommerce, as $name keeps them', ({ open }) => {
  const name = `SO${randomBytes(4).toString('hex')}`;
  const orders: number[] = [];
  let shop: ShopUnderTest;
  let began: number;
  let simple: ShopProductRef;
  let other: ShopProductRef;
  let variation: ShopProductRef;

  beforeAll(async () => {
    shop = await open();
    began = systemClock.now() - 5 * SECOND;
    const common = { regular_price: '9.99' };
    const stocked = { manage_stock: true, stock_quantity: 10, ...common };
    const products = await shop.raw('POST', '/products/batch', {
      body: {
        create: [
          { name: `${name} A`, sku: `${name}-A`, ...stocked },
          { name: `${name} B`, sku: `${name}-B`, ...stocked },
          {
            name: `${name} C`,
            sku: `${name}-C`,
            type: 'variable',
            attributes: [{ name: 'Mărime', options: ['S'], variation: true, visible: true }],
          },
        ],
      },
    });
    const [a = 0, b = 0, c = 0] = created.parse(products.json).create.map(({ id }) => id);
    const made = await shop.raw('POST', `/products/${c}/variations`, {
      body: { sku: `${name}-C-S`, attributes: [{ name: 'Mărime', option: 'S' }], ...stocked },
    });
    simple = { productId: a, variationId: null };
    other = { productId: b, variationId: null };
    variation = { productId: c, variationId: withId.parse(made.json).id };
  }, 60_000);

  afterAll(async () => {
    for (const id of orders) {
      await shop.raw('POST', `/orders/${id}`, { query: { _method: 'DELETE', force: 'true' } });
    }
    const ids = [simple, other, variation].map(({ productId }) => productId);
    await shop.raw('POST', '/products/batch', { body: { delete: ids } });
    await shop.close();
  }, 60_000);

  const place = async (status: string, lines: readonly (readonly [ShopProductRef, number])[]): Promise<number> => {
    const answer = await shop.raw('POST', '/orders', {
      body: {
        status,
        line_items: lines.map(([{ productId, variationId }, quantity]) => ({
          product_id: productId,
          ...(variationId === null ? {} : { variation_id: variationId }),
          quantity,
        })),
      },
    });
    expect(answer.status).toBe(201);
    const { id } = withId.parse(answer.json);
    orders.push(id);
    return id;
  };
  const change = (id: number, status: string) =>
    shop.raw('POST', `/orders/${id}`, { query: { _method: 'PUT' }, body: { status } });
  const reader = () => createWooCommerceOrders({ http: shop.http, clock: systemClock, version: '0.0.0-test' });
  const isOf = (ref: ShopProductRef) => (sale: ShopSale) =>
    sale.ref.productId === ref.productId && sale.ref.variationId === ref.variationId;
  const sold = async (ref: ShopProductRef, since = began) => {
    const { sales, complete } = await reader().salesSince(shop.access, since, signal);
    expect(complete).toBe(true);
    return sales.filter(isOf(ref)).map(({ order, quantity }) => [Number(order), quantity]);
  };
  const shown = async (ref: ShopProductRef): Promise<string | null> => {
    const [answer] = await shop.target.read(shop.access, [ref], signal);
    return answer?.kind === 'found' ? answer.product.quantity : null;
  };

  it('take their pieces from the stock, and tell which product’s or variation’s they were', async () => {
    const id = await place('processing', [
      [simple, 2],
      [variation, 3],
    ]);
    expect([await shown(simple), await shown(variation)]).toEqual(['8', '7']);
    expect(await sold(simple)).toEqual([[id, '2']]);
    expect(await sold(variation)).toEqual([[id, '3']]);
    // Whose the stock is the order does not say: its parent may be meant as well.
    expect(await sold({ ...variation, variationId: null })).toEqual([[id, '3']]);
  });

  it('take nothing while they wait for their payment, and take it when it comes', async () => {
    const id = await place('pending', [[other, 1]]);
    expect(await sold(other)).toEqual([]);
    expect(await shown(other)).toBe('10');
    await change(id, 'processing');
    expect(await sold(other)).toEqual([[id, '1']]);
    expect(await shown(other)).toBe('9');
  });

  it('give back what they took when they are cancelled, and are then no reason any more', async () => {
    const id = await place('on-hold', [[simple, 4]]);
    const before = await shown(simple);
    expect((await sold(simple)).map(([order]) => order)).toContain(id);
    await change(id, 'cancelled');
    expect(Number(await shown(simple))).toBe(Number(before) + 4);
    expect((await sold(simple)).map(([order]) => order)).not.toContain(id);
  });

  it('are told by when they took their pieces', async () => {
    const id = await place('processing', [[other, 1]]);
    const { sales } = await reader().salesSince(shop.access, began, signal);
    const sale = sales.filter(isOf(other)).find(({ order }) => Number(order) === id);
    expect(Math.abs((sale?.at ?? 0) - systemClock.now())).toBeLessThan(60 * SECOND);
    expect(await sold(other, (sale?.at ?? 0) + SECOND)).toEqual([]);
  });

  it('move the date of the product, so that the shop knows it was changed', async () => {
    const dateOf = async (): Promise<string> => {
      const answer = await shop.raw('GET', `/products/${simple.productId}`);
      return shownDate.parse(answer.json).date_modified_gmt;
    };
    const before = await dateOf();
    // The shop tells whole seconds.
    await systemClock.sleep(1_100);
    await place('processing', [[simple, 1]]);
    expect((await dateOf()) > before).toBe(true);
  });

  it('are not shown to whoever may not see them, which says no more of the shop than that', async () => {
    const { customer } = shop.otherKeys;
    if (customer === undefined) return;
    const thrown = await reader()
      .salesSince({ ...shop.access, ...customer }, began, signal)
      .catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(FailureError);
    expect(thrown).toMatchObject({ failure: { code: 'keys_forbidden' } });
  });
});
