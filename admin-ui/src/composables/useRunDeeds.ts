import type { Ref } from 'vue';
import { useRouter } from 'vue-router';
import { allRunLines, cancelRun, releaseRun, undoRun } from '../api/runs';
import { saveAsFile } from './download';
import { asCsv, CSV_TYPE } from './csv';
import { useAction } from './useAction';
import { useFailureWords } from './useFailureWords';
import { useRunWords } from './useRunWords';
import { useToasts } from './useToasts';
import { useWords } from './useWords';

/** What a person can do with a run. */
export function useRunDeeds(id: Ref<number>, after: () => void) {
  const { t } = useWords();
  const { done } = useToasts();
  const { busy, run } = useAction();
  const { cause } = useFailureWords();
  const { refusal, reason } = useRunWords();
  const router = useRouter();

  const cancel = () =>
    run(async () => {
      await cancelRun(id.value);
      done(t('run.cancelAsked'));
      after();
    });

  const release = () =>
    run(async () => {
      await releaseRun(id.value);
      done(t('run.released'));
      after();
    });

  const undo = () =>
    run(async () => {
      const runId = await undoRun(id.value);
      await router.push({ name: 'run', params: { id: runId } });
    });

  /** Every line, also those that are not on the page. */
  const save = () =>
    run(async () => {
      const lines = await allRunLines(id.value);
      const head = [
        t('run.column.line'),
        t('item.code'),
        t('item.barcode'),
        t('item.name'),
        t('run.column.warehouse'),
        t('run.column.said'),
        t('run.before'),
        t('item.wanted'),
        t('run.after'),
        t('run.column.outcome'),
        t('run.why'),
        t('run.reasonTitle'),
      ];
      const rows = lines.map((line) => [
        line.line + 1,
        line.code,
        line.barcode,
        line.name,
        line.warehouse,
        line.quantity,
        line.before,
        line.wanted,
        line.after,
        line.outcome && t(`run.outcome.${line.outcome}`),
        line.failure === null ? refusal(line) : cause(line.failure),
        reason(line),
      ]);
      saveAsFile(t('run.file', { id: id.value }), asCsv([head, ...rows]), CSV_TYPE);
    });

  return { busy, cancel, release, undo, save };
}
