import type { FlowRun, TakenRun } from '../../../server/domain/ports/flow-runs';
import { createRunWorker } from '../../../server/queue/run-worker';
import { eventually } from '../../support/eventually';
import { TestClock } from '../../support/test-clock';

const run: FlowRun = {
  id: 7,
  connectionId: 1,
  kind: 'check',
  startedBy: 'person',
  askedBy: 'owner',
  status: 'running',
  phase: 'reading',
  position: null,
  done: 0,
  total: null,
  counts: {},
  failure: null,
  cancelAsked: false,
  brakeReleased: false,
  byFile: false,
  undoOf: null,
  askedAt: 0,
  startedAt: null,
  appliedAt: null,
  finishedAt: null,
};
const taken = (startedAt: number | null, isTakenOver: boolean): TakenRun => ({
  run: { ...run, startedAt },
  lease: { runId: run.id, owner: 'this worker', epoch: 1 },
  isTakenOver,
});

/** What is logged while the worker takes up these runs, one after the other, and does one step of each. */
async function loggedWith(runs: readonly TakenRun[]): Promise<string[]> {
  const waiting = [...runs];
  const logged: string[] = [];
  let steps = 0;
  const worker = createRunWorker('this worker', {
    runs: {
      take: () => Promise.resolve(waiting.shift() ?? null),
      putDown: () => Promise.resolve(true),
      note: (_id, { step }) => {
        logged.push(step);
        return Promise.resolve();
      },
    },
    workRun: {
      step: () => {
        steps++;
        return Promise.resolve('out-of-hands');
      },
    },
    clock: new TestClock(),
    onFailed: (_id, error) => {
      throw error;
    },
  });
  worker.start();
  await eventually(() => Promise.resolve(steps === runs.length));
  await worker.drain();
  return logged;
}

describe('The log of a run', () => {
  it('tells that it was started, once', async () => {
    expect(await loggedWith([taken(null, false), taken(5, false)])).toEqual(['started']);
  });

  it('tells that it was taken over from a worker that is gone', async () => {
    expect(await loggedWith([taken(5, true)])).toEqual(['taken_over']);
  });
});
