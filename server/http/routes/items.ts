import { type ActOnSyncItems, UNDO_MS } from '../../application/act-on-sync-items';
import type { ExplainItem } from '../../application/explain-item';
import type { SuggestMatches } from '../../application/suggest-matches';
import type { Clock } from '../../domain/ports/clock';
import type { Connection, ConnectionStore } from '../../domain/ports/connections';
import type { SyncItemStore, SyncItemView } from '../../domain/ports/sync-items';
import { instantOf, showDeskItem, showFinding, showItem, showStockPoint, showTimelineRow } from '../presenters';
import { type Columns, csvRoute, pagesOf } from '../csv';
import { route, type Route } from '../route';
import { idParams, z } from '../schemas/common';
import * as items from '../schemas/items';
import { EXPORTED_AT_ONCE, mustBe, pageRequest } from './shared';

const failureFilterOf = (given: string | undefined) => {
  const [code, cause = null] = given?.split('.') ?? [];
  return code === undefined ? null : { code, cause };
};

const DAY_MS = 86_400_000;
/** More would be a blot. */
const MOST_POINTS = 500;

export interface ItemRoutesOptions {
  readonly itemStore: SyncItemStore;
  readonly connectionStore: ConnectionStore;
  readonly actOnItems: ActOnSyncItems;
  readonly clock: Clock;
  readonly explainItem: ExplainItem;
  readonly suggestMatches: SuggestMatches;
}

const ITEM_COLUMNS: Columns<ReturnType<typeof showItem>> = {
  id: ({ id }) => id,
  connection_id: ({ connectionId }) => connectionId,
  code: ({ code }) => code,
  barcode: ({ barcode }) => barcode,
  name: ({ name }) => name,
  status: ({ status }) => status,
  levels: ({ levels }) => levels.map(({ warehouse, quantity }) => `${warehouse} ${quantity}`.trim()).join('; '),
  wanted: ({ wanted }) => wanted,
  shown: ({ shown }) => shown,
  proven: ({ verified }) => verified,
  last_synced_at: ({ lastSyncedAt }) => lastSyncedAt,
  product_id: ({ productId }) => productId,
  variation_id: ({ variationId }) => variationId,
  shop_sku: ({ shopSku }) => shopSku,
  shop_name: ({ shopName }) => shopName,
  failure: ({ failure }) => failure?.code ?? null,
  cause: ({ failure }) => failure?.cause ?? null,
  proof: ({ failure }) => failure?.proof ?? null,
  cure: ({ failure }) => failure?.cure ?? null,
  updated_at: ({ updatedAt }) => updatedAt,
};

const DESK_COLUMNS: Columns<ReturnType<typeof showDeskItem>> = {
  item_id: ({ item }) => item.id,
  connection_id: ({ item }) => item.connectionId,
  code: ({ item }) => item.code,
  barcode: ({ item }) => item.barcode,
  name: ({ item }) => item.name,
  status: ({ item }) => item.status,
  likely_product_id: ({ suggestions: [likeliest] }) => likeliest?.product.productId ?? null,
  likely_variation_id: ({ suggestions: [likeliest] }) => likeliest?.product.variationId ?? null,
  likely_sku: ({ suggestions: [likeliest] }) => likeliest?.product.sku ?? null,
  likely_name: ({ suggestions: [likeliest] }) => likeliest?.product.name ?? null,
  likeness: ({ suggestions: [likeliest] }) => likeliest?.score ?? null,
};
/** Each is compared with the whole catalogue. */
const DESK_AT_ONCE = 20;

export function itemRoutes({
  itemStore,
  connectionStore,
  actOnItems,
  explainItem,
  suggestMatches,
  clock,
}: ItemRoutesOptions): Route[] {
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
    failure?: string | undefined;
  }) => ({
    connectionId: given.connectionId ?? null,
    status: given.status ?? null,
    text: given.q === undefined || given.q === '' ? null : given.q,
    failure: failureFilterOf(given.failure),
  });
  const shown = async (rows: readonly SyncItemView[]) => {
    const feeds = await connectionsOf(rows.map((item) => item.connectionId));
    return rows.map((item) => showItem(item, feeds.get(item.connectionId)));
  };
  return [
    csvRoute({
      path: '/items.csv',
      tag: 'Items',
      summary: 'Every product that fits, as a file',
      query: z.strictObject(items.itemsFilter),
      name: () => 'products',
      columns: ITEM_COLUMNS,
      pages: async function* ({ query }) {
        const pages = pagesOf((cursor) => itemStore.list(filterOf(query), { limit: EXPORTED_AT_ONCE, cursor }));
        for await (const page of pages) yield await shown(page);
      },
    }),
    csvRoute({
      path: '/match-desk.csv',
      tag: 'Items',
      summary: 'What found no product, or several, with the likeliest, as a file',
      query: z.strictObject(items.deskFilter),
      name: ({ query }) => `match-desk-${query.status}`,
      columns: DESK_COLUMNS,
      pages: async function* ({ query }) {
        const pages = pagesOf((cursor) => suggestMatches.page(filterOf(query), { limit: DESK_AT_ONCE, cursor }));
        for await (const page of pages) yield page.map((each) => showDeskItem(each, undefined));
      },
    }),
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
        const { offset, sort: order, limit } = query;
        const found =
          offset === undefined
            ? await itemStore.list(filter, pageRequest(query))
            : { data: await itemStore.window(filter, { order, offset, limit }), nextCursor: null };
        const feeds = await connectionsOf(found.data.map((item) => item.connectionId));
        return {
          data: found.data.map((item) => showItem(item, feeds.get(item.connectionId))),
          nextCursor: found.nextCursor,
          ...(query.counts === 'yes' && { counts: { ...(await itemStore.counts({ ...filter, status: null })) } }),
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
      summary: 'Every push, web order, match, write and verify, newest first',
      access: 'viewer',
      params: idParams,
      query: items.timelineQuery,
      status: 200,
      answer: items.timeline,
      handle: async ({ params, query }) => {
        mustBe(await itemStore.find(params.id), 'item');
        const found = await itemStore.timeline(params.id, pageRequest(query), query.step ? [query.step] : []);
        return { data: found.data.map(showTimelineRow), nextCursor: found.nextCursor };
      },
    }),
    route({
      method: 'get',
      path: '/items/{id}/why',
      tag: 'Items',
      summary: 'Why it does not move: what stops it, what it waits for, and how its number came about',
      access: 'viewer',
      params: idParams,
      status: 200,
      answer: items.itemWhy,
      handle: async ({ params }) => ({ data: (await explainItem.explain(params.id)).map(showFinding) }),
    }),
    route({
      method: 'get',
      path: '/items/{id}/stock-history',
      tag: 'Items',
      summary: 'What was wanted and what the shop showed over the last days',
      access: 'viewer',
      params: idParams,
      query: items.stockHistoryQuery,
      status: 200,
      answer: items.stockHistory,
      handle: async ({ params, query }) => {
        mustBe(await itemStore.find(params.id), 'item');
        const points = await itemStore.stockPoints(params.id, clock.now() - query.days * DAY_MS, MOST_POINTS);
        return { data: points.map(showStockPoint) };
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
      handle: async ({ body, caller, note }) => {
        note({ action: `items.${body.action}` });
        const selection =
          'ids' in body ? { ids: body.ids } : { filter: filterOf(body.filter), except: body.except ?? [] };
        const { affected, deedId } = await actOnItems.act(body.action, selection, mustBe(caller, 'session').name);
        const until = instantOf(clock.now() + UNDO_MS);
        return { affected, undo: deedId === null || affected === 0 ? null : { id: deedId, until } };
      },
    }),
    route({
      method: 'post',
      path: '/items/actions/{id}/undo',
      tag: 'Items',
      summary: 'Take an action back, within ten minutes, for every item that nobody has changed since',
      access: 'operator',
      params: idParams,
      status: 200,
      answer: items.itemUndoResult,
      handle: ({ params, caller }) => actOnItems.undo(params.id, mustBe(caller, 'session').name),
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
