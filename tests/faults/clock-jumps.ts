import { setTimeout as wait } from 'node:timers/promises';
import type { Scenario } from './scenario';
import { withService } from './shop-faults';

const HOUR_MS = 3_600_000;

/** The machine's clock is set an hour on or back while pushes come in and items are written. */
export const clockJumps: Scenario = {
  name: 'clock-jumps',
  engines: ['sqlite', 'mariadb'],
  run: (run) =>
    withService(run, async ({ stage, random, complaints, clock }) => {
      for (let round = 1; round <= run.rounds; round++) {
        stage.startLoad();
        for (let jump = 0; jump < 3; jump++) {
          await wait(random.between(100, 800));
          if (random.chance(0.3)) stage.shop.faults.next({ kind: 'server-error' }, 5);
          clock.jump(random.pick([HOUR_MS, -HOUR_MS]));
          // There and back before anybody looks: what was written in between is of an hour that is still to come.
          await wait(random.between(10, 60));
          clock.jump(HOUR_MS);
          await wait(random.between(10, 60));
          clock.jump(-HOUR_MS);
        }
        await wait(random.between(100, 500));
        await stage.stopLoad();
        run.totals.rounds += 1;
        await run.check(stage, `round ${round}`, complaints());
      }
    }),
};
