import type { ShopTarget } from '../../domain/ports/shop-target';
import { examineShop } from './examine-shop';
import { findByBarcodes, findByCodes, findByName } from './find-products';
import { readProducts } from './read-products';
import { createWooApi, type WooApiOptions } from './woo-api';
import { ping, stopManaging, writeStock } from './write-stock';

export type WooCommerceShopTargetOptions = WooApiOptions;

/** A WooCommerce shop, over its REST API v3. */
export function createWooCommerceShopTarget(options: WooCommerceShopTargetOptions): ShopTarget {
  const api = createWooApi(options);
  return {
    findByCodes: (access, codes, signal) => findByCodes(api, access, codes, signal),
    findByBarcodes: (access, barcodes, signal) => findByBarcodes(api, access, barcodes, signal),
    findByName: (access, name, signal) => findByName(api, access, name, signal),
    read: (access, refs, signal) => readProducts(api, access, refs, signal),
    write: (access, batch, signal) => writeStock(api, access, batch, signal),
    stopManaging: (access, batch, signal) => stopManaging(api, access, batch, signal),
    ping: (access, signal) => ping(api, access, signal),
    examine: (access, signal) => examineShop(api, options.clock, access, signal),
  };
}
