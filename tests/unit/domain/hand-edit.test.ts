import fc from 'fast-check';
import { whyShown } from '../../../server/domain/hand-edit';
import { type Quantity, quantity } from '../../../server/domain/quantity';

const n = (value: number): Quantity => quantity(String(value));
/** Of so many that orders took since then, and gave back. */
const why = (shown: number, [taken, given]: readonly [number, number], seen: number) =>
  whyShown({ shown: n(shown), taken: n(40), given: n(4) }, { taken: n(40 + taken), given: n(4 + given) }, n(seen));

describe('Why the shop shows a number', () => {
  it('is explained by the orders since it was left', () => {
    expect(why(10, [3, 0], 7)).toEqual({ because: 'as_left', expected: '7' });
    expect(why(10, [0, 2], 12)).toEqual({ because: 'as_left', expected: '12' });
    expect(why(10, [0, 0], 10)).toEqual({ because: 'as_left', expected: '10' });
  });

  it('is an edit where no order explains it', () => {
    expect(why(10, [0, 0], 12)).toEqual({ because: 'edited', expected: '10' });
    expect(why(10, [3, 0], 3)).toEqual({ because: 'edited', expected: '7' });
    expect(why(10, [3, 0], 11)).toEqual({ because: 'edited', expected: '7' });
  });

  it('is our own write over an order, where its pieces are in stock again', () => {
    expect(why(10, [3, 0], 10)).toEqual({ because: 'written_over', expected: '7' });
    expect(why(10, [3, 0], 8)).toEqual({ because: 'written_over', expected: '7' });
    expect(why(10, [0, 3], 10)).toEqual({ because: 'written_over', expected: '13' });
  });

  it('is our own write over an order, though another gave as much back', () => {
    expect(why(10, [1, 1], 11)).toEqual({ because: 'written_over', expected: '10' });
  });

  it('is exact in decimals', () => {
    const left = { shown: quantity('0.3'), taken: n(0), given: n(0) };
    expect(whyShown(left, { taken: quantity('0.1'), given: n(0) }, quantity('0.2'))).toEqual({
      because: 'as_left',
      expected: '0.2',
    });
  });

  it('is never an edit by somebody where orders alone changed it', () => {
    const pieces = fc.nat({ max: 50 });
    fc.assert(
      fc.property(pieces, pieces, pieces, (shown, taken, given) => {
        expect(why(shown, [taken, given], shown - taken + given).because).toBe('as_left');
      }),
    );
  });
});
