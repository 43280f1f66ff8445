import { z } from 'zod';
import { failure, FailureError } from '../../domain/failure';
import type { SourceSettings } from '../../domain/ports/sources';
import type { StockSource } from '../../domain/ports/stock-source';
import { type ChosenWarehouses, warehouseKey } from '../../domain/warehouse';
import { textOf } from '../push-body/text-of';
import type { HiboutikCalls } from './hiboutik-calls';
import { isNamedOnly, readRow } from './hiboutik-lines';
import type { HiboutikProduct, HiboutikProducts } from './hiboutik-products';
import { accountOf, isOnlyOnline } from './hiboutik-settings';
import type { HiboutikWarehouse, HiboutikWarehouses } from './hiboutik-warehouses';

const MINUTE = 60_000;

const cursorShape = z.object({
  warehouses: z.array(z.object({ id: z.string(), name: z.string() })),
  at: z.number().int().nonnegative(),
  page: z.number().int().positive(),
  done: z.number().int().nonnegative(),
});
type Cursor = z.infer<typeof cursorShape>;

/** All levels of Hiboutik's warehouses, as many rows a page as it gives. */
export function createHiboutikPull(
  calls: HiboutikCalls,
  warehousesOf: HiboutikWarehouses,
  products: HiboutikProducts,
): NonNullable<StockSource['pull']> {
  /** By account, for as long as one pull lasts. */
  const listed = new Map<string, ReadonlyMap<string, HiboutikProduct>>();

  async function productsFor(settings: SourceSettings, signal: AbortSignal) {
    const known = listed.get(accountOf(settings)) ?? (await products.readAll(settings, signal));
    listed.set(accountOf(settings), known);
    return known;
  }

  return {
    leastMsBetween: 15 * MINUTE,
    page: async (settings, { warehouses, cursor }, signal) => {
      if (cursor === null) listed.delete(accountOf(settings));
      const at =
        cursor === null
          ? begin(warehouses, await warehousesOf.read(settings, signal, { forPull: true }))
          : cursorShape.parse(JSON.parse(cursor));
      const warehouse = at.warehouses[at.at];
      if (warehouse === undefined) return { lines: [], next: null, total: at.done };
      const path = `/stock_available/warehouse_id/${warehouse.id}`;
      const found = await calls.list(settings, path, at.page, signal, { forPull: true });
      const onlyOnline = isOnlyOnline(settings);
      const here = found.rows.filter((row) => ['', warehouse.id].includes(textOf(row['warehouse_id'])));
      const known = onlyOnline || here.some(isNamedOnly) ? await productsFor(settings, signal) : null;
      const productOf = (row: (typeof here)[number]) => known?.get(textOf(row['product_id']));
      const rows = onlyOnline ? here.filter((row) => productOf(row)?.isOnline ?? true) : here;
      const lines = rows.map((row, n) => readRow(row, at.done + n, warehouse.name, productOf(row)?.name ?? ''));
      const done = at.done + lines.length;
      const next: Cursor = found.isLast ? { ...at, at: at.at + 1, page: 1, done } : { ...at, page: at.page + 1, done };
      const isEnd = next.at >= next.warehouses.length;
      if (isEnd) listed.delete(accountOf(settings));
      return {
        lines,
        next: isEnd ? null : JSON.stringify(next),
        total: at.warehouses.length === 1 && !onlyOnline ? found.total : null,
      };
    },
  };
}

function begin(chosen: ChosenWarehouses, known: readonly HiboutikWarehouse[]): Cursor {
  const warehouses =
    chosen === '*'
      ? [...known]
      : chosen.map((name) => {
          const found = known.find((each) => warehouseKey(each.name) === warehouseKey(name));
          if (found) return found;
          throw new FailureError(failure('source_refused', { said: `There is no warehouse “${name}”.` }));
        });
  return { warehouses, at: 0, page: 1, done: 0 };
}
