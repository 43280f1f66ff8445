import { MoreThan } from 'typeorm';
import type { MatchRule } from '../domain/matching';
import { type OrderRule, ORDERS_NOT_COUNTED } from '../domain/order-rule';
import { pageOf, type Page, type PageRequest } from '../domain/page';
import type { CategoryBuffer, Connection, ConnectionDraft, ConnectionStore } from '../domain/ports/connections';
import { quantity } from '../domain/quantity';
import { NO_RULES, type NumberRules } from '../domain/target-stock';
import type { ChosenWarehouses } from '../domain/warehouse';
import { ConnectionRow } from './entities';
import { selectRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

const RULES: readonly string[] = ['code', 'barcode', 'code-gtin', 'name'] satisfies MatchRule[];
const isRule = (rule: string): rule is MatchRule => RULES.includes(rule);

/** What an older version left unsaid is as it was then. */
const rulesOf = (row: ConnectionRow): NumberRules => ({
  buffer: row.buffer === null ? NO_RULES.buffer : quantity(row.buffer),
  packSize: row.packSize === null ? NO_RULES.packSize : quantity(row.packSize),
  rounding: row.rounding === 'nearest' || row.rounding === 'up' ? row.rounding : 'down',
  negative: row.negative === 'keep_with_backorders' ? row.negative : 'zero',
});

const connectionOf = (row: ConnectionRow): Connection => ({
  id: row.id,
  sourceId: row.sourceId,
  shopId: row.shopId,
  warehouses: JSON.parse(row.warehouses) as ChosenWarehouses,
  matchBy: row.matchBy.split(',').filter(isRule),
  mode: row.mode === 'live' ? 'live' : 'test',
  allowNameAfterCode: Boolean(row.allowNameAfterCode),
  holdErrors: Boolean(row.holdErrors),
  rules: rulesOf(row),
  categoryBuffers: row.categoryBuffers === null ? [] : (JSON.parse(row.categoryBuffers) as CategoryBuffer[]),
  unmanaged: row.unmanaged === 'switch-on' ? 'switch-on' : 'report',
  onDifference: row.onDifference === 'report' || row.onDifference === 'keep' ? row.onDifference : 'repair',
  orders: row.orderRule === null ? ORDERS_NOT_COUNTED : (JSON.parse(row.orderRule) as OrderRule),
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});

const columnsOf = ({
  warehouses,
  matchBy,
  rules,
  categoryBuffers,
  orders,
  ...plain
}: Partial<ConnectionDraft>): Partial<ConnectionRow> => ({
  ...plain,
  ...rules,
  ...(categoryBuffers === undefined ? {} : { categoryBuffers: JSON.stringify(categoryBuffers) }),
  // Not counted is said by no rule at all: whoever looks for what is counted asks for a rule.
  ...(orders === undefined ? {} : { orderRule: orders.knownBy === 'not_counted' ? null : JSON.stringify(orders) }),
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
         buffer AS buffer, pack_size AS packSize, rounding AS rounding, negative AS negative,
         category_buffers AS categoryBuffers, unmanaged AS unmanaged, on_difference AS onDifference,
         order_rule AS orderRule,
         created_at AS createdAt, updated_at AS updatedAt
       FROM connections WHERE ${column} = ? ORDER BY id`,
      [id],
    );
    return rows.map(connectionOf);
  }
}
