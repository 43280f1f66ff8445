import { php } from '../wp-bridge/support/wordpress';
import { inShop, pairedShop, removeProducts, shopRoot, shopUrl, simpleProducts } from '../wp-bridge/support/real-shop';
import { percentile, report, timed } from './report';

const PRODUCTS = 500;
const ROUNDS = 4;
/** So many of the products go out of stock, or come back, in every round. */
const FLIPS = 16;

/** The levels of a round: all new, a few of them 0 in every other round. */
const levels = (round: number): number[] =>
  Array.from({ length: PRODUCTS }, (_, n) => (n < FLIPS && round % 2 === 1 ? 0 : 10 + ((n + round) % 50)));

/** 500 products set by the plugin's fast lane over HTTP, and by a bare loop of WooCommerce's own function in PHP. */
export async function benchBridge(): Promise<void> {
  if (!shopRoot || !shopUrl) {
    process.stderr.write('The bench of the bridge needs a real WooCommerce: WOO_ROOT (its folder) and WOO_URL.\n');
    return;
  }
  const bridge = await pairedShop();
  try {
    const ids = await simpleProducts(Array.from({ length: PRODUCTS }, (_, n) => ({ quantity: 1 + n })));
    const fast: number[] = [];
    const loop: number[] = [];
    for (let round = 0; round < ROUNDS * 2; round++) {
      const wanted = levels(round);
      // Pairs of rounds, so that either way flips the same products out and back.
      if (round % 4 < 2) {
        const items = ids.map((id, n) => ({ ref: `bench-${round}-${n}`, id, set: String(wanted[n]) }));
        fast.push(
          await timed(async () => {
            const { json } = await bridge.stock(items);
            if (json.reached !== PRODUCTS) throw new Error(`reached ${json.reached}`);
          }),
        );
      } else {
        const pairs = JSON.stringify(ids.map((id, n) => [id, wanted[n]]));
        loop.push(
          await php<number>(
            shopRoot,
            `$start = microtime(true); foreach (json_decode('${pairs}') as $one) wc_update_product_stock($one[0], $one[1]); return (microtime(true) - $start) * 1000;`,
            { url: shopUrl },
          ),
        );
      }
    }
    const [fastest, slow] = [percentile(fast, 0.5), percentile(loop, 0.5)];
    report({ name: 'bridge.fast-lane', value: fastest / 1000, unit: 's', n: PRODUCTS });
    report({ name: 'bridge.php-loop', value: slow / 1000, unit: 's', n: PRODUCTS });
    report({ name: 'bridge.times-faster', value: slow / fastest, unit: 'x', n: ROUNDS });
    const page = await timed(() => bridge.signed('GET', '/catalogue', '', { limit: '5000' }));
    const entries = (await bridge.signed('GET', '/catalogue', '', { limit: '5000' })).json.entries.length;
    report({ name: 'bridge.catalogue-page', value: page / 1000, unit: 's', n: entries });
    await inShop(`$wpdb->query("DELETE FROM {$wpdb->prefix}stock_relay_events"); return null;`);
  } finally {
    await removeProducts();
  }
}
