import { pageOf, type Page, type PageRequest } from '../domain/page';
import type { AccessLink, AccessLinkStore } from '../domain/ports/access-links';
import { affectedRows, insertOne, selectRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';
import { emailHash, roleOf } from './user-store';

const SELECTED = `SELECT id AS id, kind AS kind, user_id AS userId, email AS email, role AS role,
  issued_by AS issuedBy, created_at AS createdAt, expires_at AS expiresAt FROM access_links`;

type LinkRow = Omit<AccessLink, 'kind' | 'role'> & { readonly kind: string; readonly role: string };

const linkOf = (row: LinkRow): AccessLink => ({
  ...row,
  kind: row.kind === 'reset' ? 'reset' : 'join',
  role: roleOf(row.role),
});

export class TypeormAccessLinkStore implements AccessLinkStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  issue(
    { tokenHash, ...link }: Omit<AccessLink, 'id' | 'createdAt'> & { readonly tokenHash: string },
    at: number,
  ): Promise<AccessLink> {
    return this.unit.run(async () => {
      const hash = emailHash(link.email);
      const sql = 'DELETE FROM access_links WHERE kind = ? AND email_hash = ?';
      await affectedRows(this.unit.entities, sql, [link.kind, hash]);
      const id = await insertOne(this.unit.entities, 'access_links', {
        kind: link.kind,
        user_id: link.userId,
        email: link.email,
        email_hash: hash,
        role: link.role,
        token_hash: tokenHash,
        issued_by: link.issuedBy,
        created_at: at,
        expires_at: link.expiresAt,
      });
      return { ...link, id, createdAt: at };
    });
  }

  async find(tokenHash: string, at: number): Promise<AccessLink | null> {
    return this.one('token_hash = ? AND expires_at > ?', [tokenHash, at]);
  }

  findById(id: number): Promise<AccessLink | null> {
    return this.one('id = ?', [id]);
  }

  async listInvitations({ limit, cursor }: PageRequest): Promise<Page<AccessLink>> {
    const rows = await selectRows<LinkRow>(
      this.unit.entities,
      `${SELECTED} WHERE kind = ? ${cursor === null ? '' : 'AND id < ?'} ORDER BY id DESC LIMIT ?`,
      ['join', ...(cursor === null ? [] : [Number(cursor)]), limit + 1],
    );
    const page = pageOf(rows, limit, (row) => String(row.id));
    return { ...page, data: page.data.map(linkOf) };
  }

  remove(id: number): Promise<boolean> {
    const sql = 'DELETE FROM access_links WHERE id = ?';
    return this.unit.run(async () => (await affectedRows(this.unit.entities, sql, [id])) > 0);
  }

  removeExpired(before: number): Promise<number> {
    const sql = 'DELETE FROM access_links WHERE expires_at < ?';
    return this.unit.run(() => affectedRows(this.unit.entities, sql, [before]));
  }

  private async one(condition: string, parameters: readonly unknown[]): Promise<AccessLink | null> {
    const [row] = await selectRows<LinkRow>(this.unit.entities, `${SELECTED} WHERE ${condition}`, parameters);
    return row === undefined ? null : linkOf(row);
  }
}
