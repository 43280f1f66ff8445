import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DataSource } from 'typeorm';
import { ApiClient, pick, pickNumber, pickText, push } from '../support/api-client';
import { engines } from '../support/databases';
import { eventually } from '../support/eventually';
import { OwnRedis, whenRedisCanBeStarted } from '../support/redis';
import { ADMIN_TOKEN, connect } from '../support/running-service';
import { ServiceProcess } from '../support/service-process';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';
import { dataSourceOf } from '../support/test-stores';

/** A killed worker's lane is free after it; a sweep and the first call follow. */
const LEASE_MS = 15_000;
const TAKEN_OVER_WITHIN_MS = LEASE_MS + 5_000;
const PRODUCTS = 1_200;

const skus = Array.from({ length: PRODUCTS }, (_, n) => `W-${n}`);
const [, mysql] = engines;

describe('one web process and two workers', () => {
  mysql?.whenAvailable(() =>
    whenRedisCanBeStarted(() => {
      const folder = mkdtempSync(path.join(tmpdir(), 'stock-relay-cluster-'));
      let redis: OwnRedis;
      let database: DataSource;
      let shop: SimulatedWooCommerce;
      let environment: Record<string, string>;
      let web: ServiceProcess;
      let send: (quantity: (sku: string) => number, of?: readonly string[]) => Promise<void>;
      /** Every worker there ever was, the killed ones too. */
      const workers: ServiceProcess[] = [];

      const start = (role: 'web' | 'worker'): Promise<ServiceProcess> =>
        ServiceProcess.start({ ...environment, ROLE: role });
      const startWorker = async (): Promise<ServiceProcess> => {
        const worker = await start('worker');
        workers.push(worker);
        return worker;
      };

      /** The worker that holds the lane now. */
      const owner = async (): Promise<ServiceProcess | undefined> => {
        const [row] = await database.manager.query<{ owner: string | null }[]>('SELECT owner FROM lanes');
        const pid = row?.owner?.split(':').at(-2);
        return workers.find((worker) => String(worker.pid) === pid);
      };
      const arrived = (quantity: (sku: string) => number, of: readonly string[] = skus): boolean =>
        of.every((sku) => shop.products.stockOf(sku) === quantity(sku));

      /** Who called the shop from when to when, as the workers themselves logged it. */
      const calls = () =>
        workers
          .flatMap((worker) =>
            worker
              .logged()
              .filter((line) => pick(line, 'event') === 'outbound_call')
              .map((line) => {
                // Logged at its end; the duration is rounded.
                const to = pickNumber(line, 'at');
                return { worker: worker.pid, from: to - pickNumber(line, 'durationMs') + 1, to };
              }),
          )
          .sort((a, b) => a.from - b.from);

      beforeAll(async () => {
        redis = await OwnRedis.started();
        const { url } = await mysql.create();
        environment = {
          DATA_DIR: folder,
          DATABASE_URL: url,
          REDIS_URL: redis.url,
          APP_KEY: randomBytes(32).toString('base64'),
          ADMIN_TOKEN,
          LOG_LEVEL: 'info',
        };
        shop = await startSimulatedWooCommerce({
          products: skus.map((sku) => ({ sku, name: sku, stock: 0 })),
          recordCalls: false,
        });
        // All at once, on an empty database.
        [web] = await Promise.all([start('web'), startWorker(), startWorker()]);
        database = await dataSourceOf(url).initialize();
        const { pushUrl, token } = await connect(new ApiClient(web.url, ADMIN_TOKEN), {
          url: shop.url,
          ...shop.keys.readWrite,
        });
        const address = `${web.url}${new URL(pushUrl).pathname}`;
        send = async (quantity, of = skus) => {
          const answer = await push(
            address,
            token,
            of.map((code) => ({ code, quantity: quantity(code) })),
          );
          expect(answer.status).toBe(202);
        };
      }, 60_000);

      afterAll(async () => {
        await Promise.all([web, ...workers].map((process) => process.stop()));
        await database.destroy();
        await shop.close();
        await redis.remove();
        await mysql.dropAll();
        rmSync(folder, { recursive: true, force: true });
      }, 60_000);

      it('bring a push to the shop, and only workers call it', async () => {
        await send(() => 3, ['W-0', 'W-1']);
        await eventually(async () => arrived(() => 3, ['W-0', 'W-1']));
        await eventually(async () => calls().length > 0);
        expect(web.logged().filter((line) => pick(line, 'event') === 'outbound_call')).toEqual([]);
      });

      it('serve health, readiness and figures from a worker, and nothing else', async () => {
        const [worker] = workers;
        const statusOf = async (at: string, method = 'GET') =>
          (await fetch(`${worker?.url}${at}`, { method, headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })).status;
        for (const at of ['/healthz', '/readyz', '/metrics']) expect([at, await statusOf(at)]).toEqual([at, 200]);
        for (const at of ['/', '/setup', '/api/v1/shops', '/api/docs', '/api/v1/openapi.json'])
          expect([at, await statusOf(at)]).toEqual([at, 404]);
        expect(await statusOf('/push/anything', 'POST')).toBe(404);
        expect((await fetch(`${web.url}/readyz`)).status).toBe(200);
      });

      it('say they are not ready when the database lacks a migration', async () => {
        const [last] = await database.manager.query<{ id: number; timestamp: string; name: string }[]>(
          'SELECT id, timestamp, name FROM schema_migrations ORDER BY id DESC LIMIT 1',
        );
        await database.query('DELETE FROM schema_migrations WHERE id = ?', [last?.id]);
        try {
          for (const { url } of [web, ...workers]) expect((await fetch(`${url}/readyz`)).status).toBe(503);
        } finally {
          await database.query('INSERT INTO schema_migrations (id, timestamp, name) VALUES (?, ?, ?)', [
            last?.id,
            last?.timestamp,
            last?.name,
          ]);
        }
        expect((await fetch(`${web.url}/readyz`)).status).toBe(200);
      });

      it('take over the lane of a worker killed in mid-work, and everything ends right', async () => {
        const quantity = (sku: string) => 10 + (skus.indexOf(sku) % 7);
        shop.latencyMs = { fixed: 300, perItem: 10 };
        await send(quantity);
        await eventually(async () => skus.some((sku) => shop.products.stockOf(sku) === quantity(sku)));
        const killed = await eventually(owner);
        await killed.kill();
        const killedAt = Date.now();
        expect(arrived(quantity)).toBe(false);
        shop.latencyMs = { fixed: 50 };
        const heir = await eventually(async () => {
          const now = await owner();
          return now !== killed && now;
        }, TAKEN_OVER_WITHIN_MS);
        expect(heir.pid).not.toBe(killed.pid);
        await eventually(async () => arrived(quantity), 60_000);
        const heirsFirst = await eventually(async () =>
          calls().find(({ worker, from }) => worker === heir.pid && from > killedAt),
        );
        expect(heirsFirst.from - killedAt).toBeLessThan(TAKEN_OVER_WITHIN_MS);
      }, 120_000);

      it('go on without Redis, by their sweep, and with it again', async () => {
        await startWorker();
        await redis.kill();
        await send(() => 41);
        await eventually(async () => arrived(() => 41), 60_000);
        const away = workers.flatMap((worker) =>
          worker.logged().filter((line) => pick(line, 'event') === 'redis_away'),
        );
        // Once by each that still lives.
        expect(away).toHaveLength(2);
        await redis.start();
        await send(() => 42);
        await eventually(async () => arrived(() => 42), 60_000);
        await eventually(async () => web.logged().some((line) => pickText(line, 'event') === 'redis_back'));
      }, 150_000);

      it('give way to each other without ever calling the shop side by side', async () => {
        // Both want the lane, again and again: each round is over before the next begins.
        for (let round = 0; round < 30; round++) {
          const few = skus.slice(round * 20, round * 20 + 20);
          await send(() => 200 + round, few);
          await eventually(async () => arrived(() => 200 + round, few));
        }
        const all = calls();
        expect(new Set(all.map(({ worker }) => worker)).size).toBeGreaterThan(1);
        const sideBySide = all.flatMap((call, at) =>
          all.slice(at + 1).filter((later) => later.worker !== call.worker && later.from < call.to),
        );
        expect(sideBySide).toEqual([]);
      }, 120_000);
    }),
  );
});
