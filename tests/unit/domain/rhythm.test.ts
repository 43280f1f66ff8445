import { longestUsualQuietMs } from '../../../server/domain/rhythm';
import { couldBeMassZero, isMassZero } from '../../../server/domain/mass-zero';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('The rhythm of a source', () => {
  it('is its longest quiet and half as much again, nights and weekends included', () => {
    const days = [0, 1, 2, 3, 4, 7, 8, 9, 10, 11].map((day) => day * DAY);
    const shopHours = days.flatMap((day) => [9, 12, 15, 18].map((hour) => day + hour * HOUR));
    const weekend = 2 * DAY + 15 * HOUR;
    expect(longestUsualQuietMs(shopHours)).toBe(weekend * 1.5);
    expect(longestUsualQuietMs([...shopHours].reverse())).toBe(weekend * 1.5);
  });

  it('is not known from a few pushes, nor from many within a day', () => {
    expect(longestUsualQuietMs([])).toBeNull();
    expect(longestUsualQuietMs([0, DAY, 2 * DAY, 3 * DAY])).toBeNull();
    expect(longestUsualQuietMs(Array.from({ length: 500 }, (_, n) => n * 60_000))).toBeNull();
  });

  it('is never so quick that a coffee break is an alarm', () => {
    const everyMinute = Array.from({ length: 5 * 24 * 60 }, (_, n) => n * 60_000);
    expect(longestUsualQuietMs(everyMinute)).toBe(2 * HOUR);
  });
});

describe('Products going to 0 at once', () => {
  test.each([
    [10, 12, false],
    [11, 12, true],
    [11, 54, true],
    [11, 55, false],
    [1_000, 5_000, false],
    [1_001, 5_000, true],
    [1, 1, false],
  ])('%d of %d look like a mistake: %s', (zeros, inStock, looks) => {
    expect(isMassZero(zeros, inStock)).toBe(looks);
    if (looks) expect(couldBeMassZero(zeros)).toBe(true);
  });
});
