import type { LaneLease } from '../domain/ports/sync-items';
import { CallBudget } from './call-budget';
import type { LaneDispatcher } from './lane-dispatcher';
import { LaneRun, type LaneRunPorts, LEASE_MS, type ShopMemory, type Tenure } from './lane-run';

const RENEW_EVERY_MS = 5_000;

export interface SyncWorkerPorts extends LaneRunPorts {
  readonly dispatcher: LaneDispatcher;
  readonly onLaneFailed: (shopId: number, error: unknown) => void;
}

interface Lane {
  /** null until the lease is ours. */
  run: LaneRun | null;
  cutOff: AbortController;
  askedAgain: boolean;
  done: Promise<void>;
}

/** Works lanes: own → claim → deliver → settle, one lane per shop, whoever holds its lease. */
export class SyncWorker {
  private readonly lanes = new Map<number, Lane>();
  private readonly stopping = new AbortController();
  private readonly memories = new Map<number, ShopMemory>();

  constructor(
    private readonly owner: string,
    private readonly ports: SyncWorkerPorts,
  ) {}

  start(): void {
    this.ports.dispatcher.start((shopId) => this.wake(shopId));
  }

  /** Takes no new work; what is under way may end within `graceMs`, then its calls are cut off. */
  async drain(graceMs: number): Promise<void> {
    await this.ports.dispatcher.stop();
    this.stopping.abort();
    const allDone = Promise.all([...this.lanes.values()].map((lane) => lane.done));
    const waiting = new AbortController();
    await Promise.race([allDone, this.ports.clock.sleep(graceMs, waiting.signal)]);
    waiting.abort();
    for (const lane of this.lanes.values()) lane.cutOff.abort();
    await allDone;
  }

  /** Resolves when the lane has been left: nothing is due there any more, or it is not ours to work. */
  private wake(shopId: number): Promise<void> {
    if (this.stopping.signal.aborted) return Promise.resolve();
    const known = this.lanes.get(shopId);
    if (known) {
      known.askedAgain = true;
      known.run?.poke();
      return known.done;
    }
    const lane: Lane = { run: null, cutOff: new AbortController(), askedAgain: false, done: Promise.resolve() };
    this.lanes.set(shopId, lane);
    lane.done = this.workWhileAsked(shopId, lane);
    return lane.done;
  }

  private async workWhileAsked(shopId: number, lane: Lane): Promise<void> {
    try {
      for (;;) {
        await this.work(shopId, lane);
        const goesOn = lane.askedAgain || lane.run?.isOutdated === true;
        if (!goesOn || this.stopping.signal.aborted) return;
        lane.run = null;
        lane.cutOff = new AbortController();
      }
    } catch (error) {
      // A failed lane is left to the sweep: waking it at once would only fail again as fast as it can.
      this.ports.onLaneFailed(shopId, error);
    } finally {
      this.lanes.delete(shopId);
    }
  }

  private async work(shopId: number, lane: Lane): Promise<void> {
    const { lanes, items, clock, circuit } = this.ports;
    if (!(await circuit.state(shopId)).mayCall) {
      lane.askedAgain = false;
      return;
    }
    const now = clock.now();
    const lease = await lanes.take(shopId, this.owner, now, now + LEASE_MS);
    if (!lease) {
      lane.askedAgain = false;
      return;
    }
    const memory = this.memories.get(shopId) ?? { budget: new CallBudget(clock), strikes: new Set<number>() };
    this.memories.set(shopId, memory);
    const tenure: Tenure = { until: now + LEASE_MS };
    const heartbeatEnds = new AbortController();
    const heartbeat = this.heartbeat(lease, tenure, heartbeatEnds.signal, lane.cutOff);
    try {
      // Held by somebody before us, or by us before a failure: what was in their hands is in nobody's now.
      await items.releaseAbandoned(shopId, clock.now());
      lane.run = await LaneRun.begin(this.ports, lease, tenure, memory, lane.cutOff.signal, this.stopping.signal);
      lane.askedAgain = false;
      await lane.run?.run();
    } finally {
      heartbeatEnds.abort();
      await heartbeat;
      await lanes.release(lease);
    }
  }

  private async heartbeat(lease: LaneLease, tenure: Tenure, ends: AbortSignal, cutOff: AbortController): Promise<void> {
    const { lanes, clock } = this.ports;
    for (;;) {
      await clock.sleep(RENEW_EVERY_MS, ends);
      if (ends.aborted) return;
      // Read before asking: when the answer is read, much of the lease may be over.
      const until = clock.now() + LEASE_MS;
      try {
        if (!(await lanes.renew(lease, until))) break;
        tenure.until = until;
      } catch {
        // The database is away for a moment. The lease is still ours for a while, but not for ever.
        if (clock.now() >= tenure.until) break;
      }
    }
    // Somebody else works this lane now: calls under way end, and what they would settle is fenced off.
    cutOff.abort();
  }
}
