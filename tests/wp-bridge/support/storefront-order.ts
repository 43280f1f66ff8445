import { call } from './bridge-client';
import { inShop, shopUrl } from './real-shop';

let allowed: Promise<unknown> | undefined;

/** Buys in the storefront as a guest, to be paid on delivery; the order's id, or 0 where the shop refused. */
export async function storefrontOrder(product: number, quantity: number): Promise<number> {
  allowed ??= inShop(
    `update_option('woocommerce_cod_settings', array('enabled' => 'yes', 'enable_for_virtual' => 'yes', 'title' => 'Cash')); return null;`,
  );
  await allowed;
  const store = `${shopUrl}/wp-json/wc/store/v1`;
  const cart = await call(`${store}/cart`);
  const headers = {
    'Content-Type': 'application/json',
    'Cart-Token': String(cart.headers['cart-token']),
    Nonce: String(cart.headers['nonce']),
  };
  await call(`${store}/cart/add-item`, { method: 'POST', headers, body: JSON.stringify({ id: product, quantity }) });
  const address = {
    first_name: 'A',
    last_name: 'B',
    address_1: 'Street 1',
    city: 'Town',
    postcode: '10001',
    country: 'US',
    state: 'NY',
    email: 'a@example.test',
    phone: '1',
  };
  const body = JSON.stringify({ billing_address: address, shipping_address: address, payment_method: 'cod' });
  const order = await call(`${store}/checkout`, { method: 'POST', headers, body });
  return order.status === 200 ? (order.json.order_id as number) : 0;
}
