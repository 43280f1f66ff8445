import { TellChanges } from '../../../server/application/tell-changes';
import type { ChangeTopic } from '../../../server/domain/ports/change-marks';
import { TestClock } from '../../support/test-clock';

const QUIET = { items: '', pushes: '', runs: '', notifications: '', circuits: '', estate: '' };

/** Lets everything that can happen without time passing happen. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('Changes', () => {
  const clock = new TestClock();
  let marks: Record<ChangeTopic, string>;
  let reads: number;
  let failing: Error | null;
  let failures: unknown[];
  let told: (readonly ChangeTopic[])[];
  let changes: TellChanges;

  const pass = async (ms: number) => {
    clock.advance(ms);
    await settle();
  };
  const listen = () => changes.listen((topics) => told.push(topics));

  beforeEach(() => {
    marks = { ...QUIET };
    reads = 0;
    failing = null;
    failures = [];
    told = [];
    changes = new TellChanges({
      marks: {
        read: () => {
          reads++;
          return failing ? Promise.reject(failing) : Promise.resolve({ ...marks });
        },
      },
      clock,
      onFailed: (error) => failures.push(error),
    });
  });

  it('are told by their topics, once each', async () => {
    const stop = listen();
    await settle();
    marks.items = '1';
    marks.runs = '1';
    await pass(1_000);
    await pass(1_000);
    expect(told).toEqual([['items', 'runs']]);
    stop();
  });

  it('are looked for once a second, however many listen', async () => {
    const stops = [listen(), listen(), listen()];
    await settle();
    const before = reads;
    await pass(1_000);
    await pass(1_000);
    expect(reads - before).toBe(2);
    marks.pushes = '1';
    await pass(1_000);
    expect(told).toEqual([['pushes'], ['pushes'], ['pushes']]);
    for (const stop of stops) stop();
  });

  it('are not looked for while nobody listens, and again when somebody does', async () => {
    const stop = listen();
    await settle();
    stop();
    await pass(1_000);
    const before = reads;
    await pass(5_000);
    expect(reads).toBe(before);
    const again = listen();
    await settle();
    expect(reads).toBe(before + 1);
    again();
  });

  it('that came while the database was away are told when it is back', async () => {
    const stop = listen();
    await settle();
    failing = new Error('away');
    marks.items = '1';
    await pass(1_000);
    expect(told).toEqual([]);
    expect(failures).toEqual([failing]);
    failing = null;
    await pass(1_000);
    expect(told).toEqual([['items']]);
    stop();
  });
});
