import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ApiClient, pick, pickNumber, pickText } from '../support/api-client';
import { engines } from '../support/databases';
import { eventually } from '../support/eventually';
import { ADMIN_TOKEN, connect } from '../support/running-service';
import { ServiceProcess } from '../support/service-process';
import { SimulatedAccounting } from '../support/simulated-accounting';
import { startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const LOGIN = { email: 'owner@shop.example', apiToken: '003|abc', vatCode: 'RO12345678' };
const PRODUCTS = 3_000;
const LONG_MS = 120_000;

describe.each(engines)('a pull survives kill -9, on $name', (engine) => {
  engine.whenAvailable(() => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'stock-relay-kill-'));

    afterAll(async () => {
      rmSync(dataDir, { recursive: true, force: true });
      await engine.dropAll();
    });

    it('and is brought to its end after the next start, with no product written twice but those under way', async () => {
      const products = Array.from({ length: PRODUCTS }, (_, n) => ({ code: `P-${n}`, name: `P ${n}`, level: 8 }));
      const accounting = await SimulatedAccounting.start({ products, warehouses: ['Depozit'], login: LOGIN });
      const shop = await startSimulatedWooCommerce({
        products: products.map(({ code, name }) => ({ sku: code, name, stock: 5 })),
      });
      const environment = {
        DATA_DIR: dataDir,
        DATABASE_URL: (await engine.create()).url,
        SMARTBILL_API_URL: accounting.apiUrl,
        ADMIN_TOKEN,
      };
      let service = await ServiceProcess.start(environment);
      const { connectionId, shopId } = await connect(
        new ApiClient(service.url, ADMIN_TOKEN),
        { url: shop.url, ...shop.keys.readWrite },
        { source: { kind: 'smartbill', settings: LOGIN }, connection: { warehouses: '*', matchBy: ['code'] } },
      );
      const ask = (where: string) => new ApiClient(service.url, ADMIN_TOKEN).expect(200, 'GET', where);
      await eventually(async () => pick(await ask(`/shops/${shopId}/catalogue`), 'loadedAt') !== null, LONG_MS);
      shop.forgetCalls();
      shop.latencyMs = { fixed: 30 };
      const api = new ApiClient(service.url, ADMIN_TOKEN);
      const runId = pickNumber(await api.expect(202, 'POST', `/connections/${connectionId}/pull`), 'runId');
      for (const share of [0.1, 0.4, 0.7]) {
        await eventually(async () => shop.writes.length > PRODUCTS * share, LONG_MS, 5);
        await service.kill();
        service = await ServiceProcess.start(environment);
      }
      const run = await eventually(async () => {
        const found = await ask(`/runs/${runId}`);
        return ['queued', 'running'].includes(pickText(found, 'status')) ? undefined : found;
      }, 2 * LONG_MS);
      expect(pick(run, 'status')).toBe('succeeded');
      expect(products.filter(({ code }) => shop.products.stockOf(code) !== 8)).toEqual([]);
      const times = new Map<string, number>();
      for (const { sku } of shop.writes) times.set(sku, (times.get(sku) ?? 0) + 1);
      expect(times.size).toBe(PRODUCTS);
      // The shop is looked at before what a dead worker had in its hands is written: what had arrived is left.
      expect(Math.max(...times.values())).toBeLessThanOrEqual(2);
      expect(shop.writes.length - PRODUCTS).toBeLessThan(PRODUCTS / 10);
      expect(await service.stop()).toBe(0);
      await shop.close();
      await accounting.close();
    }, 600_000);
  });
});
