import fc from 'fast-check';
import { LARGEST_BATCH, parentOf, planBatches, refKey } from '../../../server/domain/batch-plan';
import { CLOSED, LONGEST_PROBE_WAIT_MS, mayCall, opened, openedAgain } from '../../../server/domain/circuit';
import { failure } from '../../../server/domain/failure';
import { pageOf } from '../../../server/domain/page';
import type { StockWrite } from '../../../server/domain/ports/shop-target';
import { quantity } from '../../../server/domain/quantity';
import { notFound, Refusal } from '../../../server/domain/refusal';
import {
  backoffMs,
  FIRST_WAIT_MS,
  LONGEST_WAIT_MS,
  MOST_ATTEMPTS,
  retryDelayMs,
} from '../../../server/domain/retry-policy';
import { showsNumber, whyNotWritable } from '../../../server/domain/writability';
import { ref, shopProduct } from '../../support/builders';

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('A batch plan', () => {
  const write: fc.Arbitrary<StockWrite> = fc.record({
    ref: fc.record({
      productId: fc.integer({ min: 1, max: 5 }),
      variationId: fc.option(fc.integer({ min: 1, max: 99 })),
    }),
    quantity: fc.nat({ max: 999 }).map((n) => quantity(String(n))),
  });
  const writes = fc.uniqueArray(write, { selector: (each) => refKey(each.ref), maxLength: 300 });

  it('writes every line exactly once, unchanged and in its order within each call', () => {
    fc.assert(
      fc.property(writes, fc.integer({ min: -3, max: 200 }), (all, size) => {
        const batches = planBatches(all, size);
        const planned = batches.flatMap((batch) => batch.writes);
        expect(planned).toHaveLength(all.length);
        expect(new Set(planned)).toEqual(new Set(all));
        for (const batch of batches) {
          const places = batch.writes.map((each) => all.indexOf(each));
          expect(places).toEqual([...places].sort((a, b) => a - b));
        }
      }),
    );
  });

  it('makes no call too large, none empty and none of two parents, and no more calls than needed', () => {
    fc.assert(
      fc.property(writes, fc.integer({ min: 1, max: 200 }), (all, size) => {
        const limit = Math.min(size, LARGEST_BATCH);
        const batches = planBatches(all, size);
        const lines = new Map<number | null, number>();
        for (const { parentId, writes: own } of batches) {
          expect(own.length).toBeGreaterThan(0);
          expect(own.length).toBeLessThanOrEqual(limit);
          expect(own.map(({ ref: each }) => parentOf(each))).toEqual(own.map(() => parentId));
          lines.set(parentId, (lines.get(parentId) ?? 0) + own.length);
        }
        const fewest = [...lines.values()].reduce((sum, count) => sum + Math.ceil(count / limit), 0);
        expect(batches).toHaveLength(fewest);
      }),
    );
  });

  it('of 250 simple products and 3 variations of one parent is four calls', () => {
    const simple = Array.from({ length: 250 }, (_, n) => ({ ref: ref(n + 1), quantity: quantity('1') }));
    const variations = [1, 2, 3].map((n) => ({ ref: ref(7, 1_000 + n), quantity: quantity('1') }));
    const plan = planBatches([...variations, ...simple]);
    expect(plan.map(({ parentId, writes: own }) => [parentId, own.length])).toEqual([
      [7, 3],
      [null, 100],
      [null, 100],
      [null, 50],
    ]);
  });

  it('of nothing is no call', () => {
    expect(planBatches([])).toEqual([]);
  });

  it('tells a product from the variation of the same number', () => {
    expect(refKey(ref(7))).not.toBe(refKey(ref(7, 7)));
    expect(parentOf(ref(7))).toBeNull();
    expect(parentOf(ref(7, 9))).toBe(7);
  });
});

describe('Waiting before the next try', () => {
  it('doubles from 2 seconds to a quarter of an hour', () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1_000].map((attempts) => backoffMs(attempts, 1));
    expect(ceilings.slice(0, 4)).toEqual([2_000, 4_000, 8_000, 16_000]);
    expect(ceilings.at(-3)).toBe(LONGEST_WAIT_MS);
    expect(ceilings.at(-1)).toBe(LONGEST_WAIT_MS);
  });

  it('is spread over the upper half of the step, whatever the chance', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), chance, (attempts, random) => {
        const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts - 1, 40));
        const wait = backoffMs(attempts, random);
        expect(wait).toBeGreaterThanOrEqual(ceiling / 2);
        expect(wait).toBeLessThanOrEqual(ceiling);
      }),
    );
  });

  it('ends after the most attempts', () => {
    expect(retryDelayMs(MOST_ATTEMPTS - 1, 0)).toBe(backoffMs(MOST_ATTEMPTS - 1, 0));
    expect(retryDelayMs(MOST_ATTEMPTS, 0)).toBeNull();
    expect(retryDelayMs(MOST_ATTEMPTS + 1, 0)).toBeNull();
  });

  it('is at least what the other side asked for', () => {
    expect(retryDelayMs(1, 0.5, 120_000)).toBe(120_000);
    expect(retryDelayMs(1, 0.5, 1)).toBe(backoffMs(1, 0.5));
  });
});

describe('The circuit', () => {
  const down = failure('shop_unreachable', { reason: 'no route', host: 'shop.example' });
  const now = 1_000_000;

  it('lets calls through while it is closed', () => {
    expect(mayCall(CLOSED, now)).toBe(true);
  });

  it('lets none through before the probe, and one claim at it', () => {
    const open = opened(CLOSED, down, now, 0.5);
    expect(open).toMatchObject({ state: 'open', failure: down, openedAt: now, failures: 1 });
    const probeAt = open.probeAt ?? 0;
    expect(probeAt).toBeGreaterThan(now);
    expect(mayCall(open, probeAt - 1)).toBe(false);
    expect(mayCall(open, probeAt)).toBe(true);
  });

  it('stays open since its first failure, and waits longer after each, but never more than a minute', () => {
    let circuit = CLOSED;
    const waits: number[] = [];
    for (let times = 0; times < 12; times++) {
      circuit = opened(circuit, down, now + times, 1);
      waits.push((circuit.probeAt ?? 0) - (now + times));
    }
    expect(circuit.openedAt).toBe(now);
    expect(circuit.failures).toBe(12);
    expect(waits.slice(0, 5)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000]);
    expect(new Set(waits.slice(5))).toEqual(new Set([LONGEST_PROBE_WAIT_MS]));
  });

  it('that others find broken before its probe is no more broken for that, and waits only for what the shop asks', () => {
    const open = opened(CLOSED, down, now, 1);
    expect(openedAgain(open, now + 500)).toEqual(open);
    expect(openedAgain(open, now + 500, 1_000)).toEqual(open);
    expect(openedAgain(open, now + 500, 90_000)).toEqual({ ...open, probeAt: now + 90_500 });
  });

  it('waits as long as the shop asks, even beyond a minute', () => {
    expect(opened(CLOSED, down, now, 0, 600_000).probeAt).toBe(now + 600_000);
  });
});

describe('A page', () => {
  const cursorOf = (row: number) => `after ${row}`;

  it('that has more behind it says where to go on', () => {
    expect(pageOf([1, 2, 3], 2, cursorOf)).toEqual({ data: [1, 2], nextCursor: 'after 2' });
  });

  it('that is the last one ends', () => {
    expect(pageOf([1, 2], 2, cursorOf)).toEqual({ data: [1, 2], nextCursor: null });
    expect(pageOf([], 2, cursorOf)).toEqual({ data: [], nextCursor: null });
  });
});

describe('A refusal', () => {
  it('is an error whose detail is for people', () => {
    const refusal = new Refusal('conflict', 'Taken.', { retryAfterSeconds: 3 });
    expect(refusal).toBeInstanceOf(Error);
    expect([refusal.code, refusal.message, refusal.facts.retryAfterSeconds]).toEqual(['conflict', 'Taken.', 3]);
  });

  it('of something that is not there names it', () => {
    expect(notFound('shop')).toMatchObject({ code: 'not_found', detail: 'There is no such shop.' });
  });
});

describe('A product that would not keep the number', () => {
  test.each([
    ['trash', shopProduct(1, { status: 'trash' }), 'product_trashed'],
    ['a group', shopProduct(1, { type: 'grouped', stockOwner: 'nobody' }), 'product_without_stock'],
    ['a link elsewhere', shopProduct(1, { type: 'external', stockOwner: 'nobody' }), 'product_without_stock'],
    ['stock management off', shopProduct(1, { stockOwner: 'nobody' }), 'stock_not_managed'],
    ['a parent without stock', shopProduct(1, { type: 'variable', stockOwner: 'nobody' }), 'product_without_stock'],
    [
      'a variation whose parent keeps it',
      shopProduct(1, { ref: ref(1, 2), type: 'variation', stockOwner: 'parent' }),
      'stock_managed_by_parent',
    ],
  ])('%s', (_what, product, code) => {
    expect(whyNotWritable(product)?.code).toBe(code);
    expect(showsNumber({ ...product, quantity: quantity('7') }, '7')).toBe(product.stockOwner === 'self');
  });

  it('is none of those that keep their own, drafts included', () => {
    expect(whyNotWritable(shopProduct(1))).toBeNull();
    expect(whyNotWritable(shopProduct(1, { status: 'draft' }))).toBeNull();
    expect(whyNotWritable(shopProduct(1, { type: 'variable' }))).toBeNull();
  });
});

describe('The shop shows the number', () => {
  it('only where the product itself keeps it', () => {
    expect(showsNumber(shopProduct(1, { quantity: quantity('7') }), '7')).toBe(true);
    expect(showsNumber(shopProduct(1, { quantity: quantity('6') }), '7')).toBe(false);
    expect(showsNumber(shopProduct(1, { quantity: null }), '0')).toBe(false);
    expect(showsNumber(shopProduct(1, { quantity: quantity('7'), stockOwner: 'parent' }), '7')).toBe(false);
  });
});
