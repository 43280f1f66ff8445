import { pick, push } from '../support/api-client';
import { eventually } from '../support/eventually';
import { type Connected, connect, type RunningService, runService, type ShopKeys } from '../support/running-service';
import { startSimulatedWooCommerce } from '../support/simulated-woocommerce';
import { bareBatches, oneByOne, productIds, shopCodes } from './other-writers';
import { report, timed } from './report';

/** Enough that begin and end do not count; a real shop may have fewer products to offer. */
const MOST_CHANGES = 1_500;
/** The naive way is too slow to wait for all of them; its cost per product is what it is. */
const NAIVE_CHANGES = 100;

interface BenchShop {
  readonly name: string;
  readonly keys: ShopKeys;
  readonly close: () => Promise<void>;
}

/** The simulated shop with the cost of a real one, and a real one where the environment names it. */
export async function benchShops(): Promise<BenchShop[]> {
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

/** Brings these levels to the shop by one push; resolves when every item is synced. */
export async function bringAll(
  running: RunningService,
  { pushUrl, token, connectionId }: Connected,
  items: readonly { readonly code: string; readonly quantity: number }[],
): Promise<void> {
  const answer = await push(pushUrl, token, { items });
  if (answer.status !== 202) throw new Error(`push answered ${answer.status}`);
  await eventually(
    async () => {
      const found = await running.api.expect(200, 'GET', `/items?limit=1&connectionId=${connectionId}`);
      return Number(pick(found, 'counts', 'synced')) === items.length;
    },
    900_000,
    100,
  );
}

/** Changes of known products: by this service, by one GET and one PUT each, and by bare batch calls. */
export async function benchDelivering(): Promise<void> {
  for (const shop of await benchShops()) {
    const running = await runService({}, { checkAnswers: false });
    try {
      const codes = await shopCodes(shop.keys, MOST_CHANGES);
      const connected = await connect(running.api, shop.keys);
      const levels = (from: number) => codes.map((code, n) => ({ code, quantity: from + (n % 7) }));
      const callsSoFar = (): number => running.logText().split('"event":"outbound_call"').length - 1;
      const deliver = async (name: string, from: number): Promise<number> => {
        const before = callsSoFar();
        const seconds = (await timed(() => bringAll(running, connected, levels(from)))) / 1000;
        report({ name: `deliver.${shop.name}.${name}`, value: seconds, unit: 's', n: codes.length });
        report({
          name: `deliver.${shop.name}.${name}.calls`,
          value: callsSoFar() - before,
          unit: 'calls',
          n: codes.length,
        });
        return seconds;
      };
      const ids = await productIds(shop.keys, codes);
      const bare = async (size: number, parallel: number, quantity: number): Promise<number> => {
        const seconds = (await timed(() => bareBatches(shop.keys, ids, quantity, size, parallel))) / 1000;
        report({ name: `bare-batches.${shop.name}.${size}x${parallel}`, value: seconds, unit: 's', n: codes.length });
        return seconds;
      };

      const first = await deliver('first', 100);
      // In turn, so that a machine that slows down or warms up does so for both.
      const bests: number[] = [];
      const ours: number[] = [];
      for (let turn = 0; turn < 3; turn++) {
        bests.push(Math.min(await bare(25, 4, 1_000 + turn * 20), await bare(100, 2, 1_010 + turn * 20)));
        ours.push(await deliver('again', 200 + turn * 20));
      }
      const ratios = ours.map((seconds, turn) => (bests[turn] ?? Number.NaN) / seconds).sort((a, b) => a - b);
      report({ name: `deliver.${shop.name}.share-of-best-bare-batches`, value: ratios[1] ?? 0, unit: '×', n: 3 });
      const naiveMs = await timed(() => oneByOne(shop.keys, codes.slice(0, NAIVE_CHANGES), 500));
      const naive = naiveMs / NAIVE_CHANGES;
      const perItem = (seconds: number): number => (seconds * 1000) / codes.length;
      report({ name: `one-get-one-put.${shop.name}.per-item`, value: naive, unit: 'ms', n: NAIVE_CHANGES });
      report({ name: `deliver.${shop.name}.first.per-item`, value: perItem(first), unit: 'ms', n: codes.length });
      const again = perItem(ours.sort((a, b) => a - b)[1] ?? first);
      report({ name: `deliver.${shop.name}.again.per-item`, value: again, unit: 'ms', n: codes.length });
      report({
        name: `deliver.${shop.name}.faster-than-one-by-one.first`,
        value: naive / perItem(first),
        unit: '×',
        n: codes.length,
      });
      report({
        name: `deliver.${shop.name}.faster-than-one-by-one.again`,
        value: naive / again,
        unit: '×',
        n: codes.length,
      });
    } finally {
      await running.stop();
      await shop.close();
    }
  }
}
