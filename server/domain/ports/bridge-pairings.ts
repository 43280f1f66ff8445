import type { BridgeWay } from '../bridge-way';
import type { Failure } from '../failure';
import type { BridgeLink, BridgeSite, BridgeStatus, BridgeUser, StockEvent } from './shop-bridge';

/** A shop's plugin as we know it, without its secrets. */
export interface BridgePairing {
  readonly shopId: number;
  /** Null = not paired. */
  readonly pairingId: string | null;
  readonly pairedAt: number | null;
  readonly shopUser: BridgeUser | null;
  /** Whose account here that WordPress user is: who began the pairing. */
  readonly userId: number | null;
  readonly site: BridgeSite | null;
  /** Until when a code that was given out may still be typed in the shop; null = none. */
  readonly codeExpiresAt: number | null;
  readonly rotating: boolean;
  readonly status: BridgeStatus | null;
  readonly statusAt: number | null;
  readonly way: BridgeWay;
  readonly lastFailure: Failure | null;
  readonly lastFailureAt: number | null;
  /** When the plugin last answered a signed call, and last made one. */
  readonly answeredAt: number | null;
  readonly calledAt: number | null;
  /** When we last asked it how it is. */
  readonly watchedAt: number | null;
  /** The last event that is on disk. */
  readonly eventsSeq: number;
}

/** A pairing that waits for its code to be typed in the shop. */
export interface PendingPairing extends BridgeLink {
  readonly codeHash: string;
  readonly expiresAt: number;
  readonly userId: number | null;
}

/** Both secrets count while the shop is being given a new one. */
export interface PairingSecrets extends BridgeLink {
  readonly nextSecret: string | null;
}

export interface BridgePairingStore {
  find(shopId: number): Promise<BridgePairing | null>;
  findByPairing(pairingId: string): Promise<BridgePairing | null>;
  /** Null where the shop is not paired. */
  secretsOf(shopId: number): Promise<PairingSecrets | null>;
  pending(shopId: number): Promise<PendingPairing | null>;
  offer(shopId: number, pending: PendingPairing): Promise<void>;
  /** The pending pairing becomes the shop's; an older one is forgotten with all that was known of it. */
  complete(
    shopId: number,
    pairing: { readonly site: BridgeSite; readonly user: BridgeUser },
    at: number,
  ): Promise<void>;
  offerSecret(shopId: number, next: string): Promise<void>;
  /** The shop uses the new secret: the former counts no longer. */
  takeNextSecret(shopId: number): Promise<void>;
  /** False when it was not paired. */
  unpair(shopId: number, pairingId: string): Promise<boolean>;
  keepStatus(shopId: number, status: BridgeStatus, at: number): Promise<void>;
  keepWay(shopId: number, way: BridgeWay, at: number): Promise<void>;
  noteAnswered(shopId: number, at: number): Promise<void>;
  noteCalled(shopId: number, at: number): Promise<void>;
  noteWatched(shopId: number, at: number): Promise<void>;
  /** False when it was used before. */
  takeNonce(pairingId: string, nonce: string, at: number): Promise<boolean>;
  removeNoncesBefore(at: number, limit: number): Promise<number>;
}

export interface StockEventStore {
  /** Those that were not known yet. */
  keep(
    pairing: { readonly shopId: number; readonly pairingId: string },
    events: readonly StockEvent[],
    at: number,
  ): Promise<readonly StockEvent[]>;
  removeBefore(at: number, limit: number): Promise<number>;
}
