import type {
  CreatedSource,
  rotatedToken,
  SettingField,
  Source,
  SourceInput,
  SourceKinds,
  SourcePatch,
  SourceSamples,
  SourceTest,
  TriedMapping,
  Warehouses,
} from '../../../server/http/schemas/sources';
import { allRows, http, PATIENT_MS } from './http';

export type { CreatedSource, SettingField, SourceKinds, Source, SourceInput, SourcePatch, SourceTest, TriedMapping };
export type Sample = SourceSamples['data'][number];
export type SampleField = NonNullable<Sample['fields']>['root'][number];
export type TriedLine = TriedMapping['lines'][number];
export type RotatedToken = (typeof rotatedToken)['_zod']['output'];
export type Warehouse = Warehouses['data'][number];
export type SourceKind = Source['kind'];

export const listSourceKinds = async (): Promise<SourceKinds> => (await http.get<SourceKinds>('/source-kinds')).data;

export const listSources = (signal?: AbortSignal): Promise<Source[]> => allRows<Source>('/sources', signal);

export const getSource = async (id: number, signal?: AbortSignal): Promise<Source> =>
  (await http.get<Source>(`/sources/${id}`, { signal })).data;

export const createSource = async (input: SourceInput): Promise<CreatedSource> =>
  (await http.post<CreatedSource>('/sources', input)).data;

export const changeSource = async (id: number, patch: SourcePatch): Promise<Source> =>
  (await http.patch<Source>(`/sources/${id}`, patch)).data;

export const deleteSource = async (id: number): Promise<void> => {
  await http.delete(`/sources/${id}`);
};

/** The old token stays good for the grace time, so that a sender can be changed without losing a push. */
export const rotateToken = async (id: number, graceSeconds: number): Promise<RotatedToken> =>
  (await http.post<RotatedToken>(`/sources/${id}/rotate-token`, { graceSeconds })).data;

/** Has the vendor call us at every change of stock. */
export const subscribeSource = async (id: number): Promise<void> => {
  await http.post(`/sources/${id}/subscribe`, undefined, { timeout: PATIENT_MS });
};

export const testSource = async (id: number): Promise<SourceTest> =>
  (await http.post<SourceTest>(`/sources/${id}/test`, undefined, { timeout: PATIENT_MS })).data;

/** The latest calls as they came. */
export const listSamples = async (id: number, signal?: AbortSignal): Promise<Sample[]> =>
  (await http.get<SourceSamples>(`/sources/${id}/samples`, { signal })).data.data;

/** How a call would be read by settings that are not saved. */
export const tryMapping = async (
  id: number,
  input: { readonly pushId: number; readonly settings: Record<string, unknown> },
  signal?: AbortSignal,
): Promise<TriedMapping> => (await http.post<TriedMapping>(`/sources/${id}/try-mapping`, input, { signal })).data;

export const listWarehouses = async (id: number, signal?: AbortSignal): Promise<Warehouse[]> =>
  (await http.get<Warehouses>(`/sources/${id}/warehouses`, { signal, timeout: PATIENT_MS })).data.data;
