import type { CatalogProduct } from './shop-catalogue';
import type { ShopOrder } from './shop-orders';
import type { ShopAccess } from './shop-target';

export const WEBHOOK_TOPICS = ['product.created', 'product.updated', 'product.deleted', 'product.restored'] as const;

/** Asked for where web orders are counted. */
export const ORDER_TOPICS = ['order.created', 'order.updated', 'order.deleted', 'order.restored'] as const;

export type WebhookTopic = (typeof WEBHOOK_TOPICS)[number] | (typeof ORDER_TOPICS)[number];

/** A webhook as the shop lists it. */
export interface ShopWebhook {
  readonly id: number;
  readonly topic: string;
  readonly deliveryUrl: string;
  /** The shop itself disables one after several failed deliveries, without a word to anybody. */
  readonly active: boolean;
}

/** One received call, untouched. Header names in lower case. */
export interface WebhookCall {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

export type WebhookNews =
  /** The shop tries the address out; it signs nothing then. */
  | { readonly kind: 'ping' }
  /** Not signed by who knows the secret. */
  | { readonly kind: 'forged' }
  /** Signed, and nothing that can be understood. */
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'order'; readonly order: ShopOrder }
  /** In the trash or gone; what it took stays taken. */
  | { readonly kind: 'order_gone'; readonly orderId: number }
  /** A signed topic that says nothing of products or orders. */
  | { readonly kind: 'other' }
  | { readonly kind: 'changed'; readonly product: CatalogProduct }
  /** Moved to the trash; a variation comes with its own id. Of what is deleted for good the shop tells nothing. */
  | { readonly kind: 'deleted'; readonly id: number };

/** The webhooks of a shop: set up and watched by us, and read when they come in. */
export interface ShopWebhooks {
  list(access: ShopAccess, signal: AbortSignal): Promise<readonly ShopWebhook[]>;
  create(
    access: ShopAccess,
    webhook: {
      readonly name: string;
      readonly topic: WebhookTopic;
      readonly deliveryUrl: string;
      readonly secret: string;
    },
    signal: AbortSignal,
  ): Promise<ShopWebhook>;
  /** Sets one that the shop has disabled active again. */
  revive(access: ShopAccess, id: number, signal: AbortSignal): Promise<ShopWebhook>;
  remove(access: ShopAccess, id: number, signal: AbortSignal): Promise<void>;
  /** Pure: judges and reads one received call; of an order, which of these keys it bears. */
  read(call: WebhookCall, secret: string, orderKeys?: readonly string[]): WebhookNews;
}
