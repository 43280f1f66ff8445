import type { ShopProductRef, ShopWriteBatch, StockWrite } from './ports/shop-target';

/** WooCommerce refuses more in one call ("Unable to accept more than 100 items for this request"). */
export const LARGEST_BATCH = 100;

/**
 * The fewest calls that write these lines: simple products together, variations by parent, at most `size` a call.
 * The order of the lines is kept within each call, so the most urgent go first.
 */
export function planBatches(writes: readonly StockWrite[], size: number = LARGEST_BATCH): ShopWriteBatch[] {
  const limit = Math.max(1, Math.min(size, LARGEST_BATCH));
  const groups = new Map<number | null, StockWrite[]>();
  for (const write of writes) {
    const parent = parentOf(write.ref);
    const group = groups.get(parent);
    if (group) group.push(write);
    else groups.set(parent, [write]);
  }
  const batches: ShopWriteBatch[] = [];
  for (const [parentId, lines] of groups) {
    for (let start = 0; start < lines.length; start += limit) {
      batches.push({ parentId, writes: lines.slice(start, start + limit) });
    }
  }
  return batches;
}

/** A variation is written under its parent; everything else is written as a product of its own. */
export const parentOf = (ref: ShopProductRef): number | null => (ref.variationId === null ? null : ref.productId);

export const refKey = (ref: ShopProductRef): string => `${ref.productId}/${ref.variationId ?? 0}`;
