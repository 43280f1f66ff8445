import type { EntityManager } from 'typeorm';
import { refKey } from '../domain/batch-plan';
import { salesOf, unseenOf } from '../domain/order-ledger';
import type { UnseenSale } from '../domain/order-rule';
import type { LedgerLine, UnseenAsked } from '../domain/ports/order-ledger';
import type { ShopProductRef } from '../domain/ports/shop-target';
import { quantity } from '../domain/quantity';
import { marks, selectRows, slices } from './statements';
import { keeperOf, keeperTables } from './stock-keeper';
import { type ItemRow, refOf } from './sync-item-rows';

export interface LineRow {
  readonly id: number;
  readonly connectionId: number;
  readonly orderId: number;
  readonly number: string;
  readonly productId: number;
  readonly variationId: number;
  readonly held: string;
  readonly released: string | null;
  readonly tookAt: number | null;
}

/** When an order took pieces last. */
export const TOOK_AT = 'COALESCE(o.took_at, o.placed_at)';
export const LINE_COLUMNS = `n.id AS id, c.id AS connectionId, o.order_id AS orderId, o.number AS number,
  n.product_id AS productId, n.variation_id AS variationId, n.held AS held, r.quantity AS released, ${TOOK_AT} AS tookAt`;
/** Quantities are kept in one spelling each: what is all known is spelled as what is held. */
export const IS_OPEN = "n.held <> '0' AND COALESCE(r.quantity, '0') <> n.held";

export const lineOf = ({ productId, variationId, held, released, ...line }: LineRow): LedgerLine => ({
  ...line,
  ref: refOf(productId, variationId),
  held: quantity(held),
  released: quantity(released ?? '0'),
});

/** Who asks for what of a product. */
export function askersOf(
  asked: readonly UnseenAsked[],
): (connectionId: number, ref: ShopProductRef) => readonly UnseenAsked[] {
  const askers = new Map<string, UnseenAsked[]>();
  for (const each of asked) {
    for (const ref of each.refs) {
      const key = `${each.connectionId} ${refKey(ref)}`;
      askers.set(key, [...(askers.get(key) ?? []), each]);
    }
  }
  return (connectionId, ref) => askers.get(`${connectionId} ${refKey(ref)}`) ?? [];
}

/**
 * What web orders took from these products and the connection's source does not know of, the oldest first, each order
 * once. Also from products the item was linked to until the shop lost them: made anew, they are the source’s same one. An
 * order of a variation whose parent keeps the stock took from its parent: the mirror of the catalogue says
 * which those are.
 */
export async function openLinesOf(
  entities: EntityManager,
  asked: readonly UnseenAsked[],
): Promise<ReadonlyMap<number, readonly LedgerLine[]>> {
  const former = await formerOf(entities, asked);
  const all = asked.map((each) => ({ ...each, refs: [...each.refs, ...(former.get(each.id) ?? [])] }));
  const askers = askersOf(all);
  const found = new Map<number, Map<number, LedgerLine>>();
  const connections = [...new Set(asked.map(({ connectionId }) => connectionId))];
  const products = [...new Set(all.flatMap(({ refs }) => refs.map(({ productId }) => productId)))];
  for (const slice of slices(products)) {
    const rows = await selectRows<LineRow & { readonly owner: string | null }>(
      entities,
      `SELECT ${LINE_COLUMNS}, ${keeperOf('n')} AS owner FROM connections c
       JOIN web_order_lines n ON n.shop_id = c.shop_id JOIN web_orders o ON o.id = n.web_order_id
       LEFT JOIN order_releases r ON r.connection_id = c.id AND r.line_row_id = n.id
       ${keeperTables('n')}
       WHERE c.id IN (${marks(connections)}) AND c.order_rule IS NOT NULL AND n.product_id IN (${marks(slice)}) AND ${IS_OPEN}
       ORDER BY o.placed_at, n.id`,
      [...connections, ...slice],
    );
    for (const { owner, ...row } of rows) {
      const line = lineOf(row);
      if (unseenOf(line) === '0') continue;
      const isParents = owner === 'parent' && line.ref.variationId !== null;
      const ref = isParents ? refOf(line.ref.productId, 0) : line.ref;
      for (const { id } of askers(line.connectionId, ref)) {
        const lines = found.get(id) ?? new Map<number, LedgerLine>();
        found.set(id, lines.set(line.id, line));
      }
    }
  }
  return new Map([...found].map(([id, lines]) => [id, [...lines.values()]]));
}

/** By the item: what it was linked to until the shop lost it. */
async function formerOf(
  entities: EntityManager,
  asked: readonly UnseenAsked[],
): Promise<ReadonlyMap<number, readonly ShopProductRef[]>> {
  const former = new Map<number, ShopProductRef[]>();
  for (const slice of slices(asked.map(({ id }) => id))) {
    const rows = await selectRows<{ itemId: number; productId: number; variationId: number }>(
      entities,
      `SELECT item_id AS itemId, product_id AS productId, variation_id AS variationId FROM former_links
       WHERE item_id IN (${marks(slice)})`,
      slice,
    );
    for (const { itemId, productId, variationId } of rows) {
      former.set(itemId, [...(former.get(itemId) ?? []), refOf(productId, variationId)]);
    }
  }
  return former;
}

/** What orders took from the products these items are linked to, by item. */
export async function unseenSales(
  entities: EntityManager,
  rows: readonly ItemRow[],
  twins: ReadonlyMap<number, readonly ShopProductRef[]>,
): Promise<ReadonlyMap<number, readonly UnseenSale[]>> {
  const lines = await openLinesOf(
    entities,
    rows.flatMap(({ id, connectionId, productId, variationId }) =>
      productId === null
        ? []
        : [{ id, connectionId, refs: [refOf(productId, variationId ?? 0), ...(twins.get(id) ?? [])] }],
    ),
  );
  return new Map([...lines].map(([id, some]) => [id, salesOf(some)]));
}
