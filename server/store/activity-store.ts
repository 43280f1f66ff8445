import type { ActivityHour, ActivityStore } from '../domain/ports/activity';
import type { Settlement } from '../domain/ports/sync-items';
import { affectedRows, insertRows, selectRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

const HOUR_MS = 3_600_000;
const hourOf = (at: number): number => at - (at % HOUR_MS);

type Sums = Readonly<Record<keyof ActivityHour, number | string>>;

export class TypeormActivityStore implements ActivityStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  /** Adds what was settled at one shop, in the unit of work that settles it: counted once, or not at all. */
  async add(shopId: number, settled: readonly Settlement[], at: number): Promise<void> {
    const delays = settled.flatMap(({ status, writtenAt, item }) =>
      status === 'synced' && writtenAt !== null ? [Math.max(at - (item.waitingSince ?? at), 0)] : [],
    );
    const failures = settled.filter(({ failure }) => failure !== null).length;
    if (delays.length === 0 && failures === 0) return;
    const { isSqlite } = this.unit;
    const given = (column: string): string => (isSqlite ? `excluded.${column}` : `VALUES(${column})`);
    const greatest = isSqlite ? 'MAX' : 'GREATEST';
    await insertRows(
      this.unit.entities,
      'activity_hours',
      ['shop_id', 'hour', 'changes', 'failures', 'delay_total_ms', 'delay_longest_ms'],
      [[shopId, hourOf(at), delays.length, failures, delays.reduce((sum, ms) => sum + ms, 0), Math.max(0, ...delays)]],
      `${isSqlite ? 'ON CONFLICT (shop_id, hour) DO UPDATE SET' : 'ON DUPLICATE KEY UPDATE'}
         changes = changes + ${given('changes')}, failures = failures + ${given('failures')},
         delay_total_ms = delay_total_ms + ${given('delay_total_ms')},
         delay_longest_ms = ${greatest}(delay_longest_ms, ${given('delay_longest_ms')})`,
    );
  }

  async hoursSince(since: number): Promise<readonly ActivityHour[]> {
    const rows = await selectRows<Sums>(
      this.unit.entities,
      `SELECT hour AS hour, SUM(changes) AS changes, SUM(failures) AS failures, SUM(delay_total_ms) AS delayTotalMs,
         MAX(delay_longest_ms) AS delayLongestMs
       FROM activity_hours WHERE hour >= ? GROUP BY hour ORDER BY hour`,
      [hourOf(since)],
    );
    return rows.map((row) => ({
      hour: Number(row.hour),
      changes: Number(row.changes),
      failures: Number(row.failures),
      delayTotalMs: Number(row.delayTotalMs),
      delayLongestMs: Number(row.delayLongestMs),
    }));
  }

  removeBefore(before: number): Promise<number> {
    return this.unit.run(() =>
      affectedRows(this.unit.entities, 'DELETE FROM activity_hours WHERE hour < ?', [hourOf(before)]),
    );
  }
}
