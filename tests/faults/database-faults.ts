import { setTimeout as wait } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { eventually } from '../support/eventually';
import type { ServiceProcess } from '../support/service-process';
import { TcpGate } from '../support/tcp-gate';
import { missingProgram, PrivateServer } from './private-servers';
import { Processes } from './processes';
import { addFigures, type Scenario, type ScenarioRun } from './scenario';
import { Stage } from './stage';

/** While the database is away the service says so; what it must not do is end, or stay ill. */
async function withProcess(
  run: ScenarioRun,
  databaseUrl: string,
  play: (stage: Stage, ended: () => string[]) => Promise<void>,
): Promise<void> {
  const stage = await Stage.open({ random: run.random('load'), scale: run.scale });
  let service: ServiceProcess | null = null;
  try {
    stage.shop.latencyMs = { fixed: 10 };
    const started = await new Processes({ DATA_DIR: stage.dataDir, DATABASE_URL: databaseUrl }, Date.now()).start();
    service = started;
    stage.url = started.url;
    await stage.begin();
    await play(stage, () => (started.hasEnded ? [`The service ended by itself: ${started.output.slice(-1_500)}`] : []));
  } finally {
    addFigures(run.totals, stage);
    await stage.close();
    await service?.kill();
  }
}

const throughGate = (url: string, gate: TcpGate): string => {
  const changed = new URL(url);
  changed.hostname = '127.0.0.1';
  changed.port = String(gate.port);
  return changed.href;
};

/** Connections cut while statements and commits are on their way, answers kept back, and none taken for a while. */
const connectionsCut: Scenario = {
  name: 'database-connections-cut',
  engines: ['mariadb'],
  async run(run) {
    const { url } = await run.engine.create();
    const { hostname, port } = new URL(url);
    const gate = await TcpGate.open({ host: hostname, port: Number(port || 3306) });
    const random = run.random();
    try {
      await withProcess(run, throughGate(url, gate), async (stage, ended) => {
        for (let round = 1; round <= run.rounds; round++) {
          stage.startLoad();
          for (let cut = random.between(3, 6); cut > 0; cut--) {
            await wait(random.between(50, 500));
            switch (random.between(0, 2)) {
              case 0:
                gate.cut();
                break;
              case 1:
                gate.hold();
                await wait(random.between(5, 60));
                gate.cut();
                gate.reopen();
                break;
              default:
                gate.shut();
                await wait(random.between(200, 2_500));
                gate.reopen();
            }
          }
          await stage.stopLoad();
          run.totals.rounds += 1;
          await run.check(stage, `round ${round}`, ended());
        }
      });
    } finally {
      await gate.close();
    }
  },
};

const databaseKilled: Scenario = {
  name: 'database-killed',
  engines: ['mariadb'],
  missing: () => missingProgram('mariadb-install-db') ?? missingProgram('mariadbd'),
  async run(run) {
    const random = run.random();
    const database = await PrivateServer.mariadb();
    try {
      const server = `mysql://root@127.0.0.1:${database.port}/`;
      const connection = await eventually(() => createConnection(server), 30_000);
      await connection.query('CREATE DATABASE faults CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci');
      await connection.end();
      await withProcess(run, `${server}faults`, async (stage, ended) => {
        for (let round = 1; round <= run.rounds; round++) {
          stage.startLoad();
          await wait(random.between(200, 1_200));
          await database.kill();
          await wait(random.between(0, 2_000));
          await database.start();
          await wait(random.between(0, 500));
          await stage.stopLoad();
          run.totals.rounds += 1;
          await run.check(stage, `round ${round}`, ended());
        }
      });
    } finally {
      await database.remove();
    }
  },
};

export const databaseFaults: readonly Scenario[] = [connectionsCut, databaseKilled];
