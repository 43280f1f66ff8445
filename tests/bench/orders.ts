import { OrderRush, type RushEnd, type RushOptions } from '../support/order-rush/order-rush';
import { shopRoot, shopUrl } from '../wp-bridge/support/real-shop';
import { percentile, report } from './report';
import { measureWriteWindow } from './write-window';

const ORDERS = Number(process.env['ORDERS'] ?? 300);
const TRIALS = Number(process.env['TRIALS'] ?? 150);

type Way = Pick<RushOptions, 'knownBy' | 'sourceKnows' | 'withPlugin'>;

/** Written by the plugin, by differences, and as plain numbers that have every order in them or none. */
const ways: Readonly<Record<string, Way>> = {
  plugin: { knownBy: 'acknowledged', sourceKnows: false, withPlugin: true },
  difference: { knownBy: 'acknowledged', sourceKnows: false, withPlugin: false },
  'number-told': { knownBy: 'not_counted', sourceKnows: true, withPlugin: false },
  'number-untold': { knownBy: 'not_counted', sourceKnows: false, withPlugin: false },
};

/** Storefront orders between new levels in a real shop: what is written over, and for how long. */
export async function benchOrders(): Promise<void> {
  if (!shopRoot || !shopUrl) {
    process.stderr.write('The bench of orders needs a real WooCommerce: WOO_ROOT (its folder) and WOO_URL.\n');
    return;
  }
  for (const [name, way] of Object.entries(ways)) {
    const plan = { orders: ORDERS, pushes: ORDERS, shoppers: 3, seed: 1, checkEvery: 25 };
    tell(name, await OrderRush.run({ ...plan, ...way }));
  }
  for (const way of ['difference', 'number'] as const) {
    const { trials, lost, doubled } = await measureWriteWindow(way, TRIALS);
    report({ name: `orders.window.${way}.lost`, value: lost, unit: 'orders', n: trials });
    report({ name: `orders.window.${way}.doubled`, value: doubled, unit: 'orders', n: trials });
  }
}

function tell(name: string, end: RushEnd): void {
  const figure = (what: string, value: number, unit: string, n: number) =>
    report({ name: `orders.${name}.${what}`, value, unit, n });
  const off = end.products.map(({ wanted, byRest }) => byRest - wanted);
  const oversold = off.reduce((sum, units) => sum + Math.max(0, units), 0);
  figure('orders', end.orders, 'orders', end.cancelled);
  figure('pushes', end.pushes, 'pushes', end.orders);
  figure('lost-at-the-end', oversold, 'units', end.orders);
  const over = end.deviations.filter(({ units }) => units > 0);
  figure('written-over', over.length, 'times', end.orders);
  figure('too-little', end.deviations.length - over.length, 'times', end.orders);
  figure('wrong-when-settled', end.checks.filter(({ wrong }) => wrong.length > 0).length, 'checks', end.checks.length);
  // Until the service put it right; where it writes plain numbers, until the next one was written over it.
  const ended = over.flatMap(({ from, to }) => (to === null ? [] : [to - from]));
  if (ended.length > 0) {
    for (const share of [0.5, 0.95, 1]) {
      figure(`wrong-for.p${share * 100}`, percentile(ended, share) / 1000, 's', ended.length);
    }
  }
  figure('never-put-right', end.deviations.filter(({ to }) => to === null).length, 'products', end.products.length);
  figure('calls-per-push', end.callsToShop / end.pushes, 'calls', end.pushes);
  figure('orders-per-second', end.orders / end.seconds, '1/s', end.orders);
}
