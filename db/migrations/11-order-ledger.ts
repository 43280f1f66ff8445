import { type MigrationInterface, type QueryRunner, Table, TableForeignKey, TableIndex } from 'typeorm';
import { nullable, portableColumns } from '../portable-columns';

const foreignKey = (columns: readonly string[], table: string, referenced: readonly string[] = ['id']) =>
  new TableForeignKey({
    columnNames: [...columns],
    referencedTableName: table,
    referencedColumnNames: [...referenced],
    onDelete: 'CASCADE',
  });

/** Web orders, what they hold of the stock, and how much of it each source knows of. */
export class OrderLedger1700000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = portableColumns(runner);
    // MySQL does not roll DDL back: a migration that was cut off must be able to run again.
    const create = (table: Table) => runner.createTable(table, true);

    // When the source knows of a web order; null = web orders are not counted, as before.
    const rule = c.text('order_rule', nullable);
    if (!(await runner.hasColumn('connections', rule.name))) await runner.addColumn('connections', rule);

    await create(
      new Table({
        name: 'order_ledgers',
        columns: [
          c.ref('shop_id', { isPrimary: true }),
          // By the shop's clock: orders from before it were there before we looked, and their pieces are gone already.
          c.time('began_at'),
          // By the shop's clock: up to here all that changed has been read.
          c.time('read_to'),
          c.time('polled_at', nullable),
          c.time('due_at'),
          c.text('failure', nullable),
          c.time('heard_at', nullable),
          c.time('lag_ms', nullable),
        ],
        foreignKeys: [foreignKey(['shop_id'], 'shops')],
      }),
    );
    await create(
      new Table({
        name: 'web_orders',
        columns: [
          c.id(),
          c.ref('shop_id'),
          c.ref('order_id'),
          c.words('number', 64),
          c.token('status', 40),
          c.time('placed_at', nullable),
          c.time('modified_at'),
          c.time('heard_at'),
          c.token('heard_by', 10),
          c.time('gone_at', nullable),
        ],
        uniques: [{ name: 'uq_web_orders_order', columnNames: ['shop_id', 'order_id'] }],
        indices: [new TableIndex({ name: 'ix_web_orders_placed', columnNames: ['shop_id', 'placed_at'] })],
        foreignKeys: [foreignKey(['shop_id'], 'shops')],
      }),
    );
    await create(
      new Table({
        name: 'web_order_lines',
        columns: [
          c.id(),
          c.ref('web_order_id'),
          c.ref('shop_id'),
          c.ref('line_id'),
          c.ref('product_id'),
          c.ref('variation_id'),
          c.token('held', 32),
        ],
        uniques: [{ name: 'uq_web_order_lines_line', columnNames: ['web_order_id', 'line_id'] }],
        indices: [
          new TableIndex({
            name: 'ix_web_order_lines_product',
            columnNames: ['shop_id', 'product_id', 'variation_id'],
          }),
        ],
        foreignKeys: [foreignKey(['web_order_id'], 'web_orders')],
      }),
    );
    // What of a line one source knows of. No row = nothing.
    await create(
      new Table({
        name: 'order_releases',
        columns: [
          c.ref('connection_id', { isPrimary: true }),
          c.ref('line_row_id', { isPrimary: true }),
          c.token('quantity', 32),
          c.token('reason', 20),
          c.words('released_by', 254, nullable),
          c.time('released_at'),
        ],
        indices: [new TableIndex({ name: 'ix_order_releases_line', columnNames: ['line_row_id'] })],
        foreignKeys: [foreignKey(['connection_id'], 'connections'), foreignKey(['line_row_id'], 'web_order_lines')],
      }),
    );
    // A level fell before we had heard of the order that explains it: the order takes it from here when it comes.
    await create(
      new Table({
        name: 'level_falls',
        columns: [
          c.id(),
          c.ref('connection_id'),
          c.ref('source_product_id'),
          c.token('quantity', 32),
          c.time('fell_at'),
        ],
        indices: [
          new TableIndex({ name: 'ix_level_falls_product', columnNames: ['connection_id', 'source_product_id'] }),
          new TableIndex({ name: 'ix_level_falls_time', columnNames: ['fell_at'] }),
        ],
        foreignKeys: [
          foreignKey(['connection_id'], 'connections'),
          foreignKey(['source_product_id'], 'source_products'),
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['level_falls', 'order_releases', 'web_order_lines', 'web_orders', 'order_ledgers']) {
      await runner.dropTable(table, true);
    }
    if (await runner.hasColumn('connections', 'order_rule')) await runner.dropColumn('connections', 'order_rule');
  }
}
