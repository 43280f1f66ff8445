import fc from 'fast-check';
import { NOTIFICATION_KINDS, noticePath, stopsWork, subjectKey } from '../../../server/domain/notice';
import {
  endOfQuiet,
  FIRST_PREFERENCES,
  FLAPPING_MS,
  MAIL_CHOICES,
  mailChoice,
  mailDueAt,
  nextDigest,
  type NoticePreferences,
} from '../../../server/domain/notice-timing';
import { isQuiet, minuteOfDay } from '../../../server/domain/quiet-hours';

const HOUR = 3_600_000;
const utc = (text: string) => Date.parse(`${text}Z`);
const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString().slice(0, 16));
const wishes = (more: Partial<NoticePreferences> = {}): NoticePreferences => ({ ...FIRST_PREFERENCES, ...more });

const zones = fc.constantFrom(
  'UTC',
  'Europe/Bucharest',
  'America/Sao_Paulo',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
);
/** Any moment, and often one near a change of clocks. */
const moments = fc.oneof(
  fc.integer({ min: utc('2026-01-01T00:00'), max: utc('2027-12-31T00:00') }),
  fc
    .tuple(
      fc.constantFrom(
        utc('2026-03-29T01:00'),
        utc('2026-10-25T01:00'),
        utc('2026-03-08T07:00'),
        utc('2026-11-01T06:00'),
        utc('2026-04-04T15:00'),
        utc('2026-10-03T15:30'),
      ),
      fc.integer({ min: -30 * HOUR, max: 30 * HOUR }),
    )
    .map(([change, off]) => change + off),
);
const minutes = fc.integer({ min: 0, max: 1_439 });
const quietHours = fc
  .record({ fromMinute: minutes, toMinute: minutes })
  .filter(({ fromMinute, toMinute }) => fromMinute !== toMinute);
const preferences: fc.Arbitrary<NoticePreferences> = fc.record({
  mail: fc.dictionary(fc.constantFrom(...NOTIFICATION_KINDS), fc.constantFrom(...MAIL_CHOICES)),
  digest: fc.oneof(
    fc.constant({ every: 'hour' } as const),
    fc.integer({ min: 0, max: 23 }).map((hour) => ({ every: 'day', hour }) as const),
  ),
  timeZone: zones,
  quiet: fc.option(quietHours),
  stopsPass: fc.boolean(),
});

describe('Quiet hours end', () => {
  it('at the first moment that is not quiet, whatever the clocks do', () => {
    fc.assert(
      fc.property(quietHours, zones, moments, (hours, timeZone, now) => {
        const quiet = { ...hours, timeZone };
        const end = endOfQuiet(quiet, now);
        expect(isQuiet(quiet, end)).toBe(false);
        if (!isQuiet(quiet, now)) return expect(end).toBe(now);
        expect(isQuiet(quiet, end - 1)).toBe(true);
        // A day and the hour that is repeated.
        return expect(end - now).toBeLessThanOrEqual(25 * HOUR);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['an ordinary night', '2026-01-15T23:30', '2026-01-16T05:00'],
    ['the night in which summer time begins', '2026-03-28T23:30', '2026-03-29T04:00'],
    ['the night in which summer time ends', '2026-10-24T23:30', '2026-10-25T05:00'],
  ])('after midnight, by the wall clock: %s', (_, now, end) => {
    const night = { fromMinute: 22 * 60, toMinute: 7 * 60, timeZone: 'Europe/Bucharest' };
    expect(iso(endOfQuiet(night, utc(now)))).toBe(end);
  });
});

describe('A digest', () => {
  it('of the day comes at its hour, or when the clock leaps over it, within a day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 23 }), zones, moments, (hour, timeZone, now) => {
        const at = nextDigest(wishes({ digest: { every: 'day', hour }, timeZone }), now);
        expect(at).toBeGreaterThanOrEqual(now);
        expect(at - now).toBeLessThanOrEqual(25 * HOUR);
        const late = (minuteOfDay(at, timeZone) - hour * 60 + 1_440) % 1_440;
        expect(late).toBeLessThanOrEqual(60);
      }),
      { numRuns: 300 },
    );
  });

  it('of the day stays at its hour over a change of clocks', () => {
    const eight = wishes({ digest: { every: 'day', hour: 8 }, timeZone: 'Europe/Bucharest' });
    expect(iso(nextDigest(eight, utc('2026-03-28T06:00')))).toBe('2026-03-28T06:00');
    expect(iso(nextDigest(eight, utc('2026-03-28T06:01')))).toBe('2026-03-29T05:00');
    expect(iso(nextDigest(eight, utc('2026-10-24T12:00')))).toBe('2026-10-25T06:00');
  });

  it('of the hour comes at the full hour', () => {
    const hourly = wishes({ digest: { every: 'hour' } });
    expect(iso(nextDigest(hourly, utc('2026-01-15T12:00')))).toBe('2026-01-15T12:00');
    expect(iso(nextDigest(hourly, utc('2026-01-15T12:01')))).toBe('2026-01-15T13:00');
  });
});

describe('Who hears what when', () => {
  const now = utc('2026-01-15T23:30');

  it('is at once what stops everything, and in the digest the rest; who may only look hears nothing unasked', () => {
    for (const kind of NOTIFICATION_KINDS) {
      expect(mailChoice(kind, FIRST_PREFERENCES, 'operator')).toBe(stopsWork(kind) ? 'at_once' : 'digest');
      expect(mailChoice(kind, FIRST_PREFERENCES, 'viewer')).toBe('never');
    }
    expect(mailDueAt('circuit_open', wishes(), 'owner', now, null)).toBe(now);
    expect(iso(mailDueAt('source_silent', wishes(), 'owner', now, null))).toBe('2026-01-16T08:00');
    expect(mailChoice('circuit_open', wishes({ mail: { circuit_open: 'digest' } }), 'viewer')).toBe('digest');
  });

  it('is what was chosen', () => {
    const mail = { circuit_open: 'never', source_silent: 'at_once' } as const;
    expect(mailDueAt('circuit_open', wishes({ mail }), 'owner', now, null)).toBeNull();
    expect(mailDueAt('source_silent', wishes({ mail }), 'owner', now, null)).toBe(now);
  });

  it('waits for the end of quiet hours, unless it stops everything and may pass', () => {
    const quiet = { fromMinute: 22 * 60, toMinute: 7 * 60 };
    const mail = { source_silent: 'at_once' } as const;
    const morning = '2026-01-16T07:00';
    expect(mailDueAt('circuit_open', wishes({ quiet }), 'owner', now, null)).toBe(now);
    expect(iso(mailDueAt('circuit_open', wishes({ quiet, stopsPass: false }), 'owner', now, null))).toBe(morning);
    expect(iso(mailDueAt('source_silent', wishes({ quiet, mail }), 'owner', now, null))).toBe(morning);
    // A digest that falls into them comes at their end.
    const digest = { every: 'day', hour: 3 } as const;
    expect(iso(mailDueAt('source_silent', wishes({ quiet, digest }), 'owner', now, null))).toBe(morning);
  });

  it('never comes too early, nor in quiet hours, nor twice within an hour', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...NOTIFICATION_KINDS),
        preferences,
        fc.constantFrom('owner', 'operator', 'viewer'),
        moments,
        fc.option(fc.integer({ min: 0, max: FLAPPING_MS })),
        (kind, wants, role, at, toldBefore) => {
          const lastTold = toldBefore === null ? null : at - toldBefore;
          const due = mailDueAt(kind, wants, role, at, lastTold);
          const choice = mailChoice(kind, wants, role);
          if (choice === 'never' || due === null) return expect([choice, due]).toEqual(['never', null]);
          expect(due).toBeGreaterThanOrEqual(at);
          if (lastTold !== null) expect(due).toBeGreaterThanOrEqual(lastTold + FLAPPING_MS);
          const passes = stopsWork(kind) && choice === 'at_once' && wants.stopsPass;
          const quiet = wants.quiet && { ...wants.quiet, timeZone: wants.timeZone };
          if (!passes) expect(isQuiet(quiet, due)).toBe(false);
          // An hour, a day for the digest, and a day of quiet at most.
          return expect(due - at).toBeLessThanOrEqual(51 * HOUR);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('A notice', () => {
  it('leads to a page of the panel, whatever it is of', () => {
    for (const kind of NOTIFICATION_KINDS) {
      expect(noticePath({ kind, connectionId: 4, params: { run: 7 } })).toMatch(/^\/[a-z]+(\/7)?(\?[a-z=&0-9]+)?$/);
    }
    expect(noticePath({ kind: 'run_paused', params: { run: 7 } })).toBe('/runs/7');
    expect(noticePath({ kind: 'products_unmatched', connectionId: 4, params: {} })).toBe('/match?connection=4');
    const unseen = noticePath({ kind: 'orders_unseen', connectionId: 4, params: {} });
    expect(unseen).toBe('/orders?connection=4&state=open');
  });

  it('is about one thing: two that differ in anything are two', () => {
    const one = { kind: 'products_failed', shopId: 1, sourceId: 2, connectionId: 3, cause: 'x' } as const;
    const others = [{ shopId: 2 }, { sourceId: null }, { connectionId: 4 }, { cause: null }];
    const keys = [one, ...others.map((other) => ({ ...one, ...other }))].map(subjectKey);
    expect(new Set(keys).size).toBe(keys.length);
    expect(subjectKey({ kind: 'circuit_open', shopId: 1 })).toBe(
      subjectKey({ kind: 'circuit_open', shopId: 1, sourceId: null, connectionId: null, cause: null }),
    );
  });
});
