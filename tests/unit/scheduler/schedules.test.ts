import { startSchedules } from '../../../server/scheduler/schedules';
import { eventually } from '../../support/eventually';

const EVERY_SECOND = '* * * * * *';

describe('Schedules', () => {
  it('run once at each of their moments, however many processes have them', async () => {
    const claimed = new Set<number>();
    const claims: number[] = [];
    const ran: string[] = [];
    const claim = (_name: string, moment: number): Promise<boolean> => {
      claims.push(moment);
      const isFirst = !claimed.has(moment);
      claimed.add(moment);
      return Promise.resolve(isFirst);
    };
    const processes = ['one', 'other'].map((name) =>
      startSchedules(
        [{ name: 'tidy', cron: EVERY_SECOND, timeZone: 'UTC', run: () => Promise.resolve(name) }],
        claim,
        (_schedule, result) => ran.push(String(result)),
      ),
    );
    // A machine that is held up for a second lets a process miss a moment: what counts is that two moments came to both.
    const cameToBoth = () => [...claimed].filter((moment) => claims.filter((claim) => claim === moment).length === 2);
    await eventually(async () => cameToBoth().length >= 2 && ran.length >= claimed.size, 30_000);
    await Promise.all(processes.map((process) => process.stop()));
    expect(ran).toHaveLength(claimed.size);
    expect([...claimed].every((moment) => moment % 1_000 === 0)).toBe(true);
  }, 40_000);

  it('are not run when nobody could tell whose turn it is, and say so', async () => {
    const error = new Error('the database is away');
    const ends: unknown[] = [];
    const run = jest.fn(() => Promise.resolve());
    const schedules = startSchedules(
      [{ name: 'tidy', cron: EVERY_SECOND, timeZone: 'UTC', run }],
      () => Promise.reject(error),
      (name, _result, failure) => ends.push([name, failure]),
    );
    await eventually(async () => ends.length > 0);
    await schedules.stop();
    expect(ends[0]).toEqual(['tidy', error]);
    expect(run).not.toHaveBeenCalled();
  });

  it('refuse a rule that nobody understands', () => {
    const claim = () => Promise.resolve(true);
    const broken = { name: 'tidy', cron: 'at noon', timeZone: 'UTC', run: () => Promise.resolve() };
    expect(() => startSchedules([broken], claim, () => undefined)).toThrow(/tidy/);
  });
});
