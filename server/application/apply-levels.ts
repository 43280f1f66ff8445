import { failure } from '../domain/failure';
import { couldBeMassZero } from '../domain/mass-zero';
import type { Connection } from '../domain/ports/connections';
import type { Notices } from '../domain/ports/notifications';
import type { StockStore } from '../domain/ports/pushes';
import type { ReadPush } from '../domain/ports/stock-source';
import type { SyncItemStore } from '../domain/ports/sync-items';
import type { StockChange } from '../domain/stock-change';
import { isNegative } from '../domain/quantity';
import { priorityOfPush } from '../domain/sync-item';
import { bySaying, type JudgedLines } from './judge-lines';
import { releaseByFall, type ReleaseOrdersPorts } from './release-orders';
import { itemsGoingToZero, massZeroAmong } from './mass-zero-brake';

export interface ApplyLevelsPorts {
  readonly stock: Pick<StockStore, 'saveLevels'>;
  readonly items: Pick<
    SyncItemStore,
    'markDue' | 'ofProducts' | 'views' | 'linkedTo' | 'countInStock' | 'noteZeroed' | 'countZeroedSince' | 'holdBack'
  >;
  readonly notifications: Pick<Notices, 'raise'>;
  readonly ledger: ReleaseOrdersPorts['ledger'];
}

/** Small calls that follow each other so closely are one burst: what they take to 0 is counted together. */
const BURST_MS = 10 * 60_000;

/**
 * Stores what the source told and makes due what it is about; in the caller's unit of work. Answers the shops that
 * have something to do now.
 */
export async function applyLevels(
  ports: ApplyLevelsPorts,
  read: ReadPush,
  judged: JudgedLines,
  pushId: number | null,
  at: number,
): Promise<ReadonlySet<number>> {
  const { stock, items } = ports;
  const { due } = judged;
  const awake = new Set<number>();
  await ports.ledger.waitForTurn([...due.falls.keys()].map(({ shopId }) => shopId));
  const braked = await brake(ports, read, judged, at);
  await stock.saveLevels(due.levels, pushId, at);
  for (const [connection, falls] of due.falls) {
    // What looks like a mistake is not what orders explain: corrected, the level would have them in no more.
    const believed = new Map([...falls].filter(([product]) => !(braked.get(connection)?.has(product) ?? false)));
    await releaseByFall(ports, connection, believed, at);
  }
  for (const [connection, going] of due.products) {
    const products = new Set([...going].filter((id) => !(braked.get(connection)?.has(id) ?? false)));
    const priority = priorityOfPush(products.size);
    for (const [saysNew, some] of bySaying(products, due.changed)) {
      await items.markDue(connection, some, priority, at, saysNew);
    }
    if (products.size > 0) awake.add(connection.shopId);
  }
  for (const [connection, products] of braked) {
    const held = await items.ofProducts(connection.id, [...products]);
    await items.holdBack(
      held.map(({ id }) => id),
      failure('mass_zero_held'),
      at,
    );
  }
  return awake;
}

/**
 * What takes very much of what is in stock to 0 looks like a mistake, in one call or in a burst of them: those products
 * are held back until a person has looked. Judged before the levels are stored.
 */
async function brake(
  { items, notifications }: ApplyLevelsPorts,
  read: ReadPush,
  { lines, due }: JudgedLines,
  at: number,
): Promise<ReadonlyMap<Connection, ReadonlySet<number>>> {
  const braked = new Map<Connection, ReadonlySet<number>>();
  const told = toldOf(read, lines);
  const zeros = new Map([...told].filter(([, changes]) => changes.some(saysNothingIsLeft)));
  for (const [connection, products] of due.products) {
    if (connection.mode !== 'live') continue;
    // Rules may take more than the source's zeros to 0; for a few products that is not worth a look.
    const suspects = couldBeMassZero(products.size) ? told : zeros;
    if (suspects.size === 0) continue;
    const going = await itemsGoingToZero(items, connection, suspects);
    if (going.length === 0) continue;
    const since = at - BURST_MS;
    const lately = await items.countZeroedSince(connection.id, since);
    const found = couldBeMassZero(going.length + lately)
      ? await massZeroAmong(items, connection, going.length + lately, since)
      : null;
    if (!found) {
      await items.noteZeroed(going, at);
      continue;
    }
    const views = await items.views(going);
    braked.set(connection, new Set(views.map(({ sourceProductId }) => sourceProductId)));
    const what = failure('mass_zero', found);
    await notifications.raise({ kind: 'mass_zero', shopId: connection.shopId, failure: what }, at);
  }
  return braked;
}

/** What was said of each source product, as far as it counts. */
function toldOf(read: ReadPush, lines: JudgedLines['lines']): ReadonlyMap<number, readonly StockChange[]> {
  const kept = new Map(lines.map((line) => [line.kept.index, line.kept]));
  const told = new Map<number, StockChange[]>();
  for (const line of read) {
    const known = 'change' in line ? kept.get(line.change.index) : undefined;
    if (!('change' in line) || known?.outcome !== 'accepted' || known.sourceProductId === null) continue;
    // A change was judged to a level: that is what counts here.
    const change = { ...line.change, quantity: known.quantity ?? line.change.quantity };
    told.set(known.sourceProductId, [...(told.get(known.sourceProductId) ?? []), change]);
  }
  return told;
}

const saysNothingIsLeft = ({ quantity }: StockChange): boolean => quantity === '0' || isNegative(quantity);
