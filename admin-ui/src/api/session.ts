import type { LinkState, LogInAnswer, Session, setupInput } from '../../../server/http/schemas/session';
import { http } from './http';

export type { LinkState, LogInAnswer, Session };
export type Role = Session['user']['role'];
export type SetupInput = (typeof setupInput)['_zod']['input'];
export type LoginChallenge = Extract<LogInAnswer, { state: 'second_factor_needed' }>;
/** A code of the app, or a recovery code. */
export type Proof = { readonly code: string } | { readonly recoveryCode: string };

export const getSession = async (): Promise<Session> => (await http.get<Session>('/session')).data;

export const logIn = async (email: string, password: string): Promise<LogInAnswer> =>
  (await http.post<LogInAnswer>('/session', { email, password })).data;

export const proveSecondFactor = async (challenge: string, proof: Proof): Promise<Session> =>
  (await http.post<Session>('/session/second-factor', { challenge, ...proof })).data;

export const logOut = async (): Promise<void> => {
  await http.delete('/session');
};

export const isSetupNeeded = async (): Promise<boolean> => (await http.get<{ needed: boolean }>('/setup')).data.needed;

/** Makes the first owner and logs in as them. */
export const createFirstOwner = async (input: SetupInput): Promise<Session> =>
  (await http.post<Session>('/setup', input)).data;

export const lookAtLink = async (token: string): Promise<LinkState> =>
  (await http.post<LinkState>('/join/look', { token })).data;

export const join = async (input: { token: string; password: string; language: string }): Promise<LogInAnswer> =>
  (await http.post<LogInAnswer>('/join', input)).data;
