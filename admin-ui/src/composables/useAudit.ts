import { watch, type Ref } from 'vue';
import { listAudit, type AuditEntry, type AuditFilter, type AuditPage } from '../api/audit';
import { usePages } from './usePages';
import { useWords } from './useWords';

const EVERY_MS = 15_000;

/** What an entry says, in words; an action of a newer server is told by its name. */
export function useAuditWords() {
  const { t, te } = useWords();
  const action = (entry: AuditEntry): string => {
    const key = `audit.action.${entry.action.replaceAll('.', '_')}`;
    return te(key) ? t(key) : entry.action;
  };
  const actor = ({ actorKind, actor: name, tokenName }: AuditEntry): string => {
    if (actorKind === 'admin_token') return t('audit.adminToken');
    if (actorKind === 'token') return t('audit.byToken', { token: tokenName ?? '', email: name });
    return name === '' ? t('audit.nobody') : name;
  };
  const object = ({ objectName, objectId }: AuditEntry): string =>
    objectName ?? (objectId === null ? '' : `#${objectId}`);
  const reason = (entry: AuditEntry): string => {
    const key = `audit.reason.${entry.reason ?? 'other'}`;
    return te(key) ? t(key) : t('audit.reason.other');
  };
  return { action, actor, object, reason };
}

export function useAudit(filter: Ref<AuditFilter>) {
  const pages = usePages<AuditEntry, AuditPage>((page, signal) => listAudit(filter.value, page, signal), {
    everyMs: EVERY_MS,
  });
  watch(filter, (now, before) => {
    if (JSON.stringify(now) !== JSON.stringify(before)) void pages.restart();
  });
  return pages;
}
