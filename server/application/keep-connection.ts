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
  readonly ledger: Pick<OrderLedgerStore, 'waitForTurn' | 'knowAll' | 'doubtOrdersOf'>;
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
    const { unit, connections, sources, sourceKinds, shops, ledger, catalog, flows, clock } = this.ports;
    const source = await sources.find(draft.sourceId);
    const shop = await shops.find(draft.shopId);
    const errors = [
      ...(source ? [] : [{ path: 'sourceId', message: 'there is no such source' }]),
      ...(shop ? [] : [{ path: 'shopId', message: 'there is no such shop' }]),
    ];
    if (!source || !shop) throw new Refusal('invalid_input', 'The connection cannot be made.', { errors });
    const orders = draft.orders ?? sourceKinds.of(source.kind).orders;
    // Whole or not at all: half made, it would take what orders took before off what its source says.
    const connection = await unit.run(async () => {
      await ledger.waitForTurn([shop.id]);
      const created = await connections.create({ ...draft, orders }, clock.now());
      if (!created) throw new Refusal('conflict', 'This source already feeds this shop.');
      await ledger.doubtOrdersOf(created.shopId);
      await catalog.request(created.shopId, 'changes', clock.now());
      // What orders took before it counts them, its source knows of.
      await ledger.knowAll([created.id], clock.now());
      await flows.ensure([created]);
      return created;
    });
    await this.makeDue(connection);
    return connection;
  }

  async change(id: number, patch: Partial<Omit<ConnectionDraft, 'sourceId' | 'shopId'>>): Promise<Connection> {
    const { unit, connections, ledger, clock } = this.ports;
    const changed = await unit.run(async () => {
      const before = await connections.find(id);
      if (!before) throw notFound('connection');
      await ledger.waitForTurn([before.shopId]);
      const after = await connections.change(id, patch, clock.now());
      if (!after) throw notFound('connection');
      if (!countsOrders(before.orders)) await ledger.knowAll([id], clock.now());
      // What was known by the rule before may not be by the new one.
      if (patch.orders) await ledger.doubtOrdersOf(after.shopId);
      return after;
    });
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

  /** In units of work of its own, as many products as there are: the next check sees to what a kill leaves. */
  private async makeDue(connection: Connection): Promise<void> {
    const { items, laneSignal, clock } = this.ports;
    await items.markAllDue(connection, PRIORITY.manual, clock.now());
    laneSignal.announce([connection.shopId]);
  }
}
