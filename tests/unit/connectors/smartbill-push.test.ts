import { createSmartbillSource } from '../../../server/connectors/smartbill/smartbill-source';
import type { ReadPush } from '../../../server/domain/ports/stock-source';
import { Refusal } from '../../../server/domain/refusal';
import { rawPush, stockChange } from '../../support/builders';
import { CountedVendorCalls } from '../../support/counted-vendor-calls';
import { TestClock } from '../../support/test-clock';

const source = createSmartbillSource(
  { request: () => Promise.reject(new Error('no network')), close: () => undefined },
  'https://vendor.example',
  new TestClock(),
  new CountedVendorCalls(),
);
const { push } = source;
const read = (body: string, contentType = 'application/json'): ReadPush => {
  const reading = push.read(rawPush(body, contentType), {});
  if (reading.says !== 'levels') throw new Error('The body was not read as levels');
  return reading.lines;
};
const readOne = (line: Readonly<Record<string, unknown>>) => {
  const [first] = read(JSON.stringify({ products: [{ productCode: 'IT001', quantity: 1, ...line }] }));
  if (!first) throw new Error('No line was read');
  return first;
};
const refusalOf = (body: string, contentType?: string): Refusal => {
  try {
    read(body, contentType);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('The body was read');
};

describe('A push from SmartBill', () => {
  const products = `[
    {"productCode":"IT001","productName":"Revista IT","quantity":12,"warehouse":"Depozit","measuringUnit":"buc"},
    {"productCode":"","productName":"Cana ceramica 300ml","quantity":0,"warehouse":"Depozit"}]`;
  const expected = [
    { change: stockChange({ code: 'IT001', name: 'Revista IT', quantity: amount('12') }) },
    { change: stockChange({ index: 1, code: null, name: 'Cana ceramica 300ml', quantity: amount('0') }) },
  ];

  function amount(text: string) {
    const line = readOne({ quantity: text });
    if (!('change' in line)) throw new Error(`${text} was refused`);
    return line.change.quantity;
  }

  it('is read wrapped and bare', () => {
    expect(read(`{"products":${products}}`)).toEqual(expected);
    expect(read(products)).toEqual(expected);
  });

  it('is read when it calls itself plain text', () => {
    expect(read(products, 'text/plain; charset=utf-8')).toEqual(expected);
  });

  test.each([['[]'], ['{"products":[]}'], ['{}'], ['{"products":{}}']])('%s tests the connection', (body) => {
    expect(read(body)).toEqual([]);
  });

  test.each([['"x"'], ['{"products":null}'], ['{"products":"x"}'], ['{"items":[]}'], ['12']])(
    '%s is refused in the words of SmartBill’s own module',
    (body) => {
      const refusal = refusalOf(body);
      expect(refusal.code).toBe('push_unreadable');
      expect(refusal.detail).toMatch(/^Eroare sintaxa/);
    },
  );

  it('that is no JSON is refused with the position', () => {
    expect(refusalOf('{"products":[').facts.errors).toEqual([{ path: 'position 13', message: 'not valid JSON' }]);
  });

  test.each([
    ['a code of blanks', { productCode: '  ', productName: 'Cana' }, { code: null, name: 'Cana' }],
    ['no code at all', { productCode: undefined, productName: 'Cana' }, { code: null, name: 'Cana' }],
    ['a numeric code', { productCode: 594 }, { code: '594', name: null }],
    ['a code with blanks around', { productCode: ' IT001 ' }, { code: 'IT001' }],
    ['diacritics', { productName: 'Cană țărănească' }, { name: 'Cană țărănească' }],
    ['no warehouse', { warehouse: null }, { warehouse: '' }],
    ['decimals as text', { quantity: '2.5' }, { quantity: '2.5' }],
    ['decimals with a comma', { quantity: '2,5' }, { quantity: '2.5' }],
    ['a stock below zero', { quantity: -3 }, { quantity: '-3' }],
    ['a stock of 0', { quantity: 0 }, { quantity: '0' }],
  ])('may have %s', (_what, line, change) => {
    expect(readOne(line)).toMatchObject({ change });
  });

  test.each([
    ['neither code nor name', { productCode: ' ', productName: '' }, 'identity_missing', '[0].productCode'],
    ['no quantity', { quantity: undefined }, 'quantity_missing', '[0].quantity'],
    ['a quantity that is null', { quantity: null }, 'quantity_missing', '[0].quantity'],
    ['a name that is no text', { productName: ['x'] }, 'name_invalid', '[0].productName'],
  ])('has no line with %s', (_what, line, refusal, path) => {
    expect(readOne(line)).toMatchObject({ refused: { refusal, path } });
  });

  it('may name one product twice; both lines are kept', () => {
    const lines = read(
      '[{"productCode":"A","quantity":1,"warehouse":"D"},{"productCode":"A","quantity":2,"warehouse":"D"}]',
    );
    expect(lines.map((line) => 'change' in line && line.change.quantity)).toEqual(['1', '2']);
  });

  it('does not speak the fields of other systems', () => {
    const [line] = read('[{"code":"A","quantity":1}]');
    expect(line).toMatchObject({ refused: { refusal: 'identity_missing' } });
  });
});

describe('SmartBill’s protocol', () => {
  it('asks for its own statuses and takes its account’s token, in any case', () => {
    expect(push).toMatchObject({
      acceptedStatus: 200,
      wrongTokenStatus: 403,
      sourceOffStatus: 400,
      tokenIgnoresCase: true,
    });
    expect(push.vendorToken({ apiToken: '003|AbC' })).toBe('003|AbC');
    expect(push.vendorToken({})).toBeNull();
  });

  it('says what its module says of another warehouse', () => {
    const change = stockChange({ name: 'Cana', warehouse: 'Magazin' });
    expect(push.messageFor({ outcome: 'not_chosen', change, refused: null, chosenWarehouses: 'Depozit' })).toBe(
      'Eroare actualizare stoc. Gestiune configurata in modul: Depozit. Gestiunea produsului Cana: Magazin',
    );
    expect(push.messageFor({ outcome: 'accepted', change, refused: null, chosenWarehouses: '' })).toBeUndefined();
  });
});

describe('SmartBill’s settings', () => {
  const good = { email: ' owner@shop.example ', apiToken: ' 003|abc ', vatCode: 'RO12345678' };

  it('are trimmed', () => {
    expect(source.readSettings(good)).toEqual({
      ok: true,
      settings: { email: 'owner@shop.example', apiToken: '003|abc', vatCode: 'RO12345678' },
    });
    expect(source.secretSettings).toEqual(['apiToken']);
  });

  it('are refused field by field', () => {
    const read = source.readSettings({ email: 'owner', apiToken: ' ', vatCode: 'DE1' });
    expect(read.ok ? [] : read.errors.map(({ path }) => path)).toEqual([
      'settings.email',
      'settings.apiToken',
      'settings.vatCode',
    ]);
    expect(source.readSettings({}).ok).toBe(false);
  });
});
