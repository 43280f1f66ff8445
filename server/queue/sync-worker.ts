import type { LaneLease } from '../domain/ports/sync-items';
import type { LaneDispatcher } from './lane-dispatcher';
import { LaneRun, type LaneRunPorts, LEASE_MS } from './lane-run';

const RENEW_EVERY_MS = 5_000;

export interface SyncWorkerPorts extends LaneRunPorts {
  readonly dispatcher: LaneDispatcher;
  readonly onLaneFailed: (shopId: number, error: unknown) => void;
}

interface Lane {
  /** null until the lease is ours. */
  run: LaneRun | null;
  readonly cutOff: AbortController;
  askedAgain: boolean;
  done: Promise<void>;
}

/** Works lanes: own → claim → deliver → settle, one lane per shop, whoever holds its lease. */
export class SyncWorker {
  private readonly lanes = new Map<number, Lane>();
  private readonly stopping = new AbortController();

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

  private wake(shopId: number): void {
    if (this.stopping.signal.aborted) return;
    const known = this.lanes.get(shopId);
    if (known) {
      known.askedAgain = true;
      known.run?.poke();
      return;
    }
    const lane: Lane = { run: null, cutOff: new AbortController(), askedAgain: false, done: Promise.resolve() };
    this.lanes.set(shopId, lane);
    lane.done = this.work(shopId, lane)
      .then(
        // A failed lane is left to the sweep: waking it at once would only fail again as fast as it can.
        () => lane.askedAgain,
        (error: unknown) => {
          this.ports.onLaneFailed(shopId, error);
          return false;
        },
      )
      .then((again) => {
        this.lanes.delete(shopId);
        if (again) this.wake(shopId);
      });
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
    const heartbeatEnds = new AbortController();
    const heartbeat = this.heartbeat(lease, heartbeatEnds.signal, lane.cutOff);
    try {
      // Held by somebody before us, or by us before a failure: what was in their hands is in nobody's now.
      await items.releaseAbandoned(shopId, clock.now());
      lane.run = await LaneRun.begin(this.ports, lease, lane.cutOff.signal, this.stopping.signal);
      lane.askedAgain = false;
      await lane.run?.run();
    } finally {
      heartbeatEnds.abort();
      await heartbeat;
      await lanes.release(lease);
    }
  }

  private async heartbeat(lease: LaneLease, ends: AbortSignal, cutOff: AbortController): Promise<void> {
    const { lanes, clock } = this.ports;
    let renewedAt = clock.now();
    for (;;) {
      await clock.sleep(RENEW_EVERY_MS, ends);
      if (ends.aborted) return;
      try {
        if (!(await lanes.renew(lease, clock.now() + LEASE_MS))) break;
        renewedAt = clock.now();
      } catch {
        // The database is away for a moment. The lease is still ours for a while, but not for ever.
        if (clock.now() - renewedAt > LEASE_MS) break;
      }
    }
    // Somebody else works this lane now: calls under way end, and what they would settle is fenced off.
    cutOff.abort();
  }
}
