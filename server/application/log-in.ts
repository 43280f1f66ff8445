import type { Clock } from '../domain/ports/clock';
import type { PasswordHashing, Session, SessionStore, Tokens, User, UserStore } from '../domain/ports/users';
import { Refusal } from '../domain/refusal';

/** A session ends this long after log-in, whatever happens. */
export const SESSION_MS = 14 * 86_400_000;

export interface LogInPorts {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly passwords: PasswordHashing;
  readonly tokens: Tokens;
  readonly clock: Clock;
}

export interface OpenedSession {
  readonly user: User;
  /** Goes into the cookie; only its digest is stored. */
  readonly token: string;
  readonly expiresAt: number;
}

export class LogIn {
  /** Compared with when there is no such user: answering faster then would tell which addresses have an account. */
  private decoy: Promise<string> | null = null;

  constructor(private readonly ports: LogInPorts) {}

  async checkPassword(email: string, password: string): Promise<User> {
    const { users, passwords } = this.ports;
    const user = await users.findByEmail(email);
    this.decoy ??= passwords.hash('no account has this password');
    const right = await passwords.verify(user?.passwordHash ?? (await this.decoy), password);
    if (!user || !right) throw new Refusal('wrong_credentials', 'The e-mail address or the password is wrong.');
    return { id: user.id, email: user.email, role: user.role, language: user.language };
  }

  async openSession(user: User, userAgent: string | null): Promise<OpenedSession> {
    const { sessions, tokens, clock } = this.ports;
    const token = tokens.random();
    const now = clock.now();
    const expiresAt = now + SESSION_MS;
    await sessions.open(
      { tokenHash: tokens.digest(token), userId: user.id, userAgent: userAgent?.slice(0, 300) ?? null, expiresAt },
      now,
    );
    return { user, token, expiresAt };
  }

  find(token: string): Promise<Session | null> {
    return this.ports.sessions.find(this.ports.tokens.digest(token), this.ports.clock.now());
  }

  close(token: string): Promise<void> {
    return this.ports.sessions.close(this.ports.tokens.digest(token));
  }
}
