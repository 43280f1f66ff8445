import fc from 'fast-check';
import type { Delivery } from '../../../server/application/deliver-sync-items';
import { refKey } from '../../../server/domain/batch-plan';
import { failure, type FailureCode, FailureError } from '../../../server/domain/failure';
import type { ShopWriteBatch } from '../../../server/domain/ports/shop-target';
import { claimedItem, connection, productLink, ref, shopAccess, shopProduct } from '../../support/builders';
import { type Call, FakeShop } from '../../support/fake-shop';
import { deliveryTo } from '../../support/shop-work';
import { TestClock } from '../../support/test-clock';

const clock = new TestClock();
const idsUpTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

/** What a shop of these simple products is told: 7 of each, behind links so fresh that nobody looks first. */
const shopOf = (count: number) => new FakeShop(...idsUpTo(count).map((id) => shopProduct(id)));
const freshItems = (count: number) =>
  idsUpTo(count).map((id) => claimedItem(id, { link: productLink(id, { provenAt: clock.now() }) }));

const deliver = (shop: FakeShop, items = freshItems(100), batchSize = 100, cutOff = new AbortController()) =>
  deliveryTo(shop, { linkedTo: () => Promise.resolve([]) }, clock).deliver(
    shopAccess,
    new Map([[1, connection()]]),
    items,
    batchSize,
    cutOff.signal,
  );

const serverError = (status = 500) =>
  new FailureError(failure('shop_server_error', { status }), { writeMayHaveHappened: true });
const refusedError = (code: FailureCode) => new FailureError(failure(code));
const holds = (batch: ShopWriteBatch, ids: ReadonlySet<number>) =>
  batch.writes.some(({ ref: { productId, variationId } }) => ids.has(variationId ?? productId));

/** Fails before it does anything whenever one of these is in a write. */
const failsOn = (ids: ReadonlySet<number>, error: () => FailureError) => (call: Call) =>
  call.what === 'write' && holds(call.batch, ids) ? error() : null;

const outcomes = ({ delivered }: Delivery) => {
  const by = (kind: string) => delivered.filter(({ outcome }) => outcome.kind === kind).map(({ item }) => item.id);
  return { synced: by('synced'), failed: by('failed'), released: by('released'), unverified: by('unverified') };
};
const sizes = (shop: FakeShop) => shop.writes.map(({ writes }) => writes.length);
const reads = (shop: FakeShop) => shop.calls.filter(({ what }) => what === 'read');

describe('One poison item among a hundred', () => {
  const POISON = 37;
  const others = idsUpTo(100).filter((id) => id !== POISON);

  it('is named alone, and the other 99 are synced in the same delivery', async () => {
    const shop = shopOf(100);
    shop.beforeCall = failsOn(new Set([POISON]), serverError);
    const delivery = await deliver(shop);
    expect(outcomes(delivery)).toEqual({ synced: others, failed: [POISON], released: [], unverified: [] });
    expect(delivery.shopFailure).toBeNull();
    for (const id of others) expect(shop.shown(ref(id))).toBe('7');
    const poison = delivery.delivered.find(({ item }) => item.id === POISON);
    expect(poison?.outcome).toMatchObject({ failure: { code: 'shop_fails_on_item', params: { what: '500' } } });
    const named = delivery.steps.filter(({ outcome }) => outcome === 'failed_alone');
    expect(named).toMatchObject([{ itemId: POISON, step: 'write', failure: { code: 'shop_fails_on_item' } }]);
  });

  it.each(idsUpTo(100).filter((id) => id % 11 === 1))(
    'is found in few calls, wherever it stands: at %i',
    async (id) => {
      const shop = shopOf(100);
      shop.beforeCall = failsOn(new Set([id]), serverError);
      expect(outcomes(await deliver(shop)).failed).toEqual([id]);
      expect(shop.writes.length).toBeLessThanOrEqual(Math.ceil(2 * Math.log2(100)) + 1);
      // The shop is read once after each failure, and never for any other reason.
      expect(reads(shop).length).toBeLessThanOrEqual(Math.ceil(Math.log2(100)) + 1);
    },
  );

  it('costs nobody else anything when it stands in a batch of its own parent', async () => {
    const variations = idsUpTo(8).map((id) => shopProduct(id, { ref: ref(50, id), type: 'variation' }));
    const shop = new FakeShop(...variations, ...[11, 12].map((id) => shopProduct(id)));
    shop.beforeCall = failsOn(new Set([3]), serverError);
    const items = [...variations, ...[11, 12].map((id) => shopProduct(id))].map(({ ref: of, sku }) =>
      claimedItem(of.variationId ?? of.productId, {
        link: productLink(of.productId, { ref: of, sku, provenAt: clock.now() }),
      }),
    );
    const delivery = await deliver(shop, items);
    expect(outcomes(delivery)).toMatchObject({ failed: [3], released: [] });
    expect(outcomes(delivery).synced).toHaveLength(9);
    expect(shop.writes.filter(({ parentId }) => parentId === null).map(({ writes }) => writes.length)).toEqual([2]);
    for (const { parentId, writes } of shop.writes) {
      for (const { ref: each } of writes) expect(each.variationId === null ? null : each.productId).toBe(parentId);
    }
  });

  it('is told apart in later batches of the same delivery too', async () => {
    const shop = shopOf(100);
    shop.beforeCall = failsOn(new Set([POISON, 90]), serverError);
    const delivery = await deliver(shop, freshItems(100), 25);
    expect(outcomes(delivery)).toMatchObject({ failed: [POISON, 90], released: [] });
    expect(delivery.writing.troubled?.failure.code).toBe('shop_server_error');
  });

  it('slows the pace down: what was answered, and that a call failed, is told', async () => {
    const shop = shopOf(100);
    shop.beforeCall = failsOn(new Set([POISON]), serverError);
    const { writing } = await deliver(shop);
    expect(writing.troubled).not.toBeNull();
    expect(writing.answered.reduce((sum, { items }) => sum + items, 0)).toBe(99);
  });
});

describe('After an answer that was lost', () => {
  it('the shop is read before anything is written again, and what had arrived is not written again', async () => {
    const shop = shopOf(40);
    let failures = 0;
    shop.afterWrite = () => (failures++ === 0 ? serverError(502) : null);
    const delivery = await deliver(shop, freshItems(40));
    expect(outcomes(delivery).synced).toHaveLength(40);
    expect(shop.calls.map(({ what }) => what)).toEqual(['write', 'read']);
    expect(delivery.delivered[0]?.outcome).toEqual({ kind: 'synced', shown: '7', how: 'written' });
  });

  it('a batch that was half carried out is finished without writing its first half twice', async () => {
    const shop = shopOf(40);
    let failures = 0;
    shop.carriesOut = ({ writes }) => (failures === 0 ? writes.slice(0, 20) : writes);
    shop.afterWrite = () => (failures++ === 0 ? serverError() : null);
    const delivery = await deliver(shop, freshItems(40));
    expect(outcomes(delivery).synced).toHaveLength(40);
    expect(shop.stored).toEqual(idsUpTo(40).map((id) => `${id}/0=7`));
    expect(sizes(shop)).toEqual([40, 10, 10]);
  });

  it('a poison item behind which the shop stops each time is named, and nothing is written twice', async () => {
    const shop = shopOf(60);
    const poison = new Set([41]);
    // PHP dies in the middle of the batch: what stood before the poison item is stored.
    const before = (batch: ShopWriteBatch) => {
      const at = batch.writes.findIndex(({ ref: each }) => poison.has(each.productId));
      return at === -1 ? batch.writes : batch.writes.slice(0, at);
    };
    shop.carriesOut = before;
    shop.afterWrite = (batch) => (holds(batch, poison) ? serverError() : null);
    const delivery = await deliver(shop, freshItems(60));
    expect(outcomes(delivery)).toMatchObject({ failed: [41], released: [] });
    expect(outcomes(delivery).synced).toHaveLength(59);
    expect(new Set(shop.stored).size).toBe(shop.stored.length);
  });

  it('a shop that cannot be read either is out of reach, and no link of these is trusted any more', async () => {
    const shop = shopOf(10);
    shop.beforeCall = (call) => (call.what === 'write' ? null : serverError());
    shop.afterWrite = () => serverError();
    const delivery = await deliver(shop, freshItems(10));
    expect(outcomes(delivery).released).toHaveLength(10);
    expect(delivery.shopFailure?.failure.code).toBe('shop_server_error');
    expect(delivery.delivered.map(({ link }) => link?.provenAt)).toEqual(idsUpTo(10).map(() => 0));
    expect(shop.calls.map(({ what }) => what)).toEqual(['write', 'read']);
  });
});

describe('A call refused before it did anything', () => {
  it('for its size is halved without reading, until it fits', async () => {
    const shop = shopOf(100);
    shop.beforeCall = (call) =>
      call.what === 'write' && call.batch.writes.length > 30 ? refusedError('shop_batch_too_large') : null;
    const delivery = await deliver(shop);
    expect(outcomes(delivery).synced).toHaveLength(100);
    expect(reads(shop)).toEqual([]);
    expect(sizes(shop)).toEqual([100, 50, 25, 25, 50, 25, 25]);
    expect(delivery.steps.filter(({ outcome }) => outcome === 'unknown')).toEqual([]);
    expect(delivery.writing.troubled?.failure.code).toBe('shop_batch_too_large');
  });

  test.each([
    'shop_maintenance',
    'shop_rate_limited',
    'shop_unreachable',
    'shop_blocked',
    'shop_rest_missing',
    'shop_redirects',
    'shop_tls_invalid',
    'keys_rejected',
    'keys_read_only',
    'keys_forbidden',
    'keys_header_stripped',
    'keys_clock',
  ] as const)('since the shop as a whole does not serve us (%s) is not tried in pieces', async (code) => {
    const shop = shopOf(100);
    shop.beforeCall = () => refusedError(code);
    const delivery = await deliver(shop, freshItems(100), 25);
    expect(sizes(shop)).toEqual([25]);
    expect(outcomes(delivery).released).toHaveLength(100);
    expect(delivery.shopFailure?.failure.code).toBe(code);
  });
});

describe('A shop that fails on everything', () => {
  it('is what fails: two items were tried alone, and all the others are given back', async () => {
    const shop = shopOf(100);
    shop.beforeCall = (call) => (call.what === 'write' ? serverError() : null);
    const delivery = await deliver(shop);
    expect(delivery.shopFailure?.failure.code).toBe('shop_server_error');
    expect(outcomes(delivery).failed).toHaveLength(2);
    expect(outcomes(delivery).released).toHaveLength(98);
    expect(shop.writes.length).toBeLessThanOrEqual(Math.ceil(Math.log2(100)) + 5);
    expect(delivery.writing.answered).toEqual([]);
  });

  it('is not what fails where two items are all there is: they may be at fault themselves', async () => {
    const shop = shopOf(2);
    shop.beforeCall = (call) => (call.what === 'write' ? serverError() : null);
    const delivery = await deliver(shop, freshItems(2));
    expect(delivery.shopFailure).toBeNull();
    expect(outcomes(delivery).failed).toHaveLength(2);
  });

  it('in the middle of a delivery keeps what it took before', async () => {
    const shop = shopOf(50);
    shop.beforeCall = (call) => (call.what === 'write' && shop.stored.length >= 25 ? serverError() : null);
    const delivery = await deliver(shop, freshItems(50), 25);
    expect(outcomes(delivery).synced).toEqual(idsUpTo(25));
    expect(outcomes(delivery).unverified).toEqual([]);
  });
});

describe('Work that is cut off', () => {
  it('stops at once, gives back what is open and blames nobody', async () => {
    const shop = shopOf(100);
    const cutOff = new AbortController();
    shop.beforeCall = (call) => {
      if (call.what !== 'write') return null;
      cutOff.abort();
      return serverError();
    };
    const delivery = await deliver(shop, freshItems(100), 25, cutOff);
    expect(shop.calls).toHaveLength(1);
    expect(outcomes(delivery)).toEqual({ synced: [], failed: [], released: idsUpTo(100), unverified: [] });
  });

  it('between two halves does not begin the second', async () => {
    const shop = shopOf(100);
    const cutOff = new AbortController();
    shop.beforeCall = (call) => (call.what === 'write' && call.batch.writes.length > 50 ? serverError() : null);
    shop.afterWrite = () => {
      cutOff.abort();
      return null;
    };
    const delivery = await deliver(shop, freshItems(100), 100, cutOff);
    expect(sizes(shop)).toEqual([100, 50]);
    expect(outcomes(delivery)).toMatchObject({ synced: idsUpTo(50), failed: [] });
    expect(outcomes(delivery).released).toHaveLength(50);
  });

  it('before it began calls nobody', async () => {
    const shop = shopOf(3);
    const cutOff = new AbortController();
    cutOff.abort();
    const delivery = await deliver(shop, freshItems(3), 100, cutOff);
    expect(shop.calls).toEqual([]);
    expect(outcomes(delivery).released).toEqual([1, 2, 3]);
  });
});

describe('Whatever fails in whatever batch', () => {
  const how = fc.constantFrom('before', 'after', 'halfway', 'refused');

  it('nothing is written in doubt, nothing twice, and nobody is blamed for another’s fault', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 40 }),
        how,
        async (count, poisonIds, batchSize, mode) => {
          const shop = shopOf(count);
          const poison = new Set(poisonIds);
          const failed = new Set<Call>();
          const fail = (error: FailureError): FailureError => {
            const call = shop.calls.at(-1);
            if (call) failed.add(call);
            return error;
          };
          shop.beforeCall = (call) => {
            if (call.what !== 'write' || !holds(call.batch, poison)) return null;
            if (mode === 'before') return fail(serverError());
            return mode === 'refused' ? fail(refusedError('shop_not_json')) : null;
          };
          shop.carriesOut = (batch) => {
            if (!holds(batch, poison)) return batch.writes;
            const clean = batch.writes.filter(({ ref: each }) => !poison.has(each.productId));
            return mode === 'halfway' ? clean.slice(0, Math.ceil(clean.length / 2)) : clean;
          };
          shop.afterWrite = (batch) =>
            holds(batch, poison) && (mode === 'after' || mode === 'halfway') ? fail(serverError()) : null;

          const delivery = await deliver(shop, freshItems(count), batchSize);

          const { synced, failed: blamed, released, unverified } = outcomes(delivery);
          expect([...synced, ...blamed, ...released].sort((a, b) => a - b)).toEqual(idsUpTo(count));
          expect(unverified).toEqual([]);
          for (const id of synced) expect(shop.shown(ref(id))).toBe('7');
          for (const id of blamed) expect(poison.has(id)).toBe(true);
          // Only where the shop itself seems to be at fault is anybody given back.
          if (released.length > 0) expect(delivery.shopFailure).not.toBeNull();
          else expect(blamed).toEqual(idsUpTo(count).filter((id) => poison.has(id)));
          expect(new Set(shop.stored).size).toBe(shop.stored.length);
          const doubtful = new Set<string>();
          for (const call of shop.calls) {
            if (call.what === 'read') for (const each of call.refs) doubtful.delete(each);
            if (call.what !== 'write') continue;
            const refs = call.batch.writes.map(({ ref: each }) => refKey(each));
            for (const each of refs) expect(doubtful.has(each)).toBe(false);
            if (failed.has(call) && mode !== 'refused') for (const each of refs) doubtful.add(each);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
