import { finalStatus, type LineOutcome } from '../domain/flow-run';
import type { Clock } from '../domain/ports/clock';
import type { Connection } from '../domain/ports/connections';
import type { FlowRun, FlowRunStore, LineEnd, RunLine } from '../domain/ports/flow-runs';
import type { SyncItemStore, SyncItemView } from '../domain/ports/sync-items';
import { isLeftAlone } from '../domain/sync-item';
import { targetOfItem } from '../domain/target-of-item';
import { type HeldRun, SLICE, type StepEnd } from './held-run';

export interface SettleRunPorts {
  readonly runs: FlowRunStore;
  readonly items: SyncItemStore;
  readonly clock: Clock;
}

const LOOK_AGAIN_MS = 1_000;

/** Waits until the lane has been through all of it, then writes down what became of each line. */
export async function settleRun({ runs, items, clock }: SettleRunPorts, held: HeldRun): Promise<StepEnd> {
  const { run, connection } = held;
  const { waiting, items: all } = await runs.waiting(run.id);
  if (waiting > 0) {
    await held.moveOn({ done: all - waiting, total: all });
    return held.putDown(clock.now() + LOOK_AGAIN_MS);
  }
  for (let after = -1; ;) {
    const lines = await runs.openLines(run.id, after, SLICE);
    const last = lines.at(-1);
    if (last === undefined) break;
    const ids = [...new Set(lines.flatMap(({ itemId }) => itemId ?? []))];
    const views = new Map((await items.views(ids)).map((view) => [view.id, view]));
    const ends = lines.flatMap((line) => {
      const view = line.itemId === null ? undefined : views.get(line.itemId);
      return view ? [endOf(line, view, run, connection)] : [];
    });
    await held.keep(async () => {
      await runs.endLines(run.id, ends);
      return { done: all, total: all };
    });
    after = last.lineNo;
  }
  const counts = await runs.count(run.id);
  return held.end(finalStatus(counts), null, counts);
}

/** How a line ends by what its item is now. */
export function endOf(line: RunLine, view: SyncItemView, run: FlowRun, connection: Connection): LineEnd {
  const wanted = targetOfItem(view, connection)?.target ?? null;
  // Of translations the one that was out of step may have been written alone.
  const isTranslated = (view.link?.twins.length ?? 0) > 0;
  const isKnownWritten =
    (view.writtenAt ?? -1) >= (run.startedAt ?? 0) || (isTranslated && line.seen !== null && line.seen !== view.shown);
  const wasWritten = isKnownWritten && view.shown !== line.before;
  return {
    lineNo: line.lineNo,
    wanted,
    after: view.shown,
    outcome: outcomeOf(view, wanted, wasWritten),
    failure: view.failure,
  };
}

function outcomeOf(view: SyncItemView, wanted: string | null, wasWritten: boolean): LineOutcome {
  switch (view.status) {
    case 'synced':
      return wasWritten ? 'changed' : 'equal';
    case 'due':
    case 'writing':
      return view.shown === wanted ? 'equal' : 'would_change';
    case 'unverified':
    case 'retrying':
      return 'retrying';
    case 'failed':
      return isLeftAlone(view) ? 'reported' : 'failed';
    case 'offline':
    case 'unmatched':
    case 'ambiguous':
      return view.status;
  }
}
