import type { LosslessObject } from '../push-body/decode-json';
import { textOf } from '../push-body/text-of';

/** What a call named, and is read again: a product in one size or in all of them, or a stock order. */
export type HiboutikReference =
  | { readonly kind: 'product'; readonly id: string; readonly size: string }
  | { readonly kind: 'stock-order'; readonly id: string };

const PRODUCT = /^product:(\d{1,20})(?:\/(\d{1,20}))?$/;
const STOCK_ORDER = /^stock-order:(\d{1,20})$/;

/** null where it is no id. '0' is one: that of goods that are sold without being a product. */
export function idIn(value: LosslessObject[string] | undefined): string | null {
  const text = textOf(value);
  return /^\d{1,20}$/.test(text) ? text.replace(/^0+(?=\d)/, '') : null;
}

/** Of a line of a sale or a stock order; null where it names no product. */
export function productReference(line: LosslessObject): string | null {
  const id = idIn(line['product_id']);
  const size = textOf(line['product_size']) || textOf(line['size_id']);
  if (id === null) return null;
  if (/^0*$/.test(size)) return `product:${id}`;
  const sizeId = idIn(size);
  return sizeId === null ? null : `product:${id}/${sizeId}`;
}

export const isStockOrder = (reference: string): boolean => STOCK_ORDER.test(reference);

export const stockOrderReference = (id: string): string => `stock-order:${id}`;

export function parseReference(reference: string): HiboutikReference | null {
  const [, product, size = ''] = PRODUCT.exec(reference) ?? [];
  if (product !== undefined) return { kind: 'product', id: product, size };
  const [, order] = STOCK_ORDER.exec(reference) ?? [];
  return order === undefined ? null : { kind: 'stock-order', id: order };
}

/** Goods sold by their price alone are product 0, which has no stock. */
export const namesProduct = (reference: string): boolean => !/^product:0(?:\/|$)/.test(reference);
