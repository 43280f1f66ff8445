import { type Failure, failure } from '../domain/failure';
import type { LineOutcome } from '../domain/flow-run';
import { looksCut } from '../domain/mass-zero';
import type { Clock } from '../domain/ports/clock';
import type { ConnectionStore } from '../domain/ports/connections';
import type { FlowRunStore, RunLine } from '../domain/ports/flow-runs';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { StockStore } from '../domain/ports/pushes';
import type { SourceStore } from '../domain/ports/sources';
import type { ReadPush, StockSources } from '../domain/ports/stock-source';
import type { SyncItemStore } from '../domain/ports/sync-items';
import { productIdentity, type StockChange } from '../domain/stock-change';
import { PRIORITY } from '../domain/sync-item';
import { type HeldRun, SLICE, type StepEnd } from './held-run';
import { bySaying, judgeLines } from './judge-lines';
import { releaseByFall, type ReleaseOrdersPorts } from './release-orders';
import { itemsGoingToZero, massZeroAmong } from './mass-zero-brake';

export interface ApplyRunLevelsPorts {
  readonly runs: FlowRunStore;
  readonly connections: ConnectionStore;
  readonly sourceStore: SourceStore;
  readonly sources: StockSources;
  readonly stock: StockStore;
  readonly items: SyncItemStore;
  readonly ledger: ReleaseOrdersPorts['ledger'];
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

/** Stores a slice of what the source said; only what it said anew is due, the rest is compared with the shop later. */
export async function applyRunLevels(ports: ApplyRunLevelsPorts, held: HeldRun): Promise<StepEnd> {
  const { runs, laneSignal, clock } = ports;
  const { run, connection } = held;
  if (run.position === null && !run.brakeReleased) {
    const brake = await brakeOf(ports, held);
    if (brake) return held.pause(brake);
  }
  const lines = await runs.lines(run.id, Number(run.position ?? -1), SLICE);
  const last = lines.at(-1);
  if (last === undefined) {
    await held.note('applied', { lines: run.done });
    return held.moveOn({ phase: 'listing', position: null, appliedAt: clock.now() });
  }
  await held.keep(async () => {
    await applyLines(ports, held, lines);
    return { position: String(last.lineNo), done: run.done + lines.length };
  });
  laneSignal.announce([connection.shopId]);
  return 'more';
}

/** Looks through all lines before anything is stored; a renewed lease keeps the run ours meanwhile. */
async function brakeOf({ runs, stock, items }: ApplyRunLevelsPorts, held: HeldRun): Promise<Failure | null> {
  const { run, connection } = held;
  if (connection.mode !== 'live') return null;
  let zeros = 0;
  const listed = new Set<number>();
  for (let after = -1; ;) {
    const lines = await runs.lines(run.id, after, SLICE);
    const last = lines.at(-1);
    if (last === undefined) break;
    const changes = changesOf(lines);
    const known = await stock.knownProductIds(connection.sourceId, changes);
    const told = new Map<number, StockChange[]>();
    for (const id of known.values()) listed.add(id);
    for (const change of changes) {
      const id = known.get(productIdentity(change));
      if (id !== undefined) told.set(id, [...(told.get(id) ?? []), change]);
    }
    const going = await items.views(await itemsGoingToZero(items, connection, told));
    // What is held back stays so, whatever the run does: a person is asked about it already.
    zeros += going.filter((view) => view.failure?.code !== 'mass_zero_held').length;
    after = last.lineNo;
    await held.moveOn({});
  }
  const ofItems = Object.values(await items.counts({ connectionId: connection.id, text: null }));
  const known = ofItems.reduce((sum, count) => sum + count, 0);
  if (!run.byFile && looksCut(listed.size, known)) return failure('source_list_cut', { listed: listed.size, known });
  const brake = await massZeroAmong(items, connection, zeros);
  return brake && failure('mass_zero', brake);
}

async function applyLines(ports: ApplyRunLevelsPorts, held: HeldRun, lines: readonly RunLine[]): Promise<void> {
  const { runs, stock, items, connections, sourceStore, sources, clock } = ports;
  const { run, connection } = held;
  const { sourceId } = connection;
  const source = await sourceStore.find(sourceId);
  if (!source) return;
  await stock.lockLevels(sourceId);
  const now = clock.now();
  const read: ReadPush = changesOf(lines).map((change) => ({ change }));
  const feeds = await connections.forSource(sourceId);
  const judged = await judgeLines(stock, sourceId, sources.of(source.kind), read, feeds, now, now);
  await ports.ledger.waitForTurn([...judged.due.falls.keys()].map(({ shopId }) => shopId));
  await stock.saveLevels(judged.due.levels, null, now);
  for (const [feed, falls] of judged.due.falls) await releaseByFall(ports, feed, falls, now);
  for (const [feed, products] of judged.due.products) {
    const known = await items.ofProducts(feed.id, [...products]);
    const hasItem = new Set(known.map(({ sourceProductId }) => sourceProductId));
    const moved = new Set([...products].filter((id) => judged.due.changed.has(id) || !hasItem.has(id)));
    for (const [saysNew, some] of bySaying(moved, judged.due.changed)) {
      await items.markDue(feed, some, run.kind === 'check' ? PRIORITY.bulk : PRIORITY.manual, now, saysNew);
    }
  }
  const kept = new Map(judged.lines.map((line) => [line.kept.index, line.kept]));
  const products = [...kept.values()].flatMap(({ sourceProductId }) => sourceProductId ?? []);
  const found = new Map(
    (await items.ofProducts(connection.id, [...new Set(products)])).map((item) => [item.sourceProductId, item]),
  );
  await runs.linkItems(
    run.id,
    lines.flatMap(({ lineNo }) => {
      const line = kept.get(lineNo);
      if (!line) return [];
      const item = line.sourceProductId === null ? undefined : found.get(line.sourceProductId);
      const isUsed = line.outcome === 'accepted' && item !== undefined;
      const outcome: LineOutcome | null =
        line.outcome === 'superseded' ? 'superseded' : line.outcome === 'not_chosen' ? 'not_chosen' : null;
      const isNews = isUsed && line.before !== null && line.quantity !== null && line.before !== line.quantity;
      const difference = isNews
        ? ({ reason: 'not_told', params: { was: line.before, level: line.quantity } } as const)
        : null;
      return [{ lineNo, itemId: isUsed ? item.id : null, before: item?.shown ?? null, outcome, difference }];
    }),
  );
}

/** The lines that are changes, numbered as in the run. */
const changesOf = (lines: readonly RunLine[]): StockChange[] =>
  lines.flatMap((line) =>
    line.refusal !== null || line.quantity === null
      ? []
      : [
          {
            index: line.lineNo,
            code: line.code,
            barcode: line.barcode,
            name: line.name,
            externalId: line.externalId,
            warehouse: line.warehouse ?? '',
            quantity: line.quantity,
            observedAt: line.observedAt,
          },
        ],
  );
