import fc from 'fast-check';
import { divideToWhole, type Quantity, quantity, quotientText } from '../../../server/domain/quantity';
import {
  computeTargetStock,
  NO_RULES,
  type NumberRules,
  rulesFor,
  type TargetStock,
} from '../../../server/domain/target-stock';
import { targetOfItem, targetOfSource } from '../../../server/domain/target-of-item';
import { connection, level, NO_FACTS } from '../../support/builders';

type Changes = Partial<Pick<NumberRules, 'rounding' | 'negative'>> & {
  readonly buffer?: string;
  readonly packSize?: string;
};
const rules = (changes: Changes): NumberRules => ({
  ...NO_RULES,
  ...changes,
  buffer: quantity(changes.buffer ?? '0'),
  packSize: quantity(changes.packSize ?? '1'),
});

function shown(amount: string, changes: Changes, backorders = false): TargetStock {
  const target = computeTargetStock([level(amount)], '*', rules(changes), backorders);
  if (target === null) throw new Error('No level was counted');
  return target;
}

describe('A buffer', () => {
  test.each([
    ['10', '3', '7'],
    ['2.5', '0.5', '2'],
    ['3', '3', '0'],
    ['3', '5', '0'],
    ['0', '5', '0'],
  ])('of %2$s keeps so much of %1$s back, and the shop shows %3$s', (amount, buffer, target) => {
    expect(shown(amount, { buffer }).target).toBe(target);
  });

  it('is no debt: below zero nothing is left to keep back', () => {
    expect(shown('-3', { buffer: '5', negative: 'keep_with_backorders' }, true)).toMatchObject({
      target: '-3',
      adjustments: [],
      steps: [{ kind: 'sum', by: null, value: '-3' }],
    });
  });

  it('below zero stops the work: it would promise what is not there', () => {
    expect(() => shown('1', { buffer: '-1' })).toThrow(RangeError);
  });
});

describe('Pieces of another size', () => {
  test.each([
    ['sold by the six', '20', '6', '3'],
    ['sold by the six, one short of the next', '17.999999', '6', '2'],
    ['kilograms sold as grams', '2.345', '0.001', '2345'],
    ['metres sold by 30 cm', '1', '0.3', '3'],
    ['metres sold by 10 cm, which a float would make 2', '0.3', '0.1', '3'],
  ])('%s: %s in pieces of %s are %s', (_what, amount, packSize, target) => {
    expect(shown(amount, { packSize }).target).toBe(target);
  });

  test.each([['0'], ['-1']])('of %s stop the work', (packSize) => {
    expect(() => shown('1', { packSize })).toThrow(RangeError);
  });
});

describe('A part of a piece', () => {
  test.each([
    ['2.5', '1', '2', '3', '3'],
    ['2.499999', '1', '2', '2', '3'],
    ['-2.5', '1', '-3', '-3', '-2'],
    ['-0.3', '1', '-1', '0', '0'],
    ['3', '6', '0', '1', '1'],
    ['2', '3', '0', '1', '1'],
    ['7', '1', '7', '7', '7'],
    ['-12', '6', '-2', '-2', '-2'],
    ['999999999999', '0.000001', '999999999999000000', '999999999999000000', '999999999999000000'],
  ])('of %s in pieces of %s is %s down, %s to the nearest and %s up', (value, divisor, down, nearest, up) => {
    expect(divideToWhole(quantity(value), quantity(divisor), 'down')).toBe(down);
    expect(divideToWhole(quantity(value), quantity(divisor), 'nearest')).toBe(nearest);
    expect(divideToWhole(quantity(value), quantity(divisor), 'up')).toBe(up);
  });

  // 999999999999.999999 ÷ 1000000000000 differs from 1 in the 19th digit only.
  it('is seen however small it is', () => {
    const value = quantity('999999999999.999999');
    const divisor = quantity('999999999999.999998');
    expect(divideToWhole(value, divisor, 'down')).toBe('1');
    expect(divideToWhole(value, divisor, 'up')).toBe('2');
    expect(divideToWhole(divisor, value, 'down')).toBe('0');
    expect(divideToWhole(divisor, value, 'nearest')).toBe('1');
  });

  test.each([
    ['10', '4', '2.5'],
    ['10', '6', '1.666666…'],
    ['-10', '6', '-1.666666…'],
    ['-0.000001', '6', '-0…'],
    ['0', '6', '0'],
    ['999999999999.999999', '0.000001', '999999999999999999'],
  ])('is written for a person: %s ÷ %s = %s', (value, divisor, text) => {
    expect(quotientText(quantity(value), quantity(divisor))).toBe(text);
  });
});

describe('A number below zero', () => {
  test.each([
    ['zero', false, '0'],
    ['zero', true, '0'],
    ['keep_with_backorders', false, '0'],
    ['keep_with_backorders', true, '-4'],
  ] as const)('with the rule "%s" and backorders %s is shown as %3$s', (negative, backorders, target) => {
    expect(shown('-4', { negative }, backorders).target).toBe(target);
  });
});

describe('The steps', () => {
  it('lead from the sum to the number, and name what changed it', () => {
    const all = computeTargetStock(
      [level('10.5', 'A'), level('12.25', 'B'), level('100', 'C')],
      ['A', 'B'],
      rules({ buffer: '2', packSize: '6', rounding: 'nearest' }),
    );
    expect(all).toEqual({
      exact: '22.75',
      target: '3',
      counted: [level('10.5', 'A'), level('12.25', 'B')],
      adjustments: ['buffer', 'pack', 'rounded'],
      steps: [
        { kind: 'sum', by: null, value: '22.75' },
        { kind: 'buffer', by: '2', value: '20.75' },
        { kind: 'pack', by: '6', value: '3.458333…' },
        { kind: 'rounding', by: 'nearest', value: '3' },
      ],
    });
  });

  it('end at 0 where the source is below it', () => {
    expect(shown('-0.5', { rounding: 'down' })).toMatchObject({
      adjustments: ['rounded_down', 'negative_to_zero'],
      steps: [
        { kind: 'sum', by: null, value: '-0.5' },
        { kind: 'rounding', by: 'down', value: '-1' },
        { kind: 'negative', by: null, value: '0' },
      ],
    });
    expect(shown('0.5', { rounding: 'up' }).adjustments).toEqual(['rounded_up']);
  });
});

describe('Whatever the levels and rules', () => {
  const millionths = (max: number) => fc.bigInt({ min: 0n, max: BigInt(max) });
  const text = (scaled: bigint): Quantity => {
    const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(7, '0');
    return quantity(`${scaled < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`);
  };
  const floored = (value: bigint, by: bigint): bigint => (value < 0n ? -((-value + by - 1n) / by) : value / by);
  const rounded: Record<NumberRules['rounding'], (value: bigint, by: bigint) => bigint> = {
    down: floored,
    up: (value, by) => -floored(-value, by),
    nearest: (value, by) => (value < 0n ? -floored(-2n * value + by, 2n * by) : floored(2n * value + by, 2n * by)),
  };
  const situation = fc.record({
    levels: fc.array(fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n }), { minLength: 1, maxLength: 6 }),
    buffer: fc.oneof(fc.constant(0n), millionths(20_000_000)),
    packSize: fc.oneof(fc.constantFrom(1_000_000n, 6_000_000n, 1_000n, 1n, 3n), millionths(20_000_000)),
    rounding: fc.constantFrom('down', 'nearest', 'up'),
    negative: fc.constantFrom('zero', 'keep_with_backorders'),
    backorders: fc.boolean(),
  });

  it('the number is the one of whole-number arithmetic on millionths', () => {
    fc.assert(
      fc.property(situation, ({ levels, buffer, packSize, rounding, negative, backorders }) => {
        fc.pre(packSize > 0n);
        const sum = levels.reduce((a, b) => a + b, 0n);
        const sellable = sum < 0n ? sum : sum < buffer ? 0n : sum - buffer;
        const whole = rounded[rounding](sellable, packSize);
        const expected = whole < 0n && !(negative === 'keep_with_backorders' && backorders) ? 0n : whole;
        const target = computeTargetStock(
          levels.map((each) => ({ warehouse: 'A', quantity: text(each) })),
          '*',
          { buffer: text(buffer), packSize: text(packSize), rounding, negative },
          backorders,
        );
        expect(target?.target).toBe(expected.toString());
        expect(target?.exact).toBe(text(sum));
        expect(target?.steps.at(-1)?.value).toBe(target?.target);
        expect(target?.steps.length).toBe((target?.adjustments.length ?? 0) + 1);
      }),
      { numRuns: 3_000 },
    );
  });

  it('more in the warehouses never shows less in the shop, and a larger buffer never more', () => {
    fc.assert(
      fc.property(situation, millionths(10_000_000), ({ levels, buffer, packSize, rounding, negative }, more) => {
        fc.pre(packSize > 0n);
        const target = (extra: bigint, keep: bigint): bigint => {
          const all = [...levels, extra].map((each) => ({ warehouse: 'A', quantity: text(each) }));
          const by = { buffer: text(keep), packSize: text(packSize), rounding, negative };
          return BigInt(computeTargetStock(all, '*', by, true)?.target ?? 0);
        };
        expect(target(more, buffer) >= target(0n, buffer)).toBe(true);
        expect(target(0n, buffer + more) <= target(0n, buffer)).toBe(true);
      }),
    );
  });
});

describe('The rules for a product', () => {
  const base = rules({ buffer: '1', packSize: '6', rounding: 'nearest', negative: 'keep_with_backorders' });
  const nothing = { buffer: null, packSize: null };

  test.each([
    ['its own', { buffer: quantity('0'), packSize: quantity('2') }, [quantity('9')], { buffer: '0', packSize: '2' }],
    ['the largest of its categories', nothing, ['9', '10', '2'].map(quantity), { buffer: '10', packSize: '6' }],
    ['its category’s, though it is smaller', nothing, [quantity('0')], { buffer: '0', packSize: '6' }],
    ['those of the connection', nothing, [], { buffer: '1', packSize: '6' }],
  ])('are %s', (_whose, product, categories, expected) => {
    expect(rulesFor(base, product, categories)).toEqual({ ...base, ...expected });
  });
});

describe('A product with a number of its own', () => {
  const own = (amount: string, sold: string | null, why: 'undo' | 'edited' = 'undo') =>
    computeTargetStock([level('9')], '*', rules({}), false, {
      held: { quantity: quantity(amount), why },
      unseen: sold === null ? [] : [{ order: '512', quantity: quantity(sold) }],
    });

  it('has web orders taken off it as well', () => {
    expect(own('6', '2')).toMatchObject({
      target: '4',
      steps: [
        { kind: 'sum', value: '9' },
        { kind: 'held', by: 'undo', value: '6' },
        { kind: 'orders', by: '#512', value: '4' },
      ],
    });
  });

  it('says whose it is', () => {
    expect(own('6', null, 'edited')?.steps.at(-1)).toEqual({ kind: 'held', by: 'edited', value: '6' });
  });

  it('may be below 0 itself, and is not brought there by orders', () => {
    expect(own('-2', null)?.target).toBe('-2');
    expect(own('1', '3')?.target).toBe('0');
  });

  it.each([
    ['undo', '4'],
    ['edited', '4'],
    ['asked', '9'],
  ] as const)('is what the shop must show (%s: %s), but not while a person is asked which is right', (why, target) => {
    const facts = { ...NO_FACTS, held: { quantity: quantity('4'), why } };
    expect(targetOfItem({ levels: [level('9')], facts }, connection())?.target).toBe(target);
    expect(targetOfSource({ levels: [level('9')], facts }, connection())?.target).toBe('9');
  });
});
