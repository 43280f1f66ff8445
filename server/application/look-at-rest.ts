import { refKey } from '../domain/batch-plan';
import { FailureError } from '../domain/failure';
import type { Clock } from '../domain/ports/clock';
import type { FlowRun, FlowRunStore } from '../domain/ports/flow-runs';
import type { RunSignal } from '../domain/ports/run-signal';
import type { ShopAccess, ShopProductRef, ShopTarget } from '../domain/ports/shop-target';
import type { SyncItemStore, SyncItemView } from '../domain/ports/sync-items';
import type { Quantity } from '../domain/quantity';

export interface LookAtRestPorts {
  readonly runs: Pick<FlowRunStore, 'toLookAt' | 'unseenLines' | 'noteSeenOf' | 'lookedAt' | 'note'>;
  readonly items: Pick<SyncItemStore, 'views'>;
  readonly target: Pick<ShopTarget, 'read'>;
  readonly runSignal: RunSignal;
  readonly clock: Clock;
}

const AT_ONCE = 100;
/** A shop that could not be asked is asked again after this, as long as the run waits. */
const AFTER_A_FAILURE_MS = 30_000;

/**
 * Looks one by one at what a check has not seen in the shop's catalogue: translations, and all of it where the catalogue
 * cannot be listed. Nothing is written: what web orders took has to be told from the rest first.
 */
export class LookAtRest {
  /** By the run: when its shop may be asked again. */
  private readonly notBefore = new Map<number, number>();

  constructor(private readonly ports: LookAtRestPorts) {}

  async look(access: ShopAccess, signal: AbortSignal, mayGoOn: () => boolean): Promise<void> {
    const { runs, clock } = this.ports;
    for (const run of await runs.toLookAt(access.shopId)) {
      if (clock.now() < (this.notBefore.get(run.id) ?? 0)) continue;
      try {
        await this.lookFor(access, run, signal, mayGoOn);
        this.notBefore.delete(run.id);
      } catch (thrown) {
        if (!(thrown instanceof FailureError)) throw thrown;
        if (signal.aborted) return;
        this.notBefore.set(run.id, clock.now() + (thrown.facts.retryAfterMs ?? AFTER_A_FAILURE_MS));
      }
    }
  }

  private async lookFor(access: ShopAccess, run: FlowRun, signal: AbortSignal, mayGoOn: () => boolean): Promise<void> {
    const { runs, items, target } = this.ports;
    for (let after = -1; mayGoOn();) {
      const lines = await runs.unseenLines(run.id, after, AT_ONCE);
      const last = lines.at(-1);
      if (last === undefined) {
        await runs.lookedAt(run);
        this.ports.runSignal.announce();
        return;
      }
      const views = new Map((await items.views(lines.map(({ itemId }) => itemId))).map((view) => [view.id, view]));
      const answers = await target.read(access, [...views.values()].flatMap(refsOf), signal);
      const shown = new Map(
        answers.map((answer) => [refKey(answer.ref), answer.kind === 'found' ? answer.product.quantity : null]),
      );
      await runs.noteSeenOf(
        run.id,
        lines.flatMap(({ lineNo, itemId }) => {
          const view = views.get(itemId);
          const seen = view ? seenOf(view, shown) : null;
          return seen === null ? [] : [{ lineNo, seen }];
        }),
      );
      after = last.lineNo;
    }
  }
}

const refsOf = ({ link }: SyncItemView): readonly ShopProductRef[] => (link ? [link.ref, ...link.twins] : []);

/** Of translations that differ among themselves the one that is out of step; null where one of them shows none. */
function seenOf(view: SyncItemView, shown: ReadonlyMap<string, Quantity | null>): Quantity | null {
  const numbers = refsOf(view).map((ref) => shown.get(refKey(ref)) ?? null);
  const [first = null] = numbers;
  if (numbers.includes(null)) return null;
  return numbers.find((number) => number !== view.shown) ?? first;
}
