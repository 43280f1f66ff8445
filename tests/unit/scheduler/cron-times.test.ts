import { cronTimes } from '../../../server/scheduler/cron-times';

const times = (cron: string, zone: string, from: string, count: number): string[] => {
  const found: string[] = [];
  for (let at = Date.parse(from); found.length < count;) {
    const next = cronTimes.next(cron, zone, at);
    if (next === null) break;
    found.push(new Date(next).toISOString());
    at = next;
  }
  return found;
};

describe('The times of a schedule', () => {
  it('are those of its own zone', () => {
    expect(times('30 2 * * *', 'Europe/Bucharest', '2026-01-10T12:00:00Z', 2)).toEqual([
      '2026-01-11T00:30:00.000Z',
      '2026-01-12T00:30:00.000Z',
    ]);
  });

  it('come once on the day the clocks are put forward, also a time that this day leaves out', () => {
    // 2026-03-29 in Bucharest: 03:00 becomes 04:00.
    expect(times('30 2 * * *', 'Europe/Bucharest', '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T00:30:00.000Z',
      '2026-03-29T23:30:00.000Z',
    ]);
    const leftOut = times('30 3 * * *', 'Europe/Bucharest', '2026-03-28T12:00:00Z', 2);
    expect(leftOut.map((time) => time.slice(0, 10))).toEqual(['2026-03-29', '2026-03-30']);
  });

  it('come once on the day the clocks are put back, also a time that this day has twice', () => {
    // 2026-10-25 in Bucharest: 04:00 becomes 03:00.
    expect(times('30 2 * * *', 'Europe/Bucharest', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-24T23:30:00.000Z',
      '2026-10-26T00:30:00.000Z',
    ]);
    const twice = times('30 3 * * *', 'Europe/Bucharest', '2026-10-24T12:00:00Z', 2);
    expect(twice.map((time) => time.slice(0, 10))).toEqual(['2026-10-25', '2026-10-26']);
  });

  test.each([
    ['61 * * * *', 'UTC'],
    ['* * * * * *', 'UTC'],
    ['every night', 'UTC'],
    ['', 'UTC'],
    ['30 2 * * *', 'Europe/Nowhere'],
  ])('are none for %s in %s', (cron, zone) => {
    expect(cronTimes.next(cron, zone, 0)).toBeNull();
  });

  it('go over the hours of a day without a gap', () => {
    expect(times('0 * * * *', 'Europe/Bucharest', '2026-10-24T23:00:00Z', 4)).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T02:00:00.000Z',
      '2026-10-25T03:00:00.000Z',
    ]);
  });
});
