import type { Overview } from '../../../server/http/schemas/overview';
import { http } from './http';

export type { Overview };
export type ActivityHour = Overview['hours'][number];

export const getOverview = async (hours: number, signal?: AbortSignal): Promise<Overview> =>
  (await http.get<Overview>('/overview', { params: { hours }, signal })).data;
