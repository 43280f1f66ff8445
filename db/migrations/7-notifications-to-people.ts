import { type MigrationInterface, type QueryRunner, Table, TableForeignKey, TableIndex } from 'typeorm';
import { nullable, portableColumns } from '../portable-columns';

const foreignKey = (column: string, table: string) =>
  new TableForeignKey({
    columnNames: [column],
    referencedTableName: table,
    referencedColumnNames: ['id'],
    onDelete: 'CASCADE',
  });

const INDICES = [
  ['notifications', 'ix_notifications_subject', 'subject', 'healed_at'],
  ['notifications', 'ix_notifications_news', 'news_at'],
  ['notifications', 'ix_notifications_healed', 'healed_at', 'id'],
] as const;

const COLUMNS = ['news_at', 'params', 'cause', 'connection_id', 'subject'];

/** Who hears of what, when they were last told, and what is still to be told. */
export class NotificationsToPeople1700000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = portableColumns(runner);
    // Kind and what it is about in one word: at most one of each is open.
    const columns = [
      c.token('subject', 160, { default: "''" }),
      c.ref('connection_id', nullable),
      c.token('cause', 40, nullable),
      c.text('params', nullable),
      // When there was last something new to tell.
      c.time('news_at', { default: 0 }),
    ];
    // MySQL does not roll DDL back: a migration that was cut off must be able to run again.
    for (const column of columns) {
      if (!(await runner.hasColumn('notifications', column.name))) await runner.addColumn('notifications', column);
    }
    await runner.query('UPDATE notifications SET news_at = COALESCE(healed_at, raised_at) WHERE news_at = 0');
    const open: { id: number; kind: string; shop: number | null; source: number | null }[] = await runner.query(
      "SELECT id AS id, kind AS kind, shop_id AS shop, source_id AS source FROM notifications WHERE subject = ''",
    );
    for (const { id, kind, shop, source } of open) {
      const subject = [kind, shop ?? '', source ?? '', '', ''].join('/');
      await runner.query('UPDATE notifications SET subject = ? WHERE id = ?', [subject, id]);
    }
    for (const [table, name, ...columnNames] of INDICES) {
      const known = await runner.getTable(table);
      if (known && !known.indices.some((each) => each.name === name)) {
        await runner.createIndex(table, new TableIndex({ name, columnNames }));
      }
    }

    await runner.createTable(
      new Table({
        name: 'notice_preferences',
        columns: [
          c.ref('user_id', { isPrimary: true }),
          // null = never said; what each kind's own default is, counts.
          c.text('preferences', nullable),
          c.time('read_until', nullable),
          c.time('updated_at'),
        ],
        foreignKeys: [foreignKey('user_id', 'users')],
      }),
      true,
    );
    await runner.createTable(
      new Table({
        name: 'notice_webhooks',
        columns: [c.id(), c.words('url', 500), c.text('secret'), c.time('created_at')],
      }),
      true,
    );
    await runner.createTable(
      new Table({
        name: 'notice_deliveries',
        columns: [
          c.id(),
          c.token('channel', 10),
          c.ref('user_id', nullable),
          c.ref('webhook_id', nullable),
          c.ref('notification_id'),
          c.token('message', 10),
          // null = sent, or given up.
          c.time('due_at', nullable),
          c.time('lease_until', { default: 0 }),
          c.count('attempts', { default: 0 }),
          c.time('first_due_at'),
          c.time('sent_at', nullable),
          c.time('failed_at', nullable),
          c.text('failure', nullable),
        ],
        indices: [
          new TableIndex({ name: 'ix_notice_deliveries_due', columnNames: ['channel', 'due_at'] }),
          new TableIndex({ name: 'ix_notice_deliveries_notification', columnNames: ['notification_id', 'id'] }),
          new TableIndex({ name: 'ix_notice_deliveries_user', columnNames: ['user_id', 'due_at'] }),
          new TableIndex({ name: 'ix_notice_deliveries_webhook', columnNames: ['webhook_id', 'due_at'] }),
        ],
        foreignKeys: [
          foreignKey('user_id', 'users'),
          foreignKey('webhook_id', 'notice_webhooks'),
          foreignKey('notification_id', 'notifications'),
        ],
      }),
      true,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['notice_deliveries', 'notice_webhooks', 'notice_preferences']) {
      await runner.dropTable(table, true);
    }
    for (const [table, name] of INDICES) {
      const known = await runner.getTable(table);
      if (known?.indices.some((each) => each.name === name)) await runner.dropIndex(table, name);
    }
    for (const name of COLUMNS) {
      if (await runner.hasColumn('notifications', name)) await runner.dropColumn('notifications', name);
    }
  }
}
