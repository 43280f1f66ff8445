import type { ActivityStore } from '../domain/ports/activity';
import type { AccessLinkStore } from '../domain/ports/access-links';
import type { AuditStore } from '../domain/ports/audit';
import type { BridgePairingStore, StockEventStore } from '../domain/ports/bridge-pairings';
import type { Clock } from '../domain/ports/clock';
import type { ItemDeedStore } from '../domain/ports/item-deeds';
import type { FlowRunStore } from '../domain/ports/flow-runs';
import type { NotificationStore } from '../domain/ports/notifications';
import type { OrderLedgerStore } from '../domain/ports/order-ledger';
import type { ProblemStore } from '../domain/ports/problems';
import type { PushStore } from '../domain/ports/pushes';
import type { LoginChallengeStore } from '../domain/ports/second-factors';
import type { SyncItemStore } from '../domain/ports/sync-items';
import type { SessionStore } from '../domain/ports/users';
import type { VendorCalls } from '../domain/ports/vendor-calls';

const DAY_MS = 86_400_000;
/** How long pushes, notices and the steps of the timeline are kept. The state itself (levels, items, links) is never removed. */
export const KEPT_MS = 90 * DAY_MS;
/** Long enough to look back at the same week of last year. */
export const AUDIT_KEPT_MS = 400 * DAY_MS;
/** An invitation that has run out can still be issued again for a while. */
const LINKS_KEPT_MS = 30 * DAY_MS;
/** A used call of a shop's plugin is too old to be sent once more long before this. */
const NONCES_KEPT_MS = 60 * 60_000;
/** Rows per transaction, so that no push waits behind the cleaning. */
const SLICE = 200;

/** By then an order that a fall explains has been heard of. */
const FALLS_KEPT_MS = 2 * DAY_MS;

/** Keeps the history from growing without bound; runs nightly. */
export async function removeOldRecords(ports: {
  readonly pushes: PushStore;
  readonly items: SyncItemStore;
  readonly sessions: Pick<SessionStore, 'closeExpired'>;
  readonly challenges: Pick<LoginChallengeStore, 'removeBefore'>;
  readonly links: Pick<AccessLinkStore, 'removeExpired'>;
  readonly audit: Pick<AuditStore, 'removeBefore'>;
  readonly runs: Pick<FlowRunStore, 'removeBefore'>;
  readonly notifications: Pick<NotificationStore, 'removeBefore'>;
  readonly deeds: Pick<ItemDeedStore, 'removeBefore'>;
  readonly problems: Pick<ProblemStore, 'removeHealedBefore'>;
  readonly vendorCalls: Pick<VendorCalls, 'removeBefore'>;
  readonly activity: Pick<ActivityStore, 'removeBefore'>;
  readonly ledger: Pick<OrderLedgerStore, 'removeKnownBefore' | 'removeFallsBefore' | 'passByKnown'>;
  readonly pairings: Pick<BridgePairingStore, 'removeNoncesBefore'>;
  readonly stockEvents: Pick<StockEventStore, 'removeBefore'>;
  readonly clock: Clock;
}): Promise<{
  readonly pushes: number;
  readonly steps: number;
  readonly sessions: number;
  readonly runs: number;
  readonly calls: number;
  readonly hours: number;
  readonly notices: number;
  readonly links: number;
  readonly audit: number;
  readonly problems: number;
  readonly deeds: number;
  readonly orders: number;
  readonly events: number;
  readonly nonces: number;
}> {
  const now = ports.clock.now();
  const before = now - KEPT_MS;
  const all = async (remove: () => Promise<number>): Promise<number> => {
    let removed = 0;
    for (let slice = await remove(); slice > 0; slice = await remove()) removed += slice;
    return removed;
  };
  for (let after: number | null = 0; after !== null;) after = await ports.ledger.passByKnown(after, SLICE);
  return {
    pushes: await all(() => ports.pushes.removeBefore(before, SLICE)),
    steps: await all(() => ports.items.removeStepsBefore(before, SLICE * 10)),
    runs: await all(() => ports.runs.removeBefore(before, SLICE)),
    notices: await all(() => ports.notifications.removeBefore(before, SLICE)),
    deeds: await all(() => ports.deeds.removeBefore(ports.clock.now() - DAY_MS, SLICE)),
    problems: await ports.problems.removeHealedBefore(before),
    calls: await ports.vendorCalls.removeBefore(before),
    hours: await ports.activity.removeBefore(before),
    orders:
      (await all(() => ports.ledger.removeKnownBefore(before, SLICE))) +
      (await ports.ledger.removeFallsBefore(now - FALLS_KEPT_MS)),
    events: await all(() => ports.stockEvents.removeBefore(before, SLICE * 10)),
    nonces: await all(() => ports.pairings.removeNoncesBefore(now - NONCES_KEPT_MS, SLICE * 10)),
    links: await ports.links.removeExpired(now - LINKS_KEPT_MS),
    audit: await all(() => ports.audit.removeBefore(now - AUDIT_KEPT_MS, SLICE * 10)),
    sessions: (await ports.sessions.closeExpired(now)) + (await ports.challenges.removeBefore(now - DAY_MS)),
  };
}
