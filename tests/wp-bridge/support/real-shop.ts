import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BridgeClient, call, newSecret, type Answer } from './bridge-client';
import { linkPlugin, php } from './wordpress';

const { WOO_ROOT = '', WOO_URL = '', WOO_KEY = '', WOO_SECRET = '' } = process.env;
export const shopRoot = WOO_ROOT;
export const shopUrl = WOO_URL;

const pairingId = '00000000-0000-4000-8000-000000000001';

export const inShop = <T>(code: string): Promise<T> => php<T>(shopRoot, code, { url: shopUrl });

/** The plugin, active and paired, in the shop that the environment names. */
export async function pairedShop(): Promise<BridgeClient> {
  linkPlugin(shopRoot);
  const secret = newSecret();
  await inShop(`activate_plugin('stock-relay/stock-relay.php'); return null;`);
  await inShop(
    `StockRelay\\Pairing::replace('${pairingId}', '${secret}', 1, array('name' => 'Tests', 'url' => null, 'version' => '0'));
     foreach (array('pending', 'applied', 'events') as $table) $wpdb->query("DELETE FROM {$wpdb->prefix}stock_relay_$table");
     return null;`,
  );
  return new BridgeClient(shopUrl, pairingId, secret);
}

export function rest(method: string, route: string, body?: unknown): Promise<Answer> {
  return call(`${shopUrl}/wp-json/wc/v3${route}`, {
    method,
    headers: {
      Authorization: `Basic ${Buffer.from(`${WOO_KEY}:${WOO_SECRET}`).toString('base64')}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

/** A plugin of another maker, for as long as the work takes. */
export async function withStranger<T>(code: string, work: () => Promise<T>): Promise<T> {
  const folder = path.join(shopRoot, 'wp-content', 'mu-plugins');
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'stock-relay-test-stranger.php');
  writeFileSync(file, `<?php\n${code}\n`);
  await call(`${shopUrl}/wp-json/stock-relay/v1/hello`); // PHP looks at a file again after two seconds at most.
  await new Promise((resolve) => setTimeout(resolve, 2100));
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
    await new Promise((resolve) => setTimeout(resolve, 2100));
  }
}

export interface Goods {
  name?: string;
  quantity?: number | null;
  backorders?: string;
  manage?: boolean;
  low?: number;
}

const made: number[] = [];

export async function simpleProducts(goods: Goods[]): Promise<number[]> {
  const ids = await inShop<number[]>(
    `$ids = array();
     foreach (json_decode(${JSON.stringify(JSON.stringify(goods)).replaceAll('$', '\\$')}, true) as $i => $one) {
       $p = new WC_Product_Simple();
       $p->set_name($one['name'] ?? 'Relay test'); $p->set_regular_price('5'); $p->set_status('publish');
       $p->set_manage_stock($one['manage'] ?? true); $p->set_stock_quantity($one['quantity'] ?? null); $p->set_backorders($one['backorders'] ?? 'no');
       if (isset($one['low'])) $p->set_low_stock_amount($one['low']);
       $ids[] = $p->save();
     }
     return $ids;`,
  );
  made.push(...ids);
  return ids;
}

/** A variable product; a variation without a quantity leaves its stock to the parent. */
export async function variableProduct(
  quantities: (number | null)[],
  parent: number | null = null,
): Promise<{ parent: number; variations: number[] }> {
  const one = await inShop<{ parent: number; variations: number[] }>(
    `$attribute = new WC_Product_Attribute(); $attribute->set_name('Size'); $attribute->set_options(array('S','M','L')); $attribute->set_variation(true); $attribute->set_visible(true);
     $p = new WC_Product_Variable(); $p->set_name('Relay variable'); $p->set_attributes(array($attribute));
     $own = ${parent === null ? 'null' : String(parent)};
     if ($own !== null) { $p->set_manage_stock(true); $p->set_stock_quantity($own); }
     $id = $p->save(); $children = array();
     foreach (json_decode('${JSON.stringify(quantities)}') as $i => $q) {
       $v = new WC_Product_Variation(); $v->set_parent_id($id); $v->set_attributes(array('size' => array('S','M','L')[$i % 3])); $v->set_regular_price('5');
       if ($q !== null) { $v->set_manage_stock(true); $v->set_stock_quantity($q); }
       $children[] = $v->save();
     }
     WC_Product_Variable::sync($id);
     return array('parent' => $id, 'variations' => $children);`,
  );
  made.push(...one.variations, one.parent);
  return one;
}

export async function removeProducts(): Promise<void> {
  await inShop(
    `foreach (json_decode('${JSON.stringify(made)}') as $id) { $p = wc_get_product($id); if ($p) $p->delete(true); } return null;`,
  );
  made.length = 0;
}

export interface Held {
  quantity: string | null;
  status: string;
  lookupQuantity: string | null;
  lookupStatus: string;
}

export async function held(ids: number[]): Promise<Record<number, Held>> {
  return inShop<Record<number, Held>>(
    `$rows = array();
     foreach (json_decode('${JSON.stringify(ids)}') as $id) {
       $lookup = $wpdb->get_row("SELECT stock_quantity, stock_status FROM {$wpdb->prefix}wc_product_meta_lookup WHERE product_id = $id");
       $rows[$id] = array('quantity' => $wpdb->get_var("SELECT meta_value FROM $wpdb->postmeta WHERE post_id = $id AND meta_key = '_stock'"),
         'status' => $wpdb->get_var("SELECT meta_value FROM $wpdb->postmeta WHERE post_id = $id AND meta_key = '_stock_status'"),
         'lookupQuantity' => $lookup->stock_quantity, 'lookupStatus' => $lookup->stock_status);
     }
     return $rows;`,
  );
}
