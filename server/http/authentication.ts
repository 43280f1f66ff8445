import { createHash, timingSafeEqual } from 'node:crypto';
import { doubleCsrf } from 'csrf-csrf';
import type { CookieOptions, Request, RequestHandler, Response } from 'express';
import passport, { type AuthenticateCallback } from 'passport';
import { Strategy as CustomStrategy } from 'passport-custom';
import { Strategy as LocalStrategy } from 'passport-local';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { KeepApiTokens } from '../application/keep-api-tokens';
import type { LogIn, OpenedSession } from '../application/log-in';
import type { User } from '../domain/ports/users';
import { Refusal } from '../domain/refusal';
import { mayAct, type Role } from '../domain/role';
import type { Caller, Route } from './route';

export const SESSION_COOKIE = 'stock_relay_session';
const CSRF_COOKIE = 'stock_relay_csrf';

export interface AuthenticationOptions {
  readonly logIn: LogIn;
  readonly apiTokens: Pick<KeepApiTokens, 'find'>;
  readonly adminToken: string | null;
  /** Signs the CSRF tokens; derived from the app key, never stored. */
  readonly csrfSecret: string;
  /** True when the panel is reached over https: cookies then never travel in the clear. */
  readonly secureCookies: boolean;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

interface Identity {
  readonly caller: Caller;
  /** The session's token when the call came with the cookie: only such calls can be forged by another site. */
  readonly sessionToken: string | null;
  /** Whether this still lets its bearer in. */
  readonly holds: () => Promise<boolean>;
}

/** A user who calls by a session. */
export const callerOf = (user: User, sessionId: number | null, mustEnrol: boolean): Caller => ({
  name: user.email,
  role: user.role,
  userId: user.id,
  by: 'session',
  sessionId,
  tokenName: null,
  mustEnrol,
});
const isIdentity = (value: unknown): value is Identity =>
  typeof value === 'object' && value !== null && 'caller' in value && 'sessionToken' in value;

/** Tries of one address and account, and of one address alone. */
const TRIES_PER_ACCOUNT = { points: 8, duration: 300 };
const TRIES_PER_ADDRESS = { points: 60, duration: 300 };

/** Log-in, sessions, bearer tokens, roles and the protection against forged calls. */
export class Authentication {
  private readonly strategies = new passport.Passport();
  private readonly identities = new WeakMap<Request, Identity>();
  private readonly csrfSessions = new WeakMap<Request, string>();
  private readonly perAccount = new RateLimiterMemory(TRIES_PER_ACCOUNT);
  private readonly perAddress = new RateLimiterMemory(TRIES_PER_ADDRESS);
  private readonly csrf;

  constructor(private readonly options: AuthenticationOptions) {
    this.csrf = doubleCsrf({
      getSecret: () => options.csrfSecret,
      getSessionIdentifier: (req) => this.csrfSessions.get(req) ?? '',
      getCsrfTokenFromRequest: (req) => req.get('x-csrf-token'),
      cookieName: CSRF_COOKIE,
      cookieOptions: this.cookie(),
    });
    this.strategies.use(
      'session',
      new CustomStrategy((req, done) => {
        this.bySession(req).then(
          (identity) => done(null, identity ?? false),
          (error: unknown) => done(error),
        );
      }),
    );
    this.strategies.use(
      'bearer',
      new CustomStrategy((req, done) => {
        this.byBearer(req).then(
          (identity) => done(null, identity ?? false),
          (error: unknown) => done(error),
        );
      }),
    );
    this.strategies.use(
      'local',
      new LocalStrategy({ usernameField: 'email', session: false }, (email, password, done) => {
        options.logIn.checkPassword(email, password).then(
          (user) => done(null, user),
          (error: unknown) => done(error),
        );
      }),
    );
  }

  /** Finds out who calls, if anybody says so; an unknown token is refused even where none is needed. */
  identify: RequestHandler = (req, res, next) => {
    const answered: AuthenticateCallback = (error, user) => {
      if (error) {
        next(error);
        return;
      }
      if (isIdentity(user)) {
        this.identities.set(req, user);
        if (user.sessionToken !== null) this.csrfSessions.set(req, user.sessionToken);
      }
      next();
    };
    this.strategies.authenticate(['session', 'bearer'], { session: false }, answered)(req, res, next);
  };

  callerOf(req: Request): Caller | null {
    return this.identities.get(req)?.caller ?? null;
  }

  /**
   * Throws unless the caller has this role and comes the way the route asks for, and unless a changing call by cookie
   * carries the session's token.
   */
  demand(req: Request, least: Role, how: Pick<Route['spec'], 'barsTokens' | 'duringEnrolment'> = {}): Caller {
    const identity = this.identities.get(req);
    if (!identity) {
      throw new Refusal(
        'not_authenticated',
        req.get('authorization') === undefined
          ? 'Log in, or send a bearer token in the Authorization header.'
          : 'The token is not known: it is wrong, was revoked, or is over.',
      );
    }
    const { caller } = identity;
    if (!mayAct(caller.role, least)) {
      throw new Refusal('forbidden', `This needs the role ${least}; yours is ${caller.role}.`);
    }
    if (how.barsTokens === true && caller.by === 'token') {
      throw new Refusal('forbidden', 'An API token may not do this. Log in.');
    }
    if (how.duringEnrolment !== true && caller.mustEnrol) {
      throw new Refusal('second_factor_required', 'Set up your second factor first: everybody here must have one.');
    }
    const changes = !['GET', 'HEAD', 'OPTIONS'].includes(req.method);
    if (changes && identity.sessionToken !== null && !this.csrf.validateRequest(req)) {
      throw new Refusal('csrf_missing', 'The call lacks the session’s X-CSRF-Token. Reload the page.');
    }
    return caller;
  }

  /** Whether who called is logged in still: a call that lasts outlives its session otherwise. */
  async isStillIn(req: Request): Promise<boolean> {
    return (await this.identities.get(req)?.holds()) ?? false;
  }

  /** Checks e-mail address and password of the body; throws Refusal. Tries are limited by account and by address. */
  async checkCredentials(req: Request, res: Response): Promise<User> {
    const email: unknown = req.body?.email;
    const account = `${req.ip ?? ''} ${typeof email === 'string' ? email.trim().toLowerCase() : ''}`;
    await this.takeTry(req);
    await consume(this.perAccount, account);
    const user = await new Promise<User>((resolve, reject) => {
      const answered: AuthenticateCallback = (error, found) => {
        if (error) reject(error instanceof Error ? error : new Error('log-in failed'));
        else if (found) resolve(found as User);
        else reject(new Refusal('wrong_credentials', 'The e-mail address or the password is wrong.'));
      };
      this.strategies.authenticate('local', { session: false }, answered)(req, res, reject);
    });
    await this.perAccount.delete(account);
    return user;
  }

  /** One of the tries that an address has to get in. */
  takeTry(req: Request): Promise<void> {
    return consume(this.perAddress, req.ip ?? '');
  }

  /** A deed that needs a person's own password or code once more: wrong ones are limited. */
  async byOwnProof<Result>(caller: Caller | null, deed: () => Promise<Result>): Promise<Result> {
    const key = `user ${caller?.userId ?? ''}`;
    await consume(this.perAccount, key);
    const result = await deed();
    await this.perAccount.delete(key);
    return result;
  }

  /** Sets the cookies of a session just opened; returns its CSRF token. */
  startSession(req: Request, res: Response, session: OpenedSession): string {
    res.cookie(SESSION_COOKIE, session.token, { ...this.cookie(), expires: new Date(session.expiresAt) });
    this.csrfSessions.set(req, session.token);
    return this.csrf.generateCsrfToken(req, res, { overwrite: true });
  }

  csrfToken(req: Request, res: Response): string {
    return this.csrf.generateCsrfToken(req, res);
  }

  async endSession(req: Request, res: Response): Promise<void> {
    const token = this.identities.get(req)?.sessionToken;
    if (token) await this.options.logIn.close(token);
    res.clearCookie(SESSION_COOKIE, this.cookie());
    res.clearCookie(CSRF_COOKIE, this.cookie());
  }

  private async bySession(req: Request): Promise<Identity | null> {
    const token: unknown = req.cookies?.[SESSION_COOKIE];
    if (typeof token !== 'string' || token === '') return null;
    const { logIn } = this.options;
    const session = await logIn.find(token);
    const holds = async () => (await logIn.find(token)) !== null;
    return session && { caller: callerOf(session.user, session.id, session.mustEnrol), sessionToken: token, holds };
  }

  /** By the header alone: an address or a body is kept in logs. */
  private async byBearer(req: Request): Promise<Identity | null> {
    const secret = /^bearer +(\S+)$/i.exec(req.get('authorization')?.trim() ?? '')?.[1];
    if (secret === undefined) return null;
    const { adminToken, apiTokens } = this.options;
    const common = { sessionId: null, mustEnrol: false };
    if (adminToken !== null && timingSafeEqual(digest(secret), digest(adminToken))) {
      const caller = { name: 'ADMIN_TOKEN', role: 'owner', userId: null, by: 'admin_token', tokenName: null } as const;
      return { caller: { ...common, ...caller }, sessionToken: null, holds: () => Promise.resolve(true) };
    }
    const found = await apiTokens.find(secret);
    if (!found) return null;
    const { token, role } = found;
    const { id: userId, email: name } = token.maker;
    const holds = async () => (await apiTokens.find(secret)) !== null;
    return { caller: { ...common, name, role, userId, by: 'token', tokenName: token.name }, sessionToken: null, holds };
  }

  private cookie(): CookieOptions {
    return { httpOnly: true, sameSite: 'strict', secure: this.options.secureCookies, path: '/' };
  }
}

/** Takes one try; throws Refusal with the wait when there is none left. */
export async function consume(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    throw tooMany(refused);
  }
}

/** Throws Refusal with the wait when there is no try left; takes none. */
export async function assertLeft(limiter: RateLimiterMemory, key: string): Promise<void> {
  const taken = await limiter.get(key);
  if (taken !== null && taken.consumedPoints >= limiter.points) throw tooMany(taken);
}

const tooMany = ({ msBeforeNext }: RateLimiterRes): Refusal =>
  new Refusal('too_many_requests', 'Too many tries. Please wait.', { retryAfterSeconds: msBeforeNext / 1000 });
