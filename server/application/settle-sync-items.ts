import { failureKind } from '../domain/failure';
import type { Settlement } from '../domain/ports/sync-items';
import { retryDelayMs } from '../domain/retry-policy';
import { PRIORITY, type SyncItemStatus } from '../domain/sync-item';
import type { Delivered } from './deliver-sync-items';

/** Nothing failed where orders keep coming: the wait is always the same, and no attempt is charged. */
const COME_BACK_MS = 1_000;

/** How an item that reached this outcome is left. Pure: `chance` in [0, 1) spreads the retries. */
export function settlementOf(
  { item, outcome, link, gone, switchedOn, sales, sent, held, doubtedUntil }: Delivered,
  now: number,
  chance: number,
): Settlement {
  const rest = {
    item,
    link,
    gone,
    switchedOn,
    held,
    doubtedUntil,
    sales: salesWith(outcome, sales, sent),
    priority: PRIORITY.movement,
    syncedAt: null,
    writtenAt: null,
  } as const;
  switch (outcome.kind) {
    case 'synced':
      return {
        ...rest,
        status: 'synced',
        dueAt: null,
        attempts: 0,
        failure: null,
        shown: outcome.shown,
        syncedAt: now,
        writtenAt: outcome.how === 'written' ? now : null,
      };
    case 'dry-run':
      return { ...rest, status: 'due', dueAt: null, attempts: 0, failure: null, shown: outcome.shown ?? undefined };
    case 'moving':
      return {
        ...rest,
        status: 'due',
        dueAt: outcome.until ?? now + COME_BACK_MS,
        priority: item.priority,
        attempts: item.attempts,
        failure: null,
        shown: undefined,
      };
    case 'released':
      // Due at once, without an attempt charged: the circuit decides when the shop is called again.
      return {
        ...rest,
        status: 'due',
        dueAt: now,
        priority: item.priority,
        attempts: item.attempts,
        failure: null,
        shown: undefined,
      };
    case 'unverified':
    case 'failed': {
      const attempts = item.attempts + 1;
      const retries = failureKind(outcome.failure.code).severity === 'retry';
      const delay = retries ? retryDelayMs(attempts, chance) : null;
      return {
        ...rest,
        status: statusOf(outcome, delay !== null),
        dueAt: delay === null ? null : Math.max(now + delay, doubtedUntil ?? 0),
        priority: PRIORITY.retry,
        attempts,
        failure: outcome.failure,
        shown: outcome.shown ?? undefined,
      };
    }
  }
}

/**
 * Of a number that is not the wanted one nobody knows which orders it has in it, and after a write that went wrong nobody
 * knows the number: what is found there next must not be taken for somebody's edit.
 */
function salesWith(outcome: Delivered['outcome'], sales: Delivered['sales'], sent: boolean): Settlement['sales'] {
  if (outcome.kind === 'synced') return sales;
  return sent || ('shown' in outcome && outcome.shown !== null) ? null : undefined;
}

function statusOf(
  outcome: Extract<Delivered['outcome'], { kind: 'failed' | 'unverified' }>,
  retrying: boolean,
): SyncItemStatus {
  if (outcome.failure.code === 'level_unknown') return 'due';
  if (outcome.failure.code === 'product_unmatched' || outcome.failure.code === 'mapping_unmatched') return 'unmatched';
  if (outcome.failure.code === 'product_ambiguous') return 'ambiguous';
  if (outcome.kind === 'unverified' && retrying) return 'unverified';
  return retrying ? 'retrying' : 'failed';
}
