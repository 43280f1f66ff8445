import { asFailure, type Failure, failure, failureKind, FailureError } from '../domain/failure';
import { finalStatus, type LineOutcome, type RunCounts } from '../domain/flow-run';
import type { Clock } from '../domain/ports/clock';
import type { Connection, ConnectionStore } from '../domain/ports/connections';
import type { FlowRun, FlowRunStore, LineEnd, RunLease, RunLine } from '../domain/ports/flow-runs';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { StockStore } from '../domain/ports/pushes';
import type { SourceStore } from '../domain/ports/sources';
import type { ReadPush, StockSource, StockSources } from '../domain/ports/stock-source';
import type { SyncItemStore, SyncItemView } from '../domain/ports/sync-items';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import { productIdentity, type StockChange } from '../domain/stock-change';
import { PRIORITY } from '../domain/sync-item';
import { targetOfItem } from '../domain/target-of-item';
import { bySaying, judgeLines } from './judge-lines';
import { itemsGoingToZero, massZeroAmong } from './mass-zero-brake';

export interface WorkRunPorts {
  readonly unit: UnitOfWork;
  readonly runs: FlowRunStore;
  readonly connections: ConnectionStore;
  readonly sourceStore: SourceStore;
  readonly sources: StockSources;
  readonly stock: StockStore;
  readonly items: SyncItemStore;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

/** Whether the run goes on at once, at a later time, or is out of our hands. */
export type StepEnd = 'more' | 'out-of-hands';

const SLICE = 500;
const LOOK_AGAIN_MS = 1_000;
const AFTER_A_FAILURE_MS = 60_000;
/** A source that cannot be asked for so long is told of, instead of trying for ever. */
const MOST_TRYING_MS = 60 * 60_000;
export const RUN_LEASE_MS = 60_000;

/** The lease was lost: what was about to be stored is not. */
class LeaseLost extends Error {}

/** Moves a run on by one step. Every step is stored with where to go on, so that a killed run resumes. */
export class WorkRun {
  constructor(private readonly ports: WorkRunPorts) {}

  async step(lease: RunLease, signal: AbortSignal): Promise<StepEnd> {
    const { runs, connections } = this.ports;
    const run = await runs.find(lease.runId);
    const connection = run && (await connections.find(run.connectionId));
    if (!run || !connection) return 'out-of-hands';
    try {
      if (run.cancelAsked) return await this.end(lease, 'cancelled', null);
      switch (run.phase) {
        case 'reading':
          return await this.read(run, lease, connection, signal);
        case 'applying':
          return await this.apply(run, lease, connection);
        case 'settling':
          return await this.settle(run, lease, connection);
      }
    } catch (thrown) {
      if (thrown instanceof LeaseLost) return 'out-of-hands';
      if (!(thrown instanceof FailureError)) throw thrown;
      return this.afterFailure(run, lease, thrown, signal);
    }
  }

  private async afterFailure(
    run: FlowRun,
    lease: RunLease,
    thrown: FailureError,
    signal: AbortSignal,
  ): Promise<StepEnd> {
    const { runs, clock } = this.ports;
    const now = clock.now();
    // Cut off by us: somebody goes on at once.
    if (signal.aborted) {
      await runs.putDown(lease, now);
      return 'out-of-hands';
    }
    const passes = failureKind(thrown.failure.code).severity === 'retry';
    if (!passes || now - run.askedAt > MOST_TRYING_MS) return this.end(lease, 'failed', thrown.failure);
    await runs.putDown(lease, now + (thrown.facts.retryAfterMs ?? AFTER_A_FAILURE_MS));
    return 'out-of-hands';
  }

  private read(run: FlowRun, lease: RunLease, connection: Connection, signal: AbortSignal): Promise<StepEnd> {
    switch (run.kind) {
      case 'pull':
        return this.readSource(run, lease, connection, signal);
      case 'check':
        return this.listItems(run, lease, connection);
      case 'undo':
        return this.listChanged(run, lease);
    }
  }

  private async readSource(
    run: FlowRun,
    lease: RunLease,
    connection: Connection,
    signal: AbortSignal,
  ): Promise<StepEnd> {
    const { sourceStore, runs, clock } = this.ports;
    const { kind } = await this.sourceOf(connection);
    const settings = await sourceStore.settings(connection.sourceId);
    if (!kind.pull || !settings) return this.end(lease, 'failed', failure('source_refused', { said: kind.kind }));
    // Levels are as old as the moment they were asked for: what is pushed meanwhile is newer.
    const askedAt = clock.now();
    const page = await kind.pull.page(settings, { warehouses: connection.warehouses, cursor: run.position }, signal);
    const lines = page.lines.map((line) =>
      'change' in line ? { change: { ...line.change, observedAt: line.change.observedAt ?? askedAt } } : line,
    );
    const done = run.done + lines.length;
    if (page.next === null && done === 0) return this.pause(lease, failure('source_list_empty'));
    await this.together(lease, async () => {
      await runs.addLines(run.id, run.done, lines);
      return page.next === null
        ? { phase: 'applying', position: null, done: 0, total: done }
        : { position: page.next, done, total: page.total };
    });
    return 'more';
  }

  /** Every item of the connection, as it is now known. */
  private async listItems(run: FlowRun, lease: RunLease, { id }: Connection): Promise<StepEnd> {
    const { items, runs } = this.ports;
    const ids = await items.select(
      { filter: { connectionId: id, status: null, text: null } },
      Number(run.position ?? 0),
      SLICE,
    );
    const last = ids.at(-1);
    const views = new Map((await items.views(ids)).map((view) => [view.id, view]));
    const lines = ids.flatMap((itemId) => {
      const view = views.get(itemId);
      return view && view.status !== 'offline' ? [{ itemId, wanted: null, before: view.shown }] : [];
    });
    await this.together(lease, async () => {
      await runs.addItemLines(run.id, run.done, lines);
      const done = run.done + lines.length;
      return last === undefined
        ? { phase: 'applying', position: null, done: 0, total: done }
        : { position: String(last), done };
    });
    return 'more';
  }

  /** What another run changed and the shop still shows so. */
  private async listChanged(run: FlowRun, lease: RunLease): Promise<StepEnd> {
    const { items, runs } = this.ports;
    if (run.undoOf === null) return this.end(lease, 'failed', null);
    const after = Number(run.position ?? -1);
    const some = await runs.lines(run.undoOf, after, SLICE);
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
    await this.together(lease, async () => {
      await runs.addItemLines(run.id, run.done, [...lines.values()]);
      const done = run.done + lines.size;
      return last === undefined
        ? { phase: 'applying', position: null, done: 0, total: done }
        : { position: String(last.lineNo), done };
    });
    return 'more';
  }

  private async apply(run: FlowRun, lease: RunLease, connection: Connection): Promise<StepEnd> {
    const { runs, laneSignal, clock } = this.ports;
    if (run.kind === 'pull' && run.position === null && !run.brakeReleased) {
      const brake = await this.brakeOf(run, lease, connection);
      if (brake) return this.pause(lease, brake);
    }
    const lines = await runs.lines(run.id, Number(run.position ?? -1), SLICE);
    const last = lines.at(-1);
    await this.together(lease, async () => {
      if (last === undefined) return { phase: 'settling', position: null, done: 0, appliedAt: clock.now() };
      if (run.kind === 'pull') await this.applyLevels(run, connection, lines);
      else await this.applyItems(run, lines);
      return { position: String(last.lineNo), done: run.done + lines.length };
    });
    laneSignal.announce([connection.shopId]);
    return 'more';
  }

  /** Looks through all lines before anything is stored; a renewed lease keeps the run ours meanwhile. */
  private async brakeOf(run: FlowRun, lease: RunLease, connection: Connection): Promise<Failure | null> {
    if (connection.mode !== 'live') return null;
    const { runs, stock, items } = this.ports;
    let zeros = 0;
    for (let after = -1; ;) {
      const lines = await runs.lines(run.id, after, SLICE);
      const last = lines.at(-1);
      if (last === undefined) break;
      const changes = changesOf(lines);
      const known = await stock.knownProductIds(connection.sourceId, changes);
      const told = new Map<number, StockChange[]>();
      for (const change of changes) {
        const id = known.get(productIdentity(change));
        if (id !== undefined) told.set(id, [...(told.get(id) ?? []), change]);
      }
      zeros += (await itemsGoingToZero(items, connection, told)).length;
      after = last.lineNo;
      await this.together(lease, () => Promise.resolve({}));
    }
    const brake = await massZeroAmong(items, connection, zeros);
    return brake && failure('mass_zero', brake);
  }

  private async applyLevels(run: FlowRun, connection: Connection, lines: readonly RunLine[]): Promise<void> {
    const { runs, stock, items, connections, clock } = this.ports;
    const now = clock.now();
    const { kind } = await this.sourceOf(connection);
    const read: ReadPush = changesOf(lines).map((change) => ({ change }));
    const feeds = await connections.forSource(connection.sourceId);
    const judged = await judgeLines(stock, connection.sourceId, kind, read, feeds, now, now);
    await stock.saveLevels(judged.due.levels, null, now);
    for (const [feed, products] of judged.due.products) {
      for (const [saysNew, some] of bySaying(products, judged.due.changed)) {
        await items.markDue(feed, some, PRIORITY.manual, now, saysNew);
      }
    }
    const kept = new Map(judged.lines.map((line) => [line.kept.index, line.kept]));
    const products = [...kept.values()].flatMap(({ sourceProductId }) => sourceProductId ?? []);
    const found = new Map(
      (await items.ofProducts(connection.id, [...new Set(products)])).map((item) => [item.sourceProductId, item]),
    );
    await runs.linkItems(
      run.id,
      lines.flatMap(({ lineNo }) => {
        const line = kept.get(lineNo);
        if (!line) return [];
        const item = line.sourceProductId === null ? undefined : found.get(line.sourceProductId);
        const isUsed = line.outcome === 'accepted' && item !== undefined;
        const outcome: LineOutcome | null =
          line.outcome === 'superseded' ? 'superseded' : line.outcome === 'not_chosen' ? 'not_chosen' : null;
        return [{ lineNo, itemId: isUsed ? item.id : null, before: item?.shown ?? null, outcome }];
      }),
    );
  }

  private async applyItems(run: FlowRun, lines: readonly RunLine[]): Promise<void> {
    const { items, clock } = this.ports;
    const now = clock.now();
    if (run.kind === 'undo') {
      const numbers = lines.flatMap(({ itemId, wanted }) =>
        itemId === null || wanted === null ? [] : [{ id: itemId, held: wanted }],
      );
      await items.hold(numbers, now);
    }
    const ids = lines.flatMap(({ itemId }) => itemId ?? []);
    await items.lookAnew(ids, run.kind === 'undo' ? PRIORITY.manual : PRIORITY.bulk, now);
  }

  /** Waits until the lane has been through all of it, then writes down what became of each line. */
  private async settle(run: FlowRun, lease: RunLease, connection: Connection): Promise<StepEnd> {
    const { runs, items, clock } = this.ports;
    const { waiting, items: all } = await runs.waiting(run.id);
    if (waiting > 0) {
      await this.together(lease, () => Promise.resolve({ done: all - waiting, total: all }));
      await runs.putDown(lease, clock.now() + LOOK_AGAIN_MS);
      return 'out-of-hands';
    }
    for (let after = -1; ;) {
      const lines = await runs.lines(run.id, after, SLICE);
      const last = lines.at(-1);
      if (last === undefined) break;
      const views = new Map(
        (await items.views(lines.flatMap(({ itemId }) => itemId ?? []))).map((view) => [view.id, view]),
      );
      const ends = lines.flatMap((line) => {
        const view = line.itemId === null ? undefined : views.get(line.itemId);
        return view ? [endOf(line, view, run, connection)] : [];
      });
      await this.together(lease, async () => {
        await runs.endLines(run.id, ends);
        return { done: all, total: all };
      });
      after = last.lineNo;
    }
    const counts = await runs.count(run.id);
    return this.end(lease, finalStatus(counts), null, counts);
  }

  private async end(
    lease: RunLease,
    status: 'succeeded' | 'warning' | 'failed' | 'cancelled',
    why: Failure | null,
    counts: RunCounts = {},
  ): Promise<StepEnd> {
    await this.ports.runs.end(lease, { status, counts, failure: why }, this.ports.clock.now());
    return 'out-of-hands';
  }

  private async pause(lease: RunLease, why: Failure): Promise<StepEnd> {
    await this.ports.runs.pause(lease, why, this.ports.clock.now());
    return 'out-of-hands';
  }

  /** One transaction for what a step does and for where the run goes on; nothing is kept when the run is not ours. */
  private async together(lease: RunLease, work: () => Promise<Parameters<FlowRunStore['move']>[1]>): Promise<void> {
    const { unit, runs, clock } = this.ports;
    await unit.run(async () => {
      const move = await work();
      if (!(await runs.move(lease, move, clock.now() + RUN_LEASE_MS))) throw new LeaseLost();
    });
  }

  private async sourceOf(connection: Connection): Promise<{ readonly kind: StockSource }> {
    const source = await this.ports.sourceStore.find(connection.sourceId);
    if (!source) throw new FailureError(asFailure(new Error('The source is gone')));
    return { kind: this.ports.sources.of(source.kind) };
  }
}

/** The lines that are changes, numbered as in the run. */
const changesOf = (lines: readonly RunLine[]): StockChange[] =>
  lines.flatMap((line) =>
    line.refusal !== null || line.quantity === null
      ? []
      : [
          {
            index: line.lineNo,
            code: line.code,
            barcode: line.barcode,
            name: line.name,
            externalId: line.externalId,
            warehouse: line.warehouse ?? '',
            quantity: line.quantity,
            observedAt: line.observedAt,
          },
        ],
  );

function endOf(line: RunLine, view: SyncItemView, run: FlowRun, connection: Connection): LineEnd {
  const wanted = targetOfItem(view, connection)?.target ?? null;
  const wasWritten = view.writtenAt !== null && view.writtenAt >= (run.startedAt ?? 0) && view.shown !== line.before;
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
    case 'offline':
    case 'unmatched':
    case 'ambiguous':
      return view.status;
  }
}
