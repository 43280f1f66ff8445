import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ApiClient, pick, pickNumber, pickText } from '../support/api-client';
import { eventually } from '../support/eventually';
import { ADMIN_TOKEN, connect } from '../support/running-service';
import { ServiceProcess } from '../support/service-process';
import { SimulatedAccounting } from '../support/simulated-accounting';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';
import { askAgain, isPage, PAGE_MS } from './catalogue';
import { report, timed } from './report';
import { ResidentMemory } from './resident-memory';

const PRODUCTS = Number(process.env['BENCH_PRODUCTS'] ?? 50_000);
/** One in a hundred is another than the shop shows. */
const DIFFERENT_EVERY = 100;
const LINES_PER_PUSH = 5_000;
const LONGEST_MS = 1_800_000;
const LOGIN = { email: 'owner@shop.example', apiToken: '003|abc', vatCode: 'RO12345678' };

/** How long a pull and a check of a large shop take, and what of that is the shop's own time for being read. */
export async function benchChecking(): Promise<void> {
  const products = Array.from({ length: PRODUCTS }, (_, n) => ({ code: `P-${n}`, name: `Product ${n}`, level: 5 }));
  const different = products.filter((_, n) => n % DIFFERENT_EVERY === 0);
  const accounting = await SimulatedAccounting.start({ products, warehouses: ['Depozit'], login: LOGIN });
  const shop = await startSimulatedWooCommerce();
  shop.products.addMany(PRODUCTS, (n) => ({ sku: `P-${n}`, name: `Product ${n}`, stock: 5 }));
  const dataDir = mkdtempSync(path.join(tmpdir(), 'stock-relay-bench-'));
  const service = await ServiceProcess.start({
    DATA_DIR: dataDir,
    ADMIN_TOKEN,
    LOG_LEVEL: 'warn',
    SMARTBILL_API_URL: accounting.apiUrl,
  });
  const memory = new ResidentMemory(service.pid);
  try {
    const api = new ApiClient(service.url, ADMIN_TOKEN);
    const { shopId, connectionId, pushUrl, token } = await connect(
      api,
      { url: shop.url, ...shop.keys.readWrite },
      { source: { kind: 'smartbill', settings: LOGIN }, connection: { warehouses: '*', matchBy: ['code'] } },
    );
    accounting.pushTo(pushUrl, token);
    await eventually(
      async () => pick(await api.expect(200, 'GET', `/shops/${shopId}/catalogue`), 'loadedAt') !== null,
      LONGEST_MS,
      500,
    );
    for (let from = 0; from < PRODUCTS; from += LINES_PER_PUSH) {
      const status = await accounting.push(products.slice(from, from + LINES_PER_PUSH));
      if (status >= 300) throw new Error(`The push was answered ${status}`);
    }
    await eventually(
      async () => {
        const found = await api.expect(200, 'GET', `/items?limit=1&connectionId=${connectionId}`);
        return Number(pick(found, 'counts', 'synced')) === PRODUCTS;
      },
      LONGEST_MS,
      1_000,
    );
    for (const product of different) product.level = 8;
    await benchRun('pull', shop, api, connectionId, memory);
    for (const { code } of different) shop.products.setStock(code, 3);
    await benchRun('check', shop, api, connectionId, memory);
  } finally {
    memory.stop();
    await service.stop();
    await shop.close();
    await accounting.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function benchRun(
  kind: 'pull' | 'check',
  shop: SimulatedWooCommerce,
  api: ApiClient,
  connectionId: number,
  memory: ResidentMemory,
): Promise<void> {
  shop.forgetCalls();
  memory.take();
  shop.latencyMs = { fixed: PAGE_MS };
  let status = '';
  const total = await timed(async () => {
    const started = await api.expect(202, 'POST', `/connections/${connectionId}/${kind}`);
    status = await eventually(
      async () => {
        const found = pickText(await api.expect(200, 'GET', `/runs/${pickNumber(started, 'runId')}`), 'status');
        return found === 'queued' || found === 'running' ? undefined : found;
      },
      LONGEST_MS,
      100,
    );
  });
  if (status !== 'succeeded') throw new Error(`The ${kind} ended as ${status}`);
  const [calls, writes] = [shop.calls.length, shop.writes.length];
  const pages = shop.calls.filter(isPage).map(({ route, query }) => ({ route, query }));
  const alone = await timed(() => askAgain(shop, pages));
  shop.latencyMs = {};
  report({ name: `checking.${kind}`, value: total / 1000, unit: 's', n: PRODUCTS });
  report({ name: `checking.${kind}.shop-alone`, value: alone / 1000, unit: 's', n: pages.length });
  report({ name: `checking.${kind}.over-the-shop`, value: 100 * (total / alone - 1), unit: '%', n: pages.length });
  report({ name: `checking.${kind}.writes`, value: writes, unit: 'writes', n: PRODUCTS });
  report({ name: `checking.${kind}.calls`, value: calls, unit: 'calls', n: PRODUCTS });
  report({ name: `checking.${kind}.memory`, value: memory.take(), unit: 'MB', n: PRODUCTS });
}
