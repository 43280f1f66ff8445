import type { EntityManager } from 'typeorm';
import { stillReleased, tookAt } from '../domain/order-ledger';
import type { HeardBy, KeptOrder, OrderLedgerStore, SalesChange } from '../domain/ports/order-ledger';
import type { ShopOrder, ShopOrderLine } from '../domain/ports/shop-orders';
import type { ShopProductRef } from '../domain/ports/shop-target';
import { equalQuantities, isNegative, type Quantity, quantity, subtractQuantity } from '../domain/quantity';
import { affectedRows, insertOne, insertRows, marks, selectRows, slices } from './statements';
import { refOf } from './sync-item-rows';

export interface KeptLine {
  readonly id: number;
  readonly lineId: number;
  readonly productId: number;
  readonly variationId: number;
  readonly held: string;
}

/**
 * Whoever keeps orders of a shop waits here for whoever does so already: a webhook and a reading may tell of the same
 * new order at once, and both would insert it. Several shops' turns are taken in the same order by everybody.
 */
export async function waitForTurn(entities: EntityManager, shopIds: readonly number[]): Promise<void> {
  for (const shopId of [...new Set(shopIds)].toSorted((one, other) => one - other)) {
    await affectedRows(entities, 'UPDATE order_ledgers SET shop_id = shop_id WHERE shop_id = ?', [shopId]);
  }
}

/**
 * Orders as the shop shows them now, each once; an older state than is known changes nothing. Most of what is read was
 * read before: that costs two questions for hundreds of orders, and no change.
 */
export async function keepOrders(
  entities: EntityManager,
  shopId: number,
  orders: readonly ShopOrder[],
  heardBy: HeardBy,
  at: number,
): ReturnType<OrderLedgerStore['keep']> {
  await waitForTurn(entities, [shopId]);
  const orderIds = orders.map(({ orderId }) => orderId);
  const before = await knownOrders(entities, shopId, orderIds);
  const lines = await linesOf(
    entities,
    [...before.values()].map(({ id }) => id),
  );
  const byPlugin = await toldByPlugin(
    entities,
    shopId,
    heardBy === 'poll' ? orderIds.filter((orderId) => !before.has(orderId)) : [],
  );
  const kept: KeptOrder[] = [];
  let isDoubted = false;
  for (const order of orders) {
    const known = before.get(order.orderId);
    const knownLines: KeptLines = (known && lines.get(known.id)) ?? new Map();
    if (known && order.modifiedAt < known.modifiedAt) continue;
    if (known && order.modifiedAt === known.modifiedAt && heardBy !== 'poll') {
      isDoubted ||= isOtherwise(known, knownLines, order);
      continue;
    }
    const id = known
      ? await keepKnown(entities, known, order, at)
      : await keepNew(entities, shopId, order, byPlugin.has(order.orderId) ? 'bridge' : heardBy, at);
    const changed = await keepLines(entities, id, shopId, order, knownLines);
    if (known && changed.some(({ was, is }) => isNegative(subtractQuantity(was, is)))) {
      await affectedRows(entities, 'UPDATE web_orders SET took_at = ? WHERE id = ?', [order.modifiedAt, id]);
    }
    kept.push({ id, order, isNew: !known, changed });
  }
  return { kept, isDoubted };
}

/** Those of these new orders that were read because the plugin had told of what they took. */
async function toldByPlugin(
  entities: EntityManager,
  shopId: number,
  orderIds: readonly number[],
): Promise<ReadonlySet<number>> {
  const told = new Set<number>();
  for (const slice of slices(orderIds)) {
    const rows = await selectRows<{ orderId: number }>(
      entities,
      `SELECT DISTINCT order_id AS orderId FROM stock_events WHERE shop_id = ? AND order_id IN (${marks(slice)})`,
      [shopId, ...slice],
    );
    for (const { orderId } of rows) told.add(orderId);
  }
  return told;
}

interface KnownOrder {
  readonly id: number;
  readonly orderId: number;
  readonly status: string;
  readonly placedAt: number | null;
  readonly modifiedAt: number;
  readonly goneAt: number | null;
}

async function knownOrders(
  entities: EntityManager,
  shopId: number,
  orderIds: readonly number[],
): Promise<ReadonlyMap<number, KnownOrder>> {
  const known = new Map<number, KnownOrder>();
  for (const slice of slices(orderIds)) {
    const rows = await selectRows<KnownOrder>(
      entities,
      `SELECT id AS id, order_id AS orderId, status AS status, placed_at AS placedAt, modified_at AS modifiedAt,
         gone_at AS goneAt FROM web_orders WHERE shop_id = ? AND order_id IN (${marks(slice)})`,
      [shopId, ...slice],
    );
    for (const row of rows) known.set(row.orderId, row);
  }
  return known;
}

const statusOf = ({ status }: ShopOrder): string => status.slice(0, 40);

const keepNew = (
  entities: EntityManager,
  shopId: number,
  order: ShopOrder,
  heardBy: HeardBy,
  at: number,
): Promise<number> =>
  insertOne(entities, 'web_orders', {
    shop_id: shopId,
    order_id: order.orderId,
    number: order.number.slice(0, 64),
    status: statusOf(order),
    placed_at: order.placedAt,
    took_at: tookAt(order),
    modified_at: order.modifiedAt,
    heard_at: at,
    heard_by: heardBy,
    gone_at: order.isGone ? at : null,
  });

async function keepKnown(entities: EntityManager, known: KnownOrder, order: ShopOrder, at: number): Promise<number> {
  // That it was thrown away is told without a date: only what changed after all we know of brings it back.
  const isBack = !order.isGone && order.modifiedAt > known.modifiedAt;
  const goneAt = isBack ? null : (known.goneAt ?? (order.isGone ? at : null));
  const { placedAt, modifiedAt } = order;
  const now: Omit<KnownOrder, 'id' | 'orderId'> = { status: statusOf(order), placedAt, modifiedAt, goneAt };
  const isSame =
    now.status === known.status &&
    placedAt === known.placedAt &&
    modifiedAt === known.modifiedAt &&
    goneAt === known.goneAt;
  if (isSame) return known.id;
  await affectedRows(
    entities,
    'UPDATE web_orders SET status = ?, placed_at = ?, modified_at = ?, gone_at = ? WHERE id = ?',
    [now.status, placedAt, modifiedAt, goneAt, known.id],
  );
  return known.id;
}

type KeptLines = ReadonlyMap<number, KeptLine>;

/** By the order's row, then by the line. */
async function linesOf(entities: EntityManager, orderRows: readonly number[]): Promise<ReadonlyMap<number, KeptLines>> {
  const lines = new Map<number, Map<number, KeptLine>>();
  for (const slice of slices(orderRows)) {
    const rows = await selectRows<KeptLine & { readonly orderRow: number }>(
      entities,
      `SELECT id AS id, web_order_id AS orderRow, line_id AS lineId, product_id AS productId,
         variation_id AS variationId, held AS held FROM web_order_lines WHERE web_order_id IN (${marks(slice)})`,
      slice,
    );
    for (const row of rows) lines.set(row.orderRow, (lines.get(row.orderRow) ?? new Map()).set(row.lineId, row));
  }
  return lines;
}

/** Whether an order is told otherwise than it is known. */
function isOtherwise(known: KnownOrder, before: KeptLines, order: ShopOrder): boolean {
  if (known.status !== statusOf(order)) return true;
  const holds = new Map(linesNow(order, before).map(({ lineId, held }) => [lineId, held]));
  const heldBefore = (lineId: number): Quantity => quantity(before.get(lineId)?.held ?? '0');
  return [...before.keys(), ...holds.keys()].some(
    (lineId) => !equalQuantities(heldBefore(lineId), holds.get(lineId) ?? quantity('0')),
  );
}

/** Of a product that was deleted the shop no longer says which it was; nor does it give anything back to it. */
const GIVES_BACK = ['cancelled', 'pending'];

/**
 * The lines as they were known: one whose product was deleted since then says no longer whose it was. What it would have
 * given back to the product it holds no more; one that was never heard of before is nobody's.
 */
function linesNow(
  { lines, status }: ShopOrder,
  known: KeptLines,
): readonly (ShopOrderLine & { readonly ref: ShopProductRef })[] {
  return lines.flatMap(({ lineId, ref, held }) => {
    const before = known.get(lineId);
    if (!before) return ref === null ? [] : [{ lineId, ref, held }];
    const was = refOf(before.productId, before.variationId);
    const isLost = ref === null || (was.variationId !== null && ref.variationId === null);
    return [{ lineId, ref: was, held: isLost && GIVES_BACK.includes(status) ? quantity('0') : held }];
  });
}

/** A line that is gone from its order gave back what it held. */
async function keepLines(
  entities: EntityManager,
  rowId: number,
  shopId: number,
  order: ShopOrder,
  knownLines: KeptLines,
): Promise<readonly SalesChange[]> {
  const known = new Map(knownLines);
  const changed: SalesChange[] = [];
  for (const { lineId, ref, held } of linesNow(order, knownLines)) {
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
    changed.push({ ref, was: quantity(before?.held ?? '0'), is: held });
  }
  for (const gone of known.values()) {
    if (gone.held === '0') continue;
    await holdNow(entities, gone.id, '0');
    changed.push({ ref: refOf(gone.productId, gone.variationId), was: quantity(gone.held), is: quantity('0') });
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
