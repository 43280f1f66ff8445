import type { Failure } from '../domain/failure';
import {
  LINE_OUTCOMES,
  type LineOutcome,
  RUN_KINDS,
  RUN_STATUSES,
  type RunCounts,
  type RunKind,
  type RunPhase,
  type RunStatus,
} from '../domain/flow-run';
import { pageOf, type Page, type PageRequest } from '../domain/page';
import type { FlowRun, FlowRunStore, LineEnd, RunLease, RunLine, RunMove } from '../domain/ports/flow-runs';
import type { ReadPush } from '../domain/ports/stock-source';
import { quantity, type Quantity } from '../domain/quantity';
import { affectedRows, insertOne, insertRows, marks, selectRows, slices } from './statements';
import { failureOf } from './stored-json';
import type { TypeormUnitOfWork } from './unit-of-work';

const PHASES: readonly string[] = ['reading', 'applying', 'settling'] satisfies RunPhase[];
const isPhase = (text: string): text is RunPhase => PHASES.includes(text);
const isStatus = (text: string): text is RunStatus => (RUN_STATUSES as readonly string[]).includes(text);
const isKind = (text: string): text is RunKind => (RUN_KINDS as readonly string[]).includes(text);
const isOutcome = (text: string | null): text is LineOutcome =>
  text !== null && (LINE_OUTCOMES as readonly string[]).includes(text);

const stored = (text: string | null): Quantity | null => (text === null ? null : quantity(text));
const failureText = (failure: Failure | null): string | null => (failure === null ? null : JSON.stringify(failure));

const RUN_COLUMNS = `r.id AS id, r.connection_id AS connectionId, r.kind AS kind, r.started_by AS startedBy,
  r.asked_by AS askedBy, r.status AS status, r.phase AS phase, r.position AS ${'`position`'}, r.done AS done,
  r.total AS total, r.counts AS counts, r.failure AS failure, r.cancel_asked AS cancelAsked,
  r.brake_released AS brakeReleased, r.undo_of AS undoOf, r.asked_at AS askedAt, r.started_at AS startedAt,
  r.applied_at AS appliedAt, r.finished_at AS finishedAt, r.epoch AS epoch`;

const LINE_COLUMNS = `l.line_no AS lineNo, l.code AS code, l.barcode AS barcode, l.name AS name,
  l.external_id AS externalId, l.warehouse AS warehouse, l.quantity AS quantity, l.refusal AS refusal,
  l.observed_at AS observedAt, l.item_id AS itemId, l.before_quantity AS ${'`before`'}, l.wanted AS wanted,
  l.after_quantity AS ${'`after`'}, l.outcome AS outcome, l.failure AS failure`;

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
  undoOf: number | null;
  askedAt: number;
  startedAt: number | null;
  appliedAt: number | null;
  finishedAt: number | null;
  epoch: number;
}

interface LineRow {
  lineNo: number;
  code: string | null;
  barcode: string | null;
  name: string | null;
  externalId: string | null;
  warehouse: string | null;
  quantity: string | null;
  refusal: string | null;
  observedAt: number | null;
  itemId: number | null;
  before: string | null;
  wanted: string | null;
  after: string | null;
  outcome: string | null;
  failure: string | null;
}

const countsOf = (text: string | null): RunCounts => {
  const value: unknown = text === null ? {} : JSON.parse(text);
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter(([outcome, n]) => isOutcome(outcome) && typeof n === 'number'),
  );
};

const runOf = ({ epoch: _, ...row }: RunRow): FlowRun => ({
  ...row,
  kind: isKind(row.kind) ? row.kind : 'check',
  startedBy: row.startedBy === 'schedule' ? 'schedule' : 'person',
  status: isStatus(row.status) ? row.status : 'failed',
  phase: isPhase(row.phase) ? row.phase : 'reading',
  counts: countsOf(row.counts),
  failure: failureOf(row.failure),
  cancelAsked: Boolean(row.cancelAsked),
  brakeReleased: Boolean(row.brakeReleased),
});

const lineOf = (row: LineRow): RunLine => ({
  ...row,
  quantity: stored(row.quantity),
  before: stored(row.before),
  wanted: stored(row.wanted),
  after: stored(row.after),
  outcome: isOutcome(row.outcome) ? row.outcome : null,
  failure: failureOf(row.failure),
});

const OPEN = "('queued', 'running', 'paused')";
/** Items that a worker has still to look at; one in test mode is due and has no time. */
const WAITS = "(i.status = 'writing' OR (i.status = 'due' AND i.due_at IS NOT NULL))";

export class TypeormFlowRunStore implements FlowRunStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

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
        phase: 'reading',
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

  take(
    owner: string,
    at: number,
    leaseUntil: number,
  ): Promise<{ readonly run: FlowRun; readonly lease: RunLease } | null> {
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
      return { run: { ...runOf(row), status: 'running' }, lease: { runId: row.id, owner, epoch: row.epoch + 1 } };
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

  async addLines(runId: number, from: number, lines: ReadPush): Promise<void> {
    await this.unit.run(() =>
      insertRows(
        this.unit.entities,
        'flow_run_lines',
        [
          'run_id',
          'line_no',
          'code',
          'barcode',
          'name',
          'external_id',
          'warehouse',
          'quantity',
          'refusal',
          'observed_at',
          'outcome',
        ],
        lines.map((line, position) =>
          'change' in line
            ? [
                runId,
                from + position,
                line.change.code,
                line.change.barcode,
                line.change.name,
                line.change.externalId,
                line.change.warehouse,
                line.change.quantity,
                null,
                line.change.observedAt,
                null,
              ]
            : [
                runId,
                from + position,
                line.refused.code,
                null,
                null,
                null,
                null,
                null,
                line.refused.refusal,
                null,
                'rejected',
              ],
        ),
      ),
    );
  }

  async addItemLines(
    runId: number,
    from: number,
    lines: readonly { readonly itemId: number; readonly wanted: Quantity | null; readonly before: Quantity | null }[],
  ): Promise<void> {
    await this.unit.run(() =>
      insertRows(
        this.unit.entities,
        'flow_run_lines',
        ['run_id', 'line_no', 'item_id', 'before_quantity', 'wanted'],
        lines.map(({ itemId, wanted, before }, position) => [runId, from + position, itemId, before, wanted]),
      ),
    );
  }

  async lines(runId: number, after: number, limit: number): Promise<readonly RunLine[]> {
    const rows = await selectRows<LineRow>(
      this.unit.entities,
      // What the source calls it stands in the line, or with the item.
      `SELECT ${LINE_COLUMNS.replace('l.code AS code, l.barcode AS barcode, l.name AS name', 'COALESCE(l.code, p.code) AS code, COALESCE(l.barcode, p.barcode) AS barcode, COALESCE(l.name, p.name) AS name')}
       FROM flow_run_lines l LEFT JOIN sync_items i ON i.id = l.item_id
       LEFT JOIN source_products p ON p.id = i.source_product_id
       WHERE l.run_id = ? AND l.line_no > ? ORDER BY l.line_no LIMIT ?`,
      [runId, after, limit],
    );
    return rows.map(lineOf);
  }

  async linkItems(runId: number, lines: Parameters<FlowRunStore['linkItems']>[1]): Promise<void> {
    await this.unit.run(async () => {
      for (const { lineNo, itemId, before, outcome } of lines) {
        await affectedRows(
          this.unit.entities,
          'UPDATE flow_run_lines SET item_id = ?, before_quantity = ?, outcome = ? WHERE run_id = ? AND line_no = ?',
          [itemId, before, outcome, runId, lineNo],
        );
      }
    });
  }

  async endLines(runId: number, ends: readonly LineEnd[]): Promise<void> {
    await this.unit.run(async () => {
      for (const { lineNo, wanted, after, outcome, failure } of ends) {
        await affectedRows(
          this.unit.entities,
          `UPDATE flow_run_lines SET wanted = ?, after_quantity = ?, outcome = ?, failure = ?
           WHERE run_id = ? AND line_no = ?`,
          [wanted, after, outcome, failureText(failure), runId, lineNo],
        );
      }
    });
  }

  async waiting(runId: number): Promise<{ readonly waiting: number; readonly items: number }> {
    const [row] = await selectRows<{ items: number | string; waiting: number | string | null }>(
      this.unit.entities,
      `SELECT COUNT(*) AS items, SUM(CASE WHEN ${WAITS} THEN 1 ELSE 0 END) AS waiting
       FROM flow_run_lines l JOIN sync_items i ON i.id = l.item_id WHERE l.run_id = ?`,
      [runId],
    );
    return { waiting: Number(row?.waiting ?? 0), items: Number(row?.items ?? 0) };
  }

  async count(runId: number): Promise<RunCounts> {
    const rows = await selectRows<{ outcome: string; n: number | string }>(
      this.unit.entities,
      'SELECT outcome AS outcome, COUNT(*) AS n FROM flow_run_lines WHERE run_id = ? AND outcome IS NOT NULL GROUP BY outcome',
      [runId],
    );
    return Object.fromEntries(rows.flatMap(({ outcome, n }) => (isOutcome(outcome) ? [[outcome, Number(n)]] : [])));
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
