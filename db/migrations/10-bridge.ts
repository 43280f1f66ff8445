import { type MigrationInterface, type QueryRunner, Table, TableForeignKey, TableIndex, TableUnique } from 'typeorm';
import { nullable, portableColumns } from '../portable-columns';

const foreignKey = (column: string, table: string, onDelete: 'CASCADE' | 'SET NULL') =>
  new TableForeignKey({
    columnNames: [column],
    referencedTableName: table,
    referencedColumnNames: ['id'],
    onDelete,
  });

/** The plugin of a shop: with whom it is paired, calls that were used up, and what it told of stock. */
export class Bridge1700000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = portableColumns(runner);
    // MySQL does not roll DDL back: a migration that was cut off must be able to run again.
    const create = (table: Table) => runner.createTable(table, true);

    await create(
      new Table({
        name: 'bridge_pairings',
        columns: [
          c.ref('shop_id', { isPrimary: true }),
          // Null while nobody has paired yet.
          c.token('pairing_id', 36, nullable),
          c.text('secret', nullable),
          // Offered to the shop in a rotation; both count until the shop is known to use this one.
          c.text('next_secret', nullable),
          c.time('paired_at', nullable),
          c.ref('shop_user_id', nullable),
          c.words('shop_user_email', 254, nullable),
          c.words('shop_user_name', 250, nullable),
          c.ref('user_id', nullable),
          c.text('site', nullable),
          // The pairing that waits for its one-time code to be typed in the shop.
          c.token('pending_id', 36, nullable),
          c.text('pending_secret', nullable),
          c.token('code_hash', 64, nullable),
          c.time('code_expires_at', nullable),
          c.ref('pending_user_id', nullable),
          c.text('status', nullable),
          c.time('status_at', nullable),
          c.text('failure', nullable),
          c.time('away_since', nullable),
          c.time('retry_at', nullable),
          c.count('failures', { default: 0 }),
          // The last thing that went wrong, whether or not it has passed.
          c.text('last_failure', nullable),
          c.time('last_failure_at', nullable),
          c.time('answered_at', nullable),
          c.time('called_at', nullable),
          c.time('watched_at', nullable),
          c.ref('events_seq', { default: 0 }),
        ],
        uniques: [new TableUnique({ name: 'uq_bridge_pairings_pairing', columnNames: ['pairing_id'] })],
        foreignKeys: [
          foreignKey('shop_id', 'shops', 'CASCADE'),
          foreignKey('user_id', 'users', 'SET NULL'),
          foreignKey('pending_user_id', 'users', 'SET NULL'),
        ],
      }),
    );
    await create(
      new Table({
        name: 'bridge_nonces',
        columns: [
          c.token('pairing_id', 36, { isPrimary: true }),
          c.token('nonce', 32, { isPrimary: true }),
          c.time('seen_at'),
        ],
        indices: [new TableIndex({ name: 'ix_bridge_nonces_seen', columnNames: ['seen_at'] })],
      }),
    );
    await create(
      new Table({
        name: 'stock_events',
        columns: [
          c.id(),
          c.ref('shop_id'),
          c.token('pairing_id', 36),
          c.ref('seq'),
          c.ref('product_id'),
          c.ref('parent_id'),
          c.ref('stock_id'),
          c.token('before_quantity', 30, nullable),
          c.token('after_quantity', 30, nullable),
          c.token('cause', 20),
          c.ref('order_id', nullable),
          c.words('order_number', 60, nullable),
          c.token('changed_by', 20),
          c.words('plugin', 100, nullable),
          c.time('at'),
          c.time('received_at'),
        ],
        // What the shop sends once more is the same event.
        uniques: [new TableUnique({ name: 'uq_stock_events_seq', columnNames: ['pairing_id', 'seq'] })],
        indices: [
          new TableIndex({ name: 'ix_stock_events_product', columnNames: ['shop_id', 'stock_id', 'at'] }),
          new TableIndex({ name: 'ix_stock_events_received', columnNames: ['received_at'] }),
        ],
        foreignKeys: [foreignKey('shop_id', 'shops', 'CASCADE')],
      }),
    );
    // From where a shop that counts its changes is asked for the next ones.
    const mark = c.token('changed_mark', 80, nullable);
    if (!(await runner.hasColumn('catalogs', mark.name))) await runner.addColumn('catalogs', mark);
  }

  async down(runner: QueryRunner): Promise<void> {
    if (await runner.hasColumn('catalogs', 'changed_mark')) await runner.dropColumn('catalogs', 'changed_mark');
    for (const table of ['stock_events', 'bridge_nonces', 'bridge_pairings']) await runner.dropTable(table, true);
  }
}
