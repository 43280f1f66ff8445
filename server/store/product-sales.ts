import type { EntityManager } from 'typeorm';
import { refKey } from '../domain/batch-plan';
import type { SalesInAll } from '../domain/hand-edit';
import type { SalesChange, UnseenAsked } from '../domain/ports/order-ledger';
import type { ShopProductRef } from '../domain/ports/shop-target';
import { isNegative, quantity, type Quantity, subtractQuantity, sumQuantities } from '../domain/quantity';
import { affectedRows, insertRows, marks, selectRows, slices } from './statements';
import { keeperOf, keeperTables } from './stock-keeper';
import { refOf } from './sync-item-rows';
import { askersOf } from './unseen-orders';

const ZERO = quantity('0');
const NOTHING_SOLD: SalesInAll = { taken: ZERO, given: ZERO };

/** Adds up what orders took of each product and gave back. Whoever keeps orders of the shop waits for its turn before. */
export async function addSales(
  entities: EntityManager,
  shopId: number,
  changes: readonly SalesChange[],
): Promise<void> {
  const byProduct = new Map<string, { readonly ref: ShopProductRef; sales: SalesInAll }>();
  for (const { ref, was, is } of changes) {
    const { sales } = byProduct.get(refKey(ref)) ?? { sales: NOTHING_SOLD };
    byProduct.set(refKey(ref), { ref, sales: added(sales, subtractQuantity(is, was)) });
  }
  for (const { ref, sales } of byProduct.values()) {
    const key = [shopId, ref.productId, ref.variationId ?? 0];
    const [row] = await selectRows<{ taken: string; given: string }>(
      entities,
      'SELECT taken AS taken, given AS given FROM product_sales WHERE shop_id = ? AND product_id = ? AND variation_id = ?',
      key,
    );
    if (!row) {
      await insertRows(
        entities,
        'product_sales',
        ['shop_id', 'product_id', 'variation_id', 'taken', 'given'],
        [[...key, sales.taken, sales.given]],
      );
      continue;
    }
    const { taken, given } = together(sales, salesOf(row));
    await affectedRows(
      entities,
      'UPDATE product_sales SET taken = ?, given = ? WHERE shop_id = ? AND product_id = ? AND variation_id = ?',
      [taken, given, ...key],
    );
  }
}

const salesOf = ({ taken, given }: { readonly taken: string; readonly given: string }): SalesInAll => ({
  taken: quantity(taken),
  given: quantity(given),
});

const together = (one: SalesInAll, other: SalesInAll): SalesInAll => ({
  taken: sumQuantities([one.taken, other.taken]),
  given: sumQuantities([one.given, other.given]),
});

const added = (sales: SalesInAll, more: Quantity): SalesInAll =>
  isNegative(more)
    ? { ...sales, given: sumQuantities([sales.given, subtractQuantity(ZERO, more)]) }
    : { ...sales, taken: sumQuantities([sales.taken, more]) };

/** What orders took of these products and gave back in all; of a variation whose parent keeps the stock, its parent's. */
export async function salesInAll(
  entities: EntityManager,
  asked: readonly UnseenAsked[],
): Promise<ReadonlyMap<number, SalesInAll>> {
  const sales = new Map(asked.map(({ id }) => [id, NOTHING_SOLD]));
  const askers = askersOf(asked);
  const connections = [...new Set(asked.map(({ connectionId }) => connectionId))];
  const products = [...new Set(asked.flatMap(({ refs }) => refs.map(({ productId }) => productId)))];
  for (const slice of slices(products)) {
    const rows = await selectRows<{
      connectionId: number;
      productId: number;
      variationId: number;
      taken: string;
      given: string;
      owner: string | null;
    }>(
      entities,
      `SELECT c.id AS connectionId, s.product_id AS productId, s.variation_id AS variationId, s.taken AS taken,
         s.given AS given, ${keeperOf('s')} AS owner FROM connections c JOIN product_sales s ON s.shop_id = c.shop_id
       ${keeperTables('s')}
       WHERE c.id IN (${marks(connections)}) AND s.product_id IN (${marks(slice)})`,
      [...connections, ...slice],
    );
    for (const row of rows) {
      const ref = refOf(row.productId, row.owner === 'parent' ? 0 : row.variationId);
      for (const { id } of askers(row.connectionId, ref)) {
        sales.set(id, together(sales.get(id) ?? NOTHING_SOLD, salesOf(row)));
      }
    }
  }
  return sales;
}
