import type { Failure } from '../domain/failure';
import type { SalesInAll } from '../domain/hand-edit';
import type {
  HeardBy,
  LedgerLine,
  LedgerState,
  LevelFall,
  OrderLedgerStore,
  Release,
  SalesChange,
  UnseenAsked,
} from '../domain/ports/order-ledger';
import type { OrderLedgerViews } from '../domain/ports/order-views';
import type { ShopOrder } from '../domain/ports/shop-orders';
import { quantity, type Quantity, sumQuantities } from '../domain/quantity';
import { keepOrders, waitForTurn } from './kept-orders';
import { hasOpenLines } from './order-conditions';
import { stateOf, type StateRow, STATES, TypeormOrderLedgerViews } from './order-ledger-views';
import { addSales, salesInAll } from './product-sales';
import { affectedRows, insertRows, marks, selectRows, slices } from './statements';
import { failureText } from './stored-json';
import type { TypeormUnitOfWork } from './unit-of-work';
import { IS_OPEN, LINE_COLUMNS, lineOf, type LineRow, openLinesOf, TOOK_AT } from './unseen-orders';

/** A reading that takes longer has ended with its process. */
const LONGEST_READING_MS = 60_000;
const RELEASE_COLUMNS = ['quantity', 'reason', 'released_by', 'released_at'];

export class TypeormOrderLedgerStore implements OrderLedgerStore {
  private readonly views: TypeormOrderLedgerViews;

  constructor(private readonly unit: TypeormUnitOfWork) {
    this.views = new TypeormOrderLedgerViews(unit);
  }

  async state(shopId: number): Promise<LedgerState | null> {
    const [row] = await selectRows<StateRow>(this.unit.entities, `${STATES} WHERE shop_id = ?`, [shopId]);
    return row ? stateOf(row) : null;
  }

  async begin(shopId: number, shopTime: number, dueAt: number): Promise<void> {
    await this.unit.run(() =>
      insertRows(
        this.unit.entities,
        'order_ledgers',
        ['shop_id', 'began_at', 'read_to', 'due_at'],
        [[shopId, shopTime, shopTime, dueAt]],
        this.unit.isSqlite ? 'ON CONFLICT (shop_id) DO NOTHING' : 'ON DUPLICATE KEY UPDATE shop_id = shop_id',
      ),
    );
  }

  async end(shopId: number): Promise<void> {
    await this.unit.run(() =>
      affectedRows(this.unit.entities, 'DELETE FROM order_ledgers WHERE shop_id = ?', [shopId]),
    );
  }

  async knowAll(connectionIds: readonly number[], at: number): Promise<void> {
    if (connectionIds.length === 0) return;
    await this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        `INSERT INTO order_releases (connection_id, line_row_id, quantity, reason, released_by, released_at)
         SELECT c.id, n.id, n.held, 'before', NULL, ? FROM connections c JOIN web_order_lines n ON n.shop_id = c.shop_id
         LEFT JOIN order_releases r ON r.connection_id = c.id AND r.line_row_id = n.id
         WHERE c.id IN (${marks(connectionIds)}) AND ${IS_OPEN} ${this.onReleaseKnown}`,
        [at, ...connectionIds],
      ),
    );
  }

  async beginReading(shopId: number, began: number): Promise<void> {
    await this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        'UPDATE order_ledgers SET due_at = ? WHERE shop_id = ? AND due_at <= ?',
        // Where it never ends.
        [began + LONGEST_READING_MS, shopId, began],
      ),
    );
  }

  async noteRead(shopId: number, readTo: number, began: number, at: number, dueAt: number): Promise<void> {
    await this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        `UPDATE order_ledgers SET read_to = ?, polled_at = ?, failure = NULL,
           due_at = CASE WHEN due_at > ? AND due_at < ? AND due_at <> ? THEN due_at ELSE ? END WHERE shop_id = ?`,
        [readTo, at, began, dueAt, began + LONGEST_READING_MS, dueAt, shopId],
      ),
    );
  }

  async noteThrownAwayRead(shopId: number, readTo: number): Promise<void> {
    await this.change(shopId, { thrown_away_to: readTo });
  }

  async postpone(shopId: number, failure: Failure, dueAt: number): Promise<void> {
    await this.change(shopId, { failure: failureText(failure), due_at: dueAt });
  }

  async noteGone(shopId: number, orderId: number, at: number): Promise<void> {
    await this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        'UPDATE web_orders SET gone_at = ? WHERE shop_id = ? AND order_id = ? AND gone_at IS NULL',
        [at, shopId, orderId],
      ),
    );
  }

  async noteHeard(shopId: number, lagMs: number, at: number): Promise<void> {
    await this.change(shopId, { heard_at: at, lag_ms: lagMs });
  }

  async noteUntold(shopId: number): Promise<void> {
    await this.change(shopId, { lag_ms: null });
  }

  async askRead(shopId: number, at: number): Promise<void> {
    await this.unit.run(() =>
      affectedRows(this.unit.entities, 'UPDATE order_ledgers SET due_at = ? WHERE shop_id = ? AND due_at > ?', [
        at,
        shopId,
        at,
      ]),
    );
  }

  keep(
    shopId: number,
    orders: readonly ShopOrder[],
    heardBy: HeardBy,
    at: number,
  ): ReturnType<OrderLedgerStore['keep']> {
    return this.unit.run(() => keepOrders(this.unit.entities, shopId, orders, heardBy, at));
  }

  waitForTurn(shopIds: readonly number[]): Promise<void> {
    return waitForTurn(this.unit.entities, shopIds);
  }

  async openLinesOf(webOrderIds: readonly number[]): Promise<readonly LedgerLine[]> {
    const lines: LedgerLine[] = [];
    for (const slice of slices(webOrderIds)) {
      const rows = await selectRows<LineRow>(
        this.unit.entities,
        `SELECT ${LINE_COLUMNS} FROM web_order_lines n JOIN web_orders o ON o.id = n.web_order_id
         JOIN connections c ON c.shop_id = n.shop_id AND c.order_rule IS NOT NULL
         LEFT JOIN order_releases r ON r.connection_id = c.id AND r.line_row_id = n.id
         WHERE n.web_order_id IN (${marks(slice)}) AND ${IS_OPEN} ORDER BY o.placed_at, n.id`,
        slice,
      );
      lines.push(...rows.map(lineOf));
    }
    return lines;
  }

  openLines(asked: readonly UnseenAsked[]): Promise<ReadonlyMap<number, readonly LedgerLine[]>> {
    return openLinesOf(this.unit.entities, asked);
  }

  async addSales(shopId: number, changes: readonly SalesChange[]): Promise<void> {
    await this.unit.run(() => addSales(this.unit.entities, shopId, changes));
  }

  sales(asked: readonly UnseenAsked[]): Promise<ReadonlyMap<number, SalesInAll>> {
    return salesInAll(this.unit.entities, asked);
  }

  async openTakenBefore(connectionId: number, before: number): Promise<readonly LedgerLine[]> {
    const rows = await selectRows<LineRow>(
      this.unit.entities,
      `SELECT ${LINE_COLUMNS} FROM connections c JOIN web_orders o ON o.shop_id = c.shop_id AND o.placed_at <= ?
         AND o.all_known = 0
       JOIN web_order_lines n ON n.web_order_id = o.id
       LEFT JOIN order_releases r ON r.connection_id = c.id AND r.line_row_id = n.id
       WHERE c.id = ? AND ${TOOK_AT} <= ? AND ${IS_OPEN} ORDER BY o.placed_at, n.id LIMIT 500`,
      [before, connectionId, before],
    );
    return rows.map(lineOf);
  }

  async release(releases: readonly Release[], at: number): Promise<void> {
    await this.unit.run(() =>
      insertRows(
        this.unit.entities,
        'order_releases',
        ['connection_id', 'line_row_id', ...RELEASE_COLUMNS],
        releases.map((each) => [each.connectionId, each.lineId, each.quantity, each.reason, each.by, at]),
        this.onReleaseKnown,
      ),
    );
  }

  async keepFalls(falls: readonly Omit<LevelFall, 'id'>[]): Promise<void> {
    await this.unit.run(() =>
      insertRows(
        this.unit.entities,
        'level_falls',
        ['connection_id', 'source_product_id', 'quantity', 'fell_at'],
        falls.map((fall) => [fall.connectionId, fall.sourceProductId, fall.quantity, fall.fellAt]),
      ),
    );
  }

  async falls(connectionId: number, sourceProductId: number, since: number): Promise<readonly LevelFall[]> {
    const rows = await selectRows<Omit<LevelFall, 'quantity'> & { quantity: string }>(
      this.unit.entities,
      `SELECT id AS id, connection_id AS connectionId, source_product_id AS sourceProductId, quantity AS quantity,
         fell_at AS fellAt FROM level_falls
       WHERE connection_id = ? AND source_product_id = ? AND fell_at >= ? ORDER BY fell_at, id`,
      [connectionId, sourceProductId, since],
    );
    return rows.map((row) => ({ ...row, quantity: quantity(row.quantity) }));
  }

  async leaveOfFall(id: number, left: Quantity): Promise<void> {
    await this.unit.run(() =>
      left === '0'
        ? affectedRows(this.unit.entities, 'DELETE FROM level_falls WHERE id = ?', [id])
        : affectedRows(this.unit.entities, 'UPDATE level_falls SET quantity = ? WHERE id = ?', [left, id]),
    );
  }

  removeKnownBefore(before: number, limit: number): Promise<number> {
    return this.unit.run(async () => {
      const rows = await selectRows<{ id: number }>(
        this.unit.entities,
        `SELECT o.id AS id FROM web_orders o WHERE o.modified_at < ? AND NOT ${hasOpenLines('o')} LIMIT ?`,
        [before, limit],
      );
      if (rows.length === 0) return 0;
      const ids = rows.map(({ id }) => id);
      await this.addUpSaved(ids);
      return affectedRows(this.unit.entities, `DELETE FROM web_orders WHERE id IN (${marks(ids)})`, ids);
    });
  }

  /** What was saved of orders that go stays counted. */
  private async addUpSaved(webOrderIds: readonly number[]): Promise<void> {
    const { entities } = this.unit;
    const lines = await selectRows<{ shopId: number; orderRow: number; saved: string }>(
      entities,
      `SELECT shop_id AS shopId, web_order_id AS orderRow, saved AS saved FROM web_order_lines
       WHERE web_order_id IN (${marks(webOrderIds)}) AND saved_at IS NOT NULL`,
      webOrderIds,
    );
    for (const shopId of new Set(lines.map((line) => line.shopId))) {
      const mine = lines.filter((line) => line.shopId === shopId);
      const [known] = await selectRows<{ pieces: string }>(
        entities,
        'SELECT saved_pieces AS pieces FROM order_ledgers WHERE shop_id = ?',
        [shopId],
      );
      await affectedRows(
        entities,
        'UPDATE order_ledgers SET saved_orders = saved_orders + ?, saved_pieces = ? WHERE shop_id = ?',
        [
          new Set(mine.map(({ orderRow }) => orderRow)).size,
          sumQuantities([quantity(known?.pieces ?? '0'), ...mine.map(({ saved }) => quantity(saved))]),
          shopId,
        ],
      );
    }
  }

  removeFallsBefore(before: number): Promise<number> {
    return this.unit.run(() => affectedRows(this.unit.entities, 'DELETE FROM level_falls WHERE fell_at < ?', [before]));
  }

  async doubtOrders(webOrderIds: readonly number[]): Promise<void> {
    await this.unit.run(async () => {
      for (const slice of slices(webOrderIds)) {
        await affectedRows(
          this.unit.entities,
          `UPDATE web_orders SET all_known = 0 WHERE all_known <> 0 AND id IN (${marks(slice)})`,
          [...slice],
        );
      }
    });
  }

  async doubtOrdersOf(shopId: number): Promise<void> {
    await this.unit.run(() =>
      affectedRows(this.unit.entities, 'UPDATE web_orders SET all_known = 0 WHERE all_known <> 0 AND shop_id = ?', [
        shopId,
      ]),
    );
  }

  passByKnown(after: number, limit: number): Promise<number | null> {
    return this.unit.run(async () => {
      // Held until the end: an order that is kept meanwhile is doubted after this, and not passed by unseen.
      const rows = await selectRows<{ id: number }>(
        this.unit.entities,
        `SELECT id AS id FROM web_orders WHERE all_known = 0 AND id > ? ORDER BY id LIMIT ?${this.unit.isSqlite ? '' : ' FOR UPDATE'}`,
        [after, limit],
      );
      const last = rows.at(-1);
      if (!last) return null;
      const ids = rows.map(({ id }) => id);
      await affectedRows(
        this.unit.entities,
        // Also what concerns no source yet: its product may be found tomorrow, and its hours must end one day.
        `UPDATE web_orders SET all_known = 1 WHERE id IN (${marks(ids)}) AND NOT ${hasOpenLines('web_orders', '', '')}`,
        ids,
      );
      return last.id;
    });
  }

  readonly list: OrderLedgerViews['list'] = (...asked) => this.views.list(...asked);
  readonly find: OrderLedgerViews['find'] = (...asked) => this.views.find(...asked);
  readonly withOrderId: OrderLedgerViews['withOrderId'] = (...asked) => this.views.withOrderId(...asked);
  readonly states: OrderLedgerViews['states'] = (...asked) => this.views.states(...asked);
  readonly unknown: OrderLedgerViews['unknown'] = (...asked) => this.views.unknown(...asked);
  readonly saved: OrderLedgerViews['saved'] = (...asked) => this.views.saved(...asked);

  private get onReleaseKnown(): string {
    const set = (given: (column: string) => string) =>
      RELEASE_COLUMNS.map((column) => `${column} = ${given(column)}`).join(', ');
    return this.unit.isSqlite
      ? `ON CONFLICT (connection_id, line_row_id) DO UPDATE SET ${set((column) => `excluded.${column}`)}`
      : `ON DUPLICATE KEY UPDATE ${set((column) => `VALUES(${column})`)}`;
  }

  private async change(shopId: number, values: Readonly<Record<string, string | number | null>>): Promise<void> {
    const columns = Object.keys(values);
    await this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        `UPDATE order_ledgers SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE shop_id = ?`,
        [...Object.values(values), shopId],
      ),
    );
  }
}
