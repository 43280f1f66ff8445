import { setTimeout as wait } from 'node:timers/promises';
import type { ServiceProcess } from '../support/service-process';
import { complaintsOf, Processes } from './processes';
import type { Random } from './random';
import { addFigures, type Scenario } from './scenario';
import { Stage } from './stage';

const KILLS_BEFORE_A_CHECK = 4;
const WAITS_AT_MOST_MS = 2_500;

/** Kills at a moment chosen by the seed: at some time, in the middle of a shop write, or right behind an answer. */
export async function killAtSomePoint(stage: Stage, service: ServiceProcess, random: Random): Promise<void> {
  let kill: Promise<void> | null = null;
  const killNow = (): void => {
    kill ??= service.kill();
  };
  const deadline = new AbortController();
  const killed = new Promise<void>((resolve) => {
    const then = (delayMs: number) => (): void => {
      if (delayMs > 0) setTimeout(() => (killNow(), resolve()), delayMs);
      else {
        killNow();
        resolve();
      }
    };
    switch (random.between(0, 3)) {
      case 0:
        setTimeout(then(0), random.between(0, 1_200));
        break;
      case 1:
        // The shop has stored the number and has not answered yet.
        stage.onceAfter('write', random.between(1, 60), then(0));
        break;
      case 2:
        // The shop has answered, and the answer is being settled.
        stage.onceAfter('write', random.between(1, 60), then(random.between(1, 25)));
        break;
      default:
        stage.onceAfter('acknowledged', random.between(1, 12), then(random.chance(0.5) ? 0 : random.between(1, 10)));
    }
  });
  await Promise.race([killed, wait(WAITS_AT_MOST_MS, undefined, { signal: deadline.signal }).catch(() => undefined)]);
  deadline.abort();
  killNow();
  await kill;
}

export const killService: Scenario = {
  name: 'kill-9',
  engines: ['sqlite', 'mariadb'],
  async run(run) {
    const random = run.random();
    const stage = await Stage.open({ random: run.random('load'), scale: run.scale });
    const { url } = await run.engine.create();
    const processes = new Processes({ DATA_DIR: stage.dataDir, DATABASE_URL: url }, Date.now());
    // Nobody waits for a lease on SQLite, so that the service can be the one its owner runs.
    const start = () => (run.engineName === 'sqlite' ? processes.startAsShipped() : processes.start());
    let service = await start();
    try {
      stage.url = service.url;
      await stage.begin();
      for (let round = 1; round <= run.rounds;) {
        stage.startLoad();
        const last = Math.min(run.rounds, round + KILLS_BEFORE_A_CHECK - 1);
        const first = round;
        const complaints: string[] = [];
        for (; round <= last; round++) {
          stage.shop.latencyMs = { fixed: random.between(0, 40), perItem: random.between(0, 2) };
          if (service.hasEnded) complaints.push(`The service ended by itself: ${service.output.slice(-1_000)}`);
          await killAtSomePoint(stage, service, random);
          complaints.push(...complaintsOf(service));
          stage.url = null;
          service = await start();
          stage.url = service.url;
          run.totals.rounds += 1;
        }
        await wait(random.between(0, 300));
        await stage.stopLoad();
        stage.shop.latencyMs = {};
        await run.check(stage, `after kill ${first} to ${last}`, complaints);
      }
    } finally {
      addFigures(run.totals, stage);
      await stage.close();
      await service.kill();
    }
  },
};
