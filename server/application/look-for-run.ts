import type { CatalogState, CatalogStore } from '../domain/ports/catalog';
import type { Clock } from '../domain/ports/clock';
import type { FlowRunStore } from '../domain/ports/flow-runs';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { SyncItemStore } from '../domain/ports/sync-items';
import { comparingFrom, proveSeen, waitsForReasons } from './compare-run-items';
import type { HeldRun, StepEnd } from './held-run';

export interface LookForRunPorts {
  readonly runs: FlowRunStore;
  readonly items: SyncItemStore;
  readonly catalog: Pick<CatalogStore, 'state' | 'request'>;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

const LOOK_AGAIN_MS = 500;
const LINES_AT_ONCE = 2_000;
/** For so long the shop's lane may look one by one at what a check has not seen. */
const LOOKING_AT_REST_MS = 30 * 60_000;

/** What the run waits for: the walk that was asked for, or the lane's look at what that has not met. */
type Wait =
  | { readonly for: 'walk'; readonly since: number }
  | { readonly for: 'rest'; readonly since: number; readonly until: number }
  | { readonly for: 'nothing'; readonly since: number };

/** `since`, then `since/rest/until`, then `since/done`. */
function waitOf(position: string): Wait {
  const [since = '0', what, until = '0'] = position.split('/');
  if (what === 'rest') return { for: 'rest', since: Number(since), until: Number(until) };
  return { for: what === 'done' ? 'nothing' : 'walk', since: Number(since) };
}

/** Begins with the walk through the shop's catalogue, or with what follows where there is none. */
export const lookingFrom = (now: number, walks: boolean): string => (walks ? String(now) : restFrom(now, now));

const restFrom = (since: number, now: number): string => `${since}/rest/${now + LOOKING_AT_REST_MS}`;

/**
 * Waits for a walk through the shop's catalogue, which its lane makes; what it meets is noted with the run's lines. What
 * it does not meet is looked at one by one afterwards, so that nothing depends on when the walk began: by a check before
 * it compares, by the others when they deliver.
 */
export async function lookForRun(ports: LookForRunPorts, held: HeldRun): Promise<StepEnd> {
  const { runs, catalog, laneSignal, clock } = ports;
  const { run, connection } = held;
  const { shopId } = connection;
  const now = clock.now();
  if (run.position === null) {
    await catalog.request(shopId, 'full', now);
    laneSignal.announce([shopId]);
    return held.moveOn({ position: lookingFrom(now, true), done: 0, total: null });
  }
  const wait = waitOf(run.position);
  if (wait.for === 'nothing' || (wait.for === 'rest' && now >= wait.until)) return compare(ports, held, wait.since);
  if (wait.for === 'rest') {
    laneSignal.announce([shopId]);
    await held.moveOn({});
    return held.putDown(now + LOOK_AGAIN_MS);
  }
  const { since } = wait;
  const state = await catalog.state(shopId);
  if (hasWalked(state, since)) {
    for (let after: number | null = -1; after !== null;) after = await noteMirrored(ports, held, since, after);
    const { items, seen } = await runs.sightings(run.id);
    await held.note('looked', { entries: state?.done ?? 0, items, seen });
    return run.kind === 'refresh' ? held.end('succeeded', null) : afterTheWalk(ports, held, since);
  }
  if (state?.failure) {
    await held.note('shop_not_listed', {}, state.failure);
    if (run.kind === 'refresh') return held.end('failed', state.failure);
    return afterTheWalk(ports, held, since);
  }
  if (state && state.walk === null && (state.fullDueAt ?? Infinity) > now) await catalog.request(shopId, 'full', now);
  laneSignal.announce([shopId]);
  await held.moveOn({ done: state?.walk === 'full' ? state.done : 0, total: state?.total ?? null });
  return (await proveSeen(ports, held, since)) ? 'more' : held.putDown(now + LOOK_AGAIN_MS);
}

/** What came in while the walk was under way already: the mirror knows what it was shown. */
async function noteMirrored({ runs }: LookForRunPorts, held: HeldRun, since: number, after: number) {
  let last: number | null = null;
  await held.keep(async () => {
    last = await runs.noteMirrored(held.run.id, since, after, LINES_AT_ONCE);
    return {};
  });
  return last;
}

async function afterTheWalk(ports: LookForRunPorts, held: HeldRun, since: number): Promise<StepEnd> {
  const { runs, laneSignal, clock } = ports;
  const isAllSeen = !waitsForReasons(held) || (await runs.unseenLines(held.run.id, -1, 1)).length === 0;
  if (isAllSeen) return compare(ports, held, since);
  await held.moveOn({ position: restFrom(since, clock.now()) });
  laneSignal.announce([held.connection.shopId]);
  return held.putDown(clock.now() + LOOK_AGAIN_MS);
}

async function compare({ runs }: LookForRunPorts, held: HeldRun, since: number): Promise<StepEnd> {
  const { items } = await runs.sightings(held.run.id);
  return held.moveOn({ phase: 'comparing', position: comparingFrom(since), done: 0, total: items });
}

const hasWalked = (state: CatalogState | null, since: number): boolean =>
  state?.loadedAt != null && state.loadedAt > since;
