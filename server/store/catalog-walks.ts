import type { Failure } from '../domain/failure';
import type { CatalogState, CatalogWalk, CatalogWalks, PageKept } from '../domain/ports/catalog';
import type { CataloguePage } from '../domain/ports/shop-catalogue';
import type { ShopProductRef } from '../domain/ports/shop-target';
import type { TypeormCatalogEntries } from './catalog-entries';
import { affectedRows, insertRows, selectRows } from './statements';
import { failureOf } from './stored-json';
import type { TypeormUnitOfWork } from './unit-of-work';

interface StateRow {
  shopId: number;
  walk: string | null;
  position: string | null;
  done: number;
  total: number | null;
  walkBeganAt: number | null;
  walkBeganShopTime: number | null;
  changedSince: number | null;
  changedMark: string | null;
  loadedAt: number | null;
  refreshedAt: number | null;
  dueAt: number | null;
  fullDueAt: number | null;
  failure: string | null;
}

const earliest = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b);

export class TypeormCatalogWalks implements CatalogWalks {
  constructor(
    private readonly unit: TypeormUnitOfWork,
    private readonly entries: TypeormCatalogEntries,
  ) {}

  async state(shopId: number): Promise<CatalogState | null> {
    const rows = await selectRows<StateRow>(
      this.unit.entities,
      `SELECT shop_id AS shopId, walk AS walk, position AS ${'`position`'}, done AS done, total AS total,
         walk_began_at AS walkBeganAt, walk_began_shop_time AS walkBeganShopTime, changed_since AS changedSince,
         changed_mark AS changedMark,
         loaded_at AS loadedAt, refreshed_at AS refreshedAt, due_at AS dueAt, full_due_at AS fullDueAt,
         failure AS failure
       FROM catalogs WHERE shop_id = ?`,
      [shopId],
    );
    const [row] = rows;
    return row
      ? {
          ...row,
          walk: row.walk === 'full' || row.walk === 'changes' ? row.walk : null,
          failure: failureOf(row.failure),
        }
      : null;
  }

  async count(shopId: number): Promise<number> {
    const rows = await selectRows<{ n: number | string }>(
      this.unit.entities,
      'SELECT COUNT(*) AS n FROM catalog_entries WHERE shop_id = ?',
      [shopId],
    );
    return Number(rows[0]?.n ?? 0);
  }

  async request(shopId: number, walk: CatalogWalk, at: number): Promise<void> {
    await this.unit.run(async () => {
      const { entities } = this.unit;
      if ((await this.state(shopId)) === null) {
        await insertRows(
          entities,
          'catalogs',
          ['shop_id', 'due_at', 'full_due_at'],
          [[shopId, at, at]],
          this.unit.isSqlite ? 'ON CONFLICT (shop_id) DO NOTHING' : 'ON DUPLICATE KEY UPDATE shop_id = shop_id',
        );
        return;
      }
      await affectedRows(
        entities,
        // What failed before says nothing of what is asked for now.
        `UPDATE catalogs SET failure = NULL, due_at = ?${walk === 'full' ? ', full_due_at = ?' : ''} WHERE shop_id = ?`,
        walk === 'full' ? [at, at, shopId] : [at, shopId],
      );
    });
  }

  async beginWalk(shopId: number, walk: CatalogWalk, at: number): Promise<void> {
    await this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        `UPDATE catalogs SET walk = ?, pass = pass + 1, position = NULL, done = 0, total = NULL, walk_began_at = ?,
           walk_began_shop_time = NULL WHERE shop_id = ? AND walk IS NULL`,
        [walk, at, shopId],
      ),
    );
  }

  keepPage(state: CatalogState, page: CataloguePage, at: number): Promise<PageKept | null> {
    return this.unit.run(async () => {
      const { shopId } = state;
      // The condition fences off who walked on the same page before: positions are never the same twice in a walk.
      const ours = await affectedRows(
        this.unit.entities,
        `UPDATE catalogs SET position = ?, done = ?, total = ?, failure = NULL,
           walk_began_shop_time = COALESCE(walk_began_shop_time, ?)
         WHERE shop_id = ? AND walk = ? AND walk_began_at = ? AND ${state.position === null ? 'position IS NULL' : 'position = ?'}`,
        [
          page.next,
          page.done,
          page.total,
          page.shopTime,
          shopId,
          state.walk,
          state.walkBeganAt,
          ...(state.position === null ? [] : [state.position]),
        ],
      );
      if (ours !== 1) return null;
      const [row] = await selectRows<{ pass: number }>(
        this.unit.entities,
        'SELECT pass AS pass FROM catalogs WHERE shop_id = ?',
        [shopId],
      );
      return this.entries.keep(shopId, page.products, row?.pass ?? 0, at);
    });
  }

  endWalk(
    state: CatalogState,
    next: Parameters<CatalogWalks['endWalk']>[1],
    at: number,
  ): Promise<readonly ShopProductRef[]> {
    return this.unit.run(async () => {
      const { shopId } = state;
      const isFull = state.walk === 'full';
      const { entities } = this.unit;
      // Whoever was held at the end of a walk must not end the one that another began since.
      const ours = await affectedRows(
        entities,
        `UPDATE catalogs SET walk = NULL, refreshed_at = ?, changed_since = ?, changed_mark = COALESCE(?, changed_mark)${isFull ? ', loaded_at = ?' : ''}
         WHERE shop_id = ? AND walk = ? AND walk_began_at = ? AND position IS NULL`,
        [
          at,
          next.changedSince,
          next.changedMark ?? null,
          ...(isFull ? [at] : []),
          shopId,
          state.walk,
          state.walkBeganAt,
        ],
      );
      if (ours !== 1) return [];
      const gone = isFull ? await this.entries.removeUnseen(shopId) : [];
      const [now] = await selectRows<Pick<StateRow, 'dueAt' | 'fullDueAt'>>(
        entities,
        'SELECT due_at AS dueAt, full_due_at AS fullDueAt FROM catalogs WHERE shop_id = ?',
        [shopId],
      );
      // What was asked for while the walk was under way may concern what it had passed by. A full walk is as good as the
      // one that is asked for meanwhile, but for what changed since it began.
      const fullDueAt = isFull || now?.fullDueAt === state.fullDueAt ? next.fullDueAt : (now?.fullDueAt ?? null);
      const askedFor = now?.dueAt === state.dueAt ? null : (now?.dueAt ?? null);
      const dueAt = earliest(next.dueAt, earliest(askedFor, fullDueAt));
      await affectedRows(entities, 'UPDATE catalogs SET due_at = ?, full_due_at = ? WHERE shop_id = ?', [
        dueAt,
        fullDueAt,
        shopId,
      ]);
      return gone;
    });
  }

  async postpone(shopId: number, failure: Failure, dueAt: number): Promise<void> {
    await this.unit.run(() =>
      affectedRows(this.unit.entities, 'UPDATE catalogs SET due_at = ?, failure = ? WHERE shop_id = ?', [
        dueAt,
        JSON.stringify(failure),
        shopId,
      ]),
    );
  }
}
