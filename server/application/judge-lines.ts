import type { Connection } from '../domain/ports/connections';
import type { PushLine, StockStore, StoredLevel } from '../domain/ports/pushes';
import type { ReadPush, StockSource } from '../domain/ports/stock-source';
import {
  isNegative,
  type Quantity,
  quantity as exactly,
  quantityFromText,
  subtractQuantity,
  sumQuantities,
} from '../domain/quantity';
import { type LineRefusal, productIdentity, type StockChange } from '../domain/stock-change';
import { believedObservedAt, effectiveObservedAt, isSuperseded } from '../domain/stock-level';
import { isChosen, warehouseKey } from '../domain/warehouse';

const NOTHING = exactly('0');

/** What every line turned out to be, and what follows from it; nothing of it is stored yet. */
export interface JudgedLines {
  readonly lines: readonly { readonly kept: PushLine }[];
  readonly due: {
    readonly levels: readonly StoredLevel[];
    /** By the connection they feed. */
    readonly products: ReadonlyMap<Connection, ReadonlySet<number>>;
    /** Products of which something new was said. */
    readonly changed: ReadonlySet<number>;
    /** By how much what a connection counts of a product became less, in the source's units; only where it did. */
    readonly falls: ReadonlyMap<Connection, ReadonlyMap<number, Quantity>>;
  };
}

/** Judges every line against what is stored; nothing is written to the levels here. */
export async function judgeLines(
  stock: StockStore,
  sourceId: number,
  kind: StockSource,
  read: ReadPush,
  feeds: readonly Connection[],
  observedByDefault: number,
  receivedAt: number,
): Promise<JudgedLines> {
  const changes = read.flatMap((line) => ('change' in line ? [line.change] : []));
  const warehouses = await stock.warehouseIds(sourceId, [...new Set(changes.map((c) => c.warehouse))], receivedAt);
  const products = await stock.productIds(sourceId, changes, receivedAt);
  const known = (await stock.levels([...new Set(products.values())])).map((level) => ({
    ...level,
    observedAt: believedObservedAt(level.observedAt, receivedAt),
    countedAt: believedObservedAt(level.countedAt, receivedAt),
  }));
  const levels = new Map(known.map((level) => [levelKey(level.sourceProductId, level.warehouseId), level]));
  const toSave = new Map<string, StoredLevel>();
  const wroteBefore = new Map<string, number>();
  const lines: { kept: PushLine }[] = [];
  const due = new Map<Connection, Set<number>>(feeds.map((connection) => [connection, new Set()]));
  const changed = new Set<number>();
  const chosenNames = namesOf(feeds);

  for (const line of read) {
    if ('refused' in line) {
      lines.push({ kept: refusedLine(line.refused, kind.push.messageFor(reportOf(line, 'rejected', chosenNames))) });
      continue;
    }
    const { change } = line;
    const sourceProductId = required(products.get(productIdentity(change)));
    const warehouseId = required(warehouses.get(warehouseKey(change.warehouse)));
    const key = levelKey(sourceProductId, warehouseId);
    const before = levels.get(key);
    const impossible = change.isChange === true ? whyNotAdded(change, before) : null;
    if (impossible !== null) {
      const refused = { index: change.index, refusal: impossible, code: change.code };
      const path = `[${change.index}]`;
      const report = reportOf({ refused: { ...refused, path } }, 'rejected', chosenNames);
      lines.push({ kept: refusedLine(refused, kind.push.messageFor(report)) });
      continue;
    }
    const claimed = change.observedAt ?? observedByDefault;
    const believed = effectiveObservedAt(claimed, receivedAt);
    // What is ordered by its receipt is newer than all before it, even where our own clock was set back in between.
    const isByReceipt = claimed === receivedAt || believed !== claimed;
    const observedAt = isByReceipt ? Math.max(believed, before?.observedAt ?? believed) : believed;
    const { quantity, countedAt, newestAt } = levelAfter(change, before, observedAt);
    const fedBy = feeds.filter((connection) => isChosen(connection.warehouses, change.warehouse));
    const superseded = isSuperseded(observedAt, before, change.isChange === true);
    const outcome = superseded ? 'superseded' : fedBy.length === 0 && feeds.length > 0 ? 'not_chosen' : 'accepted';
    if (!superseded) {
      const level = { sourceProductId, warehouseId, quantity, observedAt: newestAt, countedAt };
      levels.set(key, level);
      toSave.set(key, level);
      if (change.isChange !== true) supersedeEarlierLine(lines, wroteBefore.get(key));
      wroteBefore.set(key, lines.length);
      if (before?.quantity !== quantity) changed.add(sourceProductId);
      for (const connection of fedBy) due.get(connection)?.add(sourceProductId);
    }
    const message = shortened(kind.push.messageFor(reportOf(line, outcome, chosenNames)));
    lines.push({ kept: keptLine({ ...change, quantity }, outcome, message, sourceProductId, before) });
  }
  const saved = [...toSave.values()];
  return { lines, due: { levels: saved, products: due, changed, falls: fallsOf(known, saved, warehouses, feeds) } };
}

/** A level that was not known before did not fall, whatever it says. */
function fallsOf(
  known: readonly StoredLevel[],
  saved: readonly StoredLevel[],
  warehouseIds: ReadonlyMap<string, number>,
  feeds: readonly Connection[],
): JudgedLines['due']['falls'] {
  const before = new Map(known.map((level) => [levelKey(level.sourceProductId, level.warehouseId), level.quantity]));
  const keyOf = new Map([...warehouseIds].map(([key, id]) => [id, key]));
  const falls = new Map<Connection, ReadonlyMap<number, Quantity>>();
  for (const connection of feeds) {
    const less = new Map<number, Quantity>();
    for (const { sourceProductId, warehouseId, quantity } of saved) {
      const was = before.get(levelKey(sourceProductId, warehouseId));
      if (was === undefined || !isChosen(connection.warehouses, keyOf.get(warehouseId) ?? '')) continue;
      less.set(sourceProductId, sumQuantities([less.get(sourceProductId) ?? NOTHING, subtractQuantity(was, quantity)]));
    }
    falls.set(connection, new Map([...less].filter(([, by]) => by !== NOTHING && !isNegative(by))));
  }
  return falls;
}

/** A message repeats what the sender sent; the longest of all would not fit where it is kept. */
const MOST_MESSAGE_CHARACTERS = 300;
const shortened = (message: string | undefined): string | null =>
  message === undefined ? null : [...message].slice(0, MOST_MESSAGE_CHARACTERS).join('');

const levelKey = (sourceProductId: number, warehouseId: number): string => `${sourceProductId}/${warehouseId}`;

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('A product or warehouse of this push was not stored');
  return value;
}

const namesOf = (feeds: readonly Connection[]): string => {
  const names = feeds.flatMap((connection) => (connection.warehouses === '*' ? [] : connection.warehouses));
  return [...new Set(names)].join(', ');
};

export const reportOf = (line: ReadPush[number], outcome: PushLine['outcome'], chosenWarehouses: string) => ({
  outcome,
  change: 'change' in line ? line.change : null,
  refused: 'refused' in line ? line.refused : null,
  chosenWarehouses,
});

/** Of two lines about one product and warehouse the later one counts, and the earlier one must not look as if it had. */
function supersedeEarlierLine(lines: { kept: PushLine }[], position: number | undefined): void {
  const earlier = position === undefined ? undefined : lines[position];
  if (earlier) earlier.kept = { ...earlier.kept, outcome: 'superseded', reason: 'repeated_in_push' };
}

function whyNotAdded(change: StockChange, before: StoredLevel | undefined): LineRefusal | null {
  if (before === undefined) return 'level_unknown';
  const sum = quantityFromText(sumQuantities([before.quantity, change.quantity]));
  return sum.ok ? null : sum.refusal;
}

/** A change is added to what was last told; a level stands for itself. */
function levelAfter(change: StockChange, before: StoredLevel | undefined, observedAt: number) {
  if (change.isChange !== true || before === undefined) {
    return { quantity: change.quantity, countedAt: observedAt, newestAt: observedAt };
  }
  return {
    quantity: sumQuantities([before.quantity, change.quantity]),
    countedAt: before.countedAt,
    newestAt: Math.max(before.observedAt, observedAt),
  };
}

const refusedLine = (
  refused: { readonly index: number; readonly refusal: LineRefusal; readonly code: string | null },
  message: string | undefined,
): PushLine => ({
  index: refused.index,
  // By the source's own rule, as a warehouse that was not chosen.
  outcome: refused.refusal === 'left_out' ? 'not_chosen' : 'rejected',
  reason: refused.refusal,
  message: message ?? null,
  sourceProductId: null,
  code: refused.code,
  barcode: null,
  name: null,
  warehouse: null,
  quantity: null,
  before: null,
});

const keptLine = (
  change: StockChange,
  outcome: PushLine['outcome'],
  message: string | null,
  sourceProductId: number,
  before: StoredLevel | undefined,
): PushLine => ({
  index: change.index,
  outcome,
  reason: outcome === 'superseded' ? 'older_observation' : outcome === 'not_chosen' ? 'warehouse_not_chosen' : null,
  message,
  sourceProductId,
  code: change.code,
  barcode: change.barcode,
  name: change.name,
  warehouse: change.warehouse,
  quantity: change.quantity,
  before: before?.quantity ?? null,
});

/** The products by whether the source said something new of them; none of either is left out. */
export function bySaying(
  products: ReadonlySet<number>,
  changed: ReadonlySet<number>,
): readonly (readonly [saysNew: boolean, ids: readonly number[]])[] {
  const split = [true, false].map(
    (saysNew) => [saysNew, [...products].filter((id) => changed.has(id) === saysNew)] as const,
  );
  return split.filter(([, ids]) => ids.length > 0);
}
