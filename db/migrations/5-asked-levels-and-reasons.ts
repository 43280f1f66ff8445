import {
  type MigrationInterface,
  type QueryRunner,
  Table,
  type TableColumn,
  TableForeignKey,
  TableIndex,
} from 'typeorm';
import { nullable, portableColumns } from '../portable-columns';

const foreignKey = (column: string, table: string) =>
  new TableForeignKey({
    columnNames: [column],
    referencedTableName: table,
    referencedColumnNames: ['id'],
    onDelete: 'CASCADE',
  });

const INDICES = [
  ['sync_items', 'ix_sync_items_zeroed', 'connection_id', 'zeroed_at'],
  // Some senders call a product by its id alone.
  ['source_products', 'ix_source_products_external', 'source_id', 'external_id'],
] as const;

/** Levels that are asked for one by one, calls counted by the month, and why a check found a difference. */
export class AskedLevelsAndReasons1700000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = portableColumns(runner);
    // MySQL does not roll DDL back: a migration that was cut off must be able to run again.
    const create = (table: Table) => runner.createTable(table, true);
    const add = async (table: string, column: TableColumn): Promise<void> => {
      if (!(await runner.hasColumn(table, column.name))) await runner.addColumn(table, column);
    };

    await create(
      new Table({
        name: 'level_requests',
        columns: [
          c.ref('source_id', { isPrimary: true }),
          c.token('reference_hash', 64, { isPrimary: true }),
          c.words('reference', 200),
          c.count('version', { default: 1 }),
          c.count('attempts', { default: 0 }),
          c.time('asked_at'),
          c.time('due_at'),
          c.text('failure', nullable),
        ],
        indices: [new TableIndex({ name: 'ix_level_requests_due', columnNames: ['due_at'] })],
        foreignKeys: [foreignKey('source_id', 'sources')],
      }),
    );
    await create(
      new Table({
        name: 'vendor_calls',
        columns: [
          c.token('account_hash', 64, { isPrimary: true }),
          // A month of UTC, such as 2026-11, or t and the number of ten seconds since 1970.
          c.token('period', 16, { isPrimary: true }),
          c.count('calls', { default: 0 }),
        ],
      }),
    );
    await create(
      new Table({
        name: 'flow_run_steps',
        columns: [
          c.id(),
          c.ref('run_id'),
          c.time('at'),
          c.token('step', 30),
          c.text('params', nullable),
          c.text('failure', nullable),
        ],
        indices: [new TableIndex({ name: 'ix_flow_run_steps_run', columnNames: ['run_id', 'id'] })],
        foreignKeys: [foreignKey('run_id', 'flow_runs')],
      }),
    );
    await add('stock_pushes', c.token('says', 20, nullable));
    // When the level was last told as a whole; null = at observed_at.
    await add('stock_levels', c.time('counted_at', nullable));
    await add('flow_run_lines', c.token('reason', 30, nullable));
    await add('flow_run_lines', c.text('reason_params', nullable));
    // What the shop shows by the walk of this run; null = not met.
    await add('flow_run_lines', c.token('seen_quantity', 32, nullable));
    // Its levels were brought by a person, who may well bring a part of them.
    await add('flow_runs', c.bool('by_file', { default: 0 }));
    await add('connections', c.token('on_difference', 10, nullable));
    // When a push last took it to 0: many at once look like a mistake, also when they come one by one.
    await add('sync_items', c.time('zeroed_at', nullable));
    for (const [table, name, ...columnNames] of INDICES) {
      const known = await runner.getTable(table);
      if (known && !known.indices.some((each) => each.name === name)) {
        await runner.createIndex(table, new TableIndex({ name, columnNames }));
      }
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['flow_run_steps', 'vendor_calls', 'level_requests']) await runner.dropTable(table, true);
    for (const [table, name] of INDICES) {
      const known = await runner.getTable(table);
      if (known?.indices.some((each) => each.name === name)) await runner.dropIndex(table, name);
    }
    const columns: Readonly<Record<string, readonly string[]>> = {
      sync_items: ['zeroed_at'],
      connections: ['on_difference'],
      flow_runs: ['by_file'],
      flow_run_lines: ['seen_quantity', 'reason_params', 'reason'],
      stock_levels: ['counted_at'],
      stock_pushes: ['says'],
    };
    for (const [table, names] of Object.entries(columns)) {
      for (const name of names) if (await runner.hasColumn(table, name)) await runner.dropColumn(table, name);
    }
  }
}
