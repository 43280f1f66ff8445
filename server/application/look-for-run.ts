import type { CatalogState, CatalogStore } from '../domain/ports/catalog';
import type { Clock } from '../domain/ports/clock';
import type { FlowRunStore } from '../domain/ports/flow-runs';
import type { LaneSignal } from '../domain/ports/lane-signal';
import { comparingFrom } from './compare-run-items';
import type { HeldRun, StepEnd } from './held-run';

export interface LookForRunPorts {
  readonly runs: Pick<FlowRunStore, 'sightings'>;
  readonly catalog: Pick<CatalogStore, 'state' | 'request'>;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

const LOOK_AGAIN_MS = 500;

/**
 * Waits for a walk through the shop's catalogue, which its lane makes; what it meets is noted with the run's lines. What
 * it does not meet is looked at item by item afterwards, so that nothing depends on when the walk began.
 */
export async function lookForRun(ports: LookForRunPorts, held: HeldRun): Promise<StepEnd> {
  const { runs, catalog, laneSignal, clock } = ports;
  const { run, connection } = held;
  const { shopId } = connection;
  const now = clock.now();
  if (run.position === null) {
    await catalog.request(shopId, 'full', now);
    laneSignal.announce([shopId]);
    return held.moveOn({ position: String(now), done: 0, total: null });
  }
  const since = Number(run.position);
  const state = await catalog.state(shopId);
  if (hasWalked(state, since)) {
    const { items, seen } = await runs.sightings(run.id);
    await held.note('looked', { entries: state?.done ?? 0, items, seen });
    return run.kind === 'refresh'
      ? held.end('succeeded', null)
      : held.moveOn({ phase: 'comparing', position: comparingFrom(since), done: 0, total: items });
  }
  if (state?.failure) {
    await held.note('shop_not_listed', {}, state.failure);
    if (run.kind === 'refresh') return held.end('failed', state.failure);
    return held.moveOn({ phase: 'comparing', position: comparingFrom(since), done: 0 });
  }
  if (state && state.walk === null && (state.fullDueAt ?? Infinity) > now) await catalog.request(shopId, 'full', now);
  laneSignal.announce([shopId]);
  await held.moveOn({ done: state?.walk === 'full' ? state.done : 0, total: state?.total ?? null });
  return held.putDown(now + LOOK_AGAIN_MS);
}

const hasWalked = (state: CatalogState | null, since: number): boolean =>
  state?.loadedAt != null && state.loadedAt >= since;
