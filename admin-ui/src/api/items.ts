import type { FailureView } from '../../../server/http/schemas/common';
import type {
  Item,
  ItemActionInput,
  ItemPage,
  ItemStatus,
  Timeline,
  TimelineEntry,
} from '../../../server/http/schemas/items';
import { http } from './http';

export type { FailureView, Item, ItemPage, ItemStatus, Timeline, TimelineEntry };
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
