import {
  knownByLevel,
  ORDER_RULE_KINDS,
  ORDERS_NOT_COUNTED,
  type OrderRuleKind,
  toldUnseenAfterHours,
} from '../../../server/domain/order-rule';

describe('An order that a source does not know of', () => {
  it.each([
    [null, 24],
    [1, 0.5],
    [24, 12],
    [25, 24],
    [48, 24],
    [72, 36],
    [8_760, 4_380],
  ])('is told of, where it counts as known after %p hours, after %p', (afterHours, hours) => {
    expect(toldUnseenAfterHours({ ...knownByLevel(1), afterHours })).toBe(hours);
  });

  it('is always told of before it counts as known', () => {
    for (let afterHours = 1; afterHours <= 200; afterHours++) {
      expect(toldUnseenAfterHours(knownByLevel(afterHours))).toBeLessThan(afterHours);
    }
  });

  it('is told of only where its source is to hear of it', () => {
    const told = (knownBy: OrderRuleKind) => toldUnseenAfterHours({ ...ORDERS_NOT_COUNTED, knownBy, afterHours: 72 });
    expect(ORDER_RULE_KINDS.filter((kind) => told(kind) !== null)).toEqual(['level', 'acknowledged', 'status', 'meta']);
  });
});
