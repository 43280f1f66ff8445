import { refKey } from '../domain/batch-plan';
import type { FailureCode } from '../domain/failure';
import { referenceOf } from '../domain/matching';
import type { ShopProductRef } from '../domain/ports/shop-target';
import type { ProductLink, SyncItemLinks } from '../domain/ports/sync-items';
import { ProductLinkRow, SyncItemRow } from './entities';
import { referenceKey } from './sku-mapping-store';
import { affectedRows, insertRows, marks, selectRows, slices } from './statements';
import { LINK_TABLES, LINK_TABLES_EVER, linkOf, type LinkRow, refOf, twinsOf } from './sync-item-rows';
import type { TypeormUnitOfWork } from './unit-of-work';

/** By these the shop has said that it has the product no more. */
const LOST = ['product_gone', 'product_trashed'] satisfies FailureCode[];

export class TypeormSyncItemLinks implements SyncItemLinks {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async linkedTo(
    shopId: number,
    refs: readonly ShopProductRef[],
    when: 'now' | 'ever' = 'now',
  ): Promise<readonly { readonly itemId: number; readonly ref: ShopProductRef; readonly label: string }[]> {
    const found: { itemId: number; ref: ShopProductRef; label: string }[] = [];
    for (const slice of slices(refs)) {
      for (const table of when === 'now' ? LINK_TABLES : LINK_TABLES_EVER) {
        const rows = await selectRows<{ itemId: number; productId: number; variationId: number; label: string | null }>(
          this.unit.entities,
          `SELECT l.item_id AS itemId, l.product_id AS productId, l.variation_id AS variationId,
             COALESCE(p.code, p.barcode, p.name, p.external_id) AS label
           FROM ${table} l JOIN sync_items i ON i.id = l.item_id JOIN source_products p ON p.id = i.source_product_id
           WHERE l.shop_id = ? AND l.product_id IN (${marks(slice)})`,
          [shopId, ...slice.map((ref) => ref.productId)],
        );
        for (const row of rows) {
          found.push({ itemId: row.itemId, ref: refOf(row.productId, row.variationId), label: row.label ?? '' });
        }
      }
    }
    return found;
  }

  async referredTo(connectionId: number, references: readonly string[]): Promise<readonly number[]> {
    const wanted = new Set(references.map(referenceKey));
    const ids: number[] = [];
    // Compared here and not by the database: SQLite knows upper and lower case of ASCII alone.
    for (let after = 0; ;) {
      const rows = await selectRows<{
        id: number;
        code: string | null;
        barcode: string | null;
        externalId: string | null;
        foundBy: string | null;
      }>(
        this.unit.entities,
        `SELECT i.id AS id, p.code AS code, p.barcode AS barcode, p.external_id AS externalId, l.found_by AS foundBy
         FROM sync_items i JOIN source_products p ON p.id = i.source_product_id
         LEFT JOIN product_links l ON l.item_id = i.id
         WHERE i.connection_id = ? AND i.id > ? ORDER BY i.id LIMIT 2000`,
        [connectionId, after],
      );
      const last = rows.at(-1);
      if (last === undefined) return ids;
      for (const { id, foundBy, ...said } of rows) {
        const reference = referenceOf({ ...said, name: null });
        if (reference !== null && foundBy !== 'manual' && wanted.has(referenceKey(reference))) ids.push(id);
      }
      after = last.id;
    }
  }

  setLink(itemId: number, link: ProductLink, at: number): Promise<boolean> {
    return this.unit.run(async () => {
      await this.takeFromWorkers([itemId]);
      await this.keepLost([itemId]);
      const item = await this.unit.entities.findOneBy(SyncItemRow, { id: itemId });
      return item !== null && (await this.putLink(itemId, item.shopId, link, at));
    });
  }

  async setLinks(
    links: readonly { readonly itemId: number; readonly link: ProductLink }[],
    at: number,
  ): Promise<readonly number[]> {
    const linked: number[] = [];
    for (const slice of slices(links)) linked.push(...(await this.unit.run(() => this.setSlice(slice, at))));
    return linked;
  }

  forgetLinks(ids: readonly number[]): Promise<number> {
    return this.unit.run(async () => {
      await this.takeFromWorkers(ids);
      await this.keepLost(ids);
      return this.removeLinks(ids);
    });
  }

  async linksOf(ids: readonly number[]): Promise<ReadonlyMap<number, ProductLink>> {
    const links = new Map<number, ProductLink>();
    for (const slice of slices(ids)) {
      const rows = await selectRows<LinkRow & { itemId: number }>(
        this.unit.entities,
        `SELECT item_id AS itemId, product_id AS productId, variation_id AS variationId, found_by AS foundBy,
           sku AS linkSku, name AS linkName, proven_at AS provenAt
         FROM product_links WHERE item_id IN (${marks(slice)})`,
        slice,
      );
      const twins = await twinsOf(this.unit.entities, slice);
      for (const { itemId, ...row } of rows) {
        const link = linkOf(row, twins.get(itemId) ?? []);
        if (link) links.set(itemId, link);
      }
    }
    return links;
  }

  private async setSlice(
    links: readonly { readonly itemId: number; readonly link: ProductLink }[],
    at: number,
  ): Promise<readonly number[]> {
    const all = links.map(({ itemId }) => itemId);
    await this.takeFromWorkers(all);
    const shops = await selectRows<{ id: number; shopId: number }>(
      this.unit.entities,
      `SELECT id AS id, shop_id AS shopId FROM sync_items WHERE id IN (${marks(all)})`,
      all,
    );
    const shopOf = new Map(shops.map(({ id, shopId }) => [id, shopId]));
    const taken = new Set<string>();
    for (const shopId of new Set(shopOf.values())) {
      const wanted = links.filter(({ itemId }) => shopOf.get(itemId) === shopId);
      const owners = await this.linkedTo(
        shopId,
        wanted.flatMap(({ link }) => [link.ref, ...link.twins]),
      );
      for (const { itemId, ref } of owners) if (!shopOf.has(itemId)) taken.add(`${shopId} ${refKey(ref)}`);
    }
    const free = links.filter(({ itemId, link }) =>
      [link.ref, ...link.twins].every((ref) => !taken.has(`${shopOf.get(itemId)} ${refKey(ref)}`)),
    );
    const ids = free.map(({ itemId }) => itemId).filter((id) => shopOf.has(id));
    if (ids.length === 0) return [];
    await this.keepLost(ids);
    await this.removeLinks(ids);
    const ignored = this.unit.isSqlite ? 'ON CONFLICT DO NOTHING' : 'ON DUPLICATE KEY UPDATE shop_id = shop_id';
    const placed = free.flatMap(({ itemId, link }) => {
      const shopId = shopOf.get(itemId);
      return shopId === undefined ? [] : [{ itemId, shopId, link }];
    });
    for (const { shopId, link } of placed) await this.forgetFormer(shopId, link);
    await insertRows(
      this.unit.entities,
      'product_links',
      ['item_id', 'shop_id', 'product_id', 'variation_id', 'found_by', 'sku', 'name', 'found_at', 'proven_at'],
      placed.map(({ itemId, shopId, link: { ref, foundBy, sku, name, provenAt } }) => [
        itemId,
        shopId,
        ref.productId,
        ref.variationId ?? 0,
        foundBy,
        sku,
        name,
        at,
        provenAt,
      ]),
      ignored,
    );
    await insertRows(
      this.unit.entities,
      'product_link_twins',
      ['item_id', 'shop_id', 'product_id', 'variation_id'],
      placed.flatMap(({ itemId, shopId, link }) =>
        link.twins.map((ref) => [itemId, shopId, ref.productId, ref.variationId ?? 0]),
      ),
      ignored,
    );
    // Another may have got one of them at this very moment.
    return [...(await this.linksOf(ids)).keys()];
  }

  /** False when another item of the shop already has this product, or gets it at this very moment. */
  async putLink(itemId: number, shopId: number, link: ProductLink, at: number): Promise<boolean> {
    const { productId, variationId } = link.ref;
    if ((await this.anotherOwner(itemId, shopId, link)) !== null) return false;
    await this.removeLinks([itemId]);
    await this.forgetFormer(shopId, link);
    // MySQL's upsert would take another item's row for ours: either is unique. What is ignored here is told by who has it.
    await this.unit.entities
      .createQueryBuilder()
      .insert()
      .into(ProductLinkRow)
      .values({
        itemId,
        shopId,
        productId,
        variationId: variationId ?? 0,
        foundBy: link.foundBy,
        sku: link.sku.slice(0, 200),
        name: link.name.slice(0, 500),
        foundAt: at,
        provenAt: link.provenAt,
      })
      .orIgnore()
      .updateEntity(false)
      .execute();
    await insertRows(
      this.unit.entities,
      'product_link_twins',
      ['item_id', 'shop_id', 'product_id', 'variation_id'],
      link.twins.map((ref) => [itemId, shopId, ref.productId, ref.variationId ?? 0]),
      this.unit.isSqlite ? 'ON CONFLICT DO NOTHING' : 'ON DUPLICATE KEY UPDATE shop_id = VALUES(shop_id)',
    );
    if ((await this.anotherOwner(itemId, shopId, link)) === null) return true;
    await this.removeLinks([itemId]);
    return false;
  }

  /** Who already writes to the product, or to one of its translations. */
  async anotherOwner(
    itemId: number,
    shopId: number,
    { ref, twins }: ProductLink,
  ): Promise<{ readonly itemId: number; readonly ref: ShopProductRef } | null> {
    const refs = [ref, ...twins];
    const places = refs.map(() => '(product_id = ? AND variation_id = ?)').join(' OR ');
    const values = refs.flatMap((each) => [each.productId, each.variationId ?? 0]);
    const rows = await selectRows<{ itemId: number; productId: number; variationId: number }>(
      this.unit.entities,
      LINK_TABLES.map(
        (table) => `SELECT item_id AS itemId, product_id AS productId, variation_id AS variationId FROM ${table}
          WHERE shop_id = ? AND item_id <> ? AND (${places})`,
      ).join(' UNION ALL '),
      LINK_TABLES.flatMap(() => [shopId, itemId, ...values]),
    );
    const [row] = rows;
    return row ? { itemId: row.itemId, ref: refOf(row.productId, row.variationId) } : null;
  }

  async removeLinks(itemIds: readonly number[]): Promise<number> {
    let removed = 0;
    for (const slice of slices(itemIds)) {
      await affectedRows(this.unit.entities, `DELETE FROM product_link_twins WHERE item_id IN (${marks(slice)})`, [
        ...slice,
      ]);
      removed += await affectedRows(
        this.unit.entities,
        `DELETE FROM product_links WHERE item_id IN (${marks(slice)})`,
        [...slice],
      );
    }
    return removed;
  }

  /** Products of the item that the shop no longer has: what web orders took of them stays unknown to its source. */
  async keepFormer(itemId: number, refs: readonly ShopProductRef[]): Promise<void> {
    for (const { productId, variationId } of refs) {
      await affectedRows(
        this.unit.entities,
        `INSERT INTO former_links (item_id, shop_id, product_id, variation_id)
         SELECT id, shop_id, ?, ? FROM sync_items WHERE id = ? ${this.onFormerKnown}`,
        [productId, variationId ?? 0, itemId],
      );
    }
  }

  /** As far as the shop had said so, before a person took these links away. */
  private async keepLost(itemIds: readonly number[]): Promise<void> {
    for (const slice of slices(itemIds)) {
      await affectedRows(
        this.unit.entities,
        `INSERT INTO former_links (item_id, shop_id, product_id, variation_id)
         SELECT l.item_id, l.shop_id, l.product_id, l.variation_id
         FROM product_links l JOIN sync_items i ON i.id = l.item_id
         WHERE l.item_id IN (${marks(slice)}) AND i.failure_code IN (${marks(LOST)}) ${this.onFormerKnown}`,
        [...slice, ...LOST],
      );
    }
  }

  /** Whoever has a product now has what web orders took of it. */
  private async forgetFormer(shopId: number, { ref, twins }: ProductLink): Promise<void> {
    for (const { productId, variationId } of [ref, ...twins]) {
      await affectedRows(
        this.unit.entities,
        'DELETE FROM former_links WHERE shop_id = ? AND product_id = ? AND variation_id = ?',
        [shopId, productId, variationId ?? 0],
      );
    }
  }

  private get onFormerKnown(): string {
    return this.unit.isSqlite
      ? 'ON CONFLICT (shop_id, product_id, variation_id) DO UPDATE SET item_id = excluded.item_id'
      : 'ON DUPLICATE KEY UPDATE item_id = VALUES(item_id)';
  }

  /** A person's word on a link outranks what a worker found meanwhile: its settle is fenced off by the new epoch. */
  private takeFromWorkers(ids: readonly number[]): Promise<number> {
    return affectedRows(
      this.unit.entities,
      `UPDATE sync_items SET status = 'due', due_at = updated_at, epoch = epoch + 1
       WHERE id IN (${marks(ids)}) AND status = 'writing'`,
      [...ids],
    );
  }
}
