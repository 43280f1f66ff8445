import { pageOf, type Page, type PageRequest } from '../domain/page';
import type { ActorKind, AuditEntry, AuditFilter, AuditStore } from '../domain/ports/audit';
import { affectedRows, containsPattern, insertRows, selectRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

const COLUMNS = [
  'at',
  'actor_kind',
  'actor_id',
  'actor',
  'token_name',
  'address',
  'action',
  'outcome',
  'reason',
  'object_kind',
  'object_id',
  'object_name',
  'fields',
];

const KINDS: readonly ActorKind[] = ['person', 'token', 'admin_token', 'nobody'];

interface AuditRow {
  readonly id: number;
  readonly at: number;
  readonly actorKind: string;
  readonly actorId: number | null;
  readonly actor: string;
  readonly tokenName: string | null;
  readonly address: string | null;
  readonly action: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly objectKind: string | null;
  readonly objectId: number | null;
  readonly objectName: string | null;
  readonly fields: string | null;
}

const namesIn = (text: string | null): readonly string[] => {
  const value: unknown = text === null ? [] : JSON.parse(text);
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
};

const entryOf = (row: AuditRow): AuditEntry => ({
  id: row.id,
  at: row.at,
  actor: {
    kind: KINDS.find((kind) => kind === row.actorKind) ?? 'nobody',
    userId: row.actorId,
    name: row.actor,
    tokenName: row.tokenName,
  },
  address: row.address,
  action: row.action,
  outcome: row.outcome === 'done' ? 'done' : 'refused',
  reason: row.reason,
  object: row.objectKind === null ? null : { kind: row.objectKind, id: row.objectId, name: row.objectName },
  fields: namesIn(row.fields),
});

export class TypeormAuditStore implements AuditStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async add({ actor, object, fields, ...entry }: Omit<AuditEntry, 'id'>): Promise<void> {
    const row = [
      entry.at,
      actor.kind,
      actor.userId,
      actor.name,
      actor.tokenName,
      entry.address,
      entry.action,
      entry.outcome,
      entry.reason,
      object?.kind ?? null,
      object?.id ?? null,
      object?.name ?? null,
      fields.length === 0 ? null : JSON.stringify(fields),
    ];
    await this.unit.run(() => insertRows(this.unit.entities, 'audit_entries', COLUMNS, [row]));
  }

  async list({ who, action, from, to }: AuditFilter, { limit, cursor }: PageRequest): Promise<Page<AuditEntry>> {
    const conditions: (readonly [string, readonly unknown[]])[] = [
      ...(cursor === null ? [] : [['id < ?', [Number(cursor)]] as const]),
      ...(who === null ? [] : [["LOWER(actor) LIKE LOWER(?) ESCAPE '!'", [containsPattern(who)]] as const]),
      ...(action === null
        ? []
        : [["(action = ? OR action LIKE ? ESCAPE '!')", [action, `${action.replace(/[!%_]/g, '!$&')}.%`]] as const]),
      ...(from === null ? [] : [['at >= ?', [from]] as const]),
      ...(to === null ? [] : [['at < ?', [to]] as const]),
    ];
    const where = conditions.map(([sql]) => sql).join(' AND ');
    const rows = await selectRows<AuditRow>(
      this.unit.entities,
      `SELECT id AS id, at AS at, actor_kind AS actorKind, actor_id AS actorId, actor AS actor,
         token_name AS tokenName, address AS address, action AS action, outcome AS outcome, reason AS reason,
         object_kind AS objectKind, object_id AS objectId, object_name AS objectName, fields AS fields
       FROM audit_entries ${where === '' ? '' : `WHERE ${where}`} ORDER BY id DESC LIMIT ?`,
      [...conditions.flatMap(([, values]) => values), limit + 1],
    );
    const page = pageOf(rows, limit, (row) => String(row.id));
    return { ...page, data: page.data.map(entryOf) };
  }

  removeBefore(at: number, most: number): Promise<number> {
    const sql =
      'DELETE FROM audit_entries WHERE id IN (SELECT id FROM (SELECT id FROM audit_entries WHERE at < ? LIMIT ?) AS old)';
    return this.unit.run(() => affectedRows(this.unit.entities, sql, [at, most]));
  }
}
