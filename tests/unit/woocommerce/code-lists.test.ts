import fc from 'fast-check';
import { certainWords } from '../../../server/connectors/woocommerce/find-products';
import {
  asWordPressReads,
  codesToAsk,
  listValue,
  survivingPart,
} from '../../../server/connectors/woocommerce/code-lists';
import { normaliseName } from '../../../server/domain/matching';

describe('Codes to ask for', () => {
  it('go in lists of a hundred at most, and of six thousand bytes', () => {
    const short = codesToAsk(Array.from({ length: 250 }, (_, index) => `C-${index}`));
    expect(short.lists.map((list) => list.length)).toEqual([100, 100, 50]);
    const long = codesToAsk(Array.from({ length: 100 }, (_, index) => `${'Ș'.repeat(50)}${index}`));
    for (const list of long.lists) expect(encodeURIComponent(list.join(',')).length).toBeLessThanOrEqual(6_000);
    expect(long.lists.flat()).toHaveLength(100);
  });

  it('are asked alone with a comma, by a part when WordPress would change them, and not at all when empty', () => {
    expect(codesToAsk(['A', 'A', 'X,1', 'A,', ',', 'P%20C', '<b>x', 'a  b', '', '  ', '50%', '0'])).toEqual({
      lists: [['A', '50%', '0']],
      alone: ['X,1'],
      byPart: ['A,', ',', 'P%20C', '<b>x', 'a  b'],
    });
  });

  it('are never lost and never asked twice', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 12 })), (codes) => {
        const { lists, alone, byPart } = codesToAsk(codes);
        const asked = [...lists.flat(), ...alone, ...byPart];
        expect(asked.sort()).toEqual([...new Set(codes.filter((code) => code.trim() !== ''))].sort());
      }),
    );
  });

  it('never make a value that PHP takes for none, nor one that WordPress changes', () => {
    expect(listValue(['0'])).toBe('0,0');
    expect(listValue([' A ', 'B'])).toBe('A,B');
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 6 }), { minLength: 1 }), (codes) => {
        for (const list of codesToAsk(codes).lists) {
          const value = listValue(list);
          expect(['', '0']).not.toContain(value);
          expect(asWordPressReads(value)).toBe(value);
        }
      }),
    );
  });

  it.each([
    ['P%20LONG', 'LONG'],
    ['<b>AB', 'AB'],
    ['%20', ''],
    ['0%20', ''],
  ])('%j is searched for by %j', (code, part) => expect(survivingPart(code)).toBe(part));
});

describe('The certain words of a name', () => {
  it.each([
    ['Ceașcă – „albă” 0,5 l', ['cea', 'alb', 'c', '5', 'l']],
    ['Straße 12', ['stra', '12', 'e']],
    ['Strasse 12', ['stra', '12', 'e']],
    ['Чашка белая', ['чашка', 'белая']],
    ['„—”', []],
  ])('of %j are %j', (name, words) => expect(certainWords(name)).toEqual(words));

  it('stand in every spelling that counts as the same name', () => {
    const spellings: readonly (readonly [string, string])[] = [
      ['Șurubelniță „PRO” – 10 mm', 'Surubelnita "pro" - 10 mm'],
      ['O’Neil’s ring', "O'Neil's RING"],
      ['Crème brûlée', 'Creme brulee'],
    ];
    for (const [name, other] of spellings) {
      expect(normaliseName(name)).toBe(normaliseName(other));
      const folded = normaliseName(other);
      for (const word of certainWords(name)) expect(folded).toContain(word);
    }
  });
});
