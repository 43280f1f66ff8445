import { pick, push } from '../support/api-client';
import { eventually } from '../support/eventually';
import { connect, runService, type ShopKeys } from '../support/running-service';
import { startSimulatedWooCommerce } from '../support/simulated-woocommerce';
import { bareBatches, oneByOne, productIds, shopCodes } from './other-writers';
import { percentile, report, timed } from './report';

const CHANGES = 500;
const SINGLE_PUSHES = 20;

interface BenchShop {
  readonly name: string;
  readonly keys: ShopKeys;
  readonly close: () => Promise<void>;
}

/** The simulated shop with the cost of a real one, and a real one where the environment names it. */
async function shops(): Promise<BenchShop[]> {
  const simulated = await startSimulatedWooCommerce({ latencyMs: { fixed: 50, perItem: 11 }, recordCalls: false });
  simulated.products.addMany(2_000, (n) => ({ sku: `BENCH-${n}`, name: `Bench ${n}`, stock: 0 }));
  const found: BenchShop[] = [
    { name: 'simulated', keys: { url: simulated.url, ...simulated.keys.readWrite }, close: () => simulated.close() },
  ];
  const { WOO_URL: url, WOO_KEY: consumerKey, WOO_SECRET: consumerSecret } = process.env;
  if (url && consumerKey && consumerSecret) {
    found.push({
      name: 'real',
      keys: { url, consumerKey, consumerSecret, verifyTls: false },
      close: () => Promise.resolve(),
    });
  }
  return found;
}

/** 500 changes of known products: by this service, by one GET and one PUT each, and by bare batch calls. */
export async function benchDelivering(): Promise<void> {
  for (const shop of await shops()) {
    const running = await runService({}, { checkAnswers: false });
    try {
      const codes = await shopCodes(shop.keys, CHANGES);
      const connected = await connect(running.api, shop.keys);
      const { connectionId, pushUrl, token } = connected;
      const synced = async (): Promise<number> => {
        const answer = await running.api.expect(200, 'GET', `/items?limit=1&connectionId=${connectionId}`);
        return Number(pick(answer, 'counts', 'synced'));
      };
      const bringAll = async (quantity: number): Promise<void> => {
        const items = codes.map((code, n) => ({ code, quantity: quantity + (n % 7) }));
        const answer = await push(pushUrl, token, { items });
        if (answer.status !== 202) throw new Error(`push answered ${answer.status}`);
        await eventually(async () => (await synced()) === codes.length, 600_000);
      };
      const callsSoFar = (): number => running.logText().split('"event":"outbound_call"').length - 1;

      const first = callsSoFar();
      const cold = await timed(() => bringAll(100));
      report({ name: `deliver.${shop.name}.first`, value: cold / 1000, unit: 's', n: codes.length });
      report({ name: `deliver.${shop.name}.first.calls`, value: callsSoFar() - first, unit: 'calls', n: codes.length });
      const second = callsSoFar();
      const warm = await timed(() => bringAll(200));
      report({ name: `deliver.${shop.name}.again`, value: warm / 1000, unit: 's', n: codes.length });
      report({
        name: `deliver.${shop.name}.again.calls`,
        value: callsSoFar() - second,
        unit: 'calls',
        n: codes.length,
      });

      const ids = await productIds(shop.keys, codes);
      for (const [size, parallel] of [
        [25, 4],
        [100, 2],
      ] as const) {
        const bare = await timed(() => bareBatches(shop.keys, ids, 300 + size, size, parallel));
        report({
          name: `bare-batches.${shop.name}.${size}x${parallel}`,
          value: bare / 1000,
          unit: 's',
          n: codes.length,
        });
      }
      const naive = await timed(() => oneByOne(shop.keys, codes, 500));
      report({ name: `one-get-one-put.${shop.name}`, value: naive / 1000, unit: 's', n: codes.length });
      report({
        name: `deliver.${shop.name}.times-faster-than-one-by-one`,
        value: naive / cold,
        unit: '×',
        n: codes.length,
      });

      const delays: number[] = [];
      for (let n = 0; n < SINGLE_PUSHES; n++) {
        const code = codes[n] ?? '';
        delays.push(
          await timed(async () => {
            await push(pushUrl, token, { code, quantity: 1_000 + n });
            await eventually(async () => {
              const answer = await running.api.expect(200, 'GET', `/items?limit=1&q=${encodeURIComponent(code)}`);
              return (
                pick(answer, 'data', 0, 'verified') === true && pick(answer, 'data', 0, 'shown') === String(1_000 + n)
              );
            }, 60_000);
          }),
        );
      }
      for (const share of [0.5, 0.95]) {
        report({
          name: `push-to-verified.${shop.name}.p${share * 100}`,
          value: percentile(delays, share),
          unit: 'ms',
          n: SINGLE_PUSHES,
        });
      }
    } finally {
      await running.stop();
      await shop.close();
    }
  }
}
