import type { Push, pushAnswer, PushDetail, pushesQuery } from '../../../server/http/schemas/pushes';
import { http, type Page } from './http';

export type { Push, PushDetail };
type PushAnswer = (typeof pushAnswer)['_zod']['output'];
export type PushLine = PushDetail['lines'][number];

export type PushOutcome = NonNullable<(typeof pushesQuery)['_zod']['input']['outcome']>;

export interface PushFilter {
  readonly sourceId?: number;
  readonly outcome?: PushOutcome;
  /** ISO 8601. */
  readonly from?: string;
  readonly before?: string;
}

export const listPushes = async (
  filter: PushFilter,
  page: { limit: number; cursor?: string },
  signal?: AbortSignal,
): Promise<Page<Push>> => (await http.get<Page<Push>>('/pushes', { params: { ...filter, ...page }, signal })).data;

/** Takes a stored push in once more; the id of the new one. */
export const replayPush = async (id: number): Promise<number> =>
  (await http.post<PushAnswer>(`/pushes/${id}/replay`)).data.pushId;

export const getPush = async (id: number, signal?: AbortSignal): Promise<PushDetail> =>
  (await http.get<PushDetail>(`/pushes/${id}`, { signal })).data;
