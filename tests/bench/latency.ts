import { pick, pickList, pickNumber, pickText, push } from '../support/api-client';
import { eventually } from '../support/eventually';
import { connect, runService } from '../support/running-service';
import { startSimulatedWooCommerce } from '../support/simulated-woocommerce';
import { bringAll } from './delivering';
import { percentile, report, timed } from './report';

const SINGLE_PUSHES = 60;
const BULK = 50_000;
const LINES_PER_PUSH = 10_000;

/** From the push's first byte to the proven value, with a shop that answers in 100 ms: idle, and under a full resync. */
export async function benchLatency(): Promise<void> {
  const shop = await startSimulatedWooCommerce({ latencyMs: { fixed: 100 }, recordCalls: false });
  shop.products.addMany(BULK, (n) => ({ sku: `L-${n}`, name: `Latency ${n}`, stock: 0 }));
  const running = await runService({ LOG_LEVEL: 'warn' }, { checkAnswers: false });
  try {
    const connected = await connect(running.api, { url: shop.url, ...shop.keys.readWrite });
    const { pushUrl, token, connectionId } = connected;
    // Made before anything is measured, so that each can be asked for by its id, which costs next to nothing.
    const codes = Array.from({ length: SINGLE_PUSHES }, (_, n) => `L-${n * 37}`);
    await bringAll(
      running,
      connected,
      codes.map((code) => ({ code, quantity: 1 })),
    );
    const rows = pickList(await running.api.expect(200, 'GET', '/items?limit=200'), 'data');
    const ids = new Map(rows.map((row) => [pickText(row, 'code'), pickNumber(row, 'id')]));
    const isShown = async (code: string, quantity: number): Promise<boolean> => {
      const item = await running.api.expect(200, 'GET', `/items/${ids.get(code) ?? 0}`);
      return pick(item, 'verified') === true && pick(item, 'shown') === String(quantity);
    };
    const measure = async (name: string, base: number): Promise<void> => {
      const delays: number[] = [];
      for (const [n, code] of codes.entries()) {
        const quantity = base + n;
        delays.push(
          await timed(async () => {
            await push(pushUrl, token, { code, quantity });
            await eventually(() => isShown(code, quantity), 120_000);
          }),
        );
      }
      for (const share of [0.5, 0.95, 0.99]) {
        report({
          name: `push-to-verified.${name}.p${share * 100}`,
          value: percentile(delays, share),
          unit: 'ms',
          n: delays.length,
        });
      }
    };
    await measure('idle', 100_000);

    for (let start = 0; start < BULK; start += LINES_PER_PUSH) {
      const items = Array.from({ length: LINES_PER_PUSH }, (_, n) => ({ code: `L-${start + n}`, quantity: 5 }));
      await push(pushUrl, token, { items });
    }
    const inStep = async (): Promise<boolean> => {
      const found = await running.api.expect(200, 'GET', `/items?limit=1&connectionId=${connectionId}`);
      return Number(pick(found, 'counts', 'synced')) === BULK;
    };
    await eventually(inStep, 900_000, 250);
    // Somebody restored an old copy of the shop, and everything is brought to it again.
    for (let n = 0; n < BULK; n++) shop.products.setStock(`L-${n}`, 6);
    await running.api.expect(200, 'POST', '/items/actions', { action: 'sync-now', filter: { connectionId } });
    await measure('under-bulk', 200_000);
    const left = await running.api.expect(200, 'GET', `/items?limit=1&connectionId=${connectionId}`);
    report({
      name: 'push-to-verified.under-bulk.still-waiting',
      value: Number(pick(left, 'counts', 'due')),
      unit: 'items',
      n: BULK,
    });
  } finally {
    await running.stop();
    await shop.close();
  }
}
