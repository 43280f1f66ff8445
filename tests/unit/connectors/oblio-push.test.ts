import { createOblioSource } from '../../../server/connectors/oblio/oblio-source';
import { EVERYTHING, type PushEnd } from '../../../server/domain/ports/stock-source';
import { Refusal, type RefusalCode } from '../../../server/domain/refusal';
import { rawPush } from '../../support/builders';
import { ScriptedHttp } from '../../support/scripted-http';
import { TestClock } from '../../support/test-clock';

const FORM = 'application/x-www-form-urlencoded';
const SETTINGS = { email: 'owner@shop.example', secret: '1edd', cif: 'RO37311090' };
const { push } = createOblioSource(new ScriptedHttp(() => ({})), undefined, new TestClock());
const read = (body: unknown, type: string | null = 'application/json') =>
  push.read(rawPush(typeof body === 'string' ? body : JSON.stringify(body), type), SETTINGS);
const product = (code: string, more: object = { stock: [{ workStation: 'Sediu', management: 'M', quantity: 3 }] }) => ({
  name: `Birou ${code}`,
  code,
  measuringUnit: 'buc',
  ...more,
});
const everything = { says: 'asks', references: [EVERYTHING] };

describe('A call of Oblio about a stock', () => {
  test.each([
    ['as the API lists them', [product('B-1'), product('B-2')]],
    ['below a key', { topic: 'stock', cif: 'RO37311090', data: [product('B-1'), product('B-2')] }],
    [
      'with a quantity of their own',
      { data: { products: [product('B-1', { quantity: '1', management: 'M' }), product('B-2')] } },
    ],
    ['one of them twice', { data: [product('B-1'), product(' B-2 '), product('B-1')] }],
  ])('asks for the products it names, %s', (_what, body) => {
    expect(read(body)).toEqual({ says: 'asks', references: ['code:B-1', 'code:B-2'] });
  });

  it('may be about one product, its code a number', () => {
    expect(read('{"topic":"stock","code":9007199254740993,"quantity":2}')).toEqual({
      says: 'asks',
      references: ['code:9007199254740993'],
    });
  });

  it('is read as a form too', () => {
    const body =
      'topic=stock&products[0][code]=B-1&products[0][quantity]=5&products[1][code]=B-2&products[1][stock][0][quantity]=1';
    expect(read(body, FORM)).toEqual({ says: 'asks', references: ['code:B-1', 'code:B-2'] });
  });

  it('asks for everything beyond 50 products', () => {
    const products = Array.from({ length: 51 }, (_, n) => product(`P-${n}`));
    expect(read(products.slice(1))).toMatchObject({ references: { length: 50 } });
    expect(read(products)).toEqual(everything);
  });

  test.each([
    ['a product without a code among others', JSON.stringify([product('B-1'), product('')])],
    ['a code longer than any of ours', JSON.stringify([product('x'.repeat(101))])],
    ['nothing we recognise', '{"topic":"stock","id":5}'],
    ['no JSON', 'stoc modificat'],
    ['a bare value', '5'],
  ])('asks for everything where it holds %s', (_what, body) => {
    expect(read(body)).toEqual(everything);
  });

  it('asks for everything in a kind of body we do not read', () => {
    expect(read('<stock/>', 'text/xml')).toEqual(everything);
    expect(read('{"topic":"stock","id":5}', 'text/plain')).toEqual(everything);
  });
});

describe('Another call of Oblio', () => {
  test.each([
    [''],
    ['  \n'],
    ['{}'],
    ['[]'],
    ['{"topic":"stock"}'],
    ['{"cif":"RO37311090","topic":"stock","endpoint":"https://relay.example/"}'],
    ['{"topic":"stock","handshake":true,"data":[]}'],
  ])('%p tries whether we are there', (body) => {
    expect(read(body)).toEqual({ says: 'test' });
  });

  it('is about something else', () => {
    expect(read({ topic: 'invoice', data: [product('B-1')] })).toEqual({ says: 'other_event' });
    expect(read('topic=invoice&id=5', FORM)).toEqual({ says: 'other_event' });
  });

  it('proves itself by the secret in its address', () => {
    expect(push.secretInAddress?.(SETTINGS)).toBe(true);
    expect(push).toMatchObject({ acceptedStatus: 200, wrongTokenStatus: 403 });
  });
});

describe('What Oblio is answered', () => {
  const answer = (end: PushEnd, headers: Readonly<Record<string, string>> = { 'x-oblio-request-id': 'req-ăé-1' }) =>
    push.reply?.({ ...rawPush('{}'), headers, url: 'https://relay.example/' }, end, SETTINGS);
  const stored: PushEnd = { accepted: 0, rejected: 0, toRead: 0 };

  it('is the id of its call in base64, and nothing else', () => {
    expect(answer(stored)).toEqual({
      status: 200,
      contentType: 'text/plain',
      body: Buffer.from('req-ăé-1').toString('base64'),
    });
  });

  it('is OK to a call without an id', () => {
    expect(answer(stored, {})).toEqual({ status: 200, contentType: 'text/plain', body: 'OK' });
    expect(answer(stored, { 'x-oblio-request-id': ' ' })?.body).toBe('OK');
  });

  it('is the same where the call could not be used: it would only come again', () => {
    expect(answer({ refusal: new Refusal('push_unreadable', 'x') })).toEqual(answer(stored));
  });

  test.each<[RefusalCode]>([['storage_unavailable'], ['too_many_requests'], ['push_source_off']])(
    'is our own answer where %s: the call must come again',
    (code) => {
      expect(answer({ refusal: new Refusal(code, 'x') })).toBeNull();
    },
  );
});
