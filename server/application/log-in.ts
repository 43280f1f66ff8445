import type { Clock } from '../domain/ports/clock';
import type { LoginChallengeStore } from '../domain/ports/second-factors';
import type { PasswordHashing, Session, SessionStore, Tokens, User, UserStore } from '../domain/ports/users';
import { Refusal } from '../domain/refusal';
import type { KeepSecondFactor, Proof } from './keep-second-factor';

/** A session ends this long after log-in, whatever happens. */
export const SESSION_MS = 14 * 86_400_000;
/** When somebody was last here is known to the minute. */
const SEEN_MS = 60_000;
const CHALLENGE_MS = 5 * 60_000;
const TRIES_PER_CHALLENGE = 5;
/** Whoever knows a password may open new challenges, but not go on guessing. */
const TRIES_PER_USER = 10;
export const TRIES_COUNT_MS = 15 * 60_000;

export interface LogInPorts {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly challenges: LoginChallengeStore;
  readonly secondFactor: KeepSecondFactor;
  readonly passwords: PasswordHashing;
  readonly tokens: Tokens;
  readonly clock: Clock;
}

export interface OpenedSession {
  readonly user: User;
  /** Goes into the cookie; only its digest is stored. */
  readonly token: string;
  readonly expiresAt: number;
  /** Nothing else may be done before a second factor is set up. */
  readonly mustEnrol: boolean;
}

/** The password was right; the second factor is still due. */
export interface OpenedChallenge {
  readonly user: User;
  readonly challenge: string;
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

  /** Lets in whoever needs no second factor, and asks the others for it. */
  async afterPassword(user: User, userAgent: string | null): Promise<OpenedSession | OpenedChallenge> {
    const { challenges, secondFactor, tokens, clock } = this.ports;
    if (!(await secondFactor.stateOf(user.id)).on) return this.openSession(user, userAgent);
    const now = clock.now();
    if ((await challenges.countTries(user.id, now - TRIES_COUNT_MS)) >= TRIES_PER_USER) throw tooMany();
    const challenge = tokens.random();
    const expiresAt = now + CHALLENGE_MS;
    await challenges.open({ tokenHash: tokens.digest(challenge), userId: user.id, expiresAt }, now);
    return { user, challenge, expiresAt };
  }

  /** Whose challenge this is; counts as a try. */
  async tryChallenge(challenge: string): Promise<User> {
    const { users, challenges, tokens, clock } = this.ports;
    const now = clock.now();
    const userId = await challenges.takeTry(tokens.digest(challenge), TRIES_PER_CHALLENGE, now);
    const user = userId === null ? null : await users.find(userId);
    if (!user) throw new Refusal('challenge_over', 'This log-in has run out. Begin again with your password.');
    if ((await challenges.countTries(user.id, now - TRIES_COUNT_MS)) > TRIES_PER_USER) throw tooMany();
    return user;
  }

  async bySecondFactor(challenge: string, user: User, proof: Proof, userAgent: string | null): Promise<OpenedSession> {
    const { challenges, secondFactor, tokens } = this.ports;
    if (!(await secondFactor.prove(user.id, proof))) throw new Refusal('wrong_code', 'This code is not right.');
    if (!(await challenges.close(tokens.digest(challenge)))) {
      throw new Refusal('challenge_over', 'This log-in was completed already.');
    }
    await challenges.closeAllOf(user.id);
    return this.openSession(user, userAgent);
  }

  async openSession(user: User, userAgent: string | null): Promise<OpenedSession> {
    const { sessions, secondFactor, tokens, clock } = this.ports;
    const token = tokens.random();
    const now = clock.now();
    const expiresAt = now + SESSION_MS;
    await sessions.open(
      { tokenHash: tokens.digest(token), userId: user.id, userAgent: userAgent?.slice(0, 300) ?? null, expiresAt },
      now,
    );
    const mustEnrol = (await secondFactor.isRequired()) && !(await secondFactor.stateOf(user.id)).on;
    return { user, token, expiresAt, mustEnrol };
  }

  async find(token: string): Promise<(Session & { readonly mustEnrol: boolean }) | null> {
    const { sessions, secondFactor, tokens, clock } = this.ports;
    const now = clock.now();
    const session = await sessions.find(tokens.digest(token), now);
    if (!session) return null;
    if (now - session.lastSeenAt >= SEEN_MS) await sessions.touch(session, now);
    return { ...session, mustEnrol: !session.hasSecondFactor && (await secondFactor.isRequired()) };
  }

  close(token: string): Promise<void> {
    return this.ports.sessions.close(this.ports.tokens.digest(token));
  }
}

const tooMany = (): Refusal =>
  new Refusal('too_many_requests', 'Too many wrong codes. Please wait.', { retryAfterSeconds: TRIES_COUNT_MS / 1000 });
