import type { Push, PushDetail } from '../../../server/http/schemas/pushes';
import { http, type Page } from './http';

export type { Push, PushDetail };
export type PushLine = PushDetail['lines'][number];

export interface PushFilter {
  readonly sourceId?: number;
}

export const listPushes = async (
  filter: PushFilter,
  page: { limit: number; cursor?: string },
  signal?: AbortSignal,
): Promise<Page<Push>> => (await http.get<Page<Push>>('/pushes', { params: { ...filter, ...page }, signal })).data;

export const getPush = async (id: number, signal?: AbortSignal): Promise<PushDetail> =>
  (await http.get<PushDetail>(`/pushes/${id}`, { signal })).data;
