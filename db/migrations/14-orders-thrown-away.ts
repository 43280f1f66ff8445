import type { MigrationInterface, QueryRunner } from 'typeorm';
import { nullable, portableColumns } from '../portable-columns';

const TABLE = 'order_ledgers';
const COLUMN = 'thrown_away_to';

/** Up to when the orders are known that a shop's owner has thrown away: they are read apart from the others. */
export class OrdersThrownAway1700000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    if (await runner.hasColumn(TABLE, COLUMN)) return;
    // null = never read: from the beginning of the counting on.
    await runner.addColumn(TABLE, portableColumns(runner).time(COLUMN, nullable));
  }

  async down(runner: QueryRunner): Promise<void> {
    if (await runner.hasColumn(TABLE, COLUMN)) await runner.dropColumn(TABLE, COLUMN);
  }
}
