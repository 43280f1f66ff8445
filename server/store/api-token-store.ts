import { pageOf, type Page, type PageRequest } from '../domain/page';
import type { ApiToken, ApiTokenStore } from '../domain/ports/api-tokens';
import { TOKEN_SCOPES } from '../domain/role';
import { affectedRows, insertOne, selectRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';
import { roleOf } from './user-store';

const SELECTED = `SELECT t.id AS id, t.name AS name, t.scope AS scope, t.prefix AS prefix, t.created_at AS createdAt,
  t.expires_at AS expiresAt, t.last_used_at AS lastUsedAt, u.id AS userId, u.email AS email, u.role AS role
  FROM api_tokens t JOIN users u ON u.id = t.user_id`;

interface TokenRow extends Omit<ApiToken, 'scope' | 'maker'> {
  readonly scope: string;
  readonly userId: number;
  readonly email: string;
  readonly role: string;
}

const tokenOf = ({ userId, email, role, scope, ...row }: TokenRow): ApiToken => ({
  ...row,
  // What no version of ours has written may do the least.
  scope: TOKEN_SCOPES.find((each) => each === scope) ?? 'read',
  maker: { id: userId, email, role: roleOf(role) },
});

export class TypeormApiTokenStore implements ApiTokenStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  create(draft: Parameters<ApiTokenStore['create']>[0], at: number): Promise<ApiToken> {
    return this.unit.run(async () => {
      const id = await insertOne(this.unit.entities, 'api_tokens', {
        user_id: draft.userId,
        name: draft.name,
        scope: draft.scope,
        prefix: draft.prefix,
        token_hash: draft.tokenHash,
        created_at: at,
        expires_at: draft.expiresAt,
      });
      const made = await this.find(id);
      if (!made) throw new Error(`API token ${id} is gone as soon as it was made`);
      return made;
    });
  }

  find(id: number): Promise<ApiToken | null> {
    return this.one('t.id = ?', [id]);
  }

  findByHash(tokenHash: string, at: number): Promise<ApiToken | null> {
    return this.one('t.token_hash = ? AND (t.expires_at IS NULL OR t.expires_at > ?)', [tokenHash, at]);
  }

  async list(userId: number | null, { limit, cursor }: PageRequest): Promise<Page<ApiToken>> {
    const conditions = [...(userId === null ? [] : ['t.user_id = ?']), ...(cursor === null ? [] : ['t.id < ?'])];
    const rows = await selectRows<TokenRow>(
      this.unit.entities,
      `${SELECTED} ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`} ORDER BY t.id DESC LIMIT ?`,
      [...(userId === null ? [] : [userId]), ...(cursor === null ? [] : [Number(cursor)]), limit + 1],
    );
    const page = pageOf(rows, limit, (row) => String(row.id));
    return { ...page, data: page.data.map(tokenOf) };
  }

  async touch(id: number, at: number): Promise<void> {
    const sql = 'UPDATE api_tokens SET last_used_at = ? WHERE id = ?';
    await this.unit.run(() => affectedRows(this.unit.entities, sql, [at, id]));
  }

  remove(id: number): Promise<boolean> {
    const sql = 'DELETE FROM api_tokens WHERE id = ?';
    return this.unit.run(async () => (await affectedRows(this.unit.entities, sql, [id])) > 0);
  }

  private async one(condition: string, parameters: readonly unknown[]): Promise<ApiToken | null> {
    const [row] = await selectRows<TokenRow>(this.unit.entities, `${SELECTED} WHERE ${condition}`, parameters);
    return row === undefined ? null : tokenOf(row);
  }
}
