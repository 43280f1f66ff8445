import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ApiClient, pick, push } from '../support/api-client';
import { eventually } from '../support/eventually';
import { ADMIN_TOKEN, connect } from '../support/running-service';
import { ServiceProcess } from '../support/service-process';
import { startSimulatedWooCommerce } from '../support/simulated-woocommerce';
import { report } from './report';
import { ResidentMemory } from './resident-memory';

const SIZES = [1_000, 10_000, 100_000];
const LINES_PER_PUSH = 10_000;
/** Without a bound the heap grows as far as the machine has room, whatever is held; beyond it the process would die. */
const HEAP_BOUND = '--max-old-space-size=128 --max-semi-space-size=8';

/**
 * Memory of the service, a process of its own with a bounded heap, and cost per item as the backlog grows. The shop costs nothing but
 * shares the machine, so what is measured is ours and the simulator's together.
 */
export async function benchBacklog(): Promise<void> {
  for (const size of SIZES) {
    const shop = await startSimulatedWooCommerce({ recordCalls: false });
    shop.products.addMany(size, (n) => ({ sku: `M-${n}`, name: `Memory ${n}`, stock: 0 }));
    const dataDir = mkdtempSync(path.join(tmpdir(), 'stock-relay-bench-'));
    const service = await ServiceProcess.start({
      DATA_DIR: dataDir,
      ADMIN_TOKEN,
      LOG_LEVEL: 'silent',
      NODE_OPTIONS: HEAP_BOUND,
    });
    const memory = new ResidentMemory(service.pid);
    try {
      const api = new ApiClient(service.url, ADMIN_TOKEN);
      const connected = await connect(api, { url: shop.url, ...shop.keys.readWrite });
      await shop.goDown();
      for (let start = 0; start < size; start += LINES_PER_PUSH) {
        const items = Array.from({ length: Math.min(LINES_PER_PUSH, size - start) }, (_, n) => ({
          code: `M-${start + n}`,
          quantity: 1 + (n % 9),
        }));
        const answer = await push(connected.pushUrl, connected.token, { items });
        if (answer.status !== 202) throw new Error(`push answered ${answer.status}`);
      }
      const mostAccepting = memory.take();
      await shop.comeBack();
      const startedAt = performance.now();
      await api.expect(200, 'POST', `/shops/${connected.shopId}/resume`);
      await eventually(
        async () => {
          const found = await api.expect(200, 'GET', `/items?limit=1&connectionId=${connected.connectionId}`);
          return Number(pick(found, 'counts', 'synced')) === size;
        },
        900_000,
        250,
      );
      const ms = performance.now() - startedAt;
      report({ name: `backlog.${size}.cost-per-item`, value: ms / size, unit: 'ms', n: size });
      report({ name: `backlog.${size}.rate`, value: size / (ms / 1000), unit: 'items/s', n: size });
      report({ name: `backlog.${size}.memory-accepting`, value: mostAccepting, unit: 'MB', n: size });
      report({ name: `backlog.${size}.memory-delivering`, value: memory.take(), unit: 'MB', n: size });
    } finally {
      memory.stop();
      await service.stop();
      await shop.close();
      rmSync(dataDir, { recursive: true, force: true });
    }
  }
}
