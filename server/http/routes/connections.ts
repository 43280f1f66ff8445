import type { KeepConnection } from '../../application/keep-connection';
import type { ConnectionStore } from '../../domain/ports/connections';
import { notFound } from '../../domain/refusal';
import { showConnection } from '../presenters';
import { route, type Route } from '../route';
import { idParams, page } from '../schemas/common';
import * as connections from '../schemas/connections';
import { listQuery, mustBe, nothing, pageRequest } from './shared';

export interface ConnectionRoutesOptions {
  readonly connectionStore: ConnectionStore;
  readonly keepConnection: KeepConnection;
}

export function connectionRoutes({ connectionStore, keepConnection }: ConnectionRoutesOptions): Route[] {
  return [
    route({
      method: 'get',
      path: '/connections',
      tag: 'Connections',
      summary: 'List connections',
      access: 'viewer',
      query: listQuery,
      status: 200,
      answer: page(connections.connection),
      handle: async ({ query }) => {
        const found = await connectionStore.list(pageRequest(query));
        return { data: found.data.map(showConnection), nextCursor: found.nextCursor };
      },
    }),
    route({
      method: 'post',
      path: '/connections',
      tag: 'Connections',
      summary: 'Let a source feed a shop',
      access: 'owner',
      body: connections.connectionInput,
      status: 201,
      answer: connections.connection,
      handle: async ({ body }) => showConnection(await keepConnection.create(body)),
    }),
    route({
      method: 'get',
      path: '/connections/{id}',
      tag: 'Connections',
      summary: 'One connection',
      access: 'viewer',
      params: idParams,
      status: 200,
      answer: connections.connection,
      handle: async ({ params }) => showConnection(mustBe(await connectionStore.find(params.id), 'connection')),
    }),
    route({
      method: 'patch',
      path: '/connections/{id}',
      tag: 'Connections',
      summary: 'Change a connection; its items are compared anew',
      access: 'owner',
      params: idParams,
      body: connections.connectionPatch,
      status: 200,
      answer: connections.connection,
      handle: async ({ params, body }) => {
        mustBe(await connectionStore.find(params.id), 'connection');
        return showConnection(await keepConnection.change(params.id, body));
      },
    }),
    route({
      method: 'delete',
      path: '/connections/{id}',
      tag: 'Connections',
      summary: 'Remove a connection with its items; the shop keeps its numbers',
      access: 'owner',
      params: idParams,
      status: 204,
      answer: nothing,
      handle: async ({ params }) => {
        if (!(await connectionStore.remove(params.id))) throw notFound('connection');
      },
    }),
  ];
}
