import type { Run, RunLine, RunNote } from '../api/runs';
import { useWords } from './useWords';

/** As what the server names whoever came with it. */
const ADMIN_TOKEN = 'ADMIN_TOKEN';
const FIGURES: readonly string[] = ['level', 'was', 'seen', 'quantity'];
const MOMENTS: readonly string[] = ['at', 'from', 'to'];

/** Runs and their lines in words. */
export function useRunWords() {
  const { t, te, duration, number, moment } = useWords();

  const actor = (by: string | null): string => (by === ADMIN_TOKEN ? t('audit.adminToken') : (by ?? '–'));
  const startedBy = ({ startedBy: what, by }: Run): string =>
    what === 'schedule' ? t('run.bySchedule') : t('run.by', { who: actor(by) });

  /** Null until it is over. */
  const took = (run: Run): string | null =>
    run.startedAt === null || run.finishedAt === null
      ? null
      : t('run.took', { time: duration(Date.parse(run.finishedAt) - Date.parse(run.startedAt)) });

  /** Why a line of the source's list could not be read. */
  const refusal = ({ refusal: why }: RunLine): string | null =>
    why !== null && te(`push.reason.${why}`) ? t(`push.reason.${why}`) : why;

  /** Why the shop showed another number than it should. */
  const reason = ({ reason: why }: RunLine): string | null => {
    if (why === null) return null;
    const key = `run.reason.${why.code}`;
    const params = Object.entries(why.params).map(([name, value]) => {
      if (FIGURES.includes(name)) return [name, number(value)];
      return [name, MOMENTS.includes(name) ? moment(String(value)) : value];
    });
    return te(key) ? t(key, Object.fromEntries(params)) : why.text;
  };

  /** Of how many products the shop was seen to show the right number; null while nobody looked. */
  const proven = ({ proven: found }: Run): string | null =>
    found === null || found.of === 0 ? null : t('run.proven', { proven: number(found.proven), of: number(found.of) });

  const step = ({ step: what, params }: RunNote): string =>
    t(`run.step.${what}`, Object.fromEntries(Object.entries(params).map(([name, n]) => [name, number(n)])));

  return { actor, startedBy, took, refusal, reason, proven, step };
}
