import type { Engine } from '../support/databases';
import { Random } from './random';
import type { Figures } from './sender';
import type { Stage } from './stage';

export type EngineName = 'sqlite' | 'mariadb';

export interface ScenarioRun {
  readonly name: string;
  readonly engine: Engine;
  readonly engineName: EngineName;
  readonly seed: number;
  /** Points at which something is broken; each scenario reads it for its own kind of point. */
  readonly rounds: number;
  /** 1 = a few hundred products. */
  readonly scale: number;
  /** A row of choices of its own. */
  random(...parts: readonly (string | number)[]): Random;
  /** Throws with the seed when anything is wrong. */
  check(stage: Stage, point: string, alsoWrong?: readonly string[]): Promise<void>;
  readonly totals: Totals;
}

export interface Totals extends Figures {
  rounds: number;
}

export interface Scenario {
  readonly name: string;
  readonly engines: readonly EngineName[];
  /** Why it cannot run on this machine; null = it can. */
  readonly missing?: () => string | null;
  run(run: ScenarioRun): Promise<void>;
}

/** What was expected and what was found, and how to have it again. */
export class FaultFound extends Error {
  override readonly name = 'FaultFound';
}

const MOST_SHOWN = 5;

export function scenarioRun(
  scenario: Scenario,
  engineName: EngineName,
  engine: Engine,
  how: { readonly seed: number; readonly rounds: number; readonly scale: number },
): ScenarioRun {
  const totals: Totals = { rounds: 0, pushes: 0, acknowledgedLines: 0, unansweredPushes: 0, shopCalls: 0 };
  return {
    ...how,
    name: scenario.name,
    engine,
    engineName,
    totals,
    random: (...parts) => Random.for(how.seed, scenario.name, engineName, ...parts),
    check: async (stage, point, alsoWrong = []) => {
      const wrong = [...alsoWrong, ...(await stage.audit())];
      if (wrong.length === 0) return;
      const shown = wrong.slice(0, MOST_SHOWN).map((line) => `  - ${line}`);
      const more = wrong.length > MOST_SHOWN ? [`  … and ${wrong.length - MOST_SHOWN} more`] : [];
      throw new FaultFound(
        [
          `${scenario.name} on ${engineName}, ${point}: ${wrong.length} wrong`,
          ...shown,
          ...more,
          `Again: npm run faults -- --only ${scenario.name} --engine ${engineName} --seed ${how.seed} --rounds ${how.rounds}`,
        ].join('\n'),
      );
    },
  };
}

export function addFigures(totals: Totals, { figures }: Stage): void {
  totals.pushes += figures.pushes;
  totals.acknowledgedLines += figures.acknowledgedLines;
  totals.unansweredPushes += figures.unansweredPushes;
  totals.shopCalls += figures.shopCalls;
}
