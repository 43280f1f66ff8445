import type { AppSettingStore, Role, Session, SessionStore, User, UserStore } from '../domain/ports/users';
import { digestOf } from './digests';
import { AppSettingRow, SessionRow, UserRow } from './entities';
import { affectedRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

const ROLES: readonly string[] = ['owner', 'operator', 'viewer'] satisfies Role[];
const isRole = (role: string): role is Role => ROLES.includes(role);

const userOf = (row: UserRow): User => {
  if (!isRole(row.role)) throw new Error(`User ${row.id} has an unknown role`);
  return { id: row.id, email: row.email, role: row.role, language: row.language };
};

const emailHash = (email: string): string => digestOf(email.normalize('NFC').trim().toLowerCase());

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

  create(draft: Omit<User, 'id'> & { readonly passwordHash: string }, at: number): Promise<User> {
    return this.unit.run(async () =>
      userOf(await this.unit.entities.save(UserRow, { ...draft, emailHash: emailHash(draft.email), createdAt: at })),
    );
  }
}

export class TypeormSessionStore implements SessionStore {
  constructor(
    private readonly unit: TypeormUnitOfWork,
    private readonly users: UserStore,
  ) {}

  async open(
    session: {
      readonly tokenHash: string;
      readonly userId: number;
      readonly userAgent: string | null;
      readonly expiresAt: number;
    },
    at: number,
  ): Promise<void> {
    await this.unit.run(() => this.unit.entities.insert(SessionRow, { ...session, createdAt: at, lastSeenAt: at }));
  }

  async find(tokenHash: string, at: number): Promise<Session | null> {
    const row = await this.unit.entities.findOneBy(SessionRow, { tokenHash });
    if (!row || row.expiresAt <= at) return null;
    const user = await this.users.find(row.userId);
    return user && { id: row.id, user, expiresAt: row.expiresAt };
  }

  async close(tokenHash: string): Promise<void> {
    await this.unit.run(() => this.unit.entities.delete(SessionRow, { tokenHash }));
  }

  closeExpired(at: number): Promise<number> {
    return this.unit.run(() => affectedRows(this.unit.entities, 'DELETE FROM sessions WHERE expires_at <= ?', [at]));
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
