import type { AuditEntry, AuditFilter, AuditStore } from '../../domain/ports/audit';
import { type Columns, csvRoute, pagesOf } from '../csv';
import { showAuditEntry } from '../people-presenters';
import { instantOf } from '../presenters';
import { route, type Route } from '../route';
import { auditEntry, auditFilter, auditQuery } from '../schemas/audit';
import { page, z } from '../schemas/common';
import { EXPORTED_AT_ONCE, pageRequest } from './shared';

export interface AuditRoutesOptions {
  readonly auditStore: AuditStore;
}

const filterQuery = z.strictObject(auditFilter);

const timeOf = (instant: string | undefined): number | null => (instant === undefined ? null : Date.parse(instant));

const filterOf = ({ who, action, from, to }: z.output<typeof filterQuery>): AuditFilter => ({
  who: who || null,
  action: action ?? null,
  from: timeOf(from),
  to: timeOf(to),
});

const COLUMNS: Columns<AuditEntry> = {
  id: ({ id }) => id,
  at: ({ at }) => instantOf(at),
  who: ({ actor }) => actor.name,
  who_kind: ({ actor }) => actor.kind,
  token: ({ actor }) => actor.tokenName,
  address: ({ address }) => address,
  action: ({ action }) => action,
  outcome: ({ outcome }) => outcome,
  reason: ({ reason }) => reason,
  object_kind: ({ object }) => object?.kind ?? null,
  object_id: ({ object }) => object?.id ?? null,
  object: ({ object }) => object?.name ?? null,
  fields: ({ fields }) => fields.join(' '),
};

export function auditRoutes({ auditStore }: AuditRoutesOptions): Route[] {
  return [
    csvRoute({
      path: '/audit.csv',
      tag: 'Audit log',
      summary: 'Who changed what, and who came or tried to come in, as a file',
      access: 'owner',
      query: filterQuery,
      name: () => 'audit-log',
      columns: COLUMNS,
      pages: ({ query }) => pagesOf((cursor) => auditStore.list(filterOf(query), { limit: EXPORTED_AT_ONCE, cursor })),
    }),
    route({
      method: 'get',
      path: '/audit',
      tag: 'Audit log',
      summary: 'Who changed what, and who came or tried to come in; newest first',
      access: 'owner',
      query: auditQuery,
      status: 200,
      answer: page(auditEntry),
      handle: async ({ query }) => {
        const found = await auditStore.list(filterOf(query), pageRequest(query));
        return { data: found.data.map(showAuditEntry), nextCursor: found.nextCursor };
      },
    }),
  ];
}
