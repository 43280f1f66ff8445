import { settlementOf } from '../../server/application/settle-sync-items';
import { BURST_BEGINS_WITHIN_MS, LONGEST_BURST_MS, STILL_MS } from '../../server/domain/coalescing';
import type { LaneLease } from '../../server/domain/ports/sync-items';
import { quantity } from '../../server/domain/quantity';
import { PRIORITY } from '../../server/domain/sync-item';
import { ref, shopAccess, shopProduct } from '../support/builders';
import { FakeShop } from '../support/fake-shop';
import { shopWork } from '../support/shop-work';
import { claim, type Feed, feedIn, itemOf, laneOf, onEachEngine, push } from '../support/test-stores';

onEachEngine('A product that changes', (stores) => {
  let feed: Feed;
  let lease: LaneLease;
  let shop: FakeShop;
  let begun: number;
  const now = () => stores().clock.now();
  const item = () => itemOf(stores(), feed, 'SKU-1');
  const change = (...quantities: readonly number[]) =>
    push(
      stores(),
      feed,
      quantities.map((amount) => ({ code: 'SKU-1', quantity: amount })),
    );
  /** What a worker does that looks at the lane now. */
  const work = async (whileWriting: () => Promise<unknown> = () => Promise.resolve()) => {
    const claimed = await claim(stores(), lease);
    if (claimed.length === 0) return;
    await whileWriting();
    const { delivered, steps } = await shopWork(stores(), shop).deliver.deliver(
      { ...shopAccess, shopId: feed.shop.id },
      new Map([[feed.connection.id, feed.connection]]),
      claimed,
      100,
      new AbortController().signal,
    );
    const settlements = delivered.map((each) => settlementOf(each, now(), 0.5));
    await stores().items.settle(settlements, steps, now());
  };
  const pass = (ms: number) => stores().clock.advance(ms);
  /** Due this long after the beginning, or not at all. */
  const dueAfter = async () => {
    const { dueAt } = await item();
    return dueAt === null ? null : dueAt - begun;
  };
  const written = () => shop.written.map((each) => Number(each.split('=')[1]));

  beforeEach(async () => {
    pass(60_000);
    feed = await feedIn(stores(), { matchBy: ['code'] });
    lease = await laneOf(stores(), feed.shop.id);
    shop = new FakeShop(shopProduct(1));
    begun = now();
  });

  it('for the first time after a rest is written at once', async () => {
    await change(1);
    expect(await dueAfter()).toBe(0);
    await work();
    pass(BURST_BEGINS_WITHIN_MS);
    await change(2);
    expect(await dueAfter()).toBe(BURST_BEGINS_WITHIN_MS);
    await work();
    expect(written()).toEqual([1, 2]);
  });

  it('again right after it was written waits until it is still', async () => {
    await change(1);
    await work();
    pass(BURST_BEGINS_WITHIN_MS - 1);
    await change(2);
    expect(await dueAfter()).toBe(BURST_BEGINS_WITHIN_MS - 1 + STILL_MS);
    pass(STILL_MS - 1);
    await change(3);
    await work();
    expect(written()).toEqual([1]);
    pass(STILL_MS);
    await work();
    expect(written()).toEqual([1, 3]);
  });

  it('10,000 times within a burst is written twice at most, and ends with the last value', async () => {
    const [pushes, linesEach, everyMs] = [100, 100, 50];
    for (let n = 0; n < pushes; n++) {
      await change(...Array.from({ length: linesEach }, (_, line) => n * linesEach + line + 1));
      await work();
      pass(everyMs);
    }
    for (let ms = 0; ms < 2 * STILL_MS; ms += 100) {
      await work();
      pass(100);
    }
    expect(written().length).toBeLessThanOrEqual(2);
    expect(shop.shown(ref(1))).toBe('10000');
    expect(await item()).toMatchObject({ status: 'synced', shown: '10000', dueAt: null });
  });

  it('without ever resting is written all the same, and no change waits longer than a burst may last', async () => {
    const [everyMs, lastsMs] = [400, 45_000];
    let oldestUnwritten: number | null = null;
    for (let amount = 1; now() - begun < lastsMs; amount++) {
      await change(amount);
      oldestUnwritten ??= now();
      const before = written().length;
      await work();
      if (written().length > before) oldestUnwritten = null;
      else expect(now() - (oldestUnwritten ?? now())).toBeLessThan(LONGEST_BURST_MS + everyMs);
      pass(everyMs);
    }
    expect(written().length).toBeGreaterThanOrEqual(Math.floor(lastsMs / (LONGEST_BURST_MS + everyMs)) + 1);
    expect(written().length).toBeLessThanOrEqual(Math.ceil(lastsMs / LONGEST_BURST_MS) + 1);
  });

  it('while it is being written is written once more when it has been still', async () => {
    await change(1);
    await work(async () => {
      await change(2);
      await change(3);
    });
    expect(await item()).toMatchObject({ status: 'due', shown: '1' });
    expect(await dueAfter()).toBe(STILL_MS);
    pass(STILL_MS - 1);
    await work();
    expect(written()).toEqual([1]);
    pass(1);
    await work();
    expect(written()).toEqual([1, 3]);
    expect((await item()).status).toBe('synced');
  });

  it('while the shop already shows what was wanted is due at once: nothing was written that could be saved', async () => {
    shop.put(shopProduct(1, { quantity: quantity('1') }));
    await change(1);
    await work(() => change(2));
    expect(await dueAfter()).toBe(0);
    await work();
    expect(written()).toEqual([2]);
  });

  it('in a burst is due at once when a person asks for it', async () => {
    await change(1);
    await work();
    await change(2);
    expect(await dueAfter()).toBe(STILL_MS);
    pass(10);
    await stores().items.makeDue([(await item()).id], PRIORITY.manual, now());
    expect(await dueAfter()).toBe(10);
    // The till’s own change came first: what a person asks never makes it less urgent.
    const claimed = await claim(stores(), lease, 1, true);
    expect(claimed).toMatchObject([{ priority: PRIORITY.movement, levels: [{ quantity: '2' }] }]);
  });

  it('while it already waits for its turn keeps its turn', async () => {
    await change(1);
    pass(5_000);
    await change(2);
    expect(await dueAfter()).toBe(0);
  });

  it('in a burst does not hold up its neighbours', async () => {
    shop.put(shopProduct(2));
    await change(1);
    await work();
    await push(stores(), feed, [
      { code: 'SKU-1', quantity: 2 },
      { code: 'SKU-2', quantity: 9 },
    ]);
    await work();
    expect(shop.stored).toEqual(['1/0=1', '2/0=9']);
  });

  it('that a failed write left waiting is tried with its newest value, no later than it would have been', async () => {
    await change(1);
    shop.answerTo = ({ ref: of }) => ({ ref: of, kind: 'refused', code: 'no', message: '', status: 400 });
    await work();
    expect(await item()).toMatchObject({ status: 'failed', dueAt: null });
    shop.answerTo = (answer) => answer;
    pass(10);
    await change(2);
    expect(await dueAfter()).toBe(10);
    await work();
    expect(await item()).toMatchObject({ status: 'synced', shown: '2' });
  });
});
