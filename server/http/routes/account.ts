import type { KeepAccount } from '../../application/keep-account';
import type { KeepSecondFactor } from '../../application/keep-second-factor';
import type { Clock } from '../../domain/ports/clock';
import type { SessionStore, UserStore } from '../../domain/ports/users';
import { notFound, Refusal } from '../../domain/refusal';
import type { Authentication } from '../authentication';
import { showSession } from '../people-presenters';
import { instantOf, instantOrNull } from '../presenters';
import { type Caller, route, type Route } from '../route';
import { idParams } from '../schemas/common';
import * as people from '../schemas/people';
import { switchOffInput } from '../schemas/session';
import { proofOf } from './session';
import { mustBe, nothing } from './shared';

export interface AccountRoutesOptions {
  readonly authentication: Authentication;
  readonly keepAccount: KeepAccount;
  readonly keepSecondFactor: KeepSecondFactor;
  readonly userStore: UserStore;
  readonly sessionStore: SessionStore;
  readonly clock: Clock;
}

/** The person behind a session; a token has no account of its own. */
export function personBehind(caller: Caller | null): { readonly userId: number; readonly sessionId: number } {
  if (caller === null || caller.userId === null || caller.sessionId === null) {
    throw new Refusal('forbidden', 'This is for people who are logged in.');
  }
  return { userId: caller.userId, sessionId: caller.sessionId };
}

/** What everybody sees and changes of their own account. */
export function accountRoutes({
  authentication,
  keepAccount,
  keepSecondFactor,
  userStore,
  sessionStore,
  clock,
}: AccountRoutesOptions): Route[] {
  const accountOf = async (caller: Caller | null) => {
    const { userId } = personBehind(caller);
    const { id, email, role, language, createdAt } = mustBe(await userStore.findPerson(userId), 'user');
    const { confirmedAt, ...state } = await keepSecondFactor.stateOf(userId);
    const required = await keepSecondFactor.isRequired();
    return {
      id,
      email,
      role,
      language,
      createdAt: instantOf(createdAt),
      secondFactor: { ...state, confirmedAt: instantOrNull(confirmedAt), required },
    };
  };
  const common = { tag: 'Account', access: 'viewer', barsTokens: true } as const;
  return [
    route({
      ...common,
      method: 'get',
      path: '/account',
      summary: 'My account',
      duringEnrolment: true,
      status: 200,
      answer: people.account,
      handle: ({ caller }) => accountOf(caller),
    }),
    route({
      ...common,
      method: 'patch',
      path: '/account',
      summary: 'Change my language',
      body: people.accountPatch,
      status: 200,
      answer: people.account,
      handle: async ({ caller, body }) => {
        await userStore.change(personBehind(caller).userId, body);
        return accountOf(caller);
      },
    }),
    route({
      ...common,
      method: 'post',
      path: '/account/password',
      summary: 'Change my password; every other session of mine ends',
      audit: { refusals: true },
      body: people.passwordInput,
      status: 204,
      answer: nothing,
      handle: async ({ caller, body, note }) => {
        note({ fields: [] });
        const { userId, sessionId } = personBehind(caller);
        await authentication.byOwnProof(caller, () =>
          keepAccount.changePassword(userId, sessionId, body.currentPassword, body.newPassword),
        );
      },
    }),
    route({
      ...common,
      method: 'get',
      path: '/account/sessions',
      summary: 'Where I am logged in',
      status: 200,
      answer: people.sessions,
      handle: async ({ caller }) => {
        const { userId, sessionId } = personBehind(caller);
        const found = await sessionStore.listOf(userId, clock.now());
        return { data: found.map((session) => showSession(session, sessionId)) };
      },
    }),
    route({
      ...common,
      method: 'delete',
      path: '/account/sessions',
      summary: 'End every session of mine but this one',
      audit: { action: 'account.sessions.end-others' },
      status: 204,
      answer: nothing,
      handle: async ({ caller }) => {
        const { userId, sessionId } = personBehind(caller);
        await sessionStore.closeAllOf(userId, sessionId);
      },
    }),
    route({
      ...common,
      method: 'delete',
      path: '/account/sessions/{id}',
      summary: 'End one session of mine',
      params: idParams,
      audit: { action: 'account.sessions.end' },
      status: 204,
      answer: nothing,
      handle: async ({ caller, params }) => {
        if (!(await sessionStore.closeOne(personBehind(caller).userId, params.id))) throw notFound('session');
      },
    }),
    route({
      ...common,
      method: 'post',
      path: '/account/second-factor',
      summary: 'Begin to set up a second factor; it counts once it is confirmed',
      duringEnrolment: true,
      audit: { action: 'account.second-factor.begin' },
      status: 201,
      answer: people.enrolment,
      handle: async ({ caller }) => {
        const { userId } = personBehind(caller);
        return keepSecondFactor.enrol({ id: userId, email: mustBe(caller, 'session').name });
      },
    }),
    route({
      ...common,
      method: 'post',
      path: '/account/second-factor/confirm',
      summary: 'Switch my second factor on with a code of the app; answers the recovery codes, this once',
      duringEnrolment: true,
      audit: { action: 'account.second-factor.on', refusals: true },
      body: people.confirmInput,
      status: 200,
      answer: people.recoveryCodes,
      handle: async ({ caller, body, note }) => {
        note({ fields: [] });
        const { userId } = personBehind(caller);
        const codes = await authentication.byOwnProof(caller, () => keepSecondFactor.confirm(userId, body.code));
        return { recoveryCodes: [...codes] };
      },
    }),
    route({
      ...common,
      method: 'post',
      path: '/account/second-factor/recovery-codes',
      summary: 'New recovery codes; the old ones are void',
      audit: { refusals: true },
      body: people.ownPassword,
      status: 200,
      answer: people.recoveryCodes,
      handle: async ({ caller, body, note }) => {
        note({ fields: [] });
        const { userId } = personBehind(caller);
        await authentication.byOwnProof(caller, () => keepAccount.demandPassword(userId, body.password));
        return { recoveryCodes: [...(await keepSecondFactor.renewRecoveryCodes(userId))] };
      },
    }),
    route({
      ...common,
      method: 'post',
      path: '/account/second-factor/switch-off',
      summary: 'Switch my second factor off, with the password and a code',
      audit: { action: 'account.second-factor.off', refusals: true },
      body: switchOffInput,
      status: 204,
      answer: nothing,
      handle: async ({ caller, body, note }) => {
        note({ fields: [] });
        const { userId } = personBehind(caller);
        await authentication.byOwnProof(caller, () =>
          keepAccount.switchSecondFactorOff(userId, body.password, proofOf(body)),
        );
      },
    }),
  ];
}
