import fc from 'fast-check';
import {
  applicableRules,
  contradictsLink,
  foldCode,
  judgeByBarcode,
  judgeByCode,
  judgeByGtin,
  judgeByName,
  type MatchMethod,
  type MatchVerdict,
  normaliseName,
  sameCode,
} from '../../../server/domain/matching';
import type { ShopProduct } from '../../../server/domain/ports/shop-target';
import { shopProduct } from '../../support/builders';

describe('Two names are one name', () => {
  test.each([
    ['case', 'Cana CERAMICA', 'cana ceramica'],
    ['blanks around and runs of them', '  Cana   ceramica ', 'Cana ceramica'],
    ['a no-break space', 'Cana\u00a0ceramica', 'Cana ceramica'],
    ['a zero-width space or a byte order mark', 'Cana\u200bceramica\ufeff', 'Cana ceramica'],
    ['a line break', 'Cana\r\nceramica', 'Cana ceramica'],
    ['HTML entities', 'Tom &amp; Jerry &#8211; 5&quot;', 'Tom & Jerry – 5"'],
    ['a numeric entity', 'Caf&#233;', 'Café'],
    ['NFD and NFC', 'Cana\u0306', 'Can\u0103'],
    ['Romanian with and without diacritics', 'Cană țărănească', 'Cana taraneasca'],
    ['ş with cedilla and ș with comma', 'Ca\u015fcaval', 'Ca\u0219caval'],
    ['ţ with cedilla and ț with comma', '\u0162uic\u0103', '\u021auic\u0103'],
    ['Ș and s', 'ȘNUR', 'snur'],
    ['accents of other languages', 'Crème Brûlée Ñandú Žluťoučký', 'creme brulee nandu zlutoucky'],
    ['letters without a separable mark', 'Łódź Smørrebrød Straße Œuvre', 'lodz smorrebrod strasse oeuvre'],
    ['typographic apostrophes', 'L’orange d´été', "L'orange d'ete"],
    ['typographic quotes', '„Cana” «mare» “x”', '"Cana" "mare" "x"'],
    ['dashes', 'A–B—C‑D−E', 'A-B-C-D-E'],
  ])('whatever their %s', (_what, one, other) => {
    expect(normaliseName(one)).toBe(normaliseName(other));
  });

  test.each([
    ['a power is no digit', '10⁵', '105'],
    ['a fraction is no digits', '½ l', '12 l'],
    ['a full-width letter is another', 'Ａ4', 'A4'],
    ['punctuation counts', 'Cana (mare)', 'Cana mare'],
    ['a digit more', 'Cana 300ml', 'Cana 30ml'],
    ['another order of the words', 'Cana mare', 'Mare cana'],
    ['a ligature is no pair of letters', 'ﬁr', 'fir'],
  ])('unless %s', (_what, one, other) => {
    expect(normaliseName(one)).not.toBe(normaliseName(other));
  });

  // In these scripts a mark makes another letter or another vowel, not a variant of the same one.
  test.each([
    ['Japanese voicing', 'ガス', 'カス'],
    ['Hindi vowel signs', 'किला', 'काला'],
    ['Thai vowels and tones', 'ปี่', 'ปู'],
    ['Cyrillic й', 'май', 'маи'],
  ])('unless they are other words: %s', (_what, one, other) => {
    expect(normaliseName(one)).not.toBe(normaliseName(other));
  });

  it('and a normalised name without entities is its own normal form', () => {
    const letters = fc.string({ unit: 'binary', maxLength: 30 });
    const likely = fc.stringMatching(/^[A-Za-zăâîșțşţĂÂÎȘȚłøßæœ \u00a0\u200b’„”–0-9]{0,20}$/u);
    fc.assert(
      fc.property(fc.oneof(letters, likely), (text) => {
        fc.pre(!text.includes('&'));
        const normal = normaliseName(text);
        expect(normaliseName(normal)).toBe(normal);
        expect(normal).toBe(normal.trim());
      }),
      { numRuns: 2_000 },
    );
  });

  it('and case never tells two names apart', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-zăâîșțéèüöñç0-9 -]{0,20}$/u), (text) => {
        expect(normaliseName(text.toUpperCase())).toBe(normaliseName(text.toLowerCase()));
      }),
    );
  });
});

describe('A code', () => {
  it('is the same but for case, blanks around and Unicode form', () => {
    expect(sameCode(' ab-1', 'AB-1 ')).toBe(true);
    expect(sameCode('caf\u00e9', 'CAFE\u0301')).toBe(true);
    expect(sameCode('AB-1', 'AB-10')).toBe(false);
    expect(sameCode('cafe', 'café')).toBe(false);
  });

  it('is folded as the shop’s database folds it', () => {
    expect(foldCode(' CAFÉ ')).toBe('cafe');
  });

  const products = (...skus: string[]) => skus.map((sku, position) => shopProduct(position + 1, { sku }));

  it('finds the one product with it', () => {
    const candidates = products('A-1', 'A-10', 'XA-1');
    expect(judgeByCode('a-1', candidates)).toEqual({ found: 'one', product: candidates[0], by: 'code', twins: [] });
  });

  it('finds drafts and private products too: the SKU is theirs', () => {
    const draft = shopProduct(1, { sku: 'A-1', status: 'draft' });
    expect(judgeByCode('A-1', [draft])).toEqual({ found: 'one', product: draft, by: 'code', twins: [] });
  });

  it('of two products the shop would confuse is ambiguous, even when one is spelt exactly so', () => {
    const candidates = products('cafe', 'café');
    expect(judgeByCode('cafe', candidates)).toEqual({ found: 'many', candidates, by: 'code' });
  });

  it('that differs by an accent from the only product is ambiguous, not taken', () => {
    const candidates = products('café');
    expect(judgeByCode('cafe', candidates)).toEqual({ found: 'many', candidates, by: 'code' });
  });

  it('never matches a product without SKU, nor part of a SKU', () => {
    expect(judgeByCode('A', products('', 'A-1', 'BA'))).toEqual({ found: 'none', tried: ['code'] });
    expect(judgeByCode('', products(''))).toEqual({ found: 'none', tried: ['code'] });
  });
});

describe('A name', () => {
  const named = (...names: string[]) => names.map((name, position) => shopProduct(position + 1, { name, sku: '' }));

  it('finds the one published product with it', () => {
    const candidates = named('Cană', 'Cană mare', 'Can');
    expect(judgeByName(' CANA ', candidates)).toEqual({ found: 'one', product: candidates[0], by: 'name', twins: [] });
  });

  it('of two products finds both, and guesses neither', () => {
    const candidates = named('Cană', 'cana');
    expect(judgeByName('Cana', candidates)).toEqual({ found: 'many', candidates, by: 'name' });
  });

  test.each([['draft'], ['pending'], ['private'], ['trash']])('never finds a product that is %s', (status) => {
    const [published] = named('Cana');
    const hidden = shopProduct(2, { name: 'Cana', status });
    expect(judgeByName('Cana', [hidden])).toEqual({ found: 'none', tried: ['name'] });
    expect(judgeByName('Cana', [hidden, ...named('Cana')])).toEqual({
      found: 'one',
      product: published,
      by: 'name',
      twins: [],
    });
  });

  it('of blanks alone finds nothing', () => {
    expect(judgeByName(' \u00a0&nbsp;', named('', ' '))).toEqual({ found: 'none', tried: ['name'] });
  });
});

describe('A barcode', () => {
  it('finds the one product with it as GTIN or as SKU', () => {
    const byGtin = shopProduct(1, { gtin: '594', sku: 'X' });
    const bySku = shopProduct(2, { gtin: null, sku: '594' });
    expect(judgeByBarcode('594', [byGtin])).toEqual({ found: 'one', product: byGtin, by: 'barcode', twins: [] });
    expect(judgeByBarcode('594', [bySku])).toEqual({ found: 'one', product: bySku, by: 'barcode', twins: [] });
    expect(judgeByBarcode('594', [byGtin, bySku])).toEqual({
      found: 'many',
      candidates: [byGtin, bySku],
      by: 'barcode',
    });
    expect(judgeByBarcode('5940', [byGtin, bySku])).toEqual({ found: 'none', tried: ['barcode'] });
  });
});

describe('A barcode that is a GTIN', () => {
  const product = shopProduct(1, { gtin: '036000291452', sku: 'X' });

  test.each([['036000291452'], ['0036000291452'], ['00036000291452'], [' 0-36000-29145-2 ']])(
    'finds the product however it is spelt: %j',
    (barcode) => {
      expect(judgeByBarcode(barcode, [product])).toMatchObject({ found: 'one', product, by: 'barcode' });
      expect(judgeByGtin(barcode, [product])).toEqual({ found: 'one', product, by: 'code-gtin', twins: [] });
    },
  );

  test.each([['36000291452'], ['036000291453'], ['136000291452'], ['10036000291459']])(
    'finds nothing when it is another: %j',
    (barcode) => {
      expect(judgeByBarcode(barcode, [product])).toEqual({ found: 'none', tried: ['barcode'] });
      expect(judgeByGtin(barcode, [product])).toEqual({ found: 'none', tried: ['code-gtin'] });
    },
  );

  it('of two products spelt differently is ambiguous', () => {
    const other = shopProduct(2, { gtin: '0036000291452', sku: 'Y' });
    expect(judgeByBarcode('036000291452', [product, other])).toMatchObject({ found: 'many', by: 'barcode' });
  });

  it('is looked for as a code among the GTINs alone: the SKU had its turn', () => {
    const bySku = shopProduct(2, { gtin: null, sku: '036000291452' });
    expect(judgeByGtin('036000291452', [product, bySku])).toMatchObject({ found: 'one', product });
    expect(judgeByGtin('036000291452', [bySku])).toEqual({ found: 'none', tried: ['code-gtin'] });
  });
});

describe('A barcode that is other text', () => {
  const products = (...skus: string[]) => skus.map((sku, position) => shopProduct(position + 1, { sku }));

  it('is blank on neither side', () => {
    expect(judgeByBarcode(' ', products('', ' '))).toEqual({ found: 'none', tried: ['barcode'] });
    expect(judgeByGtin('', [shopProduct(1, { gtin: '' })])).toEqual({ found: 'none', tried: ['code-gtin'] });
  });

  it('that differs by an accent is ambiguous, not taken', () => {
    const candidates = products('CAFÉ-1');
    expect(judgeByBarcode('cafe-1', candidates)).toEqual({ found: 'many', candidates, by: 'barcode' });
    expect(judgeByBarcode('café-1', candidates)).toMatchObject({ found: 'one' });
  });
});

describe('Translations of one product', () => {
  const translated = (id: number, translations: number[], changes: Partial<ShopProduct> = {}) =>
    shopProduct(id, { sku: 'A-1', name: 'Cana', gtin: '96385074', translations, ...changes });
  const [three, one, two] = [translated(3, [1, 2, 3]), translated(1, [1, 2, 3]), translated(2, [1, 2, 3])];
  const judges = [
    ['code', (all: ShopProduct[]) => judgeByCode('a-1', all)],
    ['barcode', (all: ShopProduct[]) => judgeByBarcode('96385074', all)],
    ['code-gtin', (all: ShopProduct[]) => judgeByGtin('96385074', all)],
    ['name', (all: ShopProduct[]) => judgeByName('cană', all)],
  ] as const;

  test.each(judges)('are one match by %s, the lowest id first', (by, judgeAll) => {
    expect(judgeAll([three, one, two])).toEqual({ found: 'one', product: one, by, twins: [two, three] });
  });

  test.each([
    ['one of them is no translation', [one, two, translated(4, [])]],
    ['one of them does not name the others', [translated(1, [1, 2]), translated(2, [2])]],
    ['one of them names others', [translated(1, [1, 2]), translated(2, [1, 2]), translated(3, [3, 4])]],
    ['nobody names anybody', [translated(1, []), translated(2, [])]],
  ])('are ambiguous when %s', (_when, all) => {
    for (const [, judgeAll] of judges) expect(judgeAll(all).found).toBe('many');
  });

  it('are told apart by the variation’s own id, not by its parent’s', () => {
    const variation = (id: number, parent: number, translations: number[]) =>
      translated(id, translations, { ref: { productId: parent, variationId: id }, type: 'variation' });
    expect(judgeByCode('A-1', [variation(11, 1, [11, 21]), variation(21, 2, [11, 21])])).toMatchObject({
      found: 'one',
      product: { ref: { variationId: 11 } },
      twins: [{ ref: { variationId: 21 } }],
    });
    expect(judgeByCode('A-1', [variation(11, 1, [1, 2]), variation(21, 2, [1, 2])]).found).toBe('many');
  });

  it('do not excuse an accent', () => {
    expect(judgeByCode('A-1', [one, translated(2, [1, 2, 3], { sku: 'Á-1' })]).found).toBe('many');
  });
});

describe('A variation', () => {
  it('without a SKU of its own is not found by the code of its parent', () => {
    const parent = shopProduct(1, { sku: 'A-1', type: 'variable' });
    const variation = shopProduct(2, { ref: { productId: 1, variationId: 2 }, type: 'variation', sku: '' });
    expect(judgeByCode('A-1', [variation])).toEqual({ found: 'none', tried: ['code'] });
    expect(judgeByCode('A-1', [parent, variation])).toMatchObject({ found: 'one', product: parent });
  });
});

describe('No judge', () => {
  const spelling = fc.constantFrom('cafe', 'CAFE', 'café', 'cafe\u0301', 'Café ', 'tea', '');
  const candidates: fc.Arbitrary<ShopProduct[]> = fc
    .array(fc.record({ text: spelling, status: fc.constantFrom('publish', 'draft') }), { maxLength: 6 })
    .map((all) =>
      all.map(({ text, status }, position) =>
        shopProduct(position + 1, { sku: text, name: text, gtin: text === '' ? null : text, status }),
      ),
    );
  const one = (verdict: MatchVerdict) => (verdict.found === 'one' ? verdict.product : null);

  it('ever says "one" while another candidate is alike', () => {
    fc.assert(
      fc.property(spelling, candidates, (asked, all) => {
        const byCode = one(judgeByCode(asked, all));
        if (byCode) expect(all.filter(({ sku }) => foldCode(sku) === foldCode(asked))).toEqual([byCode]);
        const byName = one(judgeByName(asked, all));
        if (byName) {
          const published = all.filter(({ status }) => status === 'publish');
          expect(published.filter(({ name }) => normaliseName(name) === normaliseName(asked))).toEqual([byName]);
        }
        const byBarcode = one(judgeByBarcode(asked, all));
        if (byBarcode) {
          expect(all.filter(({ gtin, sku }) => gtin === asked || (sku !== '' && sameCode(sku, asked)))).toEqual([
            byBarcode,
          ]);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('minds the order of the candidates', () => {
    fc.assert(
      fc.property(spelling, candidates, (asked, all) => {
        const reversed = [...all].reverse();
        expect(judgeByCode(asked, reversed).found).toBe(judgeByCode(asked, all).found);
        expect(judgeByName(asked, reversed).found).toBe(judgeByName(asked, all).found);
        expect(judgeByBarcode(asked, reversed).found).toBe(judgeByBarcode(asked, all).found);
      }),
    );
  });
});

describe('The rules for a product', () => {
  const order = ['code', 'barcode', 'name'] as const;

  test.each([
    ['all three are known', { code: 'C', barcode: 'B', name: 'N' }, false, ['code', 'barcode']],
    ['the name may follow a code', { code: 'C', barcode: 'B', name: 'N' }, true, ['code', 'barcode', 'name']],
    ['there is no code', { code: null, barcode: 'B', name: 'N' }, false, ['barcode', 'name']],
    ['there is only a name', { code: null, barcode: null, name: 'N' }, false, ['name']],
    ['nothing is known', { code: null, barcode: null, name: null }, true, []],
  ])('when %s', (_when, subject, allowNameAfterCode, rules) => {
    expect(applicableRules(subject, order, allowNameAfterCode)).toEqual(rules);
  });

  it('keep the order of the connection', () => {
    const subject = { code: 'C', barcode: 'B', name: 'N' };
    expect(applicableRules(subject, ['name', 'barcode', 'code'], true)).toEqual(['name', 'barcode', 'code']);
    expect(applicableRules(subject, ['barcode'], true)).toEqual(['barcode']);
    expect(applicableRules(subject, ['code-gtin', 'name'], false)).toEqual(['code-gtin']);
    expect(applicableRules({ ...subject, code: null }, ['code-gtin', 'name'], false)).toEqual(['name']);
    expect(applicableRules(subject, [], true)).toEqual([]);
  });
});

describe('A link is contradicted', () => {
  const link = (foundBy: MatchMethod) => ({ foundBy, sku: 'A-1', name: 'Cana' });
  const subject = { code: 'A-1', barcode: '594', name: 'Cană' };

  test.each([
    ['code', shopProduct(1, { sku: 'a-1', name: 'Renamed' }), false],
    ['code', shopProduct(1, { sku: 'A-2', name: 'Cana' }), true],
    ['code', shopProduct(1, { sku: '' }), true],
    ['barcode', shopProduct(1, { gtin: '594', sku: 'Z' }), false],
    ['barcode', shopProduct(1, { gtin: null, sku: '594' }), false],
    ['barcode', shopProduct(1, { gtin: '595', sku: 'Z' }), true],
    ['name', shopProduct(1, { name: 'CANA' }), false],
    ['name', shopProduct(1, { name: 'Cana mare' }), true],
    ['manual', shopProduct(1, { sku: 'Z', name: 'Z' }), false],
  ] as const)('found by %s, seen as %o: %s', (foundBy, seen, contradicted) => {
    expect(contradictsLink(link(foundBy), subject, seen)).toBe(contradicted);
  });

  it('not by another spelling of its GTIN, but by another GTIN', () => {
    const by = { code: '036000291452', barcode: '0036000291452', name: null };
    for (const foundBy of ['barcode', 'code-gtin'] as const) {
      expect(contradictsLink(link(foundBy), by, shopProduct(1, { gtin: '00036000291452' }))).toBe(false);
      expect(contradictsLink(link(foundBy), by, shopProduct(1, { gtin: '036000291469' }))).toBe(true);
      expect(contradictsLink(link(foundBy), by, shopProduct(1, { gtin: null }))).toBe(true);
    }
    expect(contradictsLink(link('code-gtin'), by, shopProduct(1, { gtin: null, sku: '036000291452' }))).toBe(true);
  });

  it('by another SKU than the one a person mapped, if there still is one', () => {
    expect(contradictsLink(link('mapping'), subject, shopProduct(1, { sku: 'm-1' }), 'M-1')).toBe(false);
    expect(contradictsLink(link('mapping'), subject, shopProduct(1, { sku: 'A-1' }), 'M-1')).toBe(true);
    expect(contradictsLink(link('mapping'), subject, shopProduct(1, { sku: 'Z' }))).toBe(false);
  });

  it('never by what the source does not say', () => {
    const silent = { code: null, barcode: null, name: null };
    for (const foundBy of ['code', 'barcode', 'code-gtin', 'name', 'mapping'] as const) {
      expect(contradictsLink(link(foundBy), silent, shopProduct(1, { sku: 'Z', name: 'Z' }))).toBe(false);
    }
  });
});
