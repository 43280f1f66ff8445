import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';
import { nullable, portableColumns } from '../portable-columns';

const INDICES = [
  ['web_orders', 'ix_web_orders_unknown', 'all_known', 'shop_id', 'placed_at'],
  ['web_orders', 'ix_web_orders_number', 'number'],
  ['web_order_lines', 'ix_web_order_lines_sold', 'product_id'],
  ['web_order_lines', 'ix_web_order_lines_variation', 'variation_id'],
  ['web_order_lines', 'ix_web_order_lines_saved', 'saved_at', 'shop_id', 'web_order_id', 'saved'],
] as const;

const COLUMNS = {
  web_orders: ['all_known'],
  web_order_lines: ['saved', 'saved_at'],
  order_ledgers: ['saved_orders', 'saved_pieces'],
} as const;

const hasIndex = async (runner: QueryRunner, table: string, index: string): Promise<boolean> =>
  (await runner.getTable(table))?.indices.some(({ name }) => name === index) ?? false;

/** What is shown of web orders: which are unknown, and which sales were saved from being written over. */
export class OrdersOnShow1700000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = portableColumns(runner);
    const columns = [
      // No source has anything to learn of it, as was last looked at: whoever looks for unknown ones passes it by.
      ['web_orders', c.bool('all_known', { default: 0 })],
      // What a level that did not know of it would have written over.
      ['web_order_lines', c.token('saved', 32, nullable)],
      ['web_order_lines', c.time('saved_at', nullable)],
      // Of orders that are not kept any more.
      ['order_ledgers', c.count('saved_orders', { default: 0 })],
      ['order_ledgers', c.token('saved_pieces', 32, { default: "'0'" })],
    ] as const;
    for (const [table, column] of columns) {
      if (!(await runner.hasColumn(table, column.name))) await runner.addColumn(table, column);
    }
    for (const [table, name, ...columnNames] of INDICES) {
      if (!(await hasIndex(runner, table, name))) {
        await runner.createIndex(table, new TableIndex({ name, columnNames: [...columnNames] }));
      }
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, name] of INDICES) {
      if (await hasIndex(runner, table, name)) await runner.dropIndex(table, name);
    }
    for (const [table, names] of Object.entries(COLUMNS)) {
      for (const name of names) {
        if (await runner.hasColumn(table, name)) await runner.dropColumn(table, name);
      }
    }
  }
}
