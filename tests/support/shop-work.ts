import type { CountOrdersPorts } from '../../server/application/count-orders';
import { DeliverSyncItems } from '../../server/application/deliver-sync-items';
import { ExplainDifferences } from '../../server/application/explain-differences';
import { KeepOrderLedger } from '../../server/application/keep-order-ledger';
import { LookAfterShop } from '../../server/application/look-after-shop';
import { LookAtRest } from '../../server/application/look-at-rest';
import { RefreshCatalogue } from '../../server/application/refresh-catalogue';
import { UndoStockSwitches } from '../../server/application/undo-stock-switches';
import { WatchWebhooks } from '../../server/application/watch-webhooks';
import type { RunSignal } from '../../server/domain/ports/run-signal';
import type { ShopCatalogue } from '../../server/domain/ports/shop-catalogue';
import type { ShopOrders } from '../../server/domain/ports/shop-orders';
import type { ShopWebhooks } from '../../server/domain/ports/shop-webhooks';
import type { ShopCheck, ShopTarget } from '../../server/domain/ports/shop-target';
import type { SyncItemStore } from '../../server/domain/ports/sync-items';
import type { Clock } from '../../server/domain/ports/clock';
import { randomTokens } from '../../server/security/random-tokens';
import type { FakeShop } from './fake-shop';
import type { Stores } from './test-stores';

/** Deliveries where nothing is mirrored and nothing mapped: the shop itself is asked. */
export const deliveryTo = (
  target: ShopTarget,
  items: Pick<SyncItemStore, 'linkedTo'> & Partial<Pick<SyncItemStore, 'doubtUntil'>>,
  clock: Clock,
  counting: CountOrdersPorts = {
    orders: { read: () => Promise.reject(new Error('No orders are counted in this test')) },
    ledger: {
      openLines: () => Promise.reject(new Error('No orders are counted in this test')),
      askRead: () => Promise.reject(new Error('No orders are counted in this test')),
      sales: () => Promise.reject(new Error('No orders are counted in this test')),
    },
  },
): DeliverSyncItems =>
  new DeliverSyncItems({
    target,
    items: { doubtUntil: () => Promise.resolve(), ...items },
    mappings: { find: () => Promise.resolve(new Map()) },
    catalog: {
      find: () => Promise.resolve([]),
      findByCodes: () => Promise.reject(new Error('There is no mirror in this test')),
      findByBarcodes: () => Promise.reject(new Error('There is no mirror in this test')),
      findByNames: () => Promise.reject(new Error('There is no mirror in this test')),
    },
    refresh: { freshen: () => Promise.resolve(false) },
    ...counting,
    clock,
  });

/** The fake shop's products as one page; what is asked here is not among its calls. */
export const catalogueOf = (shop: FakeShop): ShopCatalogue => {
  const list: ShopCatalogue['list'] = () => {
    const products = shop
      .products()
      .flatMap((product) => (product.status === 'trash' ? [] : [{ ...product, categories: [], modifiedAt: null }]));
    return Promise.resolve({ products, next: null, done: products.length, total: products.length, shopTime: null });
  };
  return { list, listChanged: (access, _since, cursor, signal) => list(access, cursor, signal) };
};

/** A shop nobody orders in. */
export const noOrders: ShopOrders = {
  salesSince: () => Promise.resolve({ sales: [], complete: true }),
  changedSince: () => Promise.resolve({ orders: [], complete: true, shopTime: 0 }),
};

const noWebhooks = (): ShopWebhooks => {
  const refuse = () => Promise.reject(new Error('There are no webhooks in this test'));
  return { list: refuse, create: refuse, revive: refuse, remove: refuse, read: () => ({ kind: 'forged' }) };
};

/** Everything a lane does at a shop, over the real stores. */
/** Who looks at the runs does so by itself. */
export const noRunSignal: RunSignal = { announce: () => undefined };

export const noBridgeCheck = {
  check: (): Promise<ShopCheck> =>
    Promise.resolve({ id: 'bridge', ok: true, severity: 'info', code: 'absent', params: {} }),
};

/** A shop without our plugin. */
export const noBridge = { watch: () => Promise.resolve() };

export function shopWork(
  stores: Stores,
  shop: FakeShop,
  {
    catalogue = catalogueOf(shop),
    webhooks = noWebhooks(),
    publicUrl = null,
    orders = noOrders,
  }: {
    readonly catalogue?: ShopCatalogue;
    readonly webhooks?: ShopWebhooks;
    readonly publicUrl?: string | null;
    readonly orders?: ShopOrders;
  } = {},
) {
  const { unit, items, catalog, mappings, switches, runs, ledger, connections, clock } = stores;
  const keepOrders = new KeepOrderLedger({ unit, ledger, orders, connections, items, clock });
  const refresh = new RefreshCatalogue({ unit, items, catalogue, store: catalog, runs, runSignal: noRunSignal, clock });
  return {
    refresh,
    keepOrders,
    deliver: new DeliverSyncItems({
      target: shop,
      items,
      mappings,
      catalog,
      refresh,
      orders: keepOrders,
      ledger,
      clock,
    }),
    lookAfterShop: new LookAfterShop({
      refresh,
      watchBridge: noBridge,
      webhooks: new WatchWebhooks({
        webhooks,
        store: stores.webhooks,
        connections: stores.connections,
        tokens: randomTokens,
        clock,
        publicUrl,
      }),
      lookAtRest: new LookAtRest({ runs, items, target: shop, runSignal: noRunSignal, clock }),
      explain: new ExplainDifferences({ runs, items, orders, runSignal: noRunSignal, clock }),
      orders: keepOrders,
      undo: new UndoStockSwitches({ unit, switches, items, target: shop, clock }),
      catalog,
      switches,
      clock,
    }),
  };
}
