import { watch, type Ref } from 'vue';
import { listAudit, type AuditEntry, type AuditFilter, type AuditPage } from '../api/audit';
import { asCsv, CSV_TYPE } from './csv';
import { saveAsFile } from './download';
import { useAction } from './useAction';
import { usePages } from './usePages';
import { useWords } from './useWords';

const EVERY_MS = 15_000;
const PER_CALL = 200;

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
  const { t } = useWords();
  const words = useAuditWords();
  const { busy, run } = useAction();
  const pages = usePages<AuditEntry, AuditPage>((page, signal) => listAudit(filter.value, page, signal), {
    everyMs: EVERY_MS,
  });
  watch(filter, (now, before) => {
    if (JSON.stringify(now) !== JSON.stringify(before)) void pages.restart();
  });

  const row = (entry: AuditEntry) => [
    entry.at,
    words.actor(entry),
    entry.address,
    entry.action,
    words.action(entry),
    entry.outcome,
    entry.reason,
    words.object(entry),
    entry.fields.join(' '),
  ];

  /** Everything that fits the filter, not only what is shown. */
  const save = () =>
    run(async () => {
      const rows: AuditEntry[] = [];
      let cursor: string | null = null;
      do {
        const page: AuditPage = await listAudit(filter.value, { limit: PER_CALL, ...(cursor !== null && { cursor }) });
        rows.push(...page.data);
        cursor = page.nextCursor;
      } while (cursor !== null);
      const head = ['at', 'who', 'address', 'action', 'words', 'outcome', 'reason', 'object', 'fields'];
      saveAsFile(t('audit.file'), asCsv([head, ...rows.map(row)]), CSV_TYPE);
    });

  return { ...pages, busy, save };
}
