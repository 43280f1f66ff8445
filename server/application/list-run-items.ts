import type { RunKind } from '../domain/flow-run';
import type { CatalogStore } from '../domain/ports/catalog';
import type { Clock } from '../domain/ports/clock';
import type { FlowRunStore, RunMove } from '../domain/ports/flow-runs';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { SyncItemStore } from '../domain/ports/sync-items';
import type { SyncItemStatus } from '../domain/sync-item';
import { waitsForReasons } from './compare-run-items';
import { type HeldRun, SLICE, type StepEnd } from './held-run';
import { lookingFrom } from './look-for-run';
import { listChanged } from './undo-run';

export interface ListRunItemsPorts {
  readonly runs: FlowRunStore;
  readonly items: SyncItemStore;
  readonly catalog: Pick<CatalogStore, 'state' | 'count' | 'request'>;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

/** What a retry takes up. */
const NOT_THROUGH: readonly SyncItemStatus[] = ['unverified', 'retrying', 'failed', 'unmatched', 'ambiguous'];
/** Fewer than these are looked at one by one. */
const WORTH_A_WALK = 200;
/** A walk that ended longer ago than this says too little of what the shop shows now. */
const STILL_FRESH_MS = 2 * 60_000;
/** A run that began longer ago than this (it paused, or waited for its source) has the shop looked at anew. */
const LONGEST_BEGIN_MS = 30 * 60_000;

/** Takes in the items that the run is about and that no line names yet; then chooses how the shop is looked at. */
export async function listRunItems(ports: ListRunItemsPorts, held: HeldRun): Promise<StepEnd> {
  const { runs, items } = ports;
  const { run } = held;
  if (run.kind === 'undo') return listChanged(ports, held);
  if (run.kind === 'pull') return held.moveOn(await lookingOrNot(ports, held));
  // The lines of the source, where there are any, were counted by the phase before.
  const { after, line } = positionOf(run.position, run.done);
  const ids = await runs.itemsWithoutLine(run, run.kind === 'retry' ? NOT_THROUGH : null, after, SLICE);
  const last = ids.at(-1);
  if (last === undefined) return held.moveOn(await lookingOrNot(ports, held));
  const views = new Map((await items.views(ids)).map((view) => [view.id, view]));
  const lines = ids.flatMap((itemId) => {
    const view = views.get(itemId);
    return view ? [{ itemId, wanted: null, before: view.shown }] : [];
  });
  await held.keep(async () => {
    await runs.addItemLines(run.id, line, lines);
    return { position: `${last}/${line + lines.length}`, done: line + lines.length };
  });
  return 'more';
}

/** `item/line`: the last item that was listed, and the number of the next line. */
function positionOf(position: string | null, firstLine: number): { readonly after: number; readonly line: number } {
  const [after = '0', line = String(firstLine)] = position === null ? [] : position.split('/');
  return { after: Number(after), line: Number(line) };
}

/**
 * A walk through the whole catalogue costs a call for every hundred entries, looking item by item one for every hundred
 * items, and more for variations. A check always walks: it is the walk of that day, and tells what the shop showed.
 */
async function lookingOrNot({ runs, catalog, clock, laneSignal }: ListRunItemsPorts, held: HeldRun): Promise<RunMove> {
  const { run, connection } = held;
  const { shopId } = connection;
  const lines = (await runs.sightings(run.id)).items;
  const state = await catalog.state(shopId);
  const isWorthIt = isChecking(run.kind) || (lines >= WORTH_A_WALK && lines * 2 >= (await catalog.count(shopId)));
  const walks = run.kind !== 'retry' && lines > 0 && state?.loadedAt != null && isWorthIt;
  const now = clock.now();
  // The walk that was asked for when the run began, as long as what it has shown is not old by now.
  const begunAt = run.startedAt ?? now;
  const isUnderWay = state?.walk === 'full' || (state?.fullDueAt ?? Infinity) <= now;
  const isFresh = isUnderWay || (state?.loadedAt ?? 0) > now - STILL_FRESH_MS;
  const isBegun = walksFromTheBegin(run.kind) && isFresh && now - begunAt < LONGEST_BEGIN_MS;
  const since = isBegun ? begunAt : now;
  if (walks) {
    if (!isBegun) await catalog.request(shopId, 'full', now);
  } else if (lines === 0 || !waitsForReasons(held))
    return { phase: 'comparing', position: null, done: 0, total: lines };
  laneSignal.announce([shopId]);
  return { phase: 'looking', position: lookingFrom(since, walks), done: 0, total: null };
}

const isChecking = (kind: RunKind): boolean => kind === 'check';

/** What is read of the source first need not keep the shop's walk waiting. */
export const walksFromTheBegin = (kind: RunKind): boolean => kind === 'check' || kind === 'pull';

/** Asks for the walk a run will most likely need, while the source is read: both take their time. */
export async function beginWalkEarly(
  { items, catalog, clock, laneSignal }: Pick<ListRunItemsPorts, 'items' | 'catalog' | 'clock' | 'laneSignal'>,
  { run, connection }: HeldRun,
): Promise<void> {
  const { id, shopId } = connection;
  if ((await catalog.state(shopId))?.loadedAt == null) return;
  const counts = Object.values(await items.counts({ connectionId: id, text: null }));
  const known = counts.reduce((sum, count) => sum + count, 0);
  const isWorthIt = known >= WORTH_A_WALK && known * 2 >= (await catalog.count(shopId));
  if (known === 0 || (!isChecking(run.kind) && !isWorthIt)) return;
  await catalog.request(shopId, 'full', clock.now());
  laneSignal.announce([shopId]);
}
