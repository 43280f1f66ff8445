import { computed, ref, type Ref } from 'vue';
import {
  exportMappings,
  importMappings,
  listMappings,
  removeMappings,
  type ImportMode,
  type MappingsKept,
  type SkuMapping,
  type SkuMappingPage,
} from '../api/mappings';
import { saveAsFile } from './download';
import { useAction } from './useAction';
import { usePages } from './usePages';
import { useToasts } from './useToasts';
import { useWords } from './useWords';

const EVERY_MS = 30_000;

// Spreadsheets take a text for UTF-8 only when it begins so.
const BYTE_ORDER_MARK = '\uFEFF';

const asCsv = ({ reference, sku }: SkuMapping): string =>
  `reference,sku\r\n${[reference, sku].map((field) => `"${field.replaceAll('"', '""')}"`).join(',')}\r\n`;

/** A connection's lines “this reference is that SKU”, and what can be done with them. */
export function useMappings(connectionId: Ref<number>) {
  const { t, tn } = useWords();
  const { done } = useToasts();
  const { busy, run } = useAction();
  const pages = usePages<SkuMapping, SkuMappingPage>((page, signal) => listMappings(connectionId.value, page, signal), {
    everyMs: EVERY_MS,
  });

  const last = ref<MappingsKept | null>(null);
  function keep(kept: MappingsKept): void {
    last.value = kept;
    void pages.refresh();
  }

  const putBack = (text: string, mode: ImportMode) =>
    run(async () => {
      keep(await importMappings(connectionId.value, text, mode));
      done(t('mappings.undone'));
    });

  const remove = (row: SkuMapping) =>
    run(async () => {
      keep(await removeMappings(connectionId.value, [row.id]));
      done(t('mappings.removedOne', { reference: row.reference }), {
        label: t('common.undo'),
        run: () => void putBack(asCsv(row), 'add'),
      });
    });

  /** What stood there before is fetched first, so that the whole import can be undone. Throws what the server refuses. */
  async function take(text: string, mode: ImportMode): Promise<void> {
    const before = await exportMappings(connectionId.value);
    const kept = await importMappings(connectionId.value, text, mode);
    keep(kept);
    const changed = kept.added + kept.changed + kept.removed;
    if (changed === 0) return;
    done(tn('mappings.taken', changed), { label: t('common.undo'), run: () => void putBack(before, 'replace') });
  }

  const save = () =>
    run(async () => {
      const csv = await exportMappings(connectionId.value);
      saveAsFile(t('mappings.file', { id: connectionId.value }), BYTE_ORDER_MARK + csv, 'text/csv;charset=utf-8');
    });

  return { ...pages, busy, last, remove, take, save, count: computed(() => pages.start.value?.count ?? null) };
}
