import { RUN_LEASE_MS, type WorkRun } from '../application/work-run';
import type { Clock } from '../domain/ports/clock';
import type { FlowRunStore } from '../domain/ports/flow-runs';

const LOOK_EVERY_MS = 1_000;

export interface RunWorkerPorts {
  readonly runs: Pick<FlowRunStore, 'take' | 'putDown'>;
  readonly workRun: WorkRun;
  readonly clock: Clock;
  readonly onFailed: (runId: number, error: unknown) => void;
}

/** Takes runs up, one at a time, and moves them on step by step; another takes over where we are gone. */
export class RunWorker {
  private readonly stopping = new AbortController();
  private waking = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly owner: string,
    private readonly ports: RunWorkerPorts,
  ) {}

  start(): void {
    this.loop = this.work();
  }

  /** A run was asked for: looks at once. */
  wake(): void {
    this.waking.abort();
  }

  async drain(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.loop;
  }

  private async work(): Promise<void> {
    const { clock } = this.ports;
    while (!this.stopping.signal.aborted) {
      const worked = await this.workOne();
      if (worked) continue;
      this.waking = new AbortController();
      await clock.sleep(LOOK_EVERY_MS, AbortSignal.any([this.waking.signal, this.stopping.signal]));
    }
  }

  /** True when there was something to do. */
  private async workOne(): Promise<boolean> {
    const { runs, workRun, clock, onFailed } = this.ports;
    let runId = 0;
    try {
      const taken = await runs.take(this.owner, clock.now(), clock.now() + RUN_LEASE_MS);
      if (!taken) return false;
      runId = taken.run.id;
      while (!this.stopping.signal.aborted) {
        if ((await workRun.step(taken.lease, this.stopping.signal)) !== 'more') return true;
      }
      // Somebody else goes on at once, instead of waiting for our lease to run out.
      await runs.putDown(taken.lease, clock.now());
      return true;
    } catch (error) {
      // Our own database, or something unforeseen: the lease runs out, and the run is taken up again from where it was.
      onFailed(runId, error);
      return false;
    }
  }
}
