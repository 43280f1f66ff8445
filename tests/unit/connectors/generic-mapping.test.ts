import { createGenericSource } from '../../../server/connectors/generic/generic-source';
import { readSample } from '../../../server/connectors/generic/sample-fields';
import { Refusal } from '../../../server/domain/refusal';
import { rawPush } from '../../support/builders';
import { ScriptedHttp } from '../../support/scripted-http';
import { TestClock } from '../../support/test-clock';

const source = createGenericSource(new ScriptedHttp(() => ({})), new TestClock());
const { push, readSettings, sample } = source;

const stored = (input: Readonly<Record<string, unknown>>) => {
  const read = readSettings(input);
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  return read.settings;
};
const MAPPING = { items: 'data.rows', code: 'sku', quantity: 'stock', mode: 'levels' };
const readBy = (mapping: Readonly<Record<string, unknown>>, body: unknown) =>
  push.read(rawPush(typeof body === 'string' ? body : JSON.stringify(body)), stored({ mapping }));
const linesBy = (mapping: Readonly<Record<string, unknown>>, body: unknown) => {
  const reading = readBy(mapping, body);
  if (reading.says !== 'levels') throw new Error(`It says ${reading.says}`);
  return reading.lines;
};
const errorsOf = (input: Readonly<Record<string, unknown>>): readonly string[] => {
  const read = readSettings(input);
  return read.ok ? [] : read.errors.map(({ path }) => path);
};

describe('A mapping', () => {
  const row = { sku: 'A-1', stock: 7 };

  test.each([
    ['the path', MAPPING, { data: { rows: [row] } }],
    ['the body itself', { ...MAPPING, items: '' }, [row]],
    ['one object', MAPPING, { data: { rows: row } }],
    ['an object that is the body', { ...MAPPING, items: undefined }, row],
    ['JSON in a text', MAPPING, { data: JSON.stringify({ rows: [row] }) }],
    ['lines that are JSON in texts', MAPPING, { data: { rows: [JSON.stringify(row)] } }],
    ['lists of lists', MAPPING, { data: [{ rows: [] }, { other: 1 }, { rows: [[row]] }] }],
    ['a list with keys of a form', MAPPING, { data: { rows: { '3': row } } }],
    ['fields further down', { ...MAPPING, code: 'variant.sku' }, { data: { rows: [{ variant: row, stock: 7 }] } }],
    ['a field in a list of one', { ...MAPPING, code: 'codes.sku' }, { data: { rows: [{ codes: [row], stock: 7 }] } }],
    ['a key with dots', { ...MAPPING, code: 'a.b.c' }, { data: { rows: [{ a: { 'b.c': 'A-1' }, stock: 7 }] } }],
    ['a field of the body', { ...MAPPING, code: '/sku' }, { sku: 'A-1', data: { rows: [{ stock: 7 }] } }],
    ['the first field that is there', { ...MAPPING, code: 'x|sku' }, { data: { rows: [{ ...row, x: null }] } }],
  ])('finds its lines by %s', (_what, mapping, body) => {
    expect(linesBy(mapping, body)).toMatchObject([{ change: { index: 0, code: 'A-1', quantity: '7' } }]);
  });

  test.each([
    ['nothing', { data: {} }],
    ['a text', { data: { rows: 'none' } }],
    ['a number', { data: { rows: 7 } }],
    ['nowhere', { data: 7 }],
  ])('that leads to %s makes the call unreadable, with the path', (_what, body) => {
    try {
      readBy(MAPPING, body);
      throw new Error('It was read');
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'push_unreadable', facts: { errors: [{ path: 'data.rows' }] } });
    }
  });

  test.each([[{ data: { rows: [] } }], [{ data: { rows: null } }]])('%j has no lines', (body) => {
    expect(readBy(MAPPING, body)).toEqual({ says: 'levels', lines: [], eventId: null });
  });

  it('judges every line by itself and names the field at fault as it is mapped', () => {
    const mapping = { ...MAPPING, code: 'variant.sku', quantity: '/q|on.hand', warehouse: 'w' };
    const line = (sku: unknown, hand: unknown) => ({ variant: { sku }, on: { hand }, w: 'Depozit' });
    expect(
      linesBy(mapping, {
        data: { rows: [line('A', 1), line(['B', 'C'], 1), line('C', null), {}, null, 5, line('D', 'x')] },
      }),
    ).toMatchObject([
      { change: { code: 'A', warehouse: 'Depozit' } },
      { refused: { index: 1, refusal: 'code_invalid', path: '[1].variant.sku' } },
      { refused: { index: 2, refusal: 'quantity_missing', path: '/q|on.hand', code: 'C' } },
      { refused: { index: 3, refusal: 'quantity_missing' } },
      { refused: { index: 4, refusal: 'line_not_an_object', path: '[4]' } },
      { refused: { index: 5, refusal: 'line_not_an_object' } },
      { refused: { index: 6, refusal: 'quantity_not_a_number' } },
    ]);
  });

  it('takes none of several values for the one that is meant', () => {
    const two = [
      { sku: 'A', q: 1 },
      { sku: 'B', q: 1 },
    ];
    expect(linesBy({ ...MAPPING, code: 'v.sku' }, { data: { rows: [{ v: two, stock: 1 }] } })).toMatchObject([
      { refused: { refusal: 'code_invalid', path: '[0].v.sku' } },
    ]);
    expect(linesBy({ ...MAPPING, quantity: 'v.q' }, { data: { rows: [{ v: two, sku: 'A' }] } })).toMatchObject([
      { refused: { refusal: 'quantity_not_a_number', path: '[0].v.q' } },
    ]);
  });

  it('lets the source’s own id name a product, where it says where the id is', () => {
    const numbers = '{"data":{"rows":[{"id":9007199254740993,"stock":1}]}}';
    expect(linesBy({ ...MAPPING, code: undefined, id: 'id' }, numbers)).toMatchObject([
      { change: { code: null, externalId: '9007199254740993' } },
    ]);
    expect(linesBy({ ...MAPPING, name: 'name' }, numbers)).toMatchObject([
      { refused: { refusal: 'identity_missing', path: '[0].sku' } },
    ]);
    expect(push.read(rawPush('[{"id":"9","quantity":1}]'), {})).toMatchObject({
      lines: [{ refused: { refusal: 'identity_missing' } }],
    });
  });

  it('gives nothing of what every object has', () => {
    const mapping = { ...MAPPING, code: 'constructor.name', name: '__proto__.x', id: 'toString' };
    expect(linesBy(mapping, { data: { rows: [{ stock: 1 }] } })).toMatchObject([
      { refused: { refusal: 'identity_missing' } },
    ]);
  });

  it('may leave lines out, and the count of lines still adds up', () => {
    const only = [
      { field: 'state', is: ['IN', 'BACK'] },
      { field: 'active', is: ['true'] },
    ];
    const rows = [
      { ...row, state: 'IN', active: true },
      { ...row, state: 'OUT', active: true },
      { ...row, state: 'BACK', active: false },
      { ...row, active: true },
    ];
    expect(linesBy({ ...MAPPING, only }, { data: { rows } })).toMatchObject([
      { change: { code: 'A-1' } },
      { refused: { index: 1, refusal: 'left_out', path: '[1].state', code: 'A-1' } },
      { refused: { index: 2, refusal: 'left_out', path: '[2].active' } },
      { refused: { index: 3, refusal: 'left_out', path: '[3].state' } },
    ]);
  });

  it('may leave out calls as a whole, by what stands around their lines', () => {
    const mapping = { ...MAPPING, only: [{ field: '/type', is: ['stock', '7'] }] };
    const body = { data: { rows: [row] } };
    expect(readBy(mapping, { type: 'stock', ...body }).says).toBe('levels');
    expect(readBy(mapping, { type: 7, ...body }).says).toBe('levels');
    expect(readBy(mapping, { type: 'price' })).toEqual({ says: 'other_event' });
    expect(readBy(mapping, body)).toEqual({ says: 'other_event' });
  });

  it('says what is a change, and what only asks to be read', () => {
    const body = { id: 'e-1', data: { rows: [{ ...row, stock: -2 }] } };
    expect(readBy({ ...MAPPING, mode: 'changes', eventId: 'id' }, body)).toMatchObject({
      eventId: 'e-1',
      lines: [{ change: { quantity: '-2', isChange: true } }],
    });
    const asks = { says: 'asks', references: ['*'], eventId: 'e-1' };
    expect(readBy({ mode: 'trigger', eventId: 'id' }, body)).toEqual(asks);
    const only = [{ field: 'sku', is: ['A-1'] }];
    expect(readBy({ ...MAPPING, mode: 'trigger', eventId: '/id', only }, body)).toEqual(asks);
    expect(readBy({ ...MAPPING, mode: 'trigger', only: [{ field: 'sku', is: ['B'] }] }, body)).toEqual({
      says: 'other_event',
    });
  });

  it('takes 10,000 lines, and no more', () => {
    const mapping = {
      ...MAPPING,
      code: 'v.sku',
      name: '/title',
      warehouse: 'w.name',
      only: [{ field: 'on', is: ['1'] }],
    };
    const body = (count: number) => ({
      title: 'T',
      data: {
        rows: Array.from({ length: count }, (_, n) => ({ v: { sku: `A-${n}` }, stock: n, w: { name: 'D' }, on: 1 })),
      },
    });
    expect(linesBy(mapping, body(10_000))).toHaveLength(10_000);
    expect(() => linesBy(mapping, body(10_001))).toThrow(Refusal);
  });

  it('of one’s own stands before what a preset says, which still knows its tests', () => {
    const settings = stored({ preset: 'zettle', mapping: MAPPING });
    expect(push.read(rawPush(JSON.stringify({ data: { rows: [row] } })), settings)).toMatchObject({
      lines: [{ change: { code: 'A-1' } }],
    });
    expect(push.read(rawPush('{"eventName":"TestMessage"}'), settings)).toEqual({ says: 'test' });
  });
});

describe('The settings of a generic source', () => {
  const columns = { code: 'Cod', quantity: 'Stoc' };

  it('are empty where nothing is set up', () => {
    const nothing = {
      preset: '',
      mapping: '',
      signature: null,
      signatureSecret: '',
      fileUrl: '',
      fileColumns: undefined,
    };
    expect(stored({})).toEqual({});
    expect(stored({ ...nothing, keyInAddress: '', fileFormat: '', fileUser: '', filePassword: '' })).toEqual({});
    expect(push.secretInAddress?.({})).toBe(false);
  });

  it('come back as they were kept', () => {
    const input = {
      preset: 'square',
      signatureSecret: ' s ',
      mapping: { ...MAPPING, barcode: '', only: [{ field: '/type', is: ['x'] }] },
      signature: { algorithm: 'sha1', encoding: 'hex', header: 'X-Sig' },
      keyInAddress: 'yes',
      replyWith: 'nothing',
      fileUrl: ' https://files.example/levels.csv?k=1 ',
      fileFormat: 'csv',
      fileUser: 'u',
      filePassword: 'p:w',
      fileColumns: columns,
    };
    const kept = stored(input);
    expect(kept).toEqual({
      ...input,
      signatureSecret: 's',
      mapping: JSON.stringify({ ...MAPPING, only: [{ field: '/type', is: ['x'] }] }),
      signature: JSON.stringify({ algorithm: 'sha1', encoding: 'hex', covers: 'body', header: 'x-sig' }),
      fileUrl: 'https://files.example/levels.csv?k=1',
      fileColumns: JSON.stringify(columns),
    });
    expect(stored(kept)).toEqual(kept);
    expect(push.secretInAddress?.(kept)).toBe(true);
    expect(source.secretSettings).toEqual(['signatureSecret', 'filePassword']);
  });

  test.each([
    ['unknown', { colour: 'red' }, ['settings.colour']],
    ['unknown further in', { mapping: { ...MAPPING, color: 'x' } }, ['settings.mapping.color']],
    ['no preset', { preset: 'sap' }, ['settings.preset']],
    ['no quantity', { mapping: { code: 'sku' } }, ['settings.mapping.quantity']],
    ['nothing that names a product', { mapping: { quantity: 'q' } }, ['settings.mapping.code']],
    ['no path', { mapping: { ...MAPPING, items: 'a..b' } }, ['settings.mapping.items']],
    ['no path either', { mapping: { ...MAPPING, code: '/' } }, ['settings.mapping.code']],
    ['no mode', { mapping: { ...MAPPING, mode: 'guess' } }, ['settings.mapping.mode']],
    ['no values', { mapping: { ...MAPPING, only: [{ field: 'x', is: [] }] } }, ['settings.mapping.only.0.is']],
    ['no JSON', { mapping: '{"code"' }, ['settings.mapping']],
    ['a list', { mapping: [] }, ['settings.mapping']],
    [
      'an unknown algorithm',
      { signature: { algorithm: 'md5', encoding: 'hex', header: 'x' } },
      ['settings.signature.algorithm'],
    ],
    ['no header', { signature: { algorithm: 'sha1', encoding: 'hex', header: 'x y' } }, ['settings.signature.header']],
    [
      'a masked secret',
      { signatureSecret: '••••••••', filePassword: '••••••••' },
      ['settings.signatureSecret', 'settings.filePassword'],
    ],
    ['no address', { fileUrl: 'ftp://x.example/a.csv' }, ['settings.fileUrl']],
    ['an address with a login', { fileUrl: 'https://u:p@x.example/a.csv' }, ['settings.fileUrl']],
    ['a colon in the user', { fileUser: 'a:b' }, ['settings.fileUser']],
    ['no column of quantities', { fileColumns: { code: 'Cod' } }, ['settings.fileColumns.quantity']],
    ['no column of products', { fileColumns: { quantity: 'Stoc' } }, ['settings.fileColumns.code']],
    ['another answer', { replyWith: 'xml', keyInAddress: 'no' }, ['settings.keyInAddress', 'settings.replyWith']],
  ])('are refused with the field’s path: %s', (_what, input, paths) => {
    expect(errorsOf(input)).toEqual(paths);
  });

  it('need no quantity where a call only asks to be read', () => {
    expect(errorsOf({ mapping: { mode: 'trigger' } })).toEqual([]);
  });
});

describe('A sample of a call', () => {
  const body = {
    event: 'stock',
    count: 12345678901234567890n,
    note: null,
    payload: JSON.stringify({
      rows: [
        { sku: null, more: { q: 7 } },
        { sku: 'A-1', tags: [1, 2] },
      ],
      'a|b': 1,
    }),
  };
  const text = JSON.stringify(body, (_key, value: unknown) =>
    typeof value === 'bigint' ? `<${value}>` : value,
  ).replace(/"<(\d+)>"/, '$1');
  const fields = (given: string) => {
    if (!sample) throw new Error('No sample can be made');
    return sample.fields(rawPush(given));
  };

  it('names fields by paths a mapping understands, with an example of each', () => {
    const found = fields(text);
    expect(found.root).toEqual([
      { path: '/event', example: 'stock', kind: 'text' },
      { path: '/count', example: '12345678901234567890', kind: 'number' },
      { path: '/note', example: '', kind: 'null' },
      { path: '/payload', example: '{rows, a|b}', kind: 'object' },
      { path: '/payload.rows', example: '[2]', kind: 'list' },
    ]);
    expect(found.lists).toEqual([
      {
        path: 'payload.rows',
        length: 2,
        fields: [
          { path: 'sku', example: 'A-1', kind: 'text' },
          { path: 'more', example: '{q}', kind: 'object' },
          { path: 'more.q', example: '7', kind: 'number' },
          { path: 'tags', example: '[2]', kind: 'list' },
        ],
      },
      { path: 'payload.rows.tags', length: 2, fields: [] },
    ]);
  });

  it('knows a body that is a list, and lists of lists', () => {
    expect(fields('[{"a":[{"b":1},{"b":2}]},{"a":[{"b":3}]}]').lists.map(({ path, length }) => [path, length])).toEqual(
      [
        ['', 2],
        ['a', 3],
      ],
    );
  });

  it('is bounded, whatever was sent', () => {
    const wide = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`f${n}`, 'x'.repeat(500)]));
    const found = fields(JSON.stringify({ rows: [wide], ...wide }));
    expect(found.root.length + found.lists.reduce((sum, each) => sum + 1 + each.fields.length, 0)).toBeLessThanOrEqual(
      200,
    );
    expect(found.root.at(-1)?.example).toHaveLength(80);
    expect(() => fields('{')).toThrow(Refusal);
  });

  it('shows the first lines as settings read them', () => {
    const lines = Array.from({ length: 60 }, (_, n) => ({ sku: `A-${n}`, stock: n }));
    const read = readSample(rawPush(JSON.stringify({ data: { rows: lines } })), stored({ mapping: MAPPING }));
    expect(read).toHaveLength(50);
    expect(read[0]).toMatchObject({ change: { code: 'A-0' } });
    expect(readSample(rawPush('{"eventName":"TestMessage"}'), { preset: 'zettle' })).toEqual([]);
  });
});
