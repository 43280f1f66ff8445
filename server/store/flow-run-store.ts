import type { Failure } from '../domain/failure';
import {
  RUN_KINDS,
  RUN_PHASES,
  RUN_STATUSES,
  RUN_STEPS,
  type RunCounts,
  type RunKind,
  type RunPhase,
  type RunStatus,
} from '../domain/flow-run';
import { pageOf, type Page, type PageRequest } from '../domain/page';
import type {
  FlowRun,
  FlowRunLines,
  FlowRunStore,
  RunLease,
  RunMove,
  RunNote,
  TakenRun,
} from '../domain/ports/flow-runs';
import { isOutcome, TypeormFlowRunLines } from './flow-run-lines';
import { affectedRows, insertOne, insertRows, marks, selectRows, slices } from './statements';
import { failureOf, failureText, paramsOf } from './stored-json';
import type { TypeormUnitOfWork } from './unit-of-work';

const isPhase = (text: string): text is RunPhase => (RUN_PHASES as readonly string[]).includes(text);
const isStatus = (text: string): text is RunStatus => (RUN_STATUSES as readonly string[]).includes(text);
const isKind = (text: string): text is RunKind => (RUN_KINDS as readonly string[]).includes(text);

const RUN_COLUMNS = `r.id AS id, r.connection_id AS connectionId, r.kind AS kind, r.started_by AS startedBy,
  r.asked_by AS askedBy, r.status AS status, r.phase AS phase, r.position AS ${'`position`'}, r.done AS done,
  r.total AS total, r.counts AS counts, r.failure AS failure, r.cancel_asked AS cancelAsked,
  r.brake_released AS brakeReleased, r.by_file AS byFile, r.undo_of AS undoOf, r.asked_at AS askedAt, r.started_at AS startedAt,
  r.applied_at AS appliedAt, r.finished_at AS finishedAt, r.epoch AS epoch, r.owner AS owner`;

interface RunRow {
  id: number;
  connectionId: number;
  kind: string;
  startedBy: string;
  askedBy: string | null;
  status: string;
  phase: string;
  position: string | null;
  done: number;
  total: number | null;
  counts: string | null;
  failure: string | null;
  cancelAsked: number | boolean;
  brakeReleased: number | boolean;
  byFile: number | boolean;
  undoOf: number | null;
  askedAt: number;
  startedAt: number | null;
  appliedAt: number | null;
  finishedAt: number | null;
  epoch: number;
  owner: string | null;
}

const countsOf = (text: string | null): RunCounts => {
  const value: unknown = text === null ? {} : JSON.parse(text);
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter(([outcome, n]) => isOutcome(outcome) && typeof n === 'number'),
  );
};

const runOf = ({ epoch: _, owner: __, ...row }: RunRow): FlowRun => ({
  ...row,
  kind: isKind(row.kind) ? row.kind : 'check',
  startedBy: row.startedBy === 'schedule' ? 'schedule' : 'person',
  status: isStatus(row.status) ? row.status : 'failed',
  phase: isPhase(row.phase) ? row.phase : 'reading',
  counts: countsOf(row.counts),
  failure: failureOf(row.failure),
  cancelAsked: Boolean(row.cancelAsked),
  brakeReleased: Boolean(row.brakeReleased),
  byFile: Boolean(row.byFile),
});

/** A run that waits for its source for days writes a line for every try. */
const MOST_NOTES = 1_000;
const OPEN = "('queued', 'running', 'paused')";
export class TypeormFlowRunStore implements FlowRunStore {
  private readonly runLines: TypeormFlowRunLines;

  constructor(private readonly unit: TypeormUnitOfWork) {
    this.runLines = new TypeormFlowRunLines(unit);
  }

  readonly addLines: FlowRunLines['addLines'] = (...asked) => this.runLines.addLines(...asked);
  readonly addItemLines: FlowRunLines['addItemLines'] = (...asked) => this.runLines.addItemLines(...asked);
  readonly lines: FlowRunLines['lines'] = (...asked) => this.runLines.lines(...asked);
  readonly unequalLines: FlowRunLines['unequalLines'] = (...asked) => this.runLines.unequalLines(...asked);
  readonly openLines: FlowRunLines['openLines'] = (...asked) => this.runLines.openLines(...asked);
  readonly linkItems: FlowRunLines['linkItems'] = (...asked) => this.runLines.linkItems(...asked);
  readonly itemsWithoutLine: FlowRunLines['itemsWithoutLine'] = (...asked) => this.runLines.itemsWithoutLine(...asked);
  readonly sightings: FlowRunLines['sightings'] = (...asked) => this.runLines.sightings(...asked);
  readonly noteSeen: FlowRunLines['noteSeen'] = (...asked) => this.runLines.noteSeen(...asked);
  readonly noteMirrored: FlowRunLines['noteMirrored'] = (...asked) => this.runLines.noteMirrored(...asked);
  readonly seenLines: FlowRunLines['seenLines'] = (...asked) => this.runLines.seenLines(...asked);
  readonly noteWanted: FlowRunLines['noteWanted'] = (...asked) => this.runLines.noteWanted(...asked);
  readonly unseenLines: FlowRunLines['unseenLines'] = (...asked) => this.runLines.unseenLines(...asked);
  readonly noteSeenOf: FlowRunLines['noteSeenOf'] = (...asked) => this.runLines.noteSeenOf(...asked);
  readonly noteDifferences: FlowRunLines['noteDifferences'] = (...asked) => this.runLines.noteDifferences(...asked);
  readonly linesWith: FlowRunLines['linesWith'] = (...asked) => this.runLines.linesWith(...asked);
  readonly endLines: FlowRunLines['endLines'] = (...asked) => this.runLines.endLines(...asked);
  readonly waiting: FlowRunLines['waiting'] = (...asked) => this.runLines.waiting(...asked);
  readonly count: FlowRunLines['count'] = (...asked) => this.runLines.count(...asked);

  add(run: Parameters<FlowRunStore['add']>[0], at: number): Promise<FlowRun | null> {
    return this.unit.run(async () => {
      const { entities } = this.unit;
      // The connection's row is the lock: two who ask at once do so one after the other.
      await affectedRows(entities, 'UPDATE connections SET updated_at = updated_at WHERE id = ?', [run.connectionId]);
      const open = await selectRows<{ id: number }>(
        entities,
        `SELECT id AS id FROM flow_runs WHERE connection_id = ? AND status IN ${OPEN} LIMIT 1`,
        [run.connectionId],
      );
      if (open.length > 0) return null;
      const id = await insertOne(entities, 'flow_runs', {
        connection_id: run.connectionId,
        kind: run.kind,
        started_by: run.startedBy,
        asked_by: run.askedBy,
        status: 'queued',
        phase: run.phase,
        by_file: run.byFile ?? false,
        undo_of: run.undoOf,
        asked_at: at,
      });
      return this.find(id);
    });
  }

  async find(id: number): Promise<FlowRun | null> {
    const [row] = await selectRows<RunRow>(
      this.unit.entities,
      `SELECT ${RUN_COLUMNS} FROM flow_runs r WHERE r.id = ?`,
      [id],
    );
    return row ? runOf(row) : null;
  }

  async list(
    { connectionId }: { readonly connectionId: number | null },
    { limit, cursor }: PageRequest,
  ): Promise<Page<FlowRun>> {
    const rows = await selectRows<RunRow>(
      this.unit.entities,
      `SELECT ${RUN_COLUMNS} FROM flow_runs r
       WHERE r.id < ? ${connectionId === null ? '' : 'AND r.connection_id = ?'} ORDER BY r.id DESC LIMIT ?`,
      [
        cursor === null ? Number.MAX_SAFE_INTEGER : Number(cursor),
        ...(connectionId === null ? [] : [connectionId]),
        limit + 1,
      ],
    );
    const page = pageOf(rows, limit, (row) => String(row.id));
    return { ...page, data: page.data.map(runOf) };
  }

  async lastAskedAt(connectionId: number, kind: RunKind): Promise<number | null> {
    const [row] = await selectRows<{ at: number | null }>(
      this.unit.entities,
      "SELECT MAX(asked_at) AS at FROM flow_runs WHERE connection_id = ? AND kind = ? AND started_by = 'person'",
      [connectionId, kind],
    );
    return row?.at ?? null;
  }

  take(owner: string, at: number, leaseUntil: number): Promise<TakenRun | null> {
    return this.unit.run(async () => {
      const { entities } = this.unit;
      const [row] = await selectRows<RunRow>(
        entities,
        `SELECT ${RUN_COLUMNS} FROM flow_runs r
         WHERE r.status IN ('queued', 'running') AND r.not_before <= ? AND (r.owner IS NULL OR r.lease_until < ?)
         ORDER BY r.not_before, r.id LIMIT 1`,
        [at, at],
      );
      if (!row) return null;
      // The condition, not the read above, decides: another worker may have taken it in between.
      const taken = await affectedRows(
        entities,
        `UPDATE flow_runs SET owner = ?, epoch = epoch + 1, lease_until = ?, status = 'running',
           started_at = COALESCE(started_at, ?)
         WHERE id = ? AND epoch = ? AND status IN ('queued', 'running')`,
        [owner, leaseUntil, at, row.id, row.epoch],
      );
      if (taken !== 1) return null;
      return {
        run: { ...runOf(row), status: 'running' },
        lease: { runId: row.id, owner, epoch: row.epoch + 1 },
        isTakenOver: row.owner !== null,
      };
    });
  }

  move(lease: RunLease, move: RunMove, leaseUntil: number): Promise<boolean> {
    const columns: readonly (readonly [string, string | number | null | undefined])[] = [
      ['phase', move.phase],
      ['position', move.position],
      ['done', move.done],
      ['total', move.total],
      ['applied_at', move.appliedAt],
    ];
    const given = columns.filter(([, value]) => value !== undefined);
    const sets = [...given.map(([column]) => `${column} = ?`), 'lease_until = ?'];
    return this.fenced(lease, sets.join(', '), [...given.map(([, value]) => value), leaseUntil]);
  }

  putDown(lease: RunLease, notBefore: number): Promise<boolean> {
    return this.fenced(lease, 'owner = NULL, lease_until = 0, not_before = ?', [notBefore]);
  }

  end(lease: RunLease, { status, counts, failure }: Parameters<FlowRunStore['end']>[1], at: number): Promise<boolean> {
    return this.fenced(lease, 'status = ?, counts = ?, failure = ?, finished_at = ?, owner = NULL, lease_until = 0', [
      status,
      JSON.stringify(counts),
      failureText(failure),
      at,
    ]);
  }

  pause(lease: RunLease, failure: Failure, at: number): Promise<boolean> {
    return this.fenced(lease, "status = 'paused', failure = ?, not_before = ?, owner = NULL, lease_until = 0", [
      failureText(failure),
      at,
    ]);
  }

  askCancel(id: number, at: number): Promise<boolean> {
    return this.unit.run(async () => {
      const { entities } = this.unit;
      // Nobody works on these: over at once. One under way ends at its next step.
      const idle = await affectedRows(
        entities,
        `UPDATE flow_runs SET status = 'cancelled', finished_at = ?, cancel_asked = 1
         WHERE id = ? AND status IN ('queued', 'paused')`,
        [at, id],
      );
      if (idle === 1) return true;
      return (
        (await affectedRows(entities, "UPDATE flow_runs SET cancel_asked = 1 WHERE id = ? AND status = 'running'", [
          id,
        ])) === 1
      );
    });
  }

  release(id: number): Promise<boolean> {
    return this.unit.run(
      async () =>
        (await affectedRows(
          this.unit.entities,
          `UPDATE flow_runs SET status = 'queued', brake_released = 1, failure = NULL, not_before = 0
           WHERE id = ? AND status = 'paused'`,
          [id],
        )) === 1,
    );
  }

  removeBefore(before: number, limit: number): Promise<number> {
    return this.unit.run(async () => {
      const rows = await selectRows<{ id: number }>(
        this.unit.entities,
        `SELECT id AS id FROM flow_runs WHERE finished_at < ? ORDER BY id LIMIT ?`,
        [before, limit],
      );
      const ids = rows.map((row) => row.id);
      for (const slice of slices(ids)) {
        await affectedRows(this.unit.entities, `DELETE FROM flow_runs WHERE id IN (${marks(slice)})`, [...slice]);
      }
      return ids.length;
    });
  }

  async toLookAt(shopId: number): Promise<readonly FlowRun[]> {
    const rows = await selectRows<RunRow>(
      this.unit.entities,
      `SELECT ${RUN_COLUMNS} FROM flow_runs r JOIN connections c ON c.id = r.connection_id
       WHERE r.status = 'running' AND r.phase = 'looking' AND c.shop_id = ? AND ${'r.`position`'} LIKE '%/rest/%'`,
      [shopId],
    );
    return rows.map(runOf);
  }

  async hurry(shopId: number): Promise<void> {
    const waiting = await selectRows<{ id: number }>(
      this.unit.entities,
      `SELECT r.id AS id FROM flow_runs r JOIN connections c ON c.id = r.connection_id
       WHERE r.status = 'running' AND r.phase IN ('looking', 'settling') AND r.owner IS NULL AND c.shop_id = ?`,
      [shopId],
    );
    if (waiting.length === 0) return;
    const ids = waiting.map(({ id }) => id);
    await this.unit.run(() =>
      affectedRows(this.unit.entities, `UPDATE flow_runs SET not_before = 0 WHERE id IN (${marks(ids)})`, ids),
    );
  }

  async lookedAt({ id, position }: Pick<FlowRun, 'id' | 'position'>): Promise<void> {
    const [since = '0'] = (position ?? '').split('/');
    await this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        `UPDATE flow_runs SET ${'`position`'} = ?, not_before = 0 WHERE id = ? AND phase = 'looking' AND ${'`position`'} = ?`,
        [`${since}/done`, id, position],
      ),
    );
  }

  async toExplain(shopId: number): Promise<readonly FlowRun[]> {
    const rows = await selectRows<RunRow>(
      this.unit.entities,
      `SELECT ${RUN_COLUMNS} FROM flow_runs r JOIN connections c ON c.id = r.connection_id
       WHERE r.status = 'running' AND r.phase = 'explaining' AND c.shop_id = ? AND ${'r.`position`'} <> '0'`,
      [shopId],
    );
    return rows.map(runOf);
  }

  async explained(runId: number): Promise<void> {
    await this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        `UPDATE flow_runs SET ${'`position`'} = '0', not_before = 0 WHERE id = ? AND phase = 'explaining'`,
        [runId],
      ),
    );
  }

  async inTrouble(since: number): Promise<readonly FlowRun[]> {
    const rows = await selectRows<RunRow>(
      this.unit.entities,
      `SELECT ${RUN_COLUMNS} FROM flow_runs r WHERE r.status = 'paused' OR (r.status = 'failed' AND r.finished_at > ?
         AND NOT EXISTS (SELECT 1 FROM flow_runs l WHERE l.connection_id = r.connection_id AND l.id > r.id
           AND l.kind = r.kind AND l.status IN ('succeeded', 'warning', 'failed')))
       ORDER BY r.id`,
      [since],
    );
    return rows.map(runOf);
  }

  async note(runId: number, { at, step, params, failure }: RunNote): Promise<void> {
    await this.unit.run(() =>
      insertRows(
        this.unit.entities,
        'flow_run_steps',
        ['run_id', 'at', 'step', 'params', 'failure'],
        [[runId, at, step, JSON.stringify(params), failureText(failure)]],
      ),
    );
  }

  async notes(runId: number): Promise<readonly RunNote[]> {
    const rows = await selectRows<{ at: number; step: string; params: string | null; failure: string | null }>(
      this.unit.entities,
      `SELECT at AS at, step AS step, params AS params, failure AS failure FROM flow_run_steps
       WHERE run_id = ? ORDER BY id LIMIT ?`,
      [runId, MOST_NOTES],
    );
    return rows.flatMap(({ at, step, params, failure }) => {
      const known = RUN_STEPS.find((each) => each === step);
      return known ? [{ at, step: known, params: paramsOf(params), failure: failureOf(failure) }] : [];
    });
  }

  private fenced(lease: RunLease, sets: string, values: readonly unknown[]): Promise<boolean> {
    return this.unit.run(
      async () =>
        (await affectedRows(
          this.unit.entities,
          `UPDATE flow_runs SET ${sets} WHERE id = ? AND owner = ? AND epoch = ? AND status = 'running'`,
          [...values, lease.runId, lease.owner, lease.epoch],
        )) === 1,
    );
  }
}
