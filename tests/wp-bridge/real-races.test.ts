import { randomUUID } from 'node:crypto';
import type { BridgeClient } from './support/bridge-client';
import { storefrontOrder } from './support/storefront-order';
import {
  held,
  inShop,
  pairedShop,
  removeProducts,
  shopRoot,
  shopUrl,
  simpleProducts,
  variableProduct,
} from './support/real-shop';
import { runPhp } from './support/wordpress';

/** Runs calls, so many at a time. */
async function atOnce(jobs: (() => Promise<void>)[], width: number): Promise<void> {
  const waiting = [...jobs];
  const lane = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) await job();
  };
  await Promise.all(Array.from({ length: width }, lane));
}

// Jest leaves this file out where WOO_ROOT (its folder) and WOO_URL are not set. On products of its own that it removes again.
describe('Races in a real shop (WOO_ROOT)', () => {
  let bridge: BridgeClient;

  beforeAll(async () => {
    bridge = await pairedShop();
  }, 60_000);
  afterAll(removeProducts, 120_000);

  test('1,000 adjusts beside storefront orders lose not one unit', async () => {
    const start = 5000;
    const [id] = (await simpleProducts([{ quantity: start }])) as [number];
    let applied = 0;
    let sold = 0;
    const jobs = Array.from({ length: 1000 }, (_, index) => async () => {
      if (index % 50 === 0 && (await storefrontOrder(id, 3)) > 0) sold += 3;
      const item = { ref: randomUUID(), id, adjust: index % 2 === 0 ? '-1' : '-2' };
      const { json } = await bridge.stock([item]);
      expect(json.results[0].outcome).toBe('written');
      applied += index % 2 === 0 ? 1 : 2;
    });
    await atOnce(jobs, 12);
    expect(applied).toBe(1500);
    expect(sold).toBe(60);
    expect((await held([id]))[id]).toMatchObject({ quantity: String(start - applied - sold), status: 'instock' });
    expect(Number((await held([id]))[id]?.lookupQuantity)).toBe(start - applied - sold);
  }, 600_000);

  test('of several writers who read the same, one writes and the others are told', async () => {
    const ids = await simpleProducts(Array.from({ length: 10 }, () => ({ quantity: 100 })));
    let now = 100;
    for (let round = 0; round < 12; round++) {
      const writers = [1, 2, 3, 4].map((who) => ({
        wanted: String(1000 * (round + 1) + who),
        answer: bridge.stock(
          ids.map((id) => ({ ref: `${round}-${who}-${id}`, id, set: String(1000 * (round + 1) + who), expected: String(now) })),
        ),
      }));
      const outcomes: Record<number, string[]> = {};
      const winner: Record<number, string> = {};
      for (const { wanted, answer } of writers)
        for (const result of (await answer).json.results) {
          (outcomes[result.id] ??= []).push(result.outcome);
          if (result.outcome === 'written') winner[result.id] = wanted;
        }
      const rows = await held(ids);
      for (const id of ids) {
        expect(outcomes[id]?.sort()).toEqual(['conflict', 'conflict', 'conflict', 'written']);
        expect(rows[id]?.quantity).toBe(winner[id]);
      }
      now = 7;
      await bridge.stock(ids.map((id) => ({ ref: `reset-${id}`, id, set: '7' })));
    }
  }, 300_000);

  test('opposed pushes leave no quantity that contradicts its status', async () => {
    const simple = await simpleProducts(Array.from({ length: 8 }, () => ({ quantity: 5 })));
    const variable = await variableProduct([5, 0]);
    const ids = [...simple, ...variable.variations];
    for (let round = 0; round < 20; round++) {
      const up = ids.map((id) => ({ ref: `up-${id}`, id, set: '30' }));
      const down = [...ids].reverse().map((id) => ({ ref: `down-${id}`, id, set: '0' }));
      const answers = await Promise.all([bridge.stock(up), bridge.stock(down), bridge.stock(down.slice(3))]);
      for (const { json } of answers)
        expect(new Set(json.results.map((one: { outcome: string }) => one.outcome))).not.toContain('failed');
      const rows = await held([...ids, variable.parent]);
      const out = await inShop<number[]>(
        `return array_map('intval', $wpdb->get_col("SELECT r.object_id FROM $wpdb->term_relationships r JOIN $wpdb->term_taxonomy x USING (term_taxonomy_id) JOIN $wpdb->terms t USING (term_id) WHERE t.slug = 'outofstock' AND r.object_id IN (${[...ids, variable.parent].join(',')})"));`,
      );
      for (const id of ids) {
        const status = Number(rows[id]?.quantity) > 0 ? 'instock' : 'outofstock';
        expect(rows[id]).toMatchObject({ status, lookupStatus: status });
        expect(out.includes(id)).toBe(status === 'outofstock');
      }
      const any = variable.variations.some((id) => Number(rows[id]?.quantity) > 0);
      expect(rows[variable.parent]?.status).toBe(any ? 'instock' : 'outofstock');
    }
  }, 300_000);

  test('killed at any moment, all of it is written or none, and the next call finishes it', async () => {
    const simple = await simpleProducts(Array.from({ length: 12 }, () => ({ quantity: 5 })));
    const variable = await variableProduct([5]);
    const ids = [...simple, ...variable.variations];
    const seen = { none: 0, all: 0 };
    let quantity = 5;
    for (let moment = 1, over = false; !over; moment += moment < 40 ? 2 : 9) {
      const wanted = quantity === 0 ? moment + 10 : 0;
      const items = ids.map((id) => ({ ref: `kill-${id}`, id, set: String(wanted) }));
      await inShop(`foreach (array(${ids.join(',')}) as $id) set_transient("wc_related_$id", 'stale', 600); return null;`);
      const end = await runPhp(
        shopRoot,
        `$n = 0;
         add_filter('query', function ($sql) use (&$n) { if (++$n === ${moment}) posix_kill(getmypid(), 9); return $sql; });
         $request = new WP_REST_Request('POST', '/stock-relay/v1/stock'); $request->set_body('${JSON.stringify({ items })}');
         StockRelay\\Stock_Route::answer($request); echo 'to the end';`,
        { url: shopUrl },
      );
      over = end.output.includes('to the end');
      const rows = await held(ids);
      const quantities = new Set(ids.map((id) => Number(rows[id]?.quantity)));
      expect(quantities.size).toBe(1);
      for (const id of ids) {
        const status = Number(rows[id]?.quantity) > 0 ? 'instock' : 'outofstock';
        expect(rows[id]).toMatchObject({ status, lookupStatus: status, lookupQuantity: expect.any(String) });
        expect(Number(rows[id]?.lookupQuantity)).toBe(Number(rows[id]?.quantity));
      }
      const isWritten = quantities.has(wanted);
      seen[isWritten ? 'all' : 'none']++;
      if (isWritten) {
        await bridge.stock([{ ref: 'next', id: simple[0], set: String(wanted) }]);
        const after = await inShop<{ pending: string; stale: number; parent: string }>(
          `return array('pending' => $wpdb->get_var("SELECT COUNT(*) FROM {$wpdb->prefix}stock_relay_pending"),
             'stale' => count(array_filter(array(${ids.join(',')}), function ($id) { return get_transient("wc_related_$id"); })),
             'parent' => get_post_meta(${variable.parent}, '_stock_status', true));`,
        );
        expect(after).toEqual({ pending: '0', stale: 0, parent: wanted > 0 ? 'instock' : 'outofstock' });
        quantity = wanted;
      }
    }
    expect(seen.none).toBeGreaterThan(3);
    expect(seen.all).toBeGreaterThan(3);
  }, 600_000);
});
