import { refKey } from '../domain/batch-plan';
import { explainDifference, type Sold } from '../domain/difference';
import { type Failure, FailureError } from '../domain/failure';
import type { Clock } from '../domain/ports/clock';
import type { FlowRun, FlowRunStore, RunLine } from '../domain/ports/flow-runs';
import type { ShopOrders } from '../domain/ports/shop-orders';
import type { ShopAccess } from '../domain/ports/shop-target';
import type { SyncItemStore } from '../domain/ports/sync-items';
import { quantity } from '../domain/quantity';

export interface ExplainDifferencesPorts {
  readonly runs: Pick<FlowRunStore, 'toExplain' | 'linesWith' | 'noteDifferences' | 'explained' | 'note'>;
  readonly items: Pick<SyncItemStore, 'views'>;
  readonly orders: ShopOrders;
  readonly clock: Clock;
}

/** More differences than these are not for a person to go through one by one. */
const MOST_LINES = 2_000;
/** Orders older than this are not read again to explain a number of today. */
const MOST_BACK_MS = 7 * 86_400_000;

/** Looks into why the shop's numbers changed: by its orders where they may be read, and by what it says of itself. */
export class ExplainDifferences {
  constructor(private readonly ports: ExplainDifferencesPorts) {}

  async explain(access: ShopAccess, signal: AbortSignal): Promise<void> {
    for (const run of await this.ports.runs.toExplain(access.shopId)) await this.explainRun(access, run, signal);
  }

  private async explainRun(access: ShopAccess, run: FlowRun, signal: AbortSignal): Promise<void> {
    const { runs, items, clock } = this.ports;
    const lines = await runs.linesWith(run.id, ['changed_in_shop'], -1, MOST_LINES);
    const now = clock.now();
    const { sold, failure } = await this.soldOf(access, lines, now, signal);
    if (signal.aborted) return;
    if (failure) await runs.note(run.id, { at: now, step: 'orders_not_readable', params: {}, failure });
    const views = new Map(
      (await items.views([...new Set(lines.flatMap(({ itemId }) => itemId ?? []))])).map((view) => [view.id, view]),
    );
    await runs.noteDifferences(
      run.id,
      lines.flatMap((line) => {
        const facts = factsOf(line);
        const ref = line.itemId === null ? undefined : views.get(line.itemId)?.link?.ref;
        if (!facts) return [];
        const ofProduct = sold === undefined ? undefined : ref ? (sold.get(refKey(ref)) ?? null) : null;
        return [{ lineNo: line.lineNo, difference: explainDifference({ ...facts, now, sold: ofProduct }) }];
      }),
    );
    await runs.note(run.id, { at: now, step: 'explained', params: { lines: lines.length }, failure: null });
    await runs.explained(run.id);
  }

  /** `sold` is undefined where the orders could not be read, or not all of them. */
  private async soldOf(
    access: ShopAccess,
    lines: readonly RunLine[],
    now: number,
    signal: AbortSignal,
  ): Promise<{ readonly sold?: ReadonlyMap<string, Sold>; readonly failure: Failure | null }> {
    const times = lines.flatMap((line) => factsOf(line)?.since ?? []);
    if (times.length === 0) return { failure: null };
    const since = Math.max(
      now - MOST_BACK_MS,
      times.reduce((first, time) => Math.min(first, time), now),
    );
    try {
      const { sold, complete } = await this.ports.orders.soldSince(access, since, signal);
      const byProduct = new Map(sold.map((each) => [refKey(each.ref), each]));
      return complete ? { sold: byProduct, failure: null } : { failure: null };
    } catch (thrown) {
      // Whoever may not read orders is told less, and nothing is held up by it.
      if (!(thrown instanceof FailureError)) throw thrown;
      return { failure: thrown.failure };
    }
  }
}

function factsOf({ reasonParams }: RunLine) {
  const { was, seen, since, modifiedAt, writtenAt } = reasonParams;
  if (typeof was !== 'string' || typeof seen !== 'string') return null;
  return {
    was: quantity(was),
    seen: quantity(seen),
    since: Number(since ?? 0),
    modifiedAt: modifiedAt === undefined ? null : Number(modifiedAt),
    writtenAt: writtenAt === undefined ? null : Number(writtenAt),
  };
}
