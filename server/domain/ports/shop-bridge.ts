import type { Quantity } from '../quantity';
import type { BridgePairing } from './bridge-pairings';
import type { ShopAccess } from './shop-target';

/** What it takes to speak to the plugin of a paired shop. Held in the clear here: never logged or stored from here. */
export interface BridgeLink {
  readonly pairingId: string;
  readonly secret: string;
}

/** What the plugin says to anybody. */
export interface BridgeHello {
  readonly version: string;
  readonly api: number;
  readonly paired: boolean;
  readonly woocommerce: boolean;
}

export interface BridgeVersions {
  readonly plugin: string;
  readonly wordpress: string;
  readonly woocommerce: string | null;
  readonly php: string;
}

export interface BridgeSite {
  readonly name: string;
  readonly url: string;
  readonly version: BridgeVersions;
}

/** The WordPress user as whom the plugin carries out our calls. */
export interface BridgeUser {
  readonly id: number;
  readonly email: string;
  readonly displayName: string;
}

/** waiting: nobody has typed the code yet. */
export type PairingAnswer =
  | { readonly state: 'paired'; readonly site: BridgeSite; readonly user: BridgeUser }
  | { readonly state: 'waiting' | 'wrong_code' | 'expired' };

/** Why the plugin goes the slow way, as it says: its own code and words. */
export interface SlowReason {
  readonly code: string;
  readonly detail: string;
}

export interface BridgeStatus {
  readonly api: number;
  readonly versions: BridgeVersions;
  /** The most items in one call. */
  readonly items: number;
  readonly slowBecause: readonly SlowReason[];
  readonly events: { readonly pending: number; readonly oldest: string | null; readonly lastError: string | null };
  readonly door: {
    readonly enabled: boolean;
    readonly blockedBy: string | null;
    readonly authorizationReaches: string;
  };
  /** How far the shop's clock is ahead of ours. */
  readonly clockDifferenceMs: number;
}

/** Why the number of a product changed in the shop, as the plugin saw it. */
export const STOCK_EVENT_CAUSES = ['order', 'order_restored', 'refund', 'edit', 'relay', 'import', 'other'] as const;
export type StockEventCause = (typeof STOCK_EVENT_CAUSES)[number];

export interface StockEvent {
  /** Counted by the plugin; the same number is the same event. */
  readonly seq: number;
  readonly productId: number;
  /** 0 = it is no variation. */
  readonly parentId: number;
  /** Whose number it is. */
  readonly stockId: number;
  readonly before: Quantity | null;
  readonly after: Quantity | null;
  readonly cause: StockEventCause;
  readonly orderId: number | null;
  readonly orderNumber: string | null;
  readonly by: string;
  readonly plugin: string | null;
  readonly at: number;
}

export interface StockEvents {
  readonly events: readonly StockEvent[];
  /** The plugin had more to tell than it could keep. */
  readonly gap: boolean;
}

/** The plugin of a shop, over its signed routes. Every method throws a FailureError of the closed list. */
export interface ShopBridge {
  /** Null where the shop has no such plugin. */
  hello(access: ShopAccess, signal: AbortSignal): Promise<BridgeHello | null>;
  pair(
    access: ShopAccess,
    offer: BridgeLink & {
      readonly code: string;
      readonly service: { readonly name: string; readonly url: string | null };
    },
    signal: AbortSignal,
  ): Promise<PairingAnswer>;
  status(access: ShopAccess, link: BridgeLink, signal: AbortSignal): Promise<BridgeStatus>;
  rotate(access: ShopAccess, link: BridgeLink, newSecret: string, signal: AbortSignal): Promise<void>;
  unpair(access: ShopAccess, link: BridgeLink, signal: AbortSignal): Promise<void>;
  /** Events after `after`; the plugin forgets those up to there. */
  events(
    access: ShopAccess,
    link: BridgeLink,
    after: number,
    signal: AbortSignal,
  ): Promise<StockEvents & { readonly next: number | null }>;
}

/** Who lets calls through a shop's plugin, and keeps in mind when it is away. */
export interface BridgeGuard {
  /** What is known of the plugin while calls may go through it; null = not paired, or away. */
  atHand(shopId: number): Promise<Pick<BridgePairing, 'pairingId' | 'status'> | null>;
  /** Carries out a call. What it throws is kept as the reason why the plugin is away. */
  cross<Answer>(access: ShopAccess, signal: AbortSignal, call: (link: BridgeLink) => Promise<Answer>): Promise<Answer>;
}

/** A call of the plugin to us, as it came in. */
export interface BridgeCallIn {
  readonly method: string;
  /** What follows our own address. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** What a call carries that says whose it is; null where any of it is missing or misspelt. */
export interface BridgeProof {
  readonly pairingId: string;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly nonce: string;
  /** Whether it was signed with this secret. */
  readonly isSignedWith: (secret: string) => boolean;
}

/** How the plugin proves itself, and what it says. */
export interface BridgeSpeech {
  proofOf(call: BridgeCallIn): BridgeProof | null;
  proofOfSignIn(
    form: Readonly<Record<string, unknown>>,
  ): (BridgeProof & { readonly user: number; readonly email: string }) | null;
  /** Throws a Refusal that names the fields at fault. */
  readEvents(body: Uint8Array): StockEvents;
  /** 256 bits in the spelling of a pairing's secret. */
  newSecret(): string;
  newPairingId(): string;
  /** Twelve characters that cannot be mistaken for one another. */
  newCode(): string;
}
