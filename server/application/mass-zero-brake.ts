import { isMassZero } from '../domain/mass-zero';
import type { Connection } from '../domain/ports/connections';
import type { SyncItemStore, SyncItemView } from '../domain/ports/sync-items';
import type { StockChange } from '../domain/stock-change';
import { targetOfItem } from '../domain/target-of-item';
import { isChosen, warehouseKey } from '../domain/warehouse';

type Items = Pick<SyncItemStore, 'ofProducts' | 'views' | 'countInStock'>;

/**
 * Items the shop shows in stock that would go to 0 by what the source says now, before it is stored. `told` is by source
 * product.
 */
export async function itemsGoingToZero(
  items: Items,
  connection: Connection,
  told: ReadonlyMap<number, readonly StockChange[]>,
): Promise<readonly number[]> {
  const found = await items.ofProducts(connection.id, [...told.keys()]);
  const stocked = found.filter(({ shown }) => inStock(shown));
  const views = await items.views(stocked.map(({ id }) => id));
  return views.filter((view) => goesToZero(view, told.get(view.sourceProductId) ?? [], connection)).map(({ id }) => id);
}

/**
 * How many of how many, when that looks like a mistake of the source; null when it does not. What went to 0 at or after
 * `zeroedSince` counts as in stock still: it is part of the same burst.
 */
export async function massZeroAmong(
  items: Items,
  connection: Connection,
  zeros: number,
  zeroedSince: number | null = null,
): Promise<{ readonly zeros: number; readonly inStock: number } | null> {
  const stocked = await items.countInStock(connection.id, zeroedSince);
  return isMassZero(zeros, stocked) ? { zeros, inStock: stocked } : null;
}

const inStock = (shown: string | null): boolean => shown !== null && shown !== '0' && !shown.startsWith('-');

function goesToZero(view: SyncItemView, told: readonly StockChange[], connection: Connection): boolean {
  const levels = new Map(view.levels.map((level) => [warehouseKey(level.warehouse), level]));
  let held = view.facts.held;
  for (const { warehouse, quantity } of told) {
    if (!isChosen(connection.warehouses, warehouse)) continue;
    if (levels.get(warehouseKey(warehouse))?.quantity !== quantity) held = null;
    levels.set(warehouseKey(warehouse), { warehouse, quantity });
  }
  const facts = { ...view.facts, held };
  return !inStock(targetOfItem({ levels: [...levels.values()], facts }, connection)?.target ?? '1');
}
