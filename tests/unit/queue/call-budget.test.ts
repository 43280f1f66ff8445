import fc from 'fast-check';
import { CallBudget } from '../../../server/queue/call-budget';
import { TestClock } from '../../support/test-clock';

const MINUTE = 60_000;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Asks for a call at each of these moments (in seconds) and moves the clock on until all went out; when each did. */
async function wentOut(perMinute: number, askedAt: readonly number[]): Promise<number[]> {
  const clock = new TestClock(0);
  const budget = new CallBudget(clock);
  const { signal } = new AbortController();
  const times: number[] = [];
  for (let second = 0; times.length < askedAt.length; second++) {
    if (second > 3_600) throw new Error('A call waits for ever');
    for (const asked of askedAt) {
      if (asked === second) void budget.take(perMinute, signal).then(() => times.push(clock.now()));
    }
    await turn();
    clock.advance(1_000);
    await turn();
  }
  return times;
}

describe('The budget of calls', () => {
  it('lets everything out at once where the owner set no limit', async () => {
    const clock = new TestClock();
    const budget = new CallBudget(clock);
    await Promise.all(Array.from({ length: 1_000 }, () => budget.take(null, new AbortController().signal)));
    expect(clock.sleeping).toBe(0);
  });

  it('lets the limit out at once, and the next when a minute has passed since the first', async () => {
    expect(await wentOut(2, [0, 10, 20])).toEqual([0, 10_000, 60_000]);
  });

  it('never lets out more than the limit in any minute, and none later than that takes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 15 }),
        async (perMinute, seconds) => {
          const askedAt = seconds.sort((a, b) => a - b);
          const expected: number[] = [];
          for (const [n, asked] of askedAt.entries()) {
            expected.push(Math.max(asked * 1_000, (expected[n - perMinute] ?? -MINUTE) + MINUTE));
          }
          const times = await wentOut(perMinute, askedAt);
          for (const [n, time] of times.entries()) {
            const nth = times[n + perMinute];
            if (nth !== undefined) expect(nth - time).toBeGreaterThanOrEqual(MINUTE);
          }
          expect(times).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('minds a limit that was lowered meanwhile', async () => {
    const clock = new TestClock(0);
    const budget = new CallBudget(clock);
    const { signal } = new AbortController();
    for (let n = 0; n < 5; n++) {
      await budget.take(10, signal);
      clock.advance(1_000);
    }
    let wentOutAt: number | null = null;
    void budget.take(2, signal).then(() => (wentOutAt = clock.now()));
    for (let n = 0; n < 100 && wentOutAt === null; n++) {
      await turn();
      clock.advance(1_000);
      await turn();
    }
    // Five went out at 0, 1, 2, 3 and 4 s; only one of them may be younger than a minute.
    expect(wentOutAt).toBe(63_000);
  });

  it('ends the wait when the work is cut off, and does not count a call that did not go out', async () => {
    const clock = new TestClock(0);
    const budget = new CallBudget(clock);
    const cutOff = new AbortController();
    await budget.take(1, cutOff.signal);
    const waiting = budget.take(1, cutOff.signal);
    await turn();
    expect(clock.sleeping).toBe(1);
    cutOff.abort();
    await waiting;
    expect(clock.sleeping).toBe(0);
    clock.advance(MINUTE);
    await budget.take(1, new AbortController().signal);
    expect(clock.sleeping).toBe(0);
  });
});
