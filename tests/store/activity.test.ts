import { ViewOverview } from '../../server/application/view-overview';
import { failure } from '../../server/domain/failure';
import type { ClaimedItem, LaneLease, Settlement } from '../../server/domain/ports/sync-items';
import { TypeormActivityStore } from '../../server/store/activity-store';
import { claim, type Feed, feedIn, laneOf, onEachEngine, push, syncedSettlement } from '../support/test-stores';

const HOUR = 3_600_000;

onEachEngine('What is done by the hour', (stores) => {
  let feed: Feed;
  let lease: LaneLease;
  const now = () => stores().clock.now();
  const activity = () => new TypeormActivityStore(stores().unit);
  const overview = () =>
    new ViewOverview({ items: stores().items, activity: activity(), clock: stores().clock }).view(24);
  const send = (...codes: string[]) =>
    push(
      stores(),
      feed,
      codes.map((code) => ({ code, quantity: String(now() % 1_000) })),
    );
  const written = (item: ClaimedItem): Settlement => syncedSettlement(item, { syncedAt: now(), writtenAt: now() });
  const failed = (item: ClaimedItem): Settlement =>
    syncedSettlement(item, {
      status: 'retrying',
      dueAt: now() + 1_000,
      syncedAt: null,
      failure: failure('shop_timeout', { seconds: 30 }),
    });
  const settle = async (how: (item: ClaimedItem) => Settlement) => {
    const settlements = (await claim(stores(), lease)).map(how);
    await stores().items.settle(settlements, [], now());
    return settlements.length;
  };

  beforeEach(async () => {
    const { clock, dataSource } = stores();
    await dataSource.query('DELETE FROM activity_hours');
    await dataSource.query('DELETE FROM sync_items');
    clock.advance(HOUR - (now() % HOUR) + 60_000);
    feed = await feedIn(stores());
    lease = await laneOf(stores(), feed.shop.id);
  });

  it('tells how many products were written, and how long they had waited', async () => {
    await send('A', 'B');
    stores().clock.advance(4_000);
    await settle(written);
    await send('C');
    stores().clock.advance(10_000);
    await settle(written);
    expect(await activity().hoursSince(0)).toEqual([
      { hour: now() - (now() % HOUR), changes: 3, failures: 0, delayTotalMs: 18_000, delayLongestMs: 10_000 },
    ]);
  });

  it('counts the wait from the first word of a change, whatever failed in between', async () => {
    await send('A');
    stores().clock.advance(5_000);
    expect(await settle(failed)).toBe(1);
    stores().clock.advance(60_000);
    expect(await settle(written)).toBe(1);
    expect(await activity().hoursSince(0)).toEqual([
      expect.objectContaining({ changes: 1, failures: 1, delayTotalMs: 65_000, delayLongestMs: 65_000 }),
    ]);
  });

  it('does not count what the shop showed already', async () => {
    await send('A');
    await settle((item) => syncedSettlement(item));
    expect(await activity().hoursSince(0)).toEqual([]);
  });

  it('does not count what was no longer ours to settle', async () => {
    await send('A');
    const claimed = await claim(stores(), lease);
    await stores().items.releaseAbandoned(feed.shop.id, now());
    await stores().items.settle(claimed.map(written), [], now());
    expect(await activity().hoursSince(0)).toEqual([]);
  });

  it('keeps each hour for itself, and forgets those that are too old', async () => {
    await send('A');
    await settle(written);
    stores().clock.advance(2 * HOUR);
    await stores().lanes.renew(lease, now() + 60_000);
    await send('B');
    await settle(written);
    expect((await activity().hoursSince(0)).map(({ changes }) => changes)).toEqual([1, 1]);
    expect(await activity().hoursSince(now())).toHaveLength(1);
    await activity().removeBefore(now());
    expect(await activity().hoursSince(0)).toHaveLength(1);
  });

  it('is told with what waits, since when, and how old the oldest proof is', async () => {
    const began = now();
    await send('A');
    await settle(written);
    stores().clock.advance(30_000);
    await send('B', 'C');
    stores().clock.advance(10_000);
    await send('D');
    expect(await overview()).toMatchObject({
      provenSince: began,
      waiting: { count: 3, since: began + 30_000 },
      hours: [{ changes: 1 }],
    });
  });

  it('counts what is being written as waiting, whether or not it is known since when', async () => {
    await send('A', 'B');
    await claim(stores(), lease);
    await stores().dataSource.query('UPDATE sync_items SET waiting_since = NULL');
    expect(await overview()).toMatchObject({ waiting: { count: 2, since: null } });
  });
});
