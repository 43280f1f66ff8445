import type { CatalogProduct, CataloguePage } from '../../../server/domain/ports/shop-catalogue';
import { createWooCommerceCatalogue } from '../../../server/connectors/woocommerce/list-catalogue';
import { createHttpClient, type HttpClient } from '../../../server/outbound/http-client';
import {
  type SimulatedWooCommerce,
  type SimulatedWooCommerceOptions,
  startSimulatedWooCommerce,
} from '../../support/simulated-woocommerce';
import { failureOf } from './failure-of';
import { systemClock } from './shop-under-test';

const { signal } = new AbortController();
const SECOND = 1000;

describe('The catalogue of a simulated WooCommerce', () => {
  let http: HttpClient;
  let shop: SimulatedWooCommerce;
  let now = Date.UTC(2026, 5, 10, 12);

  beforeEach(() => {
    http = createHttpClient({ allowPrivateNetwork: true, clock: systemClock });
    now = Date.UTC(2026, 5, 10, 12);
  });

  afterEach(async () => {
    http.close();
    await shop.close();
  });

  const start = async (options: SimulatedWooCommerceOptions = {}): Promise<void> => {
    shop = await startSimulatedWooCommerce({ now: () => now, ...options });
  };

  const catalogue = () => createWooCommerceCatalogue({ http, clock: { ...systemClock, now: () => now }, version: '0' });
  const access = () => ({
    shopId: 1,
    url: shop.url,
    ...shop.keys.readWrite,
    verifyTls: false,
    allowQueryKeys: false,
    authentication: null,
    routeStyle: null,
  });
  const list = (cursor: string | null) => catalogue().list(access(), cursor, signal);
  const changedSince = (since: number) => (cursor: string | null) =>
    catalogue().listChanged(access(), since, cursor, signal);

  async function walk(
    step: (cursor: string | null) => Promise<CataloguePage>,
    between: (index: number) => void = () => undefined,
  ) {
    const products: CatalogProduct[] = [];
    const pages: CataloguePage[] = [];
    let cursor: string | null = null;
    do {
      const page: CataloguePage = await step(cursor);
      products.push(...page.products);
      pages.push(page);
      cursor = page.next;
      between(pages.length);
    } while (cursor !== null);
    return { pages, products, skus: products.map(({ sku }) => sku) };
  }

  const skus = (count: number, prefix = 'P'): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  const fill = (count: number): void => shop.products.addMany(count, (index) => ({ sku: `P-${index}`, stock: 1 }));
  const variable = (sku: string, count: number) => ({
    sku,
    variations: skus(count, sku).map((each) => ({ sku: each, option: each, stock: 2 })),
  });

  it('is read two pages at a time', async () => {
    await start();
    fill(1000);
    const { pages, skus: read } = await walk(list);
    expect(read).toEqual(skus(1000));
    expect(pages.map(({ products }) => products.length)).toEqual([100, 198, 198, 198, 198, 108, 0]);
    expect(pages.map(({ done }) => done)).toEqual([100, 298, 496, 694, 892, 1000, 1000]);
    // The last step finds out that there are no variations.
    expect(pages.every(({ total }) => total === 1000)).toBe(true);
  });

  it.each([[1], [60], [150]])('is read whole when %i products before the reader are removed', async (removed) => {
    await start();
    fill(1000);
    const { skus: read } = await walk(list, (step) => {
      if (step === 2) for (const sku of skus(removed)) shop.products.trash(sku);
    });
    expect(read).toEqual(skus(1000));
  });

  it('is read whole when products are removed in every step, at the very place the reader stands too', async () => {
    await start();
    fill(1000);
    const read: string[] = [];
    await walk(
      async (cursor) => {
        const page = await list(cursor);
        read.push(...page.products.map(({ sku }) => sku));
        return page;
      },
      (step) => {
        for (const sku of [...read.slice(-7), ...read.slice(step, step + 3)]) shop.products.trash(sku);
      },
    );
    expect(read).toEqual(skus(1000));
  });

  it('is read whole when everything read so far is removed, and once when something is restored', async () => {
    await start();
    fill(500);
    shop.products.trash('P-3');
    const { skus: read } = await walk(list, (step) => {
      if (step === 1) shop.products.restore('P-3', 'publish');
      if (step === 2) for (const sku of skus(298)) shop.products.trash(sku);
    });
    expect(read).toEqual(skus(500).filter((sku) => sku !== 'P-3'));
  });

  it('shows the translations of a product where a plugin tells them', async () => {
    const translations = { ro: 10, en: '12', hu: 0 };
    await start({ products: [{ sku: 'A', translations }, { sku: 'B', translations: [] }, { sku: 'C' }] });
    expect((await walk(list)).products.map((product) => product.translations)).toEqual([[10, 12], [], []]);
  });

  describe('of a version before 10.3', () => {
    const features = { globalVariations: false };

    it('is read parent by parent', async () => {
      await start({ features, products: [variable('V', 250), variable('W', 3)] });
      fill(120);
      for (const index of skus(25, 'X')) shop.products.add(variable(index, 2));
      const { skus: read, pages } = await walk(list);
      const parents = ['V', 'W', ...skus(120), ...skus(25, 'X')];
      const children = ['V', 'W', ...skus(25, 'X')].flatMap((sku) =>
        skus(sku === 'V' ? 250 : sku === 'W' ? 3 : 2, sku),
      );
      expect(read).toEqual([...parents, ...children]);
      expect(pages.at(-1)).toMatchObject({ done: read.length, total: read.length });
      const variation = (await walk(list)).products.at(-1);
      expect(variation?.ref.productId).toBe(shop.products.bySku('X-24').id);
    });

    it('has its changed variations read under the parents that changed with them', async () => {
      await start({ features, products: [variable('V', 3), variable('W', 3)] });
      now += 5 * SECOND;
      shop.products.touch('W-1');
      expect((await walk(changedSince(now))).skus).toEqual(['W', 'W-1']);
    });
  });

  it('is refused as unreadable where the version does not know the dates', async () => {
    await start({ features: { modifiedAfter: false }, products: [{ sku: 'OLD' }] });
    now += 5 * SECOND;
    shop.products.add({ sku: 'NEW' });
    const failed = await failureOf(walk(changedSince(now)));
    expect(failed.failure).toMatchObject({
      code: 'shop_answer_unexpected',
      params: { what: expect.stringContaining('modified_after') },
    });
  });

  it('is asked for an hour more where clocks may be put forward, and tells no more for it', async () => {
    now = Date.UTC(2026, 2, 29, 2, 40);
    await start({ products: [{ sku: 'BEFORE' }] });
    now += 10 * 60_000;
    shop.products.add({ sku: 'AFTER' });
    expect((await walk(changedSince(now))).skus).toEqual(['AFTER']);
    expect(new URLSearchParams(shop.calls[0]?.query).get('modified_after')).toBe('2026-03-29T01:49:59');
  });

  it('fails a step as a whole, and goes on from the same place', async () => {
    await start();
    fill(400);
    const first = await list(null);
    shop.faults.next({ kind: 'server-error' });
    expect((await failureOf(list(first.next))).failure.code).toBe('shop_server_error');
    const rest = await walk((cursor) => list(cursor ?? first.next));
    expect([...first.products.map(({ sku }) => sku), ...rest.skus]).toEqual(skus(400));
  });
});
