import type { CountOrdersPorts } from '../../../server/application/count-orders';
import { failure } from '../../../server/domain/failure';
import { ORDERS_NOT_COUNTED, type OrderRule, type UnseenSale } from '../../../server/domain/order-rule';
import type { LedgerLine } from '../../../server/domain/ports/order-ledger';
import type { Connection } from '../../../server/domain/ports/connections';
import type { ClaimedItem, HeldNumber } from '../../../server/domain/ports/sync-items';
import { quantity } from '../../../server/domain/quantity';
import {
  claimedItem,
  connection,
  level,
  NO_FACTS,
  productLink,
  ref,
  shopAccess,
  shopProduct,
} from '../../support/builders';
import { FakeShop } from '../../support/fake-shop';
import { deliveryTo } from '../../support/shop-work';
import { TestClock } from '../../support/test-clock';

const clock = new TestClock();
const COUNTED: OrderRule = { knownBy: 'never', statuses: [], metaKey: null, afterHours: null };
const RULES = ['repair', 'keep', 'report'] as const;

interface Given {
  readonly rule: Connection['onDifference'];
  /** What the shop shows now. */
  readonly shows: string;
  /** What it showed when it was left; 7 is what the source says. */
  readonly left?: string;
  /** What orders took since then and the source does not know of. */
  readonly sold?: string;
  /** What orders gave back since then that the source knew of. */
  readonly given?: string;
  readonly news?: boolean;
  readonly held?: HeldNumber;
  readonly orders?: OrderRule;
  readonly mode?: 'test' | 'live';
  /** What was not to be explained when it was looked at before, and how long it has been due. */
  readonly doubted?: readonly [shown: string, expected: string] | null;
  readonly waited?: number;
  readonly attempts?: number;
}

async function deliver({
  rule,
  shows,
  left = '7',
  sold = '0',
  given = '0',
  news = false,
  held,
  orders = COUNTED,
  mode = 'live',
  doubted = [shows, String(Number(left) - Number(sold) + Number(given))],
  waited = 1_000,
  attempts = 0,
}: Given) {
  const shop = new FakeShop(shopProduct(1, { quantity: quantity(shows) }));
  const line: LedgerLine = {
    id: 1,
    connectionId: 1,
    orderId: 512,
    number: '512',
    ref: ref(1),
    held: quantity(sold),
    released: quantity('0'),
    tookAt: clock.now(),
  };
  const counting: CountOrdersPorts = {
    orders: { read: () => Promise.resolve() },
    ledger: {
      openLines: () => Promise.resolve(new Map(sold === '0' ? [] : [[1, [line]]])),
      askRead: () => Promise.resolve(),
      sales: () => Promise.resolve(new Map([[1, { taken: quantity(sold), given: quantity(given) }]])),
    },
  };
  const unseen: UnseenSale[] = sold === '0' ? [] : [{ order: '512', quantity: quantity(sold) }];
  const item: ClaimedItem = claimedItem(1, {
    levels: [level('7')],
    link: productLink(1, { provenAt: clock.now() }),
    facts: { ...NO_FACTS, unseen, held: held ?? null },
    shown: quantity(left),
    news,
    failure: doubted && failure('number_unexplained', { shown: doubted[0], expected: doubted[1], taken: sold, given }),
    waitingSince: clock.now() - waited,
    attempts,
    left: { shown: quantity(left), taken: quantity('0'), given: quantity('0') },
  });
  const delivery = await deliveryTo(shop, { linkedTo: () => Promise.resolve([]) }, clock, counting).deliver(
    shopAccess,
    new Map([[1, connection({ orders, onDifference: rule, mode })]]),
    [item],
    25,
    new AbortController().signal,
  );
  const [delivered] = delivery.delivered;
  return {
    shows: shop.shown(ref(1)),
    outcome: delivered?.outcome,
    held: delivered?.held,
    steps: delivery.steps.map(({ step, outcome }) => `${step}.${outcome}`),
    calls: shop.calls.map(({ what }) => what),
  };
}

describe('A number that somebody set in the shop', () => {
  it('is written over where the rule says so, and said to have been set', async () => {
    const { shows, outcome, held, steps } = await deliver({ rule: 'repair', shows: '12' });
    expect([shows, held]).toEqual(['7', undefined]);
    expect(outcome).toMatchObject({ kind: 'synced', how: 'written' });
    expect(steps).toEqual(['look.edited', 'write.written']);
  });

  it('stays where the rule says so, with what orders take of it taken off', async () => {
    const { shows, outcome, held, steps } = await deliver({ rule: 'keep', shows: '12', sold: '2' });
    expect([shows, held]).toEqual(['12', { quantity: '14', why: 'edited' }]);
    expect(outcome).toMatchObject({ kind: 'synced', how: 'already', shown: '12' });
    expect(steps).toEqual(['look.edited_kept', 'look.kept']);
  });

  it('waits for a person where the rule says so, with both numbers', async () => {
    const { shows, outcome, held, steps } = await deliver({ rule: 'report', shows: '12' });
    expect([shows, held]).toEqual(['12', { quantity: '12', why: 'asked' }]);
    expect(outcome).toMatchObject({
      kind: 'failed',
      shown: '12',
      failure: { code: 'shop_differs', params: { shown: '12', wanted: '7' } },
    });
    expect(steps).toEqual(['look.edited_asked', 'look.left_alone']);
  });

  it.each(RULES)('is written over where the source says something new, though the rule is %s', async (rule) => {
    const { shows, held, steps } = await deliver({ rule, shows: '12', left: '5', news: true });
    expect([shows, held]).toEqual(['7', undefined]);
    expect(steps).toEqual(['look.edited', 'write.written']);
  });

  it.each(RULES)(
    'is nothing to set right, to keep or to ask about where it is what the source says (%s)',
    async (rule) => {
      const { shows, outcome, held, steps } = await deliver({ rule, shows: '7', left: '5' });
      expect([shows, held ?? null]).toEqual(['7', null]);
      expect(outcome).toMatchObject({ kind: 'synced', how: 'already' });
      expect(steps).toEqual(['look.edited_same', 'look.same']);
    },
  );

  it.each(RULES)('is what orders made of it, and nobody’s edit (%s)', async (rule) => {
    const { shows, outcome, held, steps } = await deliver({ rule, shows: '5', sold: '2' });
    expect([shows, held]).toEqual(['5', undefined]);
    expect(outcome).toMatchObject({ kind: 'synced', how: 'already' });
    expect(steps).toEqual(['look.same']);
  });

  it.each(RULES)('is repaired where it is our own write over an order, whatever the rule (%s)', async (rule) => {
    const { shows, held, steps } = await deliver({ rule, shows: '7', sold: '2' });
    expect([shows, held]).toEqual(['5', undefined]);
    expect(steps).toEqual(['look.written_over', 'write.written']);
  });

  it.each(RULES)('is not repaired at once where it is too few: an order may be on its way (%s)', async (rule) => {
    // As if our write had undone what a cancelled order gave back; or somebody bought it in this very moment.
    const first = await deliver({ rule, left: '5', given: '2', shows: '6', doubted: null });
    expect([first.steps, first.shows]).toEqual([['look.unexplained'], '6']);
    const then = await deliver({ rule, left: '5', given: '2', shows: '6' });
    expect([then.steps, then.shows]).toEqual([['look.written_over', 'write.written'], '7']);
  });

  it.each(RULES)('is given a moment to be explained by an order, and looked at again (%s)', async (rule) => {
    const { shows, outcome, held, steps } = await deliver({ rule, shows: '12', doubted: null });
    expect([shows, held]).toEqual(['12', undefined]);
    expect(outcome).toMatchObject({ kind: 'unverified', failure: { code: 'number_unexplained' } });
    expect(steps).toEqual(['look.unexplained']);
  });

  it('is given it anew where it is off by another number than before', async () => {
    expect((await deliver({ rule: 'keep', shows: '12', doubted: ['5', '7'] })).steps).toEqual(['look.unexplained']);
  });

  it('is given it anew where an order has come meanwhile', async () => {
    const { steps } = await deliver({ rule: 'keep', shows: '12', sold: '2', doubted: ['12', '7'] });
    expect(steps).toEqual(['look.unexplained']);
  });

  it.each(RULES)('is not looked at for ever (%s)', async (rule) => {
    expect((await deliver({ rule, shows: '12', doubted: null, attempts: 4 })).steps).not.toContain('look.unexplained');
  });

  it('stays below 0, too', async () => {
    const { shows, outcome, held } = await deliver({ rule: 'keep', shows: '-3', sold: '2' });
    expect([shows, held]).toEqual(['-3', { quantity: '-1', why: 'edited' }]);
    expect(outcome).toMatchObject({ kind: 'synced', shown: '-3' });
  });

  it('is not given that moment for ever', async () => {
    const { shows } = await deliver({ rule: 'repair', shows: '12', doubted: null, waited: 31_000 });
    expect(shows).toBe('7');
  });

  it.each(RULES)('is only compared in test mode (%s)', async (rule) => {
    const { shows, outcome, held } = await deliver({ rule, shows: '12', mode: 'test' });
    expect([shows, held]).toEqual(['12', undefined]);
    expect(outcome).toMatchObject({ kind: 'dry-run' });
  });
});

describe.each([
  ['counted', COUNTED],
  ['not counted', ORDERS_NOT_COUNTED],
] as const)('A number that was kept, with orders %s', (_how, orders) => {
  const kept = { quantity: quantity('12'), why: 'edited' } as const;
  const asked = { quantity: quantity('12'), why: 'asked' } as const;

  it('stays whatever the shop makes of it, and what it shows is kept instead', async () => {
    const { shows, outcome, held } = await deliver({ rule: 'keep', shows: '11', left: '12', held: kept, orders });
    expect([shows, held]).toEqual(['11', { quantity: '11', why: 'edited' }]);
    expect(outcome).toMatchObject({ kind: 'synced', how: 'already', shown: '11' });
  });

  it('goes on waiting for a person', async () => {
    const { shows, outcome } = await deliver({ rule: 'report', shows: '12', left: '12', held: asked, orders });
    expect(shows).toBe('12');
    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'shop_differs' } });
  });

  it('is over when the shop shows what the source says', async () => {
    const { held, outcome } = await deliver({ rule: 'report', shows: '7', left: '12', held: asked, orders });
    expect(held).toBeNull();
    expect(outcome).toMatchObject({ kind: 'synced', how: 'already' });
  });
});
