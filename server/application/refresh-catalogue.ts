import { refKey } from '../domain/batch-plan';
import type { CatalogState, CatalogStore } from '../domain/ports/catalog';
import type { Clock } from '../domain/ports/clock';
import type { FlowRunStore } from '../domain/ports/flow-runs';
import type { CatalogProduct, CataloguePage, ShopCatalogue } from '../domain/ports/shop-catalogue';
import type { RunSignal } from '../domain/ports/run-signal';
import type { ShopAccess, ShopProduct, ShopProductRef } from '../domain/ports/shop-target';
import type { SyncItemStore } from '../domain/ports/sync-items';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import { letOthersIn } from './let-others-in';

export interface RefreshCataloguePorts {
  readonly unit: UnitOfWork;
  readonly items: Pick<SyncItemStore, 'distrustLinks' | 'awaken' | 'awakenAll'>;
  readonly catalogue: ShopCatalogue;
  readonly store: CatalogStore;
  /** Runs that wait to see what the shop shows. */
  readonly runs: Pick<FlowRunStore, 'noteSeen' | 'hurry'>;
  readonly runSignal: RunSignal;
  readonly clock: Clock;
}

const MINUTE = 60_000;
/** The cheap walk: it tells what was changed or created. */
const CHANGES_EVERY_MS = 60 * MINUTE;
/** The whole: it tells what was deleted, too. */
const FULL_EVERY_MS = 24 * 60 * MINUTE;
/** Where the shop does not tell its time, its clock may differ from ours by this much. */
const UNKNOWN_SHOP_CLOCK_MS = 15 * MINUTE;

/** Walks through a shop's catalogue and keeps the mirror in step. Every page is kept with where to go on. */
export class RefreshCatalogue {
  constructor(private readonly ports: RefreshCataloguePorts) {}

  async isDue(shopId: number): Promise<boolean> {
    const state = await this.ports.store.state(shopId);
    return state !== null && state.dueAt !== null && state.dueAt <= this.ports.clock.now();
  }

  /**
   * Goes on until the walk that is due has ended, or as long as it may. Throws the FailureError of a call that failed;
   * the walk goes on from the last page that was kept.
   */
  async refresh(access: ShopAccess, signal: AbortSignal, mayGoOn: () => boolean): Promise<void> {
    const state = await this.begin(access.shopId);
    if (state) await this.walk(access, state, signal, mayGoOn);
  }

  /**
   * Brings the mirror up to date for somebody who is about to conclude something from it. False when nothing may be
   * concluded: it was never complete.
   */
  async freshen(access: ShopAccess, youngerThanMs: number, signal: AbortSignal): Promise<boolean> {
    const { store, clock } = this.ports;
    const { shopId } = access;
    // A walk knows what the shop had changed before it began. One that is under way is brought to its end, and if it
    // began too long ago there is another one after it.
    for (;;) {
      const before = await store.state(shopId);
      if (before?.loadedAt == null || before.walk === 'full') return false;
      const age = clock.now() - (before.walkBeganAt ?? 0);
      if (before.walk === null) {
        if (before.refreshedAt !== null && age >= 0 && age < youngerThanMs) return true;
        await store.beginWalk(shopId, 'changes', clock.now());
      }
      const state = await store.state(shopId);
      if (state?.walk !== 'changes' || !(await this.walk(access, state, signal, () => true))) return false;
      if (before.walk === null) return true;
    }
  }

  /**
   * What the shop showed while we read or wrote. The walks find nothing new in what is known by then, so whatever
   * follows from it follows now.
   */
  async keepSeen(shopId: number, seen: readonly ShopProduct[]): Promise<void> {
    const { unit, store, items, clock } = this.ports;
    if (seen.length === 0) return;
    await unit.run(async () => {
      const changed = await store.keepSeen(shopId, seen, clock.now());
      if (changed.length === 0) return;
      const keys = new Set(changed.map(refKey));
      await items.distrustLinks(shopId, changed, clock.now());
      await items.awaken(
        shopId,
        seen.filter(({ ref }) => keys.has(refKey(ref))),
        clock.now(),
      );
    });
  }

  private async begin(shopId: number): Promise<CatalogState | null> {
    const { store, clock } = this.ports;
    const state = await store.state(shopId);
    if (!state || state.walk !== null) return state;
    const now = clock.now();
    const isFull = state.loadedAt === null || state.changedSince === null || (state.fullDueAt ?? 0) <= now;
    await store.beginWalk(shopId, isFull ? 'full' : 'changes', now);
    return store.state(shopId);
  }

  /** True when the walk came to its end. */
  private async walk(
    access: ShopAccess,
    begun: CatalogState,
    signal: AbortSignal,
    mayGoOn: () => boolean,
  ): Promise<boolean> {
    let state = begun;
    let page = await this.read(access, state, state.position, signal);
    for (;;) {
      // The shop reads the next page while we keep this one: the walk lasts as long as the shop takes, and no longer.
      const following = page.next !== null && mayGoOn() ? settled(this.read(access, state, page.next, signal)) : null;
      await letOthersIn();
      if (!(await this.keep(state, page))) {
        await following;
        return false;
      }
      state = {
        ...state,
        position: page.next,
        done: page.done,
        total: page.total,
        walkBeganShopTime: state.walkBeganShopTime ?? page.shopTime,
      };
      if (page.next === null) {
        this.ports.runSignal.announce();
        return true;
      }
      if (following === null) return false;
      const read = await following;
      if ('error' in read) throw read.error;
      page = read.page;
    }
  }

  private read(
    access: ShopAccess,
    { walk, changedSince, changedMark }: CatalogState,
    position: string | null,
    signal: AbortSignal,
  ): Promise<CataloguePage> {
    const { catalogue } = this.ports;
    return walk === 'changes' && changedSince !== null
      ? catalogue.listChanged(access, changedSince, position, signal, changedMark)
      : catalogue.list(access, position, signal);
  }

  /**
   * Together with what follows from it: a link that may point elsewhere is looked at, what may now be found is. The
   * last page ends the walk at once: where a walk ends and where it begins look the same.
   */
  private keep(state: CatalogState, page: CataloguePage): Promise<boolean> {
    const { unit, store, items, runs, clock } = this.ports;
    return unit.run(async () => {
      const kept = await store.keepPage(state, page, clock.now());
      if (!kept) return false;
      const { shopId, loadedAt } = state;
      if (state.walk === 'full') await runs.noteSeen(shopId, page.products);
      await items.distrustLinks(shopId, kept.changed, clock.now());
      for (const id of page.removed ?? []) {
        await items.distrustLinks(shopId, await store.keepDeleted(shopId, id), clock.now());
      }
      // While the mirror is filled for the first time everything appears, and nothing was missing before.
      if (loadedAt !== null) {
        // What comes back, from the trash say, may be what an item was linked to all the time.
        await items.distrustLinks(shopId, refsOf(kept.appeared), clock.now());
        await items.awaken(shopId, kept.appeared, clock.now());
      }
      if (page.next === null) {
        const walkBeganShopTime = state.walkBeganShopTime ?? page.shopTime;
        const ended = { ...state, position: null, done: page.done, total: page.total, walkBeganShopTime };
        await this.end(ended, page.mark);
      }
      return true;
    });
  }

  private async end(state: CatalogState, changedMark: string | undefined): Promise<void> {
    const { store, items, runs, clock } = this.ports;
    const now = clock.now();
    // A full walk may have been asked for while this one was under way.
    const asked = (await store.state(state.shopId))?.fullDueAt ?? state.fullDueAt;
    const fullDueAt = state.walk === 'full' ? now + FULL_EVERY_MS : (asked ?? now + FULL_EVERY_MS);
    const changedSince = state.walkBeganShopTime ?? (state.walkBeganAt ?? now) - UNKNOWN_SHOP_CLOCK_MS;
    const dueAt = Math.min(now + CHANGES_EVERY_MS, fullDueAt);
    const gone = await store.endWalk(state, { changedSince, changedMark, dueAt, fullDueAt }, now);
    await items.distrustLinks(state.shopId, gone, now);
    await runs.hurry(state.shopId);
    // Once a day what was not found is looked for again, by every rule.
    if (state.walk === 'full') await items.awakenAll(state.shopId, now);
  }
}

const refsOf = (products: readonly CatalogProduct[]): ShopProductRef[] => products.map(({ ref }) => ref);

type Read = { readonly page: CataloguePage } | { readonly error: unknown };

/** So that a page that fails while another is being kept is no unhandled rejection. */
const settled = (reading: Promise<CataloguePage>): Promise<Read> =>
  reading.then(
    (page) => ({ page }),
    (error: unknown) => ({ error }),
  );
