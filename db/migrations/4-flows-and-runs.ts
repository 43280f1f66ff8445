import {
  type MigrationInterface,
  type QueryRunner,
  Table,
  type TableColumn,
  TableForeignKey,
  TableIndex,
  TableUnique,
} from 'typeorm';
import { nullable, portableColumns } from '../portable-columns';

const foreignKey = (column: string, table: string, onDelete: 'CASCADE' | 'SET NULL' = 'CASCADE') =>
  new TableForeignKey({ columnNames: [column], referencedTableName: table, referencedColumnNames: ['id'], onDelete });
const index = (name: string, ...columnNames: string[]) => new TableIndex({ name, columnNames });

/** Flows and their runs, and numbers that a person's undo holds until the source speaks again. */
export class FlowsAndRuns1700000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = portableColumns(runner);
    // MySQL does not roll DDL back: a migration that was cut off must be able to run again.
    const create = (table: Table) => runner.createTable(table, true);
    const add = async (table: string, column: TableColumn): Promise<void> => {
      if (!(await runner.hasColumn(table, column.name))) await runner.addColumn(table, column);
    };

    await create(
      new Table({
        name: 'flows',
        columns: [
          c.id(),
          c.ref('connection_id'),
          c.token('kind', 20),
          c.bool('enabled'),
          c.token('cron', 100),
          c.token('time_zone', 64),
          c.time('next_at', nullable),
          c.time('created_at'),
          c.time('updated_at'),
        ],
        uniques: [new TableUnique({ name: 'uq_flows_kind', columnNames: ['connection_id', 'kind'] })],
        indices: [index('ix_flows_next', 'next_at')],
        foreignKeys: [foreignKey('connection_id', 'connections')],
      }),
    );
    await create(
      new Table({
        name: 'flow_runs',
        columns: [
          c.id(),
          c.ref('connection_id'),
          c.token('kind', 20),
          c.token('started_by', 10),
          c.words('asked_by', 254, nullable),
          c.token('status', 20),
          c.token('phase', 20),
          c.text('position', nullable),
          c.count('done', { default: 0 }),
          c.count('total', nullable),
          c.text('counts', nullable),
          c.text('failure', nullable),
          c.bool('cancel_asked', { default: 0 }),
          // A person has seen why the run paused, and let it go on.
          c.bool('brake_released', { default: 0 }),
          c.ref('undo_of', nullable),
          c.time('asked_at'),
          c.time('started_at', nullable),
          c.time('applied_at', nullable),
          c.time('finished_at', nullable),
          c.token('owner', 120, nullable),
          c.count('epoch', { default: 0 }),
          c.time('lease_until', { default: 0 }),
          c.time('not_before', { default: 0 }),
        ],
        indices: [
          index('ix_flow_runs_open', 'status', 'not_before'),
          index('ix_flow_runs_connection', 'connection_id', 'id'),
        ],
        foreignKeys: [foreignKey('connection_id', 'connections')],
      }),
    );
    await create(
      new Table({
        name: 'flow_run_lines',
        columns: [
          c.ref('run_id', { isPrimary: true }),
          c.count('line_no', { isPrimary: true }),
          c.words('code', 100, nullable),
          c.words('barcode', 100, nullable),
          c.words('name', 500, nullable),
          c.words('external_id', 100, nullable),
          c.words('warehouse', 200, nullable),
          c.token('quantity', 32, nullable),
          c.token('refusal', 40, nullable),
          c.time('observed_at', nullable),
          c.ref('item_id', nullable),
          // What the shop showed, as far as we knew, before the run touched the item; and what it was left with.
          c.token('before_quantity', 32, nullable),
          c.token('wanted', 32, nullable),
          c.token('after_quantity', 32, nullable),
          c.token('outcome', 20, nullable),
          c.text('failure', nullable),
        ],
        indices: [index('ix_flow_run_lines_item', 'item_id', 'run_id')],
        foreignKeys: [foreignKey('run_id', 'flow_runs'), foreignKey('item_id', 'sync_items', 'SET NULL')],
      }),
    );
    await add('sync_items', c.token('held', 32, nullable));
    await add('notifications', c.ref('source_id', nullable));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['flow_run_lines', 'flow_runs', 'flows']) await runner.dropTable(table, true);
    if (await runner.hasColumn('notifications', 'source_id')) await runner.dropColumn('notifications', 'source_id');
    if (await runner.hasColumn('sync_items', 'held')) await runner.dropColumn('sync_items', 'held');
  }
}
