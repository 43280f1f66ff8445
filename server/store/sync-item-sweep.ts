import type { SyncItemSweep } from '../domain/ports/sync-items';
import { BRIDGE_WATCHED_EVERY_MS } from '../domain/bridge-way';
import { LONGEST_WAIT_MS } from '../domain/retry-policy';
import { PRIORITY } from '../domain/sync-item';
import { affectedRows, selectRows } from './statements';
import type { TypeormUnitOfWork } from './unit-of-work';

/** For so long after a clock was set back, work that had read it before may still write what it read. */
const ROWS_FROM_THE_FUTURE_MS = 60_000;
/** Far more than any lease that is given, and than the clocks of several machines may differ. */
const LONGEST_LEASE_MS = 60_000;
/** Longer than an item, and than anything else that has failed, is ever put off. */
const LONGEST_ITEM_PUT_OFF_MS = LONGEST_WAIT_MS + 60_000;
const LONGEST_PUT_OFF_MS = 11 * 60_000;

export class TypeormSyncItemSweep implements SyncItemSweep {
  /** The time of the latest sweep, and until when rows of a clock that has been set back are looked for. */
  private sweptAt: number | null = null;
  private rowsFromTheFutureUntil = 0;

  constructor(private readonly unit: TypeormUnitOfWork) {}

  async shopsWithDueItems(at: number): Promise<readonly number[]> {
    // Before this process began, or since its last look.
    const mayHaveBeenSetBack = this.sweptAt === null || at < this.sweptAt || (await this.hasWorkFromTheFuture(at));
    this.sweptAt = at;
    if (mayHaveBeenSetBack) this.rowsFromTheFutureUntil = at + ROWS_FROM_THE_FUTURE_MS;
    if (at <= this.rowsFromTheFutureUntil) await this.bringForward(at);
    const priorities = Object.values(PRIORITY);
    const due = priorities.map(
      () => 'EXISTS (SELECT 1 FROM sync_items i WHERE i.shop_id = lanes.shop_id AND i.priority = ? AND i.due_at <= ?)',
    );
    const rows = await selectRows<{ shopId: number }>(
      this.unit.entities,
      // An open circuit is probed even where nothing is due, or it would stay open until something is.
      `SELECT shop_id AS shopId FROM lanes WHERE (circuit_state <> 'closed' AND circuit_probe_at <= ?)
         OR (circuit_state = 'closed' AND (${due.join(' OR ')}
           OR (lease_until < ? AND EXISTS (SELECT 1 FROM sync_items w WHERE w.shop_id = lanes.shop_id AND w.status = 'writing'))
           OR EXISTS (SELECT 1 FROM catalogs g WHERE g.shop_id = lanes.shop_id AND g.due_at <= ?)
           OR EXISTS (SELECT 1 FROM order_ledgers o WHERE o.shop_id = lanes.shop_id AND o.due_at <= ?)
           OR EXISTS (SELECT 1 FROM stock_switches u WHERE u.shop_id = lanes.shop_id AND u.undo_at <= ?)
           OR EXISTS (SELECT 1 FROM bridge_pairings b WHERE b.shop_id = lanes.shop_id AND b.pairing_id IS NOT NULL
             AND COALESCE(b.watched_at, 0) <= ? AND COALESCE(b.retry_at, 0) <= ?))) `,
      [at, ...priorities.flatMap((priority) => [priority, at]), at, at, at, at, at - BRIDGE_WATCHED_EVERY_MS, at],
    );
    return rows.map((row) => row.shopId);
  }

  /** Nobody looked while the clock was ahead: what was written then tells of it, further ahead than anything is put off. */
  private async hasWorkFromTheFuture(at: number): Promise<boolean> {
    const priorities = Object.values(PRIORITY);
    const due = priorities.map(
      () => 'EXISTS (SELECT 1 FROM sync_items i WHERE i.shop_id = lanes.shop_id AND i.priority = ? AND i.due_at > ?)',
    );
    const [soon, later] = [at + LONGEST_LEASE_MS, at + LONGEST_PUT_OFF_MS];
    const rows = await selectRows(
      this.unit.entities,
      `SELECT shop_id AS shopId FROM lanes WHERE circuit_set_at > ? OR lease_until > ? OR ${due.join(' OR ')}
         OR EXISTS (SELECT 1 FROM catalogs g WHERE g.shop_id = lanes.shop_id
           AND (g.refreshed_at > ? AND g.due_at > ? OR g.loaded_at > ? AND g.full_due_at > ?))
         OR EXISTS (SELECT 1 FROM order_ledgers o WHERE o.shop_id = lanes.shop_id AND o.due_at > ?)
         OR EXISTS (SELECT 1 FROM stock_switches u WHERE u.shop_id = lanes.shop_id AND u.undo_at > ?)
         OR EXISTS (SELECT 1 FROM bridge_pairings b WHERE b.shop_id = lanes.shop_id AND (b.watched_at > ? OR b.retry_at > ?))
       LIMIT 1`,
      [
        soon,
        soon,
        ...priorities.flatMap((priority) => [priority, at + LONGEST_ITEM_PUT_OFF_MS]),
        soon,
        soon,
        soon,
        soon,
        later,
        later,
        soon,
        later,
      ],
    );
    return rows.length > 0;
  }

  /**
   * The clock was set back: what was to come in a moment must not wait until it has caught up. A row that was changed
   * in the future tells by how much. Some are written after the clock was set, by work that had read it before.
   */
  private bringForward(at: number): Promise<unknown> {
    return this.unit.run(async () => {
      const { entities } = this.unit;
      const shops = await selectRows<{ shopId: number }>(entities, 'SELECT shop_id AS shopId FROM lanes', []);
      for (const { shopId } of shops) {
        for (const priority of Object.values(PRIORITY)) {
          await affectedRows(
            entities,
            `UPDATE sync_items SET due_at = CASE WHEN due_at - (updated_at - ?) < ? THEN ? ELSE due_at - (updated_at - ?) END,
               waiting_since = CASE WHEN waiting_since > ? THEN ? ELSE waiting_since END, updated_at = ?
             WHERE shop_id = ? AND priority = ? AND due_at > ? AND updated_at > ?`,
            [at, at, at, at, at, at, at, shopId, priority, at, at],
          );
          // Changed since then, and so it tells no more of the time it waits for.
          await affectedRows(
            entities,
            'UPDATE sync_items SET due_at = ? WHERE shop_id = ? AND priority = ? AND due_at > ?',
            [at, shopId, priority, at + LONGEST_ITEM_PUT_OFF_MS],
          );
        }
      }
      await affectedRows(
        entities,
        `UPDATE lanes SET circuit_probe_at = CASE WHEN circuit_probe_at - (circuit_set_at - ?) < ? THEN ?
             ELSE circuit_probe_at - (circuit_set_at - ?) END, circuit_set_at = ?
         WHERE circuit_set_at > ?`,
        [at, at, at, at, at, at],
      );
      const bring = (sql: string, ...ahead: readonly number[]) =>
        affectedRows(entities, `UPDATE ${sql}`, [at, ...ahead]);
      const later = at + LONGEST_PUT_OFF_MS;
      await affectedRows(entities, 'UPDATE lanes SET lease_until = 0 WHERE lease_until > ?', [at + LONGEST_LEASE_MS]);
      await bring('catalogs SET due_at = ? WHERE refreshed_at > ? AND due_at > ?', at, at);
      await bring('catalogs SET full_due_at = ? WHERE loaded_at > ? AND full_due_at > ?', at, at);
      await bring('order_ledgers SET due_at = ? WHERE due_at > ?', later);
      await bring('stock_switches SET undo_at = ? WHERE undo_at > ?', later);
      await bring('bridge_pairings SET watched_at = ? WHERE watched_at > ?', at);
      await bring('bridge_pairings SET retry_at = ? WHERE retry_at > ?', later);
    });
  }
}
