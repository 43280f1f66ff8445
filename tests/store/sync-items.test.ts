import { GuardCircuit } from '../../server/application/guard-circuit';
import { failure, FailureError } from '../../server/domain/failure';
import type {
  ClaimedItem,
  LaneLease,
  ProductLink,
  Settlement,
  TimelineRow,
} from '../../server/domain/ports/sync-items';
import { quantity } from '../../server/domain/quantity';
import { PRIORITY, SYNC_ITEM_STATUSES } from '../../server/domain/sync-item';
import { productLink, ref, shopProduct } from '../support/builders';
import {
  claim,
  type Feed,
  feedIn,
  itemOf,
  itemsOf,
  laneOf,
  LEASE_MS,
  levelsOf,
  onEachEngine,
  push,
  syncedSettlement,
} from '../support/test-stores';

const synced = syncedSettlement;

const step = (itemId: number, at: number, outcome = 'written') => ({
  itemId,
  at,
  step: 'write' as const,
  outcome,
  before: null,
  after: quantity('7'),
  wanted: quantity('7'),
  params: { sku: 'A' },
  failure: null,
  by: null,
});

onEachEngine('The past of an item', (stores) => {
  it('is told by kind, by its last push, and by the numbers that were wanted and shown', async () => {
    const feed = await feedIn(stores());
    const at = stores().clock.now();
    await push(stores(), feed, [{ code: 'P', quantity: 3 }]);
    stores().clock.advance(1000);
    await push(stores(), feed, [{ code: 'P', quantity: 5 }]);
    const { id } = await itemOf(stores(), feed, 'P');
    await stores().items.recordSteps([
      step(id, at + 10),
      { ...step(id, at + 20), after: null, before: quantity('4'), wanted: quantity('5') },
      { ...step(id, at + 30), step: 'change' as const, outcome: 'retry', after: null, wanted: null },
    ]);
    const steps = async (...kinds: TimelineRow['step'][]) =>
      (await stores().items.timeline(id, { limit: 10, cursor: null }, kinds)).data.map((row) => row.step);
    expect(await steps()).toEqual(['push', 'change', 'write', 'write', 'push']);
    expect(await steps('push')).toEqual(['push', 'push']);
    expect(await steps('write')).toEqual(['write', 'write']);
    expect(await stores().items.lastPush(id)).toMatchObject({ outcome: 'accepted', before: '3', after: '5' });
    expect(await stores().items.stockPoints(id, at, 10)).toEqual([
      { at: at + 10, wanted: '7', shown: '7' },
      { at: at + 20, wanted: '5', shown: '4' },
    ]);
    expect(await stores().items.stockPoints(id, at, 1)).toEqual([{ at: at + 20, wanted: '5', shown: '4' }]);
    expect(await stores().items.stockPoints(id, at + 21, 10)).toEqual([]);
  });
});

onEachEngine('What web orders took of an item', (stores) => {
  const now = () => stores().clock.now();

  it('is in its timeline, among the rest and page by page, and so is what came to nothing', async () => {
    stores().clock.advance(60_000);
    const feed = await feedIn(stores(), {
      orders: { knownBy: 'never', statuses: [], metaKey: null, afterHours: null },
    });
    await push(stores(), feed, [{ code: 'P', quantity: 3 }]);
    const { id } = await itemOf(stores(), feed, 'P');
    await stores().items.setLink(id, productLink(7, { twins: [ref(8)] }), now());
    await stores().ledger.begin(feed.shop.id, now(), now());
    const keep = async (orderId: number, held: string, of = ref(7), status = 'processing') => {
      stores().clock.advance(1000);
      const lines = [{ lineId: orderId, ref: of, held: quantity(held) }];
      const number = String(5000 + orderId);
      const dates = { placedAt: now(), modifiedAt: now(), paidAt: null };
      await stores().ledger.keep(
        feed.shop.id,
        [{ orderId, number, status, ...dates, isGone: false, keys: [], lines }],
        'poll',
        now(),
      );
    };
    await keep(1, '1');
    await keep(2, '2', ref(8));
    await keep(3, '4', ref(9));
    await keep(4, '1');
    await keep(4, '0', ref(7), 'cancelled');
    await stores().items.recordSteps([{ ...step(id, now()), outcome: 'written' }]);

    const whole = await stores().items.timeline(id, { limit: 10, cursor: null });
    expect(
      whole.data.map(({ step: kind, outcome, params }) => [kind, outcome, params['order'], params['quantity']]),
    ).toEqual([
      ['write', 'written', undefined, undefined],
      ['order', 'gone', '5004', '0'],
      ['order', 'sold', '5002', '2'],
      ['order', 'sold', '5001', '1'],
      ['push', 'accepted', undefined, undefined],
    ]);
    const paged: TimelineRow[] = [];
    for (let cursor: string | null = null; ;) {
      const page = await stores().items.timeline(id, { limit: 1, cursor });
      paged.push(...page.data);
      cursor = page.nextCursor;
      if (cursor === null) break;
    }
    expect(paged).toEqual(whole.data);
    const only = await stores().items.timeline(id, { limit: 10, cursor: null }, ['order']);
    expect(only.data).toEqual(whole.data.slice(1, 4));
  });

  it('is that of a variation, too, where its parent keeps the stock', async () => {
    const feed = await feedIn(stores(), {
      orders: { knownBy: 'never', statuses: [], metaKey: null, afterHours: null },
    });
    await push(stores(), feed, [{ code: 'P', quantity: 3 }]);
    const { id } = await itemOf(stores(), feed, 'P');
    await stores().items.setLink(id, productLink(9), now());
    await stores().ledger.begin(feed.shop.id, now(), now());
    const lines = [{ lineId: 1, ref: ref(9, 91), held: quantity('1') }];
    const order = { orderId: 1, number: '5001', status: 'processing', isGone: false, keys: [], lines };
    await stores().ledger.keep(
      feed.shop.id,
      [{ ...order, placedAt: now(), modifiedAt: now(), paidAt: null }],
      'poll',
      now(),
    );
    const told = async () => (await stores().items.timeline(id, { limit: 9, cursor: null }, ['order'])).data;
    expect(await told()).toEqual([]);
    await stores().catalog.request(feed.shop.id, 'full', now());
    const variation = shopProduct(91, { ref: ref(9, 91), type: 'variation', stockOwner: 'parent' });
    await stores().catalog.keepChanged(feed.shop.id, { ...variation, categories: [], modifiedAt: null }, now());
    expect(await told()).toMatchObject([{ params: { order: '5001' } }]);
  });
});

onEachEngine('A sync item', (stores) => {
  let feed: Feed;
  let lease: LaneLease;
  const items = () => stores().items;
  const now = () => stores().clock.now();
  const codes = (claimed: readonly ClaimedItem[]) => claimed.map(({ subject }) => subject.code);
  const send = async (...lines: readonly (readonly [code: string, quantity: number])[]) => {
    stores().clock.advance(1);
    await push(
      stores(),
      feed,
      lines.map(([code, quantity]) => ({ code, quantity })),
    );
  };
  const item = (code: string) => itemOf(stores(), feed, code);
  const take = async (limit?: number) => claim(stores(), lease, limit);
  const takeOne = async (): Promise<ClaimedItem> => {
    const [first, ...rest] = await take();
    if (!first || rest.length > 0) throw new Error('Not exactly one item was due');
    return first;
  };
  const settle = (...settlements: readonly Settlement[]) => items().settle(settlements, [], now());

  beforeEach(async () => {
    feed = await feedIn(stores());
    lease = await laneOf(stores(), feed.shop.id);
  });

  describe('is claimed', () => {
    it('with all that it takes to deliver it', async () => {
      await push(stores(), feed, [{ code: 'A', name: 'Cana', barcode: '594', warehouse: 'D', quantity: '2,5' }]);
      expect(await takeOne()).toMatchObject({
        connectionId: feed.connection.id,
        epoch: 1,
        version: 1,
        attempts: 0,
        priority: PRIORITY.movement,
        subject: { code: 'A', barcode: '594', name: 'Cana' },
        levels: [{ warehouse: 'D', quantity: '2.5' }],
        link: null,
      });
      expect(await item('A')).toMatchObject({ status: 'writing', dueAt: null });
    });

    it('by priority first and by age then', async () => {
      await send(['bulk', 1]);
      await send(['old', 1]);
      await send(['manual', 1], ['retry', 1]);
      await send(['new', 1]);
      const id = async (code: string) => (await item(code)).id;
      // What waits already keeps its place, so each is claimed and settled into its own first.
      const claimed = new Map((await take()).map((each) => [each.subject.code, each]));
      for (const [code, priority, dueAt] of [
        ['bulk', PRIORITY.bulk, now()],
        ['old', PRIORITY.movement, now() + 1],
        ['manual', PRIORITY.manual, now()],
        ['retry', PRIORITY.retry, now()],
        ['new', PRIORITY.movement, now() + 2],
      ] as const) {
        const each = claimed.get(code);
        if (!each) throw new Error(`${code} was not claimed`);
        await settle(synced(each, { status: 'due', dueAt, priority }));
      }
      expect(await id('bulk')).toBeLessThan(await id('new'));
      stores().clock.advance(10);
      expect(codes(await take())).toEqual(['old', 'new', 'retry']);
      expect(codes(await take())).toEqual(['manual', 'bulk']);
    });

    it('no more at once than asked, and none twice', async () => {
      await send(...Array.from({ length: 25 }, (_, n) => [`L-${n}`, n] as const));
      const claims = await Promise.all([take(10), take(10), take(10), take(10)]);
      expect(claims.map(({ length }) => length).sort((a, b) => a - b)).toEqual([0, 5, 10, 10]);
      expect(new Set(claims.flat().map(({ id }) => id)).size).toBe(25);
    });

    it('when its time has come, not before', async () => {
      await send(['A', 1]);
      const claimed = await takeOne();
      await settle(synced(claimed, { status: 'retrying', dueAt: now() + 1_000, priority: PRIORITY.retry }));
      stores().clock.advance(999);
      expect(await take()).toEqual([]);
      stores().clock.advance(1);
      expect(codes(await take())).toEqual(['A']);
    });

    it('by nobody but the holder of its shop’s lane', async () => {
      await send(['A', 1]);
      const stranger = { ...lease, owner: 'stranger' };
      expect(await claim(stores(), stranger)).toEqual([]);
      expect(await claim(stores(), { ...lease, epoch: lease.epoch - 1 })).toEqual([]);
      const other = await feedIn(stores());
      expect(await claim(stores(), await laneOf(stores(), other.shop.id))).toEqual([]);
      expect((await item('A')).status).toBe('due');
    });

    it('by nobody who lost the lane meanwhile', async () => {
      await send(['A', 1]);
      stores().clock.advance(LEASE_MS + 1);
      const second = await laneOf(stores(), feed.shop.id, 'second');
      expect(await take()).toEqual([]);
      expect(codes(await claim(stores(), second))).toEqual(['A']);
    });

    it('and its claim renews the lane', async () => {
      await send(['A', 1]);
      stores().clock.advance(LEASE_MS - 1);
      await take();
      stores().clock.advance(LEASE_MS - 1);
      expect(await stores().lanes.take(feed.shop.id, 'second', now(), now() + LEASE_MS)).toBeNull();
    });
  });

  describe('that is being written', () => {
    it('stays due when its level changes meanwhile, and keeps what was seen', async () => {
      await send(['A', 1]);
      const claimed = await takeOne();
      await send(['A', 2]);
      expect(await item('A')).toMatchObject({ status: 'writing', dueAt: null });
      expect(await settle(synced(claimed, { shown: quantity('1'), syncedAt: now() }))).toBe(1);
      expect(await item('A')).toMatchObject({ status: 'due', dueAt: now(), shown: '1', failure: null });
      const second = await takeOne();
      expect(second.levels).toMatchObject([{ quantity: '2' }]);
      expect(await settle(synced(second, { shown: quantity('2') }))).toBe(1);
      expect(await item('A')).toMatchObject({ status: 'synced', dueAt: null, shown: '2' });
    });

    it('is not charged with the failure of an older version', async () => {
      await send(['A', 1]);
      const claimed = await takeOne();
      await send(['A', 2]);
      const gaveUp = { status: 'failed', attempts: 8, failure: failure('shop_refused_item'), priority: 10 } as const;
      await settle(synced(claimed, { ...gaveUp, shown: undefined, syncedAt: null }));
      expect(await item('A')).toMatchObject({ status: 'due', attempts: 0, failure: null });
    });

    it('is claimed by nobody else, however often it changes', async () => {
      await send(['A', 1]);
      await take();
      await send(['A', 2]);
      await send(['A', 3]);
      expect(await take()).toEqual([]);
    });

    it('is settled once: a second settle of the same claim changes nothing, which is normal', async () => {
      await send(['A', 1]);
      const claimed = await takeOne();
      expect(await settle(synced(claimed))).toBe(1);
      expect(await settle(synced(claimed, { status: 'failed' }))).toBe(0);
      expect((await item('A')).status).toBe('synced');
    });

    it('is given back when its worker is gone, and the worker’s late settle changes nothing', async () => {
      await send(['A', 1]);
      const lostClaim = await takeOne();
      expect(await items().releaseAbandoned(feed.shop.id, now())).toBe(1);
      expect(await item('A')).toMatchObject({ status: 'due', dueAt: now() });
      const second = await takeOne();
      expect(second.epoch).toBeGreaterThan(lostClaim.epoch);
      expect(await settle(synced(lostClaim, { link: productLink(5) }))).toBe(0);
      expect(await item('A')).toMatchObject({ status: 'writing', link: null });
      expect(await settle(synced(second))).toBe(1);
    });

    it('is found by the sweep when its worker is gone, though nothing else is due', async () => {
      await send(['A', 1]);
      await take();
      // kill −9: no settle, no release. Once the lease has run out somebody must be told to look.
      stores().clock.advance(LEASE_MS + 1);
      expect(await items().shopsWithDueItems(now())).toContain(feed.shop.id);
    });

    it('is found by the sweep when its worker let go of the lane without settling it', async () => {
      await send(['A', 1]);
      await take();
      await stores().lanes.release(lease);
      expect(await items().shopsWithDueItems(now() + 1)).toContain(feed.shop.id);
    });

    it('is left alone by the sweep while its worker lives', async () => {
      await send(['A', 1]);
      await take();
      expect(await items().shopsWithDueItems(now())).not.toContain(feed.shop.id);
    });

    it('and was deleted meanwhile does not hold up the settling of its neighbours', async () => {
      const doomed = await feedIn(stores(), { shop: feed.shop });
      await send(['A', 1]);
      await push(stores(), doomed, [{ code: 'Z', quantity: 1 }]);
      const claimed = await take();
      expect(claimed).toHaveLength(2);
      await stores().connections.remove(doomed.connection.id);
      const steps = claimed.map(({ id }) => step(id, now()));
      expect(
        await items().settle(
          claimed.map((each) => synced(each)),
          steps,
          now(),
        ),
      ).toBe(1);
      expect((await item('A')).status).toBe('synced');
    });
  });

  describe('that waits', () => {
    it('keeps its place in the line when it changes again, or one that never rests would never be served', async () => {
      await send(['A', 1]);
      const first = await item('A');
      await send(['A', 2]);
      expect((await item('A')).dueAt).toBe(first.dueAt);
    });

    it('moves up when it becomes more urgent, and never down', async () => {
      await send(['A', 1], ['B', 1]);
      const [a, b] = [await item('A'), await item('B')];
      for (const claimed of await take()) {
        await settle(
          synced(claimed, { status: 'retrying', dueAt: now() + 60_000, priority: PRIORITY.retry, attempts: 3 }),
        );
      }
      expect(await items().makeDue([a.id], PRIORITY.bulk, now())).toBe(1);
      expect(codes(await take())).toEqual(['A']);
      await send(['B', 2]);
      expect(await item('B')).toMatchObject({ status: 'due', attempts: 0, dueAt: now() });
      expect(await items().makeDue([b.id], PRIORITY.bulk, now())).toBe(1);
      expect(await takeOne()).toMatchObject({ id: b.id, priority: PRIORITY.movement });
    });

    it('and failed for good is tried again as soon as a new value comes', async () => {
      await send(['A', 1]);
      await settle(synced(await takeOne(), { status: 'failed', attempts: 8, failure: failure('product_taken') }));
      expect(await items().shopsWithDueItems(now())).not.toContain(feed.shop.id);
      await send(['A', 2]);
      expect(await items().shopsWithDueItems(now())).toContain(feed.shop.id);
      expect(codes(await take())).toEqual(['A']);
    });
  });

  describe('that is offline', () => {
    it('stays so when its level changes, and the level is recorded', async () => {
      await send(['A', 1]);
      expect(await items().setOffline([(await item('A')).id], now())).toBe(1);
      await send(['A', 2]);
      await items().markAllDue(feed.connection, PRIORITY.bulk, now());
      expect(await item('A')).toMatchObject({ status: 'offline', dueAt: null, levels: [{ quantity: '2' }] });
      expect(await items().makeDue([(await item('A')).id], PRIORITY.manual, now())).toBe(0);
      expect(await take()).toEqual([]);
    });

    it('stays so when it was being written at that moment', async () => {
      await send(['A', 1]);
      const claimed = await takeOne();
      await items().setOffline([claimed.id], now());
      expect(await settle(synced(claimed))).toBe(0);
      expect((await item('A')).status).toBe('offline');
      expect(await items().releaseAbandoned(feed.shop.id, now())).toBe(0);
    });

    it('comes back with the newest level', async () => {
      await send(['A', 1]);
      const { id } = await item('A');
      await items().setOffline([id], now());
      await send(['A', 2]);
      expect(await items().setOnline([id], now())).toBe(1);
      expect(await items().setOnline([id], now())).toBe(0);
      expect(await takeOne()).toMatchObject({ id, levels: [{ quantity: '2' }] });
    });
  });

  describe('has a link', () => {
    const linkTo = async (code: string, link: ProductLink) => items().setLink((await item(code)).id, link, now());

    it('that its settle stores, renews and forgets', async () => {
      await send(['A', 1]);
      await settle(synced(await takeOne(), { link: productLink(5, { ref: ref(5, 51), provenAt: 7 }) }));
      expect((await item('A')).link).toEqual(productLink(5, { ref: ref(5, 51), provenAt: 7 }));
      await send(['A', 2]);
      await settle(synced(await takeOne(), { link: productLink(6, { foundBy: 'name' }) }));
      expect((await item('A')).link).toEqual(productLink(6, { foundBy: 'name' }));
      await send(['A', 3]);
      await settle(synced(await takeOne()));
      expect((await item('A')).link).not.toBeNull();
      await send(['A', 4]);
      await settle(synced(await takeOne(), { link: null }));
      expect((await item('A')).link).toBeNull();
    });

    it('that two items can never share, whoever comes first', async () => {
      await send(['A', 1], ['B', 1]);
      const [a, b] = await take();
      if (!a || !b) throw new Error('Two items are due');
      await Promise.all([settle(synced(a, { link: productLink(5) })), settle(synced(b, { link: productLink(5) }))]);
      const links = (await itemsOf(stores(), feed)).flatMap(({ link }) => link ?? []);
      expect(links.map((link) => link.ref)).toEqual([ref(5)]);
      expect(await linkTo('A', productLink(6))).toBe(true);
      expect(await linkTo('B', productLink(6))).toBe(false);
    });

    it('with translations, none of which another item can have, as its product or as a translation', async () => {
      await send(['A', 1], ['B', 1]);
      expect(await linkTo('A', productLink(5, { twins: [ref(6), ref(7, 71)] }))).toBe(true);
      expect((await item('A')).link?.twins).toEqual([ref(6), ref(7, 71)]);
      for (const link of [productLink(6), productLink(8, { twins: [ref(6)] }), productLink(8, { twins: [ref(5)] })]) {
        expect(await linkTo('B', link)).toBe(false);
      }
      expect((await item('B')).link).toBeNull();
      expect(await linkTo('B', productLink(7))).toBe(true);
      expect(await linkTo('A', productLink(5, { twins: [ref(6)] }))).toBe(true);
      expect(await linkTo('B', productLink(7, { ref: ref(7, 71) }))).toBe(true);
    });

    it('with translations that two deliveries found at once: one has them, and the other says whose they are', async () => {
      await send(['A', 1], ['B', 1]);
      const [a, b] = await take();
      if (!a || !b) throw new Error('Two items are due');
      await settle(synced(a, { link: productLink(5, { twins: [ref(6)] }) }));
      await settle(synced(b, { link: productLink(6) }));
      expect(await item('B')).toMatchObject({
        status: 'failed',
        link: null,
        failure: { code: 'product_taken', params: { productId: 6, other: 'A' } },
      });
      expect(await item('A')).toMatchObject({ status: 'due', link: { provenAt: 0 } });
    });

    it('that tells a product from its variation of the same number', async () => {
      await send(['A', 1], ['B', 1]);
      expect(await linkTo('A', productLink(5))).toBe(true);
      expect(await linkTo('B', productLink(5, { ref: ref(5, 5) }))).toBe(true);
      const owners = await items().linkedTo(feed.shop.id, [ref(5)]);
      expect(owners.map(({ ref: each, label }) => [each.variationId, label])).toEqual([
        [null, 'A'],
        [5, 'B'],
      ]);
    });

    it('that belongs to its shop: another shop has products of the same number', async () => {
      const other = await feedIn(stores());
      await send(['A', 1]);
      await push(stores(), other, [{ code: 'A', quantity: 1 }]);
      expect(await linkTo('A', productLink(5))).toBe(true);
      expect(await items().setLink((await itemOf(stores(), other, 'A')).id, productLink(5), now())).toBe(true);
      expect(await items().linkedTo(other.shop.id, [ref(5)])).toHaveLength(1);
    });

    it('that a person made while it was being written, and the worker’s settle does not replace', async () => {
      await send(['A', 1]);
      const claimed = await takeOne();
      await linkTo('A', productLink(9, { foundBy: 'manual' }));
      await items().makeDue([claimed.id], PRIORITY.movement, now());
      await settle(synced(claimed, { link: productLink(5) }));
      expect((await item('A')).link).toMatchObject({ foundBy: 'manual', ref: ref(9) });
      expect((await item('A')).status).toBe('due');
    });

    it('that a person had forgotten while it was being written, and the worker’s settle does not bring back', async () => {
      await send(['A', 1]);
      await settle(synced(await takeOne(), { link: productLink(5) }));
      await send(['A', 2]);
      const claimed = await takeOne();
      expect(await items().forgetLinks([claimed.id])).toBe(1);
      await items().makeDue([claimed.id], PRIORITY.manual, now());
      await settle(synced(claimed, { link: productLink(5, { provenAt: now() }) }));
      expect((await item('A')).link).toBeNull();
    });
  });

  describe('has a timeline', () => {
    it('of pushes, steps and failures, newest first, without doubles or gaps however it is paged', async () => {
      const [warehouses, rounds] = [3, 9];
      for (let round = 0; round < rounds; round++) {
        // Some rounds in the same millisecond.
        if (round % 3 === 0) stores().clock.advance(1);
        const lines = Array.from({ length: warehouses }, (_, n) => ({
          code: 'A',
          warehouse: `W${n}`,
          quantity: round,
        }));
        await push(stores(), feed, lines);
        const { id } = await item('A');
        await items().recordSteps([step(id, now(), `first ${round}`), step(id, now(), `second ${round}`)]);
      }
      const { id } = await item('A');
      const nameOf = (row: TimelineRow) =>
        `${row.at} ${row.step} ${row.outcome} ${row.pushId} ${row.params['warehouse']}`;
      const whole = await items().timeline(id, { limit: 1_000, cursor: null });
      expect(whole.nextCursor).toBeNull();
      expect(whole.data).toHaveLength(rounds * (warehouses + 2));
      expect(whole.data.map(({ at }) => at)).toEqual(whole.data.map(({ at }) => at).sort((a, b) => b - a));
      const all = whole.data.map(nameOf);
      expect(new Set(all).size).toBe(all.length);
      for (const limit of [1, 2, 5, 7]) {
        const paged: string[] = [];
        let cursor: string | null = null;
        do {
          const page = await items().timeline(id, { limit, cursor });
          expect(page.data.length).toBeLessThanOrEqual(limit);
          paged.push(...page.data.map(nameOf));
          cursor = page.nextCursor;
        } while (cursor !== null);
        expect(paged).toEqual(all);
      }
    });

    it('that says what a push brought, and what the shop said', async () => {
      await push(stores(), feed, [{ code: 'A', warehouse: 'Depozit', quantity: 5 }]);
      stores().clock.advance(1);
      await push(stores(), feed, [{ code: 'A', warehouse: 'Depozit', quantity: 7 }]);
      const { id } = await item('A');
      const refused = failure('shop_refused_item', { message: 'Nu', code: 'x' }, 'proof');
      await items().recordSteps([{ ...step(id, now() + 1, 'refused'), failure: refused, by: 'owner@shop.example' }]);
      const { data } = await items().timeline(id, { limit: 10, cursor: null });
      expect(data).toMatchObject([
        { step: 'write', outcome: 'refused', failure: refused, by: 'owner@shop.example', params: { sku: 'A' } },
        { step: 'push', outcome: 'accepted', before: '5', after: '7', params: { warehouse: 'Depozit' } },
        { step: 'push', outcome: 'accepted', before: null, after: '5' },
      ]);
    });

    it('that forgets old steps in slices', async () => {
      await send(['A', 1]);
      const { id } = await item('A');
      await items().recordSteps(Array.from({ length: 5 }, (_, n) => step(id, n)));
      const removed: number[] = [];
      for (let n = await items().removeStepsBefore(4, 3); n > 0; n = await items().removeStepsBefore(4, 3)) {
        removed.push(n);
      }
      expect(removed).toEqual([3, 1]);
      expect((await items().timeline(id, { limit: 10, cursor: null })).data.map(({ step: each }) => each)).toEqual([
        'push',
        'write',
      ]);
    });
  });

  describe('is listed', () => {
    const list = async (filter: { status?: 'due' | 'synced' | 'offline'; text?: string }, limit = 100) =>
      items().list(
        { connectionId: feed.connection.id, status: filter.status ?? null, text: filter.text ?? null },
        { limit, cursor: null },
      );
    const found = async (text: string) => (await list({ text })).data.map(({ subject }) => subject.code);

    it('page by page, each once', async () => {
      await send(...Array.from({ length: 23 }, (_, n) => [`L-${n}`, n] as const));
      const seen: (string | null)[] = [];
      let cursor: string | null = null;
      do {
        const filter = { connectionId: feed.connection.id, status: null, text: null };
        const page = await items().list(filter, { limit: 5, cursor });
        seen.push(...page.data.map(({ subject }) => subject.code));
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(seen).toEqual(Array.from({ length: 23 }, (_, n) => `L-${n}`));
    });

    it('by what a person types, taken as text and not as a pattern', async () => {
      const codes = ['100%', '100', '10_0', '10X0', 'a!b', 'a\\b', "o'clock", 'ab'];
      await send(...codes.map((code) => [code, 1] as const));
      expect(await found('%')).toEqual(['100%']);
      expect(await found('0_0')).toEqual(['10_0']);
      expect(await found('!')).toEqual(['a!b']);
      expect(await found('\\')).toEqual(['a\\b']);
      expect(await found("'")).toEqual(["o'clock"]);
      expect(await found('AB')).toEqual(['ab']);
      expect(await found('nothing')).toEqual([]);
    });

    it('by name and barcode too', async () => {
      await push(stores(), feed, [
        { code: 'A', name: 'Cana mare', quantity: 1 },
        { code: 'B', barcode: '5941', quantity: 1 },
        { code: 'C', quantity: 1 },
      ]);
      expect(await found('na ma')).toEqual(['A']);
      expect(await found('594')).toEqual(['B']);
    });

    it('by the name and the SKU it has in the shop, which the source may not know', async () => {
      await send(['A', 1], ['B', 1]);
      await items().setLink((await item('A')).id, productLink(5, { name: 'Red cup', sku: 'RC-5' }), now());
      expect(await found('red c')).toEqual(['A']);
      expect(await found('RC-')).toEqual(['A']);
      expect(await items().counts({ connectionId: feed.connection.id, text: 'red c' })).toMatchObject({ due: 1 });
    });

    it('and counted by status, the same rows as the list', async () => {
      await send(['A', 1], ['B', 1], ['C', 1], ['AB', 1]);
      await items().setOffline([(await item('A')).id], now());
      for (const claimed of await take(1)) await settle(synced(claimed));
      const filter = { connectionId: feed.connection.id, text: null };
      const counts = await items().counts(filter);
      expect(Object.keys(counts).sort()).toEqual([...SYNC_ITEM_STATUSES].sort());
      expect(counts).toMatchObject({ offline: 1, synced: 1, due: 2, failed: 0 });
      for (const status of ['due', 'synced', 'offline'] as const) {
        expect((await list({ status })).data).toHaveLength(counts[status]);
      }
      expect(await items().counts({ ...filter, text: 'A' })).toMatchObject({ offline: 1, due: 1, synced: 0 });
    });

    it('and selected for an action in slices, by filter or by ids', async () => {
      await send(...Array.from({ length: 7 }, (_, n) => [`L-${n}`, n] as const));
      const ids = (await itemsOf(stores(), feed)).map(({ id }) => id);
      for (const selection of [
        { filter: { connectionId: feed.connection.id, status: 'due' as const, text: 'L-' } },
        { ids: [...ids, ...ids].reverse() },
      ]) {
        const seen: number[] = [];
        for (let after = 0; ;) {
          const slice = await items().select(selection, after, 3);
          const last = slice.at(-1);
          if (last === undefined) break;
          expect(slice.length).toBeLessThanOrEqual(3);
          seen.push(...slice);
          after = last;
        }
        expect(seen).toEqual(ids);
      }
    });

    it('and an id that is none is not selected', async () => {
      expect(await items().select({ ids: [999_999_999] }, 0, 10)).toEqual([]);
      expect(await items().find(999_999_999)).toBeNull();
    });
  });

  it('is looked at before it is written, where its connection was changed', async () => {
    await send(['A', 7]);
    const one = await takeOne();
    await items().settle([synced(one, { link: productLink(5, { provenAt: now() }) })], [], now());
    expect((await item('A')).link).toMatchObject({ provenAt: now() });
    await items().markAllDue({ ...feed.connection }, PRIORITY.manual, now());
    expect((await item('A')).link).toMatchObject({ ref: ref(5), provenAt: 0 });
  });

  it('is made due in a shop by the thousand without a gap', async () => {
    const lines = Array.from({ length: 1_203 }, (_, n) => ({ code: `M-${n}`, quantity: n }));
    await push(stores(), feed, lines);
    const claimed = await claim(stores(), lease, 5_000);
    expect(await settle(...claimed.map((each) => synced(each)))).toBe(1_203);
    expect(await items().markAllDue(feed.connection, PRIORITY.bulk, now())).toBe(1_203);
    expect((await items().counts({ connectionId: feed.connection.id, text: null })).due).toBe(1_203);
    expect(await levelsOf(stores(), feed)).toHaveLength(1_203);
  });

  it('wakes its shop only when the circuit lets a call through', async () => {
    await send(['A', 1]);
    const probeAt = now() + 1_000;
    await stores().lanes.saveCircuit(
      feed.shop.id,
      {
        state: 'open',
        failure: failure('shop_maintenance'),
        openedAt: now(),
        probeAt,
        failures: 1,
      },
      now(),
    );
    expect(await items().shopsWithDueItems(probeAt - 1)).not.toContain(feed.shop.id);
    expect(await items().shopsWithDueItems(probeAt)).toContain(feed.shop.id);
  });

  describe('while the clock was ahead for a moment, between two sweeps', () => {
    const HOUR = 3_600_000;
    const ahead = async (works: () => Promise<unknown>): Promise<void> => {
      const { clock } = stores();
      await items().shopsWithDueItems(now());
      // Beyond the time in which rows of a clock that has been set back are looked for anyway.
      clock.advance(5 * 60_000);
      await items().shopsWithDueItems(now());
      clock.advance(HOUR);
      await works();
      clock.advance(-HOUR);
    };

    it('became due, and does not wait for that hour to come again', async () => {
      await ahead(() => send(['A', 1]));
      expect(await items().shopsWithDueItems(now())).toContain(feed.shop.id);
      expect(codes(await take())).toEqual(['A']);
    });

    it('was put off, and is not forgotten where its rules are changed after it', async () => {
      await send(['A', 1]);
      const claimed = await takeOne();
      await ahead(() => settle(synced(claimed, { status: 'retrying', dueAt: now() + 60_000 })));
      await items().setRules((await item('A')).id, { buffer: quantity('1'), packSize: quantity('1') }, now());
      expect(await items().shopsWithDueItems(now())).toContain(feed.shop.id);
    });

    it('was in a shop whose orders were read, which are read again in time', async () => {
      const { ledger } = stores();
      await ledger.begin(feed.shop.id, now(), now());
      await ahead(() => ledger.noteRead(feed.shop.id, now(), now(), now(), now() + 60_000));
      expect(await items().shopsWithDueItems(now())).toContain(feed.shop.id);
    });

    describe('found its shop out of reach, which is tried again when it would have been', () => {
      const guard = () => new GuardCircuit({ ...stores(), chance: () => 1 });
      const open = () => guard().open(feed.shop.id, new FailureError(failure('shop_maintenance')));
      const isWokenAfter = async (ms: number) => {
        stores().clock.advance(ms);
        return (await items().shopsWithDueItems(now())).includes(feed.shop.id);
      };

      it('by itself', async () => {
        await send(['A', 1]);
        await ahead(open);
        expect(await isWokenAfter(0)).toBe(false);
        expect(await isWokenAfter(2_000)).toBe(true);
      });

      it('and though a delivery beside it tells of the same trouble after it', async () => {
        await send(['A', 1]);
        await ahead(open);
        await open();
        expect(await isWokenAfter(0)).toBe(false);
        expect(await isWokenAfter(2_000)).toBe(true);
      });
    });
  });
});
