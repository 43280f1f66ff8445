import type { Page, PageRequest } from '../page';
import type { TokenScope } from '../role';
import type { User } from './users';

export interface ApiToken {
  readonly id: number;
  readonly name: string;
  readonly scope: TokenScope;
  /** Enough to recognise it by. */
  readonly prefix: string;
  readonly maker: Pick<User, 'id' | 'email' | 'role'>;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
}

/** What programs call the API with; found by the hash of the token. */
export interface ApiTokenStore {
  create(
    draft: Pick<ApiToken, 'name' | 'scope' | 'prefix' | 'expiresAt'> & {
      readonly userId: number;
      readonly tokenHash: string;
    },
    at: number,
  ): Promise<ApiToken>;
  find(id: number): Promise<ApiToken | null>;
  findByHash(tokenHash: string, at: number): Promise<ApiToken | null>;
  /** Newest first; those of one user, or of all. */
  list(userId: number | null, page: PageRequest): Promise<Page<ApiToken>>;
  touch(id: number, at: number): Promise<void>;
  remove(id: number): Promise<boolean>;
}
