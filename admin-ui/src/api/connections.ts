import type {
  Connection,
  ConnectionInput,
  ConnectionPatch,
  ConnectionPreview,
  RulesPreview,
  rulesPreviewInput,
  SwitchedOnPage,
} from '../../../server/http/schemas/connections';
import { allRows, http } from './http';

export type { Connection, ConnectionInput, ConnectionPatch, ConnectionPreview, SwitchedOnPage };
export type PreviewClass = keyof ConnectionPreview['counts'];
export type PreviewedChange = ConnectionPreview['changes'][number];
export type GoLiveObstacle = ConnectionPreview['obstacles'][number];
export type RulesPreviewInput = (typeof rulesPreviewInput)['_zod']['input'];
export type PreviewedItem = RulesPreview['data'][number];
export type NumberRules = Connection['rules'];
export type CategoryBuffer = Connection['categoryBuffers'][number];
export type SwitchedOn = SwitchedOnPage['data'][number];
export type Mode = Connection['mode'];
export type MatchRule = Connection['matchBy'][number];

export const listConnections = (signal?: AbortSignal): Promise<Connection[]> =>
  allRows<Connection>('/connections', signal);

export const getConnection = async (id: number, signal?: AbortSignal): Promise<Connection> =>
  (await http.get<Connection>(`/connections/${id}`, { signal })).data;

export const createConnection = async (input: ConnectionInput): Promise<Connection> =>
  (await http.post<Connection>('/connections', input)).data;

export const changeConnection = async (id: number, patch: ConnectionPatch): Promise<Connection> =>
  (await http.patch<Connection>(`/connections/${id}`, patch)).data;

export const deleteConnection = async (id: number): Promise<void> => {
  await http.delete(`/connections/${id}`);
};

/** Ten real products by rules that are not saved yet. */
export const previewRules = async (
  id: number,
  rules: RulesPreviewInput,
  signal?: AbortSignal,
): Promise<PreviewedItem[]> =>
  (await http.post<RulesPreview>(`/connections/${id}/rules/preview`, rules, { signal })).data.data;

export const listSwitchedOn = async (
  id: number,
  page: { limit: number; cursor?: string },
  signal?: AbortSignal,
): Promise<SwitchedOnPage> =>
  (await http.get<SwitchedOnPage>(`/connections/${id}/switched-on`, { params: page, signal })).data;

/** For how many products stock management is switched off again. */
export const undoSwitchedOn = async (id: number): Promise<number> =>
  (await http.post<{ affected: number }>(`/connections/${id}/switched-on/undo`)).data.affected;

/** What going live would change, and what still stands in the way. */
export const previewGoLive = async (id: number, signal?: AbortSignal): Promise<ConnectionPreview> =>
  (await http.get<ConnectionPreview>(`/connections/${id}/preview`, { signal })).data;

export const goLive = async (id: number, massZeroSeen: boolean): Promise<Connection> =>
  (await http.post<Connection>(`/connections/${id}/go-live`, { massZeroSeen })).data;
