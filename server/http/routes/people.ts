import type { Request } from 'express';
import type { InvitePeople, Issuer } from '../../application/invite-people';
import type { KeepPeople } from '../../application/keep-people';
import type { KeepSecondFactor } from '../../application/keep-second-factor';
import type { AccessLinkStore } from '../../domain/ports/access-links';
import type { UserStore } from '../../domain/ports/users';
import { Refusal } from '../../domain/refusal';
import { showInvitation, showIssuedLink, showPerson } from '../people-presenters';
import { type Caller, route, type Route } from '../route';
import { idParams, page } from '../schemas/common';
import * as people from '../schemas/people';
import { listQuery, mustBe, nothing, pageRequest } from './shared';

export interface PeopleRoutesOptions {
  readonly userStore: UserStore;
  readonly linkStore: AccessLinkStore;
  readonly keepPeople: KeepPeople;
  readonly invitePeople: InvitePeople;
  readonly keepSecondFactor: KeepSecondFactor;
  /** The address of a one-time link, as seen from the outside. */
  readonly joinUrlOf: (req: Request, token: string) => string;
}

/** Who may come in. For owners in person, and for ADMIN_TOKEN: it is the way back in when every owner is locked out. */
export function peopleRoutes({
  userStore,
  linkStore,
  keepPeople,
  invitePeople,
  keepSecondFactor,
  joinUrlOf,
}: PeopleRoutesOptions): Route[] {
  const find = async (id: number) => showPerson(mustBe(await userStore.findPerson(id), 'user'));
  const issuerOf = async (caller: Caller | null, req: Request): Promise<Issuer> => {
    const by = mustBe(caller, 'session');
    const user = by.userId === null ? null : await userStore.find(by.userId);
    return { name: by.name, language: user?.language ?? 'en', linkOf: (token) => joinUrlOf(req, token) };
  };
  const common = { tag: 'People', access: 'owner', barsTokens: true } as const;
  return [
    route({
      ...common,
      method: 'get',
      path: '/users',
      summary: 'Everybody with an account',
      query: listQuery,
      status: 200,
      answer: page(people.person),
      handle: async ({ query }) => {
        const found = await userStore.list(pageRequest(query));
        return { data: found.data.map(showPerson), nextCursor: found.nextCursor };
      },
    }),
    route({
      ...common,
      method: 'patch',
      path: '/users/{id}',
      summary: 'Change a user’s role; never one’s own, nor the last owner’s',
      params: idParams,
      body: people.personPatch,
      status: 200,
      answer: people.person,
      handle: async ({ params, body, caller }) => {
        await keepPeople.changeRole(params.id, body.role, caller?.userId ?? null);
        return find(params.id);
      },
    }),
    route({
      ...common,
      method: 'delete',
      path: '/users/{id}',
      summary: 'Remove a user; sessions and API tokens end at once',
      params: idParams,
      status: 204,
      answer: nothing,
      handle: ({ params, caller }) => keepPeople.remove(params.id, caller?.userId ?? null),
    }),
    route({
      ...common,
      method: 'post',
      path: '/users/{id}/reset-link',
      summary: 'A one-time link by which the user sets a new password',
      params: idParams,
      status: 201,
      answer: people.issuedLink,
      handle: async ({ params, caller, req }) =>
        showIssuedLink(await invitePeople.resetPassword(params.id, await issuerOf(caller, req))),
    }),
    route({
      ...common,
      method: 'post',
      path: '/users/{id}/second-factor/switch-off',
      summary: 'Switch a user’s second factor off, for the case that phone and codes are lost',
      params: idParams,
      audit: { action: 'users.second-factor.off' },
      status: 200,
      answer: people.person,
      handle: async ({ params, caller }) => {
        await find(params.id);
        if (caller?.userId === params.id) {
          throw new Refusal('conflict', 'Your own is switched off under My account, with password and code.');
        }
        if (!(await keepSecondFactor.switchOff(params.id))) throw new Refusal('conflict', 'It is off already.');
        return find(params.id);
      },
    }),
    route({
      ...common,
      method: 'get',
      path: '/invitations',
      summary: 'Invitations nobody has taken up yet',
      query: listQuery,
      status: 200,
      answer: page(people.invitation),
      handle: async ({ query }) => {
        const found = await linkStore.listInvitations(pageRequest(query));
        return { data: found.data.map(showInvitation), nextCursor: found.nextCursor };
      },
    }),
    route({
      ...common,
      method: 'post',
      path: '/invitations',
      summary: 'Invite somebody; the one-time link is shown this once. An earlier one for the address is void',
      body: people.invitationInput,
      status: 201,
      answer: people.issuedLink,
      handle: async ({ body, caller, req }) =>
        showIssuedLink(await invitePeople.invite(body.email, body.role, await issuerOf(caller, req))),
    }),
    route({
      ...common,
      method: 'post',
      path: '/invitations/{id}/reissue',
      summary: 'A new link for an invitation; the old one is void',
      params: idParams,
      status: 201,
      answer: people.issuedLink,
      handle: async ({ params, caller, req }) =>
        showIssuedLink(await invitePeople.reissue(params.id, await issuerOf(caller, req))),
    }),
    route({
      ...common,
      method: 'delete',
      path: '/invitations/{id}',
      summary: 'Take an invitation back',
      params: idParams,
      status: 204,
      answer: nothing,
      handle: ({ params }) => invitePeople.revoke(params.id),
    }),
    route({
      ...common,
      method: 'get',
      path: '/access-rules',
      summary: 'What is demanded of everybody',
      status: 200,
      answer: people.accessRules,
      handle: async () => ({ secondFactorRequired: await keepSecondFactor.isRequired() }),
    }),
    route({
      ...common,
      method: 'patch',
      path: '/access-rules',
      summary: 'Demand a second factor of everybody, or no longer',
      body: people.accessRules,
      status: 200,
      answer: people.accessRules,
      handle: async ({ body, caller }) => {
        await keepSecondFactor.require(body.secondFactorRequired, caller?.userId ?? null);
        return { secondFactorRequired: await keepSecondFactor.isRequired() };
      },
    }),
  ];
}
