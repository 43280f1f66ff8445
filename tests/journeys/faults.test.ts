import { type EngineName, scenarioRun } from '../faults/scenario';
import { scenarios } from '../faults/scenarios';
import { engines } from '../support/databases';

// A short and seeded part of the fault suite; `npm run faults` runs all of it. What is built is what is killed.

const SEED = 7;
const SCALE = 0.35;
const NAMES: readonly EngineName[] = ['sqlite', 'mariadb'];
const SLICE: readonly (readonly [name: string, rounds: Readonly<Partial<Record<EngineName, number>>>])[] = [
  ['kill-9', { sqlite: 6, mariadb: 4 }],
  ['shop-mixed', { sqlite: 1, mariadb: 1 }],
  ['shop-reset-after-write', { sqlite: 1 }],
  ['shop-half-applied-batch', { mariadb: 1 }],
  ['clock-jumps', { sqlite: 1 }],
  ['database-connections-cut', { mariadb: 1 }],
  ['worker-paused', { mariadb: 1 }],
];

describe.each(engines.map((engine, position) => [engine.name, engine, NAMES[position] ?? 'sqlite'] as const))(
  'what was acknowledged reaches the shop, on %s',
  (_, engine, engineName) => {
    engine.whenAvailable(() => {
      afterAll(() => engine.dropAll());

      const cases = SLICE.flatMap(([name, rounds]) => {
        const scenario = scenarios.find((each) => each.name === name);
        if (scenario === undefined) throw new Error(`There is no scenario ${name}`);
        const count = rounds[engineName];
        return count === undefined ? [] : [[name, scenario, count] as const];
      });

      it.each(cases)(
        'through %s',
        async (_name, scenario, rounds) => {
          const run = scenarioRun(scenario, engineName, engine, { seed: SEED, rounds, scale: SCALE });
          await scenario.run(run);
          expect(run.totals.acknowledgedLines).toBeGreaterThan(0);
        },
        300_000,
      );
    });
  },
);
