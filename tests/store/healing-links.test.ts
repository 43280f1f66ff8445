import { failure, FailureError } from '../../server/domain/failure';
import { ref, shopProduct } from '../support/builders';
import { engines } from '../support/databases';
import { FakeShop } from '../support/fake-shop';
import { catalogProduct, ScriptedCatalogue } from '../support/scripted-catalogue';
import { catalogueOf } from '../support/shop-work';
import { type Feed, feedIn, itemOf, itemsOf, openStores, push, type Stores } from '../support/test-stores';
import { WorkerBench } from '../support/worker-bench';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const serverError = () => new FailureError(failure('shop_server_error', { status: 500 }));

describe('A product of the shop', () => {
  const [sqlite] = engines;
  let stores: Stores;
  let feed: Feed;
  let shop: FakeShop;
  let bench: WorkerBench;

  beforeAll(async () => {
    if (!sqlite) throw new Error('SQLite is always there');
    stores = await openStores((await sqlite.create()).url);
  });
  afterAll(async () => {
    await stores.dataSource.destroy();
    await sqlite?.dropAll();
  });

  /** A shop that is mirrored and worked. */
  const open = async (
    how: Parameters<typeof feedIn>[1] = {},
    catalogue: ScriptedCatalogue | null = null,
  ): Promise<void> => {
    feed = await feedIn(stores, how);
    bench = new WorkerBench(stores, shop, 'this worker', { catalogue: catalogue ?? catalogueOf(shop) });
    await stores.catalog.request(feed.shop.id, 'full', stores.clock.now());
    await work();
  };
  beforeEach(() => {
    shop = new FakeShop();
  });
  afterEach(async () => {
    await bench.worker.drain(0);
    expect(bench.failures).toEqual([]);
  });

  const work = () => bench.wake(feed.shop.id);
  const later = async (ms: number): Promise<void> => {
    stores.clock.advance(ms);
    await work();
    // What the first look found to be looked at anew.
    stores.clock.advance(5_000);
    await work();
  };
  const bring = async (...lines: readonly Readonly<Record<string, unknown>>[]): Promise<void> => {
    stores.clock.advance(1);
    await push(stores, feed, lines);
    await later(10_000);
  };
  const item = (code = 'A') => itemOf(stores, feed, code);
  const written = (): string[] => {
    const since = shop.written.slice(known);
    known = shop.written.length;
    return since;
  };
  let known = 0;
  beforeEach(() => {
    known = 0;
  });

  it('that was re-created with the same SKU is found under its new id, without a push', async () => {
    shop.put(shopProduct(1, { sku: 'A' }));
    await open();
    await bring({ code: 'A', quantity: 7 });
    expect(written()).toEqual(['1/0=7']);
    shop.remove(ref(1));
    shop.put(shopProduct(2, { sku: 'A' }));
    await later(DAY);
    expect(await item()).toMatchObject({ status: 'synced', shown: '7', link: { ref: ref(2), foundBy: 'code' } });
    expect(written()).toEqual(['2/0=7']);
  });

  it('whose SKU went to another one gives the link to that, and is not written to', async () => {
    shop.put(shopProduct(1, { sku: 'A' }));
    await open();
    await bring({ code: 'A', quantity: 7 });
    written();
    shop.put(shopProduct(1, { sku: 'A-OLD' }), shopProduct(2, { sku: 'A' }));
    await later(HOUR);
    expect(await item()).toMatchObject({ status: 'synced', link: { ref: ref(2) } });
    expect(written()).toEqual(['2/0=7']);
  });

  it('whose SKU is nowhere any more leaves its item unmatched, in words, until it comes back', async () => {
    shop.put(shopProduct(1, { sku: 'A' }));
    await open();
    await bring({ code: 'A', quantity: 7 });
    written();
    shop.put(shopProduct(1, { sku: 'B' }));
    await later(HOUR);
    expect(await item()).toMatchObject({
      status: 'unmatched',
      link: null,
      failure: { code: 'product_unmatched', params: { tried: 'code “A”' } },
    });
    shop.put(shopProduct(1, { sku: 'A' }));
    await later(HOUR);
    expect(await item()).toMatchObject({ status: 'synced', link: { ref: ref(1) }, failure: null });
  });

  it('in the trash is reported, and written again when it is restored', async () => {
    const product = shopProduct(1, { sku: 'A' });
    shop.put(product);
    await open();
    await bring({ code: 'A', quantity: 7 });
    shop.put({ ...product, status: 'trash' });
    await later(DAY);
    expect(await item()).toMatchObject({
      status: 'failed',
      failure: { code: 'product_trashed' },
      link: { ref: ref(1) },
    });
    shop.put({ ...product, status: 'publish' });
    await later(DAY);
    expect(await item()).toMatchObject({ status: 'synced', shown: '7' });
  });

  it('that moved to another parent is found there', async () => {
    const variation = (parentId: number) =>
      shopProduct(11, { ref: ref(parentId, 11), type: 'variation', sku: 'A', name: 'Shirt - S' });
    shop.put(shopProduct(10, { type: 'variable', sku: 'P' }), shopProduct(20, { type: 'variable', sku: 'Q' }));
    shop.put(variation(10));
    await open();
    await bring({ code: 'A', quantity: 7 });
    written();
    shop.remove(ref(10, 11));
    shop.put(variation(20));
    await later(HOUR);
    expect(await item()).toMatchObject({ status: 'synced', link: { ref: ref(20, 11) } });
    expect(written()).toEqual(['20/11=7']);
  });

  it('that moved to another parent is one, not two, to the mirror', async () => {
    const variation = (parentId: number) =>
      shopProduct(11, { ref: ref(parentId, 11), type: 'variation', sku: '', name: 'Shirt - S' });
    shop.put(
      shopProduct(10, { type: 'variable', name: 'Shirt' }),
      shopProduct(20, { type: 'variable', name: 'Shirt' }),
    );
    shop.put(variation(10));
    await open();
    shop.remove(ref(10, 11));
    shop.put(variation(20));
    await later(HOUR);
    await bring({ name: 'Shirt - S', quantity: 7 });
    expect((await itemsOf(stores, feed))[0]).toMatchObject({ status: 'synced', link: { ref: ref(20, 11) } });
  });

  describe('that is called by its name alone', () => {
    const tea = (id: number, changes = {}) => shopProduct(id, { sku: '', name: 'Ceai verde', ...changes });
    const only = async () => {
      const [first] = await itemsOf(stores, feed);
      if (!first) throw new Error('There is no item');
      return first;
    };
    const asked = () => shop.calls.filter(({ what }) => what === 'name').length;

    it('is found in the mirror, and looked at in the shop before anything is written', async () => {
      shop.put(tea(1));
      await open();
      await bring({ name: 'CEAI VERDE', quantity: 7 });
      expect(await only()).toMatchObject({ status: 'synced', link: { ref: ref(1), foundBy: 'name' } });
      expect(shop.calls.map(({ what }) => what)).toEqual(['read', 'write']);
    });

    it('is asked for in the shop where the mirror is not complete', async () => {
      shop.put(tea(1));
      feed = await feedIn(stores);
      bench = new WorkerBench(stores, shop);
      await bring({ name: 'Ceai verde', quantity: 7 });
      expect(await only()).toMatchObject({ status: 'synced', link: { ref: ref(1) } });
      expect(asked()).toBe(1);
    });

    it.each([
      ['has another name by now', [tea(1, { name: 'Cafea' }), tea(2)], ref(2)],
      ['is gone', [tea(2)], ref(2)],
      ['is one of two by now', [tea(1, { name: 'Cafea' }), tea(2), tea(3)], null],
      ['is nowhere', [tea(1, { name: 'Cafea' })], null],
    ] as const)('and %s is never written to because the mirror was behind', async (_how, inShop, found) => {
      const behind = new ScriptedCatalogue(10);
      behind.products = [catalogProduct(1, { sku: '', name: 'Ceai verde' })];
      shop.put(...inShop);
      await open({}, behind);
      await bring({ name: 'Ceai verde', quantity: 7 });
      expect(shop.written).toEqual(found === null ? [] : [`${found.productId}/0=7`]);
      expect(asked()).toBe(1);
      expect((await only()).link?.ref ?? null).toEqual(found);
    });

    it('and is two in the mirror is ambiguous, and nothing is written', async () => {
      shop.put(tea(1), tea(2));
      await open();
      await bring({ name: 'Ceai verde', quantity: 7 });
      expect(await only()).toMatchObject({ status: 'ambiguous', failure: { params: { count: 2 } }, link: null });
      expect(shop.calls).toEqual([]);
      shop.put(tea(2, { name: 'Ceai negru' }));
      await later(DAY);
      expect(await only()).toMatchObject({ status: 'synced', link: { ref: ref(1) } });
    });

    it('and was added since the last walk is known before anything is concluded', async () => {
      shop.put(tea(1));
      await open();
      shop.put(tea(2));
      stores.clock.advance(60_000);
      await bring({ name: 'Ceai verde', quantity: 7 });
      expect(await only()).toMatchObject({ status: 'ambiguous' });
      expect(shop.written).toEqual([]);
    });
  });

  describe('in two languages', () => {
    const twin = (id: number, changes = {}) => shopProduct(id, { sku: 'A', translations: [1, 2], ...changes });

    it('gets the number in both, and is in step only when both show it', async () => {
      shop.put(twin(1), twin(2));
      await open();
      await bring({ code: 'A', quantity: 7 });
      expect(written()).toEqual(['1/0=7', '2/0=7']);
      expect(await item()).toMatchObject({ status: 'synced', shown: '7', link: { ref: ref(1), twins: [ref(2)] } });

      shop.put(twin(1, { quantity: shopProduct(1).quantity }));
      await bring({ code: 'A', quantity: 0 });
      expect(shop.shown(ref(2))).toBe('0');
      expect((await item()).status).toBe('synced');
    });

    it('fails with the cause of the one that fails', async () => {
      shop.put(twin(1), twin(2, { stockOwner: 'nobody', quantity: null }));
      await open();
      await bring({ code: 'A', quantity: 7 });
      expect(await item()).toMatchObject({
        status: 'failed',
        failure: { code: 'stock_not_managed', params: { productId: 2 } },
        lastSyncedAt: null,
      });
      expect(shop.shown(ref(1))).toBe('7');
    });

    it.each([
      ['is in the trash', () => shop.put(twin(2, { status: 'trash' }))],
      ['is gone', () => shop.remove(ref(2))],
      ['has become another product', () => shop.put(twin(2, { sku: 'B', translations: [] }))],
    ])('is in step without the one that %s, which is written no more', async (_what, happen) => {
      shop.put(twin(1), twin(2));
      await open();
      await bring({ code: 'A', quantity: 7 });
      written();
      happen();
      await later(DAY);
      expect(await item()).toMatchObject({ status: 'synced', failure: null, link: { ref: ref(1), twins: [] } });
      await bring({ code: 'A', quantity: 3 });
      expect(written()).toEqual(['1/0=3']);
    });

    it('is another’s in either of them', async () => {
      shop.put(twin(1), twin(2, { gtin: '4006381333931' }));
      await open();
      await bring({ code: 'A', quantity: 7 });
      await bring({ barcode: '4006381333931', quantity: 3 });
      const taken = (await itemsOf(stores, feed)).find(({ subject }) => subject.code === null);
      expect(taken).toMatchObject({
        status: 'failed',
        link: null,
        failure: { code: 'product_taken', params: { other: 'A' } },
      });
      expect(shop.shown(ref(2))).toBe('7');
    });

    it('is found anew in both when both were re-created', async () => {
      shop.put(twin(1), twin(2));
      await open();
      await bring({ code: 'A', quantity: 7 });
      shop.remove(ref(1));
      shop.remove(ref(2));
      shop.put(twin(3, { translations: [3, 4] }), twin(4, { translations: [3, 4] }));
      await later(DAY);
      expect(await item()).toMatchObject({ status: 'synced', link: { ref: ref(3), twins: [ref(4)] } });
      expect([shop.shown(ref(3)), shop.shown(ref(4))]).toEqual(['7', '7']);
    });

    it('forgets both when it is to be looked for anew', async () => {
      shop.put(twin(1), twin(2));
      await open();
      await bring({ code: 'A', quantity: 7 });
      await stores.items.forgetLinks([(await item()).id]);
      expect(await stores.items.linkedTo(feed.shop.id, [ref(1), ref(2)])).toEqual([]);
    });
  });

  describe('whose stock nobody keeps', () => {
    const unmanaged = (id = 1, changes = {}) =>
      shopProduct(id, { sku: 'A', stockOwner: 'nobody', quantity: null, ...changes });
    const variation = (changes = {}) =>
      shopProduct(11, { ref: ref(10, 11), type: 'variation', sku: 'A', name: 'S', ...changes });
    const switches = async () =>
      (await stores.switches.list(feed.connection.id, { limit: 10, cursor: null })).data.map(({ ref: of, label }) => ({
        of,
        label,
      }));

    it('is reported', async () => {
      shop.put(unmanaged());
      await open();
      await bring({ code: 'A', quantity: 7 });
      expect(await item()).toMatchObject({ status: 'failed', failure: { code: 'stock_not_managed' } });
      expect(shop.written).toEqual([]);
      expect(await stores.catalog.countUnmanaged(feed.shop.id)).toEqual({ linked: 1, unmanaged: 1 });
    });

    it.each([
      ['a product', unmanaged(), ref(1)],
      ['a variation', variation({ stockOwner: 'nobody', quantity: null }), ref(10, 11)],
    ])('is switched on where the owner wants it, on record and undone when asked: %s', async (_what, product, of) => {
      shop.put(product);
      await open({ unmanaged: 'switch-on' });
      await bring({ code: 'A', quantity: 7 });
      expect(await item()).toMatchObject({ status: 'synced', shown: '7' });
      expect(shop.writes.at(-1)?.writes).toEqual([{ ref: of, quantity: '7', switchOn: true }]);
      expect(await switches()).toEqual([{ of, label: 'A' }]);
      expect(await stores.switches.count(feed.connection.id)).toBe(1);

      const { clock } = stores;
      await stores.connections.change(feed.connection.id, { unmanaged: 'report' }, clock.now());
      expect(await stores.switches.askUndo(feed.connection.id, clock.now())).toBe(1);
      expect(await stores.items.shopsWithDueItems(clock.now())).toContain(feed.shop.id);
      await later(10_000);
      expect(shop.calls.filter(({ what }) => what === 'stopManaging')).toHaveLength(1);
      expect(await switches()).toEqual([]);
      expect(shop.shown(of)).toBeNull();
      expect(await item()).toMatchObject({ status: 'failed', failure: { code: 'stock_not_managed' } });
    });

    it('is switched on when only the answer to the write tells of it', async () => {
      shop.put(shopProduct(1, { sku: 'A' }));
      await open({ unmanaged: 'switch-on' });
      await bring({ code: 'A', quantity: 7 });
      shop.put(unmanaged());
      stores.clock.advance(1);
      await push(stores, feed, [{ code: 'A', quantity: 5 }]);
      await later(10_000);
      expect(await item()).toMatchObject({ status: 'synced', shown: '5' });
      expect(await switches()).toEqual([{ of: ref(1), label: 'A' }]);
    });

    it('is not undone where that failed, but later', async () => {
      shop.put(unmanaged());
      await open({ unmanaged: 'switch-on' });
      await bring({ code: 'A', quantity: 7 });
      const { clock } = stores;
      await stores.connections.change(feed.connection.id, { unmanaged: 'report' }, clock.now());
      await stores.switches.askUndo(feed.connection.id, clock.now());
      shop.beforeCall = ({ what }) => (what === 'stopManaging' ? serverError() : null);
      await later(10_000);
      expect(await switches()).toHaveLength(1);
      expect((await stores.lanes.circuit(feed.shop.id)).state).toBe('closed');
      shop.beforeCall = () => null;
      await later(5 * 60_000);
      expect(await switches()).toEqual([]);
    });

    it.each([
      ['its parent keeps it', variation({ stockOwner: 'parent' }), 'stock_managed_by_parent'],
      ['it is a parent', unmanaged(1, { type: 'variable' }), 'product_without_stock'],
      ['it is a group', unmanaged(1, { type: 'grouped' }), 'product_without_stock'],
      ['it is sold elsewhere', unmanaged(1, { type: 'external' }), 'product_without_stock'],
      ['it is in the trash', unmanaged(1, { status: 'trash' }), 'product_trashed'],
    ])('is never switched on where %s', async (_why, product, code) => {
      shop.put(product);
      await open({ unmanaged: 'switch-on' });
      await bring({ code: 'A', quantity: 7 });
      expect(await item()).toMatchObject({ status: 'failed', failure: { code } });
      expect(shop.written).toEqual([]);
      expect(await switches()).toEqual([]);
    });
  });
});
