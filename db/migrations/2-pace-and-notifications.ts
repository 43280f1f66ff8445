import {
  type MigrationInterface,
  type QueryRunner,
  Table,
  type TableColumn,
  TableForeignKey,
  TableIndex,
} from 'typeorm';
import { nullable, portableColumns } from '../portable-columns';

/** What the engine needs to pace itself by each shop, to coalesce bursts, and to tell of what stops. */
export class PaceAndNotifications1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = portableColumns(runner);
    const add = async (table: string, column: TableColumn): Promise<void> => {
      // MySQL does not roll DDL back: a migration that was cut off must be able to run again.
      if (!(await runner.hasColumn(table, column.name))) await runner.addColumn(table, column);
    };
    await add('shops', c.count('calls_per_minute', nullable));
    await add('shops', c.count('quiet_from_minute', nullable));
    await add('shops', c.count('quiet_to_minute', nullable));
    await add('shops', c.token('quiet_time_zone', 64, nullable));
    await add('lanes', c.token('pace', 100, nullable));
    await add('connections', c.bool('hold_errors', { default: 0 }));
    await add('sync_items', c.time('written_at', nullable));
    await add('sync_items', c.time('waiting_since', nullable));
    await runner.createTable(
      new Table({
        name: 'notifications',
        columns: [
          c.id(),
          c.token('kind', 40),
          c.ref('shop_id', nullable),
          c.text('failure', nullable),
          c.time('raised_at'),
          c.time('healed_at', nullable),
        ],
        indices: [
          new TableIndex({ name: 'ix_notifications_open', columnNames: ['kind', 'shop_id', 'healed_at'] }),
          new TableIndex({ name: 'ix_notifications_raised', columnNames: ['raised_at'] }),
        ],
        foreignKeys: [
          new TableForeignKey({
            columnNames: ['shop_id'],
            referencedTableName: 'shops',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
          }),
        ],
      }),
      true,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('notifications', true);
    const columns: Readonly<Record<string, readonly string[]>> = {
      sync_items: ['waiting_since', 'written_at'],
      connections: ['hold_errors'],
      lanes: ['pace'],
      shops: ['quiet_time_zone', 'quiet_to_minute', 'quiet_from_minute', 'calls_per_minute'],
    };
    for (const [table, names] of Object.entries(columns)) {
      for (const name of names) if (await runner.hasColumn(table, name)) await runner.dropColumn(table, name);
    }
  }
}
