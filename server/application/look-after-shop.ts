import { FailureError } from '../domain/failure';
import type { CatalogStore } from '../domain/ports/catalog';
import type { Clock } from '../domain/ports/clock';
import type { ShopAccess, ShopProduct } from '../domain/ports/shop-target';
import type { StockSwitchStore } from '../domain/ports/stock-switches';
import type { ExplainDifferences } from './explain-differences';
import type { KeepOrderLedger } from './keep-order-ledger';
import type { LookAtRest } from './look-at-rest';
import type { RefreshCatalogue } from './refresh-catalogue';
import type { UndoStockSwitches } from './undo-stock-switches';
import type { WatchBridge } from './watch-bridge';
import type { WatchWebhooks } from './watch-webhooks';

export interface LookAfterShopPorts {
  readonly refresh: RefreshCatalogue;
  readonly watchBridge: Pick<WatchBridge, 'watch'>;
  readonly webhooks: WatchWebhooks;
  readonly undo: UndoStockSwitches;
  readonly lookAtRest: LookAtRest;
  readonly explain: ExplainDifferences;
  readonly orders: Pick<KeepOrderLedger, 'isDue' | 'read'>;
  readonly catalog: Pick<CatalogStore, 'postpone'>;
  readonly switches: Pick<StockSwitchStore, 'postponeUndo'>;
  readonly clock: Clock;
}

const AFTER_A_FAILURE_MS = 5 * 60_000;

/**
 * Work at a shop that can wait, done by whoever works its lane. What fails here is put off and never opens the circuit:
 * a shop that cannot be listed may well be written to, and a delivery finds out by itself when it cannot.
 */
export class LookAfterShop {
  constructor(private readonly ports: LookAfterShopPorts) {}

  async lookAfter(access: ShopAccess, signal: AbortSignal, mayGoOn: () => boolean): Promise<void> {
    const { watchBridge, undo, lookAtRest, explain, orders, switches, clock } = this.ports;
    const { shopId } = access;
    await unlessItFails(
      signal,
      () => undo.undo(access, signal, mayGoOn),
      () => switches.postponeUndo(shopId, clock.now() + AFTER_A_FAILURE_MS),
    );
    await watchBridge.watch(access, signal);
    if (await orders.isDue(shopId)) {
      // Why they could not be read, and when they are read again, is noted where they are kept.
      await unlessItFails(
        signal,
        () => orders.read(access, signal),
        () => Promise.resolve(),
      );
    }
    await lookAtRest.look(access, signal, mayGoOn);
    await explain.explain(access, signal);
  }

  /** Takes as long as the shop has products, and holds up nothing of what is to be looked after meanwhile. */
  async walk(access: ShopAccess, signal: AbortSignal, mayGoOn: () => boolean): Promise<void> {
    const { refresh, webhooks, catalog, clock } = this.ports;
    const { shopId } = access;
    if (!(await refresh.isDue(shopId))) return;
    await webhooks.watch(access, signal);
    await unlessItFails(
      signal,
      () => refresh.refresh(access, signal, mayGoOn),
      ({ failure }) => catalog.postpone(shopId, failure, clock.now() + AFTER_A_FAILURE_MS),
    );
  }

  /** What the shop showed while it was read or written. */
  keepSeen(shopId: number, seen: readonly ShopProduct[]): Promise<void> {
    return this.ports.refresh.keepSeen(shopId, seen);
  }
}

async function unlessItFails(
  signal: AbortSignal,
  work: () => Promise<void>,
  otherwise: (error: FailureError) => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (!(thrown instanceof FailureError)) throw thrown;
    // Calls that we cut off ourselves say nothing of the shop: the work goes on from where it was.
    if (!signal.aborted) await otherwise(thrown);
  }
}
