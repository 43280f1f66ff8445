import type { EntityManager } from 'typeorm';
import { stillReleased } from '../domain/order-ledger';
import type { HeardBy, KeptOrder } from '../domain/ports/order-ledger';
import type { ShopOrder } from '../domain/ports/shop-orders';
import type { ShopProductRef } from '../domain/ports/shop-target';
import { equalQuantities, quantity } from '../domain/quantity';
import { affectedRows, insertOne, insertRows, selectRows } from './statements';
import { refOf } from './sync-item-rows';

export interface KeptLine {
  readonly id: number;
  readonly lineId: number;
  readonly productId: number;
  readonly variationId: number;
  readonly held: string;
}

/**
 * Whoever keeps orders of this shop waits here for whoever does so already: a webhook and a reading may tell of the
 * same new order at once, and both would insert it.
 */
const waitForTurn = (entities: EntityManager, shopId: number): Promise<number> =>
  affectedRows(entities, 'UPDATE order_ledgers SET shop_id = shop_id WHERE shop_id = ?', [shopId]);

/** Orders as the shop shows them now; an older state than is known changes nothing. */
export async function keepOrders(
  entities: EntityManager,
  shopId: number,
  orders: readonly ShopOrder[],
  heardBy: HeardBy,
  at: number,
): Promise<readonly KeptOrder[]> {
  await waitForTurn(entities, shopId);
  const kept: KeptOrder[] = [];
  for (const order of orders) {
    const row = await keepOrder(entities, shopId, order, heardBy, at);
    if (row !== null) kept.push({ ...row, order, changed: await keepLines(entities, row.id, shopId, order) });
  }
  return kept;
}

/** null when a newer state of it is known already. */
async function keepOrder(
  entities: EntityManager,
  shopId: number,
  order: ShopOrder,
  heardBy: HeardBy,
  at: number,
): Promise<Pick<KeptOrder, 'id' | 'isNew'> | null> {
  const [known] = await selectRows<{ id: number; modifiedAt: number; goneAt: number | null }>(
    entities,
    'SELECT id AS id, modified_at AS modifiedAt, gone_at AS goneAt FROM web_orders WHERE shop_id = ? AND order_id = ?',
    [shopId, order.orderId],
  );
  if (!known) {
    const id = await insertOne(entities, 'web_orders', {
      shop_id: shopId,
      order_id: order.orderId,
      number: order.number.slice(0, 64),
      status: order.status.slice(0, 40),
      placed_at: order.placedAt,
      modified_at: order.modifiedAt,
      heard_at: at,
      heard_by: heardBy,
      gone_at: order.isGone ? at : null,
    });
    return { id, isNew: true };
  }
  if (order.modifiedAt < known.modifiedAt) return null;
  // That it was thrown away is told without a date: only what changed after all we know of brings it back.
  const isBack = !order.isGone && order.modifiedAt > known.modifiedAt;
  await affectedRows(
    entities,
    'UPDATE web_orders SET status = ?, placed_at = ?, modified_at = ?, gone_at = ? WHERE id = ?',
    [
      order.status.slice(0, 40),
      order.placedAt,
      order.modifiedAt,
      isBack ? null : (known.goneAt ?? (order.isGone ? at : null)),
      known.id,
    ],
  );
  return { id: known.id, isNew: false };
}

/** A line that is gone from its order gave back what it held. */
async function keepLines(
  entities: EntityManager,
  rowId: number,
  shopId: number,
  { lines }: ShopOrder,
): Promise<readonly ShopProductRef[]> {
  const rows = await selectRows<KeptLine>(
    entities,
    `SELECT id AS id, line_id AS lineId, product_id AS productId, variation_id AS variationId, held AS held
     FROM web_order_lines WHERE web_order_id = ?`,
    [rowId],
  );
  const known = new Map(rows.map((line) => [line.lineId, line]));
  const changed: ShopProductRef[] = [];
  for (const { lineId, ref, held } of lines) {
    const before = known.get(lineId);
    known.delete(lineId);
    if (before && equalQuantities(quantity(before.held), held)) continue;
    if (!before) {
      await insertRows(
        entities,
        'web_order_lines',
        ['web_order_id', 'shop_id', 'line_id', 'product_id', 'variation_id', 'held'],
        [[rowId, shopId, lineId, ref.productId, ref.variationId ?? 0, held]],
      );
      if (held === '0') continue;
    } else await holdNow(entities, before.id, held);
    changed.push(ref);
  }
  for (const gone of known.values()) {
    if (gone.held === '0') continue;
    await holdNow(entities, gone.id, '0');
    changed.push(refOf(gone.productId, gone.variationId));
  }
  return changed;
}

async function holdNow(entities: EntityManager, lineRow: number, held: string): Promise<void> {
  await affectedRows(entities, 'UPDATE web_order_lines SET held = ? WHERE id = ?', [held, lineRow]);
  const releases = await selectRows<{ connectionId: number; quantity: string }>(
    entities,
    'SELECT connection_id AS connectionId, quantity AS quantity FROM order_releases WHERE line_row_id = ?',
    [lineRow],
  );
  for (const { connectionId, quantity: released } of releases) {
    const left = stillReleased(quantity(released), quantity(held));
    await affectedRows(entities, 'UPDATE order_releases SET quantity = ? WHERE line_row_id = ? AND connection_id = ?', [
      left,
      lineRow,
      connectionId,
    ]);
  }
}
