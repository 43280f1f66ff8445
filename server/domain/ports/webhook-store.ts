import type { Failure } from '../failure';

/**
 * - active: the shop tells us of every change
 * - no_public_address: nobody said under which address the shop reaches us
 * - failed: the shop would not let us set them up
 */
export type WebhookState = 'active' | 'no_public_address' | 'failed';

/** How a shop tells us of changes, and how well that works. */
export interface ShopWebhookRecord {
  readonly shopId: number;
  /** The public part of the address the shop calls; unguessable. */
  readonly hookKey: string;
  readonly state: WebhookState;
  readonly failure: Failure | null;
  readonly checkedAt: number | null;
  readonly receivedAt: number | null;
  /** When we last found one that the shop had disabled by itself. */
  readonly revivedAt: number | null;
}

export interface WebhookStore {
  find(shopId: number): Promise<ShopWebhookRecord | null>;
  /** With the secret in the clear. */
  findByKey(hookKey: string): Promise<(ShopWebhookRecord & { readonly secret: string }) | null>;
  secretOf(shopId: number): Promise<string | null>;
  create(shopId: number, hookKey: string, secret: string): Promise<void>;
  record(
    shopId: number,
    found: { readonly state: WebhookState; readonly failure: Failure | null; readonly revived: boolean },
    at: number,
  ): Promise<void>;
  recordReceipt(shopId: number, at: number): Promise<void>;
}
