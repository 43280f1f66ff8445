import type { ApiToken, CreatedApiToken } from '../../../server/http/schemas/people';
import { allRows, http } from './http';

export type { ApiToken, CreatedApiToken };
export type TokenScope = ApiToken['scope'];

export const listTokens = (signal?: AbortSignal): Promise<ApiToken[]> => allRows<ApiToken>('/tokens', signal);

export const createToken = async (draft: {
  readonly name: string;
  readonly scope: TokenScope;
  readonly expiresInDays: number | null;
}): Promise<CreatedApiToken> => (await http.post<CreatedApiToken>('/tokens', draft)).data;

export const revokeToken = async (id: number): Promise<void> => {
  await http.delete(`/tokens/${id}`);
};
