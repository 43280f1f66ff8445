import { isQuiet, isTimeZone, type QuietHours } from '../../../server/domain/quiet-hours';

const MINUTE = 60_000;
const at = (hour: number, minute = 0) => hour * 60 + minute;
const hours = (fromMinute: number, toMinute: number, timeZone = 'Europe/Bucharest'): QuietHours => ({
  fromMinute,
  toMinute,
  timeZone,
});
const utc = (text: string) => Date.parse(`${text}Z`);

/** The quiet stretches between two moments, by the minute, as UTC. */
function stretches(quiet: QuietHours, from: number, to: number): [begin: string, end: string, minutes: number][] {
  const found: [string, string, number][] = [];
  let begin: number | null = null;
  for (let now = from; now <= to; now += MINUTE) {
    const is = isQuiet(quiet, now) && now < to;
    if (is) begin ??= now;
    if (!is && begin !== null) {
      const text = (time: number) => new Date(time).toISOString().slice(0, 16);
      found.push([text(begin), text(now), (now - begin) / MINUTE]);
      begin = null;
    }
  }
  return found;
}

describe('Quiet hours', () => {
  it('hold from their first minute until before their last', () => {
    const noon = hours(at(12), at(13), 'UTC');
    expect(isQuiet(noon, utc('2026-01-15T11:59:59.999'))).toBe(false);
    expect(isQuiet(noon, utc('2026-01-15T12:00'))).toBe(true);
    expect(isQuiet(noon, utc('2026-01-15T12:59:59.999'))).toBe(true);
    expect(isQuiet(noon, utc('2026-01-15T13:00'))).toBe(false);
  });

  it('go by the wall clock of the shop, not by ours', () => {
    expect(isQuiet(hours(at(12), at(13)), utc('2026-01-15T10:30'))).toBe(true);
    expect(isQuiet(hours(at(12), at(13)), utc('2026-07-15T09:30'))).toBe(true);
    expect(isQuiet(hours(at(12), at(13), 'America/Sao_Paulo'), utc('2026-01-15T15:30'))).toBe(true);
    expect(isQuiet(hours(at(12), at(13), 'Asia/Kathmandu'), utc('2026-01-15T06:15'))).toBe(true);
  });

  it('may go over midnight', () => {
    const night = hours(at(22), at(6));
    const day = stretches(night, utc('2026-01-15T10:00'), utc('2026-01-16T10:00'));
    expect(day).toEqual([['2026-01-15T20:00', '2026-01-16T04:00', 480]]);
  });

  it('may end or begin at midnight', () => {
    expect(stretches(hours(at(23), 0, 'UTC'), utc('2026-01-15T12:00'), utc('2026-01-16T12:00'))).toEqual([
      ['2026-01-15T23:00', '2026-01-16T00:00', 60],
    ]);
    expect(stretches(hours(0, at(1), 'UTC'), utc('2026-01-15T12:00'), utc('2026-01-16T12:00'))).toEqual([
      ['2026-01-16T00:00', '2026-01-16T01:00', 60],
    ]);
  });

  it('stay where they are on the shop’s clock in the night in which summer time begins: an hour shorter', () => {
    const night = stretches(hours(at(22), at(6)), utc('2026-03-28T12:00'), utc('2026-03-29T12:00'));
    expect(night).toEqual([['2026-03-28T20:00', '2026-03-29T03:00', 420]]);
  });

  it('stay where they are on the shop’s clock in the night in which summer time ends: an hour longer', () => {
    const night = stretches(hours(at(22), at(6)), utc('2026-10-24T12:00'), utc('2026-10-25T12:00'));
    expect(night).toEqual([['2026-10-24T19:00', '2026-10-25T04:00', 540]]);
  });

  it('are skipped where the clock skips them, and come twice where it runs twice', () => {
    const three = hours(at(3), at(4));
    expect(stretches(three, utc('2026-03-28T22:00'), utc('2026-03-29T22:00'))).toEqual([]);
    expect(stretches(three, utc('2026-10-24T22:00'), utc('2026-10-25T22:00'))).toEqual([
      ['2026-10-25T00:00', '2026-10-25T02:00', 120],
    ]);
    expect(stretches(three, utc('2026-10-25T22:00'), utc('2026-10-26T22:00'))).toEqual([
      ['2026-10-26T01:00', '2026-10-26T02:00', 60],
    ]);
  });

  it('are none when nothing is set, or when they end where they begin', () => {
    const day = [utc('2026-01-15T00:00'), utc('2026-01-16T00:00')] as const;
    expect(isQuiet(null, day[0])).toBe(false);
    expect(stretches(hours(at(3), at(3)), ...day)).toEqual([]);
    expect(stretches(hours(0, 0), ...day)).toEqual([]);
  });

  it('know a time zone by its name', () => {
    expect(['Europe/Bucharest', 'UTC', 'America/Sao_Paulo'].map(isTimeZone)).toEqual([true, true, true]);
    expect(['', 'Bucharest', 'Europe/Nowhere', '; DROP'].map(isTimeZone)).toEqual([false, false, false, false]);
  });
});
