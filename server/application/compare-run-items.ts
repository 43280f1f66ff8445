import type { Difference } from '../domain/difference';
import type { Clock } from '../domain/ports/clock';
import type { CatalogStore } from '../domain/ports/catalog';
import type { FlowRunStore, RunLine } from '../domain/ports/flow-runs';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { SyncItemStore, SyncItemView } from '../domain/ports/sync-items';
import { type Quantity, quantity } from '../domain/quantity';
import { isLeftAlone, PRIORITY } from '../domain/sync-item';
import { targetOfItem } from '../domain/target-of-item';
import { endOf } from './settle-run';
import { type HeldRun, SLICE, type StepEnd } from './held-run';

export interface CompareRunItemsPorts {
  readonly runs: FlowRunStore;
  readonly items: SyncItemStore;
  readonly catalog: Pick<CatalogStore, 'find'>;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

/** Of an item no level is known of; it is judged all the same. */
const UNKNOWN = quantity('0');
/** For so long the shop's lane may look into what differs. */
const EXPLAINING_MS = 10 * 60_000;

/** What follows for one item from what the shop showed of it. */
type Verdict =
  | { readonly kind: 'proven' }
  /** It was left alone, and shows its number again. */
  | { readonly kind: 'again'; readonly shown: Quantity }
  /** It is on its way by itself, a person has to act first, or it was written while the shop was read. */
  | { readonly kind: 'left' }
  | { readonly kind: 'look'; readonly difference: Difference | null }
  | { readonly kind: 'differs'; readonly was: Quantity; readonly seen: Quantity; readonly wanted: Quantity };

/**
 * Holds a slice of the items against what the shop showed: those in step are proven without a call, the rest is looked
 * at and brought in step. What a check finds changed in the shop waits until it is known why.
 */
export async function compareRunItems(ports: CompareRunItemsPorts, held: HeldRun): Promise<StepEnd> {
  const { runs, items, laneSignal, clock } = ports;
  const { run, connection } = held;
  const { after, lookedSince } = placeOf(run.position);
  const lines = await runs.openLines(run.id, after, SLICE);
  const last = lines.at(-1);
  if (last === undefined) return afterTheLast(ports, held);
  const views = await items.views([...new Set(lines.flatMap(({ itemId }) => itemId ?? []))]);
  const byId = new Map(views.map((view) => [view.id, view]));
  const sighted = new Map(lines.flatMap((line) => (line.itemId === null ? [] : [[line.itemId, line] as const])));
  const verdicts = new Map(views.map((view) => [view.id, verdictOn(view, sighted.get(view.id), lookedSince, held)]));
  const idsOf = (kind: Verdict['kind']): number[] =>
    [...verdicts].flatMap(([id, verdict]) => (verdict.kind === kind ? [id] : []));
  const differing = await differencesOf(ports, connection.shopId, views, verdicts);
  await held.keep(async () => {
    const now = clock.now();
    // What came for them after the shop was looked at is not known of yet.
    await items.noteProven(idsOf('proven'), lookedSince);
    await runs.endLines(
      run.id,
      lines.flatMap((line) => {
        const view =
          line.itemId !== null && verdicts.get(line.itemId)?.kind === 'proven' ? byId.get(line.itemId) : null;
        return view ? [endOf(line, view, run, connection)] : [];
      }),
    );
    await items.backInStep(
      [...verdicts].flatMap(([id, verdict]) => (verdict.kind === 'again' ? [{ id, shown: verdict.shown }] : [])),
      lookedSince,
    );
    const look = [...idsOf('look'), ...(waitsForReasons(held) ? [] : idsOf('differs'))];
    await items.lookAnew(look, run.kind === 'retry' ? PRIORITY.manual : PRIORITY.bulk, now);
    await runs.noteDifferences(
      run.id,
      lines.flatMap((line) => {
        const found = line.itemId === null ? undefined : differing.get(line.itemId);
        // What the source had not told explains the rest.
        if (!found || line.reason !== null) return [];
        return [{ lineNo: line.lineNo, ...found }];
      }),
    );
    return { position: `${last.lineNo}/${lookedSince}`, done: run.done + lines.length };
  });
  laneSignal.announce([connection.shopId]);
  return 'more';
}

async function afterTheLast({ runs, clock, laneSignal }: CompareRunItemsPorts, held: HeldRun): Promise<StepEnd> {
  const { run, connection } = held;
  const open = waitsForReasons(held) ? await runs.linesWith(run.id, ['changed_in_shop'], -1, 1) : [];
  const now = clock.now();
  await held.note('compared', { items: (await runs.sightings(run.id)).items });
  if (open.length === 0) return held.moveOn({ phase: 'settling', position: null, done: 0 });
  laneSignal.announce([connection.shopId]);
  return held.moveOn({ phase: 'explaining', position: String(now + EXPLAINING_MS), done: 0 });
}

/** Where comparing begins after a look at the shop that began then. */
export const comparingFrom = (lookedSince: number): string => `-1/${lookedSince}`;

/** `line/time`: the last line that was compared, and when the look at the shop began. */
function placeOf(position: string | null): { readonly after: number; readonly lookedSince: number } {
  const [after = '-1', lookedSince = '0'] = position === null ? [] : position.split('/');
  return { after: Number(after), lookedSince: Number(lookedSince) };
}

/**
 * Judges what was seen so far while the walk goes on: what is in step is proven at once, so that little is left to do
 * when the walk ends. False when there is nothing to judge.
 */
export async function proveSeen(
  { runs, items }: Pick<CompareRunItemsPorts, 'runs' | 'items'>,
  held: HeldRun,
  lookedSince: number,
): Promise<boolean> {
  const { run, connection } = held;
  const lines = await runs.seenLines(run.id, SLICE);
  if (lines.length === 0) return false;
  const views = new Map(
    (await items.views([...new Set(lines.flatMap(({ itemId }) => itemId ?? []))])).map((view) => [view.id, view]),
  );
  const judged = lines.flatMap((line) => {
    const view = line.itemId === null ? undefined : views.get(line.itemId);
    return view ? [{ line, view, verdict: verdictOn(view, line, lookedSince, held) }] : [];
  });
  const proven = judged.filter(({ verdict }) => verdict.kind === 'proven');
  await held.keep(async () => {
    await items.noteProven([...new Set(proven.map(({ view }) => view.id))], lookedSince);
    await runs.endLines(
      run.id,
      proven.map(({ line, view }) => endOf(line, view, run, connection)),
    );
    await runs.noteWanted(
      run.id,
      judged.flatMap(({ line, view, verdict }) =>
        verdict.kind === 'proven'
          ? []
          : [{ lineNo: line.lineNo, wanted: targetOfItem(view, connection)?.target ?? UNKNOWN }],
      ),
    );
    return {};
  });
  return true;
}

/** In test mode nothing is written anyway; who pulls or syncs has said what they want. */
export const waitsForReasons = ({ run, connection }: HeldRun): boolean =>
  run.kind === 'check' && connection.mode === 'live';

function verdictOn(view: SyncItemView, line: RunLine | undefined, lookedSince: number, held: HeldRun): Verdict {
  const wanted = targetOfItem(view, held.connection)?.target ?? null;
  const seen = line?.seen ?? null;
  switch (view.status) {
    case 'offline':
    case 'writing':
      return { kind: 'left' };
    case 'due':
      // In test mode an item that differs stays due, without a time.
      return view.dueAt === null ? { kind: 'look', difference: null } : { kind: 'left' };
    case 'failed':
      // These wait for a person's word, which no schedule may stand in for.
      if (view.failure?.code === 'mass_zero_held') return { kind: 'left' };
      if (isLeftAlone(view) && (held.run.kind === 'check' || held.run.kind === 'retry')) {
        return verdictOnLeftAlone(view, wanted, seen, held);
      }
      return { kind: 'look', difference: notWritten(view) };
    case 'unverified':
    case 'retrying':
    case 'unmatched':
    case 'ambiguous':
      return { kind: 'look', difference: notWritten(view) };
    case 'synced': {
      if (seen === null || wanted === null || view.shown === null || view.shown !== wanted) {
        return { kind: 'look', difference: null };
      }
      if (seen === wanted) return { kind: 'proven' };
      // The shop's answer to our own call is newer than what the look at it met.
      if ((view.lastSyncedAt ?? 0) > lookedSince) return { kind: 'left' };
      return { kind: 'differs', was: view.shown, seen, wanted };
    }
  }
}

/** What was left alone is looked into anew where the shop's number has moved on since. */
function verdictOnLeftAlone(
  view: SyncItemView,
  wanted: Quantity | null,
  seen: Quantity | null,
  held: HeldRun,
): Verdict {
  if (seen === null || wanted === null || seen === view.shown || !waitsForReasons(held)) return { kind: 'left' };
  return seen === wanted ? { kind: 'again', shown: seen } : { kind: 'differs', was: wanted, seen, wanted };
}

const notWritten = ({ status, failure }: SyncItemView): Difference => ({
  reason: 'not_written',
  params: { status, ...(failure ? { failure: failure.code } : {}) },
});

/** What is noted with the lines of those that differ; the shop's own account of when it last saved them among it. */
async function differencesOf(
  { catalog }: CompareRunItemsPorts,
  shopId: number,
  views: readonly SyncItemView[],
  verdicts: ReadonlyMap<number, Verdict>,
): Promise<ReadonlyMap<number, { readonly before?: Quantity; readonly difference: Difference }>> {
  const found = new Map<number, { readonly before?: Quantity; readonly difference: Difference }>();
  const changed = views.filter((view) => verdicts.get(view.id)?.kind === 'differs');
  const refs = changed.flatMap(({ link }) => (link ? [link.ref] : []));
  const entries = refs.length === 0 ? [] : await catalog.find(shopId, refs);
  for (const view of views) {
    const verdict = verdicts.get(view.id);
    if (verdict?.kind === 'look' && verdict.difference) found.set(view.id, { difference: verdict.difference });
    if (verdict?.kind !== 'differs') continue;
    const { ref } = view.link ?? {};
    const entry = entries.find(
      ({ product }) => product.ref.productId === ref?.productId && product.ref.variationId === ref.variationId,
    );
    const modifiedAt = entry?.product.modifiedAt ?? null;
    const params = {
      was: verdict.was,
      seen: verdict.seen,
      since: view.lastSyncedAt ?? 0,
      ...(modifiedAt === null ? {} : { modifiedAt }),
      ...(view.writtenAt === null ? {} : { writtenAt: view.writtenAt }),
    };
    found.set(view.id, { before: verdict.seen, difference: { reason: 'changed_in_shop', params } });
  }
  return found;
}
