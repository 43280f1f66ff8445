import { explainedByFall, knownByItself, unseenOf } from '../domain/order-ledger';
import type { ReleaseReason } from '../domain/order-rule';
import { refKey } from '../domain/batch-plan';
import { CLOCK_DOUBT_MS } from '../domain/difference';
import type { Connection } from '../domain/ports/connections';
import type { LedgerLine, OrderLedgerStore, Release } from '../domain/ports/order-ledger';
import type { ShopOrder } from '../domain/ports/shop-orders';
import type { SyncItemStore, SyncItemView } from '../domain/ports/sync-items';
import { divideToWhole, quantity, type Quantity, subtractQuantity, sumQuantities } from '../domain/quantity';

export interface ReleaseOrdersPorts {
  readonly ledger: Pick<
    OrderLedgerStore,
    'waitForTurn' | 'openLines' | 'openLinesOf' | 'doubtOrders' | 'release' | 'keepFalls' | 'falls' | 'leaveOfFall'
  >;
  readonly items: Pick<SyncItemStore, 'ofProducts' | 'views' | 'linkedTo'>;
}

const ZERO = quantity('0');
const HOUR_MS = 3_600_000;
/** A fall is not taken for an order's that we hear of later than this: by then it was sold over the counter. */
const ORDER_HEARD_WITHIN_MS = 24 * 3_600_000;

const refsOf = ({ link }: SyncItemView) => (link ? [link.ref, ...link.twins] : []);
const piecesOf = (units: Quantity, { facts }: SyncItemView, { rules }: Connection): Quantity =>
  divideToWhole(units, facts.packSize ?? rules.packSize, 'down');
const releaseOf = (line: LedgerLine, more: Quantity, reason: ReleaseReason): Release => ({
  connectionId: line.connectionId,
  lineId: line.id,
  quantity: sumQuantities([line.released, more]),
  reason,
  by: null,
});

/**
 * What the source counts became less: orders it had not known of explain that, the oldest first. What nothing explains
 * is kept, for the order that explains it may not have reached us yet. In the caller's unit of work, which waited for
 * its turn at the shop's orders.
 */
export async function releaseByFall(
  { ledger, items }: ReleaseOrdersPorts,
  connection: Connection,
  falls: ReadonlyMap<number, Quantity>,
  at: number,
): Promise<void> {
  if (connection.orders.knownBy !== 'level' || falls.size === 0) return;
  const ids = (await items.ofProducts(connection.id, [...falls.keys()])).map(({ id }) => id);
  const views = (await items.views(ids)).filter(({ link }) => link !== null);
  const open = await ledger.openLines(
    views.map((view) => ({ id: view.id, connectionId: connection.id, refs: refsOf(view) })),
  );
  const releases: Release[] = [];
  const left: Parameters<OrderLedgerStore['keepFalls']>[0][number][] = [];
  for (const view of views) {
    const fall = piecesOf(falls.get(view.sourceProductId) ?? ZERO, view, connection);
    const lines = open.get(view.id) ?? [];
    const explained = explainedByFall(
      lines.map((line) => ({ id: line.id, unseen: unseenOf(line) })),
      fall,
    );
    for (const { id, quantity: part } of explained.taken) {
      const line = lines.find((each) => each.id === id);
      if (line) releases.push(releaseOf(line, part, 'level'));
    }
    if (explained.left === ZERO) continue;
    left.push({
      connectionId: connection.id,
      sourceProductId: view.sourceProductId,
      quantity: explained.left,
      fellAt: at,
    });
  }
  await ledger.release(releases, at);
  await ledger.keepFalls(left);
}

/** What these orders hold they had taken before they were counted: every source knows of it. */
export async function releaseBefore(
  { ledger }: { readonly ledger: Pick<OrderLedgerStore, 'openLinesOf' | 'release'> },
  heard: readonly { readonly id: number }[],
  at: number,
): Promise<void> {
  const lines = await ledger.openLinesOf(heard.map(({ id }) => id));
  await ledger.release(
    lines.map((line) => releaseOf(line, unseenOf(line), 'before')),
    at,
  );
}

/**
 * What orders that were just heard of tell by themselves, and levels that had fallen for them before. Answers the
 * products of which something became known.
 */
export async function releaseHeard(
  { ledger, items }: ReleaseOrdersPorts,
  shopId: number,
  connections: readonly Connection[],
  heard: readonly { readonly id: number; readonly order: ShopOrder }[],
  at: number,
): Promise<readonly LedgerLine['ref'][]> {
  const byOrder = new Map(heard.map(({ order }) => [order.orderId, order]));
  const ids = heard.map(({ id }) => id);
  await ledger.doubtOrders(ids);
  const lines = await ledger.openLinesOf(ids);
  const rest: LedgerLine[] = [];
  const known: LedgerLine[] = [];
  const releases: Release[] = [];
  for (const line of lines) {
    const rule = connections.find(({ id }) => id === line.connectionId)?.orders;
    const order = byOrder.get(line.orderId);
    const reason = rule && order ? knownByItself(rule, { ...order, tookAt: line.tookAt }, at) : null;
    if (reason !== null) {
      releases.push(releaseOf(line, unseenOf(line), reason));
      known.push(line);
    } else if (rule?.knownBy === 'level' && order) rest.push(line);
  }
  await ledger.release(releases, at);
  if (rest.length > 0) known.push(...(await releaseByEarlierFalls({ ledger, items }, shopId, rest, at)));
  return known.map(({ ref }) => ref);
}

async function releaseByEarlierFalls(
  { ledger, items }: ReleaseOrdersPorts,
  shopId: number,
  lines: readonly LedgerLine[],
  at: number,
): Promise<readonly LedgerLine[]> {
  const explained: LedgerLine[] = [];
  const parents = lines.map(({ ref }) => ({ productId: ref.productId, variationId: null }));
  const linked = await items.linkedTo(shopId, [...lines.map(({ ref }) => ref), ...parents], 'ever');
  const views = await items.views([...new Set(linked.map(({ itemId }) => itemId))]);
  for (const view of views) {
    // Asked by the item: whether an order of a variation is its parent's is known there.
    const open = await ledger.openLines([{ id: view.id, connectionId: view.connectionId, refs: refsOf(view) }]);
    const mine = (open.get(view.id) ?? []).filter(({ id, connectionId }) =>
      lines.some((line) => line.id === id && line.connectionId === connectionId),
    );
    for (const line of mine) {
      const since = Math.max((line.tookAt ?? at) - CLOCK_DOUBT_MS, at - ORDER_HEARD_WITHIN_MS);
      let known = ZERO;
      for (const fall of await ledger.falls(view.connectionId, view.sourceProductId, since)) {
        const { taken, left } = explainedByFall(
          [{ id: line.id, unseen: subtractQuantity(unseenOf(line), known) }],
          fall.quantity,
        );
        if (taken.length === 0) break;
        known = sumQuantities([known, ...taken.map((each) => each.quantity)]);
        await ledger.leaveOfFall(fall.id, left);
      }
      if (known === ZERO) continue;
      await ledger.release([releaseOf(line, known, 'level')], at);
      explained.push(line);
    }
  }
  return explained;
}

/** The items of these products, and of the parents that may keep a variation's stock. */
export async function itemsOf(
  items: Pick<SyncItemStore, 'linkedTo'>,
  shopId: number,
  refs: readonly { readonly productId: number; readonly variationId: number | null }[],
): Promise<readonly number[]> {
  const wanted = new Set(refs.flatMap((ref) => [refKey(ref), refKey({ ...ref, variationId: null })]));
  const linked = await items.linkedTo(shopId, refs, 'ever');
  return [...new Set(linked.filter(({ ref }) => wanted.has(refKey(ref))).map(({ itemId }) => itemId))];
}

/**
 * Orders that count as known after so many hours, by rule. Answers the products they had taken from. In the caller's unit
 * of work, which waited for its turn at the shop's orders.
 */
export async function releaseAged(
  { ledger }: ReleaseOrdersPorts & { readonly ledger: Pick<OrderLedgerStore, 'openTakenBefore'> },
  connections: readonly Connection[],
  at: number,
): Promise<readonly LedgerLine['ref'][]> {
  const refs: LedgerLine['ref'][] = [];
  for (const { id, orders } of connections) {
    if (orders.afterHours === null) continue;
    const lines = await ledger.openTakenBefore(id, at - orders.afterHours * HOUR_MS);
    await ledger.release(
      lines.map((line) => releaseOf(line, unseenOf(line), 'hours')),
      at,
    );
    refs.push(...lines.map(({ ref }) => ref));
  }
  return refs;
}
