import type { Clock } from '../domain/ports/clock';
import type { FlowRunStore } from '../domain/ports/flow-runs';
import type { PushStore } from '../domain/ports/pushes';
import type { SyncItemStore } from '../domain/ports/sync-items';
import type { SessionStore } from '../domain/ports/users';
import type { VendorCalls } from '../domain/ports/vendor-calls';

const DAY_MS = 86_400_000;
/** How long pushes and the steps of the timeline are kept. The state itself (levels, items, links) is never removed. */
export const KEPT_MS = 90 * DAY_MS;
/** Rows per transaction, so that no push waits behind the cleaning. */
const SLICE = 200;

/** Keeps the history from growing without bound; runs nightly. */
export async function removeOldRecords(ports: {
  readonly pushes: PushStore;
  readonly items: SyncItemStore;
  readonly sessions: SessionStore;
  readonly runs: Pick<FlowRunStore, 'removeBefore'>;
  readonly vendorCalls: Pick<VendorCalls, 'removeBefore'>;
  readonly clock: Clock;
}): Promise<{
  readonly pushes: number;
  readonly steps: number;
  readonly sessions: number;
  readonly runs: number;
  readonly calls: number;
}> {
  const before = ports.clock.now() - KEPT_MS;
  const all = async (remove: () => Promise<number>): Promise<number> => {
    let removed = 0;
    for (let slice = await remove(); slice > 0; slice = await remove()) removed += slice;
    return removed;
  };
  return {
    pushes: await all(() => ports.pushes.removeBefore(before, SLICE)),
    steps: await all(() => ports.items.removeStepsBefore(before, SLICE * 10)),
    runs: await all(() => ports.runs.removeBefore(before, SLICE)),
    calls: await ports.vendorCalls.removeBefore(before),
    sessions: await ports.sessions.closeExpired(ports.clock.now()),
  };
}
