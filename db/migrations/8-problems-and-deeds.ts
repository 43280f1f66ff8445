import { type MigrationInterface, type QueryRunner, Table, TableForeignKey, TableIndex } from 'typeorm';
import { nullable, portableColumns } from '../portable-columns';

const foreignKey = (column: string, table: string) =>
  new TableForeignKey({
    columnNames: [column],
    referencedTableName: table,
    referencedColumnNames: ['id'],
    onDelete: 'CASCADE',
  });

const INDICES = [
  ['source_products', 'ix_source_products_code', 'source_id', 'code'],
  ['stock_pushes', 'ix_stock_pushes_says', 'says', 'id'],
  ['stock_pushes', 'ix_stock_pushes_rejected', 'rejected', 'id'],
] as const;

const BY_FAILURE = 'ix_sync_items_failure';

const hasIndex = async (runner: QueryRunner, table: string, index: string): Promise<boolean> =>
  (await runner.getTable(table))?.indices.some(({ name }) => name === index) ?? false;

/** What is wrong by its cause, deeds that can be undone, products in the order of their codes, and pushes by their outcome. */
export class ProblemsAndDeeds1700000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = portableColumns(runner);
    // MySQL does not roll DDL back: a migration that was cut off must be able to run again.
    const create = (table: Table) => runner.createTable(table, true);

    // What of the failure makes it the same cause as another's of the same code; null = the code says it all.
    const cause = c.token('failure_cause', 16, nullable);
    if (!(await runner.hasColumn('sync_items', cause.name))) await runner.addColumn('sync_items', cause);
    await create(
      new Table({
        name: 'problems',
        columns: [
          c.id(),
          c.ref('connection_id'),
          c.token('failure_code', 40),
          c.token('failure_cause', 16, nullable),
          c.text('failure'),
          // The most there were at once.
          c.count('items'),
          c.time('since'),
          c.time('seen_at'),
          c.time('healed_at', nullable),
        ],
        indices: [new TableIndex({ name: 'ix_problems_healed', columnNames: ['healed_at'] })],
        foreignKeys: [foreignKey('connection_id', 'connections')],
      }),
    );
    await create(
      new Table({
        name: 'item_deeds',
        columns: [
          c.id(),
          c.token('action', 20),
          c.words('made_by', 254),
          c.time('made_at'),
          c.time('undone_at', nullable),
        ],
        indices: [new TableIndex({ name: 'ix_item_deeds_made', columnNames: ['made_at'] })],
      }),
    );
    await create(
      new Table({
        name: 'item_deed_items',
        columns: [
          c.ref('deed_id', { isPrimary: true }),
          c.ref('item_id', { isPrimary: true }),
          // The deed in the item's timeline: what a person did after it must not be undone with it.
          c.ref('step_id'),
          // The links that were forgotten; null where none was.
          c.text('links', nullable),
        ],
        foreignKeys: [foreignKey('deed_id', 'item_deeds'), foreignKey('item_id', 'sync_items')],
      }),
    );
    // Of failed items alone, which MySQL cannot have; it groups them quickly enough by reading them.
    if (runner.connection.options.type === 'better-sqlite3' && !(await hasIndex(runner, 'sync_items', BY_FAILURE))) {
      await runner.createIndex(
        'sync_items',
        new TableIndex({
          name: BY_FAILURE,
          columnNames: ['connection_id', 'failure_code', 'failure_cause', 'status'],
          where: 'failure_code IS NOT NULL',
        }),
      );
    }
    for (const [table, name, ...columnNames] of INDICES) {
      if (!(await hasIndex(runner, table, name))) {
        await runner.createIndex(table, new TableIndex({ name, columnNames }));
      }
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['item_deed_items', 'item_deeds', 'problems']) await runner.dropTable(table, true);
    for (const [table, name] of INDICES) {
      if (await hasIndex(runner, table, name)) await runner.dropIndex(table, name);
    }
    if (await hasIndex(runner, 'sync_items', BY_FAILURE)) await runner.dropIndex('sync_items', BY_FAILURE);
    if (await runner.hasColumn('sync_items', 'failure_cause')) await runner.dropColumn('sync_items', 'failure_cause');
  }
}
