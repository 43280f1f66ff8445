import type { Account, Enrolment, OwnSession } from '../../../server/http/schemas/people';
import { http } from './http';
import type { Proof } from './session';

export type { Account, Enrolment, OwnSession };

export const getAccount = async (signal?: AbortSignal): Promise<Account> =>
  (await http.get<Account>('/account', { signal })).data;

export const changeLanguage = async (language: string): Promise<void> => {
  await http.patch('/account', { language });
};

export const changePassword = async (currentPassword: string, newPassword: string): Promise<void> => {
  await http.post('/account/password', { currentPassword, newPassword });
};

export const listSessions = async (signal?: AbortSignal): Promise<OwnSession[]> =>
  (await http.get<{ data: OwnSession[] }>('/account/sessions', { signal })).data.data;

export const endSession = async (id: number): Promise<void> => {
  await http.delete(`/account/sessions/${id}`);
};

export const endOtherSessions = async (): Promise<void> => {
  await http.delete('/account/sessions');
};

export const beginEnrolment = async (): Promise<Enrolment> =>
  (await http.post<Enrolment>('/account/second-factor')).data;

type Codes = { recoveryCodes: string[] };

export const confirmEnrolment = async (code: string): Promise<string[]> =>
  (await http.post<Codes>('/account/second-factor/confirm', { code })).data.recoveryCodes;

export const renewRecoveryCodes = async (password: string): Promise<string[]> =>
  (await http.post<Codes>('/account/second-factor/recovery-codes', { password })).data.recoveryCodes;

export const switchSecondFactorOff = async (password: string, proof: Proof): Promise<void> => {
  await http.post('/account/second-factor/switch-off', { password, ...proof });
};
