import { DIFFERENCE_REASONS, type DifferenceReason } from '../domain/difference';
import { LINE_OUTCOMES, type LineOutcome, type RunCounts } from '../domain/flow-run';
import type { FlowRun, FlowRunLines, LineEnd, RunLine } from '../domain/ports/flow-runs';
import type { ShopProductRef } from '../domain/ports/shop-target';
import type { ReadPush } from '../domain/ports/stock-source';
import { quantity, type Quantity } from '../domain/quantity';
import type { SyncItemStatus } from '../domain/sync-item';
import { insertRows, marks, selectRows, slices } from './statements';
import { failureOf, failureText, paramsOf } from './stored-json';
import { LEFT_ALONE } from './sync-item-rows';
import type { TypeormUnitOfWork } from './unit-of-work';

export const isOutcome = (text: string | null): text is LineOutcome =>
  text !== null && (LINE_OUTCOMES as readonly string[]).includes(text);

const stored = (text: string | null): Quantity | null => (text === null ? null : quantity(text));
const keyOf = ({ productId, variationId }: ShopProductRef): string =>
  `${variationId === null ? productId : ''}/${variationId ?? ''}`;

const LINE_COLUMNS = `l.line_no AS lineNo, l.code AS code, l.barcode AS barcode, l.name AS name,
  l.external_id AS externalId, l.warehouse AS warehouse, l.quantity AS quantity, l.refusal AS refusal,
  l.observed_at AS observedAt, l.item_id AS itemId, l.before_quantity AS ${'`before`'}, l.wanted AS wanted,
  l.after_quantity AS ${'`after`'}, l.outcome AS outcome, l.failure AS failure,
  l.seen_quantity AS seen, l.reason AS reason, l.reason_params AS reasonParams`;

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
  seen: string | null;
  reason: string | null;
  reasonParams: string | null;
}

const lineOf = (row: LineRow): RunLine => ({
  ...row,
  quantity: stored(row.quantity),
  before: stored(row.before),
  wanted: stored(row.wanted),
  after: stored(row.after),
  outcome: isOutcome(row.outcome) ? row.outcome : null,
  failure: failureOf(row.failure),
  seen: stored(row.seen),
  reason: DIFFERENCE_REASONS.find((each) => each === row.reason) ?? null,
  reasonParams: paramsOf(row.reasonParams),
});

/**
 * Items that a worker has still to look at; one in test mode is due and has no time. A number that no order explains is
 * looked at once more in a moment, and judged then.
 */
const WAITS = `(i.status = 'writing' OR (i.status = 'due' AND i.due_at IS NOT NULL)
  OR (i.status = 'unverified' AND i.failure_code = 'number_unexplained'))`;

/** The lines of runs: a run of a large shop has a hundred thousand, so they are changed many at a time. */
export class TypeormFlowRunLines implements FlowRunLines {
  constructor(private readonly unit: TypeormUnitOfWork) {}

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

  lines(runId: number, after: number, limit: number): Promise<readonly RunLine[]> {
    return this.linesWhere('l.run_id = ? AND l.line_no > ?', [runId, after], limit);
  }

  unequalLines(runId: number, after: number, limit: number): Promise<readonly RunLine[]> {
    const where = "l.run_id = ? AND l.line_no > ? AND (l.outcome IS NULL OR l.outcome <> 'equal')";
    return this.linesWhere(where, [runId, after], limit);
  }

  openLines(runId: number, after: number, limit: number): Promise<readonly RunLine[]> {
    const where = 'l.run_id = ? AND l.line_no > ? AND l.item_id IS NOT NULL AND l.outcome IS NULL';
    return this.linesWhere(where, [runId, after], limit);
  }

  linesWith(
    runId: number,
    reasons: readonly DifferenceReason[],
    after: number,
    limit: number,
  ): Promise<readonly RunLine[]> {
    const where = `l.run_id = ? AND l.line_no > ? AND l.reason IN (${marks(reasons)})`;
    return this.linesWhere(where, [runId, after, ...reasons], limit);
  }

  async linkItems(runId: number, lines: Parameters<FlowRunLines['linkItems']>[1]): Promise<void> {
    await this.setLines(
      runId,
      ['item_id', 'before_quantity', 'outcome', 'reason', 'reason_params'],
      lines.map(({ lineNo, itemId, before, outcome, difference }) => [
        lineNo,
        itemId,
        before,
        outcome,
        difference?.reason ?? null,
        difference === null ? null : JSON.stringify(difference.params),
      ]),
    );
  }

  async itemsWithoutLine(
    { id, connectionId }: Pick<FlowRun, 'id' | 'connectionId'>,
    statuses: readonly SyncItemStatus[] | null,
    after: number,
    limit: number,
  ): Promise<readonly number[]> {
    const rows = await selectRows<{ id: number }>(
      this.unit.entities,
      `SELECT i.id AS id FROM sync_items i
       WHERE i.connection_id = ? AND i.id > ? AND ${statuses === null ? "i.status <> 'offline'" : `i.status IN (${marks(statuses)})`}
         AND NOT EXISTS (SELECT 1 FROM flow_run_lines l WHERE l.item_id = i.id AND l.run_id = ?)
       ORDER BY i.id LIMIT ?`,
      [connectionId, after, ...(statuses ?? []), id, limit],
    );
    return rows.map((row) => row.id);
  }

  async sightings(runId: number): Promise<{ readonly items: number; readonly seen: number }> {
    const [row] = await selectRows<{ items: number | string; seen: number | string }>(
      this.unit.entities,
      'SELECT COUNT(item_id) AS items, COUNT(seen_quantity) AS seen FROM flow_run_lines WHERE run_id = ?',
      [runId],
    );
    return { items: Number(row?.items ?? 0), seen: Number(row?.seen ?? 0) };
  }

  async noteSeen(shopId: number, seen: Parameters<FlowRunLines['noteSeen']>[1]): Promise<void> {
    const runs = await selectRows<{ id: number }>(
      this.unit.entities,
      `SELECT r.id AS id FROM flow_runs r JOIN connections c ON c.id = r.connection_id
       WHERE r.status = 'running' AND r.kind IN ('pull', 'check', 'sync')
         AND r.phase IN ('reading', 'applying', 'listing', 'looking') AND c.shop_id = ?`,
      [shopId],
    );
    if (runs.length === 0) return;
    const shown = new Map(
      seen.flatMap(({ ref, quantity: number }) => (number === null ? [] : [[keyOf(ref), number] as const])),
    );
    for (const slice of slices(seen)) {
      for (const [column, ids] of [
        [
          'k.variation_id = 0 AND k.product_id',
          slice.flatMap(({ ref }) => (ref.variationId === null ? [ref.productId] : [])),
        ],
        ['k.variation_id', slice.flatMap(({ ref }) => ref.variationId ?? [])],
      ] as const) {
        if (ids.length === 0) continue;
        // A product with translations is in step only when all of them are: those are looked at one by one.
        const rows = await selectRows<{ runId: number; lineNo: number; productId: number; variationId: number }>(
          this.unit.entities,
          `SELECT l.run_id AS runId, l.line_no AS lineNo, k.product_id AS productId, k.variation_id AS variationId
           FROM product_links k JOIN flow_run_lines l ON l.item_id = k.item_id
           WHERE k.shop_id = ? AND ${column} IN (${marks(ids)}) AND l.run_id IN (${marks(runs)})
             AND NOT EXISTS (SELECT 1 FROM product_link_twins t WHERE t.item_id = k.item_id)`,
          [shopId, ...ids, ...runs.map((run) => run.id)],
        );
        for (const { id } of runs) {
          await this.setLines(
            id,
            ['seen_quantity'],
            rows.flatMap(({ runId, lineNo, productId, variationId }) => {
              const number = shown.get(keyOf({ productId, variationId: variationId === 0 ? null : variationId }));
              return runId === id && number !== undefined ? [[lineNo, number]] : [];
            }),
          );
        }
      }
    }
  }

  async noteMirrored(runId: number, since: number, after: number, limit: number): Promise<number | null> {
    const rows = await selectRows<{ lineNo: number }>(
      this.unit.entities,
      'SELECT line_no AS lineNo FROM flow_run_lines WHERE run_id = ? AND line_no > ? ORDER BY line_no LIMIT ?',
      [runId, after, limit],
    );
    const last = rows.at(-1);
    if (last === undefined) return null;
    const found = await selectRows<{ lineNo: number; seen: string }>(
      this.unit.entities,
      `SELECT l.line_no AS lineNo, e.quantity AS seen
       FROM flow_run_lines l JOIN product_links k ON k.item_id = l.item_id
       JOIN catalog_entries e ON e.shop_id = k.shop_id AND e.product_id = k.product_id AND e.variation_id = k.variation_id
       WHERE l.run_id = ? AND l.line_no > ? AND l.line_no <= ? AND l.seen_quantity IS NULL AND l.outcome IS NULL
         AND e.seen_at >= ? AND e.quantity IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM product_link_twins t WHERE t.item_id = k.item_id)`,
      [runId, after, last.lineNo, since],
    );
    await this.setLines(
      runId,
      ['seen_quantity'],
      found.map(({ lineNo, seen }) => [lineNo, seen]),
    );
    return last.lineNo;
  }

  seenLines(runId: number, limit: number): Promise<readonly RunLine[]> {
    const where = `l.run_id = ? AND l.item_id IS NOT NULL AND l.outcome IS NULL AND l.seen_quantity IS NOT NULL
      AND l.wanted IS NULL`;
    return this.linesWhere(where, [runId], limit);
  }

  noteWanted(runId: number, lines: Parameters<FlowRunLines['noteWanted']>[1]): Promise<void> {
    return this.setLines(
      runId,
      ['wanted'],
      lines.map(({ lineNo, wanted }) => [lineNo, wanted]),
    );
  }

  async unseenLines(
    runId: number,
    after: number,
    limit: number,
  ): Promise<readonly { readonly lineNo: number; readonly itemId: number }[]> {
    return selectRows<{ lineNo: number; itemId: number }>(
      this.unit.entities,
      `SELECT l.line_no AS lineNo, l.item_id AS itemId FROM flow_run_lines l JOIN sync_items i ON i.id = l.item_id
       WHERE l.run_id = ? AND l.line_no > ? AND l.seen_quantity IS NULL AND (i.status = 'synced' OR ${LEFT_ALONE})
       ORDER BY l.line_no LIMIT ?`,
      [runId, after, limit],
    );
  }

  noteSeenOf(runId: number, lines: Parameters<FlowRunLines['noteSeenOf']>[1]): Promise<void> {
    return this.setLines(
      runId,
      ['seen_quantity'],
      lines.map(({ lineNo, seen }) => [lineNo, seen]),
    );
  }

  async noteDifferences(runId: number, lines: Parameters<FlowRunLines['noteDifferences']>[1]): Promise<void> {
    const explained = (each: (typeof lines)[number]) => [
      each.difference.reason,
      JSON.stringify(each.difference.params),
    ];
    await this.setLines(
      runId,
      ['reason', 'reason_params'],
      lines.flatMap((each) => (each.before === undefined ? [[each.lineNo, ...explained(each)]] : [])),
    );
    await this.setLines(
      runId,
      ['reason', 'reason_params', 'before_quantity'],
      lines.flatMap((each) => (each.before === undefined ? [] : [[each.lineNo, ...explained(each), each.before]])),
    );
  }

  async endLines(runId: number, ends: readonly LineEnd[]): Promise<void> {
    await this.setLines(
      runId,
      ['wanted', 'after_quantity', 'outcome', 'failure'],
      ends.map(({ lineNo, wanted, after, outcome, failure }) => [lineNo, wanted, after, outcome, failureText(failure)]),
    );
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

  private async linesWhere(where: string, values: readonly unknown[], limit: number): Promise<readonly RunLine[]> {
    const rows = await selectRows<LineRow>(
      this.unit.entities,
      // What the source calls it stands in the line, or with the item.
      `SELECT ${LINE_COLUMNS.replace('l.code AS code, l.barcode AS barcode, l.name AS name', 'COALESCE(l.code, p.code) AS code, COALESCE(l.barcode, p.barcode) AS barcode, COALESCE(l.name, p.name) AS name')}
       FROM flow_run_lines l LEFT JOIN sync_items i ON i.id = l.item_id
       LEFT JOIN source_products p ON p.id = i.source_product_id
       WHERE ${where} ORDER BY l.line_no LIMIT ?`,
      [...values, limit],
    );
    return rows.map(lineOf);
  }

  /** Sets these columns of lines that are there; each row is the number of its line and a value for each column. */
  private async setLines(
    runId: number,
    columns: readonly string[],
    rows: readonly (readonly (string | number | null)[])[],
  ): Promise<void> {
    if (rows.length === 0) return;
    const isSqlite = this.unit.isSqlite;
    const sets = columns.map((each) => (isSqlite ? `${each} = excluded.${each}` : `${each} = VALUES(${each})`));
    await this.unit.run(() =>
      insertRows(
        this.unit.entities,
        'flow_run_lines',
        ['run_id', 'line_no', ...columns],
        rows.map((row) => [runId, ...row]),
        isSqlite
          ? `ON CONFLICT (run_id, line_no) DO UPDATE SET ${sets.join(', ')}`
          : `ON DUPLICATE KEY UPDATE ${sets.join(', ')}`,
      ),
    );
  }
}
