import { parseArgs } from 'node:util';
import { engines } from '../support/databases';
import { type EngineName, FaultFound, scenarioRun, type Totals } from './scenario';
import { scenarios } from './scenarios';

const ENGINES: readonly EngineName[] = ['sqlite', 'mariadb'];
/** Points at which the service is killed, per engine; the other scenarios are repeated in proportion. */
const ROUNDS = 200;
const ROUNDS_PER_REPETITION = 50;

/** Why a scenario is for a database server only. */
const NOT_EMBEDDED = 'the database is part of the one process there, and kill-9 takes both';

const write = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      rounds: { type: 'string' },
      engine: { type: 'string' },
      only: { type: 'string' },
    },
  });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
  const rounds = Number(values.rounds ?? ROUNDS);
  const chosen = scenarios.filter(({ name }) => values.only === undefined || name.startsWith(values.only));
  if (!Number.isInteger(seed) || !Number.isInteger(rounds) || rounds < 1 || chosen.length === 0) {
    write('Usage: npm run faults -- [--seed N] [--rounds N] [--engine sqlite|mariadb] [--only NAME]');
    write(`Names: ${scenarios.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  write(`Seed ${seed}, ${rounds} kills per engine`);
  const failures: string[] = [];
  const sum: Totals = { rounds: 0, pushes: 0, acknowledgedLines: 0, unansweredPushes: 0, shopCalls: 0 };
  const startedAt = performance.now();
  for (const engineName of ENGINES) {
    if (values.engine !== undefined && values.engine !== engineName) continue;
    const engine = engines[ENGINES.indexOf(engineName)];
    if (engine === undefined || !engine.isAvailable()) {
      write(`skipped: everything on ${engineName}: there is no server (TEST_MYSQL_URL)`);
      continue;
    }
    for (const scenario of chosen) {
      const missing = scenario.engines.includes(engineName) ? (scenario.missing?.() ?? null) : NOT_EMBEDDED;
      if (missing !== null) {
        write(`skipped: ${scenario.name} on ${engineName}: ${missing}`);
        continue;
      }
      const isKilling = scenario.name === 'kill-9';
      const how = { seed, scale: 1, rounds: isKilling ? rounds : Math.ceil(rounds / ROUNDS_PER_REPETITION) };
      const run = scenarioRun(scenario, engineName, engine, how);
      const began = performance.now();
      let verdict = 'ok    ';
      try {
        await scenario.run(run);
      } catch (error) {
        verdict = 'FAILED';
        const words =
          error instanceof FaultFound ? error.message : error instanceof Error ? error.stack : String(error);
        failures.push(`${words ?? ''}\n(${scenario.name} on ${engineName}, seed ${seed})`);
        write(words ?? '');
      }
      const { totals } = run;
      for (const name of ['rounds', 'pushes', 'acknowledgedLines', 'unansweredPushes', 'shopCalls'] as const) {
        sum[name] += totals[name];
      }
      write(`${verdict} ${engineName.padEnd(8)}${scenario.name.padEnd(28)}${figures(totals)}  ${seconds(began)} s`);
    }
    await engine.dropAll();
  }
  write(
    `\n${failures.length === 0 ? 'All hold' : `${failures.length} FAILED`}: ${figures(sum)}  ${seconds(startedAt)} s, seed ${seed}`,
  );
  return failures.length === 0 ? 0 : 1;
}

const seconds = (since: number): string => String(Math.round((performance.now() - since) / 1000));

const figures = ({ rounds, pushes, acknowledgedLines, unansweredPushes, shopCalls }: Totals): string =>
  `${rounds} rounds, ${pushes} pushes answered (${unansweredPushes} tries not), ${acknowledgedLines} lines acknowledged, ${shopCalls} shop calls`;

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    write(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  },
);
