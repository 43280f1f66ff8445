import fc from 'fast-check';
import type { MatchSubject } from '../../../server/domain/matching';
import { normaliseName } from '../../../server/domain/normal-forms';
import type { CatalogProduct } from '../../../server/domain/ports/shop-catalogue';
import { rankSuggestions, searchWords } from '../../../server/domain/suggestions';
import { shopProduct } from '../../support/builders';

const entry = (id: number, changes: Partial<CatalogProduct> = {}): CatalogProduct => ({
  ...shopProduct(id, { sku: '', name: `#${id}` }),
  categories: [],
  modifiedAt: null,
  ...changes,
});
const subject = (changes: Partial<MatchSubject>): MatchSubject => ({
  code: null,
  barcode: null,
  name: null,
  ...changes,
});
const ids = (of: Partial<MatchSubject>, all: readonly CatalogProduct[]) =>
  rankSuggestions(subject(of), all).map(({ product }) => product.ref.productId);

const shelf = [
  'Cană ceramică roșie 300 ml',
  'Cană ceramică albastră 300 ml',
  'Cană ceramică roșie 500 ml',
  'Apă minerală 1,5 l',
  'Apă minerală 15 l',
  'Crème brûlée surgelée',
  'Cafetera italiana 6 tazas',
  'Tricou bumbac bărbați - M',
  'Tricou bumbac bărbați - L',
].map((name, index) => entry(index + 1, { name }));

describe('By name', () => {
  test.each([
    ['a typing error', 'Cana ceramca rosie 300 ml', 1],
    ['another order of the words', '300ml cana rosie ceramica', 1],
    ['a missing word', 'Cană roșie 300 ml', 1],
    ['a word too many', 'Cană ceramică albastră 300 ml Depozit', 2],
    ['another size with the same letters', 'Apa minerala 15l plata', 5],
    ['a decimal comma', 'Apa minerala 1.5l plata', 4],
    ['entities and accents', 'Creme br&ucirc;l&eacute;e', 6],
    ['a size glued to the name', 'TRICOU BUMBAC BARBATI L', 9],
  ])('the product is first in spite of %s', (_what, name, id) => {
    expect(ids({ name }, shelf)[0]).toBe(id);
  });

  test.each([['Șurubelniță electrică 12V'], ['Ulei de floarea soarelui'], ['Zapatillas'], ['x'], ['']])(
    'nothing is suggested for what is not there: %j',
    (name) => {
      expect(ids({ name }, shelf)).toEqual([]);
    },
  );

  it('the reasons name what is alike', () => {
    const [first] = rankSuggestions(subject({ name: 'Cana rosie 300ml' }), shelf);
    expect(first?.reasons).toEqual([
      { kind: 'words', score: expect.any(Number), detail: 'cana rosie 300 ml' },
      { kind: 'letters', score: expect.any(Number), detail: 'Cană ceramică roșie 300 ml' },
    ]);
  });
});

describe('Names that share no more than a number or a word such as “de”', () => {
  const bowl = entry(1, { name: 'Bol de supă 10', sku: 'DEMO-058' });

  it('are not suggested by it', () => {
    expect(ids({ name: 'Tavă de copt 10' }, [bowl])).toEqual([]);
  });

  it('make a product with the next code no more than possible, and are no reason', () => {
    const [found] = rankSuggestions(subject({ code: 'DEMO-059', name: 'Tavă de copt 10' }), [bowl]);
    expect(found?.score).toBeLessThan(0.65);
    expect(found?.reasons.map(({ kind }) => kind)).toEqual(['code']);
  });

  it('leave a product with the same code as sure as it is', () => {
    const [found] = rankSuggestions(subject({ code: 'DEMO 058', name: 'Tavă de copt 10' }), [bowl]);
    expect(found?.score).toBeGreaterThan(0.9);
  });

  it('are found all the same where the other words are nearly the same, or where they are the whole name', () => {
    const [orange] = rankSuggestions(subject({ name: 'Portocale 10' }), [entry(1, { name: 'Portocalle 10' })]);
    expect(orange?.score).toBeGreaterThan(0.85);
    expect(ids({ name: 'TV 55' }, [entry(1, { name: 'TV 65' }), entry(2, { name: 'TV 55' })])).toEqual([2]);
  });
});

describe('By code', () => {
  test.each([
    ['punctuation', 'AB-1234', 'AB 1234'],
    ['zeros in front', '001234', '1234'],
    ['zeros behind the letters', 'AB001234', 'AB-1234'],
    ['a prefix', 'S-AB1234', 'AB1234'],
    ['a suffix', 'AB1234', 'AB1234-RO'],
    ['one digit', 'AB1234', 'AB1239'],
    ['a digit too many', 'AB1234', 'AB12234'],
    ['two digits swapped', 'AB1234', 'AB1243'],
  ])('the product is suggested in spite of %s', (_what, code, sku) => {
    const [first] = rankSuggestions(subject({ code }), [entry(1, { sku })]);
    expect(first?.reasons).toEqual([{ kind: 'code', score: first?.score, detail: sku }]);
  });

  test.each([
    ['AB1234', 'XY9876'],
    ['12', '1234'],
    ['A', 'B'],
  ])('%s does not suggest %s', (code, sku) => {
    expect(ids({ code }, [entry(1, { sku })])).toEqual([]);
  });
});

describe('By barcode', () => {
  test.each([
    ['one digit', '5941234567899', '5941234568899'],
    ['a wrong check digit', '5941234567899', '5941234567891'],
    ['a lost zero', '36000291452', '0036000291452'],
  ])('the product is suggested in spite of %s', (_what, barcode, gtin) => {
    const [first] = rankSuggestions(subject({ barcode }), [entry(1, { gtin })]);
    expect(first?.reasons).toEqual([{ kind: 'barcode', score: first?.score, detail: gtin }]);
    expect(ids({ code: barcode }, [entry(1, { gtin })])).toEqual([1]);
  });

  it('a maker’s number alone suggests nothing, but it decides between two names', () => {
    const made = entry(2, { gtin: '5941234561118', name: 'Cană mare' });
    expect(ids({ barcode: '5941234567899' }, [entry(1, { gtin: '5941234512345' })])).toEqual([]);
    expect(ids({ barcode: '5941234567899', name: 'Cana mare rosie' }, [entry(1, { name: 'Cană mare' }), made])).toEqual(
      [2, 1],
    );
  });
});

describe('Suggestions', () => {
  it('are at most five, or as many as asked for', () => {
    const many = Array.from({ length: 20 }, (_, index) => entry(index + 1, { name: 'Cană' }));
    expect(ids({ name: 'Cana' }, many)).toEqual([1, 2, 3, 4, 5]);
    expect(rankSuggestions(subject({ name: 'Cana' }), many, 2)).toHaveLength(2);
  });

  it('are never of a kind that holds no stock, nor from the trash', () => {
    const all = [
      entry(1, { name: 'Cană', type: 'grouped' }),
      entry(2, { name: 'Cană', type: 'external' }),
      entry(3, { name: 'Cană', status: 'trash' }),
      entry(4, { name: 'Cană', status: 'draft' }),
    ];
    expect(ids({ name: 'Cană' }, all)).toEqual([4]);
  });

  it('are surer with two kinds of evidence than with one', () => {
    const [both] = rankSuggestions(subject({ name: 'Cana mare', code: 'AB12345' }), [
      entry(1, { name: 'Cană mare', sku: 'AB12346' }),
    ]);
    const [one] = rankSuggestions(subject({ code: 'AB12345' }), [entry(1, { name: 'Cană mare', sku: 'AB12346' })]);
    expect(both?.score).toBeGreaterThan(one?.score ?? 1);
  });

  it('are the same in any order of the candidates, within 0 and 1, above the floor and best first', () => {
    const text = fc.oneof(
      fc.constantFrom('', 'Cană mare', 'cana mare 2', 'A-123', 'A-124', '0123456', '5941234567899', '5941234567891'),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
    );
    const asked = fc.record({ code: fc.option(text), barcode: fc.option(text), name: fc.option(text) });
    const catalogue = fc.array(fc.record({ name: text, sku: text, gtin: fc.option(text) }), { maxLength: 12 });
    fc.assert(
      fc.property(asked, catalogue, (of, products) => {
        const all = products.map((product, index) => entry(index + 1, product));
        const ranked = rankSuggestions(of, all);
        expect(rankSuggestions(of, [...all].reverse())).toEqual(ranked);
        for (const { score, reasons } of ranked) {
          expect(score >= 0.45 && score <= 1).toBe(true);
          expect(reasons.length).toBeGreaterThan(0);
          for (const reason of reasons) expect(reason.score > 0 && reason.score <= 1).toBe(true);
        }
        const scores = ranked.map(({ score }) => score);
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
      }),
      { numRuns: 1_000 },
    );
  });

  it('for one product among a thousand begin with it', () => {
    const many = Array.from({ length: 1_000 }, (_, index) =>
      entry(index + 1, { name: `Cană ceramică ${index}`, sku: `A-${index}` }),
    );
    const [first] = rankSuggestions(subject({ name: 'Cană ceramică 77', code: 'A-77' }), many);
    expect(first?.product.sku).toBe('A-77');
  });
});

describe('The words to look candidates up by', () => {
  it('are the longest first, then those with a digit, at most six and each once', () => {
    expect(searchWords('Cană ceramică roșie 500ml cu capac, CANĂ și 2 farfurii')).toEqual([
      'ceramica',
      'farfurii',
      '500ml',
      'rosie',
      'capac',
      'cana',
    ]);
  });

  test.each([
    ['a name of nothing but marks', '– " & l'],
    ['blanks', '\u00a0 '],
    ['no name', null],
  ])('are none for %s', (_what, name) => {
    expect(searchWords(name)).toEqual([]);
  });

  it('are part of the normalised name, of at least two letters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        for (const word of searchWords(name)) {
          expect(normaliseName(name)).toContain(word);
          expect([...word].length).toBeGreaterThanOrEqual(2);
        }
      }),
    );
  });
});
