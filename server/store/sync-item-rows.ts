import type { EntityManager } from 'typeorm';
import type { MatchMethod } from '../domain/matching';
import type { ShopProductRef } from '../domain/ports/shop-target';
import type { LeftAs } from '../domain/hand-edit';
import { HELD_WHY, type HeldNumber, type NumberFacts, type ProductLink } from '../domain/ports/sync-items';
import { quantity, type Quantity } from '../domain/quantity';
import type { WarehouseLevel } from '../domain/target-stock';
import { marks, selectRows, slices } from './statements';
import { numbersIn } from './stored-json';

const METHODS: readonly string[] = [
  'code',
  'barcode',
  'code-gtin',
  'name',
  'mapping',
  'manual',
] satisfies MatchMethod[];
const isMethod = (text: string): text is MatchMethod => METHODS.includes(text);

export const stored = (text: string | null): Quantity | null => (text === null ? null : quantity(text));

/** The product itself, and its translations. */
export const LINK_TABLES = ['product_links', 'product_link_twins'] as const;
/** And what it was before the shop lost it. */
export const LINK_TABLES_EVER = [...LINK_TABLES, 'former_links'] as const;

export const ITEM_COLUMNS = `i.id AS id, i.connection_id AS connectionId, i.source_product_id AS sourceProductId,
  i.status AS status, i.priority AS priority, i.version AS version, i.epoch AS epoch, i.attempts AS attempts, i.shown AS shown,
  i.last_synced_at AS lastSyncedAt, i.due_at AS dueAt, i.failure AS failure, i.updated_at AS updatedAt,
  p.code AS code, p.barcode AS barcode, p.name AS name, p.external_id AS externalId,
  l.product_id AS productId, l.variation_id AS variationId, l.found_by AS foundBy, l.sku AS linkSku,
  l.name AS linkName, l.proven_at AS provenAt, i.buffer AS buffer, i.pack_size AS packSize, i.held AS held, i.held_why AS heldWhy,
  i.news AS news, i.shown_taken AS shownTaken, i.shown_given AS shownGiven,
  i.written_at AS writtenAt, i.doubted_until AS doubtedUntil,
  e.backorders AS backorders, COALESCE(o.categories, e.categories) AS categories`;
/** A variation's categories are its parent's. */
export const ITEM_TABLES = `sync_items i JOIN source_products p ON p.id = i.source_product_id
  LEFT JOIN product_links l ON l.item_id = i.id
  LEFT JOIN catalog_entries e ON e.shop_id = l.shop_id AND e.product_id = l.product_id AND e.variation_id = l.variation_id
  LEFT JOIN catalog_entries o ON l.variation_id > 0 AND o.shop_id = l.shop_id AND o.product_id = l.product_id AND o.variation_id = 0`;

export interface ItemRow {
  id: number;
  connectionId: number;
  sourceProductId: number;
  status: string;
  priority: number;
  version: number;
  epoch: number;
  attempts: number;
  shown: string | null;
  lastSyncedAt: number | null;
  dueAt: number | null;
  failure: string | null;
  updatedAt: number;
  code: string | null;
  barcode: string | null;
  name: string | null;
  externalId: string | null;
  productId: number | null;
  variationId: number | null;
  foundBy: string | null;
  linkSku: string | null;
  linkName: string | null;
  provenAt: number | null;
  buffer: string | null;
  packSize: string | null;
  held: string | null;
  heldWhy: string | null;
  news: number | boolean;
  shownTaken: string | null;
  shownGiven: string | null;
  writtenAt: number | null;
  doubtedUntil: number | null;
  backorders: number | boolean | null;
  categories: string | null;
}

export const refOf = (productId: number, variationId: number): ShopProductRef => ({
  productId,
  variationId: variationId === 0 ? null : variationId,
});

const isHeldWhy = (text: string | null): text is HeldNumber['why'] => HELD_WHY.some((why) => why === text);

const heldOf = ({ held, heldWhy }: ItemRow): HeldNumber | null =>
  held === null ? null : { quantity: quantity(held), why: isHeldWhy(heldWhy) ? heldWhy : 'undo' };

export const leftOf = ({ shown, shownTaken, shownGiven }: ItemRow): LeftAs | null =>
  shown === null || shownTaken === null || shownGiven === null
    ? null
    : {
        shown: quantity(shown),
        taken: quantity(shownTaken),
        given: quantity(shownGiven),
      };

export const factsOf = (row: ItemRow, unseen: NumberFacts['unseen']): NumberFacts => ({
  buffer: stored(row.buffer),
  packSize: stored(row.packSize),
  backorders: Boolean(row.backorders),
  categoryIds: numbersIn(row.categories),
  held: heldOf(row),
  unseen,
});

export type LinkRow = Pick<ItemRow, 'productId' | 'variationId' | 'foundBy' | 'linkSku' | 'linkName' | 'provenAt'>;

export const linkOf = (row: LinkRow, twins: readonly ShopProductRef[]): ProductLink | null =>
  row.productId === null || row.foundBy === null
    ? null
    : {
        ref: refOf(row.productId, row.variationId ?? 0),
        foundBy: isMethod(row.foundBy) ? row.foundBy : 'manual',
        sku: row.linkSku ?? '',
        name: row.linkName ?? '',
        provenAt: row.provenAt ?? 0,
        twins,
      };

export const subjectOf = ({ code, barcode, name, externalId }: ItemRow) => ({ code, barcode, name, externalId });

export async function twinsOf(
  entities: EntityManager,
  itemIds: readonly number[],
): Promise<ReadonlyMap<number, ShopProductRef[]>> {
  const twins = new Map<number, ShopProductRef[]>();
  for (const slice of slices(itemIds)) {
    const rows = await selectRows<{ itemId: number; productId: number; variationId: number }>(
      entities,
      `SELECT item_id AS itemId, product_id AS productId, variation_id AS variationId FROM product_link_twins
       WHERE item_id IN (${marks(slice)}) ORDER BY product_id, variation_id`,
      slice,
    );
    for (const { itemId, productId, variationId } of rows) {
      const ref = refOf(productId, variationId);
      const known = twins.get(itemId);
      if (known) known.push(ref);
      else twins.set(itemId, [ref]);
    }
  }
  return twins;
}

export async function levelsOf(
  entities: EntityManager,
  sourceProductIds: readonly number[],
): Promise<ReadonlyMap<number, WarehouseLevel[]>> {
  const levels = new Map<number, WarehouseLevel[]>();
  for (const slice of slices([...new Set(sourceProductIds)])) {
    const rows = await selectRows<{ sourceProductId: number; warehouse: string; quantity: string }>(
      entities,
      `SELECT s.source_product_id AS sourceProductId, w.name AS warehouse, s.quantity AS quantity
       FROM stock_levels s JOIN warehouses w ON w.id = s.warehouse_id WHERE s.source_product_id IN (${marks(slice)})`,
      slice,
    );
    for (const row of rows) {
      const level = { warehouse: row.warehouse, quantity: quantity(row.quantity) };
      const known = levels.get(row.sourceProductId);
      if (known) known.push(level);
      else levels.set(row.sourceProductId, [level]);
    }
  }
  return levels;
}

/** Items a check left as the shop shows them; a column that is empty is none of these. */
export const LEFT_ALONE = "(status = 'failed' AND COALESCE(failure_code, '') IN ('shop_sold', 'shop_differs'))";
