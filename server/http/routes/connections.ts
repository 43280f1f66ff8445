import type { KeepConnection } from '../../application/keep-connection';
import type { KeepMappings } from '../../application/keep-mappings';
import type { PreviewConnection } from '../../application/preview-connection';
import type { PreviewRules } from '../../application/preview-rules';
import type { ConnectionStore } from '../../domain/ports/connections';
import type { SkuMappingStore } from '../../domain/ports/sku-mappings';
import type { StockSwitchStore } from '../../domain/ports/stock-switches';
import { notFound } from '../../domain/refusal';
import { showConnection, showConnectionPreview, showRulesPreview, showSwitch } from '../presenters';
import { route, type Route } from '../route';
import { idParams, page } from '../schemas/common';
import * as connections from '../schemas/connections';
import { listQuery, mustBe, nothing, pageRequest } from './shared';

export interface ConnectionRoutesOptions {
  readonly connectionStore: ConnectionStore;
  readonly keepConnection: KeepConnection;
  readonly keepMappings: KeepMappings;
  readonly previewRules: PreviewRules;
  readonly previewConnection: PreviewConnection;
  readonly mappingStore: SkuMappingStore;
  readonly switchStore: StockSwitchStore;
}

export function connectionRoutes({
  connectionStore,
  keepConnection,
  keepMappings,
  previewRules,
  previewConnection,
  mappingStore,
  switchStore,
}: ConnectionRoutesOptions): Route[] {
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
    route({
      method: 'post',
      path: '/connections/{id}/rules/preview',
      tag: 'Connections',
      summary: 'Ten real products by rules that are not saved yet',
      access: 'viewer',
      audit: false,
      params: idParams,
      body: connections.rulesPreviewInput,
      status: 200,
      answer: connections.rulesPreview,
      handle: async ({ params, body }) => ({
        data: (await previewRules.preview(params.id, body)).map(showRulesPreview),
      }),
    }),
    route({
      method: 'get',
      path: '/connections/{id}/mappings',
      tag: 'Connections',
      summary: 'Which reference of the source is which SKU of the shop, as the owner said',
      access: 'viewer',
      params: idParams,
      query: listQuery,
      status: 200,
      answer: connections.skuMappingPage,
      handle: async ({ params, query }) => {
        mustBe(await connectionStore.find(params.id), 'connection');
        const found = await mappingStore.list(params.id, pageRequest(query));
        return { ...found, data: [...found.data], count: await mappingStore.count(params.id) };
      },
    }),
    route({
      method: 'post',
      path: '/connections/{id}/mappings',
      tag: 'Connections',
      summary: 'Add or replace mapping lines, from pasted text or CSV; all or nothing',
      access: 'operator',
      params: idParams,
      body: connections.mappingImport,
      status: 200,
      answer: connections.mappingsKept,
      handle: ({ params, body }) => keepMappings.import(params.id, body.text, body.mode),
    }),
    route({
      method: 'post',
      path: '/connections/{id}/mappings/remove',
      tag: 'Connections',
      summary: 'Remove mapping lines',
      access: 'operator',
      params: idParams,
      body: connections.mappingRemoval,
      status: 200,
      answer: connections.mappingsKept,
      handle: ({ params, body }) => keepMappings.remove(params.id, body.ids),
    }),
    route({
      method: 'get',
      path: '/connections/{id}/mappings/export',
      tag: 'Connections',
      summary: 'All mapping lines as CSV',
      access: 'viewer',
      params: idParams,
      status: 200,
      answer: connections.mappingExport,
      handle: async ({ params }) => ({ csv: await keepMappings.export(params.id) }),
    }),
    route({
      method: 'get',
      path: '/connections/{id}/switched-on',
      tag: 'Connections',
      summary: 'Products whose stock management this connection switched on',
      access: 'viewer',
      params: idParams,
      query: listQuery,
      status: 200,
      answer: connections.switchedOnPage,
      handle: async ({ params, query }) => {
        mustBe(await connectionStore.find(params.id), 'connection');
        const found = await switchStore.list(params.id, pageRequest(query));
        return {
          data: found.data.map(showSwitch),
          nextCursor: found.nextCursor,
          count: await switchStore.count(params.id),
        };
      },
    }),
    route({
      method: 'post',
      path: '/connections/{id}/switched-on/undo',
      tag: 'Connections',
      summary:
        'Switch stock management off again wherever this connection switched it on, and only report it from now on',
      access: 'owner',
      params: idParams,
      status: 200,
      answer: connections.undoAnswer,
      handle: async ({ params }) => ({ affected: await keepConnection.undoSwitches(params.id) }),
    }),
    route({
      method: 'get',
      path: '/connections/{id}/preview',
      tag: 'Connections',
      summary: 'What going live would change, by numbers, and what still stands in the way',
      access: 'viewer',
      params: idParams,
      status: 200,
      answer: connections.connectionPreview,
      handle: async ({ params }) => showConnectionPreview(await previewConnection.preview(params.id)),
    }),
    route({
      method: 'post',
      path: '/connections/{id}/go-live',
      tag: 'Connections',
      summary: 'From test to live, once everything has been compared',
      access: 'owner',
      params: idParams,
      body: connections.goLiveInput,
      status: 200,
      answer: connections.connection,
      handle: async ({ params, body }) => showConnection(await previewConnection.goLive(params.id, body.massZeroSeen)),
    }),
  ];
}
