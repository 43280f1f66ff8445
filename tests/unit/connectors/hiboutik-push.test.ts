import { createHmac } from 'node:crypto';
import { createHiboutikSource } from '../../../server/connectors/hiboutik/hiboutik-source';
import type { PushCall, PushEnd } from '../../../server/domain/ports/stock-source';
import { Refusal, type RefusalCode } from '../../../server/domain/refusal';
import { rawPush } from '../../support/builders';
import { CountedVendorCalls } from '../../support/counted-vendor-calls';
import { ScriptedHttp } from '../../support/scripted-http';
import { TestClock } from '../../support/test-clock';

const FORM = 'application/x-www-form-urlencoded';
const SETTINGS = { account: 'myshop', user: 'owner@shop.example', apiKey: 'KEY', salePrefix: 'wc_' };
const { push } = createHiboutikSource(
  new ScriptedHttp(() => ({})),
  undefined,
  new TestClock(),
  new CountedVendorCalls(),
);
const read = (body: string, type: string | null = FORM, settings: Readonly<Record<string, string>> = SETTINGS) =>
  push.read(rawPush(body, type), settings);
const lines = (count: number, fields: (n: number) => Readonly<Record<string, string | number>>) =>
  Array.from({ length: count }, (_, n) =>
    Object.entries(fields(n)).map(([key, value]) => `line_items[${n}][${key}]=${value}`),
  )
    .flat()
    .join('&');
const codeOf = (work: () => unknown) => {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown.code;
    throw thrown;
  }
  throw new Error('It was not refused');
};

describe('A sale at the till', () => {
  it('of 25 lines asks for the level of each of them, though forms number beyond 20', () => {
    const body = `sale_id=7&${lines(25, (n) => ({ product_id: 100 + n, product_size: 0, quantity: 1 }))}`;
    expect(read(body)).toEqual({
      says: 'asks',
      references: Array.from({ length: 25 }, (_, n) => `product:${100 + n}`),
    });
  });

  it('of more than 2,000 parameters loses no line', () => {
    const more = Object.fromEntries(Array.from({ length: 53 }, (_, n) => [`field_${n}`, n]));
    const body = `sale_id=7&${lines(40, (n) => ({ ...more, product_id: n + 1, product_size: 3 }))}`;
    expect(body.split('&').length).toBeGreaterThan(2_000);
    expect(read(body)).toEqual({
      says: 'asks',
      references: Array.from({ length: 40 }, (_, n) => `product:${n + 1}/3`),
    });
  });

  it('names each product and size once', () => {
    const sizes = ['0', '', '4', '4', '04', '5'];
    const body = lines(6, (n) => ({ product_id: 12, product_size: sizes[n] ?? '' }));
    expect(read(body)).toEqual({ says: 'asks', references: ['product:12', 'product:12/4', 'product:12/5'] });
  });

  it('is understood in JSON too, ids as numbers, the sale by itself or as a list of one', () => {
    const sale = '{"sale_id":7,"line_items":[{"product_id":9007199254740993,"product_size":2},{"product_id":"5"}]}';
    const asked = { says: 'asks', references: ['product:9007199254740993/2', 'product:5'] };
    expect(read(sale, 'application/json')).toEqual(asked);
    expect(read(`[${sale}]`, 'application/json')).toEqual(asked);
  });

  it('is not disturbed by the keys of earlier days', () => {
    const body =
      'order_id=7&unique_order_id=1-7&shop_id=1&date_time=2026-01-15+12%3A00%3A00&line_items[0][product_id]=5';
    expect(read(body)).toEqual({ says: 'asks', references: ['product:5'] });
  });

  it('has no id of an event: sent once more, it is read once more', () => {
    const body = 'sale_id=7&completed_at=2026-01-15+12%3A00%3A00&line_items[0][product_id]=5';
    expect(read(body)).not.toHaveProperty('eventId');
  });

  it('leaves out a line without a readable id, and keeps its neighbours', () => {
    const ids = ['abc', '-1', '5', '', '1.5'];
    expect(read(lines(5, (n) => ({ product_id: ids[n] ?? '' })))).toEqual({ says: 'asks', references: ['product:5'] });
    expect(read('line_items[0][product_id]=5&line_items[0][product_size]=XL&line_items[1][product_id]=6')).toEqual({
      says: 'asks',
      references: ['product:6'],
    });
  });

  it('without one readable line is refused, and kept for a person to look at', () => {
    expect(codeOf(() => read('sale_id=7&line_items[0][product_id]=abc'))).toBe('push_unreadable');
    expect(codeOf(() => read('sale_id=7&line_items=many'))).toBe('push_unreadable');
  });

  it('of goods that are no product asks for nothing', () => {
    expect(read('sale_id=7&line_items[0][product_id]=0&line_items[0][product_size]=0')).toEqual({
      says: 'other_event',
    });
  });
});

describe('An order the shop entered at the till', () => {
  const sale = (key: string, reference: string) => `${key}=${reference}&line_items[0][product_id]=5`;

  test.each([['sale_ext_ref'], ['ext_ref']])('is known by its %s, and changes nothing', (key) => {
    expect(read(sale(key, 'wc_123'))).toEqual({ says: 'echo' });
  });

  test.each([['123'], ['ps_123'], ['xwc_1'], ['']])('is not one with the reference “%s”', (reference) => {
    expect(read(sale('sale_ext_ref', reference))).toMatchObject({ says: 'asks' });
  });

  it('is known by the prefix of the settings, which replaces the usual one', () => {
    const settings = { ...SETTINGS, salePrefix: 'ps_' };
    expect(read(sale('sale_ext_ref', 'ps_1'), FORM, settings)).toEqual({ says: 'echo' });
    expect(read(sale('sale_ext_ref', 'wc_1'), FORM, settings)).toMatchObject({ says: 'asks' });
  });

  it('is a sale as any other where the prefix is empty', () => {
    expect(read(sale('sale_ext_ref', 'wc_1'), FORM, { ...SETTINGS, salePrefix: '' })).toMatchObject({ says: 'asks' });
  });

  it('is known by the usual prefix at a source saved before there was one', () => {
    expect(read(sale('sale_ext_ref', 'wc_1'), FORM, { account: 'myshop' })).toEqual({ says: 'echo' });
  });
});

describe('Another call of Hiboutik', () => {
  test.each([
    ['goods received', 'inventory_input_id=31', { says: 'asks', references: ['stock-order:31'] }],
    ['a product changed', 'product_id=12&product_model=Tasse', { says: 'asks', references: ['product:12'] }],
    ['a customer', 'customer_id=4&customers_email=a%40b.example', { says: 'other_event' }],
    ['a payment', 'payment_id=4&sale_id=7', { says: 'other_event' }],
    ['nothing', '', { says: 'test' }],
    ['blanks', ' \r\n', { says: 'test' }],
  ])('of %s is told by what it holds', (_what, body, expected) => {
    expect(read(body)).toEqual(expected);
  });

  test.each([
    ['{}', 'application/json'],
    ['[]', 'application/json'],
    ['', null],
  ])('that is empty (%p, %p) is a test', (body, type) => {
    expect(read(body, type)).toEqual({ says: 'test' });
  });

  test.each([['inventory_input_id=all'], ['product_id=abc']])('%s is refused', (body) => {
    expect(codeOf(() => read(body))).toBe('push_unreadable');
  });

  it('that is no form and no JSON is refused', () => {
    expect(codeOf(() => read('"text"', 'application/json'))).toBe('push_unreadable');
    expect(codeOf(() => read('<a/>', 'text/xml'))).toBe('push_media_unsupported');
  });
});

describe('The signature of a call of Hiboutik', () => {
  const body = 'sale_id=7&line_items[0][product_id]=5';
  const settings = { ...SETTINGS, webhookSecret: 's3cret' };
  const signed = (secret: string, text = body) => createHmac('sha256', secret).update(text).digest('hex');
  const verify = (headers: Readonly<Record<string, string>>) =>
    push.signature?.verify({ ...rawPush(body, FORM), headers, url: 'https://relay.example/' }, settings);

  test.each([
    ['right', 'valid', { 'x-hiboutik-hmac-sha256': signed('s3cret') }],
    ['right in capitals', 'valid', { 'x-hiboutik-hmac-sha256': signed('s3cret').toUpperCase() }],
    ['of another secret', 'wrong', { 'x-hiboutik-hmac-sha256': signed('other') }],
    ['of another body', 'wrong', { 'x-hiboutik-hmac-sha256': signed('s3cret', `${body}&x=1`) }],
    ['cut short', 'wrong', { 'x-hiboutik-hmac-sha256': signed('s3cret').slice(0, 62) }],
    ['no hex at all', 'wrong', { 'x-hiboutik-hmac-sha256': 'ü' }],
    ['blank', 'missing', { 'x-hiboutik-hmac-sha256': ' ' }],
    ['not there', 'missing', {}],
  ])('that is %s is %s', (_what, verdict, headers) => {
    expect(verify(headers)).toBe(verdict);
  });

  it('is asked for only where a secret is set; the secret in the address always is', () => {
    expect(push.signature?.isSetUp(settings)).toBe(true);
    expect(push.signature?.isSetUp(SETTINGS)).toBe(false);
    expect(push.secretInAddress?.(SETTINGS)).toBe(true);
    expect(push).toMatchObject({ acceptedStatus: 200, wrongTokenStatus: 403 });
  });
});

describe('What the till is answered', () => {
  const stored: PushEnd = { accepted: 0, rejected: 0, toRead: 3 };
  const call = (body: string): PushCall => ({ ...rawPush(body, FORM), headers: {}, url: 'https://relay.example/' });
  const sale = lines(3, (n) => ({ product_id: n + 1 }));
  const answer = (end: PushEnd, tellCashier: string, body = sale) =>
    push.reply?.(call(body), end, { ...SETTINGS, tellCashier });
  const refusal = (code: RefusalCode, detail = 'x') => ({ refusal: new Refusal(code, detail) });
  const alertIn = (reply: ReturnType<typeof answer>): unknown => JSON.parse(reply?.body ?? '');

  it('is nothing, as JSON, unless the cashier is to be told', () => {
    expect(answer(stored, '')).toEqual({ status: 200, contentType: 'application/json', body: '{}' });
    expect(answer(refusal('push_unreadable'), '')).toEqual({
      status: 200,
      contentType: 'application/json',
      body: '{}',
    });
  });

  test.each([
    [sale, 'mise à jour du stock en ligne pour 3 produits.'],
    ['line_items[0][product_id]=1', 'mise à jour du stock en ligne pour 1 produit.'],
    ['inventory_input_id=31', 'mise à jour du stock en ligne pour la commande de stock.'],
  ])('is how many products are read, where the cashier is told (%#)', (body, words) => {
    expect(alertIn(answer(stored, 'yes', body))).toEqual({
      alerte: `<div class="alert alert-success">Stock Relay : ${words}</div>`,
    });
  });

  test.each([['sale_ext_ref=wc_1&line_items[0][product_id]=1'], ['customer_id=1'], ['']])(
    'is nothing to a call that asks for nothing (%p)',
    (body) => {
      expect(answer({ ...stored, toRead: 0 }, 'yes', body)?.body).toBe('{}');
    },
  );

  it('is a warning in safe HTML where the call could not be used, and still 200', () => {
    const reply = answer(refusal('push_media_unsupported', 'not as <script>"a"&\'b\''), 'yes');
    expect(reply?.status).toBe(200);
    expect(alertIn(reply)).toEqual({
      alerte:
        '<div class="alert alert-warning">Stock Relay : le stock en ligne n’a pas pu être mis à jour. ' +
        'not as &lt;script&gt;&quot;a&quot;&amp;&#39;b&#39;</div>',
    });
  });

  test.each<[RefusalCode]>([['storage_unavailable'], ['conflict'], ['too_many_requests'], ['push_source_off']])(
    'is our own answer where %s: that passes, and the call must not count as taken',
    (code) => {
      expect(answer(refusal(code), 'yes')).toBeNull();
    },
  );
});
