import { FailureError } from '../domain/failure';
import { tookAt } from '../domain/order-ledger';
import { countsOrders } from '../domain/order-rule';
import type { Clock } from '../domain/ports/clock';
import type { Connection, ConnectionStore } from '../domain/ports/connections';
import type { HeardBy, KeptOrder, LedgerState, OrderLedgerStore } from '../domain/ports/order-ledger';
import type { OrdersAsked, ShopOrder, ShopOrders } from '../domain/ports/shop-orders';
import type { ShopAccess } from '../domain/ports/shop-target';
import type { SyncItemStore } from '../domain/ports/sync-items';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import { PRIORITY } from '../domain/sync-item';
import { itemsOf, releaseAged, releaseBefore, releaseHeard } from './release-orders';
import { KEPT_MS } from './remove-old-records';

export interface KeepOrderLedgerPorts {
  readonly unit: UnitOfWork;
  readonly ledger: OrderLedgerStore;
  readonly orders: Pick<ShopOrders, 'changedSince'>;
  readonly connections: Pick<ConnectionStore, 'forShop'>;
  readonly items: Pick<SyncItemStore, 'ofProducts' | 'views' | 'linkedTo' | 'lookAnew'>;
  readonly clock: Clock;
}

/**
 * What an order has taken stands in its lines a moment after the stock fell, and does not count as a change of the
 * order: what changed lately is read anew every time.
 */
const READ_AGAIN_MS = 2 * 60_000;
/**
 * Once an hour it is read anew from so much further back. In the hour that a shop’s clock leaves out in spring, WordPress
 * takes a time of that hour for one an hour later, even where times are told in GMT: what changed meanwhile is not listed.
 */
const READ_WIDELY_MS = 2 * 3_600_000;
const READ_WIDELY_EVERY_MS = 3_600_000;
/** How often orders are read where the shop tells of them in good time, and where it does not. */
const READ_EVERY_MS = { told: 5 * 60_000, notTold: 60_000 };
/** Orders that a shop tells of later than this are read as if it did not tell at all. */
export const TOLD_WITHIN_MS = 5 * 60_000;
/**
 * How far back orders are looked at when their counting begins. What they hold then is known to everybody; without it
 * nobody could tell later whether one of them takes its pieces anew, or had them all the time.
 */
const BEFORE_MS = 30 * 86_400_000;
const SECOND_MS = 1_000;

const wholeSecond = (at: number): number => at - (at % 1_000);

/** A reading that several wait for ends with the signal of the one who began it. */
interface Reading {
  readonly done: Promise<void>;
  readonly signal: AbortSignal;
}

/** Knows what web orders hold of the stock, and makes due what they concern. */
export class KeepOrderLedger {
  /** By the shop: the reading under way, and the one that whoever asks meanwhile waits for. */
  private readonly reading = new Map<number, Reading>();
  private readonly next = new Map<number, Reading>();
  /** By the shop: when those that were thrown away were last asked for. */
  private readonly thrownAwayAskedAt = new Map<number, number>();
  private readonly widelyReadAt = new Map<number, number>();

  constructor(private readonly ports: KeepOrderLedgerPorts) {}

  /** Whether orders are to be read now, by nobody's special wish. */
  async isDue(shopId: number): Promise<boolean> {
    const { ledger, clock } = this.ports;
    const state = await ledger.state(shopId);
    return state === null ? (await this.counted(shopId)).length > 0 : state.dueAt <= clock.now();
  }

  /** When this returns, every order is known that had changed before it was called. */
  async read(access: ShopAccess, signal: AbortSignal): Promise<void> {
    for (;;) {
      const reading = this.join(access, signal);
      try {
        return await reading.done;
      } catch (thrown) {
        // Another's reading that was cut off with its worker says nothing of the shop.
        if (reading.signal === signal || !reading.signal.aborted || signal.aborted) throw thrown;
      }
    }
  }

  /** One order that the shop told of by itself. */
  async hear(shopId: number, order: ShopOrder, heardBy: HeardBy): Promise<number> {
    const { ledger, clock } = this.ports;
    const counted = await this.counted(shopId);
    const state = await ledger.state(shopId);
    if (counted.length === 0 || state === null) return 0;
    await ledger.noteHeard(shopId, Math.max(0, clock.now() - order.modifiedAt), clock.now());
    return this.keep(state, counted, [order], heardBy);
  }

  /** What it took stays taken: a shop gives nothing back for an order that is thrown away. */
  async hearGone(shopId: number, orderId: number): Promise<void> {
    await this.ports.ledger.noteGone(shopId, orderId, this.ports.clock.now());
  }

  /** The keys of orders that some rule of this shop asks for. */
  async keysOf(shopId: number): Promise<readonly string[]> {
    return keysIn(await this.counted(shopId));
  }

  private join(access: ShopAccess, signal: AbortSignal): Reading {
    const { shopId } = access;
    const queued = this.next.get(shopId);
    if (queued) return queued;
    const before = this.reading.get(shopId);
    if (!before) return this.begin(access, signal);
    // What is under way may have asked the shop before this caller looked: it takes one more.
    const done = before.done
      .catch(() => undefined)
      .then(() => {
        this.next.delete(shopId);
        return this.begin(access, signal).done;
      });
    const after = { done, signal };
    this.next.set(shopId, after);
    return after;
  }

  private begin(access: ShopAccess, signal: AbortSignal): Reading {
    const done = this.readNow(access, signal).finally(() => this.reading.delete(access.shopId));
    const reading = { done, signal };
    this.reading.set(access.shopId, reading);
    return reading;
  }

  private async readNow(access: ShopAccess, signal: AbortSignal): Promise<void> {
    const { unit, ledger, items, clock } = this.ports;
    const { shopId } = access;
    const began = clock.now();
    const counted = await this.counted(shopId);
    const state = await ledger.state(shopId);
    if (counted.length === 0) {
      if (state) await ledger.end(shopId);
      return;
    }
    try {
      await ledger.beginReading(shopId, began);
      const known = state ?? (await this.firstState(access, counted, signal));
      const isWide = isLongAgo(this.widelyReadAt.get(shopId), began, READ_WIDELY_EVERY_MS);
      const since = known.readTo - (isWide ? READ_WIDELY_MS : 0);
      for await (const read of this.changes(access, counted, 'listed', { since, knownTo: known.readTo }, signal)) {
        const { orders, shopTime, readTo } = read;
        await this.keep(known, counted, orders, 'poll', { readAt: shopTime });
        const { lagMs } = (await ledger.state(shopId)) ?? known;
        await ledger.noteRead(shopId, readTo, began, clock.now(), clock.now() + everyMs(lagMs));
      }
      if (isWide) this.widelyReadAt.set(shopId, began);
      await this.readThrownAway(access, known, counted, signal);
    } catch (thrown) {
      // Cut off by ourselves, it says nothing of the shop: whoever works the lane next begins anew.
      if (signal.aborted) await ledger.askRead(shopId, began);
      else if (thrown instanceof FailureError && state) {
        await ledger.postpone(shopId, thrown.failure, clock.now() + READ_EVERY_MS.notTold);
      }
      throw thrown;
    }
    await unit.run(async () => {
      await ledger.waitForTurn([shopId]);
      await this.makeDue(shopId, await releaseAged({ ledger, items }, counted, clock.now()));
    });
  }

  /**
   * An order that was thrown away before we heard of it took its pieces all the same. Not with every reading, as they
   * are seldom.
   */
  private async readThrownAway(
    access: ShopAccess,
    state: LedgerState,
    counted: readonly Connection[],
    signal: AbortSignal,
  ): Promise<void> {
    const { shopId } = access;
    const at = this.ports.clock.now();
    if (!isLongAgo(this.thrownAwayAskedAt.get(shopId), at, READ_EVERY_MS.notTold)) return;
    const [since, knownTo] = [state.thrownAwayTo, state.thrownAwayTo];
    for await (const read of this.changes(access, counted, 'thrown_away', { since, knownTo }, signal)) {
      await this.keep(state, counted, read.orders, 'poll');
      await this.ports.ledger.noteThrownAwayRead(shopId, read.readTo);
    }
    this.thrownAwayAskedAt.set(shopId, at);
  }

  /**
   * Part by part, the orders that changed since then, and up to when they are all known with that: up to the newest of
   * them. What the answer says of the time may be another machine's clock, that of a proxy before the shop: where it is
   * ahead, every order would be older than what is asked for next.
   */
  private async *changes(
    access: ShopAccess,
    counted: readonly Connection[],
    asked: OrdersAsked,
    { since, knownTo }: { readonly since: number; readonly knownTo: number },
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly orders: readonly ShopOrder[]; readonly shopTime: number; readonly readTo: number }> {
    let newest = knownTo;
    for (let complete = false, from = since - READ_AGAIN_MS; !complete;) {
      const read = await this.ports.orders.changedSince(access, from, keysIn(counted), signal, asked);
      complete = read.complete;
      const last = read.orders.at(-1)?.modifiedAt ?? knownTo;
      // No later than now: an order that is dated ahead would hide all others.
      newest = Math.max(newest, Math.min(last, read.shopTime));
      // The last one's second may have more. From there on, not before it: a burst would be read for ever.
      from = last - SECOND_MS;
      yield { ...read, readTo: complete ? newest : from + READ_AGAIN_MS };
    }
  }

  /** The ledger begins when all is known that had been there before: cut off earlier, it begins anew. */
  private async firstState(
    access: ShopAccess,
    counted: readonly Connection[],
    signal: AbortSignal,
  ): Promise<LedgerState> {
    const { ledger, clock } = this.ports;
    const { shopId } = access;
    // What was unknown when orders were last counted is long known.
    await ledger.knowAll(
      counted.map(({ id }) => id),
      clock.now(),
    );
    let beganAt: number | null = null;
    const since = clock.now() - BEFORE_MS;
    for await (const read of this.changes(access, counted, 'unsettled', { since, knownTo: since }, signal)) {
      beganAt ??= wholeSecond(read.shopTime);
      await this.keep({ shopId, beganAt }, counted, read.orders, 'poll', { isFirst: true });
    }
    await ledger.begin(shopId, beganAt ?? clock.now(), clock.now());
    const state = await ledger.state(shopId);
    if (!state) throw new Error('A ledger just begun cannot be read back');
    return state;
  }

  private keep(
    { shopId, beganAt }: Pick<LedgerState, 'shopId' | 'beganAt'>,
    counted: readonly Connection[],
    orders: readonly ShopOrder[],
    heardBy: HeardBy,
    { isFirst = false, readAt = null }: { readonly isFirst?: boolean; readonly readAt?: number | null } = {},
  ): Promise<number> {
    const { unit, ledger, items, clock } = this.ports;
    const now = clock.now();
    // An order that is forgotten was known to everybody.
    const since = Math.max(beganAt, now - KEPT_MS);
    if (orders.length === 0) return Promise.resolve(0);
    return unit.run(async () => {
      const { kept, isDoubted } = await ledger.keep(shopId, orders, heardBy, now);
      if (isDoubted) await ledger.askRead(shopId, now);
      const before = kept.filter(({ isNew, order }) => (isNew || isFirst) && (tookAt(order) ?? since) < since);
      const news = kept.filter((each) => !before.includes(each));
      if (news.some((each) => isUntold(each, readAt))) await ledger.noteUntold(shopId);
      await releaseBefore({ ledger }, before, now);
      const known = await releaseHeard({ ledger, items }, shopId, counted, kept, now);
      const changes = news.flatMap(({ changed }) => changed);
      // What was taken before the counting began is in every number we ever saw.
      await ledger.addSales(shopId, changes);
      return this.makeDue(shopId, [...changes.map(({ ref }) => ref), ...known]);
    });
  }

  private async makeDue(shopId: number, refs: Parameters<typeof itemsOf>[2]): Promise<number> {
    if (refs.length === 0) return 0;
    const { items, clock } = this.ports;
    return items.lookAnew(await itemsOf(items, shopId, refs), PRIORITY.movement, clock.now());
  }

  private async counted(shopId: number): Promise<readonly Connection[]> {
    return (await this.ports.connections.forShop(shopId)).filter(({ orders }) => countsOrders(orders));
  }
}

const isLongAgo = (last: number | undefined, at: number, ms: number): boolean =>
  last === undefined || at < last || at - last >= ms;

/** How often the orders of a shop are read that last told of one after so long; null = it did not tell. */
export const everyMs = (lagMs: number | null): number =>
  lagMs !== null && lagMs <= TOLD_WITHIN_MS ? READ_EVERY_MS.told : READ_EVERY_MS.notTold;

/** A webhook had time enough to tell of it first, and did not. */
const isUntold = ({ order, isNew, changed }: KeptOrder, readAt: number | null): boolean =>
  readAt !== null && readAt - order.modifiedAt > READ_AGAIN_MS && (isNew || changed.length > 0);

const keysIn = (counted: readonly Connection[]): readonly string[] => [
  ...new Set(counted.flatMap(({ orders }) => (orders.knownBy === 'meta' ? (orders.metaKey ?? []) : []))),
];
