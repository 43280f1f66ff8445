import { ExplainDifferences } from '../../server/application/explain-differences';
import { LookAfterShop } from '../../server/application/look-after-shop';
import { LookAtRest } from '../../server/application/look-at-rest';
import { RefreshCatalogue } from '../../server/application/refresh-catalogue';
import { UndoStockSwitches } from '../../server/application/undo-stock-switches';
import { WatchWebhooks } from '../../server/application/watch-webhooks';
import { failure, FailureError } from '../../server/domain/failure';
import { PRIORITY } from '../../server/domain/sync-item';
import type { CatalogState } from '../../server/domain/ports/catalog';
import { randomTokens } from '../../server/security/random-tokens';
import { productLink, ref, shopAccess } from '../support/builders';
import { FakeShop } from '../support/fake-shop';
import { catalogProduct, ScriptedCatalogue } from '../support/scripted-catalogue';
import { noBridge, noOrders, noRunSignal } from '../support/shop-work';
import {
  claim,
  type Feed,
  feedIn,
  itemOf,
  laneOf,
  onEachEngine,
  push,
  shopIn,
  syncedSettlement,
} from '../support/test-stores';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const always = () => true;
const { signal } = new AbortController();
const unmatched = failure('product_unmatched', { tried: 'code' });

onEachEngine('Refreshing the mirror', (stores) => {
  let feed: Feed;
  let shop: ScriptedCatalogue;
  let refresh: RefreshCatalogue;

  const prepare = async (how: Parameters<typeof feedIn>[1] = {}): Promise<void> => {
    const { unit, items, catalog, runs, clock } = stores();
    feed = await feedIn(stores(), how);
    refresh = new RefreshCatalogue({
      unit,
      items,
      catalogue: shop,
      store: catalog,
      runs,
      runSignal: noRunSignal,
      clock,
    });
    await catalog.request(feed.shop.id, 'full', clock.now());
  };
  beforeEach(async () => {
    shop = new ScriptedCatalogue(2);
    await prepare();
  });

  const access = () => ({ ...shopAccess, shopId: feed.shop.id });
  const refreshed = (mayGoOn: () => boolean = always) => refresh.refresh(access(), signal, mayGoOn);
  const stateOf = async (): Promise<CatalogState> => {
    const state = await stores().catalog.state(feed.shop.id);
    if (!state) throw new Error('The shop has a mirror');
    return state;
  };
  /** Lets time pass and does what is due by then. */
  const later = async (ms: number): Promise<readonly string[]> => {
    stores().clock.advance(ms);
    shop.calls.length = 0;
    if (await refresh.isDue(feed.shop.id)) await refreshed();
    return shop.calls;
  };
  /** Items of these lines, as a delivery left them. */
  const leave = async (
    lines: readonly Readonly<Record<string, unknown>>[],
    changes: Parameters<typeof syncedSettlement>[1] = { status: 'unmatched', failure: unmatched },
  ): Promise<void> => {
    stores().clock.advance(1);
    await push(stores(), feed, lines);
    const lease = await laneOf(stores(), feed.shop.id);
    const claimed = await claim(stores(), lease);
    expect(claimed).toHaveLength(lines.length);
    await stores().items.settle(
      claimed.map((item) => syncedSettlement(item, changes)),
      [],
      stores().clock.now(),
    );
    await stores().lanes.release(lease);
  };
  const dueOf = async (code: string) => {
    const { status, dueAt } = await itemOf(stores(), feed, code);
    return dueAt !== null && dueAt <= stores().clock.now() ? status : `not due: ${status}`;
  };

  it('reads all of it first, what changed every hour, and all of it again after a day', async () => {
    const { clock, catalog } = stores();
    shop.products = [1, 2, 3].map((id) => catalogProduct(id));
    shop.shopTime = () => clock.now() - 10 * MINUTE;
    const began = clock.now() - 10 * MINUTE;
    expect(await refresh.isDue(feed.shop.id)).toBe(true);
    expect(await later(0)).toEqual(['full from the begin', 'full from 2']);
    expect(await catalog.count(feed.shop.id)).toBe(3);
    expect(await later(HOUR - 1)).toEqual([]);
    // By the shop's clock, from when the walk before began.
    expect(await later(1)).toEqual([`since ${began} from the begin`]);
    expect(await later(HOUR)).toEqual([`since ${began + HOUR} from the begin`]);
    expect(await later(22 * HOUR)).toEqual(['full from the begin', 'full from 2']);
    expect(await later(HOUR)).toHaveLength(1);
  });

  it('goes back a little where the shop does not tell its time', async () => {
    const began = stores().clock.now();
    await refreshed();
    expect(await later(HOUR)).toEqual([`since ${began - 15 * MINUTE} from the begin`]);
  });

  it('asks for the next page while the last one is kept, and never for more than one', async () => {
    const { catalog } = stores();
    shop.products = Array.from({ length: 6 }, (_, n) => catalogProduct(n + 1));
    const keptWhenAsked: number[] = [];
    shop.beforeCall = async () => void keptWhenAsked.push(await catalog.count(feed.shop.id));
    const keeping = jest.spyOn(catalog, 'keepPage');
    const keptWhenKept: number[] = [];
    keeping.mockImplementationOnce(async (...page) => {
      keptWhenKept.push(shop.calls.length);
      keeping.mockRestore();
      return catalog.keepPage(...page);
    });
    await refreshed();
    expect(keptWhenKept).toEqual([2]);
    expect(keptWhenAsked[0]).toBe(0);
    expect(Math.max(...keptWhenAsked)).toBeLessThan(6);
    expect(await catalog.count(feed.shop.id)).toBe(6);
  });

  it('stops when it may not go on, with the page at hand kept, and goes on from there', async () => {
    shop.products = Array.from({ length: 6 }, (_, n) => catalogProduct(n + 1));
    let pages = 0;
    await refreshed(() => ++pages < 2);
    expect(await stateOf()).toMatchObject({ walk: 'full', position: '4', done: 4, total: 6, loadedAt: null });
    expect(shop.calls).toHaveLength(2);
    expect(await refresh.isDue(feed.shop.id)).toBe(true);
    expect(await later(0)).toEqual(['full from 4']);
    expect(await stores().catalog.count(feed.shop.id)).toBe(6);
  });

  it('goes on from the last page that was kept when a call failed', async () => {
    shop.products = Array.from({ length: 6 }, (_, n) => catalogProduct(n + 1));
    shop.beforeCall = (call) => {
      if (call.endsWith('from 4')) throw new FailureError(failure('shop_maintenance'));
    };
    await expect(refreshed()).rejects.toThrow(FailureError);
    expect(await stateOf()).toMatchObject({ position: '4', done: 4 });
    shop.beforeCall = () => undefined;
    expect(await later(0)).toEqual(['full from 4']);
  });

  it('is put off after a failure, which is shown, and says nothing of the circuit', async () => {
    const { unit, items, catalog, switches, clock, webhooks, connections, lanes } = stores();
    const lookAfter = new LookAfterShop({
      refresh,
      watchBridge: noBridge,
      webhooks: new WatchWebhooks({
        webhooks: {
          list: () => Promise.reject(new FailureError(failure('shop_maintenance'))),
          create: () => Promise.reject(new Error('not reached')),
          revive: () => Promise.reject(new Error('not reached')),
          remove: () => Promise.reject(new Error('not reached')),
          read: () => ({ kind: 'forged' }),
        },
        store: webhooks,
        connections,
        tokens: randomTokens,
        clock,
        publicUrl: 'https://relay.example',
      }),
      lookAtRest: new LookAtRest({ runs: stores().runs, items, target: new FakeShop(), runSignal: noRunSignal, clock }),
      explain: new ExplainDifferences({ runs: stores().runs, items, orders: noOrders, runSignal: noRunSignal, clock }),
      orders: { isDue: () => Promise.resolve(false), read: () => Promise.reject(new Error('not reached')) },
      undo: new UndoStockSwitches({ unit, switches, items, target: new FakeShop(), clock }),
      catalog,
      switches,
      clock,
    });
    shop.products = [catalogProduct(1)];
    shop.beforeCall = () => {
      throw new FailureError(failure('shop_maintenance'));
    };
    await lookAfter.walk(access(), signal, always);
    expect(await stateOf()).toMatchObject({ failure: { code: 'shop_maintenance' }, dueAt: clock.now() + 5 * MINUTE });
    expect(await webhooks.find(feed.shop.id)).toMatchObject({ state: 'failed', failure: { code: 'shop_maintenance' } });
    expect(await lanes.circuit(feed.shop.id)).toMatchObject({ state: 'closed', failure: null });
    await lookAfter.walk(access(), signal, always);
    expect(shop.calls).toHaveLength(1);

    clock.advance(5 * MINUTE);
    shop.beforeCall = () => undefined;
    await lookAfter.walk(access(), signal, always);
    expect(await stateOf()).toMatchObject({ failure: null, loadedAt: clock.now() });
  });

  describe('for somebody who concludes from it', () => {
    const freshen = (youngerThanMs = MINUTE) => refresh.freshen(access(), youngerThanMs, signal);

    it('is refused while it was never complete, without a call', async () => {
      expect(await freshen()).toBe(false);
      shop.products = [1, 2, 3].map((id) => catalogProduct(id));
      let pages = 0;
      await refreshed(() => ++pages < 1);
      shop.calls.length = 0;
      expect(await freshen()).toBe(false);
      expect(shop.calls).toEqual([]);
    });

    it('costs no call while it is fresh, and one walk through the changes when it is not', async () => {
      const { clock, catalog } = stores();
      shop.products = [catalogProduct(1, { modifiedAt: clock.now() })];
      await refreshed();
      shop.calls.length = 0;
      clock.advance(MINUTE - 1);
      expect(await freshen()).toBe(true);
      expect(shop.calls).toEqual([]);
      clock.advance(1);
      shop.products = [...shop.products, catalogProduct(2, { modifiedAt: clock.now() })];
      expect(await freshen()).toBe(true);
      expect(shop.calls).toHaveLength(1);
      expect(await catalog.count(feed.shop.id)).toBe(2);
    });

    it('waits for no full walk that is under way', async () => {
      shop.products = [1, 2, 3].map((id) => catalogProduct(id));
      await refreshed();
      stores().clock.advance(24 * HOUR);
      let pages = 0;
      await refreshed(() => ++pages < 1);
      shop.calls.length = 0;
      expect(await freshen()).toBe(false);
      expect(shop.calls).toEqual([]);
    });

    it('is as old as the begin of its last walk, however long that took', async () => {
      const { clock } = stores();
      shop.products = [1, 2, 3].map((id) => catalogProduct(id));
      shop.beforeCall = () => clock.advance(10 * MINUTE);
      await refreshed();
      shop.beforeCall = () => undefined;
      shop.calls.length = 0;
      expect(await freshen()).toBe(true);
      expect(shop.calls).toHaveLength(1);
    });

    it('brings a walk of long ago to its end, and walks once more', async () => {
      const { clock, catalog } = stores();
      const changedAt = clock.now();
      shop.products = [1, 2, 3].map((id) => catalogProduct(id, { modifiedAt: changedAt }));
      await refreshed();
      clock.advance(HOUR);
      let pages = 0;
      await refreshed(() => ++pages < 1);
      clock.advance(HOUR);
      shop.calls.length = 0;
      // Passed by already when it changed.
      shop.products = shop.products.map((each) =>
        each.ref.productId === 1 ? catalogProduct(1, { name: 'New', modifiedAt: clock.now() }) : each,
      );
      expect(await freshen()).toBe(true);
      expect(shop.calls.map((call) => call.split(' from ')[1])).toEqual(['2', 'the begin']);
      expect((await catalog.findByNames(feed.shop.id, ['New'])).get('New')).toHaveLength(1);
    });
  });

  describe('awakens what was not found', () => {
    beforeEach(async () => {
      await refreshed();
      stores().clock.advance(1);
    });
    const appear = async (changes: Parameters<typeof catalogProduct>[1]): Promise<void> => {
      const { clock } = stores();
      shop.products = [
        ...shop.products,
        catalogProduct(50 + shop.products.length, { modifiedAt: clock.now(), ...changes }),
      ];
      await later(HOUR);
    };

    it('when a product with its code appears, whatever the case', async () => {
      await leave([
        { code: 'tea-1', quantity: 1 },
        { code: 'TEA-2', quantity: 1 },
      ]);
      await appear({ sku: 'TEA-1' });
      expect([await dueOf('tea-1'), await dueOf('TEA-2')]).toEqual(['due', 'not due: unmatched']);
    });

    it('when a product with its barcode appears, however it is spelt and whatever its code', async () => {
      await leave([{ code: 'X-1', barcode: '4006381333931', quantity: 1 }]);
      await appear({ sku: 'Y', gtin: '04006381333931' });
      expect(await dueOf('X-1')).toBe('due');
    });

    it('when a product with its code as barcode appears, or with its name', async () => {
      await leave([
        { code: '4006381333931', quantity: 1 },
        { code: 'X-2', name: 'Ceai verde', quantity: 1 },
      ]);
      await appear({ sku: 'Y', gtin: '4006381333931' });
      expect([await dueOf('4006381333931'), await dueOf('X-2')]).toEqual(['due', 'not due: unmatched']);
      await appear({ sku: 'Z', name: 'Ceai verde' });
      expect(await dueOf('X-2')).toBe('due');
    });

    it('when a product that was known gets its code', async () => {
      await appear({ sku: 'OLD' });
      await leave([{ code: 'NEW', quantity: 1 }]);
      shop.products = shop.products.map((each) => ({ ...each, sku: 'NEW', modifiedAt: stores().clock.now() }));
      await later(HOUR);
      expect(await dueOf('NEW')).toBe('due');
    });

    it('when the shop shows in passing that a product has its code now', async () => {
      await appear({ sku: 'OLD' });
      await leave([{ code: 'NEW', quantity: 1 }]);
      await refresh.keepSeen(feed.shop.id, [catalogProduct(50, { sku: 'NEW' })]);
      expect(await dueOf('NEW')).toBe('due');
    });

    it('but not where the connection leaves errors to a person', async () => {
      await prepare({ holdErrors: true });
      await refreshed();
      await leave([{ code: 'TEA-1', quantity: 1 }]);
      await appear({ sku: 'TEA-1' });
      expect(await dueOf('TEA-1')).toBe('not due: unmatched');
      await later(24 * HOUR);
      expect(await dueOf('TEA-1')).toBe('not due: unmatched');
    });

    it('and all of it once a day, after the full walk', async () => {
      await leave([
        { code: 'NOWHERE', quantity: 1 },
        { code: 'TWO', quantity: 1 },
      ]);
      await later(HOUR);
      expect(await dueOf('NOWHERE')).toBe('not due: unmatched');
      await later(23 * HOUR);
      expect([await dueOf('NOWHERE'), await dueOf('TWO')]).toEqual(['due', 'due']);
      expect((await stores().items.counts({ connectionId: feed.connection.id, text: null })).due).toBe(2);
    });

    it('but nothing while it is filled for the first time', async () => {
      await prepare();
      await leave([{ code: 'SKU-1', quantity: 1 }]);
      shop.products = [1, 2, 3].map((id) => catalogProduct(id));
      let pages = 0;
      await refreshed(() => ++pages < 1);
      expect(await dueOf('SKU-1')).toBe('not due: unmatched');
    });
  });

  describe('has items look anew', () => {
    const link = async (code: string, changes: Parameters<typeof productLink>[1] = {}, id = 1): Promise<void> => {
      await leave([{ code, quantity: 1 }], {});
      const { id: itemId } = await itemOf(stores(), feed, code);
      const { clock, items } = stores();
      await items.setLink(itemId, productLink(id, { provenAt: clock.now(), ...changes }), clock.now());
    };
    const distrusted = async (code: string) => (await itemOf(stores(), feed, code)).link?.provenAt === 0;

    it('whose product is another now, and leaves the others alone', async () => {
      shop.products = [1, 2].map((id) => catalogProduct(id));
      await refreshed();
      await link('A');
      await link('B', {}, 2);
      stores().clock.advance(1);
      const [first, ...rest] = shop.products;
      if (!first) throw new Error('There is a first');
      shop.products = [{ ...first, sku: 'OTHER', modifiedAt: stores().clock.now() }, ...rest];
      await later(HOUR);
      expect([await distrusted('A'), await distrusted('B')]).toEqual([true, false]);
      expect([await dueOf('A'), await dueOf('B')]).toEqual(['due', 'not due: synced']);
    });

    it('whose product is gone, without haste', async () => {
      shop.products = [1, 2].map((id) => catalogProduct(id));
      await refreshed();
      await link('A');
      shop.products = shop.products.slice(1);
      await later(24 * HOUR);
      expect(await distrusted('A')).toBe(true);
      const lease = await laneOf(stores(), feed.shop.id);
      expect((await claim(stores(), lease)).map(({ priority }) => priority)).toEqual([PRIORITY.bulk]);
      await stores().lanes.release(lease);
    });

    it('one of whose translations is another now', async () => {
      shop.products = [1, 2].map((id) => catalogProduct(id));
      await refreshed();
      await link('A', { twins: [ref(2)] });
      stores().clock.advance(1);
      shop.products = shop.products.map((each) =>
        each.ref.productId === 2 ? { ...each, status: 'draft', modifiedAt: stores().clock.now() } : each,
      );
      await later(HOUR);
      expect(await distrusted('A')).toBe(true);
    });

    it('whose product came back from the trash', async () => {
      await refreshed();
      await link('A');
      expect(await later(HOUR)).toHaveLength(1);
      expect(await distrusted('A')).toBe(false);
      shop.products = [catalogProduct(1, { modifiedAt: stores().clock.now() })];
      await later(HOUR);
      expect([await distrusted('A'), await dueOf('A')]).toEqual([true, 'due']);
    });

    it('whose number the rules make otherwise now: by backorders or categories', async () => {
      shop.products = [1, 2].map((id) => catalogProduct(id));
      await refreshed();
      await link('A');
      await link('B', {}, 2);
      stores().clock.advance(1);
      shop.products = [
        catalogProduct(1, { backorders: true, modifiedAt: stores().clock.now() }),
        catalogProduct(2, { categories: [{ id: 4, name: 'Teas' }], modifiedAt: stores().clock.now() }),
      ];
      await later(HOUR);
      expect([await dueOf('A'), await dueOf('B')]).toEqual(['due', 'due']);
    });

    it('in its own shop alone', async () => {
      const other = await shopIn(stores());
      shop.products = [catalogProduct(1)];
      await refreshed();
      await link('A');
      await stores().items.distrustLinks(other.id, [ref(1)], stores().clock.now());
      expect(await distrusted('A')).toBe(false);
    });
  });
});
