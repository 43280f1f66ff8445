import { failureKind, FailureError } from '../domain/failure';
import type { CatalogStore } from '../domain/ports/catalog';
import type { Clock } from '../domain/ports/clock';
import type { ConnectionStore } from '../domain/ports/connections';
import type { FlowRunStore, RunLease } from '../domain/ports/flow-runs';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { StockStore } from '../domain/ports/pushes';
import type { SourceStore } from '../domain/ports/sources';
import type { StockSources } from '../domain/ports/stock-source';
import type { SyncItemStore } from '../domain/ports/sync-items';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import { applyRunLevels } from './apply-run-levels';
import { compareRunItems } from './compare-run-items';
import { HeldRun, LeaseLost, type StepEnd } from './held-run';
import { listRunItems } from './list-run-items';
import { lookForRun } from './look-for-run';
import { readRunLevels } from './read-run-levels';
import { repairRunItems } from './repair-run-items';
import { settleRun } from './settle-run';
import { undoRun } from './undo-run';
import type { ReleaseOrdersPorts } from './release-orders';

export interface WorkRunPorts {
  readonly unit: UnitOfWork;
  readonly runs: FlowRunStore;
  readonly connections: ConnectionStore;
  readonly sourceStore: SourceStore;
  readonly sources: StockSources;
  readonly stock: StockStore;
  readonly items: SyncItemStore;
  readonly ledger: ReleaseOrdersPorts['ledger'];
  readonly catalog: Pick<CatalogStore, 'state' | 'count' | 'request' | 'find'>;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

const AFTER_A_FAILURE_MS = 60_000;
/** A source that cannot be asked for so long is told of, instead of trying for ever. */
const MOST_TRYING_MS = 60 * 60_000;

/**
 * Moves a run on by one step. Every step is stored with where to go on, so that a killed run resumes. The phases are in
 * the order in which a check goes through them; the others leave some out.
 */
export class WorkRun {
  constructor(private readonly ports: WorkRunPorts) {}

  async step(lease: RunLease, signal: AbortSignal): Promise<StepEnd> {
    const { runs, connections } = this.ports;
    const run = await runs.find(lease.runId);
    const connection = run && (await connections.find(run.connectionId));
    if (!run || !connection) return 'out-of-hands';
    const held = new HeldRun(this.ports, run, connection, lease);
    try {
      if (run.cancelAsked) return await held.end('cancelled', null);
      return await this.goOn(held, signal);
    } catch (thrown) {
      if (thrown instanceof LeaseLost) return 'out-of-hands';
      if (!(thrown instanceof FailureError)) throw thrown;
      return this.afterFailure(held, thrown, signal);
    }
  }

  private goOn(held: HeldRun, signal: AbortSignal): Promise<StepEnd> {
    switch (held.run.phase) {
      case 'reading':
        return readRunLevels(this.ports, held, signal);
      case 'applying':
        return held.run.kind === 'undo' ? undoRun(this.ports, held) : applyRunLevels(this.ports, held);
      case 'listing':
        return listRunItems(this.ports, held);
      case 'looking':
        return lookForRun(this.ports, held);
      case 'comparing':
        return compareRunItems(this.ports, held);
      case 'explaining':
        return this.waitForExplanations(held);
      case 'repairing':
        return repairRunItems(this.ports, held);
      case 'settling':
        return settleRun(this.ports, held);
    }
  }

  /** The shop's lane looks into what differs; a shop that cannot be asked for its orders holds nothing up. */
  private async waitForExplanations(held: HeldRun): Promise<StepEnd> {
    const { clock, laneSignal } = this.ports;
    const until = Number(held.run.position);
    if (clock.now() >= until) return held.moveOn({ phase: 'repairing', position: null, done: 0 });
    laneSignal.announce([held.connection.shopId]);
    await held.moveOn({});
    return held.putDown(clock.now() + LOOK_AGAIN_MS);
  }

  private async afterFailure(held: HeldRun, thrown: FailureError, signal: AbortSignal): Promise<StepEnd> {
    const now = this.ports.clock.now();
    // Cut off by us: somebody goes on at once.
    if (signal.aborted) return held.putDown(now);
    const { run } = held;
    const passes = failureKind(thrown.failure.code).severity === 'retry';
    if (passes && now - run.askedAt <= MOST_TRYING_MS) {
      await held.note('source_waits', {}, thrown.failure);
      return held.putDown(now + (thrown.facts.retryAfterMs ?? AFTER_A_FAILURE_MS));
    }
    if (run.kind !== 'check' || run.phase !== 'reading') return held.end('failed', thrown.failure);
    // What the source last told is still worth comparing with the shop.
    await held.note('source_not_read', {}, thrown.failure);
    return held.moveOn({ phase: 'listing', position: null });
  }
}

const LOOK_AGAIN_MS = 1_000;
