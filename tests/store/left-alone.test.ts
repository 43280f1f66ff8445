import { failure } from '../../server/domain/failure';
import type { LaneLease } from '../../server/domain/ports/sync-items';
import { quantity } from '../../server/domain/quantity';
import { productLink, ref } from '../support/builders';
import { claim, type Feed, feedIn, itemOf, laneOf, onEachEngine, push, syncedSettlement } from '../support/test-stores';

const MINUTE = 60_000;

onEachEngine('An item that a check found changed in the shop', (stores) => {
  let feed: Feed;
  let lease: LaneLease;
  let id: number;
  let syncedAt: number;
  const now = () => stores().clock.now();
  const item = () => itemOf(stores(), feed, 'SKU-1');
  const tell = (amount: number) => push(stores(), feed, [{ code: 'SKU-1', quantity: amount }]);
  const sold = failure('shop_sold', { orders: '#1', quantity: '2', shown: '5', wanted: '7' });
  const leave = (since: number) =>
    stores().items.leaveAsShown([{ id, shown: quantity('5'), since, failure: sold }], now());
  const settle = async (shown: string) => {
    const [claimed] = await claim(stores(), lease);
    if (!claimed) throw new Error('Nothing is due');
    syncedAt = now();
    const link = productLink(1);
    const settlement = syncedSettlement(claimed, { shown: quantity(shown), syncedAt, link });
    expect(await stores().items.settle([settlement], [], now())).toBe(1);
  };

  beforeEach(async () => {
    stores().clock.advance(60 * MINUTE);
    feed = await feedIn(stores(), { matchBy: ['code'] });
    lease = await laneOf(stores(), feed.shop.id);
    await tell(7);
    id = (await item()).id;
    await settle('7');
    stores().clock.advance(MINUTE);
  });

  it('is left as the shop shows it', async () => {
    expect(await leave(syncedAt)).toBe(1);
    expect(await item()).toMatchObject({ status: 'failed', shown: '5', dueAt: null, failure: { code: 'shop_sold' } });
    expect(await claim(stores(), lease)).toEqual([]);
  });

  it('is not left where something has brought it in step since, or is about to', async () => {
    expect(await leave(syncedAt - 1)).toBe(0);
    await tell(9);
    expect(await leave(syncedAt)).toBe(0);
    expect((await item()).status).toBe('due');
    stores().clock.advance(MINUTE);
    await settle('9');
    expect(await leave(syncedAt - MINUTE)).toBe(0);
    expect(await item()).toMatchObject({ status: 'synced', shown: '9' });
  });

  it('stays so when the source says the same again, and is due when it says something new', async () => {
    await leave(syncedAt);
    await tell(7);
    expect((await item()).status).toBe('failed');
    await tell(6);
    expect(await item()).toMatchObject({ status: 'due' });
  });

  it('is in step again when the shop shows its number', async () => {
    await leave(syncedAt);
    await stores().items.backInStep([{ id, shown: quantity('7') }], now());
    expect(await item()).toMatchObject({ status: 'synced', shown: '7', failure: null, lastSyncedAt: now() });
  });

  it('that was put off for another reason is not in step by that', async () => {
    await stores().items.holdBack([id], failure('mass_zero_held'), now());
    await stores().items.backInStep([{ id, shown: quantity('7') }], now());
    expect(await item()).toMatchObject({ status: 'failed', failure: { code: 'mass_zero_held' } });
  });

  it('is proven as of when the shop was looked at, and never as of before', async () => {
    await stores().items.noteProven([id], syncedAt - 1);
    expect((await item()).lastSyncedAt).toBe(syncedAt);
    await stores().items.noteProven([id], syncedAt + 5);
    expect((await item()).lastSyncedAt).toBe(syncedAt + 5);
  });

  it('is seen by a walk or one by one, and the run that waits for that goes on', async () => {
    const { runs } = stores();
    const { id: connectionId } = feed.connection;
    const asked = { connectionId, kind: 'check', startedBy: 'person', askedBy: 'owner', undoOf: null } as const;
    const run = await runs.add({ ...asked, phase: 'looking' }, now());
    const taken = await runs.take('worker', now(), now() + MINUTE);
    if (!run || taken?.run.id !== run.id) throw new Error('It was not taken');
    await runs.addItemLines(run.id, 0, [{ itemId: id, wanted: null, before: quantity('7') }]);
    expect(await runs.unseenLines(run.id, -1, 10)).toEqual([{ lineNo: 0, itemId: id }]);
    await runs.move(taken.lease, { position: '12/rest/99' }, now() + MINUTE);
    expect((await runs.toLookAt(feed.shop.id)).map((each) => each.id)).toEqual([run.id]);
    await runs.noteSeenOf(run.id, [{ lineNo: 0, seen: quantity('4') }]);
    expect(await runs.unseenLines(run.id, -1, 10)).toEqual([]);
    await runs.noteSeen(feed.shop.id, [{ ref: ref(1), quantity: quantity('3') }]);
    expect(await runs.openLines(run.id, -1, 10)).toMatchObject([{ seen: '3', code: 'SKU-1' }]);
    await runs.lookedAt({ id: run.id, position: 'another' });
    expect(await runs.toLookAt(feed.shop.id)).toHaveLength(1);
    await runs.lookedAt({ id: run.id, position: '12/rest/99' });
    expect(await runs.toLookAt(feed.shop.id)).toEqual([]);
    expect((await runs.find(run.id))?.position).toBe('12/done');
    await runs.end(taken.lease, { status: 'succeeded', counts: {}, failure: null }, now());
  });
});
