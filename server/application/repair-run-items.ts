import { type Failure, failure } from '../domain/failure';
import type { Clock } from '../domain/ports/clock';
import { countsOrders } from '../domain/order-rule';
import type { Connection } from '../domain/ports/connections';
import type { FlowRunStore, RunLine } from '../domain/ports/flow-runs';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { HeldNumber, SyncItemStore, SyncItemView } from '../domain/ports/sync-items';
import type { Quantity } from '../domain/quantity';
import { isLeftAlone, PRIORITY } from '../domain/sync-item';
import { targetOfItem } from '../domain/target-of-item';
import { type HeldRun, SLICE, type StepEnd } from './held-run';

export interface RepairRunItemsPorts {
  readonly runs: FlowRunStore;
  readonly items: SyncItemStore;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

const CHANGED = ['changed_in_shop', 'order', 'order_and_more', 'edited', 'overwritten'] as const;

/**
 * Brings right what a check found changed in the shop, by the connection's rule. What web orders took is left: the source
 * does not know of them yet, and its number over theirs would sell the same pieces twice. Where orders are counted, the
 * delivery tells them from the rest by itself.
 */
export async function repairRunItems(
  { runs, items, laneSignal, clock }: RepairRunItemsPorts,
  held: HeldRun,
): Promise<StepEnd> {
  const { run, connection } = held;
  const lines = await runs.linesWith(run.id, CHANGED, Number(run.position ?? -1), SLICE);
  const last = lines.at(-1);
  if (last === undefined) {
    await held.note('repaired', { lines: run.done });
    return held.moveOn({ phase: 'settling', position: null, done: 0 });
  }
  const found = new Map(lines.flatMap((line) => (line.itemId === null ? [] : [[line.itemId, line] as const])));
  const views = await items.views([...found.keys()]);
  await held.keep(async () => {
    const now = clock.now();
    const repaired: number[] = [];
    const left: { id: number; shown: Quantity; since: number; failure: Failure }[] = [];
    const kept: { id: number; held: HeldNumber }[] = [];
    for (const view of views) {
      const line = found.get(view.id);
      const since = Number(line?.reasonParams['since'] ?? 0);
      if (!line || line.seen === null || !isStillSo(view, since)) continue;
      const why = whyLeft(line, view, connection);
      if (why) left.push({ id: view.id, shown: line.seen, since, failure: why });
      else if (isKept(line, connection)) kept.push({ id: view.id, held: { quantity: line.seen, why: 'edited' } });
      else repaired.push(view.id);
    }
    await items.leaveAsShown(left, now);
    await items.hold(kept, now);
    await items.lookAnew([...repaired, ...kept.map(({ id }) => id)], PRIORITY.bulk, now);
    return { position: String(last.lineNo), done: run.done + repaired.length };
  });
  laneSignal.announce([connection.shopId]);
  return 'more';
}

/** Something newer has come for the item since the shop was looked at: a level, or a person's word. */
const isStillSo = (view: SyncItemView, since: number): boolean =>
  (view.status === 'synced' || (view.status === 'failed' && isLeftAlone(view))) && (view.lastSyncedAt ?? 0) === since;

/** null where it is to be written. */
function whyLeft({ reason, reasonParams, seen }: RunLine, view: SyncItemView, connection: Connection): Failure | null {
  // Whoever delivers it knows every order, and goes by the rule for edits.
  if (countsOrders(connection.orders)) return null;
  const numbers = { shown: String(seen ?? ''), wanted: targetOfItem(view, connection)?.target ?? '' };
  if (reason === 'order' || reason === 'order_and_more') {
    const { orders = '', quantity = '' } = reasonParams;
    return failure('shop_sold', { orders, quantity, ...numbers });
  }
  return connection.onDifference === 'report' ? failure('shop_differs', numbers) : null;
}

const isKept = ({ reason }: RunLine, connection: Connection): boolean =>
  reason !== 'order' && connection.onDifference === 'keep' && !countsOrders(connection.orders);
