import { push } from '../support/api-client';
import { connect, runService } from '../support/running-service';
import { startSimulatedWooCommerce } from '../support/simulated-woocommerce';
import { eventually } from '../support/eventually';
import { pick } from '../support/api-client';
import { report } from './report';

const SIZES = [1_000, 10_000, 100_000];
const LINES_PER_PUSH = 10_000;
const MEGABYTE = 1024 * 1024;

/** Memory and cost per item as the backlog grows; the shop costs nothing, so what is measured is ours. */
export async function benchBacklog(): Promise<void> {
  for (const size of SIZES) {
    const shop = await startSimulatedWooCommerce({ recordCalls: false });
    shop.products.addMany(size, (n) => ({ sku: `M-${n}`, name: `Memory ${n}`, stock: 0 }));
    const running = await runService({ LOG_LEVEL: 'silent' }, { checkAnswers: false });
    try {
      const connected = await connect(running.api, { url: shop.url, ...shop.keys.readWrite });
      await shop.goDown();
      for (let start = 0; start < size; start += LINES_PER_PUSH) {
        const items = Array.from({ length: Math.min(LINES_PER_PUSH, size - start) }, (_, n) => ({
          code: `M-${start + n}`,
          quantity: 1 + (n % 9),
        }));
        const answer = await push(connected.pushUrl, connected.token, { items });
        if (answer.status !== 202) throw new Error(`push answered ${answer.status}`);
      }
      globalThis.gc?.();
      const before = process.memoryUsage().rss;
      let most = before;
      await shop.comeBack();
      const startedAt = performance.now();
      await running.api.expect(200, 'POST', `/shops/${connected.shopId}/resume`);
      await eventually(
        async () => {
          most = Math.max(most, process.memoryUsage().rss);
          const found = await running.api.expect(200, 'GET', `/items?limit=1&connectionId=${connected.connectionId}`);
          return Number(pick(found, 'counts', 'synced')) === size;
        },
        900_000,
        250,
      );
      const ms = performance.now() - startedAt;
      report({ name: `backlog.${size}.cost-per-item`, value: ms / size, unit: 'ms', n: size });
      report({ name: `backlog.${size}.rate`, value: size / (ms / 1000), unit: 'items/s', n: size });
      report({ name: `backlog.${size}.memory-grown`, value: (most - before) / MEGABYTE, unit: 'MB', n: size });
    } finally {
      await running.stop();
      await shop.close();
    }
  }
}
