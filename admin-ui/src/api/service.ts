import type { Service } from '../../../server/http/schemas/service';
import { http } from './http';

export type { Service };

export const getService = async (signal?: AbortSignal): Promise<Service> =>
  (await http.get<Service>('/service', { signal })).data;
