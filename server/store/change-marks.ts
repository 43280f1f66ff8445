import type { ChangeMarks, ChangeTopic } from '../domain/ports/change-marks';
import { selectRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

/**
 * Told from the tables themselves, so that it holds for what any process of the cluster does. Every query ends at the
 * last row of an index or reads a table of few rows: a hundred thousand items cost as little as ten.
 */
const MARKS: Readonly<Record<ChangeTopic, readonly string[]>> = {
  items: ['SELECT MAX(id) AS a FROM sync_attempts', 'SELECT MAX(id) AS a FROM stock_pushes'],
  pushes: ['SELECT MAX(id) AS a FROM stock_pushes'],
  runs: [
    'SELECT MAX(id) AS a FROM flow_runs',
    'SELECT MAX(id) AS a FROM flow_run_steps',
    `SELECT id AS a, status AS b, phase AS c, done AS d, total AS e FROM flow_runs
     WHERE status IN ('queued', 'running', 'paused') ORDER BY id`,
    'SELECT MAX(updated_at) AS a FROM flows',
  ],
  notifications: [
    'SELECT MAX(id) AS a FROM notifications',
    'SELECT id AS a, news_at AS b, failure AS c, params AS d FROM notifications WHERE healed_at IS NULL ORDER BY id',
  ],
  circuits: ['SELECT shop_id AS a, circuit_state AS b, circuit_opened_at AS c FROM lanes ORDER BY shop_id'],
  estate: [
    'SELECT id AS a, updated_at AS b, last_test AS c FROM shops ORDER BY id',
    'SELECT id AS a, updated_at AS b, last_test_at AS c, last_push_at AS d, last_refused_at AS e FROM sources ORDER BY id',
    'SELECT id AS a, updated_at AS b, mode AS c FROM connections ORDER BY id',
    'SELECT shop_id AS a, walk AS b, done AS c, refreshed_at AS d FROM catalogs ORDER BY shop_id',
  ],
};

export class TypeormChangeMarks implements ChangeMarks {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async read(): Promise<Readonly<Record<ChangeTopic, string>>> {
    const { items, pushes, runs, notifications, circuits, estate } = MARKS;
    return {
      items: await this.mark(items),
      pushes: await this.mark(pushes),
      runs: await this.mark(runs),
      notifications: await this.mark(notifications),
      circuits: await this.mark(circuits),
      estate: await this.mark(estate),
    };
  }

  private async mark(queries: readonly string[]): Promise<string> {
    const found: unknown[] = [];
    for (const query of queries) found.push(await selectRows<Record<string, unknown>>(this.unit.entities, query, []));
    return JSON.stringify(found);
  }
}
