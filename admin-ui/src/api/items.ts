import type { FailureView } from '../../../server/http/schemas/common';
import type {
  CatalogProduct,
  DeskPage,
  Item,
  ItemActionInput,
  ItemLinksResult,
  itemLinksInput,
  ItemFinding,
  ItemPage,
  itemActionResult,
  itemRulesInput,
  itemsQuery,
  itemUndoResult,
  ItemStatus,
  StockHistory,
  Suggestion,
  Timeline,
  TimelineEntry,
} from '../../../server/http/schemas/items';
import { http, PATIENT_MS } from './http';

export type { CatalogProduct, DeskPage, FailureView, Item, ItemPage, ItemStatus, Suggestion, Timeline, TimelineEntry };
export type { ItemFinding };
export type TimelineStep = TimelineEntry['step'];
export type DeskRow = DeskPage['data'][number];
export type DeskStatus = 'unmatched' | 'ambiguous';
export type ItemLink = (typeof itemLinksInput)['_zod']['input']['links'][number];
export type LinkResult = ItemLinksResult['results'][number];
export type ItemRules = (typeof itemRulesInput)['_zod']['input'];
export type NumberStep = Item['steps'][number];
export type ItemAction = ItemActionInput['action'];
export type ItemOrder = NonNullable<(typeof itemsQuery)['_zod']['input']['sort']>;
export type ActionResult = (typeof itemActionResult)['_zod']['output'];
export type UndoResult = (typeof itemUndoResult)['_zod']['output'];
/** Some by their ids, or all that fit a filter, less some. */
export type ItemSelection = { readonly ids: number[] } | { readonly filter: ItemFilter; readonly except: number[] };

export interface ItemFilter {
  readonly connectionId?: number;
  readonly status?: ItemStatus;
  readonly q?: string;
  /** A failure's code, with its cause where it has one. */
  readonly failure?: string;
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

/** A part of the list by its place; a negative one is counted from behind. */
export const listItemsAt = async (
  filter: ItemFilter,
  window: { readonly offset: number; readonly limit: number; readonly sort: ItemOrder },
  signal?: AbortSignal,
): Promise<Item[]> =>
  (await http.get<ItemPage>('/items', { params: { ...filter, ...window, counts: 'no' }, signal })).data.data;

export const getItem = async (id: number, signal?: AbortSignal): Promise<Item> =>
  (await http.get<Item>(`/items/${id}`, { signal })).data;

export const getTimeline = async (
  id: number,
  page: { limit: number; cursor?: string; step?: TimelineStep },
  signal?: AbortSignal,
): Promise<Timeline> => (await http.get<Timeline>(`/items/${id}/timeline`, { params: page, signal })).data;

export const getWhy = async (id: number, signal?: AbortSignal): Promise<ItemFinding[]> =>
  (await http.get<{ data: ItemFinding[] }>(`/items/${id}/why`, { signal })).data.data;

export const getStockHistory = async (id: number, days: number, signal?: AbortSignal): Promise<StockHistory['data']> =>
  (await http.get<StockHistory>(`/items/${id}/stock-history`, { params: { days }, signal })).data.data;

/** A hundred thousand of them take a while. */
export const actOnItems = async (input: ItemActionInput): Promise<ActionResult> =>
  (await http.post<ActionResult>('/items/actions', input, { timeout: PATIENT_MS })).data;

export const undoAction = async (id: number): Promise<UndoResult> =>
  (await http.post<UndoResult>(`/items/actions/${id}/undo`, {}, { timeout: PATIENT_MS })).data;

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
