import { FIRST_PREFERENCES, type NoticePreferences } from '../domain/notice-timing';
import type { Listener, NoticePreferenceStore } from '../domain/ports/notice-deliveries';
import { insertRows, selectRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';
import { roleOf } from './user-store';

interface ListenerRow {
  readonly userId: number;
  readonly email: string;
  readonly role: string;
  readonly language: string;
  readonly preferences: string | null;
}

const listenerOf = ({ role, preferences, ...row }: ListenerRow): Listener => ({
  ...row,
  role: roleOf(role),
  // As `save` wrote it; what a newer version added has its default.
  preferences: { ...FIRST_PREFERENCES, ...(JSON.parse(preferences ?? '{}') as Partial<NoticePreferences>) },
});

export class TypeormNoticePreferenceStore implements NoticePreferenceStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  listeners(): Promise<readonly Listener[]> {
    return this.rows('ORDER BY u.id', []);
  }

  async listener(userId: number): Promise<Listener | null> {
    return (await this.rows('WHERE u.id = ?', [userId]))[0] ?? null;
  }

  async save(userId: number, preferences: NoticePreferences, at: number): Promise<void> {
    const text = JSON.stringify(preferences);
    await this.put(userId, 'preferences', text, at);
  }

  async readUntil(userId: number): Promise<number> {
    const [row] = await selectRows<{ at: number }>(
      this.unit.entities,
      `SELECT COALESCE(p.read_until, u.created_at) AS at FROM users u
       LEFT JOIN notice_preferences p ON p.user_id = u.id WHERE u.id = ?`,
      [userId],
    );
    return row?.at ?? 0;
  }

  async markRead(userId: number, until: number): Promise<void> {
    await this.put(userId, 'read_until', Math.max(until, await this.readUntil(userId)), until);
  }

  private async put(userId: number, column: 'preferences' | 'read_until', value: string | number, at: number) {
    await this.unit.run(() =>
      insertRows(
        this.unit.entities,
        'notice_preferences',
        ['user_id', column, 'updated_at'],
        [[userId, value, at]],
        this.unit.isSqlite
          ? `ON CONFLICT (user_id) DO UPDATE SET ${column} = excluded.${column}, updated_at = excluded.updated_at`
          : `ON DUPLICATE KEY UPDATE ${column} = VALUES(${column}), updated_at = VALUES(updated_at)`,
      ),
    );
  }

  private async rows(where: string, parameters: readonly unknown[]): Promise<Listener[]> {
    const rows = await selectRows<ListenerRow>(
      this.unit.entities,
      `SELECT u.id AS userId, u.email AS email, u.role AS role, u.language AS language, p.preferences AS preferences
       FROM users u LEFT JOIN notice_preferences p ON p.user_id = u.id ${where}`,
      parameters,
    );
    return rows.map(listenerOf);
  }
}
