import { BURST_BEGINS_WITHIN_MS, LONGEST_BURST_MS, STILL_MS } from '../domain/coalescing';
import type { Failure } from '../domain/failure';
import { gtin14, gtinSpellings } from '../domain/gtin';
import type { ShopProduct, ShopProductRef } from '../domain/ports/shop-target';
import type { NumberFacts, SyncItemMarks } from '../domain/ports/sync-items';
import { PRIORITY } from '../domain/sync-item';
import { affectedRows, insertRows, marks, selectRows, slices } from './statements';
import { causeKey } from './stored-json';
import { SOURCE_COUNTS } from './sync-item-edits';
import { LEFT_ALONE, LINK_TABLES } from './sync-item-rows';
import type { TypeormUnitOfWork } from './unit-of-work';

const APPEARED_PER_LOOK = 50;

/** Spellings of one text to a database that compares it as it is written. */
const casesOf = (text: string): readonly string[] => [text, text.toLowerCase(), text.toUpperCase()];

/** By which a source may call a product, as its code or as its barcode. */
function codesOf({ sku, gtin }: Pick<ShopProduct, 'sku' | 'gtin'>): readonly string[] {
  return [sku, gtin ?? ''].flatMap((code) => {
    const number = gtin14(code);
    return code === '' ? [] : [...casesOf(code), ...(number === null ? [] : gtinSpellings(number))];
  });
}

const NEW_ITEM_COLUMNS = [
  'connection_id',
  'shop_id',
  'source_product_id',
  'status',
  'priority',
  'due_at',
  'waiting_since',
  'version',
  'epoch',
  'attempts',
  'created_at',
  'updated_at',
];

export class TypeormSyncItemMarks implements SyncItemMarks {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async markDue(
    connection: { readonly id: number; readonly shopId: number; readonly holdErrors: boolean },
    sourceProductIds: readonly number[],
    priority: number,
    at: number,
    saysNew = true,
  ): Promise<void> {
    await this.unit.run(async () => {
      const { entities } = this.unit;
      for (const slice of slices(sourceProductIds)) {
        const known = await selectRows<{ id: number; sourceProductId: number }>(
          entities,
          `SELECT id AS id, source_product_id AS sourceProductId FROM sync_items
           WHERE connection_id = ? AND source_product_id IN (${marks(slice)}) ORDER BY id`,
          [connection.id, ...slice],
        );
        await this.bump(
          known.map((row) => row.id),
          priority,
          at,
          { patient: true, holdErrors: connection.holdErrors, saysNew },
        );
        const knownProducts = new Set(known.map((row) => row.sourceProductId));
        const missing = slice.filter((id) => !knownProducts.has(id));
        if (missing.length === 0) continue;
        await insertRows(
          entities,
          'sync_items',
          NEW_ITEM_COLUMNS,
          missing.map((id) => [connection.id, connection.shopId, id, 'due', priority, at, at, 1, 0, 0, at, at]),
        );
      }
    });
  }

  async markAllDue(
    connection: { readonly id: number; readonly shopId: number; readonly sourceId: number },
    priority: number,
    at: number,
  ): Promise<number> {
    let marked = 0;
    for (let after = 0; ;) {
      const products = await selectRows<{ id: number }>(
        this.unit.entities,
        `SELECT p.id AS id FROM source_products p WHERE p.source_id = ? AND p.id > ?
         AND EXISTS (SELECT 1 FROM stock_levels s WHERE s.source_product_id = p.id) ORDER BY p.id LIMIT 500`,
        [connection.sourceId, after],
      );
      const last = products.at(-1);
      if (last === undefined) return marked;
      const ids = products.map((row) => row.id);
      await this.unit.run(async () => {
        await this.markDue({ ...connection, holdErrors: false }, ids, priority, at);
        // What is right already must not be written once more: an order may lie between the last look and now.
        await affectedRows(
          this.unit.entities,
          `UPDATE product_links SET proven_at = 0 WHERE item_id IN
             (SELECT id FROM sync_items WHERE connection_id = ? AND source_product_id IN (${marks(ids)}))`,
          [connection.id, ...ids],
        );
      });
      marked += products.length;
      after = last.id;
    }
  }

  makeDue(ids: readonly number[], priority: number, at: number): Promise<number> {
    return this.unit.run(() => this.bump(ids, priority, at));
  }

  setOffline(ids: readonly number[], at: number): Promise<number> {
    return this.unit.run(() =>
      // The new epoch keeps a worker that is writing the item from settling it back into the running.
      affectedRows(
        this.unit.entities,
        `UPDATE sync_items SET status = 'offline', due_at = NULL, epoch = epoch + 1, attempts = 0,
           failure_code = NULL, failure_cause = NULL, failure = NULL, updated_at = ? WHERE id IN (${marks(ids)}) AND status <> 'offline'`,
        [at, ...ids],
      ),
    );
  }

  /** What the source said meanwhile was recorded, and nobody was told that it is new. */
  setOnline(ids: readonly number[], at: number): Promise<number> {
    return this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        `UPDATE sync_items SET status = 'due', due_at = ?, priority = ?, ${SOURCE_COUNTS}, version = version + 1,
           updated_at = ? WHERE id IN (${marks(ids)}) AND status = 'offline'`,
        [at, PRIORITY.manual, at, ...ids],
      ),
    );
  }

  lookAnew(ids: readonly number[], priority: number, at: number): Promise<number> {
    return this.unit.run(() => this.distrustAndBump(ids, priority, at));
  }

  distrustLinks(shopId: number, refs: readonly ShopProductRef[], at: number): Promise<number> {
    return this.unit.run(async () => {
      const ids = new Set<number>();
      for (const slice of slices(refs)) {
        const products = slice.flatMap((ref) => (ref.variationId === null ? [ref.productId] : []));
        const variations = slice.flatMap((ref) => (ref.variationId === null ? [] : [ref.variationId]));
        for (const [column, asked] of [
          ['variation_id = 0 AND product_id', products],
          ['variation_id', variations],
        ] as const) {
          if (asked.length === 0) continue;
          for (const table of LINK_TABLES) {
            const rows = await selectRows<{ id: number }>(
              this.unit.entities,
              `SELECT item_id AS id FROM ${table} WHERE shop_id = ? AND ${column} IN (${marks(asked)})`,
              [shopId, ...asked],
            );
            for (const { id } of rows) ids.add(id);
          }
        }
      }
      return this.lookAnew([...ids], PRIORITY.bulk, at);
    });
  }

  awaken(shopId: number, appeared: readonly Pick<ShopProduct, 'sku' | 'gtin' | 'name'>[], at: number): Promise<number> {
    return this.unit.run(async () => {
      let awake = 0;
      for (const slice of slices(appeared, APPEARED_PER_LOOK)) {
        const codes = [...new Set(slice.flatMap(codesOf))];
        const names = [...new Set(slice.flatMap(({ name }) => (name === '' ? [] : casesOf(name))))];
        const conditions = [
          ...(codes.length === 0 ? [] : [`p.code IN (${marks(codes)})`, `p.barcode IN (${marks(codes)})`]),
          ...(names.length === 0 ? [] : [`p.name IN (${marks(names)})`]),
        ];
        if (conditions.length === 0) continue;
        // Through the few items that found nothing, and not through all products of the source: by none of these is
        // there an index, and a product bears more than it is called by.
        const rows = await selectRows<{ id: number }>(
          this.unit.entities,
          `SELECT i.id AS id FROM connections c
           JOIN sync_items i ON i.connection_id = c.id AND i.status IN ('unmatched', 'ambiguous')
           JOIN source_products p ON p.id = i.source_product_id
           WHERE c.shop_id = ? AND c.hold_errors = 0 AND (${conditions.join(' OR ')})`,
          [shopId, ...(codes.length === 0 ? [] : [...codes, ...codes]), ...names],
        );
        awake += await this.bump(
          rows.map(({ id }) => id),
          PRIORITY.retry,
          at,
        );
      }
      return awake;
    });
  }

  awakenAll(shopId: number, at: number): Promise<number> {
    return this.unit.run(async () => {
      let awake = 0;
      for (let after = 0; ;) {
        const rows = await selectRows<{ id: number }>(
          this.unit.entities,
          `SELECT i.id AS id FROM sync_items i JOIN connections c ON c.id = i.connection_id
           WHERE c.shop_id = ? AND c.hold_errors = 0 AND i.shop_id = ? AND i.status IN ('unmatched', 'ambiguous')
             AND i.id > ? ORDER BY i.id LIMIT 500`,
          [shopId, shopId, after],
        );
        const last = rows.at(-1);
        if (last === undefined) return awake;
        awake += await this.bump(
          rows.map(({ id }) => id),
          PRIORITY.bulk,
          at,
        );
        after = last.id;
      }
    });
  }

  async holdBack(ids: readonly number[], failure: Failure, at: number): Promise<void> {
    await this.unit.run(async () => {
      for (const slice of slices(ids)) {
        await affectedRows(
          this.unit.entities,
          `UPDATE sync_items SET status = 'failed', due_at = NULL, waiting_since = NULL, epoch = epoch + 1,
             version = version + 1, attempts = 0, failure_code = ?, failure_cause = ?, failure = ?, updated_at = ?
           WHERE id IN (${marks(slice)}) AND status <> 'offline'`,
          [failure.code, causeKey(failure), JSON.stringify(failure), at, ...slice],
        );
      }
    });
  }

  async noteProven(ids: readonly number[], at: number): Promise<void> {
    await this.unit.run(async () => {
      for (const slice of slices(ids)) {
        await affectedRows(
          this.unit.entities,
          `UPDATE sync_items SET last_synced_at = CASE WHEN last_synced_at > ? THEN last_synced_at ELSE ? END
           WHERE id IN (${marks(slice)}) AND status = 'synced'`,
          [at, at, ...slice],
        );
      }
    });
  }

  async backInStep(items: Parameters<SyncItemMarks['backInStep']>[0], at: number): Promise<void> {
    await this.unit.run(async () => {
      for (const { id, shown } of items) {
        await affectedRows(
          this.unit.entities,
          `UPDATE sync_items SET status = 'synced', failure_code = NULL, failure_cause = NULL, failure = NULL, shown = ?, shown_taken = NULL,
             held = NULL, held_why = NULL, last_synced_at = ?, updated_at = ? WHERE id = ? AND ${LEFT_ALONE}`,
          [shown, at, at, id],
        );
      }
    });
  }

  leaveAsShown(items: Parameters<SyncItemMarks['leaveAsShown']>[0], at: number): Promise<number> {
    return this.unit.run(async () => {
      let left = 0;
      for (const { id, shown, since, failure } of items) {
        // Whatever makes it due but the source's word or a person's leaves it alone, too.
        const isAsked = failure.code === 'shop_differs' ? 1 : 0;
        left += await affectedRows(
          this.unit.entities,
          `UPDATE sync_items SET status = 'failed', due_at = NULL, waiting_since = NULL, epoch = epoch + 1,
             version = version + 1, attempts = 0, failure_code = ?, failure_cause = ?, failure = ?, shown = ?, shown_taken = NULL,
             held = CASE WHEN ? = 1 THEN ? ELSE held END, held_why = CASE WHEN ? = 1 THEN 'asked' ELSE held_why END,
             updated_at = ?
           WHERE id = ? AND COALESCE(last_synced_at, 0) = ? AND (status = 'synced' OR ${LEFT_ALONE})`,
          [failure.code, causeKey(failure), JSON.stringify(failure), shown, isAsked, shown, isAsked, at, id, since],
        );
      }
      return left;
    });
  }

  async noteZeroed(ids: readonly number[], at: number): Promise<void> {
    await this.unit.run(async () => {
      for (const slice of slices(ids)) {
        await affectedRows(this.unit.entities, `UPDATE sync_items SET zeroed_at = ? WHERE id IN (${marks(slice)})`, [
          at,
          ...slice,
        ]);
      }
    });
  }

  setRules(id: number, { buffer, packSize }: Pick<NumberFacts, 'buffer' | 'packSize'>, at: number): Promise<boolean> {
    return this.unit.run(
      async () =>
        (await affectedRows(
          this.unit.entities,
          'UPDATE sync_items SET buffer = ?, pack_size = ?, updated_at = ? WHERE id = ?',
          [buffer, packSize, at, id],
        )) === 1,
    );
  }

  /**
   * Something new is wanted: due now, unless offline; an item being written only learns that it is not the last word.
   * One that already waits keeps its place in the line, or a product that never rests would never be served; patient
   * callers let one that was written a moment ago come to rest. MySQL assigns from left to right, so each column is set
   * before the ones it is judged by.
   */
  private async bump(
    ids: readonly number[],
    priority: number,
    at: number,
    how: { readonly patient: boolean; readonly holdErrors: boolean; readonly saysNew: boolean } = {
      patient: false,
      holdErrors: false,
      saysNew: false,
    },
  ): Promise<number> {
    // The source saying once more what it said before knows nothing of what was sold since.
    const unlessLeftAlone = how.patient && !how.saysNew ? `AND NOT ${LEFT_ALONE}` : '';
    const unlessInError = how.holdErrors ? "AND status NOT IN ('failed', 'unmatched', 'ambiguous')" : '';
    const burst = how.patient ? 1 : 0;
    // The source's new word ends what an undo or an edit in the shop held.
    const held = how.saysNew ? 'held = NULL, held_why = NULL, news = 1,' : '';
    let bumped = 0;
    for (const slice of slices(ids)) {
      bumped += await affectedRows(
        this.unit.entities,
        `UPDATE sync_items SET ${held} version = version + 1, attempts = 0,
           priority = CASE WHEN status = 'due' AND due_at IS NOT NULL AND priority < ? THEN priority ELSE ? END,
           waiting_since = COALESCE(waiting_since, ?),
           due_at = CASE WHEN status = 'writing' THEN NULL
                         WHEN status = 'due' AND due_at IS NOT NULL AND due_at <= ? THEN due_at
                         WHEN ? = 0 THEN ?
                         WHEN status = 'due' AND due_at IS NOT NULL THEN
                           CASE WHEN waiting_since + ? < ? THEN waiting_since + ? ELSE ? END
                         WHEN written_at > ? THEN ?
                         ELSE ? END,
           status = CASE WHEN status = 'writing' THEN status ELSE 'due' END,
           updated_at = ?
         WHERE id IN (${marks(slice)}) AND status <> 'offline' ${unlessInError} ${unlessLeftAlone}`,
        [
          priority,
          priority,
          at,
          at,
          burst,
          at,
          LONGEST_BURST_MS,
          at + STILL_MS,
          LONGEST_BURST_MS,
          at + STILL_MS,
          at - BURST_BEGINS_WITHIN_MS,
          at + STILL_MS,
          at,
          at,
          ...slice,
        ],
      );
    }
    return bumped;
  }

  private async distrustAndBump(ids: readonly number[], priority: number, at: number): Promise<number> {
    for (const slice of slices(ids)) {
      await affectedRows(
        this.unit.entities,
        `UPDATE product_links SET proven_at = 0 WHERE item_id IN (${marks(slice)})`,
        [...slice],
      );
    }
    return this.bump(ids, priority, at);
  }
}
