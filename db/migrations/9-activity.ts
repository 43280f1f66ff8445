import { type MigrationInterface, type QueryRunner, Table, TableForeignKey } from 'typeorm';
import { portableColumns } from '../portable-columns';

/** What was done in each hour, kept by the hour: the steps themselves are removed after a while, and are too many to count. */
export class Activity1700000000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = portableColumns(runner);
    await runner.createTable(
      new Table({
        name: 'activity_hours',
        columns: [
          c.ref('shop_id', { isPrimary: true }),
          c.time('hour', { isPrimary: true }),
          c.count('changes', { default: 0 }),
          c.count('failures', { default: 0 }),
          c.time('delay_total_ms', { default: 0 }),
          c.time('delay_longest_ms', { default: 0 }),
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
    await runner.dropTable('activity_hours', true);
  }
}
