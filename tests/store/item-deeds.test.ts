import { ActOnSyncItems, type ItemAction, UNDO_MS } from '../../server/application/act-on-sync-items';
import { failure } from '../../server/domain/failure';
import { quantity } from '../../server/domain/quantity';
import { productLink, ref, shopProduct } from '../support/builders';
import { FakeShop } from '../support/fake-shop';
import { claim, type Feed, feedIn, itemOf, laneOf, onEachEngine, push, syncedSettlement } from '../support/test-stores';

onEachEngine('A deed on items', (stores) => {
  let feed: Feed;
  let acts: ActOnSyncItems;
  const now = () => stores().clock.now();
  const item = (code: string) => itemOf(stores(), feed, code);
  const idsOf = async (...codes: string[]) => Promise.all(codes.map(async (code) => (await item(code)).id));
  const everything = () => ({ filter: { connectionId: feed.connection.id, status: null, text: null } });
  const statuses = async () => Promise.all(['A', 'B', 'C'].map(async (code) => (await item(code)).status));
  const linkOf = async (code: string) => (await item(code)).link?.ref ?? null;

  async function did(action: ItemAction, ...codes: string[]): Promise<number> {
    stores().clock.advance(1000);
    const { deedId } = await acts.act(action, codes.length > 0 ? { ids: await idsOf(...codes) } : everything(), 'ana');
    if (deedId === null) throw new Error(`${action} cannot be undone`);
    stores().clock.advance(1000);
    return deedId;
  }

  async function syncAll(): Promise<void> {
    stores().clock.advance(60_000);
    const lease = await laneOf(stores(), feed.shop.id);
    await stores().items.settle(
      (await claim(stores(), lease)).map((each) => syncedSettlement(each)),
      [],
      now(),
    );
  }

  beforeEach(async () => {
    feed = await feedIn(stores());
    const shop = new FakeShop(shopProduct(1), shopProduct(2), shopProduct(3), shopProduct(4));
    acts = new ActOnSyncItems({ ...stores(), target: shop, laneSignal: { announce: () => undefined } });
    await push(
      stores(),
      feed,
      ['A', 'B', 'C'].map((code) => ({ code, quantity: 1 })),
    );
    await syncAll();
  });

  it('that took items offline is undone for those it took, and not for those that were offline before', async () => {
    await did('offline', 'C');
    const deed = await did('offline');
    expect(await statuses()).toEqual(['offline', 'offline', 'offline']);
    expect(await acts.undo(deed, 'ana')).toEqual({ restored: 2, left: 0 });
    expect(await statuses()).toEqual(['due', 'due', 'offline']);
  });

  it('that brought items online is undone for those it brought', async () => {
    await did('offline', 'A');
    const deed = await did('online');
    await syncAll();
    expect(await acts.undo(deed, 'ana')).toEqual({ restored: 1, left: 0 });
    expect(await statuses()).toEqual(['offline', 'synced', 'synced']);
  });

  it('that forgot links is undone with the very links, translations among them', async () => {
    const [a = 0, b = 0] = await idsOf('A', 'B');
    await stores().items.setLink(a, productLink(1, { twins: [ref(4)] }), now());
    await stores().items.setLink(b, productLink(2), now());
    const before = (await item('A')).link;
    const deed = await did('relink');
    expect([await linkOf('A'), await linkOf('B')]).toEqual([null, null]);
    expect(await acts.undo(deed, 'ana')).toEqual({ restored: 2, left: 0 });
    expect((await item('A')).link).toEqual(before);
    expect(await linkOf('B')).toEqual(ref(2));
    expect((await item('A')).status).toBe('due');
  });

  it('that was cut off while it was undone is undone when it is asked for once more', async () => {
    const deed = await did('offline');
    const { items } = stores();
    const cutOff = new ActOnSyncItems({
      ...stores(),
      items: new Proxy(items, {
        get: (whole, key) =>
          key === 'recordSteps' ? () => Promise.reject(new Error('killed')) : Reflect.get(whole, key, whole),
      }),
      target: new FakeShop(),
      laneSignal: { announce: () => undefined },
    });
    await expect(cutOff.undo(deed, 'ana')).rejects.toThrow('killed');
    expect(await acts.undo(deed, 'ana')).toEqual({ restored: 3, left: 0 });
    expect(await statuses()).toEqual(['due', 'due', 'due']);
  });

  it('that tries again what failed writes over no number that a person is asked about, or keeps', async () => {
    const [a = 0, b = 0, c = 0] = await idsOf('A', 'B', 'C');
    const { lastSyncedAt } = await item('A');
    const differs = failure('shop_differs', { shown: '12', wanted: '1' });
    const left = { id: a, shown: quantity('12'), since: lastSyncedAt ?? 0, failure: differs };
    await stores().items.leaveAsShown([left], now());
    await stores().items.hold([{ id: b, held: { quantity: quantity('5'), why: 'edited' } }], now());

    expect(await acts.act('retry', { ids: [a, b, c] }, 'ana')).toMatchObject({ affected: 2 });
    expect(await item('A')).toMatchObject({ status: 'failed', failure: { code: 'shop_differs' } });
    expect((await item('A')).facts.held).toMatchObject({ quantity: '12', why: 'asked' });
    expect((await item('B')).facts.held).toMatchObject({ quantity: '5', why: 'edited' });
    expect(await statuses()).toEqual(['failed', 'due', 'due']);
    const { data } = await stores().items.timeline(a, { limit: 9, cursor: null });
    expect(data.filter(({ outcome }) => outcome === 'retry')).toEqual([]);

    expect(await acts.act('sync-now', { ids: [a, b] }, 'ana')).toMatchObject({ affected: 2 });
    expect((await item('A')).facts.held).toBeNull();
    expect((await item('B')).facts.held).toBeNull();
  });

  it('leaves alone what a person has changed since', async () => {
    const [a = 0] = await idsOf('A');
    await stores().items.setLink(a, productLink(1), now());
    const relinked = await did('relink', 'A');
    await acts.link(a, ref(3), 'bob');
    expect(await acts.undo(relinked, 'ana')).toEqual({ restored: 0, left: 1 });
    expect(await linkOf('A')).toEqual(ref(3));

    const offline = await did('offline', 'B', 'C');
    await did('online', 'B');
    await did('offline', 'B');
    expect(await acts.undo(offline, 'ana')).toEqual({ restored: 1, left: 1 });
    expect((await item('B')).status).toBe('offline');
  });

  it('gives no product back that another item has got since', async () => {
    const [a = 0, b = 0] = await idsOf('A', 'B');
    await stores().items.setLink(a, productLink(1), now());
    const deed = await did('relink', 'A');
    await stores().items.setLink(b, productLink(1), now());
    expect(await acts.undo(deed, 'ana')).toEqual({ restored: 0, left: 1 });
    expect(await linkOf('B')).toEqual(ref(1));
  });

  it('can be undone once, for ten minutes, and is in the timeline', async () => {
    const deed = await did('offline', 'A');
    await acts.undo(deed, 'bob');
    await expect(acts.undo(deed, 'ana')).rejects.toMatchObject({ code: 'conflict' });
    const [newest] = (await stores().items.timeline((await item('A')).id, { limit: 1, cursor: null })).data;
    expect(newest).toMatchObject({ step: 'change', outcome: 'undo', by: 'bob' });

    const late = await did('offline', 'B');
    stores().clock.advance(UNDO_MS);
    await expect(acts.undo(late, 'ana')).rejects.toMatchObject({ code: 'conflict' });
    expect((await item('B')).status).toBe('offline');
    await expect(acts.undo(999_999, 'ana')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('that is past is forgotten, with all its items', async () => {
    const deed = await did('offline');
    stores().clock.advance(1000);
    let removed = 0;
    for (let some = await stores().deeds.removeBefore(now(), 2); some > 0;) {
      removed += some;
      some = await stores().deeds.removeBefore(now(), 2);
    }
    expect(removed).toBeGreaterThanOrEqual(4);
    expect(await stores().deeds.find(deed)).toBeNull();
  });
});
