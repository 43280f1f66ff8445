import { z } from 'zod';
import { failure, FailureError } from '../../domain/failure';
import type { ShopAccess } from '../../domain/ports/shop-target';
import { PRODUCT_FIELDS, type WooProduct, wooProduct } from './shop-product';
import type { WooApi } from './woo-api';

/** WooCommerce gives no more in one answer. */
export const LARGEST_PAGE = 100;

const productList = z.array(wooProduct);

export interface ProductListing {
  readonly products: readonly WooProduct[];
  /** False when the list goes on beyond what we were ready to read. */
  readonly complete: boolean;
}

/** Every page of a product list, in an order that a write between two pages does not change. */
export async function listProducts(
  api: WooApi,
  access: ShopAccess,
  filter: Readonly<Record<string, string>>,
  mostPages: number,
  signal: AbortSignal,
): Promise<ProductListing> {
  const products = new Map<number, WooProduct>();
  for (let page = 1; page <= mostPages; page += 1) {
    const reply = await api.call({
      access,
      method: 'GET',
      route: '/wc/v3/products',
      query: {
        ...filter,
        per_page: String(LARGEST_PAGE),
        orderby: 'id',
        order: 'asc',
        ...(page === 1 ? {} : { page: String(page) }),
        _fields: PRODUCT_FIELDS,
      },
      shape: productList,
      signal,
    });
    for (const product of reply.data) products.set(product.id, product);
    if (reply.data.length < LARGEST_PAGE) return { products: [...products.values()], complete: true };
    // The total says early that the rest is not worth reading.
    if (reply.total !== null && reply.total > mostPages * LARGEST_PAGE) break;
  }
  return { products: [...products.values()], complete: false };
}

/** A filter that the shop does not apply lists the whole catalogue; going through it would answer nothing. */
export const ignoredFilter = (filter: string): FailureError =>
  new FailureError(failure('shop_answer_unexpected', { what: `the filter “${filter}” is not applied` }));
