import type { KeepApiTokens } from '../../application/keep-api-tokens';
import type { ApiTokenStore } from '../../domain/ports/api-tokens';
import { mayAct } from '../../domain/role';
import { showApiToken } from '../people-presenters';
import { route, type Route } from '../route';
import { idParams, page } from '../schemas/common';
import * as people from '../schemas/people';
import { personBehind } from './account';
import { listQuery, mustBe, nothing, pageRequest } from './shared';

export interface ApiTokenRoutesOptions {
  readonly keepApiTokens: KeepApiTokens;
  readonly apiTokenStore: ApiTokenStore;
}

/** What programs call this API with. No token makes another. */
export function apiTokenRoutes({ keepApiTokens, apiTokenStore }: ApiTokenRoutesOptions): Route[] {
  const common = { tag: 'API tokens', access: 'operator', barsTokens: true } as const;
  return [
    route({
      ...common,
      method: 'get',
      path: '/tokens',
      summary: 'API tokens: an owner sees all, an operator their own',
      query: listQuery,
      status: 200,
      answer: page(people.apiToken),
      handle: async ({ query, caller }) => {
        const { role, userId } = mustBe(caller, 'session');
        const found = await apiTokenStore.list(mayAct(role, 'owner') ? null : userId, pageRequest(query));
        return { data: found.data.map(showApiToken), nextCursor: found.nextCursor };
      },
    }),
    route({
      ...common,
      method: 'post',
      path: '/tokens',
      summary: 'Make an API token; it is shown this once, and may never do more than who made it may',
      body: people.apiTokenInput,
      status: 201,
      answer: people.createdApiToken,
      handle: async ({ body, caller }) => {
        const { userId } = personBehind(caller);
        const { role } = mustBe(caller, 'session');
        const { token, secret } = await keepApiTokens.create({ id: userId, role }, body);
        return { ...showApiToken(token), token: secret };
      },
    }),
    route({
      ...common,
      method: 'delete',
      path: '/tokens/{id}',
      summary: 'Revoke an API token',
      params: idParams,
      status: 204,
      answer: nothing,
      handle: ({ params, caller }) => keepApiTokens.revoke(params.id, mustBe(caller, 'session')),
    }),
  ];
}
