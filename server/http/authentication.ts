import { createHash, timingSafeEqual } from 'node:crypto';
import { doubleCsrf } from 'csrf-csrf';
import type { CookieOptions, Request, RequestHandler, Response } from 'express';
import passport, { type AuthenticateCallback } from 'passport';
import { Strategy as CustomStrategy } from 'passport-custom';
import { Strategy as BearerStrategy } from 'passport-http-bearer';
import { Strategy as LocalStrategy } from 'passport-local';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { LogIn, OpenedSession } from '../application/log-in';
import type { Role, User } from '../domain/ports/users';
import { Refusal } from '../domain/refusal';
import type { Caller } from './route';

export const SESSION_COOKIE = 'stock_relay_session';
const CSRF_COOKIE = 'stock_relay_csrf';

export interface AuthenticationOptions {
  readonly logIn: LogIn;
  readonly adminToken: string | null;
  /** Signs the CSRF tokens; derived from the app key, never stored. */
  readonly csrfSecret: string;
  /** True when the panel is reached over https: cookies then never travel in the clear. */
  readonly secureCookies: boolean;
}

const RANK: Readonly<Record<Role, number>> = { viewer: 1, operator: 2, owner: 3 };
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

interface Identity {
  readonly caller: Caller;
  /** The session's token when the call came with the cookie: only such calls can be forged by another site. */
  readonly sessionToken: string | null;
}

const callerOf = (user: User): Caller => ({ name: user.email, role: user.role, userId: user.id });
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
      new BearerStrategy((token, done) => {
        done(null, this.byAdminToken(token) ?? false);
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

  /** Throws unless the caller has this role, and unless a changing call by cookie carries the session's token. */
  demand(req: Request, least: Role): Caller {
    const identity = this.identities.get(req);
    if (!identity) throw new Refusal('not_authenticated', 'Log in, or send a bearer token.');
    if (RANK[identity.caller.role] < RANK[least]) {
      throw new Refusal('forbidden', `This needs the role ${least}; yours is ${identity.caller.role}.`);
    }
    const changes = !['GET', 'HEAD', 'OPTIONS'].includes(req.method);
    if (changes && identity.sessionToken !== null && !this.csrf.validateRequest(req)) {
      throw new Refusal('csrf_missing', 'The call lacks the session’s X-CSRF-Token. Reload the page.');
    }
    return identity.caller;
  }

  /** Checks e-mail address and password of the body; throws Refusal. Tries are limited by account and by address. */
  async checkCredentials(req: Request, res: Response): Promise<User> {
    const email: unknown = req.body?.email;
    const account = `${req.ip ?? ''} ${typeof email === 'string' ? email.trim().toLowerCase() : ''}`;
    await consume(this.perAddress, req.ip ?? '');
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
    const session = await this.options.logIn.find(token);
    return session && { caller: callerOf(session.user), sessionToken: token };
  }

  private byAdminToken(token: string): Identity | null {
    const { adminToken } = this.options;
    if (adminToken === null || !timingSafeEqual(digest(token), digest(adminToken))) return null;
    return { caller: { name: 'ADMIN_TOKEN', role: 'owner', userId: null }, sessionToken: null };
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
    throw new Refusal('too_many_requests', 'Too many tries. Please wait.', {
      retryAfterSeconds: refused.msBeforeNext / 1000,
    });
  }
}
