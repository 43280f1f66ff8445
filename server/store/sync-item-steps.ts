import { pageOf, type Page, type PageRequest } from '../domain/page';
import type { AttemptStep, StockPoint, SyncItemSteps, TimelineRow } from '../domain/ports/sync-items';
import { CAME_TO_NOTHING } from './order-conditions';
import { affectedRows, insertRows, marks, selectRows } from './statements';
import { keeperOf, keeperTables } from './stock-keeper';
import { failureOf, failureText, paramsOf } from './stored-json';
import { stored } from './sync-item-rows';
import type { TypeormUnitOfWork } from './unit-of-work';

const STEP_COLUMNS = [
  'item_id',
  'at',
  'step',
  'outcome',
  'before_quantity',
  'after_quantity',
  'wanted',
  'params',
  'failure',
  'made_by',
];

/** When we heard of what it took, or, of what has come to nothing, when it did. */
const ORDER_AT = "CASE WHEN n.held = '0' THEN COALESCE(o.gone_at, o.modified_at) ELSE o.heard_at END";

export class TypeormSyncItemSteps implements SyncItemSteps {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async timeline(
    itemId: number,
    { limit, cursor }: PageRequest,
    kinds: readonly TimelineRow['step'][] = [],
  ): Promise<Page<TimelineRow>> {
    const own = kinds.filter((kind) => kind !== 'push' && kind !== 'order');
    const ofKind = kinds.length === 0 ? '' : own.length === 0 ? 'AND 1 = 0' : `AND a.step IN (${marks(own)})`;
    const withPushes = kinds.length === 0 || kinds.includes('push');
    const withOrders = kinds.length === 0 || kinds.includes('order');
    // Newest first, pushes and orders after the steps they led to when the clock shows the same moment.
    const [at, rank, id] = (cursor ?? `${Number.MAX_SAFE_INTEGER}.9.0`).split('.').map(Number);
    const before = (column: string, ownRank: number) =>
      `(${column} < ? OR (${column} = ? AND (${ownRank} < ? OR (${ownRank} = ? AND %id% < ?))))`;
    const bounds = [at, at, rank, rank, id];
    const steps = await selectRows<{
      id: number;
      at: number;
      step: string;
      outcome: string;
      before: string | null;
      after: string | null;
      wanted: string | null;
      params: string | null;
      failure: string | null;
      madeBy: string | null;
    }>(
      this.unit.entities,
      `SELECT a.id AS id, a.at AS at, a.step AS step, a.outcome AS outcome, a.before_quantity AS ${'`before`'},
         a.after_quantity AS ${'`after`'}, a.wanted AS wanted, a.params AS params, a.failure AS failure, a.made_by AS madeBy
       FROM sync_attempts a WHERE a.item_id = ? AND ${before('a.at', 2).replace('%id%', 'a.id')} ${ofKind}
       ORDER BY a.at DESC, a.id DESC LIMIT ?`,
      [itemId, ...bounds, ...own, limit + 1],
    );
    const lines = !withPushes
      ? []
      : await selectRows<{
          id: number;
          at: number;
          pushId: number;
          outcome: string;
          before: string | null;
          after: string | null;
          warehouse: string | null;
          source: string;
        }>(
          this.unit.entities,
          `SELECT n.push_id * 16384 + n.line_index AS id, u.received_at AS at, u.id AS pushId, n.outcome AS outcome,
         n.before_quantity AS ${'`before`'}, n.quantity AS ${'`after`'}, n.warehouse AS warehouse, s.name AS source
       FROM sync_items i JOIN stock_push_lines n ON n.source_product_id = i.source_product_id
         JOIN stock_pushes u ON u.id = n.push_id JOIN sources s ON s.id = u.source_id
       WHERE i.id = ? AND ${before('u.received_at', 1).replace('%id%', 'n.push_id * 16384 + n.line_index')}
       ORDER BY u.received_at DESC, id DESC LIMIT ?`,
          [itemId, ...bounds, limit + 1],
        );
    const orders = !withOrders
      ? []
      : await selectRows<{ id: number; at: number; order: string; shopId: number; held: string }>(
          this.unit.entities,
          `SELECT n.id AS id, ${ORDER_AT} AS at, o.number AS ${'`order`'}, n.shop_id AS shopId, n.held AS held
       FROM (SELECT shop_id, product_id, variation_id FROM product_links WHERE item_id = ?
             UNION SELECT shop_id, product_id, variation_id FROM product_link_twins WHERE item_id = ?
             UNION SELECT shop_id, product_id, variation_id FROM former_links WHERE item_id = ?) l
         JOIN web_order_lines n ON n.shop_id = l.shop_id AND n.product_id = l.product_id
         JOIN web_orders o ON o.id = n.web_order_id
         ${keeperTables('n')}
       WHERE (CASE WHEN ${keeperOf('n')} = 'parent' THEN 0 ELSE n.variation_id END) = l.variation_id
         AND (n.held <> '0' OR ${CAME_TO_NOTHING}) AND ${before(ORDER_AT, 0).replace('%id%', 'n.id')}
       ORDER BY at DESC, id DESC LIMIT ?`,
          [itemId, itemId, itemId, ...bounds, limit + 1],
        );
    const rows = [
      ...orders.map(({ id, at: when, order, shopId, held }) => ({
        key: [when, 0, id] as const,
        entry: {
          itemId,
          at: when,
          step: 'order',
          outcome: held === '0' ? 'gone' : 'sold',
          before: null,
          after: null,
          wanted: null,
          params: { order, shopId, quantity: held },
          failure: null,
          by: null,
          pushId: null,
        } satisfies TimelineRow,
      })),
      ...steps.map((row) => ({
        key: [row.at, 2, row.id] as const,
        entry: {
          itemId,
          at: row.at,
          step: row.step as AttemptStep['step'],
          outcome: row.outcome,
          before: stored(row.before),
          after: stored(row.after),
          wanted: stored(row.wanted),
          params: paramsOf(row.params),
          failure: failureOf(row.failure),
          by: row.madeBy,
          pushId: null,
        } satisfies TimelineRow,
      })),
      ...lines.map((row) => ({
        key: [row.at, 1, Number(row.id)] as const,
        entry: {
          itemId,
          at: row.at,
          step: 'push',
          outcome: row.outcome,
          before: stored(row.before),
          after: stored(row.after),
          wanted: null,
          params: { source: row.source, warehouse: row.warehouse ?? '' },
          failure: null,
          by: null,
          pushId: row.pushId,
        } satisfies TimelineRow,
      })),
    ].sort((a, b) => b.key[0] - a.key[0] || b.key[1] - a.key[1] || b.key[2] - a.key[2]);
    const page = pageOf(rows, limit, (row) => row.key.join('.'));
    return { ...page, data: page.data.map((row) => row.entry) };
  }

  async lastPush(itemId: number): Promise<TimelineRow | null> {
    const { data } = await this.timeline(itemId, { limit: 1, cursor: null }, ['push']);
    return data[0] ?? null;
  }

  async stockPoints(itemId: number, since: number, limit: number): Promise<readonly StockPoint[]> {
    const rows = await selectRows<{ at: number; wanted: string | null; shown: string | null }>(
      this.unit.entities,
      `SELECT at AS at, wanted AS wanted, COALESCE(after_quantity, before_quantity) AS shown FROM sync_attempts
       WHERE item_id = ? AND at >= ? AND step IN ('look', 'write', 'verify')
         AND (wanted IS NOT NULL OR after_quantity IS NOT NULL OR before_quantity IS NOT NULL)
       ORDER BY id DESC LIMIT ?`,
      [itemId, since, limit],
    );
    return rows.reverse().map(({ at, wanted, shown }) => ({ at, wanted: stored(wanted), shown: stored(shown) }));
  }

  async recordSteps(steps: readonly AttemptStep[]): Promise<void> {
    await this.unit.run(async () => {
      await insertRows(
        this.unit.entities,
        'sync_attempts',
        STEP_COLUMNS,
        steps.map((step) => [
          step.itemId,
          step.at,
          step.step,
          step.outcome,
          step.before,
          step.after,
          step.wanted,
          Object.keys(step.params).length === 0 ? null : JSON.stringify(step.params),
          failureText(step.failure),
          step.by,
        ]),
      );
    });
  }

  removeStepsBefore(before: number, limit: number): Promise<number> {
    return this.unit.run(async () => {
      const ids = (
        await selectRows<{ id: number }>(
          this.unit.entities,
          'SELECT id AS id FROM sync_attempts WHERE at < ? ORDER BY at LIMIT ?',
          [before, limit],
        )
      ).map((row) => row.id);
      return ids.length === 0
        ? 0
        : affectedRows(this.unit.entities, `DELETE FROM sync_attempts WHERE id IN (${marks(ids)})`, ids);
    });
  }
}
