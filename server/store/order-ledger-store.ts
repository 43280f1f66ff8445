import type { Failure } from '../domain/failure';
import type { SalesInAll } from '../domain/hand-edit';
import { RELEASE_REASONS, type ReleaseReason } from '../domain/order-rule';
import { pageOf, type Page, type PageRequest } from '../domain/page';
import type {
  HeardBy,
  LedgerLine,
  LedgerOrder,
  LedgerState,
  LevelFall,
  OrderFilter,
  OrderLedgerStore,
  Release,
  SalesChange,
  UnseenAsked,
} from '../domain/ports/order-ledger';
import type { ShopOrder } from '../domain/ports/shop-orders';
import { quantity, type Quantity } from '../domain/quantity';
import { type KeptLine, keepOrders } from './kept-orders';
import { addSales, salesInAll } from './product-sales';
import { affectedRows, insertRows, marks, selectRows, slices } from './statements';
import { failureOf, failureText } from './stored-json';
import { refOf } from './sync-item-rows';
import type { TypeormUnitOfWork } from './unit-of-work';
import { IS_OPEN, LINE_COLUMNS, lineOf, type LineRow, openLinesOf } from './unseen-orders';

const HEARD_BY: readonly string[] = ['webhook', 'poll', 'bridge'] satisfies HeardBy[];
const isHeardBy = (text: string): text is HeardBy => HEARD_BY.includes(text);
const isReason = (text: string): text is ReleaseReason => RELEASE_REASONS.some((reason) => reason === text);

interface OrderRow extends Omit<LedgerOrder, 'heardBy' | 'lines'> {
  readonly heardBy: string;
}

const RELEASE_COLUMNS = ['quantity', 'reason', 'released_by', 'released_at'];
const ORDER_COLUMNS = `o.id AS id, o.shop_id AS shopId, o.order_id AS orderId, o.number AS number, o.status AS status,
  o.placed_at AS placedAt, o.modified_at AS modifiedAt, o.heard_at AS heardAt, o.heard_by AS heardBy,
  o.gone_at AS goneAt`;

export class TypeormOrderLedgerStore implements OrderLedgerStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async state(shopId: number): Promise<LedgerState | null> {
    const [row] = await selectRows<Omit<LedgerState, 'failure'> & { failure: string | null }>(
      this.unit.entities,
      `SELECT shop_id AS shopId, began_at AS beganAt, read_to AS readTo, polled_at AS polledAt, due_at AS dueAt,
         failure AS failure, heard_at AS heardAt, lag_ms AS lagMs FROM order_ledgers WHERE shop_id = ?`,
      [shopId],
    );
    return row ? { ...row, failure: failureOf(row.failure) } : null;
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

  async noteRead(shopId: number, readTo: number, at: number, dueAt: number): Promise<void> {
    await this.change(shopId, { read_to: readTo, polled_at: at, due_at: dueAt, failure: null });
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

  async openPlacedBefore(connectionId: number, before: number): Promise<readonly LedgerLine[]> {
    const rows = await selectRows<LineRow>(
      this.unit.entities,
      `SELECT ${LINE_COLUMNS} FROM connections c JOIN web_orders o ON o.shop_id = c.shop_id AND o.placed_at <= ?
       JOIN web_order_lines n ON n.web_order_id = o.id
       LEFT JOIN order_releases r ON r.connection_id = c.id AND r.line_row_id = n.id
       WHERE c.id = ? AND ${IS_OPEN} ORDER BY o.placed_at, n.id LIMIT 500`,
      [before, connectionId],
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
        `SELECT o.id AS id FROM web_orders o WHERE o.modified_at < ? AND NOT EXISTS (SELECT 1 FROM web_order_lines n
           JOIN connections c ON c.shop_id = n.shop_id AND c.order_rule IS NOT NULL
           LEFT JOIN order_releases r ON r.connection_id = c.id AND r.line_row_id = n.id
           WHERE n.web_order_id = o.id AND ${IS_OPEN}) LIMIT ?`,
        [before, limit],
      );
      if (rows.length === 0) return 0;
      const ids = rows.map(({ id }) => id);
      return affectedRows(this.unit.entities, `DELETE FROM web_orders WHERE id IN (${marks(ids)})`, ids);
    });
  }

  removeFallsBefore(before: number): Promise<number> {
    return this.unit.run(() => affectedRows(this.unit.entities, 'DELETE FROM level_falls WHERE fell_at < ?', [before]));
  }

  async list({ shopId, unseenOnly }: OrderFilter, { limit, cursor }: PageRequest): Promise<Page<LedgerOrder>> {
    const conditions = ['o.id < ?'];
    const parameters: (string | number)[] = [Number(cursor ?? Number.MAX_SAFE_INTEGER)];
    if (shopId !== null) {
      conditions.push('o.shop_id = ?');
      parameters.push(shopId);
    }
    if (unseenOnly) {
      conditions.push(`EXISTS (SELECT 1 FROM web_order_lines n
        JOIN connections c ON c.shop_id = n.shop_id AND c.order_rule IS NOT NULL
        LEFT JOIN order_releases r ON r.connection_id = c.id AND r.line_row_id = n.id
        WHERE n.web_order_id = o.id AND ${IS_OPEN})`);
    }
    const rows = await selectRows<OrderRow>(
      this.unit.entities,
      `SELECT ${ORDER_COLUMNS} FROM web_orders o WHERE ${conditions.join(' AND ')} ORDER BY o.id DESC LIMIT ?`,
      [...parameters, limit + 1],
    );
    const page = pageOf(rows, limit, ({ id }) => String(id));
    return { ...page, data: await this.whole(page.data) };
  }

  async find(id: number): Promise<LedgerOrder | null> {
    return (await this.where('o.id = ?', id))[0] ?? null;
  }

  withOrderId(orderId: number): Promise<readonly LedgerOrder[]> {
    return this.where('o.order_id = ?', orderId);
  }

  private async where(condition: string, value: number): Promise<readonly LedgerOrder[]> {
    const rows = await selectRows<OrderRow>(
      this.unit.entities,
      `SELECT ${ORDER_COLUMNS} FROM web_orders o WHERE ${condition} ORDER BY o.id`,
      [value],
    );
    return this.whole(rows);
  }

  private async whole(orders: readonly OrderRow[]): Promise<readonly LedgerOrder[]> {
    const ids = orders.map(({ id }) => id);
    const lines = new Map<number, LedgerOrder['lines'][number][]>();
    for (const slice of slices(ids)) {
      const rows = await selectRows<KeptLine & { orderRow: number }>(
        this.unit.entities,
        `SELECT id AS id, web_order_id AS orderRow, line_id AS lineId, product_id AS productId,
           variation_id AS variationId, held AS held FROM web_order_lines WHERE web_order_id IN (${marks(slice)}) ORDER BY id`,
        slice,
      );
      const releases = await this.releasesOf(rows.map(({ id }) => id));
      for (const row of rows) {
        const line = {
          lineId: row.lineId,
          ref: refOf(row.productId, row.variationId),
          held: quantity(row.held),
          releases: releases.get(row.id) ?? [],
        };
        lines.set(row.orderRow, [...(lines.get(row.orderRow) ?? []), line]);
      }
    }
    return orders.map(({ heardBy, ...order }) => ({
      ...order,
      heardBy: isHeardBy(heardBy) ? heardBy : 'poll',
      lines: lines.get(order.id) ?? [],
    }));
  }

  private async releasesOf(lineRows: readonly number[]) {
    const found = new Map<number, LedgerOrder['lines'][number]['releases'][number][]>();
    for (const slice of slices(lineRows)) {
      const rows = await selectRows<{
        connectionId: number;
        lineRow: number;
        quantity: string;
        reason: string;
        by: string | null;
        at: number;
      }>(
        this.unit.entities,
        `SELECT connection_id AS connectionId, line_row_id AS lineRow, quantity AS quantity, reason AS reason,
           released_by AS ${'`by`'}, released_at AS at FROM order_releases WHERE line_row_id IN (${marks(slice)})
         ORDER BY connection_id`,
        slice,
      );
      for (const { lineRow, reason, ...row } of rows) {
        const release = { ...row, quantity: quantity(row.quantity), reason: isReason(reason) ? reason : 'by_hand' };
        found.set(lineRow, [
          ...(found.get(lineRow) ?? []),
          release as LedgerOrder['lines'][number]['releases'][number],
        ]);
      }
    }
    return found;
  }

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
