import { changeFlow, listFlows, listRuns, type Flow, type FlowPatch, type Run } from '../api/runs';
import { useAction } from './useAction';
import { useLive } from './useLive';
import { readCron } from './schedule';
import { useToasts } from './useToasts';
import { useWords } from './useWords';

const EVERY_MS = 15_000;

/** Among so many of a connection's latest runs the last of each kind is looked for. */
const LATEST = 50;

export const useFlows = (connectionId: () => number) =>
  useLive((signal) => listFlows(connectionId(), signal), { everyMs: EVERY_MS, about: ['runs'] });

/** The last run of each kind, for whoever has opened the list. */
export const useLastRuns = (connectionId: () => number) =>
  useLive<Partial<Record<Run['kind'], Run>>>(
    async (signal) => {
      const { data } = await listRuns({ connectionId: connectionId() }, { limit: LATEST }, signal);
      return Object.fromEntries([...data].reverse().map((run) => [run.kind, run]));
    },
    { everyMs: EVERY_MS, about: ['runs'] },
  );

/** When a flow starts, in words. */
export function useFlowWords() {
  const { t, number, weekday } = useWords();
  return (flow: Pick<Flow, 'cron'>): string => {
    const { kind, time, day, past, every, cron } = readCron(flow.cron);
    if (kind === 'daily') return t(time < '06:00' ? 'flow.says.nightly' : 'flow.says.daily', { time });
    if (kind === 'hourly' && past > 0) return t('flow.says.hourlyPast', { past: number(past) });
    return t(`flow.says.${kind}`, { time, day: weekday(day), every: number(every), cron });
  };
}

/** Changes of a flow; each can be undone from its toast. */
export function useFlowDeeds(after: () => void) {
  const { t } = useWords();
  const { done } = useToasts();
  const { busy, run } = useAction();

  const putBack = (id: number, patch: FlowPatch) =>
    run(async () => {
      await changeFlow(id, patch);
      done(t('flow.undone'));
      after();
    });

  /** Throws what the server refuses. */
  async function change(flow: Flow, patch: FlowPatch, words: string): Promise<void> {
    const before = { enabled: flow.enabled, cron: flow.cron, timeZone: flow.timeZone };
    await changeFlow(flow.id, patch);
    done(words, { label: t('common.undo'), run: () => void putBack(flow.id, before) });
    after();
  }

  const toggle = (flow: Flow) =>
    run(() =>
      change(
        flow,
        { enabled: !flow.enabled },
        t(flow.enabled ? 'flow.switchedOff' : 'flow.switchedOn', { flow: t(`run.kind.${flow.kind}`) }),
      ),
    );

  return { busy, change, toggle };
}
