import { RELEASE_REASONS, type ReleaseReason } from '../domain/order-rule';
import { pageOf, type Page, type PageRequest } from '../domain/page';
import { HEARD_BY, type HeardBy, type LedgerState } from '../domain/ports/order-ledger';
import type {
  LedgerOrder,
  OrderFilter,
  OrderLedgerViews,
  SavedSales,
  UnknownOrders,
} from '../domain/ports/order-views';
import { multiplyQuantity, quantity, type Quantity, sumQuantities } from '../domain/quantity';
import { CONCERNS, ordersThatFit } from './order-conditions';
import { marks, selectRows, slices } from './statements';
import { failureOf } from './stored-json';
import { refOf } from './sync-item-rows';
import type { TypeormUnitOfWork } from './unit-of-work';
import { IS_OPEN } from './unseen-orders';

const isHeardBy = (text: string): text is HeardBy => (HEARD_BY as readonly string[]).includes(text);
const isReason = (text: string): text is ReleaseReason => RELEASE_REASONS.some((reason) => reason === text);

export const STATES = `SELECT shop_id AS shopId, began_at AS beganAt, read_to AS readTo,
  COALESCE(thrown_away_to, began_at) AS thrownAwayTo, polled_at AS polledAt, due_at AS dueAt, failure AS failure, heard_at AS heardAt, lag_ms AS lagMs FROM order_ledgers`;
export type StateRow = Omit<LedgerState, 'failure'> & { readonly failure: string | null };
export const stateOf = (row: StateRow): LedgerState => ({ ...row, failure: failureOf(row.failure) });

type OrderRow = Omit<LedgerOrder, 'heardBy' | 'lines'> & { readonly heardBy: string };

const ORDER_COLUMNS = `o.id AS id, o.shop_id AS shopId, o.order_id AS orderId, o.number AS number, o.status AS status,
  o.placed_at AS placedAt, o.modified_at AS modifiedAt, o.heard_at AS heardAt, o.heard_by AS heardBy,
  o.gone_at AS goneAt`;

/** With what a line is called, and the item that keeps its number: itself, as a translation, through its parent, or before the shop lost it. */
const LINES = `SELECT n.id AS id, n.web_order_id AS orderRow, n.line_id AS lineId, n.product_id AS productId,
  n.variation_id AS variationId, n.held AS held, n.saved AS saved, COALESCE(e.name, l.name, p.name, s.name) AS name,
  COALESCE(l.item_id, t.item_id, p.item_id, f.item_id) AS itemId, i.connection_id AS connectionId
  FROM web_order_lines n
  LEFT JOIN product_links l ON l.shop_id = n.shop_id AND l.product_id = n.product_id AND l.variation_id = n.variation_id
  LEFT JOIN product_link_twins t
    ON t.shop_id = n.shop_id AND t.product_id = n.product_id AND t.variation_id = n.variation_id
  LEFT JOIN product_links p
    ON n.variation_id > 0 AND p.shop_id = n.shop_id AND p.product_id = n.product_id AND p.variation_id = 0
  LEFT JOIN former_links f ON f.shop_id = n.shop_id AND f.product_id = n.product_id AND f.variation_id = n.variation_id
  LEFT JOIN product_links s ON s.item_id = f.item_id
  LEFT JOIN sync_items i ON i.id = COALESCE(l.item_id, t.item_id, p.item_id, f.item_id)
  LEFT JOIN catalog_entries e
    ON e.shop_id = n.shop_id AND e.product_id = n.product_id AND e.variation_id = n.variation_id`;

interface KeptLine {
  readonly id: number;
  readonly orderRow: number;
  readonly lineId: number;
  readonly productId: number;
  readonly variationId: number;
  readonly held: string;
  readonly saved: string | null;
  readonly name: string | null;
  readonly itemId: number | null;
  readonly connectionId: number | null;
}

type Release = LedgerOrder['lines'][number]['releases'][number];

const PLACED = 'COALESCE(o.placed_at, o.heard_at)';
const OPEN_ORDERS = `connections c JOIN web_orders o ON o.shop_id = c.shop_id AND o.all_known = 0
  JOIN web_order_lines n ON n.web_order_id = o.id
  LEFT JOIN order_releases r ON r.connection_id = c.id AND r.line_row_id = n.id`;

/** What is shown of web orders. */
export class TypeormOrderLedgerViews implements OrderLedgerViews {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async list(filter: OrderFilter, { limit, cursor }: PageRequest): Promise<Page<LedgerOrder>> {
    const { join, conditions, parameters } = await ordersThatFit(this.unit.entities, filter);
    const rows = await selectRows<OrderRow>(
      this.unit.entities,
      `SELECT ${ORDER_COLUMNS} FROM web_orders o ${join} WHERE ${[...conditions, 'o.id < ?'].join(' AND ')}
       ORDER BY o.id DESC LIMIT ?`,
      [...parameters, Number(cursor ?? Number.MAX_SAFE_INTEGER), limit + 1],
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

  async states(): Promise<readonly LedgerState[]> {
    return (await selectRows<StateRow>(this.unit.entities, `${STATES} ORDER BY shop_id`, [])).map(stateOf);
  }

  async unknown(connectionIds: readonly number[]): Promise<readonly UnknownOrders[]> {
    if (connectionIds.length === 0) return [];
    const counts = await selectRows<{ connectionId: number; orders: number | string }>(
      this.unit.entities,
      `SELECT c.id AS connectionId, COUNT(DISTINCT o.id) AS orders FROM ${OPEN_ORDERS}
       WHERE c.id IN (${marks(connectionIds)}) AND ${IS_OPEN} AND ${CONCERNS} GROUP BY c.id ORDER BY c.id`,
      connectionIds,
    );
    const unknown: UnknownOrders[] = [];
    for (const { connectionId, orders } of counts) {
      const [oldest] = await selectRows<UnknownOrders['oldest']>(
        this.unit.entities,
        `SELECT o.order_id AS orderId, o.number AS number, ${PLACED} AS placedAt FROM ${OPEN_ORDERS}
         WHERE c.id = ? AND ${IS_OPEN} AND ${CONCERNS} ORDER BY ${PLACED}, o.id LIMIT 1`,
        [connectionId],
      );
      if (oldest) unknown.push({ connectionId, orders: Number(orders), oldest });
    }
    return unknown;
  }

  async saved(since: number): ReturnType<OrderLedgerViews['saved']> {
    const { entities } = this.unit;
    const before = await selectRows<{ shopId: number; orders: number; pieces: string }>(
      entities,
      'SELECT shop_id AS shopId, saved_orders AS orders, saved_pieces AS pieces FROM order_ledgers',
      [],
    );
    // +: by the index of what was saved; SQLite would take the one of the shop's lines and read them all.
    const orders = await selectRows<{ shopId: number; every: number | string; lately: number | string }>(
      entities,
      `SELECT shop_id AS shopId, COUNT(DISTINCT web_order_id) AS every,
         COUNT(DISTINCT CASE WHEN saved_at >= ? THEN web_order_id END) AS lately
       FROM web_order_lines WHERE saved_at > 0 GROUP BY +shop_id`,
      [since],
    );
    // Quantities are decimal text, which a database would add up as floats: each that occurs is counted instead.
    const pieces = await selectRows<{ shopId: number; saved: string; every: number | string; lately: number | string }>(
      entities,
      `SELECT shop_id AS shopId, saved AS saved, COUNT(*) AS every,
         COUNT(CASE WHEN saved_at >= ? THEN 1 END) AS lately
       FROM web_order_lines WHERE saved_at > 0 GROUP BY +shop_id, saved`,
      [since],
    );
    const piecesOf = (shopId: number, which: 'every' | 'lately'): Quantity =>
      sumQuantities(
        pieces
          .filter((row) => row.shopId === shopId)
          .map(({ saved, [which]: times }) => multiplyQuantity(quantity(saved), Number(times))),
      );
    return new Map(
      before.map(({ shopId, orders: more, pieces: morePieces }) => {
        const kept = orders.find((row) => row.shopId === shopId);
        const all: SavedSales = {
          orders: more + Number(kept?.every ?? 0),
          pieces: sumQuantities([quantity(morePieces), piecesOf(shopId, 'every')]),
        };
        return [shopId, { all, lately: { orders: Number(kept?.lately ?? 0), pieces: piecesOf(shopId, 'lately') } }];
      }),
    );
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
    const lines = new Map<number, LedgerOrder['lines'][number][]>();
    for (const slice of slices(orders.map(({ id }) => id))) {
      const rows = await selectRows<KeptLine>(
        this.unit.entities,
        `${LINES} WHERE n.web_order_id IN (${marks(slice)}) ORDER BY n.id`,
        slice,
      );
      const releases = await this.releasesOf(rows.map(({ id }) => id));
      for (const row of rows) {
        const { id, orderRow, productId, variationId, held, saved, ...line } = row;
        const whole = {
          ...line,
          ref: refOf(productId, variationId),
          held: quantity(held),
          saved: saved === null ? null : quantity(saved),
          releases: releases.get(id) ?? [],
        };
        lines.set(orderRow, [...(lines.get(orderRow) ?? []), whole]);
      }
    }
    return orders.map(({ heardBy, ...order }) => ({
      ...order,
      heardBy: isHeardBy(heardBy) ? heardBy : 'poll',
      lines: lines.get(order.id) ?? [],
    }));
  }

  private async releasesOf(lineRows: readonly number[]): Promise<ReadonlyMap<number, readonly Release[]>> {
    const found = new Map<number, Release[]>();
    for (const slice of slices(lineRows)) {
      const rows = await selectRows<
        Omit<Release, 'quantity' | 'reason' | 'by'> & {
          readonly lineRow: number;
          readonly quantity: string;
          readonly reason: string;
          readonly releasedBy: string | null;
        }
      >(
        this.unit.entities,
        `SELECT connection_id AS connectionId, line_row_id AS lineRow, quantity AS quantity, reason AS reason,
           released_by AS releasedBy, released_at AS at FROM order_releases WHERE line_row_id IN (${marks(slice)})
         ORDER BY connection_id`,
        slice,
      );
      for (const { lineRow, reason, releasedBy, ...row } of rows) {
        const release = {
          ...row,
          quantity: quantity(row.quantity),
          reason: isReason(reason) ? reason : ('by_hand' as const),
          by: releasedBy,
        };
        found.set(lineRow, [...(found.get(lineRow) ?? []), release]);
      }
    }
    return found;
  }
}
