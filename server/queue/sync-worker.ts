import type { DeliverSyncItems, Delivery } from '../application/deliver-sync-items';
import { settlementOf } from '../application/settle-sync-items';
import { CLOSED, type Circuit, mayCall, opened } from '../domain/circuit';
import { asFailure, failureKind, FailureError } from '../domain/failure';
import type { Clock } from '../domain/ports/clock';
import type { ConnectionStore } from '../domain/ports/connections';
import type { LaneStore } from '../domain/ports/lanes';
import type { ShopStore } from '../domain/ports/shops';
import type { LaneLease, SyncItemStore } from '../domain/ports/sync-items';
import type { LaneDispatcher } from './lane-dispatcher';

/** How long a lane stays ours without a word from us; a killed worker's lane is taken over after it. */
export const LEASE_MS = 15_000;
const RENEW_EVERY_MS = 5_000;
/** Deliveries of one shop under way at once: two keep a small host busy, more gain nothing there. */
const DELIVERIES_AT_ONCE = 2;
/** Items of one delivery: at most one product batch, so that a fresh movement never waits long. */
const ITEMS_PER_DELIVERY = 100;
/** What is tried on a shop that was out of reach. */
const ITEMS_PER_PROBE = 5;

export interface SyncWorkerPorts {
  readonly dispatcher: LaneDispatcher;
  readonly lanes: LaneStore;
  readonly items: SyncItemStore;
  readonly shops: ShopStore;
  readonly connections: ConnectionStore;
  readonly deliver: DeliverSyncItems;
  readonly clock: Clock;
  /** In [0, 1): spreads retries. */
  readonly chance: () => number;
  readonly onDelivery: (report: DeliveryReport) => void;
  readonly onLaneFailed: (shopId: number, error: unknown) => void;
}

/** One wide record of a delivery. */
export interface DeliveryReport {
  readonly shopId: number;
  readonly items: number;
  readonly settled: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly durationMs: number;
  readonly shopFailure: string | null;
}

/** Works lanes: own → claim → deliver → settle, one lane per shop, whoever holds its lease. */
export class SyncWorker {
  private readonly running = new Map<number, Promise<void>>();
  private readonly askedAgain = new Set<number>();
  private readonly stopping = new AbortController();

  constructor(
    private readonly owner: string,
    private readonly ports: SyncWorkerPorts,
  ) {}

  start(): void {
    this.ports.dispatcher.start((shopId) => this.wake(shopId));
  }

  /** Takes no new work; what is under way is finished until `deadlineMs`, then its calls are cut off. */
  async drain(deadlineMs: number): Promise<void> {
    await this.ports.dispatcher.stop();
    this.stopping.abort();
    const cutOff = new AbortController();
    const lanes = Promise.all(this.running.values());
    await Promise.race([lanes, this.ports.clock.sleep(deadlineMs, cutOff.signal)]);
    cutOff.abort();
    for (const lane of this.cutOffs) lane.abort();
    await lanes;
  }

  private readonly cutOffs = new Set<AbortController>();

  private wake(shopId: number): void {
    if (this.stopping.signal.aborted) return;
    if (this.running.has(shopId)) {
      this.askedAgain.add(shopId);
      return;
    }
    const lane = this.workLane(shopId)
      .catch((error: unknown) => this.ports.onLaneFailed(shopId, error))
      .finally(() => {
        this.running.delete(shopId);
        if (this.askedAgain.delete(shopId)) this.wake(shopId);
      });
    this.running.set(shopId, lane);
  }

  private async workLane(shopId: number): Promise<void> {
    const { lanes, items, clock } = this.ports;
    const now = clock.now();
    if (!mayCall(await lanes.circuit(shopId), now)) return;
    const lease = await lanes.take(shopId, this.owner, now, now + LEASE_MS);
    if (!lease) return;
    const cutOff = new AbortController();
    this.cutOffs.add(cutOff);
    const heartbeatEnds = new AbortController();
    const heartbeat = this.heartbeat(lease, heartbeatEnds.signal, cutOff);
    try {
      // Held by somebody before us, or by us before a failure: what was in their hands is in nobody's now.
      await items.releaseAbandoned(shopId, clock.now());
      await this.workUntilIdle(lease, cutOff);
    } finally {
      heartbeatEnds.abort();
      await heartbeat;
      this.cutOffs.delete(cutOff);
      await lanes.release(lease);
    }
  }

  private async workUntilIdle(lease: LaneLease, cutOff: AbortController): Promise<void> {
    const circuit = await this.ports.lanes.circuit(lease.shopId);
    if (circuit.state === 'open') {
      const probed = await this.deliverOnce(lease, ITEMS_PER_PROBE, cutOff, circuit);
      if (probed !== 'worked') return;
    }
    const deliveries = Array.from({ length: DELIVERIES_AT_ONCE }, async () => {
      while (!this.stopping.signal.aborted && !cutOff.signal.aborted) {
        if ((await this.deliverOnce(lease, ITEMS_PER_DELIVERY, cutOff, CLOSED)) !== 'worked') return;
      }
    });
    const ended = await Promise.allSettled(deliveries);
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
  }

  private async deliverOnce(
    lease: LaneLease,
    limit: number,
    cutOff: AbortController,
    circuit: Circuit,
  ): Promise<'worked' | 'idle' | 'stopped'> {
    const { items, lanes, connections, deliver, clock } = this.ports;
    // A sibling delivery may have found the shop out of reach meanwhile.
    if (circuit.state === 'closed' && !mayCall(await lanes.circuit(lease.shopId), clock.now())) return 'stopped';
    const startedAt = clock.now();
    const claimed = await items.claim(lease, limit, startedAt, startedAt + LEASE_MS);
    if (claimed.length === 0) return 'idle';
    const feeds = await connections.forShop(lease.shopId);
    const byId = new Map(feeds.map((connection) => [connection.id, connection]));
    const access = await this.access(lease.shopId);
    const delivery: Delivery =
      access instanceof FailureError
        ? {
            delivered: claimed.map((item) => ({
              item,
              outcome: { kind: 'released', failure: access.failure },
              link: undefined,
            })),
            steps: [],
            shopFailure: access,
          }
        : await deliver.deliver(access, byId, claimed, cutOff.signal);
    const now = clock.now();
    const shopFailure = this.failureOfShop(delivery);
    // The circuit first: once the items are due again, nobody may claim them before it is known to be open.
    // A call that we cut off ourselves (stopping, or the lane was lost) says nothing of the shop.
    if (shopFailure && !cutOff.signal.aborted) await this.openCircuit(lease.shopId, shopFailure);
    const settled = await items.settle(
      delivery.delivered.map((each) => settlementOf(each, now, this.ports.chance())),
      delivery.steps,
      now,
    );
    if (!shopFailure && circuit.state === 'open') await lanes.saveCircuit(lease.shopId, CLOSED);
    this.ports.onDelivery({
      shopId: lease.shopId,
      items: claimed.length,
      settled,
      outcomes: countOutcomes(delivery),
      durationMs: now - startedAt,
      shopFailure: shopFailure?.failure.code ?? null,
    });
    return shopFailure ? 'stopped' : 'worked';
  }

  private async access(shopId: number) {
    try {
      const access = await this.ports.shops.access(shopId);
      if (access) return access;
      throw new Error(`Shop ${shopId} has a lane but is not stored`);
    } catch (error) {
      if (error instanceof FailureError) return error;
      throw error;
    }
  }

  private failureOfShop({ shopFailure }: Delivery): FailureError | null {
    return shopFailure && failureKind(shopFailure.failure.code).scope === 'shop' ? shopFailure : null;
  }

  private async openCircuit(shopId: number, error: FailureError): Promise<void> {
    const { lanes, clock, chance } = this.ports;
    const before = await lanes.circuit(shopId);
    await lanes.saveCircuit(shopId, opened(before, asFailure(error), clock.now(), chance(), error.facts.retryAfterMs));
  }

  private async heartbeat(lease: LaneLease, ends: AbortSignal, cutOff: AbortController): Promise<void> {
    const { lanes, clock } = this.ports;
    for (;;) {
      await clock.sleep(RENEW_EVERY_MS, ends);
      if (ends.aborted) return;
      const ours = await lanes.renew(lease, clock.now() + LEASE_MS).catch(() => false);
      if (!ours) {
        // Somebody else works this lane now: calls under way end, and what they would settle is fenced off.
        cutOff.abort();
        return;
      }
    }
  }
}

function countOutcomes({ delivered }: Delivery): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of delivered) counts[outcome.kind] = (counts[outcome.kind] ?? 0) + 1;
  return counts;
}
