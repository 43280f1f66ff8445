import { failure } from '../../server/domain/failure';
import type { ClaimedItem, LaneLease } from '../../server/domain/ports/sync-items';
import { PRIORITY } from '../../server/domain/sync-item';
import { productLink, ref } from '../support/builders';
import {
  claim,
  type Feed,
  feedIn,
  itemOf,
  itemsOf,
  laneOf,
  onEachEngine,
  push,
  syncedSettlement,
} from '../support/test-stores';

const { movement, retry, manual, bulk } = PRIORITY;
/** Longer than any burst: whatever was written before is at rest. */
const REST_MS = 60_000;

onEachEngine('A claim', (stores) => {
  let feed: Feed;
  let lease: LaneLease;
  const items = () => stores().items;
  const now = () => stores().clock.now();
  const codes = (claimed: readonly ClaimedItem[]) => claimed.map(({ subject }) => subject.code);
  const take = async (limit = 100) => codes(await claim(stores(), lease, limit));
  const takeUrgent = async (limit = 100) => codes(await claim(stores(), lease, limit, true));
  const send = (...sent: readonly string[]) =>
    push(
      stores(),
      feed,
      sent.map((code, quantity) => ({ code, quantity })),
    );
  /** One item of each code, each waiting with this priority since this long. */
  const waiting = async (...wanted: readonly (readonly [code: string, priority: number, sinceMs?: number])[]) => {
    await send(...wanted.map(([code]) => code));
    const claimed = await claim(stores(), lease, 1_000);
    const settlements = wanted.map(([code, priority, sinceMs = 0]) => {
      const item = claimed.find(({ subject }) => subject.code === code);
      if (!item) throw new Error(`${code} was not claimed`);
      return syncedSettlement(item, { status: 'due', dueAt: now() - sinceMs, priority });
    });
    await items().settle(settlements, [], now());
  };
  const variationOf = async (code: string, parent: number, variation: number) =>
    items().setLink(
      (await itemOf(stores(), feed, code)).id,
      productLink(parent, { ref: ref(parent, variation) }),
      now(),
    );

  beforeEach(async () => {
    stores().clock.advance(1);
    feed = await feedIn(stores());
    lease = await laneOf(stores(), feed.shop.id);
  });

  it('takes the classes of work in their order, and the longest waiting of each first', async () => {
    await waiting(['b', bulk, 9], ['m', movement, 1], ['r', retry, 9], ['m2', movement, 5], ['x', manual, 1]);
    expect(await take()).toEqual(['m2', 'm', 'r']);
    expect(await take()).toEqual(['x', 'b']);
    expect(await take()).toEqual([]);
  });

  it('never holds urgent and bulk work together, however much room there is', async () => {
    await waiting(['b1', bulk, 99], ['b2', manual, 99], ['m', movement]);
    expect(await take(2)).toEqual(['m']);
    expect(await take(1)).toEqual(['b2']);
    await send('new');
    expect(await take(2)).toEqual(['new']);
    expect(await take(2)).toEqual(['b1']);
  });

  it('for the hot lane leaves bulk work where it is', async () => {
    await waiting(['b', bulk], ['x', manual], ['r', retry]);
    expect(await takeUrgent()).toEqual(['r']);
    expect(await takeUrgent()).toEqual([]);
    expect((await itemOf(stores(), feed, 'b')).status).toBe('due');
    expect(await take()).toEqual(['x', 'b']);
  });

  it('for the hot lane takes no more than asked either', async () => {
    await waiting(['m1', movement, 2], ['m2', movement, 1], ['r', retry, 9]);
    expect(await takeUrgent(2)).toEqual(['m1', 'm2']);
    expect(await takeUrgent(2)).toEqual(['r']);
  });

  it('takes along what else is due under the parents of its variations', async () => {
    await waiting(['s1', movement, 9], ['v1', movement, 8], ['v2', retry], ['v3', movement], ['w1', movement]);
    await variationOf('v1', 50, 1);
    await variationOf('v2', 50, 2);
    await variationOf('v3', 50, 3);
    await variationOf('w1', 60, 1);
    expect(await take(2)).toEqual(['s1', 'v1', 'v2', 'v3']);
    expect(await take(2)).toEqual(['w1']);
  });

  it('leaves siblings that are not due, offline, of another class of work, or of another shop', async () => {
    const other = await feedIn(stores());
    await push(stores(), other, [{ code: 'elsewhere', quantity: 1 }]);
    await waiting(['v1', movement, 9], ['later', retry, -REST_MS], ['off', movement], ['b', bulk], ['p', movement]);
    for (const [n, code] of ['v1', 'later', 'off', 'b'].entries()) await variationOf(code, 50, n + 1);
    const elsewhere = await itemOf(stores(), other, 'elsewhere');
    await items().setLink(elsewhere.id, productLink(50, { ref: ref(50, 9) }), now());
    await items().setOffline([(await itemOf(stores(), feed, 'off')).id], now());
    // The parent itself is a product of its own, written in another call.
    await items().setLink((await itemOf(stores(), feed, 'p')).id, productLink(50), now());
    expect(await take(1)).toEqual(['v1']);
    expect(await take(1)).toEqual(['p']);
    expect(await take(1)).toEqual(['b']);
    expect((await items().find(elsewhere.id))?.status).toBe('due');
  });

  it('of one bulk variation takes the due rest of its parent along, within five full calls', async () => {
    const count = 620;
    const all = Array.from({ length: count }, (_, n) => `v${n}`);
    await waiting(...all.map((code) => [code, bulk] as const));
    for (const { id } of await itemsOf(stores(), feed)) {
      await items().setLink(id, productLink(50, { ref: ref(50, id) }), now());
    }
    const claimed = await take(1);
    expect(claimed.length).toBeGreaterThan(400);
    expect(claimed.length).toBeLessThanOrEqual(501);
    expect(new Set(claimed).size).toBe(claimed.length);
    expect(claimed.length + (await take(1_000)).length).toBe(count);
  }, 120_000);

  it('by many at once holds every item once', async () => {
    await waiting(...Array.from({ length: 30 }, (_, n) => [`c${n}`, n % 2 === 0 ? movement : bulk] as const));
    const claims = await Promise.all([take(7), takeUrgent(7), take(7), takeUrgent(7), take(7), take(7), take(7)]);
    const all = claims.flat();
    expect(new Set(all).size).toBe(all.length);
    expect(all).toHaveLength(30);
  });
});

onEachEngine('A connection that holds errors', (stores) => {
  let feed: Feed;
  let lease: LaneLease;
  const now = () => stores().clock.now();
  const ERRORS = ['failed', 'unmatched', 'ambiguous'] as const;
  const send = (quantity: number, ...codes: readonly string[]) => {
    stores().clock.advance(REST_MS);
    return push(
      stores(),
      feed,
      codes.map((code) => ({ code, quantity })),
    );
  };
  const inError = async (holdErrors: boolean) => {
    feed = await feedIn(stores(), { holdErrors });
    await send(1, ...ERRORS, 'retrying');
    lease = await laneOf(stores(), feed.shop.id);
    const claimed = await claim(stores(), lease);
    const settlements = claimed.map((item) => {
      const status = ERRORS.find((each) => each === item.subject.code) ?? 'retrying';
      const dueAt = status === 'retrying' ? now() + 10 * REST_MS : null;
      return syncedSettlement(item, { status, dueAt, attempts: 3, failure: failure('shop_refused_item') });
    });
    await stores().items.settle(settlements, [], now());
  };
  const due = async () => {
    const items = await itemsOf(stores(), feed);
    return items.flatMap(({ subject, dueAt }) => (dueAt !== null && dueAt <= now() ? [subject.code] : []));
  };

  it('leaves them alone on a push, and knows the new level', async () => {
    await inError(true);
    await send(5, ...ERRORS, 'retrying', 'new');
    expect(await due()).toEqual(['retrying', 'new']);
    for (const status of ERRORS) {
      expect(await itemOf(stores(), feed, status)).toMatchObject({
        status,
        dueAt: null,
        attempts: 3,
        failure: { code: 'shop_refused_item' },
        levels: [{ quantity: '5' }],
      });
    }
  });

  it('tries them when a person asks, with the newest level', async () => {
    await inError(true);
    await send(5, ...ERRORS);
    const { id } = await itemOf(stores(), feed, 'unmatched');
    expect(await stores().items.makeDue([id], PRIORITY.manual, now())).toBe(1);
    lease = await laneOf(stores(), feed.shop.id);
    expect(await claim(stores(), lease)).toMatchObject([{ id, levels: [{ quantity: '5' }] }]);
  });

  it('tries them all when it is changed itself: that is a person’s hand too', async () => {
    await inError(true);
    await stores().keepConnection.change(feed.connection.id, { mode: 'live' });
    expect(await due()).toEqual([...ERRORS, 'retrying']);
  });

  it('is not the rule: without it every push is tried at once', async () => {
    await inError(false);
    await send(5, ...ERRORS, 'retrying');
    expect(await due()).toEqual([...ERRORS, 'retrying']);
  });
});

onEachEngine('Two deliveries side by side that found one product for two items', (stores) => {
  let feed: Feed;
  let first: ClaimedItem;
  let second: ClaimedItem;
  const now = () => stores().clock.now();
  const settle = (item: ClaimedItem, product = 5) => {
    const link = productLink(product, { provenAt: now() });
    return stores().items.settle([syncedSettlement(item, { link, syncedAt: now(), writtenAt: now() })], [], now());
  };
  const item = (code: string) => itemOf(stores(), feed, code);
  const claimBoth = async () => {
    const both = [await item('A'), await item('B')].map(({ id }) => id);
    await stores().items.makeDue(both, PRIORITY.movement, now());
    const lease = await laneOf(stores(), feed.shop.id);
    const [a, b] = [...(await claim(stores(), lease, 1)), ...(await claim(stores(), lease, 1))];
    if (!a || !b) throw new Error('Two items are due');
    [first, second] = a.id < b.id ? [a, b] : [b, a];
  };

  beforeEach(async () => {
    stores().clock.advance(REST_MS);
    feed = await feedIn(stores());
    await push(stores(), feed, [
      { code: 'A', quantity: 1 },
      { code: 'B', quantity: 2 },
    ]);
    await claimBoth();
  });

  it('leave it to the first to settle, which is read and written once more, since the other may have written last', async () => {
    await settle(first);
    expect(await item('A')).toMatchObject({ status: 'synced', dueAt: null });
    stores().clock.advance(10);
    await settle(second);
    expect(await item('A')).toMatchObject({ status: 'due', dueAt: now(), link: { ref: ref(5), provenAt: 0 } });
    expect(await item('B')).toMatchObject({
      status: 'failed',
      dueAt: null,
      link: null,
      lastSyncedAt: null,
      failure: { code: 'product_taken', params: { productId: 5, other: 'A' } },
    });
  });

  it('in the other order leave it to the other', async () => {
    await settle(second);
    await settle(first);
    expect(await item('A')).toMatchObject({ status: 'failed', failure: { params: { other: 'B' } } });
    expect(await item('B')).toMatchObject({ status: 'due', link: { ref: ref(5) } });
  });

  it('at the same moment leave it to one of them, and no unit of work fails', async () => {
    for (let product = 5; product < 15; product++) {
      await Promise.all([settle(first, product), settle(second, product)]);
      const items = [await item('A'), await item('B')];
      expect(items.map(({ status }) => status).sort()).toEqual(['due', 'failed']);
      expect(items.flatMap(({ link }) => link ?? [])).toMatchObject([{ ref: ref(product), provenAt: 0 }]);
      await stores().items.forgetLinks([first.id, second.id]);
      await claimBoth();
    }
  });

  it('keep what each found when it is not the same', async () => {
    await settle(first, 5);
    await settle(second, 6);
    expect([(await item('A')).status, (await item('B')).status]).toEqual(['synced', 'synced']);
  });

  it('in one settle swap what they had', async () => {
    await settle(first, 5);
    await settle(second, 6);
    stores().clock.advance(REST_MS);
    await push(stores(), feed, [
      { code: 'A', quantity: 3 },
      { code: 'B', quantity: 4 },
    ]);
    const [a, b] = await claim(stores(), await laneOf(stores(), feed.shop.id));
    if (!a || !b) throw new Error('Two items are due');
    expect([a.link?.ref, b.link?.ref]).toEqual([ref(5), ref(6)]);
    const swapped = [syncedSettlement(a, { link: productLink(6) }), syncedSettlement(b, { link: productLink(5) })];
    expect(await stores().items.settle(swapped, [], now())).toBe(2);
    expect(await item('A')).toMatchObject({ status: 'synced', link: { ref: ref(6) } });
    expect(await item('B')).toMatchObject({ status: 'synced', link: { ref: ref(5) } });
  });
});
