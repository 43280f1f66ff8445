import { pick, push } from '../support/api-client';
import { eventually } from '../support/eventually';
import { OrderRush, type RushEnd } from '../support/order-rush/order-rush';
import {
  connectTo,
  FIRST_LEVEL,
  makeProducts,
  removeProducts,
  type RushProduct,
  serviceFor,
} from '../support/order-rush/rush-shop';
import { ShopFigures } from '../support/order-rush/shop-figures';
import type { RunningService } from '../support/running-service';
import { inShop, shopRoot, withStranger } from '../wp-bridge/support/real-shop';
import { filledCart } from '../wp-bridge/support/storefront-order';

/** A slice; ORDERS=300 is the whole. */
const ORDERS = Number(process.env['ORDERS'] ?? 40);
const SEED = Number(process.env['SEED'] ?? 1);

const ways = [
  { name: 'without the plugin', withPlugin: false },
  // WOO_ROOT names the shop's folder, in which the plugin can be put.
  ...(shopRoot === '' ? [] : [{ name: 'with the plugin', withPlugin: true }]),
];

// On products of its own that it removes again. Jest leaves this file out where WOO_URL is not set.
describe.each(ways)('storefront orders between new levels in a real shop (WOO_URL), $name', ({ withPlugin }) => {
  let end: RushEnd;

  beforeAll(async () => {
    end = await OrderRush.run({
      orders: ORDERS,
      pushes: ORDERS,
      shoppers: 3,
      seed: SEED,
      checkEvery: 25,
      withPlugin,
      knownBy: 'acknowledged',
      sourceKnows: false,
    });
  }, 3_600_000);

  it('are all taken by the shop, some are cancelled, and levels are pushed all the while', () => {
    expect(end).toMatchObject({ orders: ORDERS, refused: 0 });
    expect(end.cancelled).toBeGreaterThan(0);
    expect(end.pushes).toBeGreaterThanOrEqual(ORDERS);
  });

  it('leave every product at its level less what was sold, not one unit off', () => {
    expect(end.products.map(({ code, byRest }) => [code, byRest])).toEqual(
      end.products.map(({ code, wanted }) => [code, wanted]),
    );
  });

  it('that were written over are found and put right without anybody’s doing', () => {
    expect(end.checks.length).toBeGreaterThan(0);
    expect(end.checks.filter(({ rightAfterMs }) => rightAfterMs === null)).toEqual([]);
    expect(end.deviations.filter(({ to }) => to === null)).toEqual([]);
  });

  if (withPlugin) {
    it('are written over at no moment: whenever all is settled, all is right', () => {
      expect(end.checks.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
      expect(end.deviations.filter(({ units }) => units > 0)).toEqual([]);
      expect(end.historyGaps).toEqual([]);
    });
  }
});

/** Another plugin that makes a save over the REST API take so long that an order comes into it. */
const slowSave = `
  add_action('woocommerce_before_product_object_save', function ($p) {
    if (false === strpos($_SERVER['REQUEST_URI'] ?? '', '/wc/v3/products') || !array_key_exists('stock_quantity', $p->get_changes())) return;
    update_option('relay_test_saving', $p->get_id(), false);
    sleep(4);
  });`;
const saving = () => inShop<number>(`return (int) get_option('relay_test_saving');`);

if (shopRoot !== '') {
  describe('an order that comes into the very write, in a real shop without the plugin (WOO_ROOT)', () => {
    let running: RunningService;
    let figures: ShopFigures;
    let product: RushProduct;

    beforeAll(async () => {
      [product] = (await makeProducts(1)) as [RushProduct];
      figures = await ShopFigures.open([product.id]);
      running = await serviceFor(false);
    }, 120_000);
    afterAll(async () => {
      await running.stop();
      await figures.close();
      await inShop(`delete_option('relay_test_saving'); return null;`);
      await removeProducts([product]);
    }, 120_000);

    const figure = async () => (await figures.read()).get(product.id);

    it('is written over, and put right without anybody’s doing and without a word from the shop', async () => {
      const { pushUrl, token } = await connectTo(running, 'acknowledged', false);
      const send = (quantity: number) => push(pushUrl, token, { code: product.code, quantity });
      await send(FIRST_LEVEL);
      await eventually(async () => {
        const items = await running.api.expect(200, 'GET', '/items?limit=1');
        return pick(items, 'counts', 'synced') === 1;
      }, 60_000);
      await withStranger(slowSave, async () => {
        const checkOut = await filledCart([{ product: product.id, pieces: 3 }]);
        await send(2 * FIRST_LEVEL);
        await eventually(async () => (await saving()) === product.id, 60_000);
        expect(await checkOut()).toBeGreaterThan(0);
        expect(await figure()).toEqual({ stock: FIRST_LEVEL - 3, held: 3 });
        await eventually(async () => (await figure())?.stock === 2 * FIRST_LEVEL, 60_000);
      });
      await eventually(async () => (await figure())?.stock === 2 * FIRST_LEVEL - 3, 120_000);
    }, 300_000);
  });
}
