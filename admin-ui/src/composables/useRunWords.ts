import type { Run, RunLine } from '../api/runs';
import { useWords } from './useWords';

/** Runs and their lines in words. */
export function useRunWords() {
  const { t, te, duration } = useWords();

  const startedBy = (run: Run): string =>
    run.startedBy === 'schedule' ? t('run.bySchedule') : t('run.by', { who: run.by ?? '–' });

  /** Null until it is over. */
  const took = (run: Run): string | null =>
    run.startedAt === null || run.finishedAt === null
      ? null
      : t('run.took', { time: duration(Date.parse(run.finishedAt) - Date.parse(run.startedAt)) });

  /** Why a line of the source's list could not be read. */
  const refusal = ({ refusal: why }: RunLine): string | null =>
    why !== null && te(`push.reason.${why}`) ? t(`push.reason.${why}`) : why;

  return { startedBy, took, refusal };
}
