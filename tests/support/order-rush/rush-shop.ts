import { randomBytes } from 'node:crypto';
import { inShop, rest, shopRoot, shopUrl } from '../../wp-bridge/support/real-shop';
import { linkPlugin } from '../../wp-bridge/support/wordpress';
import { pickNumber, pickText } from '../api-client';
import { freePort } from '../free-port';
import { connect, type Connected, type RunningService, runService } from '../running-service';
import { LEVEL_STEP } from './deviation-watch';

export const FIRST_LEVEL = 100 * LEVEL_STEP;

export interface RushProduct {
  readonly code: string;
  readonly id: number;
  /** What the source said last, and what of it was sent: less where it knows of orders by itself. */
  level: number;
  sent: number;
  /** By what the shoppers got, and gave back. */
  sold: number;
}

export async function makeProducts(count: number): Promise<RushProduct[]> {
  const prefix = `rush-${randomBytes(3).toString('hex')}-`;
  const codes = Array.from({ length: count }, (_, n) => `${prefix}${n}`);
  const { json } = await rest('POST', '/products/batch', {
    create: codes.map((sku) => ({
      sku,
      name: sku,
      regular_price: '5',
      manage_stock: true,
      stock_quantity: FIRST_LEVEL,
    })),
  });
  return codes.map((code, n) => ({
    code,
    id: pickNumber(json, 'create', n, 'id'),
    level: FIRST_LEVEL,
    sent: FIRST_LEVEL,
    sold: 0,
  }));
}

/** A batch deletes for good: what lay in the trash would keep its SKU taken. */
export async function removeProducts(products: readonly RushProduct[]): Promise<void> {
  await rest('POST', '/products/batch', { delete: products.map(({ id }) => id) });
}

export async function stockByRest(products: readonly RushProduct[]): Promise<ReadonlyMap<string, number>> {
  const ids = products.map(({ id }) => id).join();
  const { json } = await rest('GET', `/products?include=${ids}&per_page=100&_fields=sku,stock_quantity`);
  return new Map(products.map((_, n) => [pickText(json, n, 'sku'), pickNumber(json, n, 'stock_quantity')]));
}

export async function cancel(order: number): Promise<void> {
  const { status, text } = await rest('PUT', `/orders/${order}`, { status: 'cancelled' });
  if (status !== 200) throw new Error(`Order ${order} was not cancelled: ${status} ${text}`);
}

/** A service of its own; only where the plugin has to reach it does it say where it is. */
export async function serviceFor(withPlugin: boolean): Promise<RunningService> {
  const port = String(await freePort());
  const address: Readonly<Record<string, string>> = withPlugin
    ? { PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}` }
    : {};
  return runService({ LOG_LEVEL: 'warn', ...address }, { checkAnswers: false });
}

export async function connectTo(
  { api }: RunningService,
  knownBy: 'acknowledged' | 'not_counted',
  withPlugin: boolean,
): Promise<Connected> {
  const { WOO_KEY = '', WOO_SECRET = '' } = process.env;
  const keys = { url: shopUrl, consumerKey: WOO_KEY, consumerSecret: WOO_SECRET, verifyTls: false };
  const connected = await connect(api, keys, { connection: { orders: { knownBy } } });
  if (shopRoot !== '') await unpair();
  if (withPlugin) await pair(api, connected.shopId);
  return connected;
}

const unpair = () => inShop(`if (class_exists('StockRelay\\\\Pairing')) StockRelay\\Pairing::forget(); return null;`);

/** As a person pairs them, who types the code in the shop. */
async function pair(api: RunningService['api'], shopId: number): Promise<void> {
  linkPlugin(shopRoot);
  await inShop(`activate_plugin('stock-relay/stock-relay.php'); return null;`);
  const code = pickText(await api.expect(201, 'POST', `/shops/${shopId}/bridge/code`), 'code');
  await inShop(`StockRelay\\Pairing_Code::keep(StockRelay\\Pairing_Code::normalised('${code}'), 1, ''); return null;`);
  const paired = await api.expect(200, 'POST', `/shops/${shopId}/bridge/pair`, { code });
  if (pickText(paired, 'state') !== 'paired') throw new Error(`Not paired: ${JSON.stringify(paired)}`);
}
