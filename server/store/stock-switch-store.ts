import { pageOf, type Page, type PageRequest } from '../domain/page';
import type { StockSwitch, StockSwitchStore } from '../domain/ports/stock-switches';
import { affectedRows, marks, selectRows, slices } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

const SELECTED = `w.id AS id, w.item_id AS itemId, w.product_id AS productId, w.variation_id AS variationId,
  COALESCE(p.code, p.barcode, p.name) AS label, w.switched_at AS switchedAt, w.undo_at AS undoAt
  FROM stock_switches w JOIN sync_items i ON i.id = w.item_id JOIN source_products p ON p.id = i.source_product_id`;

interface SwitchRow {
  readonly id: number;
  readonly itemId: number;
  readonly productId: number;
  readonly variationId: number;
  readonly label: string | null;
  readonly switchedAt: number;
  readonly undoAt: number | null;
}

const switchOf = ({ productId, variationId, label, ...row }: SwitchRow): StockSwitch => ({
  ...row,
  label: label ?? '',
  ref: { productId, variationId: variationId === 0 ? null : variationId },
});

export class TypeormStockSwitchStore implements StockSwitchStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async list(connectionId: number, { limit, cursor }: PageRequest): Promise<Page<StockSwitch>> {
    const rows = await selectRows<SwitchRow>(
      this.unit.entities,
      `SELECT ${SELECTED} WHERE w.connection_id = ? AND w.id > ? ORDER BY w.id LIMIT ?`,
      [connectionId, Number(cursor ?? 0), limit + 1],
    );
    const page = pageOf(rows, limit, (row) => String(row.id));
    return { ...page, data: page.data.map(switchOf) };
  }

  async count(connectionId: number): Promise<number> {
    const rows = await selectRows<{ n: number | string }>(
      this.unit.entities,
      'SELECT COUNT(*) AS n FROM stock_switches WHERE connection_id = ?',
      [connectionId],
    );
    return Number(rows[0]?.n ?? 0);
  }

  askUndo(connectionId: number, at: number): Promise<number> {
    return this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        'UPDATE stock_switches SET undo_at = ? WHERE connection_id = ? AND undo_at IS NULL',
        [at, connectionId],
      ),
    );
  }

  async toUndo(shopId: number, at: number, limit: number): Promise<readonly StockSwitch[]> {
    const rows = await selectRows<SwitchRow>(
      this.unit.entities,
      `SELECT ${SELECTED} WHERE w.shop_id = ? AND w.undo_at <= ? ORDER BY w.undo_at, w.id LIMIT ?`,
      [shopId, at, limit],
    );
    return rows.map(switchOf);
  }

  async postponeUndo(shopId: number, until: number): Promise<void> {
    await this.unit.run(() =>
      affectedRows(this.unit.entities, 'UPDATE stock_switches SET undo_at = ? WHERE shop_id = ? AND undo_at < ?', [
        until,
        shopId,
        until,
      ]),
    );
  }

  async forget(ids: readonly number[]): Promise<void> {
    await this.unit.run(async () => {
      for (const slice of slices(ids)) {
        await affectedRows(this.unit.entities, `DELETE FROM stock_switches WHERE id IN (${marks(slice)})`, [...slice]);
      }
    });
  }
}
