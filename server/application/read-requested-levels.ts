import { failure, failureKind, FailureError } from '../domain/failure';
import type { Clock } from '../domain/ports/clock';
import type { ConnectionStore } from '../domain/ports/connections';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { LevelRequest, LevelRequestStore } from '../domain/ports/level-requests';
import type { StockStore } from '../domain/ports/pushes';
import type { SourceSettings, SourceStore } from '../domain/ports/sources';
import { canPull, EVERYTHING, type ReadPush, type StockSource, type StockSources } from '../domain/ports/stock-source';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import { Refusal } from '../domain/refusal';
import { backoffMs } from '../domain/retry-policy';
import { applyLevels, type ApplyLevelsPorts } from './apply-levels';
import type { AskForRun } from './ask-for-run';
import { judgeLines } from './judge-lines';

export interface ReadRequestedLevelsPorts extends ApplyLevelsPorts {
  readonly unit: UnitOfWork;
  readonly stock: StockStore;
  readonly requests: LevelRequestStore;
  readonly connections: Pick<ConnectionStore, 'forSource'>;
  readonly sourceStore: Pick<SourceStore, 'find' | 'settings'>;
  readonly sources: StockSources;
  readonly askForRun: Pick<AskForRun, 'start'>;
  readonly lanes: LaneSignal;
  readonly clock: Clock;
  /** In [0, 1): spreads retries. */
  readonly chance: () => number;
}

/** Taken at once: few, so that they are read long before somebody else would take them for left behind. */
const AT_ONCE = 10;
const HIDDEN_MS = 5 * 60_000;
/** A pull is under way: when it ends, what it has read may be older than what was asked for. */
const AFTER_A_RUN_MS = 30_000;

/** Reads the levels that calls named without telling them, and stores them as if they had been pushed. */
export class ReadRequestedLevels {
  constructor(private readonly ports: ReadRequestedLevelsPorts) {}

  /** False when nothing is due. */
  async step(stopping: AbortSignal): Promise<boolean> {
    const { requests, sourceStore, sources, clock } = this.ports;
    const now = clock.now();
    const taken = await requests.take(now, now + HIDDEN_MS, AT_ONCE);
    if (!taken) return false;
    const { sourceId } = taken;
    const source = await sourceStore.find(sourceId);
    const settings = await sourceStore.settings(sourceId);
    if (!source || !settings) return true;
    const kind = sources.of(source.kind);
    const left = [...taken.requests];
    for (let request = left[0]; request !== undefined; request = left[0]) {
      try {
        if (stopping.aborted) break;
        if (request.reference === EVERYTHING) await this.pull(sourceId, kind, settings, request);
        else await this.read(sourceId, kind, settings, request, stopping);
        left.shift();
      } catch (thrown) {
        if (!(thrown instanceof FailureError)) throw thrown;
        if (stopping.aborted) break;
        await this.putOff(sourceId, left, request, thrown);
        return true;
      }
    }
    // Cut off by us: somebody goes on at once.
    await requests.putOff(sourceId, left, clock.now(), null, false);
    return true;
  }

  private async read(
    sourceId: number,
    kind: StockSource,
    settings: SourceSettings,
    request: LevelRequest,
    signal: AbortSignal,
  ): Promise<void> {
    const { unit, stock, connections, requests, lanes, clock } = this.ports;
    // Levels are as old as the moment they were asked for: what is pushed meanwhile is newer.
    const askedAt = clock.now();
    const found = (await kind.reread?.levels(settings, request.reference, signal)) ?? { lines: [], instead: [] };
    const read: ReadPush = found.lines.map((line) =>
      'change' in line ? { change: { ...line.change, observedAt: line.change.observedAt ?? askedAt } } : line,
    );
    const awake = await unit.run(async () => {
      await stock.lockLevels(sourceId);
      const at = clock.now();
      const feeds = await connections.forSource(sourceId);
      const judged = await judgeLines(stock, sourceId, kind, read, feeds, askedAt, at);
      const shops = await applyLevels(this.ports, read, judged, null, at);
      if (found.instead.length > 0) await requests.add(sourceId, found.instead, at);
      await requests.done(sourceId, [request], at);
      return shops;
    });
    lanes.announce(awake);
  }

  /** What a pull under way has read may be older than what was asked for: then another one follows it. */
  private async pull(
    sourceId: number,
    kind: StockSource,
    settings: SourceSettings,
    request: LevelRequest,
  ): Promise<void> {
    if (!canPull(kind, settings)) {
      throw new FailureError(failure('source_not_readable'));
    }
    const { connections, requests, askForRun, clock } = this.ports;
    for (const { id } of await connections.forSource(sourceId)) {
      try {
        await askForRun.start(id, 'pull', 'schedule');
      } catch (thrown) {
        if (!(thrown instanceof Refusal)) throw thrown;
        await requests.putOff(sourceId, [request], clock.now() + AFTER_A_RUN_MS, null, false);
        return;
      }
    }
    await requests.done(sourceId, [request], clock.now());
  }

  /** What the source says of one request mostly holds for all: none of them is tried before its time. */
  private async putOff(
    sourceId: number,
    left: readonly LevelRequest[],
    failed: LevelRequest,
    thrown: FailureError,
  ): Promise<void> {
    const { requests, clock, chance } = this.ports;
    const now = clock.now();
    const waitMs = Math.max(backoffMs(failed.attempts + 1, chance()), thrown.facts.retryAfterMs ?? 0);
    const isOfAll =
      failureKind(thrown.failure.code).severity === 'retry' || thrown.failure.code === 'source_login_refused';
    const others = left.filter((request) => request !== failed);
    await requests.putOff(sourceId, [failed], now + waitMs, thrown.failure, true);
    await requests.putOff(sourceId, others, isOfAll ? now + waitMs : now, isOfAll ? thrown.failure : null, isOfAll);
  }
}
