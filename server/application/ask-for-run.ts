import type { RunKind } from '../domain/flow-run';
import type { Clock } from '../domain/ports/clock';
import type { ConnectionStore } from '../domain/ports/connections';
import type { FlowRun, FlowRunStore } from '../domain/ports/flow-runs';
import type { SourceStore } from '../domain/ports/sources';
import { canPull, type RawPush, type ReadPush, type StockSources } from '../domain/ports/stock-source';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import { notFound, Refusal } from '../domain/refusal';

export interface AskForRunPorts {
  readonly runs: FlowRunStore;
  readonly connections: Pick<ConnectionStore, 'find'>;
  readonly unit: UnitOfWork;
  readonly sourceStore: Pick<SourceStore, 'find' | 'settings'>;
  readonly sources: StockSources;
  /** Somebody may take the run up at once. */
  readonly onAsked: () => void;
  readonly clock: Clock;
}

/** Starts, cancels, releases and undoes runs. */
export class AskForRun {
  constructor(private readonly ports: AskForRunPorts) {}

  async start(
    connectionId: number,
    kind: Exclude<RunKind, 'undo'>,
    by: { readonly person: string } | 'schedule',
  ): Promise<FlowRun> {
    const { connections, clock } = this.ports;
    const connection = await connections.find(connectionId);
    if (!connection) throw notFound('connection');
    if (kind === 'pull') {
      const leastMs = await this.leastMsBetween(connection.sourceId);
      const lastAt = by === 'schedule' ? null : await this.ports.runs.lastAskedAt(connectionId, 'pull');
      const waitMs = lastAt === null ? 0 : lastAt + leastMs - clock.now();
      if (waitMs > 0) {
        throw new Refusal('too_many_requests', 'The levels were pulled a moment ago. Please wait.', {
          retryAfterSeconds: Math.ceil(waitMs / 1000),
        });
      }
    }
    return this.add(connectionId, kind, by, null);
  }

  /** A pull whose levels a person has brought as a file: it goes on where the source's own list would have come in. */
  async startWithFile(connectionId: number, file: RawPush, person: string): Promise<FlowRun> {
    const { connections, sourceStore, sources, runs, unit, clock, onAsked } = this.ports;
    const connection = await connections.find(connectionId);
    const source = connection && (await sourceStore.find(connection.sourceId));
    if (!connection || !source) throw notFound('connection');
    const kind = sources.of(source.kind);
    if (!kind.file) throw new Refusal('conflict', 'This kind of source takes no files; it pushes or is asked.');
    const read = kind.file.read((await sourceStore.settings(source.id)) ?? {}, file);
    const at = clock.now();
    if (read.length === 0) {
      throw new Refusal('push_unreadable', 'The file holds no line. Nothing was changed.', {
        errors: [{ path: 'file', message: 'holds no line' }],
      });
    }
    const lines: ReadPush = read.map((line) =>
      'change' in line ? { change: { ...line.change, observedAt: line.change.observedAt ?? at } } : line,
    );
    const run = await unit.run(async () => {
      const added = await runs.add(
        {
          connectionId,
          kind: 'pull',
          startedBy: 'person',
          askedBy: person,
          undoOf: null,
          phase: 'applying',
          byFile: true,
        },
        at,
      );
      if (added) {
        await runs.addLines(added.id, 0, lines);
        await runs.note(added.id, { at, step: 'source_read', params: { lines: lines.length }, failure: null });
      }
      return added;
    });
    if (!run) throw alreadyRunning();
    onAsked();
    return run;
  }

  /** Gives back what a run changed, for the items whose number is still the one it left. */
  async undo(runId: number, person: string): Promise<FlowRun> {
    const run = await this.ports.runs.find(runId);
    if (!run) throw notFound('run');
    if (run.finishedAt === null) throw new Refusal('conflict', 'The run is still under way. Cancel it first.');
    if (run.kind === 'undo') throw new Refusal('conflict', 'An undo is not undone: pull the levels again instead.');
    return this.add(run.connectionId, 'undo', { person }, runId);
  }

  async cancel(runId: number): Promise<FlowRun> {
    const { runs, clock } = this.ports;
    if (!(await runs.find(runId))) throw notFound('run');
    if (!(await runs.askCancel(runId, clock.now()))) throw new Refusal('conflict', 'The run is over.');
    return this.find(runId);
  }

  /** A person has seen why it paused, and lets it go on. */
  async release(runId: number): Promise<FlowRun> {
    const { runs, onAsked, clock } = this.ports;
    if (!(await runs.find(runId))) throw notFound('run');
    if (!(await runs.release(runId))) throw new Refusal('conflict', 'The run is not paused.');
    await runs.note(runId, { at: clock.now(), step: 'released', params: {}, failure: null });
    onAsked();
    return this.find(runId);
  }

  private async find(runId: number): Promise<FlowRun> {
    const run = await this.ports.runs.find(runId);
    if (!run) throw notFound('run');
    return run;
  }

  private async add(
    connectionId: number,
    kind: RunKind,
    by: { readonly person: string } | 'schedule',
    undoOf: number | null,
  ): Promise<FlowRun> {
    const { runs, onAsked, clock } = this.ports;
    const run = await runs.add(
      {
        connectionId,
        kind,
        startedBy: by === 'schedule' ? 'schedule' : 'person',
        askedBy: by === 'schedule' ? null : by.person,
        undoOf,
        phase: kind === 'undo' ? 'listing' : 'reading',
      },
      clock.now(),
    );
    if (!run) throw alreadyRunning();
    onAsked();
    return run;
  }

  private async leastMsBetween(sourceId: number): Promise<number> {
    const source = await this.ports.sourceStore.find(sourceId);
    if (!source) throw notFound('source');
    const kind = this.ports.sources.of(source.kind);
    const settings = (await this.ports.sourceStore.settings(sourceId)) ?? {};
    if (!kind.pull || !canPull(kind, settings)) {
      throw new Refusal('conflict', 'This source cannot be asked for its levels; it pushes them.');
    }
    return kind.pull.leastMsBetween;
  }
}

const alreadyRunning = (): Refusal =>
  new Refusal('conflict', 'Another run of this connection is under way or asks you something.');
