import type { ProblemGroup } from '../../../server/http/schemas/problems';
import { http } from './http';

export type { ProblemGroup };

export const listProblems = async (signal?: AbortSignal): Promise<ProblemGroup[]> =>
  (await http.get<{ data: ProblemGroup[] }>('/problems', { signal })).data.data;

/** How many products are tried again. */
export const retryProblem = async (key: string): Promise<number> =>
  (await http.post<{ affected: number }>(`/problems/${key}/retry`)).data.affected;
