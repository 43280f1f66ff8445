import { createWooCommerceOrders } from '../../../server/connectors/woocommerce/read-orders';
import type { ShopAccess } from '../../../server/domain/ports/shop-target';
import { ScriptedHttp } from '../../support/scripted-http';
import { TestClock } from '../../support/test-clock';

const SECOND = 1_000;
const PAGE = 100;
const access: ShopAccess = {
  shopId: 1,
  url: 'https://shop.example',
  consumerKey: 'ck_1',
  consumerSecret: 'cs_1',
  verifyTls: true,
  allowQueryKeys: false,
  authentication: null,
  routeStyle: null,
};

describe('The reading of orders that changed', () => {
  const clock = new TestClock();
  const began = clock.now();
  const gmt = (at: number) => new Date(at).toISOString().slice(0, 19);

  /** A shop that counts orders it does not show: they cannot be loaded, or the key may not see them. */
  const shopOf = (count: number, hidden: readonly number[]) => {
    const all = Array.from({ length: count }, (_, n) => ({ id: n + 1, at: began + n * SECOND }));
    return new ScriptedHttp(({ searchParams }) => {
      const time = (name: string, otherwise: number) =>
        searchParams.has(name) ? Date.parse(`${searchParams.get(name)}Z`) : otherwise;
      const [after, before] = [time('modified_after', -Infinity), time('modified_before', Infinity)];
      const found = all.filter(({ at }) => at > after && at < before);
      const page = Number(searchParams.get('page') ?? '1');
      return {
        headers: { 'content-type': 'application/json', 'x-wp-total': String(found.length) },
        body: found
          .slice((page - 1) * PAGE, page * PAGE)
          .filter(({ id }) => !hidden.includes(id))
          .map(({ id, at }) => ({
            id,
            number: String(id),
            status: 'processing',
            date_modified_gmt: gmt(at),
            line_items: [],
          })),
      };
    });
  };

  it.each([
    ['one', [50]],
    ['the last of a page', [100]],
    ['the first of all', [1]],
  ])('goes on after a page that leaves out %s', async (_which, hidden) => {
    const http = shopOf(250, hidden);
    const orders = createWooCommerceOrders({ http, clock, version: '1' });
    const read = await orders.changedSince(access, began - SECOND, [], new AbortController().signal, 'listed');
    expect(read.complete).toBe(true);
    expect(read.orders.map(({ orderId }) => orderId)).toEqual(
      Array.from({ length: 250 }, (_, n) => n + 1).filter((id) => !hidden.includes(id)),
    );
  });
});
