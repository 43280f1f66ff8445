import type { AuditEntry } from '../../../server/http/schemas/audit';
import { http, type Page } from './http';

export type { AuditEntry };
export type AuditPage = Page<AuditEntry>;

export interface AuditFilter {
  readonly who?: string;
  readonly action?: string;
  readonly from?: string;
  readonly to?: string;
}

export const listAudit = async (
  filter: AuditFilter,
  page: { limit: number; cursor?: string },
  signal?: AbortSignal,
): Promise<AuditPage> => (await http.get<AuditPage>('/audit', { params: { ...filter, ...page }, signal })).data;
