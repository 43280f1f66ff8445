import { createGenericSource } from '../../../server/connectors/generic/generic-source';
import { failure, FailureError } from '../../../server/domain/failure';
import { sourceCheckWords } from '../../../server/domain/source-check-words';
import { Refusal } from '../../../server/domain/refusal';
import type { ChosenWarehouses } from '../../../server/domain/warehouse';
import { rawPush } from '../../support/builders';
import { type ScriptedAnswer, ScriptedHttp } from '../../support/scripted-http';
import { TestClock } from '../../support/test-clock';

const URL_OF_FILE = 'https://files.example/levels.csv';
const signal = new AbortController().signal;
const COLUMNS = { code: 'Cod', name: 'Denumire', warehouse: 'Gestiune', quantity: 'Stoc' };
const HEADER = 'Cod;Denumire;Gestiune;Stoc\r\n';

type Answers = (url: URL) => ScriptedAnswer | string;

function asking(answers: Answers | string, more: Readonly<Record<string, unknown>> = { fileColumns: COLUMNS }) {
  const clock = new TestClock();
  const http = new ScriptedHttp((url) => {
    const answer = typeof answers === 'string' ? answers : answers(url);
    return typeof answer === 'string' ? { body: answer } : answer;
  });
  const source = createGenericSource(http, clock);
  const read = source.readSettings({ fileUrl: URL_OF_FILE, ...more });
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  const { settings } = read;
  const { pull, api, file } = source;
  if (!pull || !api || !file) throw new Error('A generic source has no files');
  return {
    http,
    clock,
    settings,
    pull,
    page: (cursor: string | null = null, warehouses: ChosenWarehouses = '*') =>
      pull.page(settings, { warehouses, cursor }, signal),
    test: () => api.test(settings, signal),
    warehouses: () => api.warehouses(settings, signal),
    upload: (body: string | Uint8Array, contentType: string | null = 'text/csv') =>
      file.read(settings, rawPush(body, contentType)),
  };
}

const failureOf = async (work: Promise<unknown>) => {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof FailureError)) throw new Error('The work did not fail');
  return { ...thrown.failure, retryAfterMs: thrown.facts.retryAfterMs };
};

const refusalOf = (work: () => unknown): Refusal => {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown;
    throw thrown;
  }
  throw new Error('The work was done');
};

const row = (n: number, warehouse = 'Depozit') => `P-${n};Produs ${n};${warehouse};${n}\r\n`;
const rows = (count: number, warehouse?: string) => Array.from({ length: count }, (_, n) => row(n, warehouse)).join('');

/** Every way in is told the same by the same file. */
const ways = [
  ['pulled', async (text: string, columns: object) => (await asking(text, { fileColumns: columns }).page()).lines],
  ['uploaded', (text: string, columns: object) => asking('', { fileColumns: columns }).upload(text, null)],
] as const;

describe.each(ways)('A file that is %s', (_way, read) => {
  const cup = { code: 'A-1', name: 'Cană', warehouse: 'Depozit', quantity: '2.5' };

  test.each([
    ['semicolons and decimal commas', `${HEADER}A-1;Cană;Depozit;2,5\r\n`],
    ['commas and quotes', 'Cod,Denumire,Gestiune,Stoc\nA-1,Cană,Depozit,"2,5"\n'],
    ['tabs', 'Cod\tDenumire\tGestiune\tStoc\nA-1\tCană\tDepozit\t2.5'],
    ['a byte order mark', `\ufeff${HEADER}A-1;Cană;Depozit;2,5`],
    ['a byte order mark before a quote', '\ufeff"Cod";Denumire;Gestiune;Stoc\nA-1;Cană;Depozit;2,5'],
    ['quotes around everything', '"Cod";"Denumire";"Gestiune";"Stoc"\n"A-1";"Cană";"Depozit";"2,5"\n'],
    ['delimiters within quotes of its header', 'Stoc;"a,b,c,d,e,f,g";Cod;Denumire;Gestiune\n2,5;x;A-1;Cană;Depozit\n'],
    ['a hint for Excel', `sep=;\r\n${HEADER}A-1;Cană;Depozit;2,5\r\n`],
    ['other columns, another order, empty lines', 'X;Stoc;Cod;Gestiune;Denumire\n\n1;2,5;A-1;Depozit;Cană\n;;;;\n'],
    ['its columns in another case', 'COD;denumire;gestiune;STOC\nA-1;Cană;Depozit;2,5\n'],
    ['a delimiter at each end', 'Cod;Denumire;Gestiune;Stoc\nA-1;Cană;Depozit;2,5;\n'],
    ['Mac’s line ends', 'Cod;Denumire;Gestiune;Stoc\rA-1;Cană;Depozit;2,5\r'],
  ])('is understood with %s', async (_what, text) => {
    expect(await read(text, COLUMNS)).toMatchObject([{ change: cup }]);
  });

  it('keeps quotes, line ends and inches as they were meant', async () => {
    const text = `${HEADER}A-1;"Cană ""mare""\r\ncu toartă";D;1\r\nA-2;Monitor 24" LCD;D;2\r\nA-3;"24"" LCD";D;3\r\n`;
    const lines = await read(text, { ...COLUMNS, name: 'Gestiune', warehouse: 'Cod', code: 'Denumire' });
    expect(lines).toMatchObject([
      { refused: { refusal: 'control_character', path: '[0].Denumire' } },
      { change: { code: 'Monitor 24" LCD', quantity: '2' } },
      { change: { code: '24" LCD', quantity: '3' } },
    ]);
  });

  it('judges every row by itself', async () => {
    const text = `${HEADER}A;Cană;D;7\r\n;;D;1\r\nB;x;D;\r\nC;x;D;1 000\r\nE;x;D;1.000,5\r\nF;x;D\r\nG;x;y;D;4\r\nH;x;D;-3\r\n`;
    expect(await read(text, COLUMNS)).toMatchObject([
      { change: { index: 0, code: 'A', quantity: '7' } },
      { refused: { index: 1, refusal: 'identity_missing', path: '[1].Cod' } },
      { refused: { index: 2, refusal: 'quantity_missing', path: '[2].Stoc', code: 'B' } },
      { refused: { index: 3, refusal: 'quantity_not_a_number' } },
      { refused: { index: 4, refusal: 'quantity_not_a_number' } },
      { refused: { index: 5, refusal: 'line_not_an_object' } },
      { refused: { index: 6, refusal: 'line_not_an_object' } },
      { change: { index: 7, code: 'H', quantity: '-3' } },
    ]);
  });

  it('may be JSON, with its list anywhere and numbers to the last digit', async () => {
    const text = '{"data":{"rows":[{"v":{"id":9007199254740993},"q":0.3},{"v":{},"q":1}]},"at":"2026-01-15T12:00:00Z"}';
    const columns = { items: 'data.rows', id: 'v.id', quantity: 'q', observedAt: '/at' };
    expect(await read(text, columns)).toMatchObject([
      { change: { externalId: '9007199254740993', quantity: '0.3', observedAt: Date.parse('2026-01-15T12:00:00Z') } },
      { refused: { refusal: 'identity_missing' } },
    ]);
    expect(await read('\ufeff[{"Cod":"A","Stoc":1}]', { code: 'Cod', quantity: 'Stoc' })).toHaveLength(1);
    expect(await read('{"items":[{"Cod":"A","Stoc":1}]}', { code: 'Cod', quantity: 'Stoc' })).toHaveLength(1);
  });
});

describe('What is no whole list', () => {
  const cases = [
    ['cut within a quoted field', `${HEADER}A-1;"Cană mare`, 'it ends in the middle of a quoted field'],
    ['cut within a row', `${HEADER}${rows(3)}A-1;Can`, 'it ends in the middle of a row'],
    ['cut within JSON', '[{"Cod":"A","Stoc":1},{"Cod":', 'it is no whole JSON (position 29)'],
    ['a page', '<!DOCTYPE html><html><body>Log in</body></html>', 'it is a page, not a list'],
    ['a page after a blank', '\r\n  <html>', 'it is a page, not a list'],
    ['nothing', '', 'it is empty'],
    ['blanks', ' \r\n ', 'it is empty'],
    ['JSON without a list', '{"error":"quota exceeded"}', 'it holds no list'],
    ['a table without a column that is mapped', 'Cod;Denumire;Stoc\nA;x;1\n', 'it has no column “Gestiune”'],
    ['a table with such a column twice', `Stoc;${HEADER}1;A;x;D;2\n`, 'it has several columns “Stoc”'],
    [
      'a row that swallowed others through an open quote',
      `${HEADER}A;"Cană;D;5\r\nB;x;D;7\r\nC;"y";D;3\r\n`,
      'a quote in row 1 is not closed',
    ],
    [
      'an open quote at its end',
      `${HEADER}A;x;D;5\r\nB;"x;D;7\r\n${rows(9)}`,
      'it ends in the middle of a quoted field',
    ],
    ['a quote open for ever', `${HEADER}A;"${'x'.repeat(70_000)}";D;5\r\n`, 'line 2 is no CSV (CSV_MAX_RECORD_SIZE)'],
  ] as const;

  test.each(cases)('fails as a whole when pulled: %s', async (_what, text, said) => {
    const { page } = asking(text);
    expect(await failureOf(page())).toMatchObject({
      code: 'source_answer_unexpected',
      params: { what: `the file: ${said}` },
    });
  });

  test.each(cases)('is refused as a whole when uploaded: %s', (_what, text, said) => {
    const { upload } = asking('');
    expect(refusalOf(() => upload(text, null))).toMatchObject({
      code: 'push_unreadable',
      facts: { errors: [{ path: 'file', message: said }] },
    });
  });

  it('is found also where the last page would have shown it', async () => {
    const { page } = asking(`${HEADER}${rows(5_000)}A;"`);
    expect(await failureOf(page())).toMatchObject({ code: 'source_answer_unexpected' });
  });
});

describe('A file with the fields of our contract', () => {
  it('needs no columns to be named', async () => {
    const { page } = asking('quantity,code,warehouse,extra\n7,A-1,Depozit,x\n', {});
    expect((await page()).lines).toMatchObject([{ change: { code: 'A-1', quantity: '7', warehouse: 'Depozit' } }]);
    expect(await failureOf(asking('a,b\n1,2\n', {}).page())).toMatchObject({
      params: { what: 'the file: it has no column “quantity”' },
    });
    const withId = asking('[{"id":"9","quantity":1}]', {});
    expect((await withId.page()).lines).toMatchObject([{ refused: { refusal: 'identity_missing' } }]);
    expect((await asking('id,quantity\n9,1\n', {}).page()).lines).toMatchObject([
      { refused: { refusal: 'identity_missing' } },
    ]);
  });
});

describe('A pull of a file', () => {
  const many = (count: number) => `${HEADER}${rows(count)}`;
  const codesOf = (lines: readonly object[]) =>
    lines.map((line) => ('change' in line ? (line.change as { code: string }).code : null));

  it('is set up by its address', () => {
    const { pull, settings } = asking('');
    expect(pull.isSetUp?.(settings)).toBe(true);
    expect(pull.isSetUp?.({})).toBe(false);
    expect(pull.leastMsBetween).toBe(60_000);
  });

  it('downloads once and has 2,000 rows a page', async () => {
    const { page, http } = asking(many(4_500));
    const first = await page();
    const second = await page(first.next);
    const third = await page(second.next);
    expect([first, second, third].map(({ lines, total }) => [lines.length, total])).toEqual([
      [2_000, 4_500],
      [2_000, 4_500],
      [500, 4_500],
    ]);
    expect(third.next).toBeNull();
    const all = [first, second, third].flatMap(({ lines }) => lines);
    expect(codesOf(all)).toEqual(Array.from({ length: 4_500 }, (_, n) => `P-${n}`));
    expect(all.at(-1)).toMatchObject({ change: { index: 4_499 } });
    expect(http.requests).toHaveLength(1);
    // What was pulled to its end is not kept.
    await page(second.next);
    expect(http.requests).toHaveLength(2);
  });

  it('reads one file to its end, though another lies at its address by then', async () => {
    let text = many(2_500);
    const { page } = asking(() => text);
    const first = await page();
    text = `${HEADER}${rows(2_500).replaceAll('P-', 'N-')}`;
    const second = await page(first.next);
    expect(codesOf(second.lines)[0]).toBe('P-2000');
    expect(second.next).toBeNull();
  });

  it('goes on after a restart where the file is the same, and begins anew where it is not', async () => {
    const text = many(2_500);
    const first = await asking(text).page();
    const same = await asking(text).page(first.next);
    expect(codesOf(same.lines)[0]).toBe('P-2000');
    expect(same.next).toBeNull();
    const other = await asking(text.replace('P-7;', 'P-seven;')).page(first.next);
    expect(codesOf(other.lines)[0]).toBe('P-0');
    expect(other.lines).toHaveLength(2_000);
    expect(other.next).not.toBeNull();
  });

  it('does not go on with rows that were read by other settings', async () => {
    const { page, pull, settings, http } = asking(many(2_500));
    const first = await page();
    const changed = { ...settings, fileColumns: JSON.stringify({ name: 'Cod', quantity: 'Stoc' }) };
    const second = await pull.page(changed, { warehouses: '*', cursor: first.next }, signal);
    expect(second.lines[0]).toMatchObject({ change: { code: null, name: 'P-2000' } });
    expect(http.requests).toHaveLength(2);
  });

  it('has only the warehouses asked for, in any case, where the file names them', async () => {
    const text = `${HEADER}${row(1, 'Depozit')}${row(2, 'Magazin')}${row(3, '')}`;
    const { page } = asking(text);
    expect(await page(null, ['MAGAZIN '])).toMatchObject({
      lines: [{ change: { index: 1, code: 'P-2' } }],
      total: null,
    });
    expect((await page(null, '*')).lines).toHaveLength(3);
    const without = asking(text, { fileColumns: { code: 'Cod', quantity: 'Stoc' } });
    expect(await without.page(null, ['Magazin'])).toMatchObject({ lines: { length: 3 }, total: 3 });
  });

  it('ends at once where the list has no rows', async () => {
    expect(await asking(HEADER).page()).toEqual({ lines: [], next: null, total: 0 });
    expect(await asking('[]').page()).toEqual({ lines: [], next: null, total: 0 });
  });

  it('of 100,000 rows is read whole, and lets others have their turn meanwhile', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    expect((await asking(many(100_000)).page()).total).toBe(100_000);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });
});

describe('The address of a file', () => {
  it('is asked with the login, if there is one', async () => {
    const { page, http } = asking(HEADER, { fileColumns: COLUMNS, fileUser: 'ana', filePassword: 'é:1' });
    await page();
    expect(http.requests).toMatchObject([
      {
        method: 'GET',
        url: URL_OF_FILE,
        headers: { Authorization: 'Basic YW5hOsOpOjE=' },
        timeoutMs: 120_000,
        maxBytes: 64 * 1024 * 1024,
        verifyTls: true,
      },
    ]);
    const open = asking(HEADER);
    await open.page();
    expect(open.http.requests[0]?.headers).not.toHaveProperty('Authorization');
  });

  test.each([
    ['refuses the login', { status: 401 }, { code: 'source_login_refused' }],
    [
      'has no such file',
      { status: 404, body: 'no' },
      { code: 'source_answer_unexpected', params: { what: 'status 404' } },
    ],
    ['answers nothing', { status: 204 }, { code: 'source_answer_unexpected' }],
    ['fails', { status: 503 }, { code: 'source_unreachable', params: { reason: 'status 503' } }],
    ['blocks', { status: 429 }, { code: 'source_rate_limited', retryAfterMs: 60_000 }],
    [
      'blocks for a time',
      { status: 429, headers: { 'retry-after': '90' } },
      { params: { seconds: 90 }, retryAfterMs: 90_000 },
    ],
    [
      'blocks until a time',
      { status: 429, headers: { 'retry-after': 'Thu, 15 Jan 2026 12:05:00 GMT' } },
      { code: 'source_rate_limited', retryAfterMs: 300_000 },
    ],
    ['blocks for days', { status: 429, headers: { 'retry-after': '999999' } }, { retryAfterMs: 3_600_000 }],
    ['blocks in riddles', { status: 429, headers: { 'retry-after': 'soon' } }, { retryAfterMs: 60_000 }],
    ['leads in circles', { status: 302, headers: { location: '/levels.csv' } }, { params: { what: 'status 302' } }],
    ['leads nowhere', { status: 302 }, { params: { what: 'status 302' } }],
  ])('that %s is a failure that says so', async (_what, answer, expected) => {
    expect(await failureOf(asking(() => answer).page())).toMatchObject(expected);
  });

  test.each([['http://files.example/a.csv'], ['file:///etc/passwd'], ['https://u:p@files.example/a.csv']])(
    'does not have us follow it to %s',
    async (location) => {
      const { page, http } = asking(() => ({ status: 302, headers: { location } }));
      expect(await failureOf(page())).toMatchObject({ params: { what: 'status 302' } });
      expect(http.requests).toHaveLength(1);
    },
  );

  it('may be written as Windows writes in the west', async () => {
    const body = Buffer.from(`${HEADER}A;Canap\xe9 \x80;D;1\n`, 'latin1');
    const { lines } = await asking(() => ({ body })).page();
    expect(lines).toMatchObject([{ change: { name: 'Canapé €', quantity: '1' } }]);
  });

  it('may send us on, but the login goes nowhere else', async () => {
    const { page, http } = asking(
      (url) => {
        if (url.host === 'other.example') return `${HEADER}${rows(1)}`;
        const location = url.pathname === '/levels.csv' ? '/moved.csv' : 'https://other.example/x.csv';
        return { status: 307, headers: { location } };
      },
      { fileColumns: COLUMNS, fileUser: 'ana', filePassword: 'p' },
    );
    expect((await page()).lines).toHaveLength(1);
    expect(http.requests.map(({ url, headers }) => [url, headers !== undefined && 'Authorization' in headers])).toEqual(
      [
        [URL_OF_FILE, true],
        ['https://files.example/moved.csv', true],
        ['https://other.example/x.csv', false],
      ],
    );
  });

  it('that cannot be reached fails as a source, not as a shop', async () => {
    const { page } = asking(() => {
      throw new FailureError(failure('shop_timeout', { seconds: 120 }));
    });
    expect(await failureOf(page())).toMatchObject({ code: 'source_unreachable', params: { reason: 'shop_timeout' } });
  });
});

describe('An uploaded file', () => {
  const { upload } = asking('');

  it('may be written by Windows', () => {
    const bytes = Buffer.from(`${HEADER}A-1;Caf\u00e9 \u0080;D;1\r\n`, 'latin1');
    expect(upload(bytes)).toMatchObject([{ change: { name: 'Café €' } }]);
    const wide = Buffer.from(`\ufeff${HEADER}A-1;Cană;D;1\r\n`, 'utf16le');
    expect(upload(wide)).toMatchObject([{ change: { name: 'Cană' } }]);
  });

  it('is what its type says, or looks like', () => {
    const json = '[{"Cod":"A","Stoc":1}]';
    expect(upload(json, 'application/json')).toHaveLength(1);
    expect(upload(json, 'application/octet-stream')).toHaveLength(1);
    expect(refusalOf(() => upload(json, 'text/csv')).code).toBe('push_unreadable');
  });

  it('has at most 100,000 rows', () => {
    expect(upload(`${HEADER}${rows(100_000)}`)).toHaveLength(100_000);
    expect(refusalOf(() => upload(`${HEADER}${rows(100_001)}`)).code).toBe('push_too_large');
  });
});

describe('The test of a source with a file', () => {
  const said = async (answers: Answers | string) =>
    (await asking(answers).test()).map((check) => {
      expect(sourceCheckWords(check).message).not.toMatch(/[{}]|vendor_/);
      return [`${check.id}.${check.code}`, check.severity, check.params];
    });

  it('says how much of it can be used', async () => {
    const file = 'vendor_address.file_read';
    expect(await said(`${HEADER}${rows(3)}`)).toEqual([[file, 'info', { rows: 3, refused: 0 }]]);
    expect(await said(`${HEADER}${rows(3)}B;x;D;?\n`)).toEqual([[file, 'warning', { rows: 4, refused: 1 }]]);
  });

  test.each([
    ['has no rows', HEADER, 'vendor_address.file_unreadable'],
    ['has no usable row', `${HEADER}B;x;D;?\n`, 'vendor_address.file_unreadable'],
    ['is a page', '<html>', 'vendor_address.file_unreadable'],
    ['refuses the login', () => ({ status: 401 }), 'vendor_login.login_refused_file'],
    ['is not there', () => ({ status: 404 }), 'vendor_address.file_unreadable'],
    ['fails', () => ({ status: 500 }), 'vendor_address.file_unreachable'],
    ['blocks', () => ({ status: 429 }), 'vendor_address.file_limited'],
  ])('says why where it %s', async (_what, answers, expected) => {
    expect(await said(answers)).toMatchObject([[expected, 'error', expect.anything()]]);
  });

  it('names the file’s warehouses, each once', async () => {
    const text = `${HEADER}${row(1)}${row(2, 'Magazin')}${row(3)}${row(4, ' ')}`;
    expect(await asking(text).warehouses()).toEqual(['Depozit', 'Magazin']);
    expect(await asking(text, { fileColumns: { code: 'Cod', quantity: 'Stoc' } }).warehouses()).toEqual([]);
    const many = Array.from({ length: 1_200 }, (_, n) => row(n, `W${n}`)).join('');
    expect(await asking(HEADER + many).warehouses()).toHaveLength(1_000);
  });

  it('and its warehouses are nothing where there is no file, and nobody is called', async () => {
    const http = new ScriptedHttp(() => ({}));
    const { api } = createGenericSource(http, new TestClock());
    expect(await api?.test({}, signal)).toEqual([]);
    expect(await api?.warehouses({}, signal)).toEqual([]);
    expect(http.requests).toHaveLength(0);
  });
});
