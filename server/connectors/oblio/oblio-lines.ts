import { type Quantity, quantityFromJsonNumber, quantityFromText, sumQuantities } from '../../domain/quantity';
import { type ChosenWarehouses, isChosen } from '../../domain/warehouse';
import { isList, isNumberText, isObject, type LosslessObject, type LosslessValue } from '../push-body/decode-json';
import { type LineFields, readLine, type ReadLine } from '../push-body/read-line';
import { textOf } from '../push-body/text-of';
import { warehouseName } from './oblio-warehouses';

const FIELDS: LineFields = { code: 'code', name: 'name', warehouse: 'warehouse', quantity: 'quantity' };

/** Pulled or read again, a product is the same; `from` is the index of the first line. */
export const readLevels = (
  products: readonly LosslessObject[],
  chosen: ChosenWarehouses,
  from: number,
): readonly ReadLine[] =>
  products
    .flatMap((product) => levelsOf(product, chosen))
    .map((level, position) => readLine(level, from + position, FIELDS));

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
