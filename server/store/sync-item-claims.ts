import { refKey } from '../domain/batch-plan';
import { STILL_MS } from '../domain/coalescing';
import { failure } from '../domain/failure';
import type {
  AttemptStep,
  ClaimedItem,
  ClaimRequest,
  LaneLease,
  ProductLink,
  Settlement,
  SyncItemClaims,
} from '../domain/ports/sync-items';
import { PRIORITY } from '../domain/sync-item';
import type { TypeormActivityStore } from './activity-store';
import { SyncItemRow } from './entities';
import { noteSavedSales } from './saved-sales';
import { affectedRows, insertRows, marks, selectRows, slices } from './statements';
import { causeKey, failureOf, failureText } from './stored-json';
import type { TypeormSyncItemEdits } from './sync-item-edits';
import type { TypeormSyncItemLinks } from './sync-item-links';
import type { TypeormSyncItemMarks } from './sync-item-marks';
import {
  factsOf,
  ITEM_COLUMNS,
  ITEM_TABLES,
  type ItemRow,
  leftOf,
  levelsOf,
  linkOf,
  stored,
  subjectOf,
  twinsOf,
} from './sync-item-rows';
import type { TypeormSyncItemSteps } from './sync-item-steps';
import type { TypeormUnitOfWork } from './unit-of-work';
import { unseenSales } from './unseen-orders';

const URGENT = [PRIORITY.movement, PRIORITY.retry] as const;
const BULK = [PRIORITY.manual, PRIORITY.bulk] as const;
/** Five full calls: more would make one claim last too long. */
const MOST_SIBLINGS = 500;

/** The same product, found the same way: only the moment of its proof is new. */
const isSame = (known: ProductLink | null, now: ProductLink | null): boolean =>
  known !== null &&
  now !== null &&
  refKey(known.ref) === refKey(now.ref) &&
  known.sku === now.sku &&
  known.name === now.name &&
  known.foundBy === now.foundBy &&
  known.twins.map(refKey).join() === now.twins.map(refKey).join();

export class TypeormSyncItemClaims implements SyncItemClaims {
  constructor(
    private readonly unit: TypeormUnitOfWork,
    private readonly itemLinks: TypeormSyncItemLinks,
    private readonly itemMarks: TypeormSyncItemMarks,
    private readonly itemEdits: TypeormSyncItemEdits,
    private readonly itemSteps: TypeormSyncItemSteps,
    private readonly activity: TypeormActivityStore,
  ) {}

  claim(lease: LaneLease, ask: ClaimRequest, at: number, leaseUntil: number): Promise<readonly ClaimedItem[]> {
    return this.unit.run(async () => {
      const { entities } = this.unit;
      // Renewing is the fence: whoever lost the lane claims nothing. It also makes a lane's claims wait in line.
      const ours = await affectedRows(
        entities,
        'UPDATE lanes SET lease_until = ? WHERE shop_id = ? AND owner = ? AND epoch = ?',
        [leaseUntil, lease.shopId, lease.owner, lease.epoch],
      );
      if (ours !== 1) return [];
      const { ids, priorities } = await this.dueIds(lease.shopId, ask, at);
      if (ids.length === 0) return [];
      ids.push(...(await this.dueSiblings(lease.shopId, ids, priorities, at)));
      const waiting = await selectRows<{ id: number; since: number | null }>(
        entities,
        `SELECT id AS id, waiting_since AS since FROM sync_items WHERE id IN (${marks(ids)})`,
        ids,
      );
      const waitingSince = new Map(waiting.map(({ id, since }) => [id, since]));
      await affectedRows(
        entities,
        `UPDATE sync_items SET status = 'writing', epoch = epoch + 1, due_at = NULL, waiting_since = NULL,
           updated_at = ?
         WHERE id IN (${marks(ids)}) AND due_at IS NOT NULL`,
        [at, ...ids],
      );
      // Read after the update: its row locks keep version and levels from changing under us until the commit.
      const rows = await selectRows<ItemRow>(
        entities,
        `SELECT ${ITEM_COLUMNS} FROM ${ITEM_TABLES} WHERE i.id IN (${marks(ids)}) AND i.status = 'writing'`,
        ids,
      );
      const levels = await levelsOf(
        entities,
        rows.map((row) => row.sourceProductId),
      );
      const twins = await twinsOf(entities, ids);
      const unseen = await unseenSales(entities, rows, twins);
      const order = new Map(ids.map((id, position) => [id, position]));
      return rows
        .sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0))
        .map((row) => ({
          id: row.id,
          connectionId: row.connectionId,
          sourceProductId: row.sourceProductId,
          epoch: row.epoch,
          version: row.version,
          priority: row.priority,
          attempts: row.attempts,
          waitingSince: waitingSince.get(row.id) ?? null,
          subject: subjectOf(row),
          levels: levels.get(row.sourceProductId) ?? [],
          facts: factsOf(row, unseen.get(row.id) ?? []),
          link: linkOf(row, twins.get(row.id) ?? []),
          shown: stored(row.shown),
          news: Boolean(row.news),
          left: leftOf(row),
          doubtedUntil: row.doubtedUntil,
          failure: failureOf(row.failure),
        }));
    });
  }

  settle(settlements: readonly Settlement[], steps: readonly AttemptStep[], at: number): Promise<number> {
    return this.unit.run(async () => {
      const settled: Settlement[] = [];
      // Two products may have swapped their SKUs: both let go of what they had before either takes what it found.
      await this.letGo(
        settlements.filter(({ item, link }) => item.link !== null && link !== undefined && !isSame(item.link, link)),
      );
      const proven = new Map<number, number[]>();
      const late = new Map<number, number>();
      // In one order everywhere, so that two transactions never wait for each other's rows.
      for (const each of [...settlements].sort((a, b) => a.item.id - b.item.id)) {
        const { item, link } = each;
        if (!(await this.settleOne(each, at))) {
          late.set(item.id, item.epoch);
          continue;
        }
        settled.push(each);
        await this.recordSwitches(each, at);
        await this.itemLinks.keepFormer(item.id, each.gone);
        if (link && isSame(item.link, link)) {
          proven.set(link.provenAt, [...(proven.get(link.provenAt) ?? []), item.id]);
        } else if (link !== undefined && !(await this.storeLink(each, at))) {
          await this.yieldProduct(each, link, at);
        }
      }
      for (const [provenAt, ids] of proven) {
        await affectedRows(
          this.unit.entities,
          `UPDATE product_links SET proven_at = ? WHERE item_id IN (${marks(ids)})`,
          [provenAt, ...ids],
        );
      }
      await this.distrust(late, at);
      // An item may be gone by now (its connection was removed): its steps go with it, its neighbours' stay.
      const known = await this.existing([...new Set(steps.map((step) => step.itemId))]);
      await this.itemSteps.recordSteps(steps.filter((step) => known.has(step.itemId)));
      await this.countActivity(settled, at);
      await noteSavedSales(this.unit.entities, settled, at);
      return settled.length;
    });
  }

  async doubtUntil(ids: readonly number[], until: number): Promise<void> {
    for (const slice of slices(ids)) {
      await this.unit.run(() =>
        affectedRows(this.unit.entities, `UPDATE sync_items SET doubted_until = ? WHERE id IN (${marks(slice)})`, [
          until,
          ...slice,
        ]),
      );
    }
  }

  /** What is settled together was claimed from one lane. */
  private async countActivity(settled: readonly Settlement[], at: number): Promise<void> {
    const [first] = settled;
    if (!first) return;
    const [row] = await selectRows<{ shopId: number }>(
      this.unit.entities,
      'SELECT shop_id AS shopId FROM sync_items WHERE id = ?',
      [first.item.id],
    );
    if (row) await this.activity.add(row.shopId, settled, at);
  }

  /** What their worker wrote nobody knows, and it must not be taken for somebody's edit. */
  releaseAbandoned(shopId: number, at: number): Promise<number> {
    return this.unit.run(() =>
      affectedRows(
        this.unit.entities,
        `UPDATE sync_items SET status = 'due', due_at = ?, waiting_since = COALESCE(waiting_since, ?), epoch = epoch + 1,
           shown_taken = NULL, updated_at = ?
         WHERE shop_id = ? AND status = 'writing'`,
        [at, at, at, shopId],
      ),
    );
  }

  /** One class of work a claim: a movement must not wait for the bulk items that would fill up its call. */
  private async dueIds(
    shopId: number,
    { limit, urgentOnly }: ClaimRequest,
    at: number,
  ): Promise<{ readonly ids: number[]; readonly priorities: readonly number[] }> {
    const classes = urgentOnly ? [URGENT] : [URGENT, BULK];
    for (const priorities of classes) {
      const ids: number[] = [];
      for (const priority of priorities) {
        if (ids.length >= limit) break;
        const rows = await selectRows<{ id: number }>(
          this.unit.entities,
          'SELECT id AS id FROM sync_items WHERE shop_id = ? AND priority = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?',
          [shopId, priority, at, limit - ids.length],
        );
        ids.push(...rows.map((row) => row.id));
      }
      if (ids.length > 0) return { ids, priorities };
    }
    return { ids: [], priorities: [] };
  }

  /**
   * Variations are written by parent, one call each: what else of this class of work is due under these parents goes
   * along for nothing.
   */
  private async dueSiblings(
    shopId: number,
    ids: readonly number[],
    priorities: readonly number[],
    at: number,
  ): Promise<number[]> {
    const parents = await selectRows<{ productId: number }>(
      this.unit.entities,
      `SELECT DISTINCT product_id AS productId FROM product_links WHERE variation_id > 0 AND item_id IN (${marks(ids)})`,
      ids,
    );
    if (parents.length === 0) return [];
    const rows = await selectRows<{ id: number }>(
      this.unit.entities,
      `SELECT i.id AS id FROM product_links l JOIN sync_items i ON i.id = l.item_id
       WHERE l.shop_id = ? AND l.variation_id > 0 AND l.product_id IN (${marks(parents)})
         AND i.priority IN (${marks(priorities)}) AND i.due_at <= ?
       ORDER BY l.product_id, i.id LIMIT ?`,
      [shopId, ...parents.map((row) => row.productId), ...priorities, at, MOST_SIBLINGS],
    );
    const claimed = new Set(ids);
    return rows.map((row) => row.id).filter((id) => !claimed.has(id));
  }

  private async settleOne(each: Settlement, at: number): Promise<boolean> {
    const { item } = each;
    const isSeen = each.shown === undefined ? 0 : 1;
    const isTold = each.sales === undefined ? 0 : 1;
    const isHeld = each.held === undefined ? 0 : 1;
    const isDoubtJudged = each.doubtedUntil === undefined ? 0 : 1;
    // A change that landed meanwhile (another version) leaves the item due, whatever this attempt came to: at once, or
    // when it has been still for a moment after a write.
    return (
      (await affectedRows(
        this.unit.entities,
        `UPDATE sync_items SET
           status = CASE WHEN version = ? THEN ? ELSE 'due' END,
           due_at = CASE WHEN version = ? THEN ? ELSE ? END,
           waiting_since = CASE WHEN version = ? THEN ? ELSE COALESCE(waiting_since, ?) END,
           written_at = COALESCE(?, written_at),
           priority = CASE WHEN version = ? THEN ? ELSE priority END,
           attempts = CASE WHEN version = ? THEN ? ELSE 0 END,
           failure_code = CASE WHEN version = ? THEN ? ELSE NULL END,
           failure_cause = CASE WHEN version = ? THEN ? ELSE NULL END,
           failure = CASE WHEN version = ? THEN ? ELSE NULL END,
           shown = CASE WHEN ? = 1 THEN ? ELSE shown END,
           shown_at = CASE WHEN ? = 1 THEN ? ELSE shown_at END,
           shown_taken = CASE WHEN ? = 1 THEN ? ELSE shown_taken END,
           shown_given = CASE WHEN ? = 1 THEN ? ELSE shown_given END,
           held = CASE WHEN version = ? AND ? = 1 THEN ? ELSE held END,
           held_why = CASE WHEN version = ? AND ? = 1 THEN ? ELSE held_why END,
           news = CASE WHEN version = ? AND ? = 1 THEN 0 ELSE news END,
           doubted_until = CASE WHEN ? = 1 THEN ? ELSE doubted_until END,
           last_synced_at = COALESCE(?, last_synced_at),
           updated_at = ?
         WHERE id = ? AND epoch = ? AND status = 'writing'`,
        [
          item.version,
          each.status,
          item.version,
          each.dueAt,
          each.writtenAt === null ? at : at + STILL_MS,
          item.version,
          each.dueAt === null ? null : (item.waitingSince ?? at),
          at,
          each.writtenAt,
          item.version,
          each.priority,
          item.version,
          each.attempts,
          item.version,
          each.failure?.code ?? null,
          item.version,
          causeKey(each.failure),
          item.version,
          failureText(each.failure),
          isSeen,
          each.shown ?? null,
          isSeen,
          at,
          isTold,
          each.sales?.taken ?? null,
          isTold,
          each.sales?.given ?? null,
          item.version,
          isHeld,
          each.held?.quantity ?? null,
          item.version,
          isHeld,
          each.held?.why ?? null,
          item.version,
          each.syncedAt === null ? 0 : 1,
          isDoubtJudged,
          each.doubtedUntil ?? null,
          each.syncedAt,
          at,
          item.id,
          item.epoch,
        ],
      )) === 1
    );
  }

  /** What was switched on is on record, so that it can be switched off again. */
  private async recordSwitches({ item, switchedOn }: Settlement, at: number): Promise<void> {
    if (switchedOn.length === 0) return;
    const { connectionId, shopId } = await this.unit.entities.findOneByOrFail(SyncItemRow, { id: item.id });
    await insertRows(
      this.unit.entities,
      'stock_switches',
      ['item_id', 'connection_id', 'shop_id', 'product_id', 'variation_id', 'switched_at'],
      switchedOn.map((ref) => [item.id, connectionId, shopId, ref.productId, ref.variationId ?? 0, at]),
      this.unit.isSqlite
        ? 'ON CONFLICT (item_id, product_id, variation_id) DO UPDATE SET switched_at = excluded.switched_at, undo_at = NULL'
        : 'ON DUPLICATE KEY UPDATE switched_at = VALUES(switched_at), undo_at = NULL',
    );
  }

  private async letGo(settlements: readonly Settlement[]): Promise<void> {
    for (const slice of slices(settlements)) {
      const ours = slice.map(() => '(l.item_id = ? AND i.epoch = ?)').join(' OR ');
      const rows = await selectRows<{ id: number }>(
        this.unit.entities,
        `SELECT l.item_id AS id FROM product_links l JOIN sync_items i ON i.id = l.item_id
         WHERE i.status = 'writing' AND (${ours})`,
        slice.flatMap(({ item }) => [item.id, item.epoch]),
      );
      const ids = rows.map((row) => row.id);
      if (ids.length > 0) await this.itemLinks.removeLinks(ids);
    }
  }

  /** False when another item of the shop got the product in the meantime. */
  private async storeLink(each: Settlement, at: number): Promise<boolean> {
    if (each.link === undefined) return true;
    if (each.link === null) {
      await this.itemLinks.removeLinks([each.item.id]);
      return true;
    }
    const item = await this.unit.entities.findOneByOrFail(SyncItemRow, { id: each.item.id });
    return this.itemLinks.putLink(item.id, item.shopId, each.link, at);
  }

  /**
   * Two deliveries side by side found one product for two items. Whoever settled first keeps it and is written once
   * more, since the other may have written last.
   */
  private async yieldProduct(each: Settlement, link: ProductLink | null, at: number): Promise<void> {
    if (link === null) return;
    const { id } = each.item;
    const { shopId } = await this.unit.entities.findOneByOrFail(SyncItemRow, { id });
    const owner = await this.itemLinks.anotherOwner(id, shopId, link);
    const theirs = owner?.ref ?? link.ref;
    const productId = theirs.variationId ?? theirs.productId;
    const label = (await this.itemLinks.linkedTo(shopId, [theirs])).find(
      ({ itemId }) => itemId === owner?.itemId,
    )?.label;
    const taken = failure('product_taken', { productId, other: label ?? '' });
    await this.unit.entities.update(SyncItemRow, id, {
      status: 'failed',
      dueAt: null,
      failureCode: taken.code,
      failureCause: causeKey(taken),
      failure: failureText(taken),
      lastSyncedAt: null,
    });
    if (owner) {
      await this.itemMarks.makeDue([owner.itemId], PRIORITY.movement, at);
      await affectedRows(this.unit.entities, 'UPDATE product_links SET proven_at = 0 WHERE item_id = ?', [
        owner.itemId,
      ]);
    }
  }

  /**
   * Whoever comes too late to settle may have written too late as well (a process that was held in the middle of a
   * call): what the shop shows of these products is looked at anew.
   */
  private async distrust(late: ReadonlyMap<number, number>, at: number): Promise<void> {
    if (late.size === 0) return;
    const rows = await selectRows<{ id: number; epoch: number }>(
      this.unit.entities,
      `SELECT id AS id, epoch AS epoch FROM sync_items WHERE id IN (${marks([...late])})`,
      [...late.keys()],
    );
    // Of the same epoch it was we ourselves who settled it before.
    const ids = rows.filter(({ id, epoch }) => epoch !== late.get(id)).map(({ id }) => id);
    await this.itemEdits.forgetHowLeft(ids);
    await this.itemMarks.lookAnew(ids, PRIORITY.retry, at);
  }

  private async existing(ids: readonly number[]): Promise<ReadonlySet<number>> {
    const found = new Set<number>();
    for (const slice of slices(ids)) {
      const rows = await selectRows<{ id: number }>(
        this.unit.entities,
        `SELECT id AS id FROM sync_items WHERE id IN (${marks(slice)})`,
        slice,
      );
      for (const { id } of rows) found.add(id);
    }
    return found;
  }
}
