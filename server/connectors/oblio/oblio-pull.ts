import { z } from 'zod';
import { failure, FailureError } from '../../domain/failure';
import type { SourceSettings } from '../../domain/ports/sources';
import type { StockSource } from '../../domain/ports/stock-source';
import { type Quantity, quantityFromJsonNumber, quantityFromText, sumQuantities } from '../../domain/quantity';
import { type ChosenWarehouses, isChosen } from '../../domain/warehouse';
import { isList, isNumberText, isObject, type LosslessObject, type LosslessValue } from '../push-body/decode-json';
import { type LineFields, readLine } from '../push-body/read-line';
import { textOf } from '../push-body/text-of';
import type { OblioCalls } from './oblio-calls';
import { readWarehouses, warehouseName } from './oblio-warehouses';

const MINUTE = 60_000;
const PRODUCTS_A_PAGE = 250;

const FIELDS: LineFields = { code: 'code', name: 'name', warehouse: 'warehouse', quantity: 'quantity' };

const cursorShape = z.object({ offset: z.number().int().nonnegative(), done: z.number().int().nonnegative() });

/** All levels of the firm's products, in the warehouses asked for, as many products a page as Oblio gives. */
export const createOblioPull = (calls: OblioCalls): NonNullable<StockSource['pull']> => ({
  leastMsBetween: 5 * MINUTE,
  page: async (settings, { warehouses, cursor }, signal) => {
    if (cursor === null) await assertThere(calls, settings, warehouses, signal);
    const at = cursor === null ? { offset: 0, done: 0 } : cursorShape.parse(JSON.parse(cursor));
    const products = await calls.list(settings, '/nomenclature/products', { offset: String(at.offset) }, signal);
    const lines = products
      .flatMap((product) => levelsOf(product, warehouses))
      .map((level, position) => readLine(level, at.done + position, FIELDS));
    const next = { offset: at.offset + PRODUCTS_A_PAGE, done: at.done + lines.length };
    return { lines, next: products.length < PRODUCTS_A_PAGE ? null : JSON.stringify(next), total: null };
  },
});

async function assertThere(
  calls: OblioCalls,
  settings: SourceSettings,
  chosen: ChosenWarehouses,
  signal: AbortSignal,
): Promise<void> {
  if (chosen === '*') return;
  const known = await readWarehouses(calls, settings, signal);
  const missing = chosen.find((name) => !isChosen(known, name));
  if (missing === undefined) return;
  throw new FailureError(failure('source_refused', { said: `There is no warehouse “${missing}”.` }));
}

/** A line for each warehouse a product lies in; services lie in none. */
function levelsOf(product: LosslessObject, chosen: ChosenWarehouses): readonly LosslessValue[] {
  const { stock, code = '', name = '' } = product;
  const byWarehouse = new Map<string, LosslessValue[]>();
  for (const entry of isList(stock) ? stock.filter(isObject) : []) {
    const warehouse = warehouseName(entry);
    if (!isChosen(chosen, warehouse)) continue;
    byWarehouse.set(warehouse, [...(byWarehouse.get(warehouse) ?? []), entry['quantity'] ?? null]);
  }
  return [...byWarehouse].map(([warehouse, amounts]) => ({ code, name, warehouse, quantity: sumOf(amounts) }));
}

/** What was bought at different prices is listed apart; where one amount cannot be read, neither can the sum. */
function sumOf(amounts: readonly LosslessValue[]): LosslessValue {
  const [only = null] = amounts;
  if (amounts.length < 2) return only;
  const read: Quantity[] = [];
  for (const amount of amounts) {
    const reading = isNumberText(amount) ? quantityFromJsonNumber(amount.numberText) : quantityFromText(textOf(amount));
    if (!reading.ok) return amount;
    read.push(reading.quantity);
  }
  return sumQuantities(read);
}
