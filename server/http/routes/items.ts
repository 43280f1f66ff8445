import type { ActOnSyncItems } from '../../application/act-on-sync-items';
import type { SuggestMatches } from '../../application/suggest-matches';
import type { Connection, ConnectionStore } from '../../domain/ports/connections';
import type { SyncItemStore } from '../../domain/ports/sync-items';
import { showDeskItem, showItem, showTimelineRow } from '../presenters';
import { route, type Route } from '../route';
import { idParams } from '../schemas/common';
import * as items from '../schemas/items';
import { listQuery, mustBe, pageRequest } from './shared';

export interface ItemRoutesOptions {
  readonly itemStore: SyncItemStore;
  readonly connectionStore: ConnectionStore;
  readonly actOnItems: ActOnSyncItems;
  readonly suggestMatches: SuggestMatches;
}

export function itemRoutes({ itemStore, connectionStore, actOnItems, suggestMatches }: ItemRoutesOptions): Route[] {
  const connectionsOf = async (ids: readonly number[]): Promise<ReadonlyMap<number, Connection>> => {
    const found = await Promise.all([...new Set(ids)].map((id) => connectionStore.find(id)));
    return new Map(found.flatMap((connection) => (connection ? [[connection.id, connection] as const] : [])));
  };
  const find = async (id: number) => {
    const item = mustBe(await itemStore.find(id), 'item');
    return showItem(item, (await connectionsOf([item.connectionId])).get(item.connectionId));
  };
  const filterOf = (given: {
    connectionId?: number | undefined;
    status?: items.ItemStatus | undefined;
    q?: string | undefined;
  }) => ({
    connectionId: given.connectionId ?? null,
    status: given.status ?? null,
    text: given.q === undefined || given.q === '' ? null : given.q,
  });
  return [
    route({
      method: 'get',
      path: '/items',
      tag: 'Items',
      summary: 'Every product’s state, with counts by status',
      access: 'viewer',
      query: items.itemsQuery,
      status: 200,
      answer: items.itemPage,
      handle: async ({ query }) => {
        const filter = filterOf(query);
        const found = await itemStore.list(filter, pageRequest(query));
        const feeds = await connectionsOf(found.data.map((item) => item.connectionId));
        return {
          data: found.data.map((item) => showItem(item, feeds.get(item.connectionId))),
          nextCursor: found.nextCursor,
          counts: { ...(await itemStore.counts(filter)) },
        };
      },
    }),
    route({
      method: 'get',
      path: '/items/{id}',
      tag: 'Items',
      summary: 'One item',
      access: 'viewer',
      params: idParams,
      status: 200,
      answer: items.item,
      handle: ({ params }) => find(params.id),
    }),
    route({
      method: 'get',
      path: '/items/{id}/timeline',
      tag: 'Items',
      summary: 'Every push, match, write and verify, newest first',
      access: 'viewer',
      params: idParams,
      query: listQuery,
      status: 200,
      answer: items.timeline,
      handle: async ({ params, query }) => {
        mustBe(await itemStore.find(params.id), 'item');
        const found = await itemStore.timeline(params.id, pageRequest(query));
        return { data: found.data.map(showTimelineRow), nextCursor: found.nextCursor };
      },
    }),
    route({
      method: 'post',
      path: '/items/actions',
      tag: 'Items',
      summary: 'Retry, relink, sync now, set online or offline: by ids or by filter',
      access: 'operator',
      body: items.itemActionInput,
      status: 200,
      answer: items.itemActionResult,
      handle: async ({ body, caller }) => {
        const selection = 'ids' in body ? { ids: body.ids } : { filter: filterOf(body.filter) };
        return { affected: await actOnItems.act(body.action, selection, mustBe(caller, 'session').name) };
      },
    }),
    route({
      method: 'post',
      path: '/items/{id}/link',
      tag: 'Items',
      summary: 'Say by hand which shop product it is',
      access: 'operator',
      params: idParams,
      body: items.itemLinkInput,
      status: 200,
      answer: items.item,
      handle: async ({ params, body, caller }) => {
        const ref = { productId: body.productId, variationId: body.variationId ?? null };
        await actOnItems.link(params.id, ref, mustBe(caller, 'session').name);
        return find(params.id);
      },
    }),
    route({
      method: 'patch',
      path: '/items/{id}/rules',
      tag: 'Items',
      summary: 'What is kept back of this product alone, and how many units make a piece of it',
      access: 'operator',
      params: idParams,
      body: items.itemRulesInput,
      status: 200,
      answer: items.item,
      handle: async ({ params, body, caller }) => {
        await actOnItems.setRules(params.id, body, mustBe(caller, 'session').name);
        return find(params.id);
      },
    }),
    route({
      method: 'get',
      path: '/match-desk',
      tag: 'Items',
      summary: 'Items that found no product, or several, with what they might be and why',
      access: 'viewer',
      query: items.deskQuery,
      status: 200,
      answer: items.deskPage,
      handle: async ({ query }) => {
        const found = await suggestMatches.page(filterOf(query), pageRequest(query));
        const feeds = await connectionsOf(found.data.map(({ item }) => item.connectionId));
        return {
          data: found.data.map((each) => showDeskItem(each, feeds.get(each.item.connectionId))),
          nextCursor: found.nextCursor,
        };
      },
    }),
    route({
      method: 'post',
      path: '/match-desk/links',
      tag: 'Items',
      summary: 'Link several items by hand; each is answered for itself. To undo, relink them',
      access: 'operator',
      body: items.itemLinksInput,
      status: 200,
      answer: items.itemLinksResult,
      handle: async ({ body, caller }) => {
        const links = body.links.map(({ itemId, productId, variationId }) => ({
          itemId,
          ref: { productId, variationId: variationId ?? null },
        }));
        const results = await actOnItems.linkAll(links, mustBe(caller, 'session').name);
        return { results: results.map((result) => ({ ...result })) };
      },
    }),
  ];
}
