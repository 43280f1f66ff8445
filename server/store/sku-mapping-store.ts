import { pageOf, type Page, type PageRequest } from '../domain/page';
import type { SkuMapping, SkuMappingStore } from '../domain/ports/sku-mappings';
import { digestOf } from './digests';
import { affectedRows, insertRows, marks, selectRows, slices } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

/** Two spellings of one reference: the same as sameCode tells. */
export const referenceKey = (reference: string): string => digestOf(reference.trim().normalize('NFC').toLowerCase());

interface MappingRow extends SkuMapping {
  readonly key: string;
}

export class TypeormSkuMappingStore implements SkuMappingStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async list(connectionId: number, { limit, cursor }: PageRequest): Promise<Page<SkuMapping>> {
    const rows = await selectRows<SkuMapping>(
      this.unit.entities,
      `SELECT id AS id, reference AS reference, sku AS sku FROM sku_mappings
       WHERE connection_id = ? AND id > ? ORDER BY id LIMIT ?`,
      [connectionId, Number(cursor ?? 0), limit + 1],
    );
    return pageOf(rows, limit, (row) => String(row.id));
  }

  async count(connectionId: number): Promise<number> {
    const rows = await selectRows<{ n: number | string }>(
      this.unit.entities,
      'SELECT COUNT(*) AS n FROM sku_mappings WHERE connection_id = ?',
      [connectionId],
    );
    return Number(rows[0]?.n ?? 0);
  }

  async find(connectionId: number, references: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const known = await this.rows(connectionId, references);
    return new Map(
      references.flatMap((reference) => {
        const row = known.get(referenceKey(reference));
        return row ? [[reference, row.sku] as const] : [];
      }),
    );
  }

  put(
    connectionId: number,
    lines: readonly { readonly reference: string; readonly sku: string }[],
    at: number,
  ): Promise<{ readonly added: number; readonly changed: number; readonly references: readonly string[] }> {
    return this.unit.run(async () => {
      const known = await this.rows(
        connectionId,
        lines.map(({ reference }) => reference),
      );
      const added = lines.filter(({ reference }) => !known.has(referenceKey(reference)));
      const changed = lines.filter(({ reference, sku }) => {
        const row = known.get(referenceKey(reference));
        return row !== undefined && row.sku !== sku;
      });
      await insertRows(
        this.unit.entities,
        'sku_mappings',
        ['connection_id', 'reference', 'reference_key', 'sku', 'created_at'],
        [...added, ...changed].map(({ reference, sku }) => [connectionId, reference, referenceKey(reference), sku, at]),
        this.unit.isSqlite
          ? 'ON CONFLICT (connection_id, reference_key) DO UPDATE SET sku = excluded.sku'
          : 'ON DUPLICATE KEY UPDATE sku = VALUES(sku)',
      );
      return {
        added: added.length,
        changed: changed.length,
        references: [...added, ...changed].map(({ reference }) => reference),
      };
    });
  }

  remove(connectionId: number, ids: readonly number[]): Promise<readonly string[]> {
    return this.unit.run(async () => {
      const references: string[] = [];
      for (const slice of slices(ids)) {
        const rows = await selectRows<SkuMapping>(
          this.unit.entities,
          `SELECT id AS id, reference AS reference FROM sku_mappings WHERE connection_id = ? AND id IN (${marks(slice)})`,
          [connectionId, ...slice],
        );
        references.push(...(await this.removeRows(rows)));
      }
      return references;
    });
  }

  removeOthers(connectionId: number, keep: readonly string[]): Promise<readonly string[]> {
    return this.unit.run(async () => {
      const kept = new Set(keep.map(referenceKey));
      const references: string[] = [];
      for (let after = 0; ;) {
        const rows = await selectRows<MappingRow>(
          this.unit.entities,
          `SELECT id AS id, reference AS reference, reference_key AS ${'`key`'} FROM sku_mappings
           WHERE connection_id = ? AND id > ? ORDER BY id LIMIT 500`,
          [connectionId, after],
        );
        const last = rows.at(-1);
        if (last === undefined) return references;
        references.push(...(await this.removeRows(rows.filter(({ key }) => !kept.has(key)))));
        after = last.id;
      }
    });
  }

  private async removeRows(rows: readonly Pick<SkuMapping, 'id' | 'reference'>[]): Promise<string[]> {
    const ids = rows.map((row) => row.id);
    if (ids.length > 0) {
      await affectedRows(this.unit.entities, `DELETE FROM sku_mappings WHERE id IN (${marks(ids)})`, ids);
    }
    return rows.map((row) => row.reference);
  }

  private async rows(connectionId: number, references: readonly string[]): Promise<ReadonlyMap<string, MappingRow>> {
    const found = new Map<string, MappingRow>();
    for (const slice of slices([...new Set(references.map(referenceKey))])) {
      const rows = await selectRows<MappingRow>(
        this.unit.entities,
        `SELECT id AS id, reference AS reference, sku AS sku, reference_key AS ${'`key`'} FROM sku_mappings
         WHERE connection_id = ? AND reference_key IN (${marks(slice)})`,
        [connectionId, ...slice],
      );
      for (const row of rows) found.set(row.key, row);
    }
    return found;
  }
}
