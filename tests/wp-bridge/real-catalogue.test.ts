import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BridgeClient } from './support/bridge-client';
import { storefrontOrder } from './support/storefront-order';
import { inShop, pairedShop, removeProducts, rest, simpleProducts, variableProduct, withStranger } from './support/real-shop';

interface Entry {
  id: number;
  parentId: number;
  [field: string]: unknown;
}

// Jest leaves this file out where WOO_ROOT (its folder) and WOO_URL are not set. On products of its own that it removes again.
describe('Catalogue and events of a real shop (WOO_ROOT)', () => {
  let bridge: BridgeClient;

  beforeAll(async () => {
    bridge = await pairedShop();
  }, 60_000);
  afterAll(removeProducts, 120_000);

  const walk = async (query: Record<string, string> = {}) => {
    const entries: Entry[] = [];
    const deleted: number[] = [];
    let counter = '';
    for (let after = '0', more = true; more; ) {
      const { status, json } = await bridge.signed('GET', '/catalogue', '', { ...query, after });
      expect(status).toBe(200);
      counter ||= json.counter;
      entries.push(...json.entries);
      deleted.push(...json.deleted);
      more = json.next !== null;
      after = String(json.next);
    }
    return { entries, deleted, counter };
  };

  describe('the catalogue', () => {
    test('shows what the REST API shows', async () => {
      const [simple, unmanaged, draft] = (await simpleProducts([
        { quantity: 5, backorders: 'notify', name: 'Șapcă & „co”' },
        { manage: false },
        { quantity: 0 },
      ])) as [number, number, number];
      const own = await variableProduct([3, 0]);
      const shared = await variableProduct([null, null], 4);
      await rest('PUT', `/products/${simple}`, { sku: `S-${simple}`, global_unique_id: `40${simple}` });
      await rest('PUT', `/products/${draft}`, { status: 'draft' });
      const { entries } = await walk({ limit: '7' });
      expect(entries.map(({ id }) => id)).toEqual([...new Set(entries.map(({ id }) => id))].sort((a, b) => a - b));
      const seen = async (id: number, parent = 0) => {
        const route = parent === 0 ? `/products/${id}` : `/products/${parent}/variations/${id}`;
        const { json } = await rest('GET', route);
        return {
          id,
          parentId: parent,
          type: json.type,
          sku: json.sku,
          gtin: json.global_unique_id,
          name: json.name,
          status: json.status,
          manages: json.manage_stock === 'parent' ? 'parent' : json.manage_stock ? 'yes' : 'no',
          quantity: json.stock_quantity === null ? null : String(json.stock_quantity),
          stockStatus: json.stock_status,
          backorders: json.backorders,
          modified: `${json.date_modified_gmt}Z`,
          categories: (json.categories ?? []).map(({ id: category, name }: { id: number; name: string }) => ({ id: category, name })),
        };
      };
      const shown = (id: number) => {
        const { attributes, ...entry } = entries.find((one) => one.id === id) ?? { id: 0, parentId: 0 };
        return attributes === undefined ? entry : { ...entry, name: attributes };
      };
      for (const id of [simple, unmanaged, draft, own.parent, shared.parent]) expect(shown(id)).toMatchObject(await seen(id));
      for (const id of own.variations) expect(shown(id)).toMatchObject(await seen(id, own.parent));
      for (const id of shared.variations) expect(shown(id)).toMatchObject(await seen(id, shared.parent));
    }, 60_000);

    test('tells what changed since a count, in whatever way, and what is gone', async () => {
      const ids = await simpleProducts(Array.from({ length: 8 }, () => ({ quantity: 9 })));
      const [edited, sold, renamed, past, trashed, deleted, ours, still] = ids as [number, number, number, number, number, number, number, number];
      const variable = await variableProduct([1, 2]);
      const { counter } = await walk();
      expect((await walk({ since: counter })).entries).toEqual([]);
      await rest('PUT', `/products/${edited}`, { stock_quantity: 3 });
      expect(await storefrontOrder(sold, 1)).toBeGreaterThan(0);
      await inShop(`wp_update_post(array('ID' => ${renamed}, 'post_title' => 'New name')); return null;`);
      await inShop(`update_post_meta(${past}, '_stock', 2); return null;`);
      await rest('DELETE', `/products/${trashed}`);
      await rest('DELETE', `/products/${deleted}?force=true`);
      await bridge.stock([{ ref: 'ours', id: ours, set: '1' }]);
      await rest('PUT', `/products/${variable.parent}/variations/${variable.variations[0]}`, { stock_quantity: 7 });
      const next = await walk({ since: counter });
      const found = next.entries.map(({ id }) => id);
      expect(found).toEqual(expect.arrayContaining([edited, sold, renamed, past, ours, ...variable.variations]));
      expect(found).not.toContain(still);
      expect(next.deleted).toEqual(expect.arrayContaining([trashed, deleted]));
      expect(found.some((id) => next.deleted.includes(id))).toBe(false);
      for (const entry of next.entries) expect(Number(entry['changed'])).toBeGreaterThan(Number(counter));
      expect((await walk({ since: next.counter })).entries).toEqual([]);
    }, 60_000);

    test('a count from before the plugin was switched on is answered with everything', async () => {
      const all = (await walk()).entries.length;
      const { json } = await bridge.signed('GET', '/catalogue', '', { since: '0' });
      expect(json.complete).toBe(true);
      expect(json.entries).toHaveLength(all);
    });
  });

  describe('stock events', () => {
    const events = async () => {
      const { json } = await bridge.signed('GET', '/events');
      return json.events as Record<string, unknown>[];
    };
    const emptied = async () => {
      const last = (await events()).at(-1);
      if (last) await bridge.signed('GET', '/events', '', { ack: String(last['seq']) });
      expect(await events()).toEqual([]);
    };

    test('an order, its cancellation and a refund are told with the order', async () => {
      const [id] = (await simpleProducts([{ quantity: 9 }])) as [number];
      await emptied();
      const order = await storefrontOrder(id, 2);
      await rest('PUT', `/orders/${order}`, { status: 'cancelled' });
      await rest('PUT', `/orders/${order}`, { status: 'processing' });
      const { json } = await rest('GET', `/orders/${order}`);
      await rest('POST', `/orders/${order}/refunds`, { api_refund: false, amount: '5', line_items: [{ id: json.line_items[0].id, quantity: 1, refund_total: 5 }] });
      const told = (await events()).filter((one) => one['stockId'] === id);
      const of = { id, orderId: order, orderNumber: String(order) };
      expect(told).toMatchObject([
        { ...of, before: '9', after: '7', cause: 'order', by: 'storefront' },
        { ...of, before: '7', after: '9', cause: 'order_restored', by: 'rest', userId: 1 },
        { ...of, before: '9', after: '7', cause: 'order', by: 'rest' },
        { ...of, before: '7', after: '8', cause: 'refund', by: 'rest' },
      ]);
      expect(told[0]?.['itemId']).toBe(json.line_items[0].id);
    }, 60_000);

    test('an order is told with what it took, whatever else wrote the stock since its request read it', async () => {
      const [id] = (await simpleProducts([{ quantity: 9 }])) as [number];
      await emptied();
      const meanwhile = `add_action('woocommerce_product_before_set_stock', function ($p) {
        global $wpdb;
        if (${id} === $p->get_id() && false !== strpos($_SERVER['REQUEST_URI'], '/checkout'))
          $wpdb->update($wpdb->postmeta, array('meta_value' => 50), array('post_id' => ${id}, 'meta_key' => '_stock'));
      }, 0);`;
      const order = await withStranger(meanwhile, () => storefrontOrder(id, 2));
      await rest('PUT', `/orders/${order}`, { status: 'cancelled' });
      expect((await events()).filter((one) => one['stockId'] === id)).toMatchObject([
        { orderId: order, before: '50', after: '48', cause: 'order' },
        { orderId: order, before: '48', after: '50', cause: 'order_restored' },
      ]);
    }, 60_000);

    test('an edit, another plugin and we ourselves are told apart', async () => {
      const [edited, touched, ours] = (await simpleProducts([{ quantity: 9 }, { quantity: 9 }, { quantity: 9 }])) as [number, number, number];
      await emptied();
      await rest('PUT', `/products/${edited}`, { stock_quantity: 4 });
      const stranger = `add_action('wp_loaded', function () { if (!get_option('relay_test_done')) { update_option('relay_test_done', 1); wc_update_product_stock(${touched}, 3); } });`;
      await withStranger(stranger, () => rest('GET', '/products/1'));
      await inShop(`delete_option('relay_test_done'); return null;`);
      await bridge.stock([{ ref: 'our-line', id: ours, set: '5' }]);
      const told = await events();
      expect(told.filter((one) => one['id'] === edited)).toMatchObject([{ before: '9', after: '4', cause: 'edit', by: 'rest', userId: 1 }]);
      expect(told.filter((one) => one['id'] === touched)).toMatchObject([
        { before: '9', after: '3', cause: 'other', plugin: 'mu-plugins/stock-relay-test-stranger.php' },
      ]);
      expect(told.filter((one) => one['id'] === ours)).toMatchObject([{ before: '9', after: '5', cause: 'relay', ref: 'our-line' }]);
    }, 60_000);

    test('they are sent signed, in batches, kept until the service has them on disk, and tried later', async () => {
      const bodies: { events: { seq: string }[]; gap: boolean }[] = [];
      let status = 500;
      let code: string | undefined;
      const service: Server = createServer((request, response) => {
        let body = '';
        request.on('data', (part: Buffer) => (body += part.toString('utf8')));
        request.on('end', () => {
          expect(request.url).toBe('/bridge/v1/events');
          expect(request.headers['x-stock-relay-signature']).toMatch(/^v1=[0-9a-f]{64}$/);
          bodies.push(JSON.parse(body));
          response.writeHead(status, { 'Content-Type': 'application/json' });
          response.end(JSON.stringify({ code, stored: bodies.at(-1)?.events.at(-1)?.seq ?? '0' }));
        });
      }).listen(0, '127.0.0.1');
      await new Promise((resolve) => service.once('listening', resolve));
      const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
      try {
        await inShop(
          `$pairing = get_option('stock_relay_pairing'); $pairing['service']['url'] = '${url}'; update_option('stock_relay_pairing', $pairing);
           $wpdb->query("DELETE FROM {$wpdb->prefix}stock_relay_events");
           StockRelay\\Stock_Events::add(array_fill(0, 700, array('id' => 1))); return null;`,
        );
        const send = () => inShop<number>(`StockRelay\\Event_Sender::send(); return StockRelay\\Stock_Events::waiting()['pending'];`);
        expect(await send()).toBe(700);
        expect(bodies).toHaveLength(1);
        expect(await send()).toBe(700);
        expect(bodies).toHaveLength(1);
        status = 400;
        code = 'stock_relay_bad_request';
        await inShop(`delete_option('stock_relay_sending'); StockRelay\\Event_Sender::send(1); return null;`);
        expect(await inShop(`return StockRelay\\Stock_Events::waiting()['pending'];`)).toBe(200);
        await inShop(`StockRelay\\Stock_Events::add(array_fill(0, 500, array('id' => 1))); return null;`);
        bodies.splice(1);
        code = undefined;
        status = 200;
        await inShop(`delete_option('stock_relay_sending'); return null;`);
        expect(await send()).toBe(0);
        expect(bodies.slice(1).map((body) => [body.events.length, body.gap])).toEqual([
          [500, true],
          [200, false],
        ]);
        await inShop(
          `StockRelay\\Stock_Events::add(array(array('id' => 2)));
           $wpdb->query("INSERT INTO {$wpdb->prefix}stock_relay_events (event, at) SELECT '{}', 0 FROM seq_1_to_50010"); return null;`,
        );
        await inShop(`StockRelay\\Stock_Events::sweep(); return null;`);
        expect(await inShop(`return StockRelay\\Stock_Events::waiting()['pending'];`)).toBe(50_000);
        expect((await bridge.signed('GET', '/events', '', { limit: '1' })).json.gap).toBe(true);
      } finally {
        service.close();
        await inShop(
          `$pairing = get_option('stock_relay_pairing'); $pairing['service']['url'] = null; update_option('stock_relay_pairing', $pairing);
           $wpdb->query("DELETE FROM {$wpdb->prefix}stock_relay_events"); delete_option('stock_relay_events_gap'); delete_option('stock_relay_sending'); return null;`,
        );
      }
    }, 60_000);
  });
});
