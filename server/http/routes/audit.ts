import type { AuditStore } from '../../domain/ports/audit';
import { showAuditEntry } from '../people-presenters';
import { route, type Route } from '../route';
import { auditEntry, auditQuery } from '../schemas/audit';
import { page } from '../schemas/common';
import { pageRequest } from './shared';

export interface AuditRoutesOptions {
  readonly auditStore: AuditStore;
}

const timeOf = (instant: string | undefined): number | null => (instant === undefined ? null : Date.parse(instant));

export function auditRoutes({ auditStore }: AuditRoutesOptions): Route[] {
  return [
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
        const { who, action, from, to } = query;
        const filter = { who: who || null, action: action ?? null, from: timeOf(from), to: timeOf(to) };
        const found = await auditStore.list(filter, pageRequest(query));
        return { data: found.data.map(showAuditEntry), nextCursor: found.nextCursor };
      },
    }),
  ];
}
