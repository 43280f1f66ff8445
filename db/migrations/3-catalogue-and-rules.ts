import {
  type MigrationInterface,
  type QueryRunner,
  Table,
  type TableColumn,
  TableForeignKey,
  TableIndex,
  TableUnique,
} from 'typeorm';
import { nullable, portableColumns } from '../portable-columns';

const foreignKey = (column: string, table: string) =>
  new TableForeignKey({
    columnNames: [column],
    referencedTableName: table,
    referencedColumnNames: ['id'],
    onDelete: 'CASCADE',
  });
const unique = (name: string, ...columnNames: string[]) => new TableUnique({ name, columnNames });
const index = (name: string, ...columnNames: string[]) => new TableIndex({ name, columnNames });

const TABLES = [
  'catalogs',
  'catalog_entries',
  'catalog_words',
  'catalog_categories',
  'shop_webhooks',
  'sku_mappings',
  'product_link_twins',
  'stock_switches',
] as const;

const ADDED: Readonly<Record<string, readonly string[]>> = {
  lanes: ['circuit_set_at'],
  connections: ['unmanaged', 'category_buffers', 'negative', 'rounding', 'pack_size', 'buffer'],
  sync_items: ['pack_size', 'buffer'],
};

/** A mirror of each shop's catalogue, what is found by it, and the rules a connection makes a number by. */
export class CatalogueAndRules1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = portableColumns(runner);
    // MySQL does not roll DDL back: a migration that was cut off must be able to run again.
    const create = (table: Table) => runner.createTable(table, true);
    const add = async (table: string, column: TableColumn): Promise<void> => {
      if (!(await runner.hasColumn(table, column.name))) await runner.addColumn(table, column);
    };

    await create(
      new Table({
        name: 'catalogs',
        columns: [
          c.ref('shop_id', { isPrimary: true }),
          c.count('pass', { default: 0 }),
          c.text('position', nullable),
          c.token('walk', 10, nullable),
          c.count('done', { default: 0 }),
          c.count('total', nullable),
          c.time('walk_began_at', nullable),
          // By the shop's clock.
          c.time('walk_began_shop_time', nullable),
          c.time('changed_since', nullable),
          c.time('loaded_at', nullable),
          c.time('refreshed_at', nullable),
          c.time('due_at', nullable),
          c.time('full_due_at', nullable),
          c.text('failure', nullable),
        ],
        indices: [index('ix_catalogs_due', 'due_at')],
        foreignKeys: [foreignKey('shop_id', 'shops')],
      }),
    );
    await create(
      new Table({
        name: 'catalog_entries',
        columns: [
          c.id(),
          c.ref('shop_id'),
          c.ref('product_id'),
          // 0 = the product itself.
          c.ref('variation_id'),
          c.token('type', 20),
          c.words('sku', 200),
          c.words('gtin', 100, nullable),
          c.words('name', 500),
          // Digests of the forms in which two codes, barcodes or names are one; null where there is nothing to find by.
          c.token('code_key', 32, nullable),
          c.token('gtin_key', 32, nullable),
          c.token('sku_barcode_key', 32, nullable),
          c.token('name_key', 32, nullable),
          c.token('status', 20),
          c.token('stock_owner', 10),
          c.token('quantity', 32, nullable),
          c.token('stock_status', 20),
          c.bool('backorders'),
          c.text('translations', nullable),
          c.text('categories', nullable),
          c.time('modified_at', nullable),
          c.count('seen_pass'),
          c.time('seen_at'),
        ],
        uniques: [unique('uq_catalog_entries_product', 'shop_id', 'product_id', 'variation_id')],
        indices: [
          index('ix_catalog_entries_code', 'shop_id', 'code_key'),
          index('ix_catalog_entries_gtin', 'shop_id', 'gtin_key'),
          index('ix_catalog_entries_sku_barcode', 'shop_id', 'sku_barcode_key'),
          index('ix_catalog_entries_name', 'shop_id', 'name_key'),
          index('ix_catalog_entries_pass', 'shop_id', 'seen_pass'),
          index('ix_catalog_entries_variation', 'shop_id', 'variation_id'),
        ],
        foreignKeys: [foreignKey('shop_id', 'shops')],
      }),
    );
    await create(
      new Table({
        name: 'catalog_words',
        columns: [
          c.ref('shop_id', { isPrimary: true }),
          c.words('word', 40, { isPrimary: true }),
          c.ref('entry_id', { isPrimary: true }),
        ],
        indices: [index('ix_catalog_words_entry', 'entry_id')],
        foreignKeys: [foreignKey('entry_id', 'catalog_entries')],
      }),
    );
    await create(
      new Table({
        name: 'catalog_categories',
        columns: [
          c.ref('shop_id', { isPrimary: true }),
          c.ref('category_id', { isPrimary: true }),
          c.words('name', 200),
        ],
        foreignKeys: [foreignKey('shop_id', 'shops')],
      }),
    );
    await create(
      new Table({
        name: 'shop_webhooks',
        columns: [
          c.ref('shop_id', { isPrimary: true }),
          c.token('hook_key', 64),
          c.text('secret'),
          c.token('state', 30),
          c.text('failure', nullable),
          c.time('checked_at', nullable),
          c.time('received_at', nullable),
          c.time('revived_at', nullable),
        ],
        uniques: [unique('uq_shop_webhooks_key', 'hook_key')],
        foreignKeys: [foreignKey('shop_id', 'shops')],
      }),
    );
    await create(
      new Table({
        name: 'sku_mappings',
        columns: [
          c.id(),
          c.ref('connection_id'),
          c.words('reference', 100),
          c.token('reference_key', 64),
          c.words('sku', 200),
          c.time('created_at'),
        ],
        uniques: [unique('uq_sku_mappings_reference', 'connection_id', 'reference_key')],
        foreignKeys: [foreignKey('connection_id', 'connections')],
      }),
    );
    await create(
      new Table({
        name: 'product_link_twins',
        columns: [
          c.ref('item_id', { isPrimary: true }),
          c.ref('product_id', { isPrimary: true }),
          c.ref('variation_id', { isPrimary: true }),
          c.ref('shop_id'),
        ],
        uniques: [unique('uq_product_link_twins_product', 'shop_id', 'product_id', 'variation_id')],
        foreignKeys: [foreignKey('item_id', 'sync_items')],
      }),
    );
    await create(
      new Table({
        name: 'stock_switches',
        columns: [
          c.id(),
          c.ref('item_id'),
          c.ref('connection_id'),
          c.ref('shop_id'),
          c.ref('product_id'),
          c.ref('variation_id'),
          c.time('switched_at'),
          c.time('undo_at', nullable),
        ],
        uniques: [unique('uq_stock_switches_product', 'item_id', 'product_id', 'variation_id')],
        indices: [
          index('ix_stock_switches_connection', 'connection_id', 'id'),
          index('ix_stock_switches_undo', 'shop_id', 'undo_at'),
        ],
        foreignKeys: [foreignKey('item_id', 'sync_items')],
      }),
    );

    await add('lanes', c.time('circuit_set_at', nullable));
    await add('connections', c.token('buffer', 32, nullable));
    await add('connections', c.token('pack_size', 32, nullable));
    await add('connections', c.token('rounding', 10, nullable));
    await add('connections', c.token('negative', 30, nullable));
    await add('connections', c.text('category_buffers', nullable));
    await add('connections', c.token('unmanaged', 10, nullable));
    await add('sync_items', c.token('buffer', 32, nullable));
    await add('sync_items', c.token('pack_size', 32, nullable));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [...TABLES].reverse()) await runner.dropTable(table, true);
    for (const [table, names] of Object.entries(ADDED)) {
      for (const name of names) if (await runner.hasColumn(table, name)) await runner.dropColumn(table, name);
    }
  }
}
