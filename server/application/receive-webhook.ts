import type { CatalogStore } from '../domain/ports/catalog';
import type { Clock } from '../domain/ports/clock';
import type { LaneSignal } from '../domain/ports/lane-signal';
import type { ShopWebhooks, WebhookCall } from '../domain/ports/shop-webhooks';
import type { SyncItemStore } from '../domain/ports/sync-items';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import type { WebhookStore } from '../domain/ports/webhook-store';
import { Refusal } from '../domain/refusal';
import type { KeepOrderLedger } from './keep-order-ledger';

export interface ReceiveWebhookPorts {
  readonly unit: UnitOfWork;
  readonly webhooks: Pick<ShopWebhooks, 'read'>;
  readonly store: WebhookStore;
  readonly catalog: CatalogStore;
  readonly items: Pick<SyncItemStore, 'distrustLinks' | 'awaken' | 'shopsWithDueItems'>;
  readonly orders: Pick<KeepOrderLedger, 'hear' | 'hearGone' | 'keysOf'>;
  readonly laneSignal: LaneSignal;
  readonly clock: Clock;
}

/** What a shop tells of its own accord: the mirror learns it, and items it may concern are looked at. */
export class ReceiveWebhook {
  constructor(private readonly ports: ReceiveWebhookPorts) {}

  async receive(hookKey: string, call: WebhookCall): Promise<{ readonly shopId: number; readonly news: string }> {
    const { store, webhooks, clock } = this.ports;
    const hook = await store.findByKey(hookKey);
    if (!hook) throw new Refusal('not_found', 'There is nothing at this address.');
    const { shopId } = hook;
    const news = webhooks.read(call, hook.secret, await this.ports.orders.keysOf(shopId));
    switch (news.kind) {
      case 'forged':
        throw new Refusal('not_authenticated', 'The signature does not fit.');
      case 'ping':
      case 'other':
        break;
      case 'unreadable':
        // Answered well: a shop that meets errors disables the webhook, and the walk tells what this one did not.
        await this.ports.catalog.request(shopId, 'changes', clock.now());
        break;
      case 'order':
        if ((await this.ports.orders.hear(shopId, news.order, 'webhook')) > 0) this.ports.laneSignal.announce([shopId]);
        break;
      case 'order_gone':
        await this.ports.orders.hearGone(shopId, news.orderId);
        break;
      case 'changed':
      case 'deleted':
        await this.keep(shopId, news);
    }
    if (news.kind !== 'ping') await store.recordReceipt(shopId, clock.now());
    return { shopId, news: news.kind };
  }

  private async keep(
    shopId: number,
    news: Extract<ReturnType<ShopWebhooks['read']>, { kind: 'changed' | 'deleted' }>,
  ): Promise<void> {
    const { unit, catalog, items, laneSignal, clock } = this.ports;
    const now = clock.now();
    const due = await unit.run(async () => {
      if (news.kind === 'deleted') return items.distrustLinks(shopId, await catalog.keepDeleted(shopId, news.id), now);
      const { changed, appeared } = await catalog.keepChanged(shopId, news.product, now);
      // What comes back, from the trash say, may be what an item was linked to all the time.
      const refs = [...changed, ...appeared.map(({ ref }) => ref)];
      return (await items.distrustLinks(shopId, refs, now)) + (await items.awaken(shopId, appeared, now));
    });
    if (due > 0) laneSignal.announce([shopId]);
  }
}
