import fc from 'fast-check';
import { afterAnsweredCall, FIRST_PACE, type Pace, paceOf, slower } from '../../../server/domain/pace';

const QUICK = 500;
const STEADY = 3_000;
const SLOW = 8_001;

/** The pace after this many answered calls that were full each time. */
const afterFullCalls = (pace: Pace, calls: number, durationMs: number): Pace => {
  let now = pace;
  for (let n = 0; n < calls; n++) now = afterAnsweredCall(now, now.batchSize, durationMs);
  return now;
};

describe('The pace of a shop', () => {
  it('begins with four calls of 25', () => {
    expect(FIRST_PACE).toEqual({ batchSize: 25, deliveries: 4, streak: 0 });
  });

  it('grows by ten items after five quick full calls, not earlier', () => {
    expect(afterFullCalls(FIRST_PACE, 4, QUICK).batchSize).toBe(25);
    expect(afterFullCalls(FIRST_PACE, 5, QUICK)).toEqual({ batchSize: 35, deliveries: 4, streak: 0 });
    expect(afterFullCalls(FIRST_PACE, 10, QUICK).batchSize).toBe(45);
  });

  it('never grows beyond what WooCommerce takes in one call', () => {
    expect(afterFullCalls(FIRST_PACE, 1_000, 1)).toMatchObject({ batchSize: 100, deliveries: 4 });
  });

  it('keeps the size of its calls when they are neither quick nor slow, and grows side by side', () => {
    const one = { batchSize: 20, deliveries: 1, streak: 0 };
    expect(afterFullCalls(one, 5, STEADY)).toEqual({ batchSize: 20, deliveries: 2, streak: 0 });
    expect(afterFullCalls(one, 100, STEADY)).toMatchObject({ batchSize: 20, deliveries: 4 });
  });

  it('learns nothing from a small batch that was quick', () => {
    const pace = { ...FIRST_PACE, streak: 4 };
    expect(afterAnsweredCall(pace, pace.batchSize - 1, QUICK)).toEqual(pace);
  });

  it('steps back from a call that took too long, however small it was', () => {
    expect(afterAnsweredCall(FIRST_PACE, 1, SLOW)).toEqual({ batchSize: 12, deliveries: 2, streak: 0 });
    expect(afterAnsweredCall(FIRST_PACE, 25, SLOW - 1)).toMatchObject({ batchSize: 25, deliveries: 4 });
  });

  it('halves at once when a call fails, down to a pace that still moves', () => {
    const steps = [FIRST_PACE];
    for (let n = 0; n < 4; n++) steps.push(slower(steps.at(-1) ?? FIRST_PACE));
    expect(steps.map(({ batchSize, deliveries }) => [batchSize, deliveries])).toEqual([
      [25, 4],
      [12, 2],
      [6, 1],
      [5, 1],
      [5, 1],
    ]);
  });

  it('forgets its good calls when one fails', () => {
    expect(afterFullCalls(slower({ ...FIRST_PACE, streak: 4 }), 1, QUICK)).toMatchObject({ batchSize: 12, streak: 1 });
  });

  it('stays within its bounds, grows in small steps and shrinks by half, whatever the shop does', () => {
    const call = fc.record({
      fails: fc.boolean(),
      full: fc.boolean(),
      durationMs: fc.integer({ min: 0, max: 60_000 }),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 200 }), (calls) => {
        let pace = FIRST_PACE;
        for (const { fails, full, durationMs } of calls) {
          const before = pace;
          pace = fails ? slower(pace) : afterAnsweredCall(pace, full ? pace.batchSize : 1, durationMs);
          expect(pace.batchSize).toBeGreaterThanOrEqual(5);
          expect(pace.batchSize).toBeLessThanOrEqual(100);
          expect(pace.deliveries).toBeGreaterThanOrEqual(1);
          expect(pace.deliveries).toBeLessThanOrEqual(4);
          expect(pace.batchSize - before.batchSize).toBeLessThanOrEqual(10);
          expect(pace.deliveries - before.deliveries).toBeLessThanOrEqual(1);
          if (fails) expect(pace.batchSize).toBe(Math.max(5, Math.floor(before.batchSize / 2)));
          // What was learnt survives a restart.
          expect(paceOf(JSON.parse(JSON.stringify(pace)))).toEqual({ ...pace, streak: 0 });
        }
      }),
    );
  });

  test.each([
    ['nothing', null],
    ['a text', 'fast'],
    ['an empty record', {}],
    ['a list', [25, 4]],
    ['a batch that is too small', { batchSize: 4, deliveries: 1 }],
    ['a batch that is too large', { batchSize: 101, deliveries: 1 }],
    ['half an item', { batchSize: 5.5, deliveries: 1 }],
    ['no delivery', { batchSize: 25, deliveries: 0 }],
    ['too many deliveries', { batchSize: 25, deliveries: 5 }],
    ['a number as text', { batchSize: '25', deliveries: 4 }],
    ['no number', { batchSize: null, deliveries: 4 }],
  ])('begins anew when what was stored makes no sense: %s', (_what, stored) => {
    expect(paceOf(stored)).toEqual(FIRST_PACE);
  });
});
