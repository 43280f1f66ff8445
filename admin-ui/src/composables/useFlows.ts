import { changeFlow, listFlows, type Flow, type FlowPatch } from '../api/runs';
import { useAction } from './useAction';
import { useLive } from './useLive';
import { readCron } from './schedule';
import { useToasts } from './useToasts';
import { useWords } from './useWords';

const EVERY_MS = 15_000;

export const useFlows = (connectionId: () => number) =>
  useLive((signal) => listFlows(connectionId(), signal), { everyMs: EVERY_MS });

/** When a flow starts, in words. */
export function useFlowWords() {
  const { t, number } = useWords();
  return (flow: Pick<Flow, 'cron'>): string => {
    const { kind, time, every, cron } = readCron(flow.cron);
    if (kind === 'daily') return t(time < '06:00' ? 'flow.says.nightly' : 'flow.says.daily', { time });
    return t(`flow.says.${kind}`, { time, every: number(every), cron });
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
