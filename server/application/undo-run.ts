import type { Clock } from '../domain/ports/clock';
import type { FlowRunStore, RunLine } from '../domain/ports/flow-runs';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { SyncItemStore } from '../domain/ports/sync-items';
import { sumQuantities } from '../domain/quantity';
import { PRIORITY } from '../domain/sync-item';
import { type HeldRun, SLICE, type StepEnd } from './held-run';

export interface UndoRunPorts {
  readonly runs: FlowRunStore;
  readonly items: SyncItemStore;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

/** Takes in what another run changed and the shop still shows so. */
export async function listChanged(
  { runs, items }: Pick<UndoRunPorts, 'runs' | 'items'>,
  held: HeldRun,
): Promise<StepEnd> {
  const { run } = held;
  if (run.undoOf === null) return held.end('failed', null);
  const some = await runs.lines(run.undoOf, Number(run.position ?? -1), SLICE);
  const last = some.at(-1);
  const changed = some.filter(
    ({ outcome, itemId, before }) => outcome === 'changed' && itemId !== null && before !== null,
  );
  const views = new Map(
    (await items.views(changed.flatMap(({ itemId }) => itemId ?? []))).map((view) => [view.id, view]),
  );
  const lines = new Map<number, { itemId: number; wanted: RunLine['before']; before: RunLine['after'] }>();
  for (const { itemId, before, after: left } of changed) {
    const view = itemId === null ? undefined : views.get(itemId);
    // Somebody else's number by now: a newer level, an order, a hand edit.
    if (!view || view.shown !== left) continue;
    lines.set(view.id, { itemId: view.id, wanted: before, before: left });
  }
  await held.keep(async () => {
    await runs.addItemLines(run.id, run.done, [...lines.values()]);
    const done = run.done + lines.size;
    return last === undefined
      ? { phase: 'applying', position: null, done: 0, total: done }
      : { position: String(last.lineNo), done };
  });
  return 'more';
}

/** Gives a slice of them back their former numbers, until the source says something new. */
export async function undoRun({ runs, items, laneSignal, clock }: UndoRunPorts, held: HeldRun): Promise<StepEnd> {
  const { run, connection } = held;
  const lines = await runs.lines(run.id, Number(run.position ?? -1), SLICE);
  const last = lines.at(-1);
  await held.keep(async () => {
    const now = clock.now();
    if (last === undefined) return { phase: 'settling', position: null, done: 0, appliedAt: now };
    const views = await items.views(lines.flatMap(({ itemId }) => itemId ?? []));
    const unseen = new Map(views.map(({ id, facts }) => [id, facts.unseen.map((sale) => sale.quantity)]));
    // Web orders are taken off it: what is given back is the number that comes out.
    const numbers = lines.flatMap(({ itemId, wanted }) =>
      itemId === null || wanted === null
        ? []
        : [
            {
              id: itemId,
              held: { quantity: sumQuantities([wanted, ...(unseen.get(itemId) ?? [])]), why: 'undo' as const },
            },
          ],
    );
    await items.hold(numbers, now);
    await items.lookAnew(
      lines.flatMap(({ itemId }) => itemId ?? []),
      PRIORITY.manual,
      now,
    );
    return { position: String(last.lineNo), done: run.done + lines.length };
  });
  laneSignal.announce([connection.shopId]);
  return 'more';
}
