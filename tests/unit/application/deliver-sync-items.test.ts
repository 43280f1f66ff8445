import fc from 'fast-check';
import { type Delivery, LINK_FRESH_MS } from '../../../server/application/deliver-sync-items';
import { settlementOf } from '../../../server/application/settle-sync-items';
import { refKey } from '../../../server/domain/batch-plan';
import { failure, FailureError } from '../../../server/domain/failure';
import type { Connection } from '../../../server/domain/ports/connections';
import type { ShopProductRef } from '../../../server/domain/ports/shop-target';
import type { ClaimedItem } from '../../../server/domain/ports/sync-items';
import { quantity } from '../../../server/domain/quantity';
import { claimedItem, connection, level, productLink, ref, shopAccess, shopProduct } from '../../support/builders';
import { FakeShop } from '../../support/fake-shop';
import { deliveryTo } from '../../support/shop-work';
import { TestClock } from '../../support/test-clock';

const clock = new TestClock();

/** Who has which product already, besides the items being delivered. */
interface Owner {
  readonly itemId: number;
  readonly ref: ShopProductRef;
  readonly label: string;
}

async function deliver(
  shop: FakeShop,
  items: readonly ClaimedItem[],
  { via = connection(), owners = [] }: { via?: Connection; owners?: readonly Owner[] } = {},
): Promise<Delivery> {
  const linkedTo = (_shopId: number, refs: readonly ShopProductRef[]) =>
    Promise.resolve(owners.filter((owner) => refs.some((each) => refKey(each) === refKey(owner.ref))));
  const delivery = deliveryTo(shop, { linkedTo }, clock);
  return delivery.deliver(shopAccess, new Map([[via.id, via]]), items, 100, new AbortController().signal);
}

const only = ({ delivered }: Delivery) => {
  const [first] = delivered;
  if (!first || delivered.length !== 1) throw new Error(`${delivered.length} items were delivered`);
  return first;
};
const failureOf = (delivery: Delivery): string => {
  const { outcome } = only(delivery);
  return 'failure' in outcome ? outcome.failure.code : outcome.kind;
};
const steps = ({ steps: taken }: Delivery) => taken.map(({ step, outcome }) => `${step}.${outcome}`);
const freshLink = (productId: number, changes = {}) => productLink(productId, { provenAt: clock.now(), ...changes });
const staleLink = (productId: number, changes = {}) =>
  productLink(productId, { provenAt: clock.now() - LINK_FRESH_MS, ...changes });
const lost = () => new FailureError(failure('shop_answer_lost', { reason: 'reset' }), { writeMayHaveHappened: true });
const down = () => new FailureError(failure('shop_unreachable', { reason: 'refused', host: 'shop.example' }));

describe('Bringing a product to the shop', () => {
  it('finds it, writes the number and says synced because the answer shows it', async () => {
    const shop = new FakeShop(shopProduct(1, { quantity: quantity('3') }));
    const delivery = await deliver(shop, [claimedItem(1)]);
    expect(only(delivery)).toMatchObject({
      outcome: { kind: 'synced', shown: '7', how: 'written' },
      link: { ref: ref(1), foundBy: 'code', sku: 'SKU-1', provenAt: clock.now() },
    });
    expect(shop.written).toEqual(['1/0=7']);
    expect(steps(delivery)).toEqual(['match.one', 'write.written']);
    expect(delivery.steps.at(-1)).toMatchObject({ before: '3', after: '7', wanted: '7' });
    expect(delivery.shopFailure).toBeNull();
  });

  it('writes nothing when the shop shows the number already', async () => {
    const shop = new FakeShop(shopProduct(1, { quantity: quantity('7') }));
    const delivery = await deliver(shop, [claimedItem(1)]);
    expect(only(delivery).outcome).toEqual({ kind: 'synced', shown: '7', how: 'already' });
    expect(shop.writes).toEqual([]);
    expect(steps(delivery)).toEqual(['match.one', 'look.same']);
  });

  it('writes the sum of the chosen warehouses, rounded down, never below 0', async () => {
    const shop = new FakeShop(shopProduct(1, { quantity: null }), shopProduct(2, { quantity: quantity('4') }));
    const via = connection({ warehouses: ['A', 'B'] });
    const delivery = await deliver(
      shop,
      [
        claimedItem(1, { levels: [level('1.4', 'A'), level('1.4', 'b'), level('100', 'C')] }),
        claimedItem(2, { levels: [level('-3', 'A')] }),
      ],
      { via },
    );
    expect(shop.written).toEqual(['1/0=2', '2/0=0']);
    expect(delivery.steps.filter(({ step }) => step === 'write').map(({ params }) => params)).toEqual([
      { exact: '2.8', adjusted: 'rounded_down' },
      { exact: '-3', adjusted: 'negative_to_zero' },
    ]);
  });

  it('writes a variation under its parent, in a call of its own', async () => {
    const shop = new FakeShop(shopProduct(1), shopProduct(2, { ref: ref(50, 2), type: 'variation' }));
    await deliver(shop, [claimedItem(1), claimedItem(2)]);
    expect(shop.writes.map(({ parentId, writes }) => [parentId, writes.length])).toEqual([
      [null, 1],
      [50, 1],
    ]);
  });

  it('keeps the name a variation was found by, though the answer to a write names only its attribute', async () => {
    const shop = new FakeShop(shopProduct(2, { ref: ref(50, 2), type: 'variation', name: 'Shirt - S' }));
    shop.answerTo = (answer) =>
      answer.kind === 'answered' ? { ...answer, product: { ...answer.product, name: 'S' } } : answer;
    expect(only(await deliver(shop, [claimedItem(2)])).link?.name).toBe('Shirt - S');
  });
});

describe('A product that is not found', () => {
  test.each([
    ['unmatched', [shopProduct(9)], 'product_unmatched', ['match.none']],
    ['ambiguous', [shopProduct(1), shopProduct(2, { sku: 'sku-1' })], 'product_ambiguous', ['match.many']],
  ])('is %s, and nothing is written', async (_what, products, code, taken) => {
    const shop = new FakeShop(...products);
    const delivery = await deliver(shop, [claimedItem(1)]);
    expect(failureOf(delivery)).toBe(code);
    expect(only(delivery).link).toBeUndefined();
    expect(shop.writes).toEqual([]);
    expect(steps(delivery)).toEqual(taken);
  });

  it('does not hold up its neighbours', async () => {
    const shop = new FakeShop(shopProduct(1), shopProduct(3));
    const delivery = await deliver(shop, [claimedItem(1), claimedItem(2), claimedItem(3)]);
    expect(delivery.delivered.map(({ outcome }) => outcome.kind)).toEqual(['synced', 'failed', 'synced']);
    expect(shop.writes).toHaveLength(1);
  });
});

describe('A product that is another’s', () => {
  it('is taken, and nothing is written to it', async () => {
    const shop = new FakeShop(shopProduct(1));
    const delivery = await deliver(shop, [claimedItem(1)], { owners: [{ itemId: 99, ref: ref(1), label: 'OLD-1' }] });
    expect(only(delivery)).toMatchObject({
      outcome: { kind: 'failed', failure: { code: 'product_taken', params: { productId: 1, other: 'OLD-1' } } },
      link: undefined,
    });
    expect(shop.writes).toEqual([]);
  });

  it('is taken by the first of one delivery, and the second says by whom', async () => {
    const shop = new FakeShop(shopProduct(1, { gtin: '594' }));
    const second = claimedItem(2, { subject: { code: null, barcode: '594', name: null } });
    const delivery = await deliver(shop, [claimedItem(1), second]);
    expect(delivery.delivered.map(({ outcome }) => outcome)).toMatchObject([
      { kind: 'synced' },
      { kind: 'failed', failure: { code: 'product_taken', params: { other: 'SKU-1' } } },
    ]);
    expect(shop.written).toEqual(['1/0=7']);
  });

  it('is not another’s when it is its own', async () => {
    const shop = new FakeShop(shopProduct(1));
    const owners = [{ itemId: 1, ref: ref(1), label: 'SKU-1' }];
    expect(only(await deliver(shop, [claimedItem(1)], { owners })).outcome.kind).toBe('synced');
  });
});

describe('A number the shop would not keep', () => {
  test.each([
    ['stock management is off', shopProduct(1, { stockOwner: 'nobody', quantity: null }), 'stock_not_managed'],
    ['it is in the trash', shopProduct(1, { status: 'trash' }), 'product_trashed'],
    ['it is a group', shopProduct(1, { type: 'grouped', stockOwner: 'nobody' }), 'product_without_stock'],
    [
      'its parent keeps the stock',
      shopProduct(1, { ref: ref(50, 1), type: 'variation', stockOwner: 'parent', quantity: quantity('7') }),
      'stock_managed_by_parent',
    ],
  ])('is a failure before it is written, since %s', async (_why, product, code) => {
    const shop = new FakeShop(product);
    const delivery = await deliver(shop, [claimedItem(1)]);
    expect(failureOf(delivery)).toBe(code);
    expect(shop.writes).toEqual([]);
  });

  it('is a failure when it was ignored, though the shop answered with success', async () => {
    // Behind a fresh link nobody looks first, so only the answer can tell.
    const shop = new FakeShop(shopProduct(1, { stockOwner: 'nobody', quantity: null }));
    const delivery = await deliver(shop, [claimedItem(1, { link: freshLink(1) })]);
    expect(failureOf(delivery)).toBe('stock_not_managed');
    expect(shop.written).toEqual(['1/0=7']);
    expect(steps(delivery)).toEqual(['write.ignored']);
  });

  it('is not even sent when it is too large to be kept exactly', async () => {
    const shop = new FakeShop(shopProduct(1));
    const levels = [level('999999999999', 'A'), level('1', 'B')];
    expect(failureOf(await deliver(shop, [claimedItem(1, { levels })]))).toBe('number_unsafe');
    expect(shop.calls).toEqual([]);
  });

  it('is unknown while no chosen warehouse has reported, and the shop is left alone', async () => {
    const shop = new FakeShop(shopProduct(1));
    const via = connection({ warehouses: ['Magazin'] });
    expect(failureOf(await deliver(shop, [claimedItem(1)], { via }))).toBe('level_unknown');
    expect(shop.calls).toEqual([]);
  });

  it('refused for one product does not touch the others', async () => {
    const shop = new FakeShop(shopProduct(1), shopProduct(2));
    shop.answerTo = (answer) =>
      answer.ref.productId === 1
        ? { ref: answer.ref, kind: 'refused', code: 'db_error', message: 'No.', status: 500 }
        : answer;
    const delivery = await deliver(shop, [claimedItem(1), claimedItem(2)]);
    expect(delivery.delivered.map(({ outcome }) => outcome)).toMatchObject([
      { kind: 'failed', failure: { code: 'shop_refused_item', params: { code: 'db_error', message: 'No.' } } },
      { kind: 'synced' },
    ]);
  });
});

describe('Test mode', () => {
  const via = connection({ mode: 'test' });

  it('compares, and writes nothing', async () => {
    const shop = new FakeShop(shopProduct(1, { quantity: quantity('3') }), shopProduct(2, { quantity: quantity('7') }));
    const delivery = await deliver(shop, [claimedItem(1), claimedItem(2, { link: staleLink(2) })], { via });
    expect(delivery.delivered.map(({ outcome }) => outcome)).toEqual([
      { kind: 'dry-run', shown: '3' },
      { kind: 'synced', shown: '7', how: 'already' },
    ]);
    expect(shop.writes).toEqual([]);
  });

  it('writes nothing behind a fresh link either', async () => {
    const shop = new FakeShop(shopProduct(1, { quantity: quantity('3') }));
    const delivery = await deliver(shop, [claimedItem(1, { link: freshLink(1) })], { via });
    expect(only(delivery).outcome.kind).toBe('dry-run');
    expect(shop.writes).toEqual([]);
  });
});

describe('A link', () => {
  it('that is fresh is written to without looking', async () => {
    const shop = new FakeShop(shopProduct(1, { sku: 'MOVED' }));
    await deliver(shop, [claimedItem(1, { link: freshLink(1) })]);
    expect(shop.calls.map(({ what }) => what)).toEqual(['write']);
  });

  it('that is old is looked at first, and a shop that shows the number is left alone', async () => {
    const shop = new FakeShop(shopProduct(1, { quantity: quantity('7') }));
    const delivery = await deliver(shop, [claimedItem(1, { link: staleLink(1) })]);
    expect(shop.calls.map(({ what }) => what)).toEqual(['read']);
    expect(only(delivery)).toMatchObject({ outcome: { how: 'already' }, link: { provenAt: clock.now() } });
  });

  it('that the shop contradicts is looked for anew, and the other product is not touched', async () => {
    const shop = new FakeShop(shopProduct(1, { sku: 'OTHER' }), shopProduct(2, { sku: 'SKU-1' }));
    const delivery = await deliver(shop, [claimedItem(1, { link: staleLink(1) })]);
    expect(shop.written).toEqual(['2/0=7']);
    expect(only(delivery)).toMatchObject({ outcome: { kind: 'synced' }, link: { ref: ref(2) } });
    expect(steps(delivery)).toEqual(['look.contradicted', 'match.one', 'write.written']);
  });

  it('to a product that is gone is looked for anew, and forgotten when there is none', async () => {
    const shop = new FakeShop();
    const delivery = await deliver(shop, [claimedItem(1, { link: staleLink(1) })]);
    expect(failureOf(delivery)).toBe('product_unmatched');
    expect(only(delivery).link).toBeNull();
    expect(shop.writes).toEqual([]);
  });

  it('of two products that swapped their codes is found anew for both', async () => {
    const shop = new FakeShop(shopProduct(1, { sku: 'SKU-2' }), shopProduct(2, { sku: 'SKU-1' }));
    const owners = [1, 2].map((id) => ({ itemId: id, ref: ref(id), label: `SKU-${id}` }));
    const items = [
      claimedItem(1, { link: staleLink(1) }),
      claimedItem(2, { link: staleLink(2), levels: [level('8')] }),
    ];
    const delivery = await deliver(shop, items, { owners });
    for (const { outcome } of delivery.delivered) {
      expect('failure' in outcome ? outcome.failure.code : null).not.toBe('product_taken');
    }
  });

  it('that a person made is never replaced by a rule', async () => {
    const shop = new FakeShop(shopProduct(5, { sku: 'SKU-1' }));
    const delivery = await deliver(shop, [claimedItem(1, { link: staleLink(9, { foundBy: 'manual' }) })]);
    expect(failureOf(delivery)).toBe('product_gone');
    expect(shop.writes).toEqual([]);
    expect(only(delivery).link).toBeUndefined();
  });

  it('that a person made is not contradicted by another code', async () => {
    const shop = new FakeShop(shopProduct(9, { sku: 'WHATEVER' }));
    const delivery = await deliver(shop, [claimedItem(1, { link: staleLink(9, { foundBy: 'manual' }) })]);
    expect(shop.written).toEqual(['9/0=7']);
    expect(only(delivery).link).toMatchObject({ foundBy: 'manual', ref: ref(9) });
  });

  it('whose product was deleted since is looked for anew, and written the next time', async () => {
    const shop = new FakeShop(shopProduct(2, { sku: 'SKU-1' }));
    const delivery = await deliver(shop, [claimedItem(1, { link: freshLink(1) })]);
    expect(only(delivery)).toMatchObject({
      outcome: { kind: 'unverified', failure: { code: 'write_unproven' } },
      link: { ref: ref(2) },
    });
    expect(shop.shown(ref(2))).toBe('0');
  });
});

describe('An answer that does not show the number', () => {
  const answering = (shown: string): FakeShop => {
    const shop = new FakeShop(shopProduct(1));
    shop.answerTo = (answer) =>
      answer.kind === 'answered' ? { ...answer, product: { ...answer.product, quantity: quantity(shown) } } : answer;
    return shop;
  };

  it('is checked by reading, and synced if the shop shows it after all', async () => {
    const shop = answering('6');
    const delivery = await deliver(shop, [claimedItem(1, { link: freshLink(1) })]);
    expect(only(delivery).outcome).toEqual({ kind: 'synced', shown: '7', how: 'written' });
    expect(steps(delivery)).toEqual(['verify.equal']);
  });

  it('is unverified if the shop shows another number, and never synced', async () => {
    const shop = answering('6');
    shop.beforeCall = (call) => {
      if (call.what === 'read') shop.put(shopProduct(1, { quantity: quantity('5') }));
      return null;
    };
    const delivery = await deliver(shop, [claimedItem(1, { link: freshLink(1) })]);
    expect(only(delivery).outcome).toMatchObject({
      kind: 'unverified',
      shown: '5',
      failure: { code: 'shop_shows_other', params: { wanted: '7', shown: '5' } },
    });
  });
});

describe('A shop that fails as a whole', () => {
  it('gets everything back untouched, and no attempt is charged', async () => {
    const shop = new FakeShop(shopProduct(1), shopProduct(2));
    shop.beforeCall = down;
    const items = [claimedItem(1, { attempts: 3, link: freshLink(1) }), claimedItem(2, { attempts: 1 })];
    const delivery = await deliver(shop, items);
    expect(delivery.shopFailure?.failure.code).toBe('shop_unreachable');
    const settled = delivery.delivered.map((each) => settlementOf(each, clock.now(), 0));
    expect(settled.map(({ status, attempts, dueAt }) => [status, attempts, dueAt])).toEqual([
      ['due', 3, clock.now()],
      ['due', 1, clock.now()],
    ]);
    expect(shop.writes.length).toBeLessThanOrEqual(1);
  });

  it('between two calls keeps what was written before', async () => {
    const shop = new FakeShop(shopProduct(1), shopProduct(2, { ref: ref(50, 2), type: 'variation' }));
    shop.beforeCall = (call) => (call.what === 'write' && call.batch.parentId === 50 ? down() : null);
    const delivery = await deliver(shop, [claimedItem(1), claimedItem(2)]);
    expect(delivery.delivered.map(({ outcome }) => outcome.kind)).toEqual(['synced', 'released']);
  });

  it('after it took the write leaves the link unproven, so that the shop is read before the next', async () => {
    const shop = new FakeShop(shopProduct(1));
    shop.afterWrite = lost;
    shop.beforeCall = (call) => (call.what === 'read' ? down() : null);
    const first = await deliver(shop, [claimedItem(1, { link: freshLink(1) })]);
    const { outcome, link } = only(first);
    expect([outcome.kind, link?.provenAt]).toEqual(['released', 0]);
    expect(steps(first)).toEqual(['write.unknown']);

    shop.afterWrite = () => null;
    shop.beforeCall = () => null;
    const second = await deliver(shop, [claimedItem(1, { link: link ?? null })]);
    expect(only(second).outcome).toEqual({ kind: 'synced', shown: '7', how: 'already' });
    expect(shop.written).toEqual(['1/0=7']);
  });

  it('before it took the write leaves the link as it was', async () => {
    const shop = new FakeShop(shopProduct(1));
    shop.beforeCall = down;
    expect(only(await deliver(shop, [claimedItem(1, { link: freshLink(1) })])).link).toBeUndefined();
  });

  it('for an unforeseen reason stops the items at hand, and says so', async () => {
    const shop = new FakeShop(shopProduct(1));
    shop.beforeCall = () => new TypeError('undefined is not a function');
    const delivery = await deliver(shop, [claimedItem(1)]);
    expect(only(delivery).outcome).toMatchObject({
      kind: 'failed',
      failure: { code: 'unknown_failure', params: { what: 'TypeError' } },
    });
  });
});

describe('Whatever the shop answers', () => {
  const product = fc.record({
    sku: fc.constantFrom('SKU-1', 'SKU-2', 'SKU-3', 'sku-1', ''),
    name: fc.constantFrom('Product 1', 'Product 2', 'Cana'),
    status: fc.constantFrom('publish', 'draft', 'trash'),
    type: fc.constantFrom('simple' as const, 'variable' as const, 'grouped' as const),
    stockOwner: fc.constantFrom('self' as const, 'self' as const, 'nobody' as const, 'parent' as const),
    quantity: fc.constantFrom(null, quantity('7'), quantity('0'), quantity('-2')),
  });
  const item = fc.record({
    code: fc.constantFrom(null, 'SKU-1', 'SKU-2', 'SKU-3', 'SKU-9'),
    name: fc.constantFrom(null, 'Product 1', 'Cana'),
    amount: fc.constantFrom(null, '7', '2.5', '-1', '999999999999.5'),
    linked: fc.option(fc.integer({ min: 1, max: 5 })),
    fresh: fc.boolean(),
    foundBy: fc.constantFrom('code' as const, 'manual' as const),
    connectionId: fc.constantFrom(1, 1, 1, 2),
  });
  const trouble = fc.constantFrom('none', 'none', 'down', 'lost', 'unforeseen', 'item');
  const lineTrouble = fc.constantFrom('none', 'none', 'refused', 'gone', 'other', 'dropped');

  it('every claimed item gets exactly one outcome, and "synced" is said only of what the shop shows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(product, { maxLength: 5 }),
        fc.array(item, { maxLength: 8 }),
        fc.infiniteStream(trouble),
        fc.infiniteStream(lineTrouble),
        fc.constantFrom('live' as const, 'test' as const),
        async (products, wanted, troubles, lineTroubles, mode) => {
          const shop = new FakeShop(...products.map((each, position) => shopProduct(position + 1, each)));
          const taken = new Set<number>();
          const items = wanted.map(({ code, name, amount, linked, fresh, foundBy, connectionId }, position) => {
            const link =
              linked !== null && !taken.has(linked) ? (fresh ? freshLink : staleLink)(linked, { foundBy }) : null;
            if (link) taken.add(link.ref.productId);
            const levels = amount === null ? [] : [level(amount)];
            return claimedItem(position + 1, { subject: { code, barcode: null, name }, levels, link, connectionId });
          });
          const owners = items.flatMap(({ id, link }) => (link ? [{ itemId: id, ref: link.ref, label: `${id}` }] : []));
          shop.beforeCall = () => {
            switch (troubles.next().value) {
              case 'down':
                return down();
              case 'unforeseen':
                return new RangeError('?');
              case 'item':
                return new FailureError(failure('name_unprovable', { name: 'x', count: 1 }));
              default:
                return null;
            }
          };
          shop.afterWrite = () => (troubles.next().value === 'lost' ? lost() : null);
          shop.answerTo = (answer) => {
            const what = lineTroubles.next().value;
            if (what === 'refused' || what === 'gone') {
              const code = what === 'gone' ? 'woocommerce_rest_product_invalid_id' : 'no';
              return { ref: answer.ref, kind: 'refused', code, message: '', status: 400 };
            }
            if (what === 'dropped') return { ...answer, ref: ref(9_999) };
            return answer.kind === 'answered' && what === 'other'
              ? { ...answer, product: { ...answer.product, quantity: quantity('3') } }
              : answer;
          };

          const delivery = await deliver(shop, items, { via: connection({ mode }), owners });

          expect(delivery.delivered.map((each) => each.item.id).sort((a, b) => a - b)).toEqual(
            items.map(({ id }) => id),
          );
          if (mode === 'test') expect(shop.writes).toEqual([]);
          for (const { item: each, outcome, link } of delivery.delivered) {
            if (outcome.kind !== 'synced') continue;
            const target = link ?? each.link;
            expect(target && shop.shown(target.ref)).toBe(outcome.shown);
          }
          for (const { outcome } of delivery.delivered) {
            if (outcome.kind === 'released') expect(delivery.shopFailure?.failure).toEqual(outcome.failure);
          }
          const storedFor = shop.stored.map((each) => each.split('=')[0]);
          expect(new Set(storedFor).size).toBe(storedFor.length);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
