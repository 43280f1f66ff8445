import { FailureError } from '../domain/failure';
import { countsOrders } from '../domain/order-rule';
import type { Clock } from '../domain/ports/clock';
import type { ConnectionStore } from '../domain/ports/connections';
import type { ShopAccess } from '../domain/ports/shop-target';
import { ORDER_TOPICS, type ShopWebhooks, WEBHOOK_TOPICS, type WebhookTopic } from '../domain/ports/shop-webhooks';
import type { Tokens } from '../domain/ports/users';
import type { WebhookStore } from '../domain/ports/webhook-store';

export interface WatchWebhooksPorts {
  readonly webhooks: ShopWebhooks;
  readonly store: WebhookStore;
  readonly connections: Pick<ConnectionStore, 'forShop'>;
  readonly tokens: Tokens;
  readonly clock: Clock;
  /** Where shops reach us, without a trailing slash; null = nobody said. */
  readonly publicUrl: string | null;
}

const CHECK_EVERY_MS = 60 * 60_000;
const NAME = 'Stock Relay';

/** The path of the address a shop calls. */
export const hookPath = (hookKey: string): string => `/hooks/woocommerce/${hookKey}`;

/**
 * Sets up the webhooks by which a shop tells of changes, and looks after them: the shop disables one by itself after
 * several failed deliveries, and tells nobody. Nothing depends on them, so a shop that refuses them is only noted.
 */
export class WatchWebhooks {
  constructor(private readonly ports: WatchWebhooksPorts) {}

  async watch(access: ShopAccess, signal: AbortSignal): Promise<void> {
    const { store, tokens, clock, publicUrl } = this.ports;
    const { shopId } = access;
    const known = await store.find(shopId);
    const age = clock.now() - (known?.checkedAt ?? 0);
    if (age >= 0 && age < CHECK_EVERY_MS) return;
    // Test mode changes nothing in the shop, not even this.
    const feeds = await this.ports.connections.forShop(shopId);
    if (!feeds.some(({ mode }) => mode === 'live')) return;
    const hookKey = known?.hookKey ?? tokens.random();
    if (!known) await store.create(shopId, hookKey, tokens.random());
    if (publicUrl === null) {
      await store.record(shopId, { state: 'no_public_address', failure: null, revived: false }, clock.now());
      return;
    }
    try {
      const secret = await store.secretOf(shopId);
      if (secret === null) return;
      const counts = feeds.some(({ orders }) => countsOrders(orders));
      const topics = counts ? [...WEBHOOK_TOPICS, ...ORDER_TOPICS] : WEBHOOK_TOPICS;
      const revived = await this.setRight(access, topics, publicUrl, hookPath(hookKey), secret, signal);
      await store.record(shopId, { state: 'active', failure: null, revived }, clock.now());
    } catch (thrown) {
      if (!(thrown instanceof FailureError)) throw thrown;
      // Cut off by us: that says nothing of the shop.
      if (signal.aborted) return;
      await store.record(shopId, { state: 'failed', failure: thrown.failure, revived: false }, clock.now());
    }
  }

  /** True when the shop had disabled one. */
  private async setRight(
    access: ShopAccess,
    topics: readonly WebhookTopic[],
    publicUrl: string,
    ourPath: string,
    secret: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { webhooks } = this.ports;
    const deliveryUrl = `${publicUrl}${ourPath}`;
    const all = await webhooks.list(access, signal);
    const ours = all.filter((each) => each.deliveryUrl === deliveryUrl);
    let revived = false;
    for (const topic of topics) {
      const [first, ...more] = ours.filter((each) => each.topic === topic);
      if (!first) await webhooks.create(access, { name: `${NAME}: ${topic}`, topic, deliveryUrl, secret }, signal);
      else if (!first.active) {
        await webhooks.revive(access, first.id, signal);
        revived = true;
      }
      for (const each of more) await webhooks.remove(access, each.id, signal);
    }
    for (const each of ours) {
      if (!topics.some((topic) => topic === each.topic)) await webhooks.remove(access, each.id, signal);
    }
    // Ours from when we had another address: they would only fail.
    for (const each of all) {
      const isFormer = each.deliveryUrl !== deliveryUrl && each.deliveryUrl.endsWith(ourPath);
      if (isFormer) await webhooks.remove(access, each.id, signal);
    }
    return revived;
  }
}
