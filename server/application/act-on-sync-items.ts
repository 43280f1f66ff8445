import type { Clock } from '../domain/ports/clock';
import type { ConnectionStore } from '../domain/ports/connections';
import type { DeedItem, ItemDeedStore } from '../domain/ports/item-deeds';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { ShopProductRef, ShopTarget } from '../domain/ports/shop-target';
import type { ShopStore } from '../domain/ports/shops';
import type { AttemptStep, NumberFacts, Selection, SyncItemStore } from '../domain/ports/sync-items';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import { notFound, Refusal } from '../domain/refusal';
import { PRIORITY } from '../domain/sync-item';
import { whyNotWritable } from '../domain/writability';
import { failureCause, failureCure, FailureError } from '../domain/failure';
import { letOthersIn } from './let-others-in';

/**
 * - retry: what failed is tried once more; a number that was left alone in the shop is no failure, and stays
 * - keep: what somebody set in the shop stays until the source says something new; for items that ask about it
 */
export type ItemAction = 'retry' | 'relink' | 'online' | 'offline' | 'sync-now' | 'keep';

export interface ActOnSyncItemsPorts {
  readonly unit: UnitOfWork;
  readonly items: SyncItemStore;
  readonly deeds: ItemDeedStore;
  readonly connections: ConnectionStore;
  readonly shops: ShopStore;
  readonly target: ShopTarget;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

/** Items per transaction: a hundred thousand selected rows must not hold every push meanwhile. */
const SLICE = 500;
const READ_MS = 30_000;
/** How long a deed can be taken back. */
export const UNDO_MS = 10 * 60_000;
const CAN_BE_UNDONE: readonly ItemAction[] = ['offline', 'online', 'relink'];

/** What a person does to items by hand; each act is in the item's timeline with who did it. */
export class ActOnSyncItems {
  constructor(private readonly ports: ActOnSyncItemsPorts) {}

  async act(
    action: ItemAction,
    selection: Selection,
    by: string,
  ): Promise<{ readonly affected: number; readonly deedId: number | null }> {
    const { unit, items, deeds, clock } = this.ports;
    const deedId = CAN_BE_UNDONE.includes(action) ? await deeds.begin(action, by, clock.now()) : null;
    let affected = 0;
    for (let after = 0; ;) {
      const selected = await items.select(selection, after, SLICE);
      const last = selected.at(-1);
      if (last === undefined) break;
      affected += await unit.run(async () => {
        const ids = action === 'retry' ? await items.notLeftAlone(selected) : selected;
        const before = deedId === null ? [] : await this.changedBy(action, ids);
        const changed = await this.change(action, ids);
        await items.recordSteps(ids.map((itemId) => this.step(itemId, action, by)));
        if (deedId !== null) await deeds.keep(deedId, before);
        return changed;
      });
      after = last;
      await letOthersIn();
    }
    await this.announce();
    return { affected, deedId };
  }

  /** Takes a deed back where nobody has changed the item since; answers how many that were, and how many were left. */
  async undo(deedId: number, by: string): Promise<{ readonly restored: number; readonly left: number }> {
    const { unit, items, deeds, clock } = this.ports;
    const deed = await deeds.find(deedId);
    if (!deed) throw notFound('action');
    if (clock.now() - deed.madeAt > UNDO_MS) throw new Refusal('conflict', 'It is too long ago to be undone.');
    if (deed.undoneAt !== null) throw new Refusal('conflict', 'It was undone already.');
    let restored = 0;
    let left = 0;
    for (let after = 0; ;) {
      // Read with the change: what another undo of the same deed has given back counts as touched.
      const last = await unit.run(async () => {
        const slice = await deeds.items(deedId, after, SLICE);
        const untouched = slice.filter(({ touched }) => !touched);
        const ids = await this.changeBack(deed.action, untouched);
        await items.recordSteps(ids.map((itemId) => this.step(itemId, 'undo', by)));
        restored += ids.length;
        left += slice.length - ids.length;
        return slice.at(-1);
      });
      if (last === undefined) break;
      after = last.itemId;
      await letOthersIn();
    }
    // Only now: one that was cut off in the middle can be asked for again, and gives back the rest.
    if (!(await deeds.markUndone(deedId, clock.now()))) throw new Refusal('conflict', 'It was undone already.');
    await this.announce();
    return { restored, left };
  }

  /** A person says which product it is. The shop is asked first: a link to nothing would only fail later. */
  async link(itemId: number, ref: ShopProductRef, by: string): Promise<void> {
    const { unit, items, connections, shops, target, laneSignal, clock } = this.ports;
    const item = await items.find(itemId);
    const connection = item && (await connections.find(item.connectionId));
    const access = connection && (await shops.access(connection.shopId));
    if (!item || !connection || !access) throw notFound('item');
    const [seen] = await target.read(access, [ref], AbortSignal.timeout(READ_MS));
    if (seen?.kind !== 'found') {
      throw new Refusal('invalid_input', 'The shop has no such product.', {
        errors: [{ path: ref.variationId === null ? 'productId' : 'variationId', message: 'not found in the shop' }],
      });
    }
    const why = whyNotWritable(seen.product);
    const isSwitchedOn = why?.code === 'stock_not_managed' && connection.unmanaged === 'switch-on';
    if (why && !isSwitchedOn) throw new Refusal('conflict', `${failureCause(why)} ${failureCure(why)}`);
    await unit.run(async () => {
      const { sku, name } = seen.product;
      const link = { ref: seen.product.ref, foundBy: 'manual', sku, name, provenAt: clock.now(), twins: [] } as const;
      if (!(await items.setLink(itemId, link, clock.now()))) {
        throw new Refusal('conflict', 'Another product of a source is already linked to this one.');
      }
      await items.letGoOfEdits([itemId], clock.now());
      await items.makeDue([itemId], PRIORITY.movement, clock.now());
      await items.recordSteps([
        { ...this.step(itemId, 'link', by), params: { productId: ref.variationId ?? ref.productId, name } },
      ]);
    });
    laneSignal.announce([connection.shopId]);
  }

  /** Each for itself: one that cannot be linked holds up none of the others. */
  async linkAll(
    links: readonly { readonly itemId: number; readonly ref: ShopProductRef }[],
    by: string,
  ): Promise<readonly { readonly itemId: number; readonly ok: boolean; readonly message: string | null }[]> {
    const results: { itemId: number; ok: boolean; message: string | null }[] = [];
    for (const { itemId, ref } of links) {
      try {
        await this.link(itemId, ref, by);
        results.push({ itemId, ok: true, message: null });
      } catch (thrown) {
        if (thrown instanceof Refusal) results.push({ itemId, ok: false, message: thrown.message });
        else if (thrown instanceof FailureError)
          results.push({ itemId, ok: false, message: failureCause(thrown.failure) });
        else throw thrown;
      }
    }
    return results;
  }

  /** What is kept back of one product alone, and its pieces. */
  async setRules(itemId: number, rules: Pick<NumberFacts, 'buffer' | 'packSize'>, by: string): Promise<void> {
    const { unit, items, connections, laneSignal, clock } = this.ports;
    const item = await items.find(itemId);
    const connection = item && (await connections.find(item.connectionId));
    if (!item || !connection) throw notFound('item');
    await unit.run(async () => {
      await items.setRules(itemId, rules, clock.now());
      await items.makeDue([itemId], PRIORITY.manual, clock.now());
      const params = { buffer: rules.buffer ?? '', packSize: rules.packSize ?? '' };
      await items.recordSteps([{ ...this.step(itemId, 'rules', by), params }]);
    });
    laneSignal.announce([connection.shopId]);
  }

  private async announce(): Promise<void> {
    const { items, laneSignal, clock } = this.ports;
    laneSignal.announce(await items.shopsWithDueItems(clock.now()));
  }

  /** Those that will not be what they were, with what is lost of them. */
  private async changedBy(action: ItemAction, ids: readonly number[]): Promise<readonly DeedItem[]> {
    const { items } = this.ports;
    if (action === 'relink') {
      return [...(await items.linksOf(ids))].map(([itemId, link]) => ({ itemId, link }));
    }
    const offline = new Set(await items.withStatus(ids, 'offline'));
    return ids.filter((id) => offline.has(id) === (action === 'online')).map((itemId) => ({ itemId, link: null }));
  }

  private async changeBack(action: string, changed: readonly DeedItem[]): Promise<readonly number[]> {
    const { items, clock } = this.ports;
    const now = clock.now();
    const ids = changed.map(({ itemId }) => itemId);
    if (action === 'offline') {
      const still = await items.withStatus(ids, 'offline');
      await this.change('online', still);
      return still;
    }
    if (action === 'online') {
      await this.change('offline', ids);
      return ids;
    }
    const linked = await items.setLinks(
      changed.flatMap(({ itemId, link }) => (link ? [{ itemId, link }] : [])),
      now,
    );
    await items.makeDue(linked, PRIORITY.manual, now);
    return linked;
  }

  private async change(action: ItemAction, ids: readonly number[]): Promise<number> {
    const { items, clock } = this.ports;
    const now = clock.now();
    if (ids.length === 0) return 0;
    switch (action) {
      case 'offline':
        return items.setOffline(ids, now);
      case 'online':
        return items.setOnline(ids, now);
      case 'relink':
        await items.forgetLinks(ids);
        await items.letGoOfEdits(ids, now);
        return items.makeDue(ids, PRIORITY.manual, now);
      case 'retry':
        return items.makeDue(ids, PRIORITY.manual, now);
      case 'sync-now':
        await items.letGoOfEdits(ids, now);
        return items.makeDue(ids, PRIORITY.manual, now);
      case 'keep':
        return items.lookAnew(await items.keepEdits(ids, now), PRIORITY.manual, now);
    }
  }

  private step(itemId: number, outcome: string, by: string): AttemptStep {
    return {
      itemId,
      at: this.ports.clock.now(),
      step: 'change',
      outcome,
      before: null,
      after: null,
      wanted: null,
      params: {},
      failure: null,
      by,
    };
  }
}
