import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ApiClient, push } from '../support/api-client';
import { engines } from '../support/databases';
import { eventually } from '../support/eventually';
import { ADMIN_TOKEN, connect } from '../support/running-service';
import { ServiceProcess } from '../support/service-process';
import { startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const ROUNDS = 5;

describe.each(engines)('a push that was answered survives kill -9, on $name', (engine) => {
  engine.whenAvailable(() => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'stock-relay-kill-'));

    afterAll(async () => {
      rmSync(dataDir, { recursive: true, force: true });
      await engine.dropAll();
    });

    it('is in the shop after the next start, each time', async () => {
      const shop = await startSimulatedWooCommerce({
        products: Array.from({ length: ROUNDS }, (_, round) => ({ sku: `K-${round}`, name: `K ${round}`, stock: 0 })),
      });
      const environment = { DATA_DIR: dataDir, DATABASE_URL: (await engine.create()).url, ADMIN_TOKEN };
      let service = await ServiceProcess.start(environment);
      const { pushUrl, token } = await connect(new ApiClient(service.url, ADMIN_TOKEN), {
        url: shop.url,
        ...shop.keys.readWrite,
      });
      const pathOfPush = new URL(pushUrl).pathname;
      for (let round = 0; round < ROUNDS; round++) {
        // The shop is slow enough that the kill always falls before or into the delivery.
        shop.latencyMs = { fixed: 300 };
        const answer = await push(`${service.url}${pathOfPush}`, token, { code: `K-${round}`, quantity: 100 + round });
        await service.kill();
        expect(answer.status).toBe(202);
        shop.latencyMs = {};
        service = await ServiceProcess.start(environment);
        await eventually(async () => shop.products.stockOf(`K-${round}`) === 100 + round, 25_000);
      }
      expect(await service.stop()).toBe(0);
      await shop.close();
    }, 180_000);
  });
});
