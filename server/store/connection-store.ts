import { MoreThan } from 'typeorm';
import type { MatchRule } from '../domain/matching';
import { pageOf, type Page, type PageRequest } from '../domain/page';
import type { Connection, ConnectionDraft, ConnectionStore } from '../domain/ports/connections';
import type { ChosenWarehouses } from '../domain/warehouse';
import { ConnectionRow } from './entities';
import { selectRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

const RULES: readonly string[] = ['code', 'barcode', 'name'] satisfies MatchRule[];
const isRule = (rule: string): rule is MatchRule => RULES.includes(rule);

const connectionOf = (row: ConnectionRow): Connection => ({
  id: row.id,
  sourceId: row.sourceId,
  shopId: row.shopId,
  warehouses: JSON.parse(row.warehouses) as ChosenWarehouses,
  matchBy: row.matchBy.split(',').filter(isRule),
  mode: row.mode === 'live' ? 'live' : 'test',
  allowNameAfterCode: Boolean(row.allowNameAfterCode),
  holdErrors: Boolean(row.holdErrors),
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});

const columnsOf = ({ warehouses, matchBy, ...plain }: Partial<ConnectionDraft>): Partial<ConnectionRow> => ({
  ...plain,
  ...(warehouses === undefined ? {} : { warehouses: JSON.stringify(warehouses) }),
  ...(matchBy === undefined ? {} : { matchBy: matchBy.join(',') }),
});

export class TypeormConnectionStore implements ConnectionStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async list({ limit, cursor }: PageRequest): Promise<Page<Connection>> {
    const rows = await this.unit.entities.find(ConnectionRow, {
      where: { id: MoreThan(Number(cursor ?? 0)) },
      order: { id: 'ASC' },
      take: limit + 1,
    });
    const page = pageOf(rows, limit, (row) => String(row.id));
    return { ...page, data: page.data.map(connectionOf) };
  }

  async find(id: number): Promise<Connection | null> {
    const row = await this.unit.entities.findOneBy(ConnectionRow, { id });
    return row && connectionOf(row);
  }

  forShop(shopId: number): Promise<readonly Connection[]> {
    return this.where('shop_id', shopId);
  }

  forSource(sourceId: number): Promise<readonly Connection[]> {
    return this.where('source_id', sourceId);
  }

  create(draft: ConnectionDraft, at: number): Promise<Connection | null> {
    return this.unit.run(async () => {
      const { sourceId, shopId } = draft;
      if (await this.unit.entities.existsBy(ConnectionRow, { sourceId, shopId })) return null;
      const row = await this.unit.entities.save(ConnectionRow, { ...columnsOf(draft), createdAt: at, updatedAt: at });
      return this.find(Number(row.id));
    });
  }

  change(id: number, patch: Partial<ConnectionDraft>, at: number): Promise<Connection | null> {
    return this.unit.run(async () => {
      await this.unit.entities.update(ConnectionRow, id, { ...columnsOf(patch), updatedAt: at });
      return this.find(id);
    });
  }

  remove(id: number): Promise<boolean> {
    return this.unit.run(async () => ((await this.unit.entities.delete(ConnectionRow, id)).affected ?? 0) > 0);
  }

  /** As a plain statement: every push and every delivery asks. */
  private async where(column: 'shop_id' | 'source_id', id: number): Promise<readonly Connection[]> {
    const rows = await selectRows<ConnectionRow>(
      this.unit.entities,
      `SELECT id AS id, source_id AS sourceId, shop_id AS shopId, warehouses AS warehouses, match_by AS matchBy,
         mode AS mode, allow_name_after_code AS allowNameAfterCode, hold_errors AS holdErrors,
         created_at AS createdAt, updated_at AS updatedAt
       FROM connections WHERE ${column} = ? ORDER BY id`,
      [id],
    );
    return rows.map(connectionOf);
  }
}
