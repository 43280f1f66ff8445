import { failure, type Failure } from './failure';
import type { ShopProduct } from './ports/shop-target';

/**
 * Why the shop would take a number for this product and not show it, or null when it will. WooCommerce answers 200 to
 * all of these and stores nothing; "synced" must never be said of one.
 */
export function whyNotWritable(product: ShopProduct): Failure | null {
  const { productId, variationId } = product.ref;
  if (product.status === 'trash') return failure('product_trashed', { productId: variationId ?? productId });
  if (product.type === 'grouped' || product.type === 'external') {
    return failure('product_without_stock', { productId, type: product.type });
  }
  if (product.stockOwner === 'parent') {
    return failure('stock_managed_by_parent', { productId, variationId: variationId ?? 0 });
  }
  if (product.stockOwner === 'nobody') {
    return product.type === 'variable'
      ? failure('product_without_stock', { productId, type: 'variable' })
      : failure('stock_not_managed', { productId: variationId ?? productId });
  }
  return null;
}

/** Whether the shop's own answer shows the number: only then is anything synced. */
export const showsNumber = (product: ShopProduct, wanted: string): boolean =>
  product.stockOwner === 'self' && product.quantity !== null && product.quantity === wanted;
