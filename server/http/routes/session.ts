import type { LogIn } from '../../application/log-in';
import type { SetUpFirstOwner } from '../../application/set-up-first-owner';
import type { Authentication } from '../authentication';
import { type Caller, route, type Route } from '../route';
import * as sessions from '../schemas/session';
import { mustBe, nothing } from './shared';

export interface SessionRoutesOptions {
  readonly authentication: Authentication;
  readonly logIn: LogIn;
  readonly setUp: SetUpFirstOwner;
  readonly version: string;
}

export function sessionRoutes({ authentication, logIn, setUp, version }: SessionRoutesOptions): Route[] {
  const sessionOf = (caller: Caller, csrfToken: string) => ({
    user: { id: caller.userId ?? 0, email: caller.name, role: caller.role },
    csrfToken,
    version,
  });
  return [
    route({
      method: 'get',
      path: '/setup',
      tag: 'Session',
      summary: 'Whether the first account still has to be made',
      access: 'anyone',
      status: 200,
      answer: sessions.setupState,
      handle: async () => ({ needed: await setUp.isNeeded() }),
    }),
    route({
      method: 'post',
      path: '/setup',
      tag: 'Session',
      summary: 'Make the first account with the one-time token, and log in',
      access: 'anyone',
      body: sessions.setupInput,
      status: 201,
      answer: sessions.session,
      handle: async ({ body, req, res }) => {
        const user = await setUp.byToken(body.token, body);
        const session = await logIn.openSession(user, req.get('user-agent') ?? null);
        const csrfToken = authentication.startSession(req, res, session);
        return sessionOf({ name: user.email, role: user.role, userId: user.id }, csrfToken);
      },
    }),
    route({
      method: 'post',
      path: '/session',
      tag: 'Session',
      summary: 'Log in',
      access: 'anyone',
      body: sessions.credentials,
      status: 200,
      answer: sessions.session,
      handle: async ({ req, res }) => {
        const user = await authentication.checkCredentials(req, res);
        const session = await logIn.openSession(user, req.get('user-agent') ?? null);
        const csrfToken = authentication.startSession(req, res, session);
        return sessionOf({ name: user.email, role: user.role, userId: user.id }, csrfToken);
      },
    }),
    route({
      method: 'get',
      path: '/session',
      tag: 'Session',
      summary: 'Who am I',
      access: 'viewer',
      status: 200,
      answer: sessions.session,
      handle: async ({ caller, req, res }) => sessionOf(mustBe(caller, 'session'), authentication.csrfToken(req, res)),
    }),
    route({
      method: 'delete',
      path: '/session',
      tag: 'Session',
      summary: 'Log out',
      access: 'viewer',
      status: 204,
      answer: nothing,
      handle: async ({ req, res }) => authentication.endSession(req, res),
    }),
  ];
}
