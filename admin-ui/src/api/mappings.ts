import type { MappingsKept, SkuMappingPage } from '../../../server/http/schemas/connections';
import { http, PATIENT_MS } from './http';

export type { MappingsKept, SkuMappingPage };
export type SkuMapping = SkuMappingPage['data'][number];
export type ImportMode = 'add' | 'replace';

export const listMappings = async (
  connectionId: number,
  page: { limit: number; cursor?: string },
  signal?: AbortSignal,
): Promise<SkuMappingPage> =>
  (await http.get<SkuMappingPage>(`/connections/${connectionId}/mappings`, { params: page, signal })).data;

/** All or nothing: one line that cannot be read, and nothing is changed. */
export const importMappings = async (connectionId: number, text: string, mode: ImportMode): Promise<MappingsKept> =>
  (await http.post<MappingsKept>(`/connections/${connectionId}/mappings`, { text, mode }, { timeout: PATIENT_MS }))
    .data;

export const removeMappings = async (connectionId: number, ids: number[]): Promise<MappingsKept> =>
  (await http.post<MappingsKept>(`/connections/${connectionId}/mappings/remove`, { ids })).data;

export const exportMappings = async (connectionId: number): Promise<string> =>
  (await http.get<{ csv: string }>(`/connections/${connectionId}/mappings/export`, { timeout: PATIENT_MS })).data.csv;
