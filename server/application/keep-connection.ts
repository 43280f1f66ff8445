import { countsOrders } from '../domain/order-rule';
import type { CatalogStore } from '../domain/ports/catalog';
import type { Clock } from '../domain/ports/clock';
import type { Connection, ConnectionDraft, ConnectionStore } from '../domain/ports/connections';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { OrderLedgerStore } from '../domain/ports/order-ledger';
import type { ShopStore } from '../domain/ports/shops';
import type { SourceStore } from '../domain/ports/sources';
import type { StockSources } from '../domain/ports/stock-source';
import type { StockSwitchStore } from '../domain/ports/stock-switches';
import type { SyncItemStore } from '../domain/ports/sync-items';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import { notFound, Refusal } from '../domain/refusal';
import { PRIORITY } from '../domain/sync-item';
import type { KeepFlows } from './keep-flows';

export interface KeepConnectionPorts {
  readonly connections: ConnectionStore;
  readonly sources: SourceStore;
  readonly sourceKinds: Pick<StockSources, 'of'>;
  readonly shops: ShopStore;
  readonly items: SyncItemStore;
  readonly catalog: Pick<CatalogStore, 'request'>;
  readonly switches: Pick<StockSwitchStore, 'askUndo'>;
  readonly ledger: Pick<OrderLedgerStore, 'knowAll' | 'doubtOrdersOf'>;
  readonly flows: Pick<KeepFlows, 'ensure'>;
  readonly unit: UnitOfWork;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

/** Creates and changes connections; whatever changes what the shop must show makes its items due. */
export class KeepConnection {
  constructor(private readonly ports: KeepConnectionPorts) {}

  /** A draft that does not say when the source knows of a web order goes by what is usual for its kind. */
  async create(
    draft: Omit<ConnectionDraft, 'orders'> & { readonly orders?: ConnectionDraft['orders'] | undefined },
  ): Promise<Connection> {
    const { connections, sources, sourceKinds, shops, clock } = this.ports;
    const source = await sources.find(draft.sourceId);
    const shop = await shops.find(draft.shopId);
    const errors = [
      ...(source ? [] : [{ path: 'sourceId', message: 'there is no such source' }]),
      ...(shop ? [] : [{ path: 'shopId', message: 'there is no such shop' }]),
    ];
    if (!source || !shop) throw new Refusal('invalid_input', 'The connection cannot be made.', { errors });
    const orders = draft.orders ?? sourceKinds.of(source.kind).orders;
    const connection = await connections.create({ ...draft, orders }, clock.now());
    if (!connection) throw new Refusal('conflict', 'This source already feeds this shop.');
    await this.ports.ledger.doubtOrdersOf(connection.shopId);
    await this.ports.catalog.request(connection.shopId, 'changes', clock.now());
    // What orders took before it counts them, its source knows of.
    await this.ports.ledger.knowAll([connection.id], clock.now());
    await this.ports.flows.ensure([connection]);
    await this.makeDue(connection);
    return connection;
  }

  async change(id: number, patch: Partial<Omit<ConnectionDraft, 'sourceId' | 'shopId'>>): Promise<Connection> {
    const { unit, connections, ledger, clock } = this.ports;
    const changed = await unit.run(async () => {
      const before = await connections.find(id);
      const after = await connections.change(id, patch, clock.now());
      if (before && after && !countsOrders(before.orders)) await ledger.knowAll([id], clock.now());
      return after;
    });
    if (!changed) throw notFound('connection');
    // What was known by the rule before may not be by the new one.
    if (patch.orders) await this.ports.ledger.doubtOrdersOf(changed.shopId);
    await this.makeDue(changed);
    return changed;
  }

  /** Switches stock management off again where this connection switched it on; from now on it only tells. */
  async undoSwitches(id: number): Promise<number> {
    const { unit, connections, switches, laneSignal, clock } = this.ports;
    const found = await connections.find(id);
    if (!found) throw notFound('connection');
    const affected = await unit.run(async () => {
      await connections.change(id, { unmanaged: 'report' }, clock.now());
      return switches.askUndo(id, clock.now());
    });
    laneSignal.announce([found.shopId]);
    return affected;
  }

  private async makeDue(connection: Connection): Promise<void> {
    const { items, laneSignal, clock } = this.ports;
    await items.markAllDue(connection, PRIORITY.manual, clock.now());
    laneSignal.announce([connection.shopId]);
  }
}
