import type { FailureView } from '../../../server/http/schemas/common';
import type {
  CatalogProduct,
  DeskPage,
  Item,
  ItemActionInput,
  ItemLinksResult,
  itemLinksInput,
  ItemPage,
  itemRulesInput,
  ItemStatus,
  Suggestion,
  Timeline,
  TimelineEntry,
} from '../../../server/http/schemas/items';
import { http, PATIENT_MS } from './http';

export type { CatalogProduct, DeskPage, FailureView, Item, ItemPage, ItemStatus, Suggestion, Timeline, TimelineEntry };
export type DeskRow = DeskPage['data'][number];
export type DeskStatus = 'unmatched' | 'ambiguous';
export type ItemLink = (typeof itemLinksInput)['_zod']['input']['links'][number];
export type LinkResult = ItemLinksResult['results'][number];
export type ItemRules = (typeof itemRulesInput)['_zod']['input'];
export type NumberStep = Item['steps'][number];
export type ItemAction = ItemActionInput['action'];

export interface ItemFilter {
  readonly connectionId?: number;
  readonly status?: ItemStatus;
  readonly q?: string;
}

/** In the order in which the panel lists them: what needs a person first, what is done last. */
export const ITEM_STATUSES = [
  'failed',
  'unmatched',
  'ambiguous',
  'retrying',
  'unverified',
  'due',
  'writing',
  'synced',
  'offline',
] as const satisfies readonly ItemStatus[];

export const listItems = async (
  filter: ItemFilter,
  page: { limit: number; cursor?: string },
  signal?: AbortSignal,
): Promise<ItemPage> => (await http.get<ItemPage>('/items', { params: { ...filter, ...page }, signal })).data;

export const getItem = async (id: number, signal?: AbortSignal): Promise<Item> =>
  (await http.get<Item>(`/items/${id}`, { signal })).data;

export const getTimeline = async (
  id: number,
  page: { limit: number; cursor?: string },
  signal?: AbortSignal,
): Promise<Timeline> => (await http.get<Timeline>(`/items/${id}/timeline`, { params: page, signal })).data;

/** How many items the action reached. */
export const actOnItems = async (input: ItemActionInput): Promise<number> =>
  (await http.post<{ affected: number }>('/items/actions', input)).data.affected;

export const linkItem = async (id: number, productId: number, variationId: number | null): Promise<void> => {
  await http.post(`/items/${id}/link`, { productId, variationId });
};

export const setItemRules = async (id: number, rules: ItemRules): Promise<void> => {
  await http.patch(`/items/${id}/rules`, rules);
};

export const listDesk = async (
  filter: { readonly status: DeskStatus; readonly connectionId?: number; readonly q?: string },
  page: { limit: number; cursor?: string },
  signal?: AbortSignal,
): Promise<DeskPage> => (await http.get<DeskPage>('/match-desk', { params: { ...filter, ...page }, signal })).data;

/** The shop is asked for each of them, so many take a while. */
export const linkItems = async (links: ItemLink[]): Promise<LinkResult[]> =>
  (await http.post<ItemLinksResult>('/match-desk/links', { links }, { timeout: PATIENT_MS })).data.results;
