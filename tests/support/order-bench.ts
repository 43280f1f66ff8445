import { type ApiClient, pick, pickList, push } from './api-client';
import { eventually } from './eventually';
import type { Connected } from './running-service';
import type { SimulatedOrder, SimulatedWooCommerce } from './simulated-woocommerce';

export const SKUS = ['A', 'B', 'C', 'D'] as const;
export const PRODUCTS = SKUS.map((sku) => ({ sku, name: `Product ${sku}`, stock: 5_000 }));
/** Nothing that is ordered is ever known: what the ledger holds is all taken off. */
export const COUNTED = { connection: { orders: { knownBy: 'acknowledged' } } };

const heldBy = ({ lines }: SimulatedOrder): number => lines.reduce((sum, { reduced }) => sum + (reduced ?? 0), 0);
const heldIn = (order: unknown): number =>
  order === undefined ? 0 : pickList(order, 'lines').reduce<number>((sum, line) => sum + Number(pick(line, 'held')), 0);

/** A shop in which people buy, and what the service makes of it. */
export class OrderBench {
  private readonly levels = new Map<string, number>();

  constructor(
    private readonly shop: SimulatedWooCommerce,
    private readonly api: () => ApiClient,
    private readonly connected: () => Connected,
  ) {}

  /** Those of orders. */
  webhooks() {
    return this.shop.webhooks.filter(({ topic }) => topic.startsWith('order.'));
  }

  /** The source says of the products that it has so many, and one more of each. */
  async say(quantity: number): Promise<void> {
    const items = SKUS.map((code, index) => ({ code, quantity: quantity + index }));
    for (const item of items) this.levels.set(item.code, item.quantity);
    const { pushUrl, token } = this.connected();
    const answer = await push(pushUrl, token, { items });
    if (answer.status !== 202) throw new Error(`The push was answered ${answer.status}`);
  }

  /** Everything that orders go through, on every product. */
  business(count: number): void {
    const { orders } = this.shop;
    const placed = Array.from({ length: count }, (_, index) =>
      orders.place({ [SKUS[index % 4] ?? 'A']: 1 + (index % 3) }, index % 7 === 6 ? 'pending' : 'processing'),
    );
    const each = (step: number, from: number) => placed.filter((_, index) => index % step === from);
    for (const order of each(11, 1)) orders.cancel(order);
    for (const order of each(13, 2)) orders.edit(order, 5);
    for (const order of each(17, 3)) orders.refund(order, 1, { restocks: true });
    for (const order of each(19, 4)) orders.refund(order, 1, { restocks: false });
    for (const order of each(23, 5)) orders.trash(order);
    for (const order of each(29, 5)) {
      orders.trash(order);
      orders.restore(order);
    }
    for (const order of each(31, 6)) orders.change(order, 'completed');
  }

  /** Nothing of what happens meanwhile is ever told. */
  untold(happens: () => void): void {
    const active = this.shop.webhooks.filter(({ status }) => status === 'active');
    for (const webhook of active) webhook.status = 'paused';
    happens();
    for (const webhook of active) webhook.status = 'active';
  }

  items(): Promise<readonly unknown[]> {
    return this.api()
      .expect(200, 'GET', '/items?limit=200')
      .then((page) => pickList(page, 'data'));
  }

  /** What the ledger has of a shop, by the order. */
  async listed(shopId = this.connected().shopId): Promise<ReadonlyMap<unknown, unknown>> {
    const orders = new Map<unknown, unknown>();
    for (let cursor: unknown = null; ;) {
      const after = typeof cursor === 'string' ? `&cursor=${cursor}` : '';
      const page = await this.api().expect(200, 'GET', `/orders?limit=200&shopId=${shopId}${after}`);
      for (const order of pickList(page, 'data')) orders.set(pick(order, 'orderId'), order);
      cursor = pick(page, 'nextCursor');
      if (typeof cursor !== 'string') return orders;
    }
  }

  /** The ledger holds of every order what the shop holds, and every product is at what the source says less that. */
  allIsTrue(): Promise<unknown> {
    return eventually(
      async () => {
        const items = await this.items();
        const orders = this.shop.orders.all();
        for (const sku of SKUS) {
          const productId = this.shop.products.bySku(sku).id;
          const lines = orders.flatMap((order) => order.lines).filter((line) => line.productId === productId);
          const right = (this.levels.get(sku) ?? 0) - lines.reduce((sum, { reduced }) => sum + (reduced ?? 0), 0);
          const shown = { status: 'synced', wanted: String(right), shown: String(right) };
          expect(items.find((item) => pick(item, 'code') === sku)).toMatchObject(shown);
          expect(this.shop.products.stockOf(sku)).toBe(right);
        }
        const known = await this.listed();
        const held = orders.map(({ id }) => [id, heldIn(known.get(id))]);
        expect(held).toEqual(orders.map((order) => [order.id, heldBy(order)]));
        return true;
      },
      60_000,
      100,
    );
  }
}
