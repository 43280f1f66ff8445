import { refKey } from '../domain/batch-plan';
import { type Failure, failure } from '../domain/failure';
import { countsOrders } from '../domain/order-rule';
import type { BridgePairing, StockEventStore } from '../domain/ports/bridge-pairings';
import type { Clock } from '../domain/ports/clock';
import type { Connection, ConnectionStore } from '../domain/ports/connections';
import type { OrderLedgerStore } from '../domain/ports/order-ledger';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { StockEvent, StockEvents } from '../domain/ports/shop-bridge';
import type { ShopProductRef } from '../domain/ports/shop-target';
import type { SyncItemStore, SyncItemView } from '../domain/ports/sync-items';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import { isNegative, quantity, type Quantity, subtractQuantity, sumQuantities } from '../domain/quantity';
import { isLeftAlone, PRIORITY } from '../domain/sync-item';
import { targetOfItem } from '../domain/target-of-item';

export interface TakeStockEventsPorts {
  readonly unit: UnitOfWork;
  readonly stockEvents: Pick<StockEventStore, 'keep'>;
  readonly items: Pick<SyncItemStore, 'linkedTo' | 'views' | 'lookAnew' | 'hold' | 'leaveAsShown' | 'backInStep'>;
  readonly connections: Pick<ConnectionStore, 'forShop'>;
  /** Compares everything of a connection with the shop; does nothing while a run is under way. */
  readonly askForCheck: (connectionId: number) => Promise<void>;
  readonly ledger: Pick<OrderLedgerStore, 'noteHeard' | 'askRead'>;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

/** What goes out with an order, and comes back with it, is the shop's own doing, and the source does not know of it yet. */
const BY_ORDERS: ReadonlySet<StockEvent['cause']> = new Set(['order', 'order_restored', 'refund']);
const LONGEST_ORDERS = 120;

type Verdict =
  | { readonly kind: 'look' }
  | { readonly kind: 'keep'; readonly shown: Quantity }
  | { readonly kind: 'in_step'; readonly shown: Quantity }
  | { readonly kind: 'leave'; readonly shown: Quantity; readonly failure: Failure };

/**
 * What the plugin tells of stock that changed in the shop. On disk first; then everything that is not ours is looked at:
 * whoever delivers reads the orders and goes by the rules. Where orders are not counted, what they took is left as the
 * shop shows it, with the orders named.
 */
export class TakeStockEvents {
  constructor(private readonly ports: TakeStockEventsPorts) {}

  /** Answers the number of the last one; all of them are on disk then. */
  async take(
    pairing: Pick<BridgePairing, 'shopId' | 'eventsSeq' | 'status'> & { readonly pairingId: string },
    { events, gap }: StockEvents,
  ): Promise<number> {
    const { unit, stockEvents, connections, askForCheck, laneSignal, clock } = this.ports;
    const { shopId } = pairing;
    const fed = await connections.forShop(shopId);
    const due = await unit.run(async () => {
      const fresh = await stockEvents.keep(pairing, events, clock.now());
      const shopAheadMs = pairing.status?.clockDifferenceMs ?? 0;
      if (fed.some(({ orders }) => countsOrders(orders))) await this.hearOrders(shopId, fresh, shopAheadMs);
      return this.act(shopId, new Map(fed.map((each) => [each.id, each])), fresh, shopAheadMs);
    });
    if (due > 0) laneSignal.announce([shopId]);
    // What was not told may be anything: orders have to be told from the rest, as a check does.
    if (gap) for (const connection of fed) if (connection.mode === 'live') await askForCheck(connection.id);
    return events.reduce((last, { seq }) => Math.max(last, seq), pairing.eventsSeq);
  }

  /** What an order holds is read from the order itself; that there is one to read is known by this. */
  private async hearOrders(shopId: number, fresh: readonly StockEvent[], shopAheadMs: number): Promise<void> {
    const { ledger, clock } = this.ports;
    const told = fresh.filter(({ cause }) => BY_ORDERS.has(cause)).map(({ at }) => at - shopAheadMs);
    if (told.length === 0) return;
    const now = clock.now();
    await ledger.noteHeard(shopId, Math.max(0, now - Math.max(...told)), now);
    await ledger.askRead(shopId, now);
  }

  /** Answers how many are to be looked at. */
  private async act(
    shopId: number,
    fed: ReadonlyMap<number, Connection>,
    fresh: readonly StockEvent[],
    shopAheadMs: number,
  ): Promise<number> {
    const { items, clock } = this.ports;
    const byProduct = new Map<string, StockEvent[]>();
    for (const event of [...fresh].sort((a, b) => a.seq - b.seq)) {
      const key = refKey(ownerOf(event));
      byProduct.set(key, [...(byProduct.get(key) ?? []), event]);
    }
    const refs = [...byProduct.values()].flatMap(([event]) => (event ? [ownerOf(event)] : []));
    const links = (await items.linkedTo(shopId, refs)).filter(({ ref }) => byProduct.has(refKey(ref)));
    const told = new Map(links.map(({ itemId, ref }) => [itemId, byProduct.get(refKey(ref)) ?? []]));
    const look: number[] = [];
    const sold: number[] = [];
    const kept: Parameters<SyncItemStore['hold']>[0][number][] = [];
    const left: Parameters<SyncItemStore['leaveAsShown']>[0][number][] = [];
    const inStep: { readonly id: number; readonly shown: Quantity }[] = [];
    for (const view of await items.views([...told.keys()])) {
      const connection = fed.get(view.connectionId);
      const verdict = connection && judge(view, connection, told.get(view.id) ?? [], shopAheadMs);
      if (verdict?.kind === 'look' && connection) (countsOrders(connection.orders) ? sold : look).push(view.id);
      if (verdict?.kind === 'keep') kept.push({ id: view.id, held: { quantity: verdict.shown, why: 'edited' } });
      if (verdict?.kind === 'in_step') inStep.push({ id: view.id, shown: verdict.shown });
      if (verdict?.kind === 'leave') {
        const { shown, failure: why } = verdict;
        left.push({ id: view.id, shown, since: view.lastSyncedAt ?? 0, failure: why });
      }
    }
    const now = clock.now();
    await items.leaveAsShown(left, now);
    await items.backInStep(inStep, now);
    await items.hold(kept, now);
    const edited = await items.lookAnew([...look, ...kept.map(({ id }) => id)], PRIORITY.bulk, now);
    return edited + (await items.lookAnew(sold, PRIORITY.movement, now));
  }
}

/** Whose number changed. */
const ownerOf = ({ productId, parentId, stockId }: StockEvent): ShopProductRef =>
  parentId > 0 && stockId === productId
    ? { productId: parentId, variationId: productId }
    : { productId: stockId, variationId: null };

/** Null where there is nothing to do. */
function judge(
  view: SyncItemView,
  connection: Connection,
  events: readonly StockEvent[],
  shopAheadMs: number,
): Verdict | null {
  // What the shop showed after an event has that in it.
  const unseen = events.filter(({ at }) => at - shopAheadMs > (view.lastSyncedAt ?? 0));
  const others = unseen.filter(({ cause }) => cause !== 'relay');
  const shown = unseen.at(-1)?.after ?? null;
  if (others.length === 0 || view.status === 'offline') return null;
  if (countsOrders(connection.orders)) return { kind: 'look' };
  const wanted = targetOfItem(view, connection)?.target ?? null;
  if (wanted === null) return null;
  const rests = view.status === 'synced' || isLeftAlone(view);
  if (!rests || shown === null) return { kind: 'look' };
  if (shown === wanted) return { kind: 'in_step', shown };
  const sold = soldBy(view, others);
  // More than the source has: no order that is still to be told can explain that.
  if (sold && isNegative(subtractQuantity(shown, wanted))) {
    return { kind: 'leave', shown, failure: failure('shop_sold', { ...sold, shown, wanted }) };
  }
  if (connection.onDifference === 'report') {
    return { kind: 'leave', shown, failure: failure('shop_differs', { shown, wanted }) };
  }
  return connection.onDifference === 'keep' ? { kind: 'keep', shown } : { kind: 'look' };
}

/** What orders took, with what they had taken before; null where they took nothing. */
function soldBy({ failure: known }: SyncItemView, events: readonly StockEvent[]) {
  const before = known?.code === 'shop_sold' ? known.params : null;
  const byOrders = events.filter(({ cause }) => BY_ORDERS.has(cause));
  if (byOrders.length === 0 && !before) return null;
  const taken = byOrders.flatMap((event) =>
    event.before === null || event.after === null ? [] : [subtractQuantity(event.before, event.after)],
  );
  const earlier = before ? [quantity(String(before['quantity']))] : [];
  const named = byOrders.flatMap(({ orderNumber, orderId }) => orderNumber ?? orderId ?? []);
  const orders = new Set([
    ...(before ? String(before['orders']).split(', ') : []),
    ...named.map((number) => `#${number}`),
  ]);
  return { orders: shortened([...orders].join(', ')), quantity: sumQuantities([...earlier, ...taken]) };
}

const shortened = (text: string): string =>
  text.length > LONGEST_ORDERS ? `${text.slice(0, text.lastIndexOf(',', LONGEST_ORDERS - 2))}, …` : text;
