import { DeliverSyncItems } from '../application/deliver-sync-items';
import { ExplainDifferences } from '../application/explain-differences';
import { GuardCircuit } from '../application/guard-circuit';
import { KeepOrderLedger } from '../application/keep-order-ledger';
import { LookAfterShop } from '../application/look-after-shop';
import { LookAtRest } from '../application/look-at-rest';
import { ReceiveWebhook } from '../application/receive-webhook';
import { RefreshCatalogue } from '../application/refresh-catalogue';
import { TestShop } from '../application/test-shop';
import { UndoStockSwitches } from '../application/undo-stock-switches';
import { WatchWebhooks } from '../application/watch-webhooks';
import type { RunSignal } from '../domain/ports/run-signal';
import { SyncWorker } from '../queue/sync-worker';
import { randomTokens } from '../security/random-tokens';
import type { BridgeSide } from './bridge-side';
import type { Ground } from './ground';

export type ShopSide = ReturnType<typeof composeShopSide>;

/** What shops are told, and what they tell of themselves. */
export function composeShopSide(
  { settings, clock, log, metrics, stores, outside, dispatcher, workerName, notices }: Ground,
  runSignal: RunSignal,
  { watchBridge, checkBridge }: BridgeSide,
) {
  const { unit, shops, lanes, connections, items, catalog, mappings, switches, webhookStore, runs, ledger } = stores;
  const { target, webhooks, catalogue, orders } = outside;
  const circuit = new GuardCircuit({ unit, lanes, notifications: notices.tellPeople, clock, chance: Math.random });
  const testShop = new TestShop({ shops, target, catalog, circuit, checkBridge, laneSignal: dispatcher, clock });
  const keepOrders = new KeepOrderLedger({ unit, ledger, orders, connections, items, clock });
  const receiveWebhook = new ReceiveWebhook({
    unit,
    webhooks,
    store: webhookStore,
    catalog,
    items,
    orders: keepOrders,
    laneSignal: dispatcher,
    clock,
  });
  const refresh = new RefreshCatalogue({ unit, items, catalogue, store: catalog, runs, runSignal, clock });
  const lookAfterShop = new LookAfterShop({
    refresh,
    watchBridge,
    webhooks: new WatchWebhooks({
      webhooks,
      store: webhookStore,
      connections,
      tokens: randomTokens,
      clock,
      publicUrl: settings.publicUrl,
    }),
    undo: new UndoStockSwitches({ unit, switches, items, target, clock }),
    lookAtRest: new LookAtRest({ runs, items, target, runSignal, clock }),
    explain: new ExplainDifferences({ runs, items, orders, runSignal, clock }),
    orders: keepOrders,
    catalog,
    switches,
    clock,
  });
  const worker = new SyncWorker(workerName, {
    dispatcher,
    lanes,
    items,
    shops,
    connections,
    circuit,
    deliver: new DeliverSyncItems({ target, items, mappings, catalog, refresh, orders: keepOrders, ledger, clock }),
    target,
    lookAfterShop,
    runs,
    runSignal,
    clock,
    chance: Math.random,
    onDelivery: (report) => {
      for (const [outcome, count] of Object.entries(report.outcomes)) metrics.outcomes.inc({ outcome }, count);
      log.info({ event: 'delivery', ...report }, 'delivery');
    },
    onLaneFailed: (shopId, error) => log.error({ event: 'lane_failed', shopId, err: error }, 'a lane failed'),
  });
  return { testShop, receiveWebhook, worker };
}
