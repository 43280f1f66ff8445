import { countsOrders } from '../domain/order-rule';
import type { CatalogStore } from '../domain/ports/catalog';
import type { Clock } from '../domain/ports/clock';
import type { Connection, ConnectionDraft, ConnectionStore } from '../domain/ports/connections';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { OrderLedgerStore } from '../domain/ports/order-ledger';
import type { ShopStore } from '../domain/ports/shops';
import type { SourceStore } from '../domain/ports/sources';
import type { StockSwitchStore } from '../domain/ports/stock-switches';
import type { SyncItemStore } from '../domain/ports/sync-items';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import { notFound, Refusal } from '../domain/refusal';
import { PRIORITY } from '../domain/sync-item';
import type { KeepFlows } from './keep-flows';

export interface KeepConnectionPorts {
  readonly connections: ConnectionStore;
  readonly sources: SourceStore;
  readonly shops: ShopStore;
  readonly items: SyncItemStore;
  readonly catalog: Pick<CatalogStore, 'request'>;
  readonly switches: Pick<StockSwitchStore, 'askUndo'>;
  readonly ledger: Pick<OrderLedgerStore, 'knowAll'>;
  readonly flows: Pick<KeepFlows, 'ensure'>;
  readonly unit: UnitOfWork;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

/** Creates and changes connections; whatever changes what the shop must show makes its items due. */
export class KeepConnection {
  constructor(private readonly ports: KeepConnectionPorts) {}

  async create(draft: ConnectionDraft): Promise<Connection> {
    const { connections, sources, shops, clock } = this.ports;
    const errors = [
      ...((await sources.find(draft.sourceId)) ? [] : [{ path: 'sourceId', message: 'there is no such source' }]),
      ...((await shops.find(draft.shopId)) ? [] : [{ path: 'shopId', message: 'there is no such shop' }]),
    ];
    if (errors.length > 0) throw new Refusal('invalid_input', 'The connection cannot be made.', { errors });
    const connection = await connections.create(draft, clock.now());
    if (!connection) throw new Refusal('conflict', 'This source already feeds this shop.');
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
