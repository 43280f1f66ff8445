import type { HeldNumber, SyncItemEdits } from '../domain/ports/sync-items';
import { affectedRows, marks, selectRows, slices } from './statements';
import { LEFT_ALONE } from './sync-item-rows';
import type { TypeormUnitOfWork } from './unit-of-work';

/**
 * What the source says is to be written, whatever was set in the shop. MySQL assigns from left to right: the number is
 * judged by its reason before that goes.
 */
export const SOURCE_COUNTS = `held = CASE WHEN held_why IN ('edited', 'asked') THEN NULL ELSE held END,
  held_why = CASE WHEN held_why IN ('edited', 'asked') THEN NULL ELSE held_why END, news = 1`;

/** Numbers of their own that items have until the source says something new. */
export class TypeormSyncItemEdits implements SyncItemEdits {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  async hold(numbers: readonly { readonly id: number; readonly held: HeldNumber }[], at: number): Promise<void> {
    await this.unit.run(async () => {
      for (const { id, held } of numbers) {
        await affectedRows(
          this.unit.entities,
          'UPDATE sync_items SET held = ?, held_why = ?, updated_at = ? WHERE id = ?',
          [held.quantity, held.why, at, id],
        );
      }
    });
  }

  keepEdits(ids: readonly number[], at: number): Promise<readonly number[]> {
    return this.unit.run(async () => {
      const kept: number[] = [];
      for (const slice of slices(ids)) {
        const rows = await selectRows<{ id: number }>(
          this.unit.entities,
          `SELECT id AS id FROM sync_items WHERE id IN (${marks(slice)}) AND held_why = 'asked'`,
          [...slice],
        );
        const asked = rows.map(({ id }) => id);
        if (asked.length === 0) continue;
        await affectedRows(
          this.unit.entities,
          `UPDATE sync_items SET held_why = 'edited', updated_at = ? WHERE id IN (${marks(asked)}) AND held_why = 'asked'`,
          [at, ...asked],
        );
        kept.push(...asked);
      }
      return kept;
    });
  }

  async notLeftAlone(ids: readonly number[]): Promise<readonly number[]> {
    const found: number[] = [];
    for (const slice of slices(ids)) {
      const rows = await selectRows<{ id: number }>(
        this.unit.entities,
        `SELECT id AS id FROM sync_items WHERE id IN (${marks(slice)}) AND NOT ${LEFT_ALONE}`,
        slice,
      );
      found.push(...rows.map(({ id }) => id));
    }
    return found;
  }

  async letGoOfEdits(ids: readonly number[], at: number): Promise<void> {
    await this.unit.run(async () => {
      for (const slice of slices(ids)) {
        await affectedRows(
          this.unit.entities,
          `UPDATE sync_items SET ${SOURCE_COUNTS}, updated_at = ? WHERE id IN (${marks(slice)})`,
          [at, ...slice],
        );
      }
    });
  }

  /** Nobody knows what the shop was left with, for somebody may have written to it since. */
  async forgetHowLeft(ids: readonly number[]): Promise<void> {
    for (const slice of slices(ids)) {
      await affectedRows(this.unit.entities, `UPDATE sync_items SET shown_taken = NULL WHERE id IN (${marks(slice)})`, [
        ...slice,
      ]);
    }
  }
}
