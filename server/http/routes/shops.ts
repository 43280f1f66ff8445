import type { ApproveShop } from '../../application/approve-shop';
import type { KeepShops } from '../../application/keep-shops';
import type { TestShop } from '../../application/test-shop';
import type { Clock } from '../../domain/ports/clock';
import type { CatalogStore } from '../../domain/ports/catalog';
import type { LaneSignal } from '../../domain/ports/lane-signal';
import type { ShopStore } from '../../domain/ports/shops';
import type { WebhookStore } from '../../domain/ports/webhook-store';
import { notFound } from '../../domain/refusal';
import { instantOf, showCatalogue, showShop, showShopTest } from '../presenters';
import { route, type Route } from '../route';
import { idParams, page } from '../schemas/common';
import * as shops from '../schemas/shops';
import { listQuery, mustBe, nothing, pageRequest } from './shared';

export interface ShopRoutesOptions {
  readonly shopStore: ShopStore;
  readonly keepShops: KeepShops;
  readonly testShop: TestShop;
  readonly approveShop: ApproveShop;
  readonly catalogStore: CatalogStore;
  readonly webhookStore: WebhookStore;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

export function shopRoutes({
  shopStore,
  keepShops,
  testShop,
  approveShop,
  catalogStore,
  webhookStore,
  laneSignal,
  clock,
}: ShopRoutesOptions): Route[] {
  const catalogueOf = async (shopId: number) => {
    await find(shopId);
    const counts = { entries: await catalogStore.count(shopId), ...(await catalogStore.countUnmanaged(shopId)) };
    return showCatalogue(await catalogStore.state(shopId), counts, await webhookStore.find(shopId));
  };
  const find = async (id: number) => showShop(mustBe(await shopStore.find(id), 'shop'));
  return [
    route({
      method: 'get',
      path: '/shops',
      tag: 'Shops',
      summary: 'List shops',
      access: 'viewer',
      query: listQuery,
      status: 200,
      answer: page(shops.shop),
      handle: async ({ query }) => {
        const found = await shopStore.list(pageRequest(query));
        return { data: found.data.map(showShop), nextCursor: found.nextCursor };
      },
    }),
    route({
      method: 'post',
      path: '/shops',
      tag: 'Shops',
      summary: 'Add a shop',
      access: 'owner',
      body: shops.shopInput,
      status: 201,
      answer: shops.shop,
      handle: async ({ body }) => showShop(await keepShops.create(withPlainUrl(body))),
    }),
    route({
      method: 'get',
      path: '/shop-approvals',
      tag: 'Shops',
      summary: 'Whether a shop can give its keys by itself: it does so to an https address alone',
      access: 'viewer',
      status: 200,
      answer: shops.approvals,
      handle: () => Promise.resolve({ possible: approveShop.isPossible }),
    }),
    route({
      method: 'post',
      path: '/shop-approvals',
      tag: 'Shops',
      summary: 'Ask for the page of the shop on which its owner approves; the shop then hands over the keys by itself',
      access: 'owner',
      body: shops.approvalInput,
      status: 201,
      answer: shops.approval,
      handle: async ({ body }) => {
        const { name, url, shopId = null } = withPlainUrl(body);
        const { authorizeUrl, expiresAt } = await approveShop.ask({ name, url, shopId });
        return { authorizeUrl, expiresAt: instantOf(expiresAt) };
      },
    }),
    route({
      method: 'get',
      path: '/shops/{id}',
      tag: 'Shops',
      summary: 'One shop',
      access: 'viewer',
      params: idParams,
      status: 200,
      answer: shops.shop,
      handle: ({ params }) => find(params.id),
    }),
    route({
      method: 'patch',
      path: '/shops/{id}',
      tag: 'Shops',
      summary: 'Change a shop; keys are replaced only when given',
      access: 'owner',
      params: idParams,
      body: shops.shopPatch,
      status: 200,
      answer: shops.shop,
      handle: async ({ params, body }) => {
        await find(params.id);
        return showShop(await keepShops.change(params.id, withPlainUrl(body)));
      },
    }),
    route({
      method: 'delete',
      path: '/shops/{id}',
      tag: 'Shops',
      summary: 'Remove a shop with its connections and their items',
      access: 'owner',
      params: idParams,
      status: 204,
      answer: nothing,
      handle: async ({ params }) => {
        if (!(await shopStore.remove(params.id))) throw notFound('shop');
      },
    }),
    route({
      method: 'post',
      path: '/shops/{id}/test',
      tag: 'Shops',
      summary: 'The connection doctor',
      access: 'operator',
      params: idParams,
      status: 200,
      answer: shops.shopTest,
      handle: async ({ params }) => showShopTest(await testShop.test(params.id)),
    }),
    route({
      method: 'post',
      path: '/shops/{id}/resume',
      tag: 'Shops',
      summary: 'Close the circuit by hand',
      access: 'operator',
      params: idParams,
      status: 200,
      answer: shops.shop,
      handle: async ({ params }) => {
        await find(params.id);
        await testShop.resume(params.id);
        return find(params.id);
      },
    }),
    route({
      method: 'get',
      path: '/shops/{id}/catalogue',
      tag: 'Shops',
      summary: 'How far our mirror of the shop’s catalogue is, and how it is kept fresh',
      access: 'viewer',
      params: idParams,
      status: 200,
      answer: shops.catalogue,
      handle: ({ params }) => catalogueOf(params.id),
    }),
    route({
      method: 'post',
      path: '/shops/{id}/catalogue/refresh',
      tag: 'Shops',
      summary: 'Read the shop’s whole catalogue anew',
      access: 'operator',
      params: idParams,
      status: 202,
      answer: shops.catalogue,
      handle: async ({ params }) => {
        await find(params.id);
        await catalogStore.request(params.id, 'full', clock.now());
        laneSignal.announce([params.id]);
        return catalogueOf(params.id);
      },
    }),
    route({
      method: 'get',
      path: '/shops/{id}/categories',
      tag: 'Shops',
      summary: 'The shop’s product categories, as far as the mirror has met them',
      access: 'viewer',
      params: idParams,
      status: 200,
      answer: shops.shopCategories,
      handle: async ({ params }) => {
        await find(params.id);
        return { data: [...(await catalogStore.categories(params.id))] };
      },
    }),
  ];
}

/** The address without what does not belong to it: a trailing slash, a query, an anchor. */
function withPlainUrl<Draft extends { readonly url?: string }>(draft: Draft): Draft {
  if (draft.url === undefined) return draft;
  const url = new URL(draft.url);
  return { ...draft, url: `${url.origin}${url.pathname.replace(/\/+$/, '')}` };
}
