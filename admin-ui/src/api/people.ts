import type { AccessRules, Invitation, IssuedLink, Person } from '../../../server/http/schemas/people';
import { allRows, http } from './http';
import type { Role } from './session';

export type { AccessRules, Invitation, IssuedLink, Person };

export const listPeople = (signal?: AbortSignal): Promise<Person[]> => allRows<Person>('/users', signal);

export const changeRole = async (id: number, role: Role): Promise<void> => {
  await http.patch(`/users/${id}`, { role });
};

export const removePerson = async (id: number): Promise<void> => {
  await http.delete(`/users/${id}`);
};

export const issueResetLink = async (id: number): Promise<IssuedLink> =>
  (await http.post<IssuedLink>(`/users/${id}/reset-link`)).data;

export const switchOffTheirSecondFactor = async (id: number): Promise<void> => {
  await http.post(`/users/${id}/second-factor/switch-off`);
};

export const listInvitations = (signal?: AbortSignal): Promise<Invitation[]> =>
  allRows<Invitation>('/invitations', signal);

export const invite = async (email: string, role: Role): Promise<IssuedLink> =>
  (await http.post<IssuedLink>('/invitations', { email, role })).data;

export const reissueInvitation = async (id: number): Promise<IssuedLink> =>
  (await http.post<IssuedLink>(`/invitations/${id}/reissue`)).data;

export const revokeInvitation = async (id: number): Promise<void> => {
  await http.delete(`/invitations/${id}`);
};

export const getAccessRules = async (signal?: AbortSignal): Promise<AccessRules> =>
  (await http.get<AccessRules>('/access-rules', { signal })).data;

export const changeAccessRules = async (rules: AccessRules): Promise<void> => {
  await http.patch('/access-rules', rules);
};
