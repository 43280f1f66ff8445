import type { Connection, ConnectionInput, ConnectionPatch } from '../../../server/http/schemas/connections';
import { allRows, http } from './http';

export type { Connection, ConnectionInput, ConnectionPatch };
export type Mode = Connection['mode'];
export type MatchRule = Connection['matchBy'][number];

export const listConnections = (signal?: AbortSignal): Promise<Connection[]> =>
  allRows<Connection>('/connections', signal);

export const createConnection = async (input: ConnectionInput): Promise<Connection> =>
  (await http.post<Connection>('/connections', input)).data;

export const changeConnection = async (id: number, patch: ConnectionPatch): Promise<Connection> =>
  (await http.patch<Connection>(`/connections/${id}`, patch)).data;

export const deleteConnection = async (id: number): Promise<void> => {
  await http.delete(`/connections/${id}`);
};
