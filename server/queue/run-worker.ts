import { RUN_LEASE_MS } from '../application/held-run';
import type { WorkRun } from '../application/work-run';
import type { Clock } from '../domain/ports/clock';
import type { FlowRunStore } from '../domain/ports/flow-runs';
import { WorkLoop } from './work-loop';

export interface RunWorkerPorts {
  readonly runs: Pick<FlowRunStore, 'take' | 'putDown' | 'note'>;
  readonly workRun: Pick<WorkRun, 'step'>;
  readonly clock: Clock;
  readonly onFailed: (runId: number, error: unknown) => void;
}

/** Takes runs up, one at a time, and moves them on step by step; another takes over where we are gone. */
export function createRunWorker(owner: string, ports: RunWorkerPorts): WorkLoop {
  const { runs, workRun, clock, onFailed } = ports;
  return new WorkLoop(clock, async (stopping) => {
    let runId = 0;
    try {
      const taken = await runs.take(owner, clock.now(), clock.now() + RUN_LEASE_MS);
      if (!taken) return false;
      runId = taken.run.id;
      const step = taken.isTakenOver ? 'taken_over' : taken.run.startedAt === null ? 'started' : null;
      if (step) await runs.note(runId, { at: clock.now(), step, params: {}, failure: null });
      while (!stopping.aborted) {
        if ((await workRun.step(taken.lease, stopping)) !== 'more') return true;
      }
      // Somebody else goes on at once, instead of waiting for our lease to run out.
      await runs.putDown(taken.lease, clock.now());
      return true;
    } catch (error) {
      // Our own database, or something unforeseen: the lease runs out, and the run is taken up again from where it was.
      onFailed(runId, error);
      return false;
    }
  });
}
