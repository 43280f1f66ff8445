import fc from 'fast-check';
import { settlementOf } from '../../../server/application/settle-sync-items';
import { type FailureCode, failure, FAILURES, isFailureCode } from '../../../server/domain/failure';
import { quantity } from '../../../server/domain/quantity';
import { MOST_ATTEMPTS, retryDelayMs } from '../../../server/domain/retry-policy';
import { PRIORITY, type SyncOutcome } from '../../../server/domain/sync-item';
import { claimedItem, productLink } from '../../support/builders';

const NOW = 1_800_000_000_000;
const CHANCE = 0.5;
const UNTOUCHED = { gone: [], switchedOn: [], sales: null, sent: false, held: undefined, doubtedUntil: null } as const;
const settle = (outcome: SyncOutcome, attempts = 0) =>
  settlementOf(
    { item: claimedItem(1, { attempts, priority: PRIORITY.bulk }), outcome, link: undefined, ...UNTOUCHED },
    NOW,
    CHANCE,
  );
const failed = (code: FailureCode, attempts = 0) =>
  settle({ kind: 'failed', failure: failure(code), shown: null }, attempts);

describe('How an item is left', () => {
  it.each(['written', 'already'] as const)(
    'whose number the shop shows (%s): synced, and nothing more to do',
    (how) => {
      expect(settle({ kind: 'synced', shown: quantity('7'), how }, 3)).toMatchObject({
        status: 'synced',
        dueAt: null,
        attempts: 0,
        failure: null,
        shown: '7',
        syncedAt: NOW,
      });
    },
  );

  it('that was written remembers when, and one that was not written does not', () => {
    const synced = { kind: 'synced', shown: quantity('7') } as const;
    expect(settle({ ...synced, how: 'written' }).writtenAt).toBe(NOW);
    expect(settle({ ...synced, how: 'already' }).writtenAt).toBeNull();
    expect(failed('shop_fails_on_item').writtenAt).toBeNull();
    expect(settle({ kind: 'released', failure: failure('shop_maintenance') }).writtenAt).toBeNull();
  });

  it('in test mode: as it was, not synced, and not due before something new comes', () => {
    expect(settle({ kind: 'dry-run', shown: quantity('4') })).toMatchObject({
      status: 'due',
      dueAt: null,
      failure: null,
      shown: '4',
      syncedAt: null,
    });
  });

  it('in test mode, when the shop was not looked at: what it was last seen to show stays known', () => {
    expect(settle({ kind: 'dry-run', shown: null }).shown).toBeUndefined();
  });

  it('when the shop was out of reach: due at once with its own priority, and no attempt is charged', () => {
    const outcome = { kind: 'released', failure: failure('shop_timeout', { seconds: 30 }) } as const;
    expect(settle(outcome, 5)).toMatchObject({
      status: 'due',
      dueAt: NOW,
      priority: PRIORITY.bulk,
      attempts: 5,
      shown: undefined,
      syncedAt: null,
    });
  });

  test.each([
    ['product_unmatched', 'unmatched'],
    ['product_ambiguous', 'ambiguous'],
    ['level_unknown', 'due'],
    ['product_taken', 'failed'],
    ['product_gone', 'failed'],
    ['stock_not_managed', 'failed'],
    ['shop_refused_item', 'failed'],
    ['number_unsafe', 'failed'],
    ['name_unprovable', 'failed'],
    ['unknown_failure', 'failed'],
  ] as const)('that failed with %s: %s, waiting for a person or a new value', (code, status) => {
    expect(failed(code)).toMatchObject({ status, dueAt: null, attempts: 1, failure: { code }, syncedAt: null });
  });

  it('that failed in a way that passes: due again later, behind the movements', () => {
    const settlement = failed('shop_shows_other', 2);
    expect(settlement).toMatchObject({ status: 'retrying', attempts: 3, priority: PRIORITY.retry });
    expect(settlement.dueAt).toBe(NOW + (retryDelayMs(3, CHANCE) ?? 0));
  });

  it('whose write is not proven: unverified while it is tried again, then failed', () => {
    const outcome = { kind: 'unverified', failure: failure('shop_shows_other'), shown: quantity('6') } as const;
    expect(settle(outcome, 0)).toMatchObject({ status: 'unverified', attempts: 1, shown: '6' });
    expect(settle(outcome, MOST_ATTEMPTS - 1)).toMatchObject({
      status: 'failed',
      dueAt: null,
      attempts: MOST_ATTEMPTS,
    });
  });

  it('keeps what the shop was last seen to show when it was not seen this time', () => {
    expect(failed('stock_not_managed').shown).toBeUndefined();
  });

  it('whose orders keep coming: due again in a second, and no attempt is charged', () => {
    expect(settle({ kind: 'moving' }, 3)).toMatchObject({
      status: 'due',
      dueAt: NOW + 1_000,
      attempts: 3,
      priority: PRIORITY.bulk,
      failure: null,
      shown: undefined,
      sales: undefined,
    });
  });

  it('notes what orders had taken with a number that is right, and with no other', () => {
    const sales = { taken: quantity('3'), given: quantity('1') };
    const given = { item: claimedItem(1), link: undefined, ...UNTOUCHED, sales };
    const synced: SyncOutcome = { kind: 'synced', shown: quantity('7'), how: 'already' };
    const other: SyncOutcome = { kind: 'unverified', failure: failure('write_unproven'), shown: quantity('9') };
    expect(settlementOf({ ...given, outcome: synced }, NOW, CHANCE).sales).toBe(sales);
    const unseen: SyncOutcome = { kind: 'unverified', failure: failure('write_unproven'), shown: null };
    expect(settlementOf({ ...given, outcome: other }, NOW, CHANCE).sales).toBeNull();
    expect(settlementOf({ ...given, outcome: unseen, sent: true }, NOW, CHANCE).sales).toBeNull();
    expect(settlementOf({ ...given, outcome: unseen }, NOW, CHANCE).sales).toBeUndefined();
  });

  it('takes along the link, or its loss', () => {
    const link = productLink(9);
    const outcome: SyncOutcome = { kind: 'synced', shown: quantity('7'), how: 'written' };
    for (const left of [link, null, undefined]) {
      expect(settlementOf({ item: claimedItem(1), outcome, link: left, ...UNTOUCHED }, NOW, CHANCE).link).toBe(left);
    }
  });

  it('is due again exactly when its failure passes by itself, and says "synced" of no failure', () => {
    const codes = Object.keys(FAILURES).filter(isFailureCode);
    expect(codes).toHaveLength(Object.keys(FAILURES).length);
    for (const code of codes) {
      const settlement = failed(code);
      expect([code, settlement.dueAt !== null]).toEqual([code, FAILURES[code].severity === 'retry']);
      expect(settlement.status).not.toBe('synced');
      expect(settlement.syncedAt).toBeNull();
    }
  });

  it('never comes back before the time it was given, nor later than a quarter of an hour', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 20 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempts, chance) => {
          const outcome: SyncOutcome = { kind: 'failed', failure: failure('shop_shows_other'), shown: null };
          const { dueAt, status } = settlementOf(
            { item: claimedItem(1, { attempts }), outcome, link: undefined, ...UNTOUCHED },
            NOW,
            chance,
          );
          if (attempts + 1 >= MOST_ATTEMPTS) expect([dueAt, status]).toEqual([null, 'failed']);
          else {
            expect(dueAt).toBeGreaterThan(NOW);
            expect(dueAt).toBeLessThanOrEqual(NOW + 15 * 60_000);
          }
        },
      ),
    );
  });
});
