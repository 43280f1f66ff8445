import type { Request, Response } from 'express';
import type { InvitePeople } from '../../application/invite-people';
import type { LogIn, OpenedChallenge, OpenedSession } from '../../application/log-in';
import type { SetUpFirstOwner } from '../../application/set-up-first-owner';
import type { User } from '../../domain/ports/users';
import { type Authentication, callerOf } from '../authentication';
import { instantOf } from '../presenters';
import { type Caller, route, type Route } from '../route';
import * as sessions from '../schemas/session';
import { mustBe, nothing } from './shared';

export interface SessionRoutesOptions {
  readonly authentication: Authentication;
  readonly logIn: LogIn;
  readonly setUp: SetUpFirstOwner;
  readonly invitePeople: InvitePeople;
  readonly version: string;
}

const actorOf = ({ id, email }: User) => ({ userId: id, name: email });
const agentOf = (req: Request): string | null => req.get('user-agent') ?? null;
/** Half of two answers: the code of the app, or a recovery code. */
export const proofOf = (given: { readonly code?: string | undefined; readonly recoveryCode?: string | undefined }) =>
  given.recoveryCode === undefined ? { code: given.code ?? '' } : { recoveryCode: given.recoveryCode };

export function sessionRoutes({ authentication, logIn, setUp, invitePeople, version }: SessionRoutesOptions): Route[] {
  const sessionOf = (caller: Caller, csrfToken: string, language?: string) => ({
    state: 'open' as const,
    user: { id: caller.userId ?? 0, email: caller.name, role: caller.role, ...(language ? { language } : {}) },
    csrfToken,
    mustEnrol: caller.mustEnrol,
    version,
  });
  const started = (req: Request, res: Response, session: OpenedSession) =>
    sessionOf(
      callerOf(session.user, null, session.mustEnrol),
      authentication.startSession(req, res, session),
      session.user.language,
    );
  const answerTo = (req: Request, res: Response, opened: OpenedSession | OpenedChallenge) =>
    'challenge' in opened
      ? {
          state: 'second_factor_needed' as const,
          challenge: opened.challenge,
          expiresAt: instantOf(opened.expiresAt),
        }
      : started(req, res, opened);
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
      audit: { action: 'session.setup', refusals: true },
      body: sessions.setupInput,
      status: 201,
      answer: sessions.session,
      handle: async ({ body, req, res, note }) => {
        note({ actor: { userId: null, name: body.email }, fields: [] });
        const user = await setUp.byToken(body.token, body);
        note({ actor: actorOf(user) });
        return started(req, res, await logIn.openSession(user, agentOf(req)));
      },
    }),
    route({
      method: 'post',
      path: '/session',
      tag: 'Session',
      summary: 'Log in; whoever has a second factor is asked for it, and goes on at /session/second-factor',
      access: 'anyone',
      audit: { action: 'session.open', refusals: true },
      body: sessions.credentials,
      status: 200,
      answer: sessions.logInAnswer,
      handle: async ({ body, req, res, note }) => {
        note({ actor: { userId: null, name: body.email }, fields: [] });
        const user = await authentication.checkCredentials(req, res);
        note({ actor: actorOf(user) });
        const opened = await logIn.afterPassword(user, agentOf(req));
        if ('challenge' in opened) note({ action: 'session.password' });
        return answerTo(req, res, opened);
      },
    }),
    route({
      method: 'post',
      path: '/session/second-factor',
      tag: 'Session',
      summary: 'The second step of a log-in: a code of the app, or a recovery code',
      access: 'anyone',
      audit: { action: 'session.open', refusals: true },
      body: sessions.secondFactorInput,
      status: 200,
      answer: sessions.session,
      handle: async ({ body, req, res, note }) => {
        note({ fields: body.recoveryCode === undefined ? [] : ['recoveryCode'] });
        await authentication.takeTry(req);
        const user = await logIn.tryChallenge(body.challenge);
        note({ actor: actorOf(user) });
        return started(req, res, await logIn.bySecondFactor(body.challenge, user, proofOf(body), agentOf(req)));
      },
    }),
    route({
      method: 'get',
      path: '/session',
      tag: 'Session',
      summary: 'Who am I',
      access: 'viewer',
      duringEnrolment: true,
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
      duringEnrolment: true,
      audit: { action: 'session.close' },
      status: 204,
      answer: nothing,
      handle: async ({ req, res }) => authentication.endSession(req, res),
    }),
    route({
      method: 'post',
      path: '/join/look',
      tag: 'Session',
      summary: 'What a one-time link is for',
      access: 'anyone',
      audit: false,
      body: sessions.linkToken,
      status: 200,
      answer: sessions.linkState,
      handle: async ({ body, req }) => {
        await authentication.takeTry(req);
        const { kind, email, role, expiresAt } = await invitePeople.look(body.token);
        return { kind, email, role, expiresAt: instantOf(expiresAt) };
      },
    }),
    route({
      method: 'post',
      path: '/join',
      tag: 'Session',
      summary: 'Take up an invitation, or set a new password, by a one-time link; logs in like POST /session',
      access: 'anyone',
      audit: { action: 'session.join', refusals: true },
      body: sessions.joinInput,
      status: 200,
      answer: sessions.logInAnswer,
      handle: async ({ body, req, res, note }) => {
        note({ fields: [] });
        await authentication.takeTry(req);
        const link = await invitePeople.look(body.token);
        note({
          ...(link.kind === 'reset' ? { action: 'session.reset' } : {}),
          actor: { userId: null, name: link.email },
        });
        const user = await invitePeople.accept(body.token, body.password, body.language);
        note({ actor: actorOf(user) });
        return answerTo(req, res, await logIn.afterPassword(user, agentOf(req)));
      },
    }),
  ];
}
