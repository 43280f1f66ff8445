import { call } from './bridge-client';
import { rest, shopUrl } from './real-shop';

export interface CartLine {
  readonly product: number;
  readonly pieces: number;
}

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

let allowed: Promise<unknown> | undefined;

/**
 * Fills a guest's cart in the storefront. What it gives buys it, to be paid on delivery, and tells the order's id, or 0
 * where the shop refused.
 */
export async function filledCart(lines: readonly CartLine[]): Promise<() => Promise<number>> {
  allowed ??= rest('PUT', '/payment_gateways/cod', { enabled: true, settings: { enable_for_virtual: 'yes' } });
  await allowed;
  const store = `${shopUrl}/wp-json/wc/store/v1`;
  const cart = await call(`${store}/cart`);
  const headers = {
    'Content-Type': 'application/json',
    'Cart-Token': String(cart.headers['cart-token']),
    Nonce: String(cart.headers['nonce']),
  };
  const send = (route: string, body: object) =>
    call(`${store}${route}`, { method: 'POST', headers, body: JSON.stringify(body) });
  for (const { product, pieces } of lines) await send('/cart/add-item', { id: product, quantity: pieces });
  return async () => {
    const order = await send('/checkout', { billing_address: address, shipping_address: address, payment_method: 'cod' });
    return order.status === 200 ? (order.json.order_id as number) : 0;
  };
}

export async function storefrontOrder(product: number, pieces: number): Promise<number> {
  return (await filledCart([{ product, pieces }]))();
}
