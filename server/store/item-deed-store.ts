import type { DeedItem, ItemDeed, ItemDeedStore } from '../domain/ports/item-deeds';
import { affectedRows, insertOne, insertRows, marks, selectRows, slices } from './statements';
import { linkIn } from './stored-json';
import type { TypeormUnitOfWork } from './unit-of-work';

export class TypeormItemDeedStore implements ItemDeedStore {
  constructor(private readonly unit: TypeormUnitOfWork) {}

  begin(action: string, by: string, at: number): Promise<number> {
    return this.unit.run(() =>
      insertOne(this.unit.entities, 'item_deeds', { action, made_by: by.slice(0, 254), made_at: at }),
    );
  }

  async keep(deedId: number, items: readonly DeedItem[]): Promise<void> {
    await this.unit.run(async () => {
      for (const slice of slices(items)) {
        const steps = await selectRows<{ itemId: number; stepId: number }>(
          this.unit.entities,
          `SELECT item_id AS itemId, MAX(id) AS stepId FROM sync_attempts WHERE item_id IN (${marks(slice)})
           GROUP BY item_id`,
          slice.map(({ itemId }) => itemId),
        );
        const stepOf = new Map(steps.map(({ itemId, stepId }) => [itemId, stepId]));
        await insertRows(
          this.unit.entities,
          'item_deed_items',
          ['deed_id', 'item_id', 'step_id', 'links'],
          slice.map(({ itemId, link }) => [deedId, itemId, stepOf.get(itemId) ?? 0, link && JSON.stringify(link)]),
        );
      }
    });
  }

  async find(id: number): Promise<ItemDeed | null> {
    const rows = await selectRows<ItemDeed>(
      this.unit.entities,
      'SELECT id AS id, action AS action, made_at AS madeAt, undone_at AS undoneAt FROM item_deeds WHERE id = ?',
      [id],
    );
    return rows[0] ?? null;
  }

  markUndone(id: number, at: number): Promise<boolean> {
    return this.unit.run(
      async () =>
        (await affectedRows(
          this.unit.entities,
          'UPDATE item_deeds SET undone_at = ? WHERE id = ? AND undone_at IS NULL',
          [at, id],
        )) === 1,
    );
  }

  async items(
    deedId: number,
    afterId: number,
    limit: number,
  ): Promise<readonly (DeedItem & { readonly touched: boolean })[]> {
    const rows = await selectRows<{ itemId: number; links: string | null; touched: number | string }>(
      this.unit.entities,
      `SELECT d.item_id AS itemId, d.links AS links,
         EXISTS (SELECT 1 FROM sync_attempts a WHERE a.item_id = d.item_id AND a.id > d.step_id AND a.step = 'change')
           AS touched
       FROM item_deed_items d WHERE d.deed_id = ? AND d.item_id > ? ORDER BY d.item_id LIMIT ?`,
      [deedId, afterId, limit],
    );
    return rows.map(({ itemId, links, touched }) => ({ itemId, link: linkIn(links), touched: Number(touched) === 1 }));
  }

  removeBefore(before: number, limit: number): Promise<number> {
    return this.unit.run(async () => {
      const old = await selectRows<{ deedId: number; itemId: number }>(
        this.unit.entities,
        `SELECT d.deed_id AS deedId, d.item_id AS itemId FROM item_deeds m
         JOIN item_deed_items d ON d.deed_id = m.id WHERE m.made_at < ? LIMIT ?`,
        [before, limit],
      );
      if (old.length === 0) {
        return affectedRows(this.unit.entities, 'DELETE FROM item_deeds WHERE made_at < ?', [before]);
      }
      return affectedRows(
        this.unit.entities,
        `DELETE FROM item_deed_items WHERE ${old.map(() => '(deed_id = ? AND item_id = ?)').join(' OR ')}`,
        old.flatMap(({ deedId, itemId }) => [deedId, itemId]),
      );
    });
  }
}
