import { setTimeout as wait } from 'node:timers/promises';
import { Random } from '../faults/random';
import { pickList, pickNumber, pickText } from '../support/api-client';
import { deviationOf, LEVEL_STEP } from '../support/order-rush/deviation-watch';
import { makeProducts, removeProducts, type RushProduct } from '../support/order-rush/rush-shop';
import { ShopFigures } from '../support/order-rush/shop-figures';
import { rest } from '../wp-bridge/support/real-shop';
import { filledCart } from '../wp-bridge/support/storefront-order';

/** The order is sent at a moment of this time, which begins before the look and ends after the write. */
const BEFORE_MS = 700;
const AFTER_MS = 400;

export interface WriteWindow {
  readonly trials: number;
  /** Orders the shop forgot, and those it counted twice. */
  readonly lost: number;
  readonly doubled: number;
}

/** What an order that comes at any moment around one write has to fear from it: a difference is sent, or a number. */
export async function measureWriteWindow(way: 'difference' | 'number', trials: number): Promise<WriteWindow> {
  const random = Random.for('window', way);
  const products: RushProduct[] = [];
  while (products.length < trials) products.push(...(await makeProducts(Math.min(100, trials - products.length))));
  const figures = await ShopFigures.open(products.map(({ id }) => id));
  try {
    for (const product of products) await oneTrial(way, product, random);
    const units = [...(await figures.read()).values()].map(deviationOf);
    const lost = units.filter((each) => each > 0).length;
    const doubled = units.filter((each) => each < 0).length;
    return { trials, lost, doubled };
  } finally {
    await figures.close();
    for (let from = 0; from < products.length; from += 100) await removeProducts(products.slice(from, from + 100));
  }
}

async function oneTrial(way: 'difference' | 'number', product: RushProduct, random: Random): Promise<void> {
  const checkOut = await filledCart([{ product: product.id, pieces: 1 }]);
  const offset = random.between(-BEFORE_MS, AFTER_MS);
  const level = random.between(50, 150) * LEVEL_STEP;
  const later = async (ms: number, work: () => Promise<unknown>) => {
    await wait(Math.max(0, ms));
    return work();
  };
  const [order] = await Promise.all([later(offset, checkOut), later(-offset, () => writeOnce(way, product.id, level))]);
  if (order === 0) throw new Error('An order was refused');
}

/** As the service does it: look, read the orders, look again where there is a new one, write. */
async function writeOnce(way: 'difference' | 'number', id: number, level: number): Promise<void> {
  let seen = await look(id);
  let held = 0;
  for (let known = -1; known !== held;) {
    known = held;
    held = await heldByOrders(id);
    if (known !== held) seen = await look(id);
  }
  const target = level - held;
  const change = way === 'difference' ? { inventory_delta: target - seen } : { stock_quantity: target };
  await rest('POST', '/products/batch', { update: [{ id, ...change, _fields: 'id,stock_quantity' }] });
}

async function look(id: number): Promise<number> {
  const { json } = await rest('GET', `/products?include=${id}&_fields=id,stock_quantity`);
  return pickNumber(json, 0, 'stock_quantity');
}

async function heldByOrders(id: number): Promise<number> {
  const { json } = await rest('GET', `/orders?product=${id}&_fields=line_items`);
  if (!Array.isArray(json)) throw new Error('The shop did not list its orders');
  const taken = json
    .flatMap((order) => pickList(order, 'line_items'))
    .flatMap((line) => pickList(line, 'meta_data'))
    .filter((meta) => pickText(meta, 'key') === '_reduced_stock');
  return taken.reduce<number>((sum, meta) => sum + Number(pickText(meta, 'value')), 0);
}
