import type { Request } from 'express';
import type { KeepSource } from '../../application/keep-source';
import type { TryMapping } from '../../application/try-mapping';
import type { Source, SourceStore } from '../../domain/ports/sources';
import { ADDRESS_SECRET } from '../../domain/ports/stock-source';
import { notFound } from '../../domain/refusal';
import { type Columns, csvRoute } from '../csv';
import {
  instantOf,
  instantOrNull,
  showOrderRule,
  showSample,
  showSource,
  showSourceTest,
  showTriedMapping,
} from '../presenters';
import { route, type Route } from '../route';
import { idParams, page } from '../schemas/common';
import * as sources from '../schemas/sources';
import { listQuery, mustBe, nothing, pageRequest, type PushUrlOf } from './shared';

export interface SourceRoutesOptions {
  readonly sourceStore: SourceStore;
  readonly keepSource: KeepSource;
  readonly tryMapping: TryMapping;
  readonly pushUrlOf: PushUrlOf;
}

const addressWith = (url: string, secret: string): string => `${url}?${ADDRESS_SECRET}=${secret}`;

const isKind = (kind: string): kind is (typeof sources.sourceKinds)[number] =>
  (sources.sourceKinds as readonly string[]).includes(kind);

const WAREHOUSE_COLUMNS: Columns<Awaited<ReturnType<KeepSource['warehouses']>>[number]> = {
  name: ({ name }) => name,
  from: ({ from }) => from,
  last_seen_at: ({ lastSeenAt }) => instantOrNull(lastSeenAt),
};

export function sourceRoutes({ sourceStore, keepSource, tryMapping, pushUrlOf }: SourceRoutesOptions): Route[] {
  const callUrlOf = (req: Request, sourceKey: string, secret: string | null): string | null =>
    secret === null ? null : addressWith(pushUrlOf(req, sourceKey), secret);
  const show = async (req: Request, source: Source) => {
    if (!isKind(source.kind)) throw new Error(`Source ${source.id} has an unknown kind`);
    const settings = await keepSource.shownSettings(source);
    const traffic = await keepSource.traffic(source);
    return showSource(source, source.kind, settings, traffic, pushUrlOf(req, source.sourceKey));
  };
  return [
    route({
      method: 'get',
      path: '/source-kinds',
      tag: 'Sources',
      summary: 'The kinds of sources, each with the settings its connector asks for',
      access: 'viewer',
      status: 200,
      answer: sources.sourceKindList,
      handle: () =>
        Promise.resolve({
          data: keepSource.kinds.flatMap(({ kind, form, orders }) =>
            isKind(kind) ? [{ kind, fields: [...form], orders: showOrderRule(orders) }] : [],
          ),
        }),
    }),
    route({
      method: 'get',
      path: '/sources',
      tag: 'Sources',
      summary: 'List sources',
      access: 'viewer',
      query: listQuery,
      status: 200,
      answer: page(sources.source),
      handle: async ({ query, req }) => {
        const found = await sourceStore.list(pageRequest(query));
        return { data: await Promise.all(found.data.map((each) => show(req, each))), nextCursor: found.nextCursor };
      },
    }),
    route({
      method: 'post',
      path: '/sources',
      tag: 'Sources',
      summary: 'Add a source. The token is in this answer and never again',
      access: 'owner',
      body: sources.sourceInput,
      status: 201,
      answer: sources.createdSource,
      handle: async ({ body, req }) => {
        const { source, token, addressSecret } = await keepSource.create(body);
        return { ...(await show(req, source)), token, callUrl: callUrlOf(req, source.sourceKey, addressSecret) };
      },
    }),
    route({
      method: 'get',
      path: '/sources/{id}',
      tag: 'Sources',
      summary: 'One source',
      access: 'viewer',
      params: idParams,
      status: 200,
      answer: sources.source,
      handle: async ({ params, req }) => show(req, mustBe(await sourceStore.find(params.id), 'source')),
    }),
    route({
      method: 'patch',
      path: '/sources/{id}',
      tag: 'Sources',
      summary: 'Change a source; settings left out stay',
      access: 'owner',
      params: idParams,
      body: sources.sourcePatch,
      status: 200,
      answer: sources.source,
      handle: async ({ params, body, req }) => show(req, await keepSource.change(params.id, body)),
    }),
    route({
      method: 'delete',
      path: '/sources/{id}',
      tag: 'Sources',
      summary: 'Remove a source with its levels and connections',
      access: 'owner',
      params: idParams,
      status: 204,
      answer: nothing,
      handle: async ({ params }) => {
        if (!(await sourceStore.remove(params.id))) throw notFound('source');
      },
    }),
    route({
      method: 'post',
      path: '/sources/{id}/rotate-token',
      tag: 'Sources',
      summary: 'A new token; the old one lives on for the grace time',
      access: 'owner',
      params: idParams,
      body: sources.rotateTokenInput,
      status: 200,
      answer: sources.rotatedToken,
      handle: async ({ params, body, req }) => {
        const rotated = await keepSource.rotateToken(params.id, body.graceSeconds * 1000);
        const { sourceKey } = mustBe(await sourceStore.find(params.id), 'source');
        return {
          token: rotated.token,
          callUrl: callUrlOf(req, sourceKey, rotated.addressSecret),
          previousExpiresAt: instantOf(rotated.previousExpiresAt),
        };
      },
    }),
    route({
      method: 'post',
      path: '/sources/{id}/test',
      tag: 'Sources',
      summary: 'Ask the vendor’s own API, and say whether calls arrive',
      access: 'operator',
      params: idParams,
      status: 200,
      answer: sources.sourceTest,
      handle: async ({ params }) => showSourceTest(await keepSource.test(params.id)),
    }),
    route({
      method: 'post',
      path: '/sources/{id}/subscribe',
      tag: 'Sources',
      summary: 'Have the vendor call us at every change of stock; needs a public https address',
      access: 'owner',
      params: idParams,
      status: 204,
      answer: nothing,
      handle: async ({ params, req }) => {
        await keepSource.subscribe(params.id, (sourceKey, secret) => addressWith(pushUrlOf(req, sourceKey), secret));
      },
    }),
    route({
      method: 'get',
      path: '/sources/{id}/samples',
      tag: 'Sources',
      summary: 'The latest calls as they came, and what a mapping may pick from them',
      access: 'operator',
      params: idParams,
      status: 200,
      answer: sources.samples,
      handle: async ({ params }) => ({ data: (await tryMapping.samples(params.id)).map(showSample) }),
    }),
    route({
      method: 'post',
      path: '/sources/{id}/try-mapping',
      tag: 'Sources',
      summary: 'How a call would be read by these settings; nothing is saved',
      access: 'operator',
      audit: false,
      params: idParams,
      body: sources.tryMappingInput,
      status: 200,
      answer: sources.triedMapping,
      handle: async ({ params, body }) =>
        showTriedMapping(await tryMapping.read(params.id, body.pushId, body.settings)),
    }),
    csvRoute({
      path: '/sources/{id}/warehouses.csv',
      tag: 'Sources',
      summary: 'The warehouses of a source, as a file',
      params: idParams,
      name: ({ params }) => `warehouses-${params.id}`,
      columns: WAREHOUSE_COLUMNS,
      pages: async function* ({ params }) {
        yield await keepSource.warehouses(params.id);
      },
    }),
    route({
      method: 'get',
      path: '/sources/{id}/warehouses',
      tag: 'Sources',
      summary: 'Warehouses named by the vendor and seen in pushes',
      access: 'viewer',
      params: idParams,
      status: 200,
      answer: sources.warehouses,
      handle: async ({ params }) => ({
        data: (await keepSource.warehouses(params.id)).map(({ name, from, lastSeenAt }) => ({
          name,
          from,
          lastSeenAt: instantOrNull(lastSeenAt),
        })),
      }),
    }),
  ];
}
