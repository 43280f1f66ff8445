import { failure } from '../domain/failure';
import type { Clock } from '../domain/ports/clock';
import type { FlowRunStore, RunLine } from '../domain/ports/flow-runs';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { SyncItemStore } from '../domain/ports/sync-items';
import { PRIORITY } from '../domain/sync-item';
import { targetOfItem } from '../domain/target-of-item';
import { type HeldRun, SLICE, type StepEnd } from './held-run';

export interface RepairRunItemsPorts {
  readonly runs: FlowRunStore;
  readonly items: SyncItemStore;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

/**
 * Brings right what a check found changed in the shop, by the connection's rule. What web orders took is left: the source
 * does not know of them yet, and its number over theirs would sell the same pieces twice.
 */
export async function repairRunItems({ runs, items, laneSignal, clock }: RepairRunItemsPorts, held: HeldRun) {
  const { run, connection } = held;
  const after = Number(run.position ?? -1);
  const reasons = ['changed_in_shop', 'order', 'order_and_more', 'edited', 'overwritten'] as const;
  const lines = await runs.linesWith(run.id, reasons, after, SLICE);
  const last = lines.at(-1);
  if (last === undefined) return held.moveOn({ phase: 'settling', position: null, done: 0 });
  const found = new Map(lines.flatMap((line) => (line.itemId === null ? [] : [[line.itemId, line] as const])));
  const views = await items.views([...found.keys()]);
  await held.keep(async () => {
    const now = clock.now();
    const repaired: number[] = [];
    for (const view of views) {
      const line = found.get(view.id);
      // Something newer has come for it meanwhile.
      if (!line || view.status !== 'synced') continue;
      const wanted = targetOfItem(view, connection)?.target ?? '';
      const shown = String(line.seen ?? '');
      if (isSold(line)) {
        const { orders = '', quantity = '' } = line.reasonParams;
        await items.holdBack([view.id], failure('shop_sold', { orders, quantity, shown, wanted }), now);
      } else if (connection.onDifference === 'report') {
        await items.holdBack([view.id], failure('shop_differs', { shown, wanted }), now);
      } else repaired.push(view.id);
    }
    await items.noteShown(
      lines.flatMap(({ itemId, seen }) => (itemId === null || seen === null ? [] : [{ id: itemId, shown: seen }])),
      now,
    );
    await items.lookAnew(repaired, PRIORITY.bulk, now);
    return { position: String(last.lineNo), done: run.done + lines.length };
  });
  laneSignal.announce([connection.shopId]);
  return 'more' satisfies StepEnd;
}

const isSold = ({ reason }: RunLine): boolean => reason === 'order' || reason === 'order_and_more';
