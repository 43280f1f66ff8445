import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { createWooCommerceWebhooks } from '../../../server/connectors/woocommerce/woocommerce-webhooks';
import { createHttpClient } from '../../../server/outbound/http-client';
import { systemClock } from '../../contract/woocommerce/shop-under-test';

const SECRET = 'a secret & "more"';
const http = createHttpClient({ allowPrivateNetwork: false, clock: systemClock });
const { read } = createWooCommerceWebhooks({ http, clock: systemClock, version: '0' });

afterAll(() => http.close());

const signature = (body: Uint8Array): string => createHmac('sha256', SECRET).update(body).digest('base64');

function signed(topic: string | undefined, payload: unknown) {
  const body = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  return { headers: { 'x-wc-webhook-topic': topic, 'x-wc-webhook-signature': signature(body) }, body };
}

describe('A call of a webhook', () => {
  it('is a ping without a signature', () => {
    expect(read({ headers: {}, body: Buffer.from('webhook_id=12') }, SECRET)).toEqual({ kind: 'ping' });
    expect(read({ headers: {}, body: Buffer.from('webhook_id=12&x=1') }, SECRET)).toEqual({ kind: 'forged' });
  });

  it('is forged when it is signed with another secret, changed on its way, or signed with none', () => {
    const call = signed('product.deleted', { id: 7 });
    expect(read(call, 'another')).toEqual({ kind: 'forged' });
    expect(read({ ...call, body: Buffer.from('{"id":8}') }, SECRET)).toEqual({ kind: 'forged' });
    expect(read({ ...call, headers: { ...call.headers, 'x-wc-webhook-signature': '' } }, SECRET).kind).toBe('forged');
    expect(read({ ...call, headers: { 'x-wc-webhook-topic': 'product.deleted' } }, SECRET).kind).toBe('forged');
    const unkeyed = createHmac('sha256', '').update(call.body).digest('base64');
    const headers = { ...call.headers, 'x-wc-webhook-signature': unkeyed };
    expect(read({ ...call, headers }, '')).toEqual({ kind: 'forged' });
  });

  it.each(['product.created', 'product.updated', 'product.restored'])('tells of a product (%s)', (topic) => {
    const payload = {
      id: 7,
      parent_id: 3,
      type: 'variation',
      name: 'Haină &amp; co - S',
      sku: 'H-S',
      manage_stock: true,
      stock_quantity: 5,
      backorders: 'yes',
      translations: { ro: '7', en: 9 },
      categories: [],
      date_modified_gmt: '2026-11-21T16:28:13',
    };
    expect(read(signed(topic, payload), SECRET)).toMatchObject({
      kind: 'changed',
      product: {
        ref: { productId: 3, variationId: 7 },
        name: 'Haină & co - S',
        quantity: '5',
        backorders: true,
        translations: [7, 9],
        categories: [],
        modifiedAt: Date.UTC(2026, 10, 21, 16, 28, 13),
      },
    });
  });

  it.each([
    [7, 7],
    ['7', 7],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ])('tells of the deletion of %j', (id, read7) => {
    expect(read(signed('product.deleted', { id }), SECRET)).toEqual({ kind: 'deleted', id: read7 });
  });

  it.each([
    ['product.deleted', {}],
    ['product.deleted', { id: 0 }],
    ['product.deleted', { id: '9007199254740993' }],
    ['product.deleted', { id: 1.5 }],
    ['product.updated', { code: 'woocommerce_rest_cannot_view', message: 'Sorry', data: { status: 401 } }],
    ['product.updated', '{"id":7'],
    ['product.updated', ''],
    ['product.updated', '[]'],
    ['product.updated', { id: 2 ** 53 }],
    ['order.updated', { id: 7 }],
    ['order.deleted', {}],
    [undefined, { id: 7 }],
  ])('that cannot be understood is unreadable (%s %j)', (topic, payload) => {
    expect(read(signed(topic, payload), SECRET)).toEqual({ kind: 'unreadable' });
  });

  it('that says nothing of products or orders is another', () => {
    expect(read(signed('coupon.updated', { id: 7 }), SECRET)).toEqual({ kind: 'other' });
  });

  it('tells of an order with what its lines hold, and which of the keys asked for it bears', () => {
    const meta = (key: string, value: unknown) => ({ id: 1, key, value });
    const order = {
      id: 512,
      number: 'W-512',
      status: 'processing',
      date_created_gmt: '2026-11-21T16:00:00',
      date_paid_gmt: '2026-11-21T16:05:00',
      date_modified_gmt: '2026-11-21T16:28:13',
      meta_data: [meta('_invoice', '17'), meta('_empty', '')],
      line_items: [
        { id: 1, product_id: 7, variation_id: 0, meta_data: [meta('_reduced_stock', '2')] },
        { id: 2, product_id: 8, variation_id: 9, meta_data: [] },
        { id: 3, product_id: 0, variation_id: 0, meta_data: [meta('_reduced_stock', '5')] },
      ],
    };
    expect(read(signed('order.updated', order), SECRET, ['_invoice', '_empty', '_other'])).toEqual({
      kind: 'order',
      order: {
        orderId: 512,
        number: 'W-512',
        status: 'processing',
        placedAt: Date.UTC(2026, 10, 21, 16),
        paidAt: Date.UTC(2026, 10, 21, 16, 5),
        modifiedAt: Date.UTC(2026, 10, 21, 16, 28, 13),
        isGone: false,
        keys: ['_invoice'],
        lines: [
          { lineId: 1, ref: { productId: 7, variationId: null }, held: '2' },
          { lineId: 2, ref: { productId: 8, variationId: 9 }, held: '0' },
          { lineId: 3, ref: null, held: '5' },
        ],
      },
    });
    expect(read(signed('order.deleted', { id: 512 }), SECRET)).toEqual({ kind: 'order_gone', orderId: 512 });
  });

  it('is never too much', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.jsonValue(), fc.string(), (bytes, value, other) => {
        for (const topic of ['product.updated', 'product.deleted', other]) {
          expect(read(signed(topic, value), SECRET).kind).not.toBe('forged');
          const headers = { 'x-wc-webhook-topic': topic, 'x-wc-webhook-signature': other };
          expect(read({ headers, body: bytes }, SECRET).kind).toBe('forged');
        }
      }),
    );
  });
});
