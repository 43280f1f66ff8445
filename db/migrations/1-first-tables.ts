import { type MigrationInterface, type QueryRunner, Table, TableForeignKey, TableIndex, TableUnique } from 'typeorm';
import { nullable, portableColumns } from '../portable-columns';

const foreignKey = (column: string, table: string, onDelete: 'CASCADE' | 'SET NULL' = 'CASCADE') =>
  new TableForeignKey({ columnNames: [column], referencedTableName: table, referencedColumnNames: ['id'], onDelete });
const unique = (name: string, ...columnNames: string[]) => new TableUnique({ name, columnNames });
const index = (name: string, ...columnNames: string[]) => new TableIndex({ name, columnNames });

const TABLES = [
  'lock_row',
  'app_settings',
  'users',
  'sessions',
  'shops',
  'lanes',
  'sources',
  'source_tokens',
  'warehouses',
  'connections',
  'source_products',
  'stock_pushes',
  'stock_levels',
  'stock_push_lines',
  'sync_items',
  'product_links',
  'sync_attempts',
] as const;

export class FirstTables1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = portableColumns(runner);
    // MySQL does not roll DDL back: a migration that was cut off must be able to run again.
    const create = (table: Table) => runner.createTable(table, true);

    await create(new Table({ name: 'lock_row', columns: [c.count('n', { isPrimary: true })] }));
    await create(
      new Table({ name: 'app_settings', columns: [c.token('name', 100, { isPrimary: true }), c.text('value')] }),
    );

    await create(
      new Table({
        name: 'users',
        columns: [
          c.id(),
          c.words('email', 254),
          c.token('email_hash', 64),
          c.token('password_hash', 255),
          c.token('role', 20),
          c.token('language', 10),
          c.time('created_at'),
        ],
        uniques: [unique('uq_users_email', 'email_hash')],
      }),
    );
    await create(
      new Table({
        name: 'sessions',
        columns: [
          c.id(),
          c.token('token_hash', 64),
          c.ref('user_id'),
          c.words('user_agent', 300, nullable),
          c.time('created_at'),
          c.time('last_seen_at'),
          c.time('expires_at'),
        ],
        uniques: [unique('uq_sessions_token', 'token_hash')],
        indices: [index('ix_sessions_user', 'user_id'), index('ix_sessions_expiry', 'expires_at')],
        foreignKeys: [foreignKey('user_id', 'users')],
      }),
    );

    await create(
      new Table({
        name: 'shops',
        columns: [
          c.id(),
          c.words('name', 200),
          c.words('url', 500),
          c.text('consumer_key'),
          c.text('consumer_secret'),
          c.words('consumer_key_hint', 40),
          c.bool('verify_tls'),
          c.bool('allow_query_keys'),
          c.token('authentication', 20, nullable),
          c.token('route_style', 20, nullable),
          c.token('version', 40, nullable),
          c.text('last_test', nullable),
          c.time('created_at'),
          c.time('updated_at'),
        ],
      }),
    );
    await create(
      new Table({
        name: 'lanes',
        columns: [
          c.ref('shop_id', { isPrimary: true }),
          c.token('owner', 120, nullable),
          c.count('epoch', { default: 0 }),
          c.time('lease_until', { default: 0 }),
          c.token('circuit_state', 10, { default: "'closed'" }),
          c.text('circuit_failure', nullable),
          c.time('circuit_opened_at', nullable),
          c.time('circuit_probe_at', nullable),
          c.count('circuit_failures', { default: 0 }),
        ],
        foreignKeys: [foreignKey('shop_id', 'shops')],
      }),
    );

    await create(
      new Table({
        name: 'sources',
        columns: [
          c.id(),
          c.token('source_key', 64),
          c.words('name', 200),
          c.token('kind', 30),
          c.bool('enabled'),
          c.text('settings'),
          c.time('last_test_at', nullable),
          c.time('last_push_at', nullable),
          c.time('last_refused_at', nullable),
          c.token('last_refusal', 30, nullable),
          c.time('created_at'),
          c.time('updated_at'),
        ],
        uniques: [unique('uq_sources_key', 'source_key')],
      }),
    );
    await create(
      new Table({
        name: 'source_tokens',
        columns: [
          c.id(),
          c.ref('source_id'),
          c.token('issuer', 10),
          c.token('token_hash', 64),
          c.time('created_at'),
          c.time('expires_at', nullable),
          c.time('last_used_at', nullable),
        ],
        indices: [index('ix_source_tokens_source', 'source_id')],
        foreignKeys: [foreignKey('source_id', 'sources')],
      }),
    );
    await create(
      new Table({
        name: 'warehouses',
        columns: [
          c.id(),
          c.ref('source_id'),
          c.token('key_hash', 64),
          c.words('name', 200),
          c.time('first_seen_at'),
          c.time('last_seen_at'),
        ],
        uniques: [unique('uq_warehouses_key', 'source_id', 'key_hash')],
        foreignKeys: [foreignKey('source_id', 'sources')],
      }),
    );
    await create(
      new Table({
        name: 'connections',
        columns: [
          c.id(),
          c.ref('source_id'),
          c.ref('shop_id'),
          c.text('warehouses'),
          c.token('match_by', 60),
          c.token('mode', 10),
          c.bool('allow_name_after_code'),
          c.time('created_at'),
          c.time('updated_at'),
        ],
        uniques: [unique('uq_connections_pair', 'source_id', 'shop_id')],
        indices: [index('ix_connections_shop', 'shop_id')],
        foreignKeys: [foreignKey('source_id', 'sources'), foreignKey('shop_id', 'shops')],
      }),
    );

    await create(
      new Table({
        name: 'source_products',
        columns: [
          c.id(),
          c.ref('source_id'),
          c.token('identity_hash', 64),
          c.words('code', 100, nullable),
          c.words('barcode', 100, nullable),
          c.words('name', 500, nullable),
          c.words('external_id', 100, nullable),
          c.time('created_at'),
          c.time('updated_at'),
        ],
        uniques: [unique('uq_source_products_identity', 'source_id', 'identity_hash')],
        foreignKeys: [foreignKey('source_id', 'sources')],
      }),
    );
    await create(
      new Table({
        name: 'stock_pushes',
        columns: [
          c.id(),
          c.ref('source_id'),
          c.time('received_at'),
          c.token('body_hash', 64),
          c.token('idempotency_hash', 64, nullable),
          c.words('content_type', 200, nullable),
          c.text('raw_body', nullable),
          c.count('bytes'),
          c.bool('is_test'),
          c.count('accepted'),
          c.count('rejected'),
          c.count('superseded'),
          c.count('not_chosen'),
          c.ref('replay_of', nullable),
        ],
        uniques: [unique('uq_stock_pushes_idempotency', 'source_id', 'idempotency_hash')],
        indices: [index('ix_stock_pushes_received', 'received_at'), index('ix_stock_pushes_source', 'source_id', 'id')],
        foreignKeys: [foreignKey('source_id', 'sources')],
      }),
    );
    await create(
      new Table({
        name: 'stock_levels',
        columns: [
          c.ref('source_product_id', { isPrimary: true }),
          c.ref('warehouse_id', { isPrimary: true }),
          c.token('quantity', 32),
          c.time('observed_at'),
          c.ref('push_id', nullable),
          c.time('updated_at'),
        ],
        foreignKeys: [foreignKey('source_product_id', 'source_products'), foreignKey('warehouse_id', 'warehouses')],
      }),
    );
    await create(
      new Table({
        name: 'stock_push_lines',
        columns: [
          c.ref('push_id', { isPrimary: true }),
          c.count('line_index', { isPrimary: true }),
          c.token('outcome', 20),
          c.token('reason', 40, nullable),
          c.words('message', 300, nullable),
          c.ref('source_product_id', nullable),
          c.words('code', 100, nullable),
          c.words('barcode', 100, nullable),
          c.words('name', 500, nullable),
          c.words('warehouse', 200, nullable),
          c.token('quantity', 32, nullable),
          c.token('before_quantity', 32, nullable),
        ],
        indices: [index('ix_stock_push_lines_product', 'source_product_id', 'push_id')],
        foreignKeys: [foreignKey('push_id', 'stock_pushes'), foreignKey('source_product_id', 'source_products')],
      }),
    );

    await create(
      new Table({
        name: 'sync_items',
        columns: [
          c.id(),
          c.ref('connection_id'),
          c.ref('source_product_id'),
          c.ref('shop_id'),
          c.token('status', 20),
          c.count('priority'),
          c.time('due_at', nullable),
          c.count('version', { default: 1 }),
          c.count('epoch', { default: 0 }),
          c.count('attempts', { default: 0 }),
          c.token('shown', 32, nullable),
          c.time('shown_at', nullable),
          c.time('last_synced_at', nullable),
          c.token('failure_code', 40, nullable),
          c.text('failure', nullable),
          c.time('created_at'),
          c.time('updated_at'),
        ],
        uniques: [unique('uq_sync_items_product', 'connection_id', 'source_product_id')],
        indices: [
          // The claim reads one priority at a time, oldest first; rows that are not due (null) are never touched.
          index('ix_sync_items_due', 'shop_id', 'priority', 'due_at', 'id'),
          index('ix_sync_items_status', 'connection_id', 'status', 'id'),
          index('ix_sync_items_writing', 'shop_id', 'status'),
          index('ix_sync_items_source_product', 'source_product_id'),
        ],
        foreignKeys: [
          foreignKey('connection_id', 'connections'),
          foreignKey('source_product_id', 'source_products'),
          foreignKey('shop_id', 'shops'),
        ],
      }),
    );
    await create(
      new Table({
        name: 'product_links',
        columns: [
          c.ref('item_id', { isPrimary: true }),
          c.ref('shop_id'),
          c.ref('product_id'),
          // 0 = the product itself: NULL would let two items take one product, since NULLs are never equal.
          c.ref('variation_id'),
          c.token('found_by', 20),
          c.words('sku', 200),
          c.words('name', 500),
          c.time('found_at'),
          c.time('proven_at'),
        ],
        uniques: [unique('uq_product_links_product', 'shop_id', 'product_id', 'variation_id')],
        foreignKeys: [foreignKey('item_id', 'sync_items'), foreignKey('shop_id', 'shops')],
      }),
    );
    await create(
      new Table({
        name: 'sync_attempts',
        columns: [
          c.id(),
          c.ref('item_id'),
          c.time('at'),
          c.token('step', 20),
          c.token('outcome', 30),
          c.token('before_quantity', 32, nullable),
          c.token('after_quantity', 32, nullable),
          c.token('wanted', 32, nullable),
          c.text('params', nullable),
          c.text('failure', nullable),
          c.words('made_by', 254, nullable),
        ],
        indices: [index('ix_sync_attempts_item', 'item_id', 'id'), index('ix_sync_attempts_at', 'at')],
        foreignKeys: [foreignKey('item_id', 'sync_items')],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [...TABLES].reverse()) await runner.dropTable(table, true);
  }
}
