import fc from 'fast-check';
import { quantity } from '../../../server/domain/quantity';
import { productIdentity } from '../../../server/domain/stock-change';
import { CLOCK_TOLERANCE_MS, effectiveObservedAt, isSuperseded } from '../../../server/domain/stock-level';
import { computeTargetStock } from '../../../server/domain/target-stock';
import { isChosen, warehouseKey } from '../../../server/domain/warehouse';
import { level } from '../../support/builders';

describe('A warehouse', () => {
  test.each([
    ['Depozit', ' DEPOZIT '],
    ['Depozit Central', 'depozit   central'],
    ['Depozit Central', 'Depozit\u00a0Central'],
    ['Gestiunea Bra\u0219ov', 'GESTIUNEA BRAS\u0326OV'],
  ])('%j and %j are one', (one, other) => {
    expect(warehouseKey(one)).toBe(warehouseKey(other));
    expect(isChosen([one], other)).toBe(true);
  });

  test.each([
    ['Depozit', 'Depozit 2'],
    ['Depozit', ''],
    ['Brașov', 'Brasov'],
  ])('%j and %j are two', (one, other) => {
    expect(isChosen([one], other)).toBe(false);
  });

  it('is chosen by "*" whatever its name, and by an empty list never', () => {
    expect(isChosen('*', '')).toBe(true);
    expect(isChosen('*', 'Magazin')).toBe(true);
    expect(isChosen([], 'Magazin')).toBe(false);
    expect(isChosen([''], '')).toBe(true);
  });
});

describe('The number the shop must show', () => {
  it('is the exact sum of the chosen warehouses', () => {
    const levels = [level('0.1', 'A'), level('0.2', 'B'), level('40', 'C'), level('2.7', 'a ')];
    expect(computeTargetStock(levels, ['A', 'B'])).toEqual({
      exact: '3',
      target: '3',
      counted: [level('0.1', 'A'), level('0.2', 'B'), level('2.7', 'a ')],
      adjustments: [],
      steps: [{ kind: 'sum', by: null, value: '3' }],
    });
  });

  it('is unknown, not 0, while no chosen warehouse has reported', () => {
    expect(computeTargetStock([], '*')).toBeNull();
    expect(computeTargetStock([level('5', 'A')], ['B'])).toBeNull();
    expect(computeTargetStock([level('5', 'A')], [])).toBeNull();
  });

  it('is 0 when the chosen warehouses say 0', () => {
    expect(computeTargetStock([level('0')], '*')).toMatchObject({ exact: '0', target: '0', adjustments: [] });
  });

  it('never promises the part of a piece', () => {
    expect(computeTargetStock([level('2.9')], '*')).toMatchObject({
      exact: '2.9',
      target: '2',
      adjustments: ['rounded_down'],
    });
  });

  it('is 0 where the source is below it, and says so', () => {
    expect(computeTargetStock([level('-3')], '*')).toMatchObject({ target: '0', adjustments: ['negative_to_zero'] });
    expect(computeTargetStock([level('-0.5')], '*')).toMatchObject({
      exact: '-0.5',
      target: '0',
      adjustments: ['rounded_down', 'negative_to_zero'],
    });
  });

  it('counts a warehouse below zero against the others', () => {
    expect(computeTargetStock([level('10', 'A'), level('-4', 'B')], '*')).toMatchObject({ target: '6' });
  });

  it('is whole and not negative, whatever the levels', () => {
    const amount = fc.integer({ min: -5_000_000, max: 5_000_000 }).map((n) => quantity((n / 1_000).toFixed(3)));
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 8 }), (amounts) => {
        const target = computeTargetStock(
          amounts.map((each) => ({ warehouse: 'A', quantity: each })),
          '*',
        );
        expect(target?.target).toMatch(/^(0|[1-9]\d*)$/);
        const exact = Number(target?.exact);
        expect(Number(target?.target)).toBe(Math.max(0, Math.floor(exact)));
      }),
    );
  });
});

describe('An observation', () => {
  const receivedAt = 1_800_000_000_000;

  it('that names no time was made when it came in', () => {
    expect(effectiveObservedAt(null, receivedAt)).toBe(receivedAt);
  });

  it('of the past or of a clock that is a little ahead keeps its time', () => {
    expect(effectiveObservedAt(receivedAt - 86_400_000, receivedAt)).toBe(receivedAt - 86_400_000);
    expect(effectiveObservedAt(receivedAt + CLOCK_TOLERANCE_MS, receivedAt)).toBe(receivedAt + CLOCK_TOLERANCE_MS);
  });

  it('of the future counts as made when it came in, or it would shut out every later one', () => {
    expect(effectiveObservedAt(receivedAt + CLOCK_TOLERANCE_MS + 1, receivedAt)).toBe(receivedAt);
  });

  it('that is older never overwrites a newer one; of two equally old the later to arrive wins', () => {
    expect(isSuperseded(999, { observedAt: 1_000, countedAt: 1_000 })).toBe(true);
    expect(isSuperseded(1_000, { observedAt: 1_000, countedAt: 1_000 })).toBe(false);
    expect(isSuperseded(1_001, { observedAt: 1_000, countedAt: 1_000 })).toBe(false);
    expect(isSuperseded(0, undefined)).toBe(false);
  });
});

describe('What a product is known by', () => {
  const nothing = { code: null, barcode: null, externalId: null, name: null };

  it('is its code, else its barcode, else its id, else its name', () => {
    const all = { code: 'C', barcode: 'B', externalId: 'I', name: 'N' };
    expect(productIdentity(all)).toBe('code:C');
    expect(productIdentity({ ...all, code: null })).toBe('barcode:B');
    expect(productIdentity({ ...all, code: null, barcode: null })).toBe('id:I');
    expect(productIdentity({ ...nothing, name: 'N' })).toBe('name:N');
  });

  it('keeps a code 123 apart from a barcode 123', () => {
    expect(productIdentity({ ...nothing, code: '123' })).not.toBe(productIdentity({ ...nothing, barcode: '123' }));
  });

  it('is never made up', () => {
    expect(() => productIdentity(nothing)).toThrow(RangeError);
  });
});
