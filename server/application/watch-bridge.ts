import { BRIDGE_WATCHED_EVERY_MS } from '../domain/bridge-way';
import { FailureError } from '../domain/failure';
import type { BridgePairing, BridgePairingStore } from '../domain/ports/bridge-pairings';
import type { Clock } from '../domain/ports/clock';
import type { BridgeGuard, ShopBridge } from '../domain/ports/shop-bridge';
import type { ShopAccess } from '../domain/ports/shop-target';
import type { TakeStockEvents } from './take-stock-events';

export interface WatchBridgePorts {
  readonly pairings: Pick<BridgePairingStore, 'find' | 'keepStatus' | 'noteWatched'>;
  readonly bridge: Pick<ShopBridge, 'status' | 'events'>;
  readonly guard: BridgeGuard;
  readonly takeStockEvents: TakeStockEvents;
  readonly clock: Clock;
}

/** Learns how a shop's plugin is, and fetches the events it could not tell us by itself. One that is away is tried again. */
export class WatchBridge {
  constructor(private readonly ports: WatchBridgePorts) {}

  async watch(access: ShopAccess, signal: AbortSignal): Promise<void> {
    const { pairings, guard, clock } = this.ports;
    const { shopId } = access;
    if ((await guard.atHand(shopId)) === null) return;
    const pairing = await pairings.find(shopId);
    const age = clock.now() - (pairing?.watchedAt ?? 0);
    if (pairing?.pairingId == null || (age >= 0 && age < BRIDGE_WATCHED_EVERY_MS)) return;
    try {
      await this.learn(access, { ...pairing, pairingId: pairing.pairingId }, signal);
    } catch (thrown) {
      // Nothing waits for it; why it failed is kept with the pairing.
      if (!(thrown instanceof FailureError)) throw thrown;
    }
  }

  private async learn(
    access: ShopAccess,
    pairing: BridgePairing & { readonly pairingId: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { pairings, bridge, guard, takeStockEvents, clock } = this.ports;
    const { shopId } = access;
    const status = await guard.cross(access, signal, (link) => bridge.status(access, link, signal));
    await pairings.keepStatus(shopId, status, clock.now());
    await pairings.noteWatched(shopId, clock.now());
    for (let after: number | null = status.events.pending > 0 ? pairing.eventsSeq : null; after !== null;) {
      const from: number = after;
      const page = await guard.cross(access, signal, (link) => bridge.events(access, link, from, signal));
      const known = { ...pairing, status, eventsSeq: from };
      const taken = await takeStockEvents.take(known, page);
      // Asked for once more, so that the plugin knows that they are on disk.
      after = taken > from ? taken : null;
    }
  }
}
