import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { createWooCommerceOrders } from '../../../server/connectors/woocommerce/read-orders';
import { FailureError } from '../../../server/domain/failure';
import type { OrdersAsked, ShopSale } from '../../../server/domain/ports/shop-orders';
import type { ShopProductRef } from '../../../server/domain/ports/shop-target';
import { createHttpClient } from '../../../server/outbound/http-client';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../../support/simulated-woocommerce';
import { SHOPS, type ShopUnderTest, systemClock } from './shop-under-test';

const { signal } = new AbortController();
const withId = z.object({ id: z.number() });
const created = z.object({ create: z.array(withId) });
const withLines = z.object({ line_items: z.array(withId) });
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

  describe('as they have changed', () => {
    let second: ShopProductRef;
    const lineOf = async (id: number): Promise<number> => {
      const { line_items } = withLines.parse((await shop.raw('GET', `/orders/${id}`)).json);
      return line_items[0]?.id ?? 0;
    };
    const put = (id: number, body: object) => shop.raw('POST', `/orders/${id}`, { query: { _method: 'PUT' }, body });
    const changed = async (
      ids: readonly number[],
      keys: readonly string[] = [],
      since = began,
      asked: OrdersAsked = 'listed',
    ) => {
      const read = await reader().changedSince(shop.access, since, keys, signal, asked);
      expect(read.complete).toBe(true);
      expect(Math.abs(read.shopTime - systemClock.now())).toBeLessThan(60 * SECOND);
      return read.orders.filter(({ orderId }) => ids.includes(orderId));
    };
    const held = async (id: number) => {
      const [order] = await changed([id]);
      return [order?.status, order?.lines.map((line) => line.held), Number(await shown(second))];
    };

    beforeAll(async () => {
      const answer = await shop.raw('POST', '/products', {
        body: { name: `${name} D`, sku: `${name}-D`, regular_price: '9.99', manage_stock: true, stock_quantity: 20 },
      });
      second = { productId: withId.parse(answer.json).id, variationId: null };
    });
    afterAll(() => shop.raw('POST', '/products/batch', { body: { delete: [second.productId] } }));

    it('come with what each line holds, and with the time they were placed and changed', async () => {
      const id = await place('processing', [
        [second, 2],
        [variation, 1],
      ]);
      const [order] = await changed([id]);
      expect(order).toMatchObject({
        orderId: id,
        number: String(id),
        status: 'processing',
        keys: [],
        lines: [
          { ref: second, held: '2' },
          { ref: variation, held: '1' },
        ],
      });
      expect(Math.abs((order?.placedAt ?? 0) - systemClock.now())).toBeLessThan(60 * SECOND);
      expect(order?.modifiedAt).toBeGreaterThanOrEqual(order?.placedAt ?? Infinity);
      expect(await changed([id], [], (order?.modifiedAt ?? 0) + SECOND)).toEqual([]);
    });

    it('tell when they were paid, by the shop’s own account too where somebody takes them up by hand', async () => {
      const id = await place('pending', [[second, 1]]);
      expect((await changed([id]))[0]?.paidAt).toBeNull();
      await put(id, { status: 'on-hold' });
      expect((await changed([id]))[0]?.paidAt).toBeNull();
      await put(id, { status: 'processing' });
      expect(Math.abs(((await changed([id]))[0]?.paidAt ?? 0) - systemClock.now())).toBeLessThan(60 * SECOND);
      await put(id, { status: 'cancelled' });
    });

    it('are told apart by whether they may still take or give back pieces', async () => {
      const ids = [await place('pending', [[second, 1]]), await place('completed', [[second, 1]])];
      expect((await changed(ids)).map(({ orderId }) => orderId)).toEqual(ids);
      expect((await changed(ids, [], began, 'unsettled')).map(({ orderId }) => orderId)).toEqual(ids.slice(0, 1));
      for (const id of ids) await put(id, { status: 'cancelled' });
    });

    it('keep what they took when they are thrown away, and are then asked for apart', async () => {
      const before = Number(await shown(second));
      const id = await place('processing', [[second, 2]]);
      // The shop tells whole seconds.
      await systemClock.sleep(1_100);
      expect((await shop.raw('POST', `/orders/${id}`, { query: { _method: 'DELETE' } })).status).toBe(200);
      expect(await shown(second)).toBe(String(before - 2));
      expect(await changed([id])).toEqual([]);
      const [gone] = await changed([id], [], began, 'thrown_away');
      expect(gone).toMatchObject({ isGone: true, lines: [{ held: '2' }] });
      expect(gone?.modifiedAt).toBeGreaterThan(gone?.placedAt ?? Infinity);
      await put(id, { status: 'processing' });
      expect(await held(id)).toEqual(['processing', ['2'], before - 2]);
      expect(await changed([id], [], began, 'thrown_away')).toEqual([]);
      await put(id, { status: 'cancelled' });
    });

    it('come in the order in which they changed', async () => {
      const earlier = await place('processing', [[second, 1]]);
      await systemClock.sleep(1_100);
      const later = await place('processing', [[second, 1]]);
      await systemClock.sleep(1_100);
      const ids = [earlier, later];
      expect((await changed(ids)).map(({ orderId }) => orderId)).toEqual([earlier, later]);
      await put(earlier, { status: 'completed' });
      expect((await changed(ids)).map(({ orderId }) => orderId)).toEqual([later, earlier]);
      for (const id of ids) await put(id, { status: 'cancelled' });
    });

    it('hold what their quantity is made, less what a refund puts back, and nothing when they are cancelled', async () => {
      const before = Number(await shown(second));
      const id = await place('processing', [[second, 2]]);
      const line = await lineOf(id);
      expect(await held(id)).toEqual(['processing', ['2'], before - 2]);
      await put(id, { line_items: [{ id: line, quantity: 5 }] });
      expect(await held(id)).toEqual(['processing', ['5'], before - 5]);
      const refund = { api_refund: false, line_items: [{ id: line, quantity: 1, refund_total: 1 }] };
      expect((await shop.raw('POST', `/orders/${id}/refunds`, { body: refund })).status).toBe(201);
      expect(await held(id)).toEqual(['processing', ['4'], before - 4]);
      await put(id, { status: 'cancelled' });
      expect(await held(id)).toEqual(['cancelled', ['0'], before]);
    });

    it('have no line any more that was taken out, and its pieces are back', async () => {
      const before = Number(await shown(second));
      const id = await place('processing', [[second, 3]]);
      await put(id, { line_items: [{ id: await lineOf(id), quantity: 0 }] });
      expect(await held(id)).toEqual(['processing', [], before]);
    });

    it('say no more whose a line was that is deleted, of a variation only the parent, and hold what it took for good', async () => {
      const variable = await shop.raw('POST', '/products', {
        body: {
          name: `${name} E`,
          type: 'variable',
          attributes: [{ name: 'Mărime', options: ['S'], variation: true, visible: true }],
        },
      });
      const parent = withId.parse(variable.json).id;
      const stocked = { regular_price: '9.99', manage_stock: true, stock_quantity: 20 };
      const [single, one] = [
        await shop.raw('POST', '/products', { body: { name: `${name} F`, sku: `${name}-F`, ...stocked } }),
        await shop.raw('POST', `/products/${parent}/variations`, {
          body: { sku: `${name}-E-S`, attributes: [{ name: 'Mărime', option: 'S' }], ...stocked },
        }),
      ].map(({ json }) => withId.parse(json).id);
      const id = await place('processing', [
        [{ productId: single ?? 0, variationId: null }, 2],
        [{ productId: parent, variationId: one ?? 0 }, 3],
      ]);
      const remove = { query: { _method: 'DELETE', force: 'true' } };
      await shop.raw('POST', `/products/${single}`, remove);
      await shop.raw('POST', `/products/${parent}/variations/${one}`, remove);
      for (const status of ['completed', 'cancelled']) {
        await put(id, { status });
        expect(
          (await changed([id])).map((order) => [order.status, order.lines.map(({ ref, held }) => [ref, held])]),
        ).toEqual([
          [
            status,
            [
              [null, '2'],
              [{ productId: parent, variationId: null }, '3'],
            ],
          ],
        ]);
      }
      await shop.raw('POST', `/products/${parent}`, remove);
    });

    it('bear the keys that are asked for where they have a value', async () => {
      const id = await place('pending', [[second, 1]]);
      await put(id, {
        meta_data: [
          { key: '_invoice', value: 'A-1' },
          { key: '_empty', value: '' },
          { key: '_other', value: 'x' },
        ],
      });
      const keys = ['_empty', '_invoice', '_missing'];
      expect((await changed([id], keys)).map((order) => order.keys)).toEqual([['_invoice']]);
      expect((await changed([id])).map((order) => order.keys)).toEqual([[]]);
    });
  });
});

describe('Orders by the hundred in one second', () => {
  const at = Date.UTC(2026, 2, 1, 12);
  let now = at;
  let shop: SimulatedWooCommerce;
  const http = createHttpClient({ allowPrivateNetwork: true, clock: systemClock });

  beforeAll(async () => {
    shop = await startSimulatedWooCommerce({ now: () => now, products: [{ sku: 'A', name: 'A', stock: 1_000 }] });
  });
  afterAll(async () => {
    http.close();
    await shop.close();
  });

  it('are all read, and one that changes while they are is not missed', async () => {
    const placed = Array.from({ length: 250 }, () => shop.orders.place({ A: 1 }));
    now += SECOND;
    placed.push(...Array.from({ length: 120 }, () => shop.orders.place({ A: 1 })));
    const [first] = placed;
    if (first === undefined) throw new Error('No order was placed');
    now += SECOND;
    const reads = { method: 'GET', route: /\/orders$/ };
    const access = { shopId: 1, url: shop.url, ...shop.keys.readWrite, verifyTls: false, allowQueryKeys: false };
    const orders = createWooCommerceOrders({ http, clock: systemClock, version: '0.0.0-test' });
    let calls = 0;
    const happens = (): void => {
      calls += 1;
      if (calls === 3) shop.orders.cancel(first);
    };
    shop.faults.always({ kind: 'meanwhile', happens }, reads);
    const read = await orders.changedSince(
      { ...access, authentication: null, routeStyle: null },
      at - SECOND,
      [],
      signal,
      'listed',
    );
    expect(calls).toBeGreaterThan(3);
    expect(read.complete).toBe(true);
    expect(read.orders.map(({ orderId }) => orderId).sort((a, b) => a - b)).toEqual(placed.map(({ id }) => id));
    expect(read.orders.find(({ orderId }) => orderId === first.id)?.status).toBe('cancelled');
  });
});
