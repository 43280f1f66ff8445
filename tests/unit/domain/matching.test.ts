import fc from 'fast-check';
import {
  applicableRules,
  contradictsLink,
  foldCode,
  judgeByBarcode,
  judgeByCode,
  judgeByName,
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
    expect(judgeByCode('a-1', candidates)).toEqual({ found: 'one', product: candidates[0], by: 'code' });
  });

  it('finds drafts and private products too: the SKU is theirs', () => {
    const draft = shopProduct(1, { sku: 'A-1', status: 'draft' });
    expect(judgeByCode('A-1', [draft])).toEqual({ found: 'one', product: draft, by: 'code' });
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
    expect(judgeByName(' CANA ', candidates)).toEqual({ found: 'one', product: candidates[0], by: 'name' });
  });

  it('of two products finds both, and guesses neither', () => {
    const candidates = named('Cană', 'cana');
    expect(judgeByName('Cana', candidates)).toEqual({ found: 'many', candidates, by: 'name' });
  });

  test.each([['draft'], ['pending'], ['private'], ['trash']])('never finds a product that is %s', (status) => {
    const [published] = named('Cana');
    const hidden = shopProduct(2, { name: 'Cana', status });
    expect(judgeByName('Cana', [hidden])).toEqual({ found: 'none', tried: ['name'] });
    expect(judgeByName('Cana', [hidden, ...named('Cana')])).toEqual({ found: 'one', product: published, by: 'name' });
  });

  it('of blanks alone finds nothing', () => {
    expect(judgeByName(' \u00a0&nbsp;', named('', ' '))).toEqual({ found: 'none', tried: ['name'] });
  });
});

describe('A barcode', () => {
  it('finds the one product with it as GTIN or as SKU', () => {
    const byGtin = shopProduct(1, { gtin: '594', sku: 'X' });
    const bySku = shopProduct(2, { gtin: null, sku: '594' });
    expect(judgeByBarcode('594', [byGtin])).toEqual({ found: 'one', product: byGtin, by: 'barcode' });
    expect(judgeByBarcode('594', [bySku])).toEqual({ found: 'one', product: bySku, by: 'barcode' });
    expect(judgeByBarcode('594', [byGtin, bySku])).toEqual({
      found: 'many',
      candidates: [byGtin, bySku],
      by: 'barcode',
    });
    expect(judgeByBarcode('5940', [byGtin, bySku])).toEqual({ found: 'none', tried: ['barcode'] });
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
    expect(applicableRules(subject, [], true)).toEqual([]);
  });
});

describe('A link is contradicted', () => {
  const link = (foundBy: 'code' | 'barcode' | 'name' | 'manual') => ({ foundBy, sku: 'A-1', name: 'Cana' });
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

  it('never by what the source does not say', () => {
    const silent = { code: null, barcode: null, name: null };
    for (const foundBy of ['code', 'barcode', 'name'] as const) {
      expect(contradictsLink(link(foundBy), silent, shopProduct(1, { sku: 'Z', name: 'Z' }))).toBe(false);
    }
  });
});
