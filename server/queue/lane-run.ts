import type { Delivered, DeliverSyncItems, Delivery } from '../application/deliver-sync-items';
import type { GuardCircuit } from '../application/guard-circuit';
import type { LookAfterShop } from '../application/look-after-shop';
import { settlementOf } from '../application/settle-sync-items';
import { failureKind, FailureError } from '../domain/failure';
import { afterAnsweredCall, type Pace, slower } from '../domain/pace';
import type { Clock } from '../domain/ports/clock';
import type { ConnectionStore } from '../domain/ports/connections';
import type { FlowRunStore } from '../domain/ports/flow-runs';
import type { LaneStore } from '../domain/ports/lanes';
import type { RunSignal } from '../domain/ports/run-signal';
import type { ShopAccess, ShopTarget } from '../domain/ports/shop-target';
import type { ShopLimits, ShopStore } from '../domain/ports/shops';
import type { ClaimedItem, ClaimRequest, LaneLease, SyncItemStore } from '../domain/ports/sync-items';
import { isQuiet } from '../domain/quiet-hours';
import { PRIORITY } from '../domain/sync-item';
import type { CallBudget } from './call-budget';

/** How long a lane stays ours without a word from us; a killed worker's lane is taken over after it. */
export const LEASE_MS = 15_000;
/** What is tried on a shop that was out of reach. */
const ITEMS_PER_PROBE = 5;
/** One look (100 a call) serves several write calls. */
const WRITE_CALLS_PER_DELIVERY = 2;
const MOST_ITEMS_PER_DELIVERY = 100;
/** How often, while its lane is worked, we ask whether the shop wants looking after. */
const LOOK_AFTER_EVERY_MS = 1_000;
/** Different items that failed alone while no write at all was answered: then it is the shop, not they. */
const STRIKES_OF_A_SHOP = 3;

export interface LaneRunPorts {
  readonly lanes: LaneStore;
  readonly items: SyncItemStore;
  readonly shops: ShopStore;
  readonly connections: ConnectionStore;
  readonly deliver: DeliverSyncItems;
  readonly target: Pick<ShopTarget, 'ping' | 'across'>;
  /** Work at the shop that can wait: its catalogue, its webhooks, what is to be switched off again. */
  readonly lookAfterShop: LookAfterShop;
  readonly circuit: GuardCircuit;
  /** Runs that wait until the lane has been through their items. */
  readonly runs: Pick<FlowRunStore, 'hurry'>;
  readonly runSignal: RunSignal;
  readonly clock: Clock;
  /** In [0, 1): spreads retries. */
  readonly chance: () => number;
  readonly onDelivery: (report: DeliveryReport) => void;
}

/** One wide record of a delivery. */
export interface DeliveryReport {
  readonly shopId: number;
  readonly items: number;
  readonly settled: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly durationMs: number;
  readonly batchSize: number;
  readonly deliveries: number;
  readonly shopFailure: string | null;
}

/** What a worker knows of a shop from one run of its lane to the next. */
export interface ShopMemory {
  readonly budget: CallBudget;
  /** Items that failed alone since the shop last answered a write. */
  readonly strikes: Set<number>;
}

/** How long the lane is ours for certain, by our own clock; moved on with every renewal. */
export interface Tenure {
  until: number;
}

/** What is done beside the deliveries, each once at a time. */
type Beside = 'looking' | 'walking';

/** How a delivery ended; at a probe a failure may leave open whether it was the shop's or the item's. */
type End = 'worked' | 'idle' | 'stopped' | FailureError;

/**
 * The work of one shop's lane while we hold its lease: several deliveries side by side, as many as the shop bears, and
 * one more for movements alone whenever the others are all busy with bulk work.
 */
export class LaneRun {
  private readonly loops = new Set<Promise<void>>();
  private regularLoops = 0;
  private bulkUnderWay = 0;
  private hotLoop = false;
  private readonly beside = new Set<Beside>();
  private readonly begunAt = new Map<Beside, number>();
  private ended = false;
  private outdated = false;

  private constructor(
    private readonly ports: LaneRunPorts,
    private readonly lease: LaneLease,
    private readonly tenure: Readonly<Tenure>,
    private readonly access: ShopAccess,
    private readonly limits: ShopLimits,
    private readonly settingsOf: number,
    private readonly memory: ShopMemory,
    private pace: Pace,
    private readonly cutOff: AbortSignal,
    private readonly stopping: AbortSignal,
  ) {}

  /** null when there is nothing to be done now: quiet hours, or a circuit that is open. */
  static async begin(
    ports: LaneRunPorts,
    lease: LaneLease,
    tenure: Readonly<Tenure>,
    memory: ShopMemory,
    cutOff: AbortSignal,
    stopping: AbortSignal,
  ): Promise<LaneRun | null> {
    const { shops, lanes, circuit, clock } = ports;
    const { shopId } = lease;
    const shop = await shops.find(shopId);
    if (!shop || isQuiet(shop.limits.quietHours, clock.now())) return null;
    if (!(await circuit.state(shopId)).mayCall) return null;
    let access: ShopAccess | null;
    try {
      access = await shops.access(shopId);
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      await circuit.open(shopId, error);
      return null;
    }
    if (!access) return null;
    const pace = await lanes.pace(shopId);
    return new LaneRun(ports, lease, tenure, access, shop.limits, shop.updatedAt, memory, pace, cutOff, stopping);
  }

  /** The shop's keys, address or limits were changed: the work goes on in a run that knows them. */
  get isOutdated(): boolean {
    return this.outdated;
  }

  /** Resolves when nothing is due any more, or when the work has to stop. */
  async run(): Promise<void> {
    const circuit = await this.ports.circuit.state(this.lease.shopId);
    if (circuit.state === 'open') {
      if (!(await this.probe())) return;
    }
    this.poke();
    const failures: unknown[] = [];
    while (this.loops.size > 0) {
      const loops = [...this.loops];
      for (const end of await Promise.allSettled(loops)) if (end.status === 'rejected') failures.push(end.reason);
      for (const loop of loops) this.loops.delete(loop);
    }
    this.ended = true;
    await this.ports.lanes.savePace(this.lease.shopId, this.pace);
    if (failures.length > 0) throw failures[0];
  }

  /**
   * Tries a few items on a shop that was out of reach. One that fails alone proves nothing: others are tried, and where
   * there are none the shop counts as out of reach still. With nothing to be written at all, an answer is enough.
   */
  private async probe(): Promise<boolean> {
    let doubt: FailureError | null = null;
    while (!this.mustStop()) {
      const end = await this.deliverOnce({ limit: ITEMS_PER_PROBE, urgentOnly: false }, true);
      if (end instanceof FailureError) {
        doubt = end;
        continue;
      }
      if (end !== 'idle') return end === 'worked';
      if (!doubt) return this.probeWithoutItems();
      await this.ports.circuit.open(this.lease.shopId, doubt);
      return false;
    }
    return false;
  }

  private async probeWithoutItems(): Promise<boolean> {
    const { target, circuit } = this.ports;
    const leaving = new AbortController();
    const signal = AbortSignal.any([this.cutOff, leaving.signal]);
    try {
      await target.ping(this.accessUntil(leaving), signal);
    } catch (thrown) {
      if (!(thrown instanceof FailureError)) throw thrown;
      if (!signal.aborted) await circuit.open(this.lease.shopId, thrown);
      return false;
    }
    await circuit.close(this.lease.shopId);
    return true;
  }

  /** Something new may be due: makes sure somebody looks, and that bulk work does not hold it up. */
  poke(): void {
    if (this.ended || this.mustStop()) return;
    const busyWithBulk = this.regularLoops > 0 && this.bulkUnderWay >= this.regularLoops;
    while (this.regularLoops < this.pace.deliveries) this.startRegularLoop();
    this.startLookingAfter();
    if (busyWithBulk && !this.hotLoop) this.startHotLoop();
  }

  private startRegularLoop(): void {
    this.regularLoops++;
    this.keep(
      this.loop(
        async () => ({ limit: Math.max(this.ofOwnApi(), await this.roomAcross()), urgentOnly: false }),
        () => this.regularLoops <= this.pace.deliveries,
      ).finally(() => this.regularLoops--),
    );
  }

  private ofOwnApi(): number {
    return Math.min(MOST_ITEMS_PER_DELIVERY, this.pace.batchSize * WRITE_CALLS_PER_DELIVERY);
  }

  private async roomAcross(): Promise<number> {
    return (await this.ports.target.across?.room(this.lease.shopId)) ?? 0;
  }

  /** Beside the deliveries: a shop with a hundred thousand products is not read in the time between two movements. */
  private startLookingAfter(): void {
    const { lookAfterShop } = this.ports;
    this.startBeside('looking', (...how) => lookAfterShop.lookAfter(...how));
    this.startBeside('walking', (...how) => lookAfterShop.walk(...how));
  }

  private startBeside(what: Beside, work: LookAfterShop['lookAfter']): void {
    const now = this.ports.clock.now();
    const begunAt = this.begunAt.get(what);
    const isTooSoon = begunAt !== undefined && Math.abs(now - begunAt) < LOOK_AFTER_EVERY_MS;
    if (this.beside.has(what) || isTooSoon) return;
    this.beside.add(what);
    this.begunAt.set(what, now);
    const leaving = new AbortController();
    const signal = AbortSignal.any([this.cutOff, this.stopping, leaving.signal]);
    this.keep(work(this.accessUntil(leaving), signal, () => !this.mustStop()).finally(() => this.beside.delete(what)));
  }

  private startHotLoop(): void {
    this.hotLoop = true;
    this.keep(
      this.loop(
        () => Promise.resolve({ limit: this.pace.batchSize, urgentOnly: true }),
        () => true,
      ).finally(() => {
        this.hotLoop = false;
      }),
    );
  }

  private keep(loop: Promise<void>): void {
    // Looked at by run(); a rejection must not count as unhandled until then.
    loop.catch(() => undefined);
    this.loops.add(loop);
  }

  private async loop(ask: () => Promise<ClaimRequest>, mayGoOn: () => boolean): Promise<void> {
    const { runs, runSignal } = this.ports;
    for (let hasWorked = false; !this.mustStop() && mayGoOn(); hasWorked = true) {
      const end = await this.deliverOnce(await ask(), false);
      if (end === 'worked') continue;
      if (end === 'idle' && hasWorked) {
        await runs.hurry(this.lease.shopId);
        runSignal.announce();
      }
      return;
    }
  }

  private async deliverOnce(ask: ClaimRequest, isProbe: boolean): Promise<End> {
    const { items, circuit, clock, shops } = this.ports;
    const { shopId } = this.lease;
    if ((await shops.changedAt(shopId)) !== this.settingsOf) this.outdated = true;
    if (this.outdated) return 'stopped';
    // A delivery beside this one may have found the shop out of reach meanwhile; trying it again is the probe's.
    if (!isProbe && (await circuit.state(shopId)).state === 'open') return 'stopped';
    const startedAt = clock.now();
    const claimed = await items.claim(this.lease, ask, startedAt, startedAt + LEASE_MS);
    if (claimed.length === 0) return 'idle';
    const isBulk = claimed.every((item) => item.priority >= PRIORITY.manual);
    if (isBulk) this.bulkUnderWay++;
    try {
      return await this.deliver(claimed, startedAt, isProbe);
    } finally {
      if (isBulk) this.bulkUnderWay--;
    }
  }

  private async deliver(claimed: readonly ClaimedItem[], startedAt: number, isProbe: boolean): Promise<End> {
    const { items, connections, deliver, lookAfterShop, circuit, clock, chance } = this.ports;
    const { shopId } = this.lease;
    const feeds = await connections.forShop(shopId);
    const byId = new Map(feeds.map((connection) => [connection.id, connection]));
    const { batchSize } = this.pace;
    const leaving = new AbortController();
    const signal = AbortSignal.any([this.cutOff, leaving.signal]);
    const delivery = await deliver.deliver(this.accessUntil(leaving), byId, claimed, batchSize, signal);
    const now = clock.now();
    // Calls that we cut off ourselves (stopping, the lane was lost, quiet hours) say nothing of the shop.
    const shopFailure = signal.aborted ? null : this.failureOfShop(delivery);
    if (!signal.aborted) this.learn(delivery, shopFailure);
    // The circuit first: once the items are due again, nobody may claim them before it is known to be open.
    if (shopFailure) await circuit.open(shopId, shopFailure);
    const settled = await items.settle(
      delivery.delivered.map((each) => settlementOf(each, now, chance())),
      delivery.steps,
      now,
    );
    await lookAfterShop.keepSeen(shopId, delivery.seen);
    const { answered, troubled } = delivery.writing;
    const doubt = isProbe && !shopFailure && answered.length === 0 ? troubled : null;
    if (isProbe && !shopFailure && !doubt && !signal.aborted) await circuit.close(shopId);
    this.ports.onDelivery({
      shopId,
      items: claimed.length,
      settled,
      outcomes: countOutcomes(delivery),
      durationMs: now - startedAt,
      batchSize,
      deliveries: this.pace.deliveries,
      shopFailure: shopFailure?.failure.code ?? null,
    });
    if (shopFailure || signal.aborted) return 'stopped';
    return doubt ?? 'worked';
  }

  /**
   * Every call waits for its turn, which may take it into the quiet hours: then it does not go out. Nor does it when
   * this process was held (a debugger, a swapping machine) beyond its lease: others may have written newer levels.
   */
  private accessUntil(leaving: AbortController): ShopAccess {
    const { callsPerMinute, quietHours } = this.limits;
    const beforeCall = async (signal: AbortSignal): Promise<void> => {
      await this.memory.budget.take(callsPerMinute, signal);
      const now = this.ports.clock.now();
      if (isQuiet(quietHours, now) || now >= this.tenure.until) leaving.abort();
    };
    return { ...this.access, beforeCall };
  }

  private failureOfShop({ delivered, shopFailure, writing }: Delivery): FailureError | null {
    const { strikes } = this.memory;
    if (writing.answered.length > 0) strikes.clear();
    if (shopFailure && failureKind(shopFailure.failure.code).scope === 'shop') return shopFailure;
    if (writing.answered.length > 0 || !writing.troubled) return null;
    for (const each of delivered) if (failedAlone(each)) strikes.add(each.item.id);
    return strikes.size >= STRIKES_OF_A_SHOP ? writing.troubled : null;
  }

  private learn({ writing }: Delivery, shopFailure: FailureError | null): void {
    for (const call of writing.answered)
      if (!call.across) this.pace = afterAnsweredCall(this.pace, call.items, call.durationMs);
    if (writing.troubled ?? shopFailure) this.pace = slower(this.pace);
    this.poke();
  }

  private mustStop(): boolean {
    return (
      this.outdated ||
      this.stopping.aborted ||
      this.cutOff.aborted ||
      isQuiet(this.limits.quietHours, this.ports.clock.now())
    );
  }
}

const failedAlone = ({ outcome }: Delivered): boolean =>
  outcome.kind === 'failed' && outcome.failure.code === 'shop_fails_on_item';

function countOutcomes({ delivered }: Delivery): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of delivered) counts[outcome.kind] = (counts[outcome.kind] ?? 0) + 1;
  return counts;
}
