import type { EntityManager } from 'typeorm';
import { unseenOf } from '../domain/order-ledger';
import type { LedgerLine } from '../domain/ports/order-ledger';
import type { Settlement } from '../domain/ports/sync-items';
import type { Quantity } from '../domain/quantity';
import { type ChosenWarehouses, isChosen } from '../domain/warehouse';
import { affectedRows, marks, selectRows, slices } from './statements';
import { openLinesOf } from './unseen-orders';

/**
 * Marks what of web orders was saved: lines that a source does not know of, placed before it told the level that the
 * shop shows now. Without counting, that level would have been written over them. In the unit of work that settles; where
 * web orders are not counted it asks one question that finds nothing.
 */
export async function noteSavedSales(
  entities: EntityManager,
  settled: readonly Settlement[],
  at: number,
): Promise<void> {
  const open = await openLinesOf(
    entities,
    settled.flatMap(({ status, item, link = item.link }) =>
      status !== 'synced' || link === null
        ? []
        : [{ id: item.id, connectionId: item.connectionId, refs: [link.ref, ...link.twins] }],
    ),
  );
  if (open.size === 0) return;
  const told = await toldAt(entities, [...open.keys()]);
  const saved = new Map<Quantity, Set<number>>();
  for (const [itemId, lines] of open) {
    for (const line of lines.filter((each) => isBefore(each, told.get(itemId)))) {
      const unseen = unseenOf(line);
      saved.set(unseen, (saved.get(unseen) ?? new Set()).add(line.id));
    }
  }
  for (const [unseen, lines] of saved) {
    for (const ids of slices([...lines])) {
      await affectedRows(
        entities,
        `UPDATE web_order_lines SET saved = ?, saved_at = ? WHERE saved_at IS NULL AND id IN (${marks(ids)})`,
        [unseen, at, ...ids],
      );
    }
  }
}

const isBefore = ({ tookAt }: LedgerLine, told: number | undefined): boolean =>
  tookAt !== null && told !== undefined && tookAt < told;

/** When the source last told a level that counts, by item. */
async function toldAt(entities: EntityManager, itemIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const rows = await selectRows<{ itemId: number; chosen: string; warehouse: string; at: number }>(
    entities,
    `SELECT i.id AS itemId, c.warehouses AS chosen, w.name AS warehouse, s.updated_at AS at
     FROM sync_items i JOIN connections c ON c.id = i.connection_id
     JOIN stock_levels s ON s.source_product_id = i.source_product_id JOIN warehouses w ON w.id = s.warehouse_id
     WHERE i.id IN (${marks(itemIds)})`,
    itemIds,
  );
  const told = new Map<number, number>();
  for (const { itemId, chosen, warehouse, at } of rows) {
    if (!isChosen(JSON.parse(chosen) as ChosenWarehouses, warehouse)) continue;
    told.set(itemId, Math.max(told.get(itemId) ?? 0, at));
  }
  return told;
}
