import type { Session, setupInput } from '../../../server/http/schemas/session';
import { http } from './http';

export type { Session };
export type SetupInput = (typeof setupInput)['_zod']['input'];

export const getSession = async (): Promise<Session> => (await http.get<Session>('/session')).data;

export const logIn = async (email: string, password: string): Promise<Session> =>
  (await http.post<Session>('/session', { email, password })).data;

export const logOut = async (): Promise<void> => {
  await http.delete('/session');
};

export const isSetupNeeded = async (): Promise<boolean> => (await http.get<{ needed: boolean }>('/setup')).data.needed;

/** Makes the first owner and logs in as them. */
export const createFirstOwner = async (input: SetupInput): Promise<Session> =>
  (await http.post<Session>('/setup', input)).data;
