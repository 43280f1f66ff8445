import { type MigrationInterface, type QueryRunner, Table, TableForeignKey, TableIndex, TableUnique } from 'typeorm';
import { portableColumns } from '../portable-columns';

const TABLE = 'former_links';

/** Products that the shop no longer has, and whose item goes on with another: what web orders took of them stays its. */
export class FormerLinks1700000000016 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = portableColumns(runner);
    await runner.createTable(
      new Table({
        name: TABLE,
        columns: [c.id(), c.ref('item_id'), c.ref('shop_id'), c.ref('product_id'), c.ref('variation_id')],
        uniques: [
          new TableUnique({
            name: 'uq_former_links_product',
            columnNames: ['shop_id', 'product_id', 'variation_id'],
          }),
        ],
        indices: [new TableIndex({ name: 'ix_former_links_item', columnNames: ['item_id'] })],
        foreignKeys: [
          new TableForeignKey({
            columnNames: ['item_id'],
            referencedTableName: 'sync_items',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
          }),
        ],
      }),
      true,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(TABLE, true);
  }
}
