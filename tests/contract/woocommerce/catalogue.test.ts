import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { CatalogProduct, CataloguePage } from '../../../server/domain/ports/shop-catalogue';
import { SHOPS, type ShopUnderTest } from './shop-under-test';

const { signal } = new AbortController();

const made = z.object({ create: z.array(z.object({ id: z.number(), error: z.unknown().optional() })) });
const withId = z.object({ id: z.number() });

const SIMPLE = 220;
const VARIATIONS = 60;
const PARENTS = 2;

const hundredsOf = <Item>(items: readonly Item[]): Item[][] =>
  Array.from({ length: Math.ceil(items.length / 100) }, (_, index) => items.slice(index * 100, index * 100 + 100));

describe.each(SHOPS)('The catalogue of WooCommerce, as $name lists it', ({ open }) => {
  const prefix = `SC${randomBytes(4).toString('hex').toUpperCase()}`;
  let shop: ShopUnderTest;
  let before: number;
  let category: number;
  const simple: number[] = [];
  const parents: number[] = [];
  const variations: number[] = [];

  const create = async (route: string, items: readonly unknown[]): Promise<number[]> => {
    const ids: number[] = [];
    for (const some of hundredsOf(items)) {
      const answer = made.parse((await shop.raw('POST', route, { body: { create: some } })).json).create;
      const failed = answer.find((item) => item.error !== undefined);
      if (failed !== undefined) throw new Error(`The shop did not create a product: ${JSON.stringify(failed.error)}`);
      ids.push(...answer.map((item) => item.id));
    }
    return ids;
  };

  const shopTime = async (): Promise<number> =>
    Date.parse((await shop.raw('GET', '/products', { query: { per_page: '1', _fields: 'id' } })).headers['date'] ?? '');

  /** The shop tells seconds: what happens from now on is later than what it says now. */
  const nextSecond = async (): Promise<number> => {
    const now = await shopTime();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    return now + 1000;
  };

  beforeAll(async () => {
    shop = await open();
    before = await nextSecond();
    const answer = await shop.raw('POST', '/products/categories', { body: { name: `${prefix} Pâine & făină` } });
    category = withId.parse(answer.json).id;
    const statuses: Readonly<Record<number, string>> = { 1: 'draft', 2: 'private', 3: 'pending' };
    const seeds = Array.from({ length: SIMPLE }, (_, index) => ({
      name: `${prefix} produs ${index}`,
      sku: `${prefix}-${index}`,
      status: statuses[index] ?? 'publish',
      ...(index === 4 ? { categories: [{ id: category }] } : {}),
      ...(index < 200 ? { manage_stock: true, stock_quantity: index } : {}),
      ...(index === 5 ? { backorders: 'notify' } : {}),
      ...(index === 6 ? { backorders: 'yes' } : {}),
    }));
    simple.push(...(await create('/products/batch', seeds)));
    const options = Array.from({ length: VARIATIONS }, (_, index) => `M${index}`);
    const attributes = [{ name: 'Mărime', options, variation: true, visible: true }];
    const variable = Array.from({ length: PARENTS }, (_, index) => ({
      name: `${prefix} haină ${index}`,
      sku: `${prefix}-V${index}`,
      type: 'variable',
      attributes,
      ...(index === 1 ? { manage_stock: true, stock_quantity: 50, backorders: 'notify' } : {}),
    }));
    parents.push(...(await create('/products/batch', variable)));
    for (const parent of parents) {
      const children = options.map((option) => ({ attributes: [{ name: 'Mărime', option }], regular_price: '1' }));
      variations.push(...(await create(`/products/${parent}/variations/batch`, children)));
    }
  }, 180_000);

  afterAll(async () => {
    for (const some of hundredsOf([...parents, ...simple])) {
      await shop.raw('POST', '/products/batch', { body: { delete: some } });
    }
    await shop.raw('POST', `/products/categories/${category}`, { query: { _method: 'DELETE', force: 'true' } });
    await shop?.close();
  }, 180_000);

  type Step = (cursor: string | null) => Promise<CataloguePage>;

  const all: Step = (cursor) => shop.catalogue.list(shop.access, cursor, signal);
  const since =
    (time: number): Step =>
    (cursor) =>
      shop.catalogue.listChanged(shop.access, time, cursor, signal);

  async function walk(step: Step, between: (page: CataloguePage, index: number) => Promise<void> = async () => {}) {
    const products: CatalogProduct[] = [];
    const pages: CataloguePage[] = [];
    let cursor: string | null = null;
    do {
      const page: CataloguePage = await step(cursor);
      await between(page, pages.length);
      products.push(...page.products);
      pages.push(page);
      // As after a restart: nothing but the text survives.
      cursor = page.next === null ? null : `${page.next}`;
    } while (cursor !== null);
    const ids = products.map(({ ref }) => ref.variationId ?? ref.productId);
    const byId = new Map(products.map((product) => [product.ref.variationId ?? product.ref.productId, product]));
    return { products, pages, ids, byId };
  }

  const edit = (id: number, body: unknown) => shop.raw('POST', `/products/${id}`, { body });

  it('lists every product and variation once, in the order of their ids, whatever their status', async () => {
    const { ids, products, pages, byId } = await walk(all);
    expect(ids).toEqual(expect.arrayContaining([...simple, ...parents, ...variations]));
    expect(new Set(ids).size).toBe(ids.length);
    const own = new Set([...simple, ...parents, ...variations]);
    expect(ids.filter((id) => own.has(id))).toEqual([...simple, ...parents, ...variations]);
    expect(simple.slice(1, 4).map((id) => byId.get(id)?.status)).toEqual(['draft', 'private', 'pending']);
    expect(products.some((product) => product.status === 'trash')).toBe(false);
    expect(pages.at(-1)?.done).toBe(ids.length);
    expect(pages.at(-1)?.total).toBe(ids.length);
    expect(pages[0]?.total).toBeGreaterThan(SIMPLE + PARENTS * VARIATIONS);
    expect(Math.abs((pages[0]?.shopTime ?? 0) - Date.now())).toBeLessThan(120_000);
  }, 60_000);

  it('shows what the mirror keeps of each', async () => {
    const { byId } = await walk(since(before));
    expect(byId.get(simple[4] ?? 0)).toMatchObject({
      type: 'simple',
      sku: `${prefix}-4`,
      stockOwner: 'self',
      quantity: '4',
      categories: [{ id: category, name: `${prefix} Pâine & făină` }],
      translations: [],
      modifiedAt: expect.any(Number),
    });
    expect([4, 5, 6].map((index) => byId.get(simple[index] ?? 0)?.backorders)).toEqual([false, true, true]);
    expect(byId.get(simple[10] ?? 0)?.categories).toEqual([expect.objectContaining({ id: expect.any(Number) })]);
    expect(byId.get(variations[3] ?? 0)).toMatchObject({
      ref: { productId: parents[0], variationId: variations[3] },
      type: 'variation',
      name: 'M3',
      sku: `${prefix}-V0`,
      categories: [],
      stockOwner: 'nobody',
      backorders: false,
    });
    expect(byId.get(variations[VARIATIONS] ?? 0)).toMatchObject({
      stockOwner: 'parent',
      quantity: '50',
      backorders: true,
    });
  });

  it('lists what was changed and created since, at that second too, and nothing older', async () => {
    const now = await nextSecond();
    const [edited = 0, draft = 0] = simple.slice(10, 12);
    await edit(edited, { name: `${prefix} produs schimbat` });
    await edit(draft, { status: 'draft' });
    const variation = variations[5] ?? 0;
    await shop.raw('POST', `/products/${parents[0]}/variations/batch`, {
      body: { update: [{ id: variation, manage_stock: true, stock_quantity: 3 }] },
    });
    const [created = 0] = await create('/products/batch', [{ name: `${prefix} produs nou` }]);
    simple.push(created);
    const ours = new Set([...simple, ...parents, ...variations]);
    const { ids, byId } = await walk(since(now));
    // The parent's date moves with its variation's.
    expect(ids.filter((id) => ours.has(id))).toEqual([edited, draft, parents[0], created, variation]);
    expect(byId.get(variation)?.quantity).toBe('3');

    const { modifiedAt } = byId.get(edited) ?? {};
    if (modifiedAt === undefined || modifiedAt === null) throw new Error('The shop says no date');
    expect((await walk(since(modifiedAt))).ids).toContain(edited);
    expect((await walk(since(modifiedAt + 999))).ids).toContain(edited);
    expect((await walk(since(modifiedAt + 1000))).ids).not.toContain(edited);
  });

  it('lists what an order took from', async () => {
    const now = await nextSecond();
    const sold = simple[20] ?? 0;
    const order = { status: 'processing', line_items: [{ product_id: sold, quantity: 2 }] };
    const { id } = withId.parse((await shop.raw('POST', '/orders', { body: order })).json);
    const { byId } = await walk(since(now));
    await shop.raw('POST', `/orders/${id}`, { query: { _method: 'DELETE', force: 'true' } });
    expect(byId.get(sold)?.quantity).toBe('18');
  });

  it('lists the variations of one parent from any place and by date, which older versions are read with', async () => {
    const list = async (query: Record<string, string>): Promise<number[]> => {
      const walk = { orderby: 'id', order: 'asc', status: 'any', per_page: '100', _fields: 'id' };
      const answer = await shop.raw('GET', `/products/${parents[0]}/variations`, { query: { ...walk, ...query } });
      return z
        .array(withId)
        .parse(answer.json)
        .map(({ id }) => id);
    };
    const own = variations.slice(0, VARIATIONS);
    expect(await list({ offset: '50' })).toEqual(own.slice(50));
    const now = await nextSecond();
    await shop.raw('POST', `/products/${parents[0]}/variations/${own[7]}`, { body: { status: 'private' } });
    const modified_after = new Date(now - 1000).toISOString().slice(0, 19);
    expect(await list({ modified_after, dates_are_gmt: 'true' })).toEqual([own[7]]);
  });

  it('says nothing when nothing was changed, in one step', async () => {
    // Later than any hour more that is asked for when clocks may have been put forward.
    const { ids, pages } = await walk(since((await shopTime()) + 3 * 3_600_000));
    expect([ids, pages.length, pages[0]?.done, pages[0]?.total]).toEqual([[], 1, 0, 0]);
  });

  it('skips nothing when products it has read are put into the trash while it reads', async () => {
    const trashed = [simple[30], simple[40], simple[50]];
    const { ids } = await walk(since(before), async (_page, index) => {
      if (index > 0) return;
      for (const id of trashed) await shop.raw('POST', `/products/${id}`, { query: { _method: 'DELETE' } });
    });
    const left = simple.filter((id) => !trashed.includes(id));
    expect(ids).toEqual(expect.arrayContaining([...left, ...parents, ...variations]));
    expect(new Set(ids).size).toBe(ids.length);
    const after = await walk(since(before));
    expect(after.ids).not.toEqual(expect.arrayContaining([trashed[0]]));
  });

  it('begins anew from a cursor it cannot read', async () => {
    const [begun, anew] = [await all(null), await all('{"list":"nothing we know"}')];
    expect(anew.products.map(({ ref }) => ref)).toEqual(begun.products.map(({ ref }) => ref));
  });
});
