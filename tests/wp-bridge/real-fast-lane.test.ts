import type { BridgeClient } from './support/bridge-client';
import { call } from './support/bridge-client';
import {
  held,
  inShop,
  pairedShop,
  removeProducts,
  rest,
  shopUrl,
  simpleProducts,
  variableProduct,
  withStranger,
} from './support/real-shop';

// Jest leaves this file out where WOO_ROOT (its folder) and WOO_URL are not set. On products of its own that it removes again.
describe('The fast lane in a real shop (WOO_ROOT)', () => {
  let bridge: BridgeClient;
  let line = 0;
  const ref = () => `real-${Date.now()}-${line++}`;
  const only = async (item: Record<string, unknown>) => (await bridge.stock([{ ref: ref(), ...item }])).json.results[0];

  beforeAll(async () => {
    bridge = await pairedShop();
    await inShop(`update_option('woocommerce_attribute_lookup_direct_updates', 'yes'); return null;`);
  }, 60_000);
  afterAll(removeProducts, 120_000);

  describe('leaves what a REST write leaves', () => {
    const snapshot = (ids: number[]) =>
      inShop<unknown[]>(
        `$rows = array();
         foreach (json_decode('${JSON.stringify(ids)}') as $id) {
           $post = $wpdb->get_row("SELECT post_status, post_type, TIMESTAMPDIFF(SECOND, post_modified_gmt, UTC_TIMESTAMP()) AS age FROM $wpdb->posts WHERE ID = $id", ARRAY_A);
           $post['age'] = $post['age'] < 30 ? 'just now' : 'old';
           $metas = $wpdb->get_results("SELECT meta_key, meta_value FROM $wpdb->postmeta WHERE post_id = $id AND meta_key NOT IN ('_sku', '_thumbnail_id') ORDER BY meta_key, meta_value", ARRAY_N);
           $lookup = $wpdb->get_row("SELECT * FROM {$wpdb->prefix}wc_product_meta_lookup WHERE product_id = $id", ARRAY_A); unset($lookup['product_id'], $lookup['sku']);
           $terms = $wpdb->get_col("SELECT CONCAT(x.taxonomy, ':', t.slug) FROM $wpdb->term_relationships r JOIN $wpdb->term_taxonomy x USING (term_taxonomy_id) JOIN $wpdb->terms t USING (term_id) WHERE r.object_id = $id ORDER BY 1");
           $attributes = $wpdb->get_results("SELECT taxonomy, term_id, is_variation_attribute, in_stock FROM {$wpdb->prefix}wc_product_attributes_lookup WHERE product_id = $id ORDER BY 1, 2", ARRAY_N);
           $rows[] = compact('post', 'metas', 'lookup', 'terms', 'attributes');
         }
         return $rows;`,
      );
    const aged = (ids: number[]) =>
      inShop(
        `$wpdb->query("UPDATE $wpdb->posts SET post_modified = '2020-01-01', post_modified_gmt = '2020-01-01' WHERE ID IN (${ids.join(',')})"); foreach (array(${ids.join(',')}) as $id) clean_post_cache($id); return null;`,
      );
    const storefront = async (ids: number[]) => {
      const seen = [];
      for (const id of ids) {
        const page = await call(`${shopUrl}/?p=${id}`);
        const target = String(page.headers['location'] ?? '');
        const html = target === '' ? page.text : (await call(target)).text;
        const { json } = await call(`${shopUrl}/wp-json/wc/store/v1/products/${id}`);
        seen.push({
          availability: /<p class="stock[^>]*>[^<]*<\/p>/.exec(html)?.[0],
          purchasable: json.is_purchasable,
          inStock: json.is_in_stock,
          backorder: json.is_on_backorder,
          words: json.stock_availability,
          low: json.low_stock_remaining,
        });
      }
      return seen;
    };

    test.each([
      ['a new quantity', { quantity: 20 }, 7],
      ['the last piece sold', { quantity: 20 }, 0],
      ['back in stock', { quantity: 0 }, 3],
      ['out, with backorders', { quantity: 5, backorders: 'notify' }, 0],
      ['below zero', { quantity: 5, backorders: 'yes' }, -4],
      ['a product low in stock', { quantity: 50, low: 10 }, 4],
    ])('%s', async (_name, goods, wanted) => {
      const [byRest, byBridge] = (await simpleProducts([goods, goods])) as [number, number];
      await aged([byRest, byBridge]);
      await storefront([byRest, byBridge]);
      expect((await rest('PUT', `/products/${byRest}`, { stock_quantity: wanted })).status).toBe(200);
      expect(await only({ id: byBridge, set: String(wanted) })).toMatchObject({ outcome: 'written', way: 'bulk' });
      const [one, other] = await snapshot([byRest, byBridge]);
      expect(other).toEqual(one);
      const [seenOne, seenOther] = await storefront([byRest, byBridge]);
      expect(seenOther).toEqual(seenOne);
    });

    test.each([
      ['a variation’s new quantity', [5, 6], 0, 9],
      ['a variation sold out beside another', [5, 6], 0, 0],
      ['the last variation sold out', [5, 0], 0, 0],
      ['the first variation back', [0, 0], 1, 8],
    ])('%s, and its parent', async (_name, quantities, which, wanted) => {
      const byRest = await variableProduct(quantities);
      const byBridge = await variableProduct(quantities);
      const all = [byRest, byBridge].map((one) => [...one.variations, one.parent]);
      await aged(all.flat());
      await storefront([byRest.parent, byBridge.parent]);
      const target = byRest.variations[which] ?? 0;
      const put = await rest('PUT', `/products/${byRest.parent}/variations/${target}`, { stock_quantity: wanted });
      expect(put.status).toBe(200);
      expect(await only({ id: byBridge.variations[which], set: String(wanted) })).toMatchObject({
        outcome: 'written',
        way: 'bulk',
      });
      expect(await snapshot(all[1] ?? [])).toEqual(await snapshot(all[0] ?? []));
      expect(await storefront([byBridge.parent])).toEqual(await storefront([byRest.parent]));
    });

    test('stock that the parent keeps, through one of its variations', async () => {
      const byRest = await variableProduct([null, null], 9);
      const byBridge = await variableProduct([null, null], 9);
      for (const wanted of [4, 0, 6]) {
        await rest('PUT', `/products/${byRest.parent}`, { stock_quantity: wanted });
        expect(await only({ id: byBridge.variations[0], set: String(wanted) })).toMatchObject({
          outcome: 'written',
          stockId: byBridge.parent,
          after: String(wanted),
        });
        expect(await snapshot([...byBridge.variations, byBridge.parent])).toEqual(
          await snapshot([...byRest.variations, byRest.parent]),
        );
      }
    });

    test('stock management switched on', async () => {
      const [byRest, byBridge] = (await simpleProducts([{ manage: false }, { manage: false }])) as [number, number];
      expect(await only({ id: byBridge, set: '3' })).toMatchObject({ outcome: 'unmanaged' });
      await rest('PUT', `/products/${byRest}`, { manage_stock: true, stock_quantity: 3 });
      expect(await only({ id: byBridge, set: '3', expected: null, manage: true })).toMatchObject({
        outcome: 'written',
        before: null,
        after: '3',
        way: 'save',
      });
      const [one, other] = await snapshot([byRest, byBridge]);
      expect(other).toEqual(one);
    });

    test('the same webhooks, the same hooks and the same low-stock alarm', async () => {
      const [byRest, byBridge] = (await simpleProducts([{ quantity: 9 }, { quantity: 9 }])) as [number, number];
      const webhook = await inShop<number>(
        `$w = new WC_Webhook(); $w->set_name('t'); $w->set_user_id(1); $w->set_topic('product.updated'); $w->set_delivery_url('https://example.test/'); $w->set_status('active'); return $w->save();`,
      );
      // WooCommerce tells of low stock from this hook in some versions, and only for orders in others.
      const stranger = `
        foreach (array('woocommerce_product_set_stock', 'woocommerce_product_set_stock_status', 'woocommerce_update_product', 'woocommerce_product_object_updated_props', 'woocommerce_low_stock', 'woocommerce_no_stock') as $hook)
          add_action($hook, function ($p) use ($hook) { $id = is_object($p) ? $p->get_id() : $p; add_option("relay_test_hook:$id:$hook", '1', '', false); }, 10, 1);
        add_action('woocommerce_product_set_stock', 'wc_trigger_stock_change_actions');`;
      try {
        await withStranger(stranger, async () => {
          await rest('PUT', `/products/${byRest}`, { stock_quantity: 1 });
          await rest('PUT', `/products/${byRest}`, { stock_quantity: 0 });
          expect(await only({ id: byBridge, set: '1' })).toMatchObject({ outcome: 'written', way: 'bulk' });
          expect(await only({ id: byBridge, set: '0' })).toMatchObject({ outcome: 'written', way: 'bulk' });
        });
        const hooksOf = (id: number) =>
          inShop<string[]>(
            `return $wpdb->get_col("SELECT SUBSTRING_INDEX(option_name, ':', -1) FROM $wpdb->options WHERE option_name LIKE 'relay_test_hook:${id}:%' ORDER BY 1");`,
          );
        const queued = (id: number) =>
          inShop<number>(
            `return (int) $wpdb->get_var("SELECT COUNT(*) FROM {$wpdb->prefix}actionscheduler_actions WHERE hook = 'woocommerce_deliver_webhook_async' AND args = '{\\"webhook_id\\":${webhook},\\"arg\\":${id}}'");`,
          );
        expect(await hooksOf(byRest)).toHaveLength(6);
        expect(await hooksOf(byBridge)).toEqual(await hooksOf(byRest));
        expect(await queued(byRest)).toBeGreaterThan(0);
        expect(await queued(byBridge)).toBe(await queued(byRest));
      } finally {
        await inShop(
          `(new WC_Webhook(${webhook}))->delete(true); $wpdb->query("DELETE FROM $wpdb->options WHERE option_name LIKE 'relay_test_hook:%'"); return null;`,
        );
      }
    }, 60_000);
  });

  test('every line has an answer of its own', async () => {
    const [plain, other, unmanaged] = (await simpleProducts([
      { quantity: 5 },
      { quantity: 5 },
      { manage: false },
    ])) as [number, number, number];
    const variable = await variableProduct([1]);
    const answer = await bridge.stock([
      { ref: 'a', id: plain, set: '5' },
      { ref: 'b', id: other, set: '6', expected: '4' },
      { ref: 'c', id: unmanaged, set: '6' },
      { ref: 'd', id: 999_999_999, set: '6' },
      { ref: 'e', id: variable.parent, set: '6' },
      { ref: 'f', id: other, set: 'abc' },
      { ref: 'g', id: plain, set: '0.5' },
    ]);
    expect(answer.json.results.map((one: { outcome: string }) => one.outcome)).toEqual([
      'refused',
      'conflict',
      'unmanaged',
      'not_found',
      'wrong_type',
      'refused',
      'refused',
    ]);
    expect(answer.json.results[1].before).toBe('5');
    expect(answer.json.results[6].reason).toBe('disagree');
    expect(await only({ id: plain, set: '0.5' })).toMatchObject({ outcome: 'refused', reason: 'whole_pieces_only' });
    expect(await only({ id: plain, set: '5' })).toMatchObject({ outcome: 'unchanged' });
    expect((await held([plain]))[plain]).toMatchObject({ quantity: '5', status: 'instock' });
  });

  test('a status that contradicts its quantity is healed', async () => {
    const [id] = (await simpleProducts([{ quantity: 5 }])) as [number];
    await inShop(`update_post_meta(${id}, '_stock_status', 'outofstock'); return null;`);
    expect(await only({ id, set: '5' })).toMatchObject({ outcome: 'written', status: 'instock' });
  });

  test('two lines for one parent’s stock are done only if they agree', async () => {
    const { parent, variations } = await variableProduct([null, null], 9);
    const both = (one: string, two: string) =>
      bridge.stock([
        { ref: ref(), id: variations[0], set: one },
        { ref: ref(), id: variations[1], set: two },
      ]);
    expect((await both('4', '5')).json.results).toMatchObject([
      { outcome: 'refused', reason: 'disagree' },
      { outcome: 'refused', reason: 'disagree' },
    ]);
    expect((await held([parent]))[parent]?.quantity).toBe('9');
    expect((await both('4', '4')).json.results).toMatchObject([{ outcome: 'written' }, { outcome: 'written' }]);
  });

  test('an adjust that is sent again is not applied again', async () => {
    const [id] = (await simpleProducts([{ quantity: 5 }])) as [number];
    const again = { ref: ref(), id, adjust: '-2' };
    expect((await bridge.stock([again])).json.results[0]).toMatchObject({ outcome: 'written', before: '5', after: '3' });
    expect((await bridge.stock([again])).json.results[0]).toMatchObject({ after: '3', repeated: true });
    const twice = { ref: ref(), id, adjust: '-1' };
    await Promise.all([bridge.stock([twice]), bridge.stock([twice]), bridge.stock([twice])]);
    expect((await held([id]))[id]?.quantity).toBe('2');
  });

  test('a listener that saves makes it take the slow way, and it says so', async () => {
    const [id] = (await simpleProducts([{ quantity: 5 }])) as [number];
    const stranger = `add_action('woocommerce_product_set_stock', function ($p) { static $in = false; if ($in) return; $in = true; $p = wc_get_product($p->get_id()); $p->update_meta_data('_seen', $p->get_stock_quantity()); $p->save(); $in = false; });`;
    await withStranger(stranger, async () => {
      const answer = await bridge.stock([{ ref: ref(), id, set: '8' }]);
      expect(answer.json.slowBecause).toMatchObject([{ code: 'saving_listener' }]);
      expect(answer.json.results[0]).toMatchObject({ outcome: 'written', after: '8', way: 'save' });
    });
    expect(await inShop(`return get_post_meta(${id}, '_seen', true);`)).toBe('8');
    const after = await bridge.stock([{ ref: ref(), id, set: '9' }]);
    expect(after.json.slowBecause).toEqual([]);
    expect(after.json.results[0]).toMatchObject({ way: 'bulk' });
  }, 60_000);

  test('it stops in time and says where it got to', async () => {
    const ids = await simpleProducts(Array.from({ length: 30 }, () => ({ quantity: 5 })));
    const stranger = `add_action('woocommerce_product_set_stock', function () { usleep(200000); });`;
    await withStranger(stranger, async () => {
      const { json } = await bridge.stock(
        ids.map((id) => ({ ref: ref(), id, set: '6' })),
        { seconds: 4 },
      );
      expect(json.reached).toBe(25);
      expect(json.results[29]).toMatchObject({ outcome: 'not_reached' });
      expect((await held(ids.slice(29)))[ids[29] ?? 0]?.quantity).toBe('5');
    });
  }, 60_000);
});
