import type { StockEventStore } from '../domain/ports/bridge-pairings';
import type { StockEvent } from '../domain/ports/shop-bridge';
import { affectedRows, insertRows, marks, selectRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

const COLUMNS = [
  'shop_id',
  'pairing_id',
  'seq',
  'product_id',
  'parent_id',
  'stock_id',
  'before_quantity',
  'after_quantity',
  'cause',
  'order_id',
  'order_number',
  'changed_by',
  'plugin',
  'at',
  'received_at',
];

export class TypeormStockEventStore implements StockEventStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  keep(
    { shopId, pairingId }: { readonly shopId: number; readonly pairingId: string },
    events: readonly StockEvent[],
    at: number,
  ): Promise<readonly StockEvent[]> {
    return this.unit.run(async () => {
      const { entities } = this.unit;
      if (events.length === 0) return [];
      const last = Math.max(...events.map(({ seq }) => seq));
      // The pairing's row is the lock: two calls with the same events are taken in one after the other.
      await affectedRows(
        entities,
        'UPDATE bridge_pairings SET events_seq = CASE WHEN events_seq < ? THEN ? ELSE events_seq END WHERE shop_id = ?',
        [last, last, shopId],
      );
      const known = await selectRows<{ seq: number }>(
        entities,
        `SELECT seq AS seq FROM stock_events WHERE pairing_id = ? AND seq IN (${marks(events)})`,
        [pairingId, ...events.map(({ seq }) => seq)],
      );
      const told = new Set(known.map(({ seq }) => seq));
      const fresh = events.filter(({ seq }) => !told.has(seq) && told.add(seq));
      // What we wrote ourselves is in our own timeline, and would be most of what is kept here.
      const others = fresh.filter(({ cause }) => cause !== 'relay');
      const rows = others.map((event) => [
        shopId,
        pairingId,
        event.seq,
        event.productId,
        event.parentId,
        event.stockId,
        event.before,
        event.after,
        event.cause,
        event.orderId,
        event.orderNumber,
        event.by,
        event.plugin,
        event.at,
        at,
      ]);
      await insertRows(entities, 'stock_events', COLUMNS, rows);
      return fresh;
    });
  }

  removeBefore(at: number, limit: number): Promise<number> {
    return this.unit.run(async () => {
      const { entities } = this.unit;
      const rows = await selectRows<{ id: number }>(
        entities,
        'SELECT id AS id FROM stock_events WHERE received_at < ? ORDER BY received_at LIMIT ?',
        [at, limit],
      );
      if (rows.length === 0) return 0;
      const ids = rows.map(({ id }) => id);
      return affectedRows(entities, `DELETE FROM stock_events WHERE id IN (${marks(ids)})`, ids);
    });
  }
}
