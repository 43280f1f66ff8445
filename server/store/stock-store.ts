import { In } from 'typeorm';
import type { StockStore, StoredLevel } from '../domain/ports/pushes';
import { quantity } from '../domain/quantity';
import { productIdentity, type StockChange } from '../domain/stock-change';
import { warehouseKey } from '../domain/warehouse';
import { digestOf } from './digests';
import { SourceProductRow, StockLevelRow, WarehouseRow } from './entities';
import { affectedRows, marks, slices } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

const sayings = ({ code, barcode, name, externalId }: StockChange) => ({ code, barcode, name, externalId });

/** What is newly said replaces what was known; what is not said stays. */
const learnt = (known: SourceProductRow, change: StockChange): Partial<SourceProductRow> | null => {
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
    for (const slice of slices(known)) {
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

  async productIds(
    sourceId: number,
    changes: readonly StockChange[],
    at: number,
  ): Promise<ReadonlyMap<string, number>> {
    const byHash = new Map(changes.map((change) => [digestOf(productIdentity(change)), change]));
    const known = await this.productRows(sourceId, [...byHash.keys()]);
    const knownHashes = new Set(known.map((row) => row.identityHash));
    const missing = [...byHash].filter(([hash]) => !knownHashes.has(hash));
    for (const slice of slices(missing)) {
      await this.unit.entities
        .createQueryBuilder()
        .insert()
        .into(SourceProductRow)
        .values(
          slice.map(([identityHash, change]) => ({
            ...sayings(change),
            sourceId,
            identityHash,
            createdAt: at,
            updatedAt: at,
          })),
        )
        .updateEntity(false)
        .execute();
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
    return new Map(
      [...known, ...added].flatMap((row) => {
        const change = byHash.get(row.identityHash);
        return change ? [[productIdentity(change), row.id] as const] : [];
      }),
    );
  }

  async levels(sourceProductIds: readonly number[]): Promise<readonly StoredLevel[]> {
    const levels: StoredLevel[] = [];
    for (const slice of slices(sourceProductIds)) {
      const rows = await this.unit.entities.findBy(StockLevelRow, { sourceProductId: In([...slice]) });
      for (const row of rows) {
        levels.push({
          sourceProductId: row.sourceProductId,
          warehouseId: row.warehouseId,
          quantity: quantity(row.quantity),
          observedAt: row.observedAt,
        });
      }
    }
    return levels;
  }

  async saveLevels(levels: readonly StoredLevel[], pushId: number, at: number): Promise<void> {
    for (const slice of slices(levels)) {
      await this.unit.entities
        .createQueryBuilder()
        .insert()
        .into(StockLevelRow)
        .values(slice.map((level) => ({ ...level, pushId, updatedAt: at })))
        .orUpdate(['quantity', 'observed_at', 'push_id', 'updated_at'], ['source_product_id', 'warehouse_id'])
        .updateEntity(false)
        .execute();
    }
  }

  private async warehouseRows(sourceId: number, hashes: readonly string[]): Promise<WarehouseRow[]> {
    const rows: WarehouseRow[] = [];
    for (const slice of slices(hashes)) {
      rows.push(...(await this.unit.entities.findBy(WarehouseRow, { sourceId, keyHash: In([...slice]) })));
    }
    return rows;
  }

  private async productRows(sourceId: number, hashes: readonly string[]): Promise<SourceProductRow[]> {
    const rows: SourceProductRow[] = [];
    for (const slice of slices(hashes)) {
      rows.push(...(await this.unit.entities.findBy(SourceProductRow, { sourceId, identityHash: In([...slice]) })));
    }
    return rows;
  }
}
