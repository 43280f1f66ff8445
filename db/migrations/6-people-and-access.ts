import { type MigrationInterface, type QueryRunner, Table, TableForeignKey, TableIndex, TableUnique } from 'typeorm';
import { nullable, portableColumns } from '../portable-columns';

const ofUser = (column = 'user_id') =>
  new TableForeignKey({
    columnNames: [column],
    referencedTableName: 'users',
    referencedColumnNames: ['id'],
    onDelete: 'CASCADE',
  });
const unique = (name: string, ...columnNames: string[]) => new TableUnique({ name, columnNames });
const index = (name: string, ...columnNames: string[]) => new TableIndex({ name, columnNames });

const TABLES = [
  'audit_entries',
  'api_tokens',
  'login_challenges',
  'recovery_codes',
  'second_factors',
  'access_links',
] as const;

/** Who may come in, by what, and what they did. */
export class PeopleAndAccess1700000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = portableColumns(runner);
    // MySQL does not roll DDL back: a migration that was cut off must be able to run again.
    const create = (table: Table) => runner.createTable(table, true);

    if (!(await runner.hasColumn('users', 'last_seen_at'))) {
      await runner.addColumn('users', c.time('last_seen_at', nullable));
    }
    await create(
      new Table({
        name: 'access_links',
        columns: [
          c.id(),
          c.token('kind', 10),
          // Whom it lets in: somebody new by e-mail address and role, or a user who sets a new password.
          c.ref('user_id', nullable),
          c.words('email', 254),
          c.token('email_hash', 64),
          c.token('role', 20),
          c.token('token_hash', 64),
          c.words('issued_by', 254),
          c.time('created_at'),
          c.time('expires_at'),
        ],
        uniques: [unique('uq_access_links_token', 'token_hash'), unique('uq_access_links_email', 'kind', 'email_hash')],
        indices: [index('ix_access_links_user', 'user_id')],
        foreignKeys: [ofUser()],
      }),
    );
    await create(
      new Table({
        name: 'second_factors',
        columns: [
          c.ref('user_id', { isPrimary: true }),
          c.text('secret', nullable),
          c.time('confirmed_at', nullable),
          // A code counts once: the time step of the last one that was taken.
          c.time('last_step', nullable),
          // Shown, and not yet confirmed with a code.
          c.text('pending_secret', nullable),
        ],
        foreignKeys: [ofUser()],
      }),
    );
    await create(
      new Table({
        name: 'recovery_codes',
        columns: [c.ref('user_id', { isPrimary: true }), c.token('code_hash', 64, { isPrimary: true })],
        foreignKeys: [ofUser()],
      }),
    );
    await create(
      new Table({
        name: 'login_challenges',
        columns: [
          c.id(),
          c.ref('user_id'),
          c.token('token_hash', 64),
          c.count('tries', { default: 0 }),
          c.time('created_at'),
          c.time('expires_at'),
        ],
        uniques: [unique('uq_login_challenges_token', 'token_hash')],
        indices: [index('ix_login_challenges_user', 'user_id', 'created_at')],
        foreignKeys: [ofUser()],
      }),
    );
    await create(
      new Table({
        name: 'api_tokens',
        columns: [
          c.id(),
          c.ref('user_id'),
          c.words('name', 100),
          c.token('scope', 10),
          c.token('prefix', 16),
          c.token('token_hash', 64),
          c.time('created_at'),
          c.time('expires_at', nullable),
          c.time('last_used_at', nullable),
        ],
        uniques: [unique('uq_api_tokens_token', 'token_hash')],
        indices: [index('ix_api_tokens_user', 'user_id', 'id')],
        foreignKeys: [ofUser()],
      }),
    );
    await create(
      new Table({
        name: 'audit_entries',
        columns: [
          c.id(),
          c.time('at'),
          c.token('actor_kind', 20),
          // No reference: what a person did stays when the person has gone.
          c.ref('actor_id', nullable),
          c.words('actor', 254),
          c.words('token_name', 100, nullable),
          c.token('address', 45, nullable),
          c.token('action', 60),
          c.token('outcome', 10),
          // Why it was refused.
          c.token('reason', 60, nullable),
          c.token('object_kind', 40, nullable),
          c.ref('object_id', nullable),
          c.words('object_name', 254, nullable),
          c.text('fields', nullable),
        ],
        indices: [
          index('ix_audit_entries_at', 'at'),
          index('ix_audit_entries_actor', 'actor_id', 'id'),
          index('ix_audit_entries_action', 'action', 'id'),
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.dropTable(table, true);
    if (await runner.hasColumn('users', 'last_seen_at')) await runner.dropColumn('users', 'last_seen_at');
  }
}
