import { z } from 'zod';
import { failure, FailureError } from '../../domain/failure';
import type { SourceSettings } from '../../domain/ports/sources';
import type { StockSource } from '../../domain/ports/stock-source';
import { type ChosenWarehouses, warehouseKey } from '../../domain/warehouse';
import type { LosslessObject, LosslessValue } from '../push-body/decode-json';
import { type LineFields, readLine } from '../push-body/read-line';
import { textOf } from '../push-body/text-of';
import type { HiboutikCalls } from './hiboutik-calls';
import { type HiboutikWarehouse, readWarehouses } from './hiboutik-warehouses';

const MINUTE = 60_000;

/** Hiboutik has no article code: a shop's SKU is its barcode, which may also be looked for as such. */
const FIELDS: LineFields = {
  code: 'code',
  barcode: 'product_barcode',
  name: 'name',
  id: 'id',
  warehouse: 'warehouse',
  quantity: 'stock_available',
};

const cursorShape = z.object({
  warehouses: z.array(z.object({ id: z.string(), name: z.string() })),
  at: z.number().int().nonnegative(),
  page: z.number().int().positive(),
  done: z.number().int().nonnegative(),
});
type Cursor = z.infer<typeof cursorShape>;

/** All levels of Hiboutik's warehouses, as many rows a page as it gives. */
export function createHiboutikPull(calls: HiboutikCalls): NonNullable<StockSource['pull']> {
  // Of the products without a barcode only the name is left; it costs calls, so it is asked for only where needed.
  let named: { readonly account: string; readonly names: ReadonlyMap<string, string> } | null = null;

  async function namesFor(settings: SourceSettings, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const account = settings['account'] ?? '';
    if (named?.account === account) return named.names;
    const names = new Map<string, string>();
    for (let page = 1, isLast = false; !isLast; page++) {
      const some = await calls.list(settings, '/products/', page, signal);
      for (const row of some.rows) names.set(textOf(row['product_id']), textOf(row['product_model']));
      isLast = some.isLast;
    }
    named = { account, names };
    return names;
  }

  return {
    leastMsBetween: 15 * MINUTE,
    page: async (settings, { warehouses, cursor }, signal) => {
      if (cursor === null) named = null;
      const at =
        cursor === null
          ? begin(warehouses, await readWarehouses(calls, settings, signal))
          : cursorShape.parse(JSON.parse(cursor));
      const warehouse = at.warehouses[at.at];
      if (warehouse === undefined) return { lines: [], next: null, total: at.done };
      const found = await calls.list(settings, `/stock_available/warehouse_id/${warehouse.id}`, at.page, signal);
      const rows = found.rows.filter((row) => ['', warehouse.id].includes(textOf(row['warehouse_id'])));
      const names = rows.some(isNamedOnly) ? await namesFor(settings, signal) : null;
      const lines = rows.map((row, position) => readLine(lineOf(row, warehouse, names), at.done + position, FIELDS));
      const done = at.done + lines.length;
      const next: Cursor = found.isLast ? { ...at, at: at.at + 1, page: 1, done } : { ...at, page: at.page + 1, done };
      return {
        lines,
        next: next.at < next.warehouses.length ? JSON.stringify(next) : null,
        total: at.warehouses.length === 1 ? found.total : null,
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

const sizeOf = (row: LosslessObject): string => textOf(row['product_size']).replace(/^0+$/, '');

/** One size of a product is not the product: without a barcode it has no name of its own either. */
const isNamedOnly = (row: LosslessObject): boolean => textOf(row['product_barcode']) === '' && sizeOf(row) === '';

function lineOf(
  row: LosslessObject,
  warehouse: HiboutikWarehouse,
  names: ReadonlyMap<string, string> | null,
): LosslessValue {
  const product = textOf(row['product_id']);
  const size = sizeOf(row);
  const quantity = row['stock_available'];
  return {
    product_barcode: textOf(row['product_barcode']),
    name: isNamedOnly(row) ? (names?.get(product) ?? '') : '',
    id: size === '' || product === '' ? product : `${product}/${size}`,
    warehouse: warehouse.name,
    ...(quantity === undefined ? {} : { stock_available: quantity }),
  };
}
