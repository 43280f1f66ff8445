import type { LosslessObject, LosslessValue } from '../push-body/decode-json';
import { type LineFields, readLine, type ReadLine } from '../push-body/read-line';
import { textOf } from '../push-body/text-of';

/** Hiboutik has no article code: a shop's SKU is its barcode, which may also be looked for as such. */
const FIELDS: LineFields = {
  code: 'code',
  barcode: 'product_barcode',
  name: 'name',
  id: 'id',
  warehouse: 'warehouse',
  quantity: 'stock_available',
};

/** '' for what comes in one size. */
export const sizeOf = (size: LosslessValue | undefined): string => textOf(size).replace(/^0+$/, '');

/** One size of a product is not the product: without a barcode it has no name of its own either. */
export const isNamedOnly = (row: LosslessObject): boolean =>
  textOf(row['product_barcode']) === '' && sizeOf(row['product_size']) === '';

/** Pulled or read again, a row is one and the same product: otherwise a shop's product would be held twice. */
export function readRow(row: LosslessObject, index: number, warehouse: string, name: string): ReadLine {
  const product = textOf(row['product_id']);
  const size = sizeOf(row['product_size']);
  const quantity = row['stock_available'];
  const line = {
    product_barcode: textOf(row['product_barcode']),
    name: isNamedOnly(row) ? name : '',
    id: size === '' || product === '' ? product : `${product}/${size}`,
    warehouse,
    ...(quantity === undefined ? {} : { stock_available: quantity }),
  };
  return readLine(line, index, FIELDS);
}
