import type { Clock } from '../domain/ports/clock';
import type { ConnectionStore } from '../domain/ports/connections';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { OrderLedgerStore } from '../domain/ports/order-ledger';
import type { LedgerOrder } from '../domain/ports/order-views';
import type { SyncItemStore } from '../domain/ports/sync-items';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import { notFound, Refusal } from '../domain/refusal';
import { PRIORITY } from '../domain/sync-item';
import { itemsOf } from './release-orders';

export interface AcknowledgeOrderPorts {
  readonly unit: UnitOfWork;
  readonly ledger: Pick<OrderLedgerStore, 'withOrderId' | 'waitForTurn' | 'openLinesOf' | 'release' | 'find'>;
  readonly connections: Pick<ConnectionStore, 'find'>;
  readonly items: Pick<SyncItemStore, 'linkedTo' | 'lookAnew'>;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

const HEARD_OF_WITHIN_SECONDS = 60;

const noSuchConnection = (): Refusal =>
  new Refusal('invalid_input', 'Nothing was marked: the connection has nothing to do with this order.', {
    errors: [{ path: 'connectionId', message: 'there is no such connection of this shop' }],
  });

const notHeardOf = (orderId: number): Refusal =>
  new Refusal(
    'not_found',
    `Order ${orderId} was not heard of yet. Try again in a minute, and send the shop’s order id, not its number.`,
    { retryAfterSeconds: HEARD_OF_WITHIN_SECONDS },
  );

/** Somebody says that a source knows a web order: it is no longer taken off what that source says. */
export class AcknowledgeOrder {
  constructor(private readonly ports: AcknowledgeOrderPorts) {}

  /**
   * `orderId` as the shop counts its orders; `connectionId` null = every source that feeds the shop knows it. What the
   * order takes after this, it is unknown for again.
   */
  async acknowledge(
    orderId: number,
    of: { readonly shopId: number | null; readonly connectionId: number | null },
    by: { readonly name: string; readonly isPerson: boolean },
  ): Promise<LedgerOrder> {
    const { unit, ledger, items, laneSignal, clock } = this.ports;
    const order = await this.find(orderId, of);
    await unit.run(async () => {
      await ledger.waitForTurn([order.shopId]);
      const lines = (await ledger.openLinesOf([order.id])).filter(
        ({ connectionId }) => of.connectionId === null || connectionId === of.connectionId,
      );
      await ledger.release(
        lines.map(({ connectionId, id, held }) => ({
          connectionId,
          lineId: id,
          quantity: held,
          reason: by.isPerson ? ('by_hand' as const) : ('acknowledged' as const),
          by: by.name,
        })),
        clock.now(),
      );
      const ids = await itemsOf(
        items,
        order.shopId,
        lines.map(({ ref }) => ref),
      );
      await items.lookAnew(ids, PRIORITY.movement, clock.now());
    });
    laneSignal.announce([order.shopId]);
    const after = await ledger.find(order.id);
    if (!after) throw notFound('order');
    return after;
  }

  /** A connection says which shop is meant as well. */
  private async find(
    orderId: number,
    { shopId, connectionId }: { readonly shopId: number | null; readonly connectionId: number | null },
  ): Promise<LedgerOrder> {
    const { ledger, connections } = this.ports;
    const connection = connectionId === null ? null : await connections.find(connectionId);
    if (connectionId !== null && connection === null) throw noSuchConnection();
    const known = (await ledger.withOrderId(orderId)).filter((each) => shopId === null || each.shopId === shopId);
    if (known.length === 0) throw notHeardOf(orderId);
    const [order, another] = known.filter((each) => connection === null || each.shopId === connection.shopId);
    if (!order) throw noSuchConnection();
    if (another) {
      throw new Refusal('invalid_input', 'Several shops have an order of this number.', {
        errors: [{ path: 'shopId', message: 'say which shop is meant' }],
      });
    }
    return order;
  }
}
