import { watch, type Ref } from 'vue';
import { listAudit, type AuditEntry, type AuditFilter, type AuditPage } from '../api/audit';
import { usePages } from './usePages';
import { useWords } from './useWords';

const EVERY_MS = 15_000;

/** What an entry says, in words; an action of a newer server is told by its name. */
export function useAuditWords() {
  const { t, te, tn } = useWords();
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
  /** A field within another is told by the outer one; those without words are only counted. */
  const fields = (entry: AuditEntry): string => {
    const keys = entry.fields.map((name) => `audit.field.${name.split('.')[0]}`);
    const words = [...new Set(keys.filter((key) => te(key)).map((key) => t(key)))];
    const others = keys.filter((key) => !te(key)).length;
    return [...words, ...(others === 0 ? [] : [tn('audit.otherFields', others)])].join(', ');
  };
  const reasonOf = (code: string): string => {
    const key = `audit.reason.${code}`;
    return te(key) ? t(key) : t('audit.reason.other');
  };
  const reason = (entry: AuditEntry): string => {
    // One code may mean another thing where another door refused.
    const own = `${entry.action.replaceAll('.', '_')}_${entry.reason}`;
    return reasonOf(te(`audit.reason.${own}`) ? own : (entry.reason ?? 'other'));
  };
  return { action, actor, object, fields, reason, reasonOf };
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
