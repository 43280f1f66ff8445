import { pageOf, type Page, type PageRequest } from '../domain/page';
import type {
  AppSettingStore,
  Person,
  Session,
  SessionRecord,
  SessionStore,
  User,
  UserStore,
} from '../domain/ports/users';
import { type Role, ROLES } from '../domain/role';
import { digestOf } from './digests';
import { AppSettingRow, SessionRow, UserRow } from './entities';
import { affectedRows, selectRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

/** A role that no version of ours has written lets nobody in. */
export function roleOf(text: string): Role {
  const role = ROLES.find((each) => each === text);
  if (role === undefined) throw new Error(`There is no role ${text}`);
  return role;
}

const userOf = (row: Pick<UserRow, 'id' | 'email' | 'role' | 'language'>): User => ({
  id: row.id,
  email: row.email,
  role: roleOf(row.role),
  language: row.language,
});

/** One address however it is spelt. */
export const emailHash = (email: string): string => digestOf(email.normalize('NFC').trim().toLowerCase());

const PEOPLE = `u.id AS id, u.email AS email, u.role AS role, u.language AS language, u.created_at AS createdAt,
  u.last_seen_at AS lastSeenAt, f.confirmed_at AS confirmedAt
  FROM users u LEFT JOIN second_factors f ON f.user_id = u.id`;

interface PersonRow extends Pick<UserRow, 'id' | 'email' | 'role' | 'language' | 'createdAt' | 'lastSeenAt'> {
  readonly confirmedAt: number | null;
}

const personOf = (row: PersonRow): Person => ({
  ...userOf(row),
  createdAt: row.createdAt,
  lastSeenAt: row.lastSeenAt,
  hasSecondFactor: row.confirmedAt !== null,
});

export class TypeormUserStore implements UserStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async any(): Promise<boolean> {
    return (await this.unit.entities.find(UserRow, { select: { id: true }, take: 1 })).length > 0;
  }

  async find(id: number): Promise<User | null> {
    const row = await this.unit.entities.findOneBy(UserRow, { id });
    return row && userOf(row);
  }

  async findByEmail(email: string): Promise<(User & { readonly passwordHash: string }) | null> {
    const row = await this.unit.entities.findOneBy(UserRow, { emailHash: emailHash(email) });
    return row && { ...userOf(row), passwordHash: row.passwordHash };
  }

  async passwordHashOf(id: number): Promise<string | null> {
    return (await this.unit.entities.findOneBy(UserRow, { id }))?.passwordHash ?? null;
  }

  create(draft: Omit<User, 'id'> & { readonly passwordHash: string }, at: number): Promise<User> {
    return this.unit.run(async () =>
      userOf(
        await this.unit.entities.save(UserRow, {
          ...draft,
          emailHash: emailHash(draft.email),
          createdAt: at,
          lastSeenAt: null,
        }),
      ),
    );
  }

  async list({ limit, cursor }: PageRequest): Promise<Page<Person>> {
    const rows = await selectRows<PersonRow>(
      this.unit.entities,
      `SELECT ${PEOPLE} WHERE u.id > ? ORDER BY u.id LIMIT ?`,
      [Number(cursor ?? 0), limit + 1],
    );
    const page = pageOf(rows, limit, (row) => String(row.id));
    return { ...page, data: page.data.map(personOf) };
  }

  async findPerson(id: number): Promise<Person | null> {
    const [row] = await selectRows<PersonRow>(this.unit.entities, `SELECT ${PEOPLE} WHERE u.id = ?`, [id]);
    return row === undefined ? null : personOf(row);
  }

  async holdOwners(): Promise<readonly number[]> {
    const rows = await selectRows<{ id: number }>(
      this.unit.entities,
      `SELECT id AS id FROM users WHERE role = ? ORDER BY id${this.unit.isSqlite ? '' : ' FOR UPDATE'}`,
      ['owner'],
    );
    return rows.map(({ id }) => id);
  }

  async change(
    id: number,
    to: Partial<Pick<User, 'role' | 'language'> & { readonly passwordHash: string }>,
  ): Promise<void> {
    await this.unit.run(() => this.unit.entities.update(UserRow, id, to));
  }

  remove(id: number): Promise<boolean> {
    return this.unit.run(
      async () => (await affectedRows(this.unit.entities, 'DELETE FROM users WHERE id = ?', [id])) > 0,
    );
  }
}

export class TypeormSessionStore implements SessionStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async open(
    session: {
      readonly tokenHash: string;
      readonly userId: number;
      readonly userAgent: string | null;
      readonly expiresAt: number;
    },
    at: number,
  ): Promise<void> {
    await this.unit.run(async () => {
      await this.unit.entities.insert(SessionRow, { ...session, createdAt: at, lastSeenAt: at });
      await this.seeUser(session.userId, at);
    });
  }

  async find(tokenHash: string, at: number): Promise<Session | null> {
    const [row] = await selectRows<PersonRow & { sessionId: number; seenAt: number; expiresAt: number }>(
      this.unit.entities,
      `SELECT s.id AS sessionId, s.last_seen_at AS seenAt, s.expires_at AS expiresAt, ${PEOPLE}
       JOIN sessions s ON s.user_id = u.id WHERE s.token_hash = ? AND s.expires_at > ?`,
      [tokenHash, at],
    );
    if (row === undefined) return null;
    return {
      id: row.sessionId,
      user: userOf(row),
      hasSecondFactor: row.confirmedAt !== null,
      lastSeenAt: row.seenAt,
      expiresAt: row.expiresAt,
    };
  }

  async touch({ id, user }: Session, at: number): Promise<void> {
    await this.unit.run(async () => {
      await affectedRows(this.unit.entities, 'UPDATE sessions SET last_seen_at = ? WHERE id = ?', [at, id]);
      await this.seeUser(user.id, at);
    });
  }

  async close(tokenHash: string): Promise<void> {
    await this.unit.run(() => this.unit.entities.delete(SessionRow, { tokenHash }));
  }

  listOf(userId: number, at: number): Promise<readonly SessionRecord[]> {
    return selectRows<SessionRecord>(
      this.unit.entities,
      `SELECT id AS id, user_agent AS userAgent, created_at AS createdAt, last_seen_at AS lastSeenAt
       FROM sessions WHERE user_id = ? AND expires_at > ? ORDER BY last_seen_at DESC, id DESC`,
      [userId, at],
    );
  }

  closeOne(userId: number, id: number): Promise<boolean> {
    const sql = 'DELETE FROM sessions WHERE user_id = ? AND id = ?';
    return this.unit.run(async () => (await affectedRows(this.unit.entities, sql, [userId, id])) > 0);
  }

  closeAllOf(userId: number, but: number | null): Promise<number> {
    const sql = 'DELETE FROM sessions WHERE user_id = ? AND id <> ?';
    return this.unit.run(() => affectedRows(this.unit.entities, sql, [userId, but ?? 0]));
  }

  closeExpired(at: number): Promise<number> {
    return this.unit.run(() => affectedRows(this.unit.entities, 'DELETE FROM sessions WHERE expires_at <= ?', [at]));
  }

  private seeUser(userId: number, at: number): Promise<number> {
    return affectedRows(this.unit.entities, 'UPDATE users SET last_seen_at = ? WHERE id = ?', [at, userId]);
  }
}

export class TypeormAppSettingStore implements AppSettingStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async read(name: string): Promise<string | null> {
    return (await this.unit.entities.findOneBy(AppSettingRow, { name }))?.value ?? null;
  }

  async write(name: string, value: string): Promise<void> {
    await this.unit.run(() => this.unit.entities.upsert(AppSettingRow, { name, value }, ['name']));
  }

  async remove(name: string): Promise<void> {
    await this.unit.run(() => this.unit.entities.delete(AppSettingRow, { name }));
  }
}
