import { CLOSED, opened } from '../../../server/domain/circuit';
import { failure } from '../../../server/domain/failure';
import type { SyncItemView, TimelineRow } from '../../../server/domain/ports/sync-items';
import { quantity } from '../../../server/domain/quantity';
import { findingWords, type MovementFacts, WHY_WORDS, whyNotMoving } from '../../../server/domain/why-not-moving';
import { connection, level, NO_FACTS, productLink } from '../../support/builders';

const NOW = Date.UTC(2026, 2, 1, 12);

const item = (changes: Partial<SyncItemView> = {}): SyncItemView => ({
  id: 1,
  connectionId: 1,
  sourceProductId: 1,
  subject: { code: 'A-1', barcode: null, name: 'Mug' },
  status: 'synced',
  levels: [level('7')],
  facts: NO_FACTS,
  shown: quantity('7'),
  lastSyncedAt: NOW - 1000,
  writtenAt: null,
  dueAt: null,
  attempts: 0,
  link: productLink(5),
  failure: null,
  updatedAt: NOW - 1000,
  ...changes,
});

const pushed = (outcome: string, after: string): TimelineRow => ({
  itemId: 1,
  at: NOW - 5000,
  step: 'push',
  outcome,
  before: null,
  after: quantity(after),
  wanted: null,
  params: {},
  failure: null,
  by: null,
  pushId: 3,
});

const facts = (changes: Partial<MovementFacts> = {}): MovementFacts => ({
  item: item(),
  connection: connection(),
  shop: { name: 'My shop', circuit: CLOSED, quietHours: null },
  source: { name: 'Our ERP', enabled: true },
  lastPush: null,
  ...changes,
});

const codes = (given: MovementFacts): string[] => whyNotMoving(given, NOW).map(({ code }) => code);
const one = (given: MovementFacts, code: string) => {
  const found = whyNotMoving(given, NOW).find((each) => each.code === code);
  if (!found) throw new Error(`${code} is not among ${codes(given).join(', ')}`);
  return found;
};
const shop = (changes: Partial<MovementFacts['shop']>) => ({ ...facts().shop, ...changes });

describe('Why a product does not move', () => {
  it('is not a question where the shop shows what it must', () => {
    expect(codes(facts())).toEqual(['in_step']);
    expect(one(facts(), 'in_step')).toMatchObject({ weight: 'fine', params: { target: '7' }, at: NOW - 1000 });
  });

  it('is the shop that is not called, with what it said', () => {
    const circuit = opened(CLOSED, failure('keys_read_only', {}, 'cannot_edit'), NOW - 60_000, 0.5);
    const given = facts({ shop: shop({ circuit }), item: item({ status: 'due', dueAt: NOW }) });
    expect(codes(given)).toEqual(['circuit_open']);
    expect(one(given, 'circuit_open')).toMatchObject({
      weight: 'stops',
      at: NOW - 60_000,
      failure: { code: 'keys_read_only', proof: 'cannot_edit' },
    });
  });

  it('is test mode', () => {
    const given = facts({ connection: connection({ mode: 'test' }), item: item({ status: 'due', dueAt: null }) });
    expect(codes(given)).toEqual(['test_mode']);
  });

  it('is that it was taken offline', () => {
    expect(codes(facts({ item: item({ status: 'offline' }) }))).toEqual(['offline']);
  });

  it.each(['unmatched', 'ambiguous'] as const)('is that it is %s, with what was looked for', (status) => {
    const what = failure('product_unmatched', { tried: 'SKU A-1' });
    expect(one(facts({ item: item({ status, failure: what, link: null }) }), 'not_linked').failure).toEqual(what);
  });

  it('is what the last attempt failed for', () => {
    const what = failure('stock_not_managed', { productId: 5 });
    expect(one(facts({ item: item({ status: 'failed', failure: what }) }), 'failed').failure).toEqual(what);
  });

  it('is, beside the failure, that the connection holds what failed', () => {
    const given = facts({
      connection: connection({ holdErrors: true }),
      item: item({ status: 'failed', failure: failure('product_gone', { productId: 5 }) }),
    });
    expect(codes(given)).toEqual(['failed', 'errors_held']);
    expect(codes(facts({ connection: connection({ holdErrors: true }) }))).toEqual(['in_step']);
  });

  it('is, where somebody set a number in the shop, that a person is asked, and not that something failed', () => {
    const what = failure('shop_differs', { shown: '30', wanted: '7' });
    const given = facts({
      connection: connection({ holdErrors: true }),
      item: item({ status: 'failed', shown: quantity('30'), failure: what }),
    });
    expect(codes(given)).toEqual(['undecided']);
    expect(one(given, 'undecided')).toMatchObject({ weight: 'waits', failure: what });
  });

  it('is that nobody reported a level', () => {
    expect(codes(facts({ item: item({ status: 'due', levels: [], shown: null }) }))).toEqual(['never_reported']);
  });

  it('is that its levels come from warehouses that are not chosen', () => {
    const given = facts({
      connection: connection({ warehouses: ['Magazin'] }),
      item: item({ status: 'due', levels: [level('3', 'Depozit'), level('4', 'Showroom')] }),
    });
    expect(one(given, 'warehouse_not_chosen').params).toEqual({
      warehouses: '“Depozit”, “Showroom”',
      chosen: '“Magazin”',
    });
    const either = { ...given, item: item({ levels: [level('3', 'Depozit'), level('7', 'magazin')] }) };
    expect(codes(either)).not.toContain('warehouse_not_chosen');
  });

  it('is a source that is switched off', () => {
    expect(codes(facts({ source: { name: 'Our ERP', enabled: false } }))).toEqual(['source_off', 'in_step']);
  });

  it('is that the last push was older than what was known', () => {
    expect(one(facts({ lastPush: pushed('superseded', '3') }), 'push_older').params).toEqual({ quantity: '3' });
  });

  it('is that the shop rests, while anything is due', () => {
    const quietHours = { fromMinute: 11 * 60, toMinute: 13 * 60 + 30, timeZone: 'UTC' };
    const due = item({ status: 'due', dueAt: NOW });
    expect(one(facts({ shop: shop({ quietHours }), item: due }), 'quiet_hours').params).toMatchObject({
      from: '11:00',
      to: '13:30',
    });
    expect(codes(facts({ shop: shop({ quietHours }) }))).toEqual(['in_step']);
  });

  it.each([
    ['writing', 'being_written'],
    ['unverified', 'unproven'],
    ['retrying', 'tries_again'],
  ] as const)('is, while it is %s, only a matter of time', (status, code) => {
    expect(one(facts({ item: item({ status, dueAt: NOW + 5000 }) }), code).weight).toBe('waits');
  });

  it('names the moment it is tried again', () => {
    expect(one(facts({ item: item({ status: 'retrying', dueAt: NOW + 5000 }) }), 'tries_again').at).toBe(NOW + 5000);
  });

  it('is that it is in the line', () => {
    expect(codes(facts({ item: item({ status: 'due', dueAt: NOW }) }))).toEqual(['in_line']);
  });

  it('is that the rules make another number of it', () => {
    const rules = { ...connection().rules, buffer: quantity('2') };
    const given = facts({ connection: connection({ rules }), item: item({ shown: quantity('5') }) });
    expect(one(given, 'rules_change').params).toMatchObject({ sum: '7', target: '5' });
    expect(codes(given)).toEqual(['rules_change', 'in_step']);
  });

  it.each([
    ['undo', 'held_by_undo'],
    ['edited', 'held_by_edit'],
  ] as const)('is that another number is held (%s)', (why, code) => {
    const held = { quantity: quantity('4'), why };
    const given = facts({ item: item({ facts: { ...NO_FACTS, held }, shown: quantity('4') }) });
    expect(codes(given)).toEqual([code, 'in_step']);
  });

  describe('where the source does not know of web orders', () => {
    const sold = (...orders: string[]) => orders.map((order) => ({ order, quantity: quantity('1') }));
    const withFacts = (more: Partial<SyncItemView['facts']>, shown: string, rules = connection().rules) =>
      facts({
        connection: connection({ rules }),
        item: item({ facts: { ...NO_FACTS, ...more }, shown: quantity(shown) }),
      });

    it('is what they took, and no rule', () => {
      const given = withFacts({ unseen: sold('5001', '5002', '5003') }, '4');
      expect(codes(given)).toEqual(['sold', 'in_step']);
      const found = one(given, 'sold');
      expect(found.params).toMatchObject({ before: '7', sold: '3', target: '4', orders: '#5001, #5002, #5003' });
      expect(findingWords(found).cause).toBe(
        '7, less 3 sold in the shop that Our ERP does not know of yet (orders #5001, #5002, #5003): 4.',
      );
    });

    it('is what the rules make of it, and what they took of that', () => {
      const rules = { ...connection().rules, buffer: quantity('2') };
      const given = withFacts({ unseen: sold('5001') }, '4', rules);
      expect(codes(given)).toEqual(['rules_change', 'sold', 'in_step']);
      expect(one(given, 'rules_change').params).toMatchObject({ sum: '7', target: '5' });
      expect(one(given, 'sold').params).toMatchObject({ before: '5', target: '4' });
    });

    it('is the number that was set in the shop, and what they took of that', () => {
      const given = withFacts({ unseen: sold('5001'), held: { quantity: quantity('30'), why: 'edited' } }, '29');
      expect(one(given, 'held_by_edit').params).toMatchObject({ target: '30' });
      expect(one(given, 'sold').params).toMatchObject({ before: '30', target: '29' });
    });

    it('is no rule either where they took more than there is', () => {
      const given = withFacts({ unseen: sold('1', '2', '3', '4', '5', '6', '7', '8') }, '0');
      expect(codes(given)).toEqual(['sold', 'in_step']);
      expect(one(given, 'sold').params).toMatchObject({ before: '7', sold: '8', target: '0' });
      expect(one(given, 'sold').params['orders']).toBe('#1, #2, #3, #4, #5, …');
    });
  });

  it('ends with what was told of it last', () => {
    expect(codes(facts({ lastPush: pushed('accepted', '7') }))).toEqual(['in_step', 'last_told']);
  });

  it('tells what stops it before what it waits for, and that before how it came about', () => {
    const given = facts({
      connection: connection({ mode: 'test', rules: { ...connection().rules, buffer: quantity('2') } }),
      item: item({ status: 'retrying', dueAt: NOW }),
    });
    expect(whyNotMoving(given, NOW).map(({ weight }) => weight)).toEqual(['stops', 'waits', 'fine']);
  });

  it('never has nothing to say', () => {
    expect(codes(facts({ item: item({ status: 'due', dueAt: null }) }))).toEqual(['in_line']);
  });

  it('is said without a gap, whatever it is', () => {
    const gaps = Object.keys(WHY_WORDS).filter((code) => {
      const params = {
        shop: 'x',
        source: 'x',
        warehouses: 'x',
        chosen: 'x',
        quantity: '1',
        from: 'x',
        to: 'x',
        target: '1',
        sum: '1',
        before: '1',
        sold: '1',
        orders: '#1',
      };
      const words = findingWords({
        code: code as keyof typeof WHY_WORDS,
        weight: 'fine',
        params,
        failure: null,
        at: NOW,
      });
      return /[{}]/.test(words.cause + words.cure);
    });
    expect(gaps).toEqual([]);
  });
});
