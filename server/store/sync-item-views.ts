import type { FailureCode } from '../domain/failure';
import { pageOf, type Page, type PageRequest } from '../domain/page';
import type { ItemFilter, Selection, SyncItemViews, SyncItemView } from '../domain/ports/sync-items';
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

const isStatus = (text: string): text is SyncItemStatus => (SYNC_ITEM_STATUSES as readonly string[]).includes(text);

/** One way of spelling a filter as SQL, for lists, counts and selections alike. */
function conditionsOf(filter: Partial<ItemFilter>): { readonly sql: string; readonly parameters: unknown[] } {
  const conditions: string[] = [];
  const parameters: unknown[] = [];
  if (filter.connectionId) {
    conditions.push('i.connection_id = ?');
    parameters.push(filter.connectionId);
  }
  if (filter.status) {
    conditions.push('i.status = ?');
    parameters.push(filter.status);
  }
  if (filter.text) {
    const pattern = containsPattern(filter.text);
    conditions.push(
      "(p.code LIKE ? ESCAPE '!' OR p.barcode LIKE ? ESCAPE '!' OR p.name LIKE ? ESCAPE '!' OR p.external_id LIKE ? ESCAPE '!')",
    );
    parameters.push(pattern, pattern, pattern, pattern);
  }
  return { sql: conditions.length === 0 ? '1 = 1' : conditions.join(' AND '), parameters };
}

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

  async counts(filter: Omit<ItemFilter, 'status'>): Promise<Readonly<Record<SyncItemStatus, number>>> {
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
    const rows = await selectRows<{ id: number }>(
      this.unit.entities,
      `SELECT i.id AS id FROM sync_items i JOIN source_products p ON p.id = i.source_product_id
       WHERE ${where.sql} AND i.id > ? ORDER BY i.id LIMIT ?`,
      [...where.parameters, afterId, limit],
    );
    return rows.map((row) => row.id);
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
    return rows.map((row) => ({
      id: row.id,
      connectionId: row.connectionId,
      sourceProductId: row.sourceProductId,
      subject: subjectOf(row),
      status: isStatus(row.status) ? row.status : 'failed',
      levels: levels.get(row.sourceProductId) ?? [],
      facts: factsOf(row),
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
