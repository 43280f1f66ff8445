import { refKey } from '../domain/batch-plan';
import { CLOCK_DOUBT_MS, explainDifference, type Sold } from '../domain/difference';
import { failureKind, FailureError } from '../domain/failure';
import type { Clock } from '../domain/ports/clock';
import type { FlowRun, FlowRunStore, RunLine } from '../domain/ports/flow-runs';
import type { RunSignal } from '../domain/ports/run-signal';
import type { ShopOrders, ShopSale } from '../domain/ports/shop-orders';
import type { ShopAccess } from '../domain/ports/shop-target';
import type { SyncItemStore } from '../domain/ports/sync-items';
import { quantity, sumQuantities } from '../domain/quantity';
import { SLICE } from './held-run';

export interface ExplainDifferencesPorts {
  readonly runs: Pick<FlowRunStore, 'toExplain' | 'linesWith' | 'noteDifferences' | 'explained' | 'note'>;
  readonly items: Pick<SyncItemStore, 'views'>;
  readonly orders: ShopOrders;
  readonly runSignal: RunSignal;
  readonly clock: Clock;
}

/** Orders older than this are not read again to explain a number of today. */
const MOST_BACK_MS = 7 * 86_400_000;
/** A shop that was too busy to tell its orders is asked again after this, as long as the run waits. */
const AFTER_A_FAILURE_MS = 30_000;

type Sales = ReadonlyMap<string, readonly ShopSale[]>;

/** Looks into why the shop's numbers changed: by its orders where they may be read, and by what it says of itself. */
export class ExplainDifferences {
  /** By the run: when its shop may be asked again. */
  private readonly notBefore = new Map<number, number>();

  constructor(private readonly ports: ExplainDifferencesPorts) {}

  async explain(access: ShopAccess, signal: AbortSignal): Promise<void> {
    for (const run of await this.ports.runs.toExplain(access.shopId)) {
      if (this.ports.clock.now() >= (this.notBefore.get(run.id) ?? 0)) await this.explainRun(access, run, signal);
    }
  }

  private async explainRun(access: ShopAccess, run: FlowRun, signal: AbortSignal): Promise<void> {
    const { runs, runSignal, clock } = this.ports;
    const sales = await this.salesFor(access, run, signal);
    if (sales === null || signal.aborted) return;
    let explained = 0;
    for (let after = -1; ;) {
      const lines = await runs.linesWith(run.id, ['changed_in_shop'], after, SLICE);
      const last = lines.at(-1);
      if (last === undefined) break;
      await this.explainLines(run, lines, sales);
      explained += lines.length;
      after = last.lineNo;
    }
    await runs.note(run.id, { at: clock.now(), step: 'explained', params: { lines: explained }, failure: null });
    await runs.explained(run.id);
    runSignal.announce();
  }

  private async explainLines(run: FlowRun, lines: readonly RunLine[], sales: Sales): Promise<void> {
    const { runs, items, clock } = this.ports;
    const now = clock.now();
    const ids = lines.flatMap(({ itemId }) => itemId ?? []);
    const views = new Map((await items.views([...new Set(ids)])).map((view) => [view.id, view]));
    await runs.noteDifferences(
      run.id,
      lines.flatMap((line) => {
        const facts = factsOf(line);
        const ref = line.itemId === null ? undefined : views.get(line.itemId)?.link?.ref;
        if (!facts) return [];
        const sold = ref ? soldSince(sales.get(refKey(ref)) ?? [], facts.since) : null;
        const { reason, params } = explainDifference({ ...facts, now, sold });
        // When it was last in step stays with it: what came for the item after that counts more.
        return [{ lineNo: line.lineNo, difference: { reason, params: { ...params, since: facts.since } } }];
      }),
    );
  }

  /** What orders took, by product; null when the shop is to be asked once more. */
  private async salesFor(access: ShopAccess, run: FlowRun, signal: AbortSignal): Promise<Sales | null> {
    const { runs, orders, clock } = this.ports;
    const now = clock.now();
    const since = await this.oldest(run);
    if (since === null) return new Map();
    const bySale = new Map<string, ShopSale[]>();
    try {
      const from = Math.max(now - MOST_BACK_MS, since) - CLOCK_DOUBT_MS;
      for (const sale of (await orders.salesSince(access, from, signal)).sales) {
        bySale.set(refKey(sale.ref), [...(bySale.get(refKey(sale.ref)) ?? []), sale]);
      }
    } catch (thrown) {
      if (!(thrown instanceof FailureError)) throw thrown;
      if (signal.aborted) return null;
      // Whoever may not read orders is told less, and nothing is held up by it.
      await runs.note(run.id, { at: now, step: 'orders_not_readable', params: {}, failure: thrown.failure });
      if (failureKind(thrown.failure.code).severity === 'retry') {
        this.notBefore.set(run.id, now + (thrown.facts.retryAfterMs ?? AFTER_A_FAILURE_MS));
        return null;
      }
    }
    this.notBefore.delete(run.id);
    return bySale;
  }

  private async oldest(run: FlowRun): Promise<number | null> {
    let oldest: number | null = null;
    for (let after = -1; ;) {
      const lines = await this.ports.runs.linesWith(run.id, ['changed_in_shop'], after, SLICE);
      const last = lines.at(-1);
      if (last === undefined) return oldest;
      for (const line of lines) {
        const since = factsOf(line)?.since;
        if (since !== undefined) oldest = Math.min(oldest ?? since, since);
      }
      after = last.lineNo;
    }
  }
}

/** An order from before the product was last in step is in its number already. */
function soldSince(sales: readonly ShopSale[], since: number): Sold | null {
  const after = sales.filter(({ at }) => at >= since - CLOCK_DOUBT_MS);
  if (after.length === 0) return null;
  return {
    quantity: sumQuantities(after.map((sale) => sale.quantity)),
    orders: [...new Set(after.map(({ order }) => order))],
  };
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
