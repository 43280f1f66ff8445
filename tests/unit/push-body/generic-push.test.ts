import { createGenericSource } from '../../../server/connectors/generic/generic-source';
import type { ReadPush } from '../../../server/domain/ports/stock-source';
import { Refusal } from '../../../server/domain/refusal';
import { rawPush, stockChange } from '../../support/builders';
import { ScriptedHttp } from '../../support/scripted-http';
import { TestClock } from '../../support/test-clock';

const { push } = createGenericSource(new ScriptedHttp(() => ({})), new TestClock());
const FORM = 'application/x-www-form-urlencoded';

const read = (body: string | Uint8Array, contentType?: string | null): ReadPush => {
  const reading = push.read(rawPush(body, contentType), {});
  if (reading.says !== 'levels') throw new Error('The body was not read as levels');
  return reading.lines;
};
const readLines = (lines: unknown): ReadPush => read(JSON.stringify({ items: lines }));
const refusalOf = (body: string | Uint8Array, contentType?: string | null): Refusal => {
  try {
    read(body, contentType);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('The body was read');
};
/** The one line of a push, as the fields it is made of; `quantity` is set unless a test says otherwise. */
const readOne = (line: Readonly<Record<string, unknown>>) => readLines([{ code: 'A-1', quantity: 1, ...line }])[0];
const change = (changes: Parameters<typeof stockChange>[0]) => ({
  change: stockChange({ warehouse: '', ...changes }),
});
const changed = (line: ReadPush[number] | undefined) => (line && 'change' in line ? line.change : undefined);
const refused = (line: ReadPush[number] | undefined) => (line && 'refused' in line ? line.refused : undefined);

describe('A generic push', () => {
  const line = '{"code":"A-1","name":"Cana","warehouse":"Depozit","quantity":7}';
  const expected = { change: stockChange({ name: 'Cana' }) };

  test.each([
    ['a wrapped list', `{"items":[${line}]}`],
    ['a bare list', `[${line}]`],
    ['one object', line],
    ['one object with unknown fields', line.replace('{', '{"colour":"red","sizes":[1,{"a":null}],')],
    ['a list with a byte order mark before it', `\ufeff[${line}]`],
  ])('is read from %s', (_what, body) => {
    expect(read(body)).toEqual([expected]);
  });

  test.each([
    [null],
    [''],
    ['application/json'],
    ['application/json; charset=utf-8'],
    ['APPLICATION/JSON;charset="UTF-8"'],
  ])('is JSON when its type is %s', (contentType) => {
    expect(read(line, contentType)).toEqual([expected]);
  });

  test.each([['application/vnd.shop+json'], ['text/json'], ['application/ld+json; profile=x']])(
    'is JSON when its type is the relative %s',
    (contentType) => {
      expect(read(line, contentType)).toEqual([expected]);
    },
  );

  test.each([['[]'], ['{"items":[]}'], [' [ ] ']])('%s is a test of the connection', (body) => {
    expect(read(body)).toEqual([]);
  });

  it('keeps every line in its place, good or bad', () => {
    const lines = readLines([{ code: 'A', quantity: 1 }, 'no object', { code: 'B' }, { code: 'C', quantity: '2,5' }]);
    expect(lines).toEqual([
      change({ index: 0, code: 'A', quantity: changed(readOne({ quantity: 1 }))?.quantity }),
      { refused: { index: 1, refusal: 'line_not_an_object', path: '[1]', code: null } },
      { refused: { index: 2, refusal: 'quantity_missing', path: '[2].quantity', code: 'B' } },
      change({ index: 3, code: 'C', quantity: changed(readOne({ quantity: 2.5 }))?.quantity }),
    ]);
  });
});

describe('A body that is none', () => {
  test.each([
    ['nothing at all', '', 0],
    ['half an object', '{"items":[', 10],
    ['a comma too many', '[1,]', 3],
    ['a missing comma', '[{"code":"A" "quantity":1}]', 13],
    ['a number that is none', '{"quantity":NaN}', 12],
    ['a leading zero', '[{"code":"A","quantity":007}]', 25],
    ['an open string', '"abc', 4],
    ['two values', '[] []', 3],
    ['a raw control character in a string', '["a\u0001"]', 3],
    ['HTML', '<html></html>', 0],
  ])('is refused with the position of its fault: %s', (_what, body, position) => {
    const refusal = refusalOf(body);
    expect(refusal.code).toBe('push_unreadable');
    expect(refusal.facts.errors).toEqual([{ path: `position ${position}`, message: 'not valid JSON' }]);
  });

  test.each([
    ['a text', '"abc"'],
    ['a number', '12'],
    ['null', 'null'],
    ['true', 'true'],
    ['items that are no list', '{"items":"A"}'],
    ['items that are null', '{"items":null}'],
    ['items that are an object', '{"items":{"code":"A","quantity":1}}'],
  ])('is refused: %s', (_what, body) => {
    expect(refusalOf(body).code).toBe('push_unreadable');
  });

  test.each([
    ['in the middle', [0x5b, 0x22, 0xff, 0x22, 0x5d], 2],
    ['after letters of several bytes', [...Buffer.from('["ță'), 0xc3, 0x28], 6],
    ['cut off at the end', [...Buffer.from('["a'), 0xe2, 0x82], 3],
    ['after a byte order mark', [0xef, 0xbb, 0xbf, 0x5b, 0xff], 4],
    ['after a replacement character that was sent as such', [...Buffer.from('["\ufffd'), 0xff], 5],
  ])('is refused with the position of the first byte that is not UTF-8: %s', (_what, bytes, position) => {
    const refusal = refusalOf(Uint8Array.from(bytes));
    expect(refusal.code).toBe('push_unreadable');
    expect(refusal.facts.errors).toEqual([{ path: `position ${position}`, message: 'not valid UTF-8' }]);
  });

  test.each([
    ['text/html'],
    ['text/plain'],
    ['application/xml'],
    ['multipart/form-data; boundary=x'],
    ['application/json; charset=iso-8859-2'],
    [`${FORM}; charset=windows-1250`],
  ])('is refused for its type %s', (contentType) => {
    expect(refusalOf('[]', contentType).code).toBe('push_media_unsupported');
  });

  it('nested a million times is refused at once', () => {
    for (const open of ['[', '{"a":', '[{"a":']) {
      expect(refusalOf(open.repeat(1_000_000)).code).toBe('push_unreadable');
    }
    expect(refusalOf('['.repeat(2_000_000) + ']'.repeat(2_000_000)).code).toBe('push_unreadable');
    expect(refusalOf(`payload=${'['.repeat(1_000_000)}`, FORM).code).toBe('push_unreadable');
  }, 20_000);

  it('is not taken for nested because of brackets in its texts', () => {
    const name = `\\"${'[{'.repeat(200)}\\\\`;
    expect(changed(read(`[{"code":"A","name":"${name}","quantity":1}]`)[0])?.name).toBe(`"${'[{'.repeat(200)}\\`);
  });

  it('has more than 10,000 lines', () => {
    const lines = (count: number) => JSON.stringify(Array.from({ length: count }, () => 0));
    expect(read(lines(10_000))).toHaveLength(10_000);
    expect(refusalOf(lines(10_001)).code).toBe('push_too_large');
    expect(refusalOf(`{"items":${lines(10_001)}}`).code).toBe('push_too_large');
  });
});

describe('The quantity of a line', () => {
  test.each([
    ['0', '0'],
    ['-3', '-3'],
    ['2.5', '2.5'],
    ['"2.5"', '2.5'],
    ['"2,5"', '2.5'],
    ['"-0,000001"', '-0.000001'],
    ['1e3', '1000'],
    ['" 7 "', '7'],
    ['0.30000000000000', '0.3'],
  ])('%s is %s', (sent, quantity) => {
    expect(changed(read(`[{"code":"A","quantity":${sent}}]`)[0])?.quantity).toBe(quantity);
  });

  test.each([
    ['null', 'quantity_missing'],
    ['""', 'quantity_missing'],
    ['"  "', 'quantity_missing'],
    ['true', 'quantity_not_a_number'],
    ['false', 'quantity_not_a_number'],
    ['"abc"', 'quantity_not_a_number'],
    ['"1e3"', 'quantity_not_a_number'],
    ['"NaN"', 'quantity_not_a_number'],
    ['[]', 'quantity_not_a_number'],
    ['[7]', 'quantity_not_a_number'],
    ['{"value":7}', 'quantity_not_a_number'],
    ['10000000000000000000', 'quantity_out_of_range'],
    ['1e999999999', 'quantity_out_of_range'],
    ['"0.1234567"', 'quantity_out_of_range'],
    ['0.1234567', 'quantity_out_of_range'],
  ])('%s is refused: %s', (sent, refusal) => {
    expect(refused(read(`[{"code":"A","quantity":${sent}}]`)[0])).toEqual({
      index: 0,
      refusal,
      path: '[0].quantity',
      code: 'A',
    });
  });

  it('that is not there is missing, and never 0', () => {
    expect(refused(read('[{"code":"A"}]')[0])?.refusal).toBe('quantity_missing');
  });
});

describe('The texts of a line', () => {
  it('lose the blanks around them and take one Unicode form', () => {
    const line = readOne({ code: ' A-1\n', name: '\u00a0Cana\u0306 ', warehouse: ' Depozit ', barcode: '\t594' });
    expect(line).toEqual(
      change({ name: 'Can\u0103', warehouse: 'Depozit', barcode: '594', quantity: changed(line)?.quantity }),
    );
  });

  test.each([[''], ['   '], [null], [undefined]])('that are %j are not given', (blank) => {
    const line = readOne({ code: blank, barcode: blank, id: blank, warehouse: blank, observedAt: blank, name: 'Cana' });
    // A time of blanks alone is no time; an empty one is none.
    if (blank === '   ') expect(refused(line)?.refusal).toBe('observed_at_invalid');
    else expect(changed(line)).toMatchObject({ code: null, barcode: null, externalId: null, warehouse: '' });
  });

  test.each([[{ code: undefined }], [{ code: '', name: ' ' }], [{ code: null, id: '99' }]])(
    'of which none names the product are refused: %j',
    (fields) => {
      expect(refused(readOne(fields))?.refusal).toBe('identity_missing');
    },
  );

  it('may be sent as numbers, and no digit is lost', () => {
    const body = '[{"code":12345678901234567890,"barcode":5940000000000001,"id":9007199254740993,"quantity":1}]';
    expect(changed(read(body)[0])).toMatchObject({
      code: '12345678901234567890',
      barcode: '5940000000000001',
      externalId: '9007199254740993',
    });
  });

  it('take a code of 100 characters, not of 101, counted as people count', () => {
    expect(changed(readOne({ code: '😀'.repeat(100) }))?.code).toBe('😀'.repeat(100));
    expect(refused(readOne({ code: 'x'.repeat(101) }))).toMatchObject({ refusal: 'code_too_long', path: '[0].code' });
    expect(changed(readOne({ code: `  ${'x'.repeat(100)}  ` }))?.code).toHaveLength(100);
  });

  it('say of a code of 300 characters where it begins', () => {
    expect(refused(readOne({ code: 'x'.repeat(300) }))?.code).toBe('x'.repeat(100));
  });

  test.each([
    ['barcode', 101, 'barcode_too_long'],
    ['id', 101, 'id_too_long'],
    ['name', 501, 'name_too_long'],
    ['warehouse', 201, 'warehouse_too_long'],
  ])('have a bound: %s', (field, length, refusal) => {
    expect(changed(readOne({ [field]: 'ă'.repeat(length - 1) }))).toBeDefined();
    expect(refused(readOne({ [field]: 'ă'.repeat(length) }))).toMatchObject({ refusal, path: `[0].${field}` });
  });

  it('are within their bound in the form in which they are kept', () => {
    // One character that Unicode's composed form spells with two.
    const line = readOne({ code: '\u0958'.repeat(100) });
    expect([...(changed(line)?.code ?? '')].length).toBeLessThanOrEqual(100);
  });

  it('may hold any script and emoji', () => {
    const name = 'Cană ☕️ 👩‍👩‍👧 商品 قهوة';
    expect(changed(readOne({ name, code: '🧦-1' }))).toMatchObject({ name, code: '🧦-1' });
  });

  test.each([
    ['NUL', '\u0000'],
    ['a tab', '\t'],
    ['a line break', '\n'],
    ['an escape', '\u001b'],
    ['delete', '\u007f'],
    ['a C1 control', '\u0085'],
    ['half a surrogate pair', '\ud83d'],
  ])('hold no control character: %s', (_what, character) => {
    for (const field of ['code', 'barcode', 'name', 'warehouse', 'id']) {
      const lines = readLines([
        { code: 'A', quantity: 1, [field]: `a${character}b` },
        { code: 'B', quantity: 2 },
      ]);
      expect(refused(lines[0])).toMatchObject({ refusal: 'control_character', path: `[0].${field}` });
      expect(changed(lines[1])?.code).toBe('B');
    }
  });

  it('are shown in a refusal without what cannot be shown', () => {
    expect(refused(readOne({ code: 'a\u0000b\ud83d' }))?.code).toBe('a\ufffdb\ufffd');
  });

  test.each([['code'], ['barcode'], ['name'], ['warehouse'], ['id']])('are text: %s', (field) => {
    for (const value of [true, {}, [], ['A']]) {
      expect(refused(readOne({ [field]: value }))).toMatchObject({ refusal: `${field}_invalid` });
    }
  });
});

describe('The time of an observation', () => {
  test.each([
    ['2026-01-15T12:00:00Z', '2026-01-15T12:00:00.000Z'],
    ['2026-01-15T12:00:00.250Z', '2026-01-15T12:00:00.250Z'],
    ['2026-01-15T14:00:00+02:00', '2026-01-15T12:00:00.000Z'],
    ['2026-01-15T06:30:00-05:30', '2026-01-15T12:00:00.000Z'],
    ['2026-01-15T12:00:00', '2026-01-15T12:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('%s is %s', (sent, instant) => {
    expect(changed(readOne({ observedAt: sent }))?.observedAt).toBe(Date.parse(instant));
  });

  test.each([
    ['yesterday'],
    ['15.01.2026'],
    ['2026-13-01T00:00:00Z'],
    ['2025-02-29T00:00:00Z'],
    ['2026-01-15T25:00:00Z'],
    ['12:00:00'],
    [1_768_478_400],
    [true],
    [{}],
  ])('%j is none', (sent) => {
    expect(refused(readOne({ observedAt: sent }))).toMatchObject({
      refusal: 'observed_at_invalid',
      path: '[0].observedAt',
    });
  });
});

describe('A push as a form', () => {
  const form = (fields: readonly (readonly [string, string])[]) =>
    fields.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');

  it('may hold JSON in its one field, whatever its name', () => {
    const json = '{"items":[{"code":"A-1","quantity":"2,5"}]}';
    for (const name of ['payload', 'data', 'items']) {
      expect(changed(read(form([[name, json]]), FORM)[0])).toMatchObject({ code: 'A-1', quantity: '2.5' });
    }
    expect(read(form([['payload', ' [] ']]), FORM)).toEqual([]);
  });

  it('is refused where it is not UTF-8, with the position of the field', () => {
    for (const code of ['%C9LATIN', '%C8LATIN', 'A%ED%A0%80', '%FF']) {
      const refusal = refusalOf(`quantity=3&code=${code}`, FORM);
      expect(refusal.code).toBe('push_unreadable');
      expect(refusal.facts.errors?.[0]?.path).toBe('position 11');
    }
    expect(changed(read('code=100%+%C8%99%EF%BF%BD&quantity=3', FORM)[0])?.code).toBe('100% ș\ufffd');
  });

  it('with broken JSON in its field is refused with the position', () => {
    expect(refusalOf(form([['payload', '[1,']]), FORM).facts.errors).toEqual([
      { path: 'position 3', message: 'not valid JSON' },
    ]);
  });

  it('keeps the digits of an id in its JSON', () => {
    const json = '[{"code":"A","id":9007199254740993,"quantity":1}]';
    expect(changed(read(form([['payload', json]]), FORM)[0])?.externalId).toBe('9007199254740993');
  });

  it('may be nested, with as many indices as there are lines', () => {
    const fields = Array.from({ length: 45 }, (_, n) => [
      [`items[${n}][code]`, `A-${n}`] as const,
      [`items[${n}][quantity]`, String(n)] as const,
    ]).flat();
    const lines = read(form(fields), FORM);
    expect(lines.map((line) => [changed(line)?.code, changed(line)?.quantity])).toEqual(
      Array.from({ length: 45 }, (_, n) => [`A-${n}`, String(n)]),
    );
  });

  it('keeps the order of its indices, whatever their order and gaps', () => {
    const body = form([
      ['items[30][code]', 'C'],
      ['items[30][quantity]', '3'],
      ['items[2][code]', 'A'],
      ['items[2][quantity]', '1'],
      ['items[21][code]', 'B'],
      ['items[21][quantity]', '2'],
    ]);
    expect(read(body, FORM).map((line) => changed(line)?.code)).toEqual(['A', 'B', 'C']);
  });

  it('may be one line', () => {
    const body = 'code=A-1&quantity=2%2C5&warehouse=Depozit+Central&name=Can%C4%83';
    expect(changed(read(body, FORM)[0])).toMatchObject({
      code: 'A-1',
      quantity: '2.5',
      warehouse: 'Depozit Central',
      name: 'Cană',
    });
  });

  it('that is empty names no product', () => {
    expect(refused(read('', FORM)[0])?.refusal).toMatch(/^(quantity|identity)_missing$/);
  });

  it('of 10,000 lines is read within a second', () => {
    const body = Array.from(
      { length: 10_000 },
      (_, n) => `items[${n}][code]=A-${n}&items[${n}][name]=P&items[${n}][warehouse]=D&items[${n}][quantity]=${n}`,
    ).join('&');
    const lines = read(body, FORM);
    expect(changed(lines[9_999])?.code).toBe('A-9999');
  });

  it('never loses a line in silence, however many fields its lines have', () => {
    const fields = 'abcdefghijklmnopqrst'.split('').map((name) => `&items[%][${name}]=1`);
    const line = `items[%][code]=A-%&items[%][quantity]=1${fields.join('')}`;
    const body = Array.from({ length: 2_500 }, (_, n) => line.replaceAll('%', String(n))).join('&');
    const outcome = ((): number | string => {
      try {
        return read(body, FORM).filter((each) => changed(each)).length;
      } catch (error) {
        return error instanceof Refusal ? error.code : String(error);
      }
    })();
    expect([2_500, 'push_too_large']).toContain(outcome);
  });
});

describe('Keys with a meaning of their own', () => {
  test.each([
    ['a quantity', '{"code":"D1","quantity":7,"quantity":3}', 'application/json', 'quantity'],
    ['the list', '{"items":[{"code":"A","quantity":1}],"items":[]}', 'application/json', 'items'],
    ['a list in a form’s field', 'payload={"items":[{"code":"A","quantity":1}],"items":[]}', FORM, 'items'],
    ['a form’s field', 'code=F7&quantity=3&code=F8&quantity=4', FORM, 'code'],
    ['a nested field', 'items[0][code]=A&items[0][quantity]=1&items[0][quantity]=2', FORM, 'items[0][quantity]'],
    ['a field that is a line as well', 'items=1&items[0][code]=A', FORM, 'items[0][code]'],
    ['a line that is a field as well', 'items[0][code]=A&items[0]=1', FORM, 'items[0]'],
  ])('are refused where they come twice with different values: %s', (_what, body, contentType, name) => {
    const refusal = refusalOf(body, contentType);
    expect(refusal.code).toBe('push_unreadable');
    expect(refusal.facts.errors?.[0]?.message).toBe(`“${name}” comes twice`);
  });

  test.each([
    ['of one value', '{"items":[{"code":"A","code":"A","quantity":1}]}', 'application/json'],
    ['of one value in a form', 'code=A&code=A&quantity=1', FORM],
    ['that make a list in a form', 'tags[]=x&tags[]=y&code=A&quantity=1', FORM],
  ])('are read where they are repeated, but %s', (_what, body, contentType) => {
    expect(changed(read(body, contentType)[0])).toMatchObject({ code: 'A', quantity: '1' });
  });

  test.each([
    ['JSON', '[{"__proto__":{"code":"P","quantity":1},"constructor":{"prototype":{"code":"P"}}}]', 'application/json'],
    ['a form', 'items[0][__proto__][code]=P&items[0][__proto__][quantity]=1&__proto__[items]=1', FORM],
  ])('like __proto__ are fields like any other, and give nothing to a line: %s', (_what, body, contentType) => {
    expect(refused(read(body, contentType)[0])?.code).toBeNull();
    expect(Object.hasOwn(Object.prototype, 'code')).toBe(false);
    expect(readLines([{}]).map((line) => refused(line)?.code)).toEqual([null]);
  });

  it('like __proto__ do not stand for the list of lines', () => {
    const lines = read('{"__proto__":{"items":[{"code":"P","quantity":1}]}}');
    expect(lines.map((line) => refused(line)?.refusal)).toEqual([expect.stringMatching(/missing$/)]);
  });
});

describe('What the sender is told', () => {
  const report = { change: null, refused: null, chosenWarehouses: 'Depozit' };

  it('of an accepted line is nothing beyond the outcome', () => {
    expect(push.messageFor({ ...report, outcome: 'accepted' })).toBeUndefined();
  });

  it('of the others is why', () => {
    const line = { index: 0, refusal: 'quantity_missing', path: '[0].quantity', code: null } as const;
    expect(push.messageFor({ ...report, outcome: 'rejected', refused: line })).toMatch(/missing quantity is not 0/);
    expect(push.messageFor({ ...report, outcome: 'superseded' })).toMatch(/newer level/);
    const elsewhere = stockChange({ warehouse: 'Magazin' });
    expect(push.messageFor({ ...report, outcome: 'not_chosen', change: elsewhere })).toMatch(/"Magazin".*\(Depozit\)/);
  });
});
