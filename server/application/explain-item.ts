import type { Clock } from '../domain/ports/clock';
import type { ConnectionStore } from '../domain/ports/connections';
import type { ShopStore } from '../domain/ports/shops';
import type { SourceStore } from '../domain/ports/sources';
import type { SyncItemStore } from '../domain/ports/sync-items';
import { notFound } from '../domain/refusal';
import { type Finding, whyNotMoving } from '../domain/why-not-moving';

export interface ExplainItemPorts {
  readonly items: Pick<SyncItemStore, 'find' | 'lastPush'>;
  readonly connections: Pick<ConnectionStore, 'find'>;
  readonly shops: Pick<ShopStore, 'find'>;
  readonly sources: Pick<SourceStore, 'find'>;
  readonly clock: Clock;
}

/** Why one product is where it is, from all that is known of it. */
export class ExplainItem {
  constructor(private readonly ports: ExplainItemPorts) {}

  async explain(itemId: number): Promise<readonly Finding[]> {
    const { items, connections, shops, sources, clock } = this.ports;
    const item = await items.find(itemId);
    const connection = item && (await connections.find(item.connectionId));
    const shop = connection && (await shops.find(connection.shopId));
    const source = connection && (await sources.find(connection.sourceId));
    if (!item || !connection || !shop || !source) throw notFound('item');
    const { name, circuit, limits } = shop;
    return whyNotMoving(
      {
        item,
        connection,
        shop: { name, circuit, quietHours: limits.quietHours },
        source,
        lastPush: await items.lastPush(itemId),
      },
      clock.now(),
    );
  }
}
