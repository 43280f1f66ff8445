import type { FailureCode } from '../domain/failure';
import { pageOf, type Page, type PageRequest } from '../domain/page';
import type {
  ItemFilter,
  ItemOrder,
  ItemWindow,
  Selection,
  SyncItemState,
  SyncItemViews,
  SyncItemView,
} from '../domain/ports/sync-items';
import type { Quantity } from '../domain/quantity';
import { SYNC_ITEM_STATUSES, type SyncItemStatus } from '../domain/sync-item';
import { containsPattern, marks, selectRows, slices } from './statements';
import { failureOf } from './stored-json';
import {
  factsOf,
  ITEM_COLUMNS,
  ITEM_TABLES,
  type ItemRow,
  levelsOf,
  linkOf,
  stored,
  subjectOf,
  twinsOf,
} from './sync-item-rows';
import type { TypeormUnitOfWork } from './unit-of-work';
import { unseenSales } from './unseen-orders';

const isStatus = (text: string): text is SyncItemStatus => (SYNC_ITEM_STATUSES as readonly string[]).includes(text);

const SOURCE_NAMES = ['p.code', 'p.barcode', 'p.name', 'p.external_id'];
const SHOP_NAMES = ['k.name', 'k.sku'];
const oneIsLike = (columns: readonly string[]): string =>
  columns.map((column) => `${column} LIKE ? ESCAPE '!'`).join(' OR ');

/** One way of spelling a filter as SQL, for lists, counts and selections alike. */
function conditionsOf(
  filter: Partial<ItemFilter>,
  /** False where the order's own index is the better one: a connection may well have nearly all rows. */
  byConnection = true,
): { readonly sql: string; readonly parameters: unknown[] } {
  const conditions: string[] = [];
  const parameters: unknown[] = [];
  if (filter.connectionId) {
    conditions.push(byConnection ? 'i.connection_id = ?' : 'i.connection_id + 0 = ?');
    parameters.push(filter.connectionId);
  }
  if (filter.status) {
    conditions.push('i.status = ?');
    parameters.push(filter.status);
  }
  if (filter.failure) {
    conditions.push('i.failure_code = ?');
    parameters.push(filter.failure.code);
    if (filter.failure.cause !== null) {
      conditions.push('i.failure_cause = ?');
      parameters.push(filter.failure.cause);
    }
  }
  if (filter.text) {
    const pattern = containsPattern(filter.text);
    // What the source calls by a code alone, people look for by its name in the shop.
    conditions.push(
      `(${oneIsLike(SOURCE_NAMES)} OR EXISTS
         (SELECT 1 FROM product_links k WHERE k.item_id = i.id AND (${oneIsLike(SHOP_NAMES)})))`,
    );
    parameters.push(...[...SOURCE_NAMES, ...SHOP_NAMES].map(() => pattern));
  }
  return { sql: conditions.length === 0 ? '1 = 1' : conditions.join(' AND '), parameters };
}

const ORDERS = {
  added: ['i.id ASC'],
  changed: ['i.updated_at DESC', 'i.id DESC'],
  code: ['p.source_id ASC', 'p.code ASC', 'p.id ASC', 'i.id ASC'],
} as const satisfies Readonly<Record<ItemOrder, readonly string[]>>;

const turned = (column: string): string =>
  column.endsWith('ASC') ? column.replace('ASC', 'DESC') : column.replace('DESC', 'ASC');

const orderOf = (order: ItemOrder, backwards: boolean): string =>
  ORDERS[order].map((column) => (backwards ? turned(column) : column)).join(', ');

export class TypeormSyncItemViews implements SyncItemViews {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async list(filter: ItemFilter, { limit, cursor }: PageRequest): Promise<Page<SyncItemView>> {
    const where = conditionsOf(filter);
    const rows = await selectRows<ItemRow>(
      this.unit.entities,
      `SELECT ${ITEM_COLUMNS} FROM ${ITEM_TABLES} WHERE ${where.sql} AND i.id > ? ORDER BY i.id LIMIT ?`,
      [...where.parameters, Number(cursor ?? 0), limit + 1],
    );
    const page = pageOf(rows, limit, (row) => String(row.id));
    return { ...page, data: await this.viewsOf(page.data) };
  }

  /**
   * By ids first, from indices alone, so that far down a list of a hundred thousand it is still quick; from behind, the
   * same is read backwards.
   */
  async window(asked: ItemFilter, { order, offset, limit }: ItemWindow): Promise<readonly SyncItemView[]> {
    const filter = order === 'code' ? await this.ofOnlyConnection(asked) : asked;
    const where = conditionsOf(filter, order === 'code' || filter.status !== null);
    const fromBehind = offset < 0;
    const wanted = fromBehind ? Math.min(limit, -offset) : limit;
    const rows = await selectRows<{ id: number }>(
      this.unit.entities,
      `SELECT i.id AS id FROM ${this.tablesInOrder(order, filter)} WHERE ${where.sql}
       ORDER BY ${orderOf(order, fromBehind)} LIMIT ? OFFSET ?`,
      [...where.parameters, wanted, fromBehind ? -offset - wanted : offset],
    );
    const ids = rows.map(({ id }) => id);
    if (fromBehind) ids.reverse();
    const views = new Map((await this.views(ids)).map((view) => [view.id, view]));
    return ids.flatMap((id) => views.get(id) ?? []);
  }

  async withStatus(ids: readonly number[], status: SyncItemStatus): Promise<readonly number[]> {
    const found: number[] = [];
    for (const slice of slices(ids)) {
      const rows = await selectRows<{ id: number }>(
        this.unit.entities,
        `SELECT id AS id FROM sync_items WHERE status = ? AND id IN (${marks(slice)})`,
        [status, ...slice],
      );
      found.push(...rows.map(({ id }) => id));
    }
    return found;
  }

  async counts(filter: Parameters<SyncItemViews['counts']>[0]): Promise<Readonly<Record<SyncItemStatus, number>>> {
    const where = conditionsOf(filter);
    const join = filter.text ? 'JOIN source_products p ON p.id = i.source_product_id' : '';
    const rows = await selectRows<{ status: string; n: number | string }>(
      this.unit.entities,
      `SELECT i.status AS status, COUNT(*) AS n FROM sync_items i ${join} WHERE ${where.sql} GROUP BY i.status`,
      where.parameters,
    );
    const counts = Object.fromEntries(SYNC_ITEM_STATUSES.map((status) => [status, 0])) as Record<
      SyncItemStatus,
      number
    >;
    for (const row of rows) if (isStatus(row.status)) counts[row.status] = Number(row.n);
    return counts;
  }

  async states(): Promise<readonly SyncItemState[]> {
    const rows = await selectRows<{
      status: string;
      provenSince: number | null;
      waiting: number | string;
      waitingSince: number | null;
    }>(
      this.unit.entities,
      `SELECT status AS status, MIN(last_synced_at) AS provenSince, COUNT(CASE WHEN due_at IS NOT NULL OR status = 'writing' THEN 1 END) AS waiting,
         MIN(CASE WHEN due_at IS NOT NULL OR status = 'writing' THEN waiting_since END) AS waitingSince FROM sync_items GROUP BY status`,
      [],
    );
    return rows.flatMap(({ status, waiting, ...times }) =>
      isStatus(status) ? [{ ...times, status, waiting: Number(waiting) }] : [],
    );
  }

  async find(id: number): Promise<SyncItemView | null> {
    const rows = await selectRows<ItemRow>(
      this.unit.entities,
      `SELECT ${ITEM_COLUMNS} FROM ${ITEM_TABLES} WHERE i.id = ?`,
      [id],
    );
    return (await this.viewsOf(rows))[0] ?? null;
  }

  async views(ids: readonly number[]): Promise<readonly SyncItemView[]> {
    const views: SyncItemView[] = [];
    for (const slice of slices(ids)) {
      const rows = await selectRows<ItemRow>(
        this.unit.entities,
        `SELECT ${ITEM_COLUMNS} FROM ${ITEM_TABLES} WHERE i.id IN (${marks(slice)})`,
        slice,
      );
      views.push(...(await this.viewsOf(rows)));
    }
    return views;
  }

  async ofProducts(
    connectionId: number,
    sourceProductIds: readonly number[],
  ): Promise<readonly { readonly id: number; readonly sourceProductId: number; readonly shown: Quantity | null }[]> {
    const found: { id: number; sourceProductId: number; shown: Quantity | null }[] = [];
    for (const slice of slices(sourceProductIds)) {
      const rows = await selectRows<{ id: number; sourceProductId: number; shown: string | null }>(
        this.unit.entities,
        `SELECT id AS id, source_product_id AS sourceProductId, shown AS shown FROM sync_items
         WHERE connection_id = ? AND source_product_id IN (${marks(slice)})`,
        [connectionId, ...slice],
      );
      for (const row of rows) found.push({ ...row, shown: stored(row.shown) });
    }
    return found;
  }

  async hasToRetry(connectionId: number): Promise<boolean> {
    const rows = await selectRows(
      this.unit.entities,
      `SELECT i.id AS id FROM sync_items i
       WHERE i.connection_id = ? AND i.status IN ('unverified', 'retrying', 'failed', 'unmatched', 'ambiguous')
         AND COALESCE(i.failure_code, '') NOT IN ('mass_zero_held', 'shop_sold', 'shop_differs') LIMIT 1`,
      [connectionId],
    );
    return rows.length > 0;
  }

  async shopsWithFailure(code: FailureCode): Promise<readonly number[]> {
    const rows = await selectRows<{ shopId: number }>(
      this.unit.entities,
      "SELECT DISTINCT shop_id AS shopId FROM sync_items WHERE status = 'failed' AND failure_code = ?",
      [code],
    );
    return rows.map((row) => row.shopId);
  }

  async countInStock(connectionId: number, zeroedSince: number | null): Promise<number> {
    const [row] = await selectRows<{ n: number | string }>(
      this.unit.entities,
      `SELECT COUNT(*) AS n FROM sync_items
       WHERE connection_id = ? AND ((shown IS NOT NULL AND shown <> '0' AND shown NOT LIKE '-%') OR zeroed_at >= ?)`,
      [connectionId, zeroedSince ?? Number.MAX_SAFE_INTEGER],
    );
    return Number(row?.n ?? 0);
  }

  async countZeroedSince(connectionId: number, since: number): Promise<number> {
    const [row] = await selectRows<{ n: number | string }>(
      this.unit.entities,
      'SELECT COUNT(*) AS n FROM sync_items WHERE connection_id = ? AND zeroed_at >= ?',
      [connectionId, since],
    );
    return Number(row?.n ?? 0);
  }

  async select(selection: Selection, afterId: number, limit: number): Promise<readonly number[]> {
    if ('ids' in selection) {
      const ids = [...new Set(selection.ids)].filter((id) => id > afterId).sort((a, b) => a - b);
      const slice = ids.slice(0, limit);
      if (slice.length === 0) return [];
      const rows = await selectRows<{ id: number }>(
        this.unit.entities,
        `SELECT id AS id FROM sync_items WHERE id IN (${marks(slice)}) ORDER BY id`,
        slice,
      );
      return rows.map((row) => row.id);
    }
    const where = conditionsOf(selection.filter);
    const { except = [] } = selection;
    const but = except.length === 0 ? '' : `AND i.id NOT IN (${marks(except)})`;
    const rows = await selectRows<{ id: number }>(
      this.unit.entities,
      `SELECT i.id AS id FROM sync_items i JOIN source_products p ON p.id = i.source_product_id
       WHERE ${where.sql} AND i.id > ? ${but} ORDER BY i.id LIMIT ?`,
      [...where.parameters, afterId, ...except, limit],
    );
    return rows.map((row) => row.id);
  }

  /** Where there is but one connection it is named: an index is walked in its order only within one source. */
  private async ofOnlyConnection(filter: ItemFilter): Promise<ItemFilter> {
    if (filter.connectionId !== null) return filter;
    const found = await selectRows<{ id: number }>(this.unit.entities, 'SELECT id AS id FROM connections LIMIT 2', []);
    const [only, another] = found;
    return only && !another ? { ...filter, connectionId: only.id } : filter;
  }

  /** By code the products are walked through in the order of their index; left to itself the planner sorts them all. */
  private tablesInOrder(order: ItemOrder, { connectionId, text }: ItemFilter): string {
    if (order !== 'code') {
      return text ? 'sync_items i JOIN source_products p ON p.id = i.source_product_id' : 'sync_items i';
    }
    const join = this.unit.isSqlite ? 'CROSS JOIN' : 'STRAIGHT_JOIN';
    const itemsOf = `source_products p ${join} sync_items i ON i.source_product_id = p.id`;
    return connectionId
      ? `connections c ${join} ${itemsOf} AND p.source_id = c.source_id AND c.id = i.connection_id`
      : itemsOf;
  }

  private async viewsOf(rows: readonly ItemRow[]): Promise<SyncItemView[]> {
    const levels = await levelsOf(
      this.unit.entities,
      rows.map((row) => row.sourceProductId),
    );
    const twins = await twinsOf(
      this.unit.entities,
      rows.map((row) => row.id),
    );
    const unseen = await unseenSales(this.unit.entities, rows, twins);
    return rows.map((row) => ({
      id: row.id,
      connectionId: row.connectionId,
      sourceProductId: row.sourceProductId,
      subject: subjectOf(row),
      status: isStatus(row.status) ? row.status : 'failed',
      levels: levels.get(row.sourceProductId) ?? [],
      facts: factsOf(row, unseen.get(row.id) ?? []),
      shown: stored(row.shown),
      lastSyncedAt: row.lastSyncedAt,
      writtenAt: row.writtenAt,
      dueAt: row.dueAt,
      attempts: row.attempts,
      link: linkOf(row, twins.get(row.id) ?? []),
      failure: failureOf(row.failure),
      updatedAt: row.updatedAt,
    }));
  }
}
