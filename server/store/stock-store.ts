import type { StockStore, StoredLevel } from '../domain/ports/pushes';
import { quantity } from '../domain/quantity';
import { productIdentity, type StockChange } from '../domain/stock-change';
import { warehouseKey } from '../domain/warehouse';
import { digestOf } from './digests';
import { SourceProductRow, WarehouseRow } from './entities';
import { affectedRows, insertRows, marks, selectRows, slices } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

const SEEN_NOTED_EVERY_MS = 60_000;

const sayings = ({ code, barcode, name, externalId }: StockChange) => ({ code, barcode, name, externalId });

/** What is newly said replaces what was known; what is not said stays. */
type KnownWarehouse = Pick<WarehouseRow, 'id' | 'keyHash' | 'lastSeenAt'>;
type KnownProduct = Pick<SourceProductRow, 'id' | 'identityHash' | 'code' | 'barcode' | 'name' | 'externalId'>;

const learnt = (known: KnownProduct, change: StockChange): Partial<SourceProductRow> | null => {
  const news = Object.fromEntries(
    Object.entries(sayings(change)).filter(
      ([field, said]) => said !== null && said !== known[field as 'code' | 'barcode' | 'name' | 'externalId'],
    ),
  );
  return Object.keys(news).length === 0 ? null : news;
};

export class TypeormStockStore implements StockStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async warehouseIds(sourceId: number, names: readonly string[], at: number): Promise<ReadonlyMap<string, number>> {
    const byHash = new Map(names.map((name) => [digestOf(warehouseKey(name)), name]));
    const known = await this.warehouseRows(sourceId, [...byHash.keys()]);
    const missing = [...byHash].filter(([hash]) => !known.some((row) => row.keyHash === hash));
    for (const slice of slices(missing)) {
      await this.unit.entities
        .createQueryBuilder()
        .insert()
        .into(WarehouseRow)
        .values(slice.map(([keyHash, name]) => ({ sourceId, keyHash, name, firstSeenAt: at, lastSeenAt: at })))
        .updateEntity(false)
        .execute();
    }
    // That a warehouse is in use is worth a write now and then, not one for each push.
    const longUnseen = known.filter((row) => at - row.lastSeenAt > SEEN_NOTED_EVERY_MS);
    for (const slice of slices(longUnseen)) {
      const ids = slice.map((row) => row.id);
      await affectedRows(this.unit.entities, `UPDATE warehouses SET last_seen_at = ? WHERE id IN (${marks(ids)})`, [
        at,
        ...ids,
      ]);
    }
    const rows = missing.length === 0 ? known : await this.warehouseRows(sourceId, [...byHash.keys()]);
    const idByHash = new Map(rows.map((row) => [row.keyHash, row.id]));
    return new Map(
      [...byHash].map(([hash, name]) => {
        const id = idByHash.get(hash);
        if (id === undefined) throw new Error('A warehouse just added cannot be read back');
        return [warehouseKey(name), id];
      }),
    );
  }

  async lockLevels(sourceId: number): Promise<void> {
    // The source's row is the lock; an embedded database has one writer anyway.
    await affectedRows(this.unit.entities, 'UPDATE sources SET updated_at = updated_at WHERE id = ?', [sourceId]);
  }

  async productIds(
    sourceId: number,
    changes: readonly StockChange[],
    at: number,
  ): Promise<ReadonlyMap<string, number>> {
    const named = await this.namedByTheirId(sourceId, changes);
    const byHash = new Map(
      changes.flatMap((change) =>
        named.has(productIdentity(change)) ? [] : [[digestOf(productIdentity(change)), change]],
      ),
    );
    const known = await this.productRows(sourceId, [...byHash.keys()]);
    const knownHashes = new Set(known.map((row) => row.identityHash));
    const missing = [...byHash].filter(([hash]) => !knownHashes.has(hash));
    for (const slice of slices(missing)) {
      await insertRows(
        this.unit.entities,
        'source_products',
        ['source_id', 'identity_hash', 'code', 'barcode', 'name', 'external_id', 'created_at', 'updated_at'],
        slice.map(([identityHash, { code, barcode, name, externalId }]) => [
          sourceId,
          identityHash,
          code,
          barcode,
          name,
          externalId,
          at,
          at,
        ]),
      );
    }
    for (const row of known) {
      const change = byHash.get(row.identityHash);
      const news = change && learnt(row, change);
      if (news) await this.unit.entities.update(SourceProductRow, row.id, { ...news, updatedAt: at });
    }
    const added = await this.productRows(
      sourceId,
      missing.map(([hash]) => hash),
    );
    return new Map([
      ...named,
      ...[...known, ...added].flatMap((row) => {
        const change = byHash.get(row.identityHash);
        return change ? [[productIdentity(change), row.id] as const] : [];
      }),
    ]);
  }

  async knownProductIds(sourceId: number, changes: readonly StockChange[]): Promise<ReadonlyMap<string, number>> {
    const byHash = new Map(changes.map((change) => [digestOf(productIdentity(change)), productIdentity(change)]));
    const rows = await this.productRows(sourceId, [...byHash.keys()]);
    return new Map([
      ...rows.flatMap((row) => {
        const identity = byHash.get(row.identityHash);
        return identity === undefined ? [] : [[identity, row.id] as const];
      }),
      ...(await this.namedByTheirId(sourceId, changes)),
    ]);
  }

  async levels(sourceProductIds: readonly number[]): Promise<readonly StoredLevel[]> {
    const levels: StoredLevel[] = [];
    for (const slice of slices(sourceProductIds)) {
      const rows = await selectRows<{
        sourceProductId: number;
        warehouseId: number;
        quantity: string;
        observedAt: number;
        countedAt: number;
      }>(
        this.unit.entities,
        `SELECT source_product_id AS sourceProductId, warehouse_id AS warehouseId, quantity AS quantity,
           observed_at AS observedAt, COALESCE(counted_at, observed_at) AS countedAt FROM stock_levels WHERE source_product_id IN (${marks(slice)})`,
        slice,
      );
      for (const row of rows) levels.push({ ...row, quantity: quantity(row.quantity) });
    }
    return levels;
  }

  async saveLevels(levels: readonly StoredLevel[], pushId: number | null, at: number): Promise<void> {
    const columns = ['quantity', 'observed_at', 'counted_at', 'push_id', 'updated_at'];
    await insertRows(
      this.unit.entities,
      'stock_levels',
      ['source_product_id', 'warehouse_id', ...columns],
      levels.map((level) => [
        level.sourceProductId,
        level.warehouseId,
        level.quantity,
        level.observedAt,
        level.countedAt,
        pushId,
        at,
      ]),
      this.unit.isSqlite
        ? `ON CONFLICT (source_product_id, warehouse_id) DO UPDATE SET ${columns.map((each) => `${each} = excluded.${each}`).join(', ')}`
        : `ON DUPLICATE KEY UPDATE ${columns.map((each) => `${each} = VALUES(${each})`).join(', ')}`,
    );
  }

  /**
   * Products that these changes call by the source's own id alone, and that are known under their code or barcode, as
   * from a list that tells both. An id that two products bear names neither.
   */
  private async namedByTheirId(
    sourceId: number,
    changes: readonly StockChange[],
  ): Promise<ReadonlyMap<string, number>> {
    const asked = new Map(
      changes.flatMap((change) =>
        change.code === null && change.barcode === null && change.externalId !== null
          ? [[change.externalId, productIdentity(change)] as const]
          : [],
      ),
    );
    const found = new Map<string, number | null>();
    for (const slice of slices([...asked.keys()])) {
      const rows = await selectRows<{ id: number; externalId: string }>(
        this.unit.entities,
        `SELECT id AS id, external_id AS externalId FROM source_products
         WHERE source_id = ? AND external_id IN (${marks(slice)}) AND (code IS NOT NULL OR barcode IS NOT NULL)`,
        [sourceId, ...slice],
      );
      for (const { id, externalId } of rows) found.set(externalId, found.has(externalId) ? null : id);
    }
    return new Map(
      [...found].flatMap(([externalId, id]) => {
        const identity = asked.get(externalId);
        return id === null || identity === undefined ? [] : [[identity, id] as const];
      }),
    );
  }

  private async warehouseRows(sourceId: number, hashes: readonly string[]): Promise<KnownWarehouse[]> {
    const rows: KnownWarehouse[] = [];
    for (const slice of slices(hashes)) {
      rows.push(
        ...(await selectRows<KnownWarehouse>(
          this.unit.entities,
          `SELECT id AS id, key_hash AS keyHash, last_seen_at AS lastSeenAt FROM warehouses
           WHERE source_id = ? AND key_hash IN (${marks(slice)})`,
          [sourceId, ...slice],
        )),
      );
    }
    return rows;
  }

  private async productRows(sourceId: number, hashes: readonly string[]): Promise<KnownProduct[]> {
    const rows: KnownProduct[] = [];
    for (const slice of slices(hashes)) {
      rows.push(
        ...(await selectRows<KnownProduct>(
          this.unit.entities,
          `SELECT id AS id, identity_hash AS identityHash, code AS code, barcode AS barcode, name AS name,
             external_id AS externalId FROM source_products WHERE source_id = ? AND identity_hash IN (${marks(slice)})`,
          [sourceId, ...slice],
        )),
      );
    }
    return rows;
  }
}
