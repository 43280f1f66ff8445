import { type MigrationInterface, type QueryRunner, Table, TableForeignKey, TableIndex } from 'typeorm';
import { nullable, portableColumns } from '../portable-columns';

const OF_ORDERS = { name: 'ix_stock_events_order', columnNames: ['shop_id', 'order_id'] };

/** What tells an edit by hand from a web order, and what becomes of it. */
export class HandEdits1700000000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = portableColumns(runner);
    const added = [
      // Why the item has a number of its own: undo, edited, asked. Null with a number = undo.
      c.token('held_why', 10, nullable),
      // Whether the source has said something new since the item was last in step.
      c.bool('news', { default: 0 }),
      // What web orders had taken of the product and given back in all when the shop showed `shown`; null = not known.
      c.token('shown_taken', 32, nullable),
      c.token('shown_given', 32, nullable),
    ];
    // MySQL does not roll DDL back: a migration that was cut off must be able to run again.
    for (const column of added) {
      if (!(await runner.hasColumn('sync_items', column.name))) await runner.addColumn('sync_items', column);
    }
    // By which order the plugin told of, an order that is read is found.
    const table = await runner.getTable('stock_events');
    if (!table?.indices.some(({ name }) => name === OF_ORDERS.name))
      await runner.createIndex('stock_events', new TableIndex(OF_ORDERS));
    // What web orders ever took of a product, and gave back; what is forgotten of old orders stays in it.
    await runner.createTable(
      new Table({
        name: 'product_sales',
        columns: [
          c.ref('shop_id', { isPrimary: true }),
          c.ref('product_id', { isPrimary: true }),
          c.ref('variation_id', { isPrimary: true }),
          c.token('taken', 32),
          c.token('given', 32),
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
    await runner.dropTable('product_sales', true);
    const table = await runner.getTable('stock_events');
    if (table?.indices.some(({ name }) => name === OF_ORDERS.name))
      await runner.dropIndex('stock_events', OF_ORDERS.name);
    for (const name of ['shown_given', 'shown_taken', 'news', 'held_why']) {
      if (await runner.hasColumn('sync_items', name)) await runner.dropColumn('sync_items', name);
    }
  }
}
