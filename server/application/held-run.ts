import type { Failure } from '../domain/failure';
import { finalStatus, type RunCounts, type RunStep } from '../domain/flow-run';
import type { Clock } from '../domain/ports/clock';
import type { Connection } from '../domain/ports/connections';
import type { FlowRun, FlowRunStore, RunLease, RunMove } from '../domain/ports/flow-runs';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import { letOthersIn } from './let-others-in';

export interface HeldRunPorts {
  readonly unit: UnitOfWork;
  readonly runs: FlowRunStore;
  readonly clock: Clock;
}

/** Whether the run goes on at once, or is out of our hands. */
export type StepEnd = 'more' | 'out-of-hands';

export const RUN_LEASE_MS = 60_000;

/** Lines or items looked at in one transaction. */
export const SLICE = 500;

/** The lease was lost: what was about to be stored is not. */
export class LeaseLost extends Error {}

/** A run in our hands, as it was when this step began. */
export class HeldRun {
  constructor(
    private readonly ports: HeldRunPorts,
    readonly run: FlowRun,
    readonly connection: Connection,
    private readonly lease: RunLease,
  ) {}

  /** One transaction for what a step does and for where the run goes on; nothing is kept when the run is not ours. */
  async keep(work: () => Promise<RunMove>): Promise<void> {
    const { unit, runs, clock } = this.ports;
    await letOthersIn();
    await unit.run(async () => {
      const move = await work();
      if (!(await runs.move(this.lease, move, clock.now() + RUN_LEASE_MS))) throw new LeaseLost();
    });
  }

  async moveOn(move: RunMove): Promise<StepEnd> {
    await this.keep(() => Promise.resolve(move));
    return 'more';
  }

  /** Somebody takes it up again at this time. */
  async putDown(notBefore: number): Promise<StepEnd> {
    await this.ports.runs.putDown(this.lease, notBefore);
    return 'out-of-hands';
  }

  async pause(why: Failure): Promise<StepEnd> {
    await this.note('paused', {}, why);
    await this.ports.runs.pause(this.lease, why, this.ports.clock.now());
    return 'out-of-hands';
  }

  async end(
    status: ReturnType<typeof finalStatus> | 'cancelled',
    failure: Failure | null,
    counts: RunCounts = {},
  ): Promise<StepEnd> {
    const { runs, clock } = this.ports;
    if (await runs.end(this.lease, { status, counts, failure }, clock.now())) {
      await this.note(status === 'cancelled' ? 'cancelled' : 'ended', {}, failure);
    }
    return 'out-of-hands';
  }

  note(step: RunStep, params: Readonly<Record<string, string | number>> = {}, failure: Failure | null = null) {
    return this.ports.runs.note(this.run.id, { at: this.ports.clock.now(), step, params, failure });
  }
}
