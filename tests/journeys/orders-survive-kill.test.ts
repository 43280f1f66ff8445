import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ApiClient } from '../support/api-client';
import { engines } from '../support/databases';
import { eventually } from '../support/eventually';
import { freePort } from '../support/free-port';
import { COUNTED, OrderBench, PRODUCTS } from '../support/order-bench';
import { ADMIN_TOKEN, type Connected, connect } from '../support/running-service';
import { ServiceProcess } from '../support/service-process';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

describe.each(engines)('web orders while we are away, on $name', (engine) => {
  engine.whenAvailable(() => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'stock-relay-orders-'));
    let environment: Record<string, string>;
    let shop: SimulatedWooCommerce;
    let service: ServiceProcess;
    let connected: Connected;
    let bench: OrderBench;

    beforeAll(async () => {
      shop = await startSimulatedWooCommerce({ products: PRODUCTS });
      const PORT = String(await freePort());
      const PUBLIC_URL = `http://127.0.0.1:${PORT}`;
      const DATABASE_URL = (await engine.create()).url;
      environment = { DATA_DIR: dataDir, DATABASE_URL, ADMIN_TOKEN, PORT, PUBLIC_URL };
      service = await ServiceProcess.start(environment);
      const api = () => new ApiClient(service.url, ADMIN_TOKEN);
      connected = await connect(api(), { url: shop.url, ...shop.keys.readWrite }, COUNTED);
      bench = new OrderBench(shop, api, () => connected);
      await eventually(async () => bench.webhooks().length === 4, 20_000);
      await bench.say(5_000);
      await bench.allIsTrue();
    }, 120_000);

    afterAll(async () => {
      await service.stop();
      await shop.close();
      rmSync(dataDir, { recursive: true, force: true });
      await engine.dropAll();
    });

    it.each(['stop', 'kill'] as const)(
      'are all known after the next start, and the level that waited is brought (%s)',
      async (how) => {
        // The shop is slow enough that the end falls before or into the delivery.
        shop.latencyMs = { fixed: 300 };
        bench.business(20);
        await bench.say(how === 'stop' ? 4_800 : 4_600);
        await service[how]();
        shop.latencyMs = {};
        bench.business(140);
        await shop.deliverWebhooks();
        service = await ServiceProcess.start(environment);
        bench.business(10);
        await bench.allIsTrue();
      },
      180_000,
    );
  });
});
