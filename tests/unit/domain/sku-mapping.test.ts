import fc from 'fast-check';
import { codeKey } from '../../../server/domain/normal-forms';
import { MOST_MAPPING_LINES, readMappingLines, writeMappingCsv } from '../../../server/domain/sku-mapping';

const pairs = (text: string) => readMappingLines(text).lines.map(({ reference, sku }) => [reference, sku]);
const errors = (text: string) => readMappingLines(text).errors.map(({ line, code }) => [line, code]);

describe('A mapping line', () => {
  test.each([
    ['a colon', 'A-1:S-1', 'A-1', 'S-1'],
    ['a tab', 'A-1\tS-1', 'A-1', 'S-1'],
    ['a semicolon', 'A-1;S-1', 'A-1', 'S-1'],
    ['a comma', 'A-1,S-1', 'A-1', 'S-1'],
    ['blanks around', '  A-1 ; S-1  ', 'A-1', 'S-1'],
    ['a tab before all others', 'A;1,2:3\tS;1', 'A;1,2:3', 'S;1'],
    ['a semicolon before comma and colon', 'A,1:2;S,1', 'A,1:2', 'S,1'],
    ['a comma before a colon', 'A:1,S:1', 'A:1', 'S:1'],
    ['quotes around separators', '"A;1",S-1', 'A;1', 'S-1'],
    ['quotes around a colon', '"A:1":"S:1"', 'A:1', 'S:1'],
    ['quotes within quotes', '"5"" pipe";S-1', '5" pipe', 'S-1'],
    ['an inch', '5" pipe;1/2"', '5" pipe', '1/2"'],
    ['empty cells behind it', 'A-1;S-1;;', 'A-1', 'S-1'],
    ['a quoted comment sign', '"#12";S-1', '#12', 'S-1'],
    ['what a spreadsheet takes for a formula', '=A1;-S@+1', '=A1', '-S@+1'],
    ['a letter of two characters', 'cafe\u0301;S-1', 'café', 'S-1'],
  ])('is read with %s', (_what, text, reference, sku) => {
    expect(readMappingLines(text)).toEqual({ lines: [{ line: 1, reference, sku }], errors: [] });
  });

  test.each([
    ['A-1', 'no_separator'],
    ['"A;1"', 'no_separator'],
    ['A:B:C', 'too_many_fields'],
    ['A:B:', 'too_many_fields'],
    ['A;B;C', 'too_many_fields'],
    ['"A;B', 'quote_misplaced'],
    ['A;"B', 'quote_misplaced'],
    ['A;"B:C', 'quote_misplaced'],
    ['"A"1;B', 'quote_misplaced'],
    [':B', 'reference_missing'],
    [' ;B', 'reference_missing'],
    ['"";B', 'reference_missing'],
    ['A:', 'sku_missing'],
    ['A;" "', 'sku_missing'],
    [`${'A'.repeat(101)};B`, 'too_long'],
    [`A;${'B'.repeat(201)}`, 'too_long'],
    [`A;${'B;"'.repeat(500_000)}`, 'too_long'],
    ['A\u0000;B', 'control_character'],
    ['"A\tB";C', 'control_character'],
    ['A;\ud800', 'control_character'],
  ])('is refused with a reason (case %#)', (text, code) => {
    expect(readMappingLines(text)).toMatchObject({ lines: [], errors: [{ line: 1, code, otherLine: null }] });
  });

  it('is as long as a code and a SKU may be, counted in letters', () => {
    expect(pairs(`${'𝐀'.repeat(100)};${'ș'.repeat(200)}`)).toHaveLength(1);
    expect(readMappingLines(`${'A'.repeat(3_000)};`).errors[0]?.reference).toHaveLength(100);
  });
});

describe('A list of mappings', () => {
  it('may have blank lines, comments, any line ends and a byte order mark', () => {
    expect(readMappingLines('\uFEFFA:1\r\n\r\n# a comment: with a colon\rB;2\n ;;\n  \nC\t3')).toEqual({
      lines: [
        { line: 1, reference: 'A', sku: '1' },
        { line: 4, reference: 'B', sku: '2' },
        { line: 7, reference: 'C', sku: '3' },
      ],
      errors: [],
    });
  });

  test.each([
    ['Reference;SKU\nA,1;B:2', [['A,1', 'B:2']]],
    ['\uFEFF"reference","sku"\nA;1,B', [['A;1', 'B']]],
    ['REFERENCE:Sku\nA;1:B', [['A;1', 'B']]],
    ['sku,reference\nS,R', [['R', 'S']]],
    ['name;reference;sku\nCup;R;S\n;R2;S2;;', [['R', 'S'], ['R2', 'S2']]], // prettier-ignore
    ['# exported\n\nreference\tsku\nA\tB', [['A', 'B']]],
  ])('obeys its header (case %#)', (text, expected) => {
    expect(readMappingLines(text).errors).toEqual([]);
    expect(pairs(text)).toEqual(expected);
  });

  it('with a header knows no other separator', () => {
    expect(errors('reference,sku\nA;B\nC,D')).toEqual([[2, 'no_separator']]);
    expect(errors('reference,sku\nA,B,C')).toEqual([[2, 'too_many_fields']]);
  });

  it('may repeat a mapping, in any case', () => {
    expect(pairs('A-1:S-1\nA-1:S-1\na-1;s-1')).toEqual([['A-1', 'S-1']]);
  });

  it('that maps one reference twice maps it to neither, and names both lines', () => {
    expect(readMappingLines('a-1:S-1\nB:2\nA-1:S-2\nA-1:S-1')).toEqual({
      lines: [{ line: 2, reference: 'B', sku: '2' }],
      errors: [{ line: 3, code: 'twice', reference: 'A-1', otherLine: 1 }],
    });
  });

  it('may map two references to one SKU: which of them wins is decided elsewhere', () => {
    expect(pairs('A:1\nB:1')).toHaveLength(2);
  });

  it('never takes the end of a field that was broken over lines for a mapping of its own', () => {
    expect(readMappingLines('A;1\n"B\nX;Y\nC";2\nD;3')).toEqual({
      lines: [
        { line: 1, reference: 'A', sku: '1' },
        { line: 5, reference: 'D', sku: '3' },
      ],
      errors: [{ line: 2, code: 'quote_misplaced', reference: null, otherLine: null }],
    });
    expect(pairs('"B;1\nD;3')).toEqual([['D', '3']]);
  });

  it('ends after 50,000 mappings, and says so', () => {
    const text = Array.from({ length: MOST_MAPPING_LINES + 2 }, (_, index) => `A${index}:S${index}`).join('\n');
    const read = readMappingLines(text);
    expect(read.lines).toHaveLength(MOST_MAPPING_LINES);
    expect(read.errors).toEqual([{ line: MOST_MAPPING_LINES + 1, code: 'too_many', reference: null, otherLine: null }]);
  });

  it('of nothing is empty', () => {
    expect(readMappingLines('')).toEqual({ lines: [], errors: [] });
    expect(readMappingLines('reference,sku\n')).toEqual({ lines: [], errors: [] });
  });
});

describe('What was written', () => {
  const field = (longest: number) =>
    fc
      .oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[=+\-@"';,:#A-Z0-9 ]{1,12}$/))
      .map((text) => text.trim().normalize('NFC').trim())
      .filter((text) => text !== '' && !/[\p{Cc}\p{Cs}]/u.test(text) && [...text].length <= longest);
  const rows = fc.uniqueArray(fc.record({ reference: field(100), sku: field(200) }), {
    selector: ({ reference }) => codeKey(reference),
  });

  it('is read back unchanged, whatever the codes', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const read = readMappingLines(writeMappingCsv(all));
        expect(read.errors).toEqual([]);
        expect(read.lines).toEqual(all.map((row, index) => ({ line: index + 2, ...row })));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is CSV with a header', () => {
    expect(writeMappingCsv([{ reference: '=A"1', sku: 'S,1' }])).toBe('reference,sku\r\n"=A""1","S,1"\r\n');
  });
});

describe('Any text', () => {
  it('is read or refused line by line, and no line is both', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[ab"#;,:\t\n]{0,40}$/)), (text) => {
        const { lines, errors: refused } = readMappingLines(text);
        const count = text.split(/\r\n|\r|\n/).length;
        for (const { line } of [...lines, ...refused]) expect(line >= 1 && line <= count).toBe(true);
        for (const { line } of lines) expect(refused.map((error) => error.line)).not.toContain(line);
        expect(new Set(lines.map(({ reference }) => codeKey(reference))).size).toBe(lines.length);
      }),
      { numRuns: 2_000 },
    );
  });
});
