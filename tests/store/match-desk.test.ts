import { PreviewRules } from '../../server/application/preview-rules';
import { SuggestMatches } from '../../server/application/suggest-matches';
import { Refusal } from '../../server/domain/refusal';
import { quantity } from '../../server/domain/quantity';
import { NO_RULES } from '../../server/domain/target-stock';
import { productLink, ref } from '../support/builders';
import { catalogProduct, catalogVariation } from '../support/scripted-catalogue';
import { type Feed, feedIn, itemOf, itemsOf, onEachEngine, push } from '../support/test-stores';

onEachEngine('The match desk', (stores) => {
  let feed: Feed;
  let desk: SuggestMatches;

  const mirror = async (...products: readonly ReturnType<typeof catalogProduct>[]): Promise<void> => {
    const { catalog, clock } = stores();
    await catalog.request(feed.shop.id, 'full', clock.now());
    for (const product of products) await catalog.keepChanged(feed.shop.id, product, clock.now());
  };
  beforeEach(async () => {
    feed = await feedIn(stores());
    desk = new SuggestMatches(stores());
  });
  const page = async (limit = 50, cursor: string | null = null) =>
    desk.page({ connectionId: feed.connection.id, status: null, text: null }, { limit, cursor });
  const suggested = async () => {
    const [first] = (await page()).data;
    return first?.suggestions.map(({ product, takenBy }) => ({ id: product.ref.productId, takenBy })) ?? [];
  };

  it('suggests what shares words with a name, the likest first, and nothing that shares none', async () => {
    await mirror(
      catalogProduct(1, { name: 'Cană roșie de lut 300 ml' }),
      catalogProduct(2, { name: 'Cană roșie de lut 500 ml' }),
      catalogProduct(3, { name: 'Șurubelniță' }),
    );
    await push(stores(), feed, [{ name: 'CANA ROSIE LUT 500ML', quantity: 1 }]);
    expect((await suggested()).map(({ id }) => id)).toEqual([2, 1]);
  });

  it('suggests for names of every script', async () => {
    await mirror(catalogProduct(1, { name: 'Чайник зелёный йод' }), catalogProduct(2, { name: 'हिन्दी पुस्तक' }));
    await push(stores(), feed, [
      { name: 'Зелёный чайник', quantity: 1 },
      { name: 'पुस्तक हिन्दी', quantity: 1 },
    ]);
    const { data } = await page();
    expect(data.map(({ suggestions }) => suggestions[0]?.product.ref.productId)).toEqual([1, 2]);
  });

  it('suggests both of two that were too many, by code, by barcode and by name', async () => {
    await mirror(
      catalogProduct(1, { sku: 'Ceai-T', name: 'Un' }),
      catalogProduct(2, { sku: 'CEAI-Ț', name: 'Doi' }),
      catalogProduct(3, { sku: 'X', gtin: '4006381333931', name: 'Trei' }),
      catalogProduct(4, { sku: '04006381333931', name: 'Patru' }),
    );
    await push(stores(), feed, [
      { code: 'CEAI-T', quantity: 1 },
      { barcode: '4006381333931', quantity: 1 },
    ]);
    const { data } = await page();
    expect(data.map(({ suggestions }) => suggestions.map(({ product }) => product.ref.productId).sort())).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('says what gets its stock from there already, and tells a variation from its parent', async () => {
    await mirror(
      catalogProduct(10, { type: 'variable', sku: 'P', name: 'Tricou alb' }),
      catalogVariation(10, 11, 'Tricou alb - S'),
      catalogVariation(10, 12, 'Tricou alb - M'),
    );
    await push(stores(), feed, [
      { name: 'Tricou alb', quantity: 1 },
      { code: 'OWNER', quantity: 1 },
    ]);
    const { items, clock } = stores();
    const link = productLink(10, { ref: ref(10, 11), twins: [ref(10, 12)], foundBy: 'code' });
    await items.setLink((await itemOf(stores(), feed, 'OWNER')).id, link, clock.now());
    const [first] = (await page()).data;
    expect(new Map(first?.suggestions.map(({ product, takenBy }) => [product.ref.variationId, takenBy]))).toEqual(
      new Map([
        [null, null],
        [11, 'OWNER'],
        [12, 'OWNER'],
      ]),
    );
  });

  it('does not say of an item’s own product that it is taken', async () => {
    await mirror(catalogProduct(1, { sku: 'A' }));
    await push(stores(), feed, [{ code: 'A', quantity: 1 }]);
    const { items, clock } = stores();
    await items.setLink((await itemOf(stores(), feed, 'A')).id, productLink(1), clock.now());
    expect(await suggested()).toEqual([{ id: 1, takenBy: null }]);
  });

  it('suggests nothing where nothing is mirrored, and goes on page by page', async () => {
    await push(stores(), feed, [
      { code: 'A', name: 'Ceai', quantity: 1 },
      { name: 'Cafea', quantity: 1 },
    ]);
    const first = await page(1);
    const second = await page(1, first.nextCursor);
    expect([...first.data, ...second.data].map(({ suggestions }) => suggestions)).toEqual([[], []]);
    expect(second.nextCursor).toBeNull();
  });
});

onEachEngine('A preview of rules', (stores) => {
  const rules = (changes: Partial<typeof NO_RULES>) => ({ rules: { ...NO_RULES, ...changes } });

  it('shows ten products, those whose number would change first, and changes nothing', async () => {
    const feed = await feedIn(stores());
    const lines = Array.from({ length: 30 }, (_, n) => ({ code: `C-${n}`, quantity: n < 25 ? 0 : n }));
    await push(stores(), feed, lines);
    const before = await itemsOf(stores(), feed);
    const shown = await new PreviewRules(stores()).preview(feed.connection.id, rules({ buffer: quantity('2') }));
    expect(shown.map((each) => [each.item.subject.code, each.before?.target, each.after?.target])).toEqual([
      ...[25, 26, 27, 28, 29].map((n) => [`C-${n}`, String(n), String(n - 2)]),
      ...[0, 1, 2, 3, 4].map((n) => [`C-${n}`, '0', '0']),
    ]);
    expect(await itemsOf(stores(), feed)).toEqual(before);
  });

  it('knows what is set for a product, for its category, and whether it is sold below zero', async () => {
    const { catalog, items, clock } = stores();
    const feed = await feedIn(stores(), { categoryBuffers: [{ categoryId: 7, buffer: quantity('3') }] });
    await catalog.request(feed.shop.id, 'full', clock.now());
    const tea = catalogProduct(1, { categories: [{ id: 7, name: 'Teas' }], backorders: true });
    await catalog.keepChanged(feed.shop.id, tea, clock.now());
    await push(
      stores(),
      feed,
      ['IN', 'OWN', 'OUT'].map((code) => ({ code, quantity: code === 'IN' ? -4 : 10 })),
    );
    await items.setLink((await itemOf(stores(), feed, 'IN')).id, productLink(1), clock.now());
    const own = { buffer: quantity('1'), packSize: quantity('3') };
    expect(await items.setRules((await itemOf(stores(), feed, 'OWN')).id, own, clock.now())).toBe(true);
    const preview = await new PreviewRules(stores()).preview(feed.connection.id, {
      ...rules({ buffer: quantity('4'), negative: 'keep_with_backorders' }),
      categoryBuffers: [{ categoryId: 7, buffer: quantity('6') }],
    });
    const targets = new Map(preview.map((each) => [each.item.subject.code, [each.before?.target, each.after?.target]]));
    expect(targets).toEqual(
      new Map([
        ['IN', ['0', '-4']],
        ['OWN', ['3', '3']],
        ['OUT', ['10', '6']],
      ]),
    );
  });

  it('shows a product without a number where no chosen warehouse has reported', async () => {
    const feed = await feedIn(stores());
    await push(stores(), feed, [{ code: 'A', quantity: 5, warehouse: 'Depozit' }]);
    const [only] = await new PreviewRules(stores()).preview(feed.connection.id, { warehouses: ['Magazin'] });
    expect([only?.before?.target, only?.after]).toEqual(['5', null]);
  });

  it('is refused for a connection that there is not', async () => {
    await expect(new PreviewRules(stores()).preview(999_999, {})).rejects.toBeInstanceOf(Refusal);
  });
});
