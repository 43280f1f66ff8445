import { LINK_TABLES_EVER } from './sync-item-rows';

const isNobodys = (table: string, rows: string): string =>
  `(SELECT k.item_id FROM ${table} k WHERE k.shop_id = ${rows}.shop_id AND k.product_id = ${rows}.product_id
    AND k.variation_id = ${rows}.variation_id LIMIT 1) IS NULL`;

/** Joined to rows of products before `keeperOf` is asked of them. */
export const keeperTables = (rows: string): string =>
  `LEFT JOIN catalog_entries e ON e.shop_id = ${rows}.shop_id AND e.product_id = ${rows}.product_id AND e.variation_id = ${rows}.variation_id
   LEFT JOIN catalogs g ON g.shop_id = ${rows}.shop_id`;

/**
 * Who keeps the stock, as the mirror of the catalogue says; 'parent' = the variation's parent. A variation that the
 * mirror has no more was deleted: unless it had an item of its own, what was ordered of it is its parent's.
 */
export const keeperOf = (rows: string): string =>
  `CASE WHEN e.id IS NOT NULL THEN e.stock_owner
     WHEN ${rows}.variation_id > 0 AND g.loaded_at IS NOT NULL
       AND ${LINK_TABLES_EVER.map((table) => isNobodys(table, rows)).join(' AND ')} THEN 'parent' END`;
