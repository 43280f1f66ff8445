import type { MigrationInterface, QueryRunner } from 'typeorm';
import { nullable, portableColumns } from '../portable-columns';

const ADDED = [
  // When the order took pieces last, by the shop's clock; null = when it was placed, for all that is known.
  ['web_orders', 'took_at'],
  // Until then a difference that was sent may still be added, by a call whose end nobody heard of.
  ['sync_items', 'doubted_until'],
] as const;

/** What keeps a sale from being forgotten before its source can know of it, and a difference from being sent twice. */
export class TakenAndDoubted1700000000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = portableColumns(runner);
    for (const [table, name] of ADDED) {
      if (!(await runner.hasColumn(table, name))) await runner.addColumn(table, c.time(name, nullable));
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, name] of ADDED) {
      if (await runner.hasColumn(table, name)) await runner.dropColumn(table, name);
    }
  }
}
