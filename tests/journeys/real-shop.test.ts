import { pick, pickNumber, pickText, push } from '../support/api-client';
import { eventually } from '../support/eventually';
import { inRealShop, REAL_SHOP } from '../support/in-real-shop';
import { connect, type RunningService, runService } from '../support/running-service';

const PRODUCTS = 500;

const hundreds = <Each>(all: readonly Each[]): Each[][] =>
  Array.from({ length: Math.ceil(all.length / 100) }, (_, n) => all.slice(n * 100, n * 100 + 100));

// On products of its own that it removes again. Jest leaves this file out where WOO_URL is not set.
describe('500 changes in a real shop (WOO_URL)', () => {
  const prefix = `relay-${process.pid}-`;
  const codes = Array.from({ length: PRODUCTS }, (_, n) => `${prefix}${n}`);
  const ids: number[] = [];
  let running: RunningService;

  beforeAll(async () => {
    for (const some of hundreds(codes)) {
      const made = await inRealShop('POST', '/products/batch', {
        create: some.map((sku) => ({ sku, name: sku, regular_price: '1', manage_stock: true, stock_quantity: 1 })),
      });
      for (let n = 0; n < some.length; n++) ids.push(pickNumber(made, 'create', n, 'id'));
    }
    running = await runService();
  }, 300_000);

  afterAll(async () => {
    await running.stop();
    // A batch deletes for good: what lay in the trash would keep its SKU taken.
    for (const some of hundreds(ids)) await inRealShop('POST', '/products/batch', { delete: some });
  }, 300_000);

  it('are all visible in the shop, each with its own number', async () => {
    const connected = await connect(running.api, REAL_SHOP);
    const answer = await push(connected.pushUrl, connected.token, {
      items: codes.map((code, n) => ({ code, quantity: n })),
    });
    expect(answer.status).toBe(202);
    await eventually(async () => {
      const items = await running.api.expect(200, 'GET', '/items?limit=1');
      return Number(pick(items, 'counts', 'synced')) === PRODUCTS;
    }, 240_000);
    for (const some of hundreds(ids)) {
      const rows = await inRealShop(
        'GET',
        `/products?include=${some.join(',')}&per_page=100&_fields=sku,stock_quantity`,
      );
      if (!Array.isArray(rows)) throw new Error('the shop did not list its products');
      expect(rows).toHaveLength(some.length);
      for (const row of rows) {
        expect([pickText(row, 'sku'), pickNumber(row, 'stock_quantity')]).toEqual([
          pickText(row, 'sku'),
          Number(pickText(row, 'sku').slice(prefix.length)),
        ]);
      }
    }
  }, 300_000);
});
