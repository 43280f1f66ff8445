import type { ApiToken, ApiTokenStore } from '../domain/ports/api-tokens';
import type { Clock } from '../domain/ports/clock';
import type { Tokens, User } from '../domain/ports/users';
import { notFound, Refusal } from '../domain/refusal';
import { mayAct, mayGrant, type Role, roleOfToken, type TokenScope } from '../domain/role';

const MARK = 'sr_';
const PREFIX_LENGTH = MARK.length + 6;
const DAY_MS = 86_400_000;
/** When a token was last used is known to the minute. */
const USED_MS = 60_000;

export interface KeepApiTokensPorts {
  readonly store: ApiTokenStore;
  readonly tokens: Tokens;
  readonly clock: Clock;
}

/** What programs call the API with. */
export class KeepApiTokens {
  constructor(private readonly ports: KeepApiTokensPorts) {}

  /** `secret` is shown this once. */
  async create(
    maker: Pick<User, 'id' | 'role'>,
    draft: { readonly name: string; readonly scope: TokenScope; readonly expiresInDays: number | null },
  ): Promise<{ readonly token: ApiToken; readonly secret: string }> {
    const { store, tokens, clock } = this.ports;
    const { name, scope, expiresInDays } = draft;
    if (!mayGrant(maker.role, scope)) throw new Refusal('forbidden', 'A token may not do more than you may.');
    const secret = MARK + tokens.random();
    const now = clock.now();
    const token = await store.create(
      {
        userId: maker.id,
        name,
        scope,
        prefix: secret.slice(0, PREFIX_LENGTH),
        tokenHash: tokens.digest(secret),
        expiresAt: expiresInDays === null ? null : now + expiresInDays * DAY_MS,
      },
      now,
    );
    return { token, secret };
  }

  /** Owners revoke every token, the others their own. */
  async revoke(id: number, by: { readonly userId: number | null; readonly role: Role }): Promise<void> {
    const { store } = this.ports;
    const token = await store.find(id);
    if (!token || (token.maker.id !== by.userId && !mayAct(by.role, 'owner'))) throw notFound('token');
    if (!(await store.remove(id))) throw notFound('token');
  }

  /** Whose call this is; null for a token that is unknown, revoked or has run out. */
  async find(secret: string): Promise<{ readonly token: ApiToken; readonly role: Role } | null> {
    const { store, tokens, clock } = this.ports;
    if (!secret.startsWith(MARK)) return null;
    const now = clock.now();
    const token = await store.findByHash(tokens.digest(secret), now);
    if (!token) return null;
    if (now - (token.lastUsedAt ?? 0) >= USED_MS) await store.touch(token.id, now);
    return { token, role: roleOfToken(token.scope, token.maker.role) };
  }
}
