import fc from 'fast-check';
import { refKey } from '../../server/domain/batch-plan';
import { failure } from '../../server/domain/failure';
import type { CatalogState, CatalogWalk, PageKept } from '../../server/domain/ports/catalog';
import type { CatalogProduct, CataloguePage } from '../../server/domain/ports/shop-catalogue';
import type { ShopProductRef } from '../../server/domain/ports/shop-target';
import { quantity } from '../../server/domain/quantity';
import { productLink, ref } from '../support/builders';
import { catalogProduct, catalogVariation } from '../support/scripted-catalogue';
import { feedIn, itemOf, onEachEngine, push, shopIn } from '../support/test-stores';

const HOUR = 3_600_000;

const pageOf = (products: readonly CatalogProduct[], changes: Partial<CataloguePage> = {}): CataloguePage => ({
  products,
  next: null,
  done: products.length,
  total: products.length,
  shopTime: null,
  ...changes,
});

onEachEngine('The mirror of a catalogue', (stores) => {
  let shopId: number;

  beforeEach(async () => {
    const { catalog, clock } = stores();
    shopId = (await shopIn(stores())).id;
    await catalog.request(shopId, 'full', clock.now());
  });

  const stateOf = async (): Promise<CatalogState> => {
    const state = await stores().catalog.state(shopId);
    if (!state) throw new Error('The shop has a mirror');
    return state;
  };
  const begin = async (walk: CatalogWalk): Promise<CatalogState> => {
    stores().clock.advance(1);
    await stores().catalog.beginWalk(shopId, walk, stores().clock.now());
    return stateOf();
  };
  const end = async (): Promise<readonly ShopProductRef[]> => {
    const now = stores().clock.now();
    const next = { changedSince: now, dueAt: now + HOUR, fullDueAt: now + 24 * HOUR };
    return stores().catalog.endWalk(await stateOf(), next, now);
  };
  /** A whole walk, page by page. */
  const walk = async (kind: CatalogWalk, ...pages: readonly (readonly CatalogProduct[])[]) => {
    await begin(kind);
    const kept: (PageKept | null)[] = [];
    for (const [index, products] of pages.entries()) {
      const next = index === pages.length - 1 ? null : `page ${index + 1}`;
      kept.push(await stores().catalog.keepPage(await stateOf(), pageOf(products, { next }), stores().clock.now()));
    }
    return {
      changed: kept.flatMap((each) => each?.changed ?? []).map(refKey),
      appeared: kept.flatMap((each) => each?.appeared ?? []).map((each) => refKey(each.ref)),
      gone: (await end()).map(refKey),
    };
  };
  const mirrored = async (): Promise<string[]> => {
    const { data } = await stores().catalog.search(shopId, '', { limit: 1_000, cursor: null });
    return data.map(({ product }) => `${refKey(product.ref)} ${product.sku} ${product.name}`).sort();
  };
  const byCode = async (code: string) => foundBy(await stores().catalog.findByCodes(shopId, [code]), code);
  const byBarcode = async (code: string) => foundBy(await stores().catalog.findByBarcodes(shopId, [code]), code);
  const byName = async (name: string) => foundBy(await stores().catalog.findByNames(shopId, [name]), name);
  const byWords = async (...words: readonly string[]) =>
    (await stores().catalog.findByWords(shopId, words, 10)).map((each) => each.ref.productId);
  const one = async (of: ShopProductRef): Promise<CatalogProduct> => {
    const [entry] = await stores().catalog.find(shopId, [of]);
    if (!entry) throw new Error(`${refKey(of)} is not mirrored`);
    return entry.product;
  };

  describe('is walked', () => {
    it('with the position, the count and the shop’s first time kept page by page', async () => {
      const { catalog, clock } = stores();
      await begin('full');
      const first = pageOf([catalogProduct(1)], { next: 'further', done: 1, total: 2, shopTime: 5_000 });
      await catalog.keepPage(await stateOf(), first, clock.now());
      expect(await stateOf()).toMatchObject({
        walk: 'full',
        position: 'further',
        done: 1,
        total: 2,
        walkBeganShopTime: 5_000,
        loadedAt: null,
      });
      await catalog.keepPage(await stateOf(), pageOf([catalogProduct(2)], { shopTime: 9_000 }), clock.now());
      expect(await stateOf()).toMatchObject({ position: null, walkBeganShopTime: 5_000 });
      await end();
      const now = clock.now();
      expect(await stateOf()).toMatchObject({ walk: null, loadedAt: now, refreshedAt: now, dueAt: now + HOUR });
      expect(await catalog.count(shopId)).toBe(2);
    });

    it('to the same mirror, however often it is killed and whoever else walks along behind', async () => {
      const { catalog, clock, unit } = stores();
      const product = fc
        .record({ id: fc.integer({ min: 1, max: 12 }), name: fc.constantFrom('Cană', 'Farfurie', 'Ceai') })
        .map(({ id, name }) => catalogProduct(id, { name }));
      const pages = fc.array(fc.array(product, { maxLength: 4 }), { minLength: 1, maxLength: 4 });
      const steps = fc.array(fc.record({ walker: fc.nat({ max: 2 }), reads: fc.boolean() }), { maxLength: 20 });
      await fc.assert(
        fc.asyncProperty(pages, steps, async (listed, taken) => {
          shopId = (await shopIn(stores())).id;
          await catalog.request(shopId, 'full', clock.now());
          await begin('full');
          const held = new Map<number, CatalogState>();
          const keepOn = async (state: CatalogState): Promise<void> => {
            const before = await mirrored();
            const now = await stateOf();
            const index = Number(state.position ?? 0);
            const next = index + 1 < listed.length ? String(index + 1) : null;
            const kept = await unit.run(async () => {
              const answer = await catalog.keepPage(state, pageOf(listed[index] ?? [], { next }), clock.now());
              if (answer && next === null) await end();
              return answer;
            });
            const isStale = now.walk === null || now.position !== state.position;
            expect(kept === null).toBe(isStale);
            if (isStale) expect(await mirrored()).toEqual(before);
          };
          for (const { walker, reads } of taken) {
            const state = held.get(walker);
            if (reads || !state) held.set(walker, await stateOf());
            else await keepOn(state);
          }
          while ((await stateOf()).walk !== null) await keepOn(await stateOf());
          const last = new Map(listed.flat().map((each) => [each.ref.productId, each]));
          expect(await mirrored()).toEqual([...last.values()].map((p) => `${refKey(p.ref)} ${p.sku} ${p.name}`).sort());
        }),
        { numRuns: 15 },
      );
    });

    it('and the walk that another began since is not ended by whoever was held at the end of the last', async () => {
      const { catalog, clock } = stores();
      await begin('full');
      await catalog.keepPage(await stateOf(), pageOf([catalogProduct(1)]), clock.now());
      const held = await stateOf();
      await end();
      await begin('changes');
      const now = clock.now();
      expect(await catalog.endWalk(held, { changedSince: now, dueAt: now, fullDueAt: now }, now)).toEqual([]);
      expect(await mirrored()).toHaveLength(1);
      expect((await stateOf()).walk).toBe('changes');
    });

    it('and a walk under way is not begun anew', async () => {
      const { catalog, clock } = stores();
      const state = await begin('full');
      await catalog.keepPage(state, pageOf([catalogProduct(1)], { next: 'further' }), clock.now());
      expect(await begin('changes')).toMatchObject({ walk: 'full', position: 'further' });
    });

    it('in full, and what it does not meet is gone', async () => {
      await walk('full', [catalogProduct(1), catalogProduct(2)], [catalogProduct(3)]);
      expect(await walk('full', [catalogProduct(1)], [catalogProduct(3)])).toMatchObject({ gone: ['2/0'] });
      expect((await mirrored()).map((each) => each.split(' ')[0])).toEqual(['1/0', '3/0']);
      expect(await byWords('product')).toEqual([1, 3]);
    });

    it('through the changes, and nothing is gone by it', async () => {
      await walk('full', [catalogProduct(1), catalogProduct(2)]);
      expect(await walk('changes', [catalogProduct(2, { name: 'Other' })])).toEqual({
        changed: ['2/0'],
        appeared: ['2/0'],
        gone: [],
      });
      expect(await stores().catalog.count(shopId)).toBe(2);
    });

    it('and nothing is changed by a walk that meets everything as it was', async () => {
      const all = [
        catalogProduct(1, {
          name: 'N'.repeat(600),
          sku: 'K'.repeat(300),
          gtin: '4'.repeat(150),
          status: 's'.repeat(30),
        }),
        catalogProduct(2, { name: `${'x'.repeat(499)}🍵`, type: 'variable', sku: 'P' }),
        catalogVariation(2, 3, 'S', { sku: 'P' }),
        catalogProduct(4, { name: 'half \ud83c of it', status: 'épuisé', stockStatus: 'în curând' }),
        catalogProduct(5, { categories: [{ id: 7, name: 'Căni' }], backorders: true, quantity: quantity('-2') }),
      ];
      await walk('full', all);
      expect(await walk('full', all)).toEqual({ changed: [], appeared: [], gone: [] });
    });
  });

  describe('keeps', () => {
    it('strings that are longer than its columns, cut between two letters', async () => {
      const long = catalogProduct(1, {
        name: `${'ș'.repeat(498)}🍵🍵🍵`,
        sku: `${'k'.repeat(199)}🍵`,
        gtin: 'g'.repeat(200),
        status: 'a-very-long-status-of-a-plugin',
        stockStatus: 'available-next-summer-perhaps',
        categories: [{ id: 1, name: 'c'.repeat(300) }],
      });
      await walk('full', [long, catalogProduct(2, { name: `${'w'.repeat(60)} 𝔘`.repeat(3) })]);
      const kept = await one(ref(1));
      expect(kept.name).toBe(`${'ș'.repeat(498)}🍵`);
      expect(kept.sku).toBe(`${'k'.repeat(199)}\uFFFD`);
      expect(kept.status).toHaveLength(20);
      expect((await stores().catalog.categories(shopId))[0]?.name).toHaveLength(200);
      expect(await byWords('w'.repeat(60))).toEqual([2]);
    });

    it('everything a product is', async () => {
      const product = catalogProduct(1, {
        type: 'other',
        gtin: '4006381333931',
        status: 'private',
        stockOwner: 'nobody',
        quantity: null,
        stockStatus: 'onbackorder',
        backorders: true,
        translations: [1, 9],
        categories: [{ id: 7, name: 'Căni' }],
        modifiedAt: 1_700_000_000_000,
      });
      await walk('full', [product]);
      expect(await one(ref(1))).toEqual({ ...product, categories: [{ id: 7, name: '' }] });
      expect(await stores().catalog.categories(shopId)).toEqual([{ id: 7, name: 'Căni' }]);
    });

    it('words that MySQL takes for one, and letters with their marks', async () => {
      await walk('full', [
        catalogProduct(1, { name: 'Cană cana CANĂ 🍵 茶' }),
        catalogProduct(2, { name: 'Чайник зелёный' }),
        catalogProduct(3, { name: 'हिन्दी पुस्तक' }),
      ]);
      expect(await byWords('cana')).toEqual([1]);
      expect(await byWords('чайник'.normalize('NFD'))).toEqual([2]);
      expect(await byWords('हिन्दी'.normalize('NFD'))).toEqual([3]);
    });

    it('each shop’s products apart', async () => {
      await walk('full', [catalogProduct(1)]);
      const other = (await shopIn(stores())).id;
      expect(await stores().catalog.count(other)).toBe(0);
      expect(await stores().catalog.findByCodes(other, ['SKU-1'])).toEqual(new Map([['SKU-1', []]]));
      expect(await stores().catalog.state(other)).toBeNull();
    });
  });

  describe('calls a variation', () => {
    const parent = (changes: Partial<CatalogProduct> = {}) =>
      catalogProduct(10, { type: 'variable', sku: 'P', name: 'Shirt', ...changes });

    it('by its parent’s name and its own, and by no SKU that is its parent’s', async () => {
      await walk('full', [parent(), catalogVariation(10, 11, 'S', { sku: 'p' }), catalogVariation(10, 12, 'M')]);
      expect(await mirrored()).toEqual(['10/0 P Shirt', '10/11  Shirt - S', '10/12 SKU-12 Shirt - M']);
      expect((await byCode('P')).map(refKey)).toEqual(['10/0']);
    });

    it('the same whether its parent came on another page before, or comes after', async () => {
      await walk('full', [parent()], [catalogVariation(10, 11, 'S', { sku: 'P' })]);
      const before = await mirrored();
      expect(before).toEqual(['10/0 P Shirt', '10/11  Shirt - S']);
      shopId = (await shopIn(stores())).id;
      await stores().catalog.request(shopId, 'full', stores().clock.now());
      await walk('full', [catalogVariation(10, 11, 'S', { sku: 'P' })], [parent()]);
      expect(await mirrored()).toEqual(before);
      expect((await byName('Shirt - S')).map(refKey)).toEqual(['10/11']);
    });

    it('anew when only its parent is renamed or gets the SKU, and says that it is changed', async () => {
      await walk('full', [parent(), catalogVariation(10, 11, 'S', { sku: '' }), catalogVariation(10, 12, 'M')]);
      const renamed = await walk('changes', [parent({ name: 'Blouse' })]);
      expect(await mirrored()).toEqual(['10/0 P Blouse', '10/11  Blouse - S', '10/12 SKU-12 Blouse - M']);
      expect(renamed.changed).toEqual(['10/0', '10/11', '10/12']);
      expect((await byName('blouse - s')).map(refKey)).toEqual(['10/11']);
      expect(await byName('Shirt - S')).toEqual([]);
      expect(await byWords('blouse')).toEqual([10, 10, 10]);

      await walk('changes', [parent({ name: 'Blouse', sku: 'SKU-12' })]);
      expect((await byCode('SKU-12')).map(refKey)).toEqual(['10/0']);
    });

    it('by its own part even where that begins with the letters of the parent’s name', async () => {
      await walk('full', [parent({ name: 'S' }), catalogVariation(10, 11, 'Small')]);
      expect((await one(ref(10, 11))).name).toBe('S - Small');
    });

    it('by its whole name when it is told that already', async () => {
      await walk('full', [parent()]);
      await stores().catalog.keepChanged(shopId, catalogVariation(10, 11, 'Shirt - S'), stores().clock.now());
      await stores().catalog.keepChanged(shopId, catalogVariation(10, 12, 'Shirt – M'), stores().clock.now());
      expect(await mirrored()).toEqual(['10/0 P Shirt', '10/11 SKU-11 Shirt - S', '10/12 SKU-12 Shirt – M']);
    });

    it('gone when a full walk does not meet it, though its parent was renamed in that walk', async () => {
      await walk('full', [parent(), catalogVariation(10, 11, 'S')]);
      expect(await walk('full', [parent({ name: 'Blouse' })])).toMatchObject({ gone: ['10/11'] });
    });

    it('under one parent alone: where it hung before it is no longer, and that is told', async () => {
      await walk('full', [parent(), catalogProduct(20, { type: 'variable' }), catalogVariation(10, 11, 'S')]);
      expect((await walk('changes', [catalogVariation(20, 11, 'S')])).changed).toEqual(['10/11']);
      expect((await byCode('SKU-11')).map(refKey)).toEqual(['20/11']);
    });

    it('another for the rules when its parent’s categories change', async () => {
      await walk('full', [parent(), catalogVariation(10, 11, 'S')]);
      const told = await walk('changes', [parent({ categories: [{ id: 7, name: 'Shirts' }] })]);
      expect([...new Set(told.changed)]).toEqual(['10/0', '10/11']);
      expect(told.appeared).toEqual([]);
    });
  });

  describe('finds', () => {
    beforeEach(async () => {
      await walk('full', [
        catalogProduct(1, { sku: 'Ceai-Ț1', name: 'Ceai de mușețel', gtin: '4006381333931' }),
        catalogProduct(2, { sku: 'CEAI-T1', name: 'Ceai  de MUSETEL' }),
        catalogProduct(3, { sku: '0712345678911', name: 'Draft', status: 'draft' }),
        catalogProduct(4, { sku: 'PRIV', name: 'Private', status: 'private', gtin: 'ABC-1' }),
        catalogProduct(5, { sku: '', name: '   ', gtin: null }),
        catalogProduct(6, { sku: 'TRASH', name: 'Trashed', gtin: '96385074', status: 'trash' }),
      ]);
    });
    const ids = (refs: readonly ShopProductRef[]) => refs.map((each) => each.productId);

    it('by code whatever the case, and all that the shop itself would confuse', async () => {
      expect(ids(await byCode(' ceai-ț1 '))).toEqual([1, 2]);
      expect(ids(await byCode('CEAI-T\u0326\u0031'))).toEqual([1, 2]);
      expect(ids(await byCode('priv'))).toEqual([4]);
    });

    it('by barcode, however a GTIN is spelt, in the GTIN and in the SKU', async () => {
      expect(ids(await byBarcode('04006381333931'))).toEqual([1]);
      expect(ids(await byBarcode('712345678911'))).toEqual([3]);
      expect(ids(await byBarcode('abc-1'))).toEqual([4]);
    });

    it('by name without case, accents and blanks', async () => {
      expect(ids(await byName('CEAI DE MUȘEȚEL'))).toEqual([1, 2]);
      expect(ids(await byName('Ceai de muşeţel'))).toEqual([1, 2]);
    });

    it('nothing for blank text, and answers every text it was asked', async () => {
      for (const blank of ['', '   ', '\u00A0']) {
        expect([await byCode(blank), await byBarcode(blank), await byName(blank)]).toEqual([[], [], []]);
      }
      expect([...(await stores().catalog.findByCodes(shopId, ['a', 'b', 'a'])).keys()]).toEqual(['a', 'b']);
      expect(await stores().catalog.findByNames(shopId, [])).toEqual(new Map());
    });

    it('nothing that is in the trash', async () => {
      expect([await byCode('TRASH'), await byBarcode('96385074'), await byName('Trashed')]).toEqual([[], [], []]);
    });

    it('by words, those that share the rarest first, and no more than asked', async () => {
      await walk(
        'changes',
        [30, 31, 32, 33].map((id) => catalogProduct(id, { name: id === 33 ? 'Lampă verde rară' : 'Lampă verde' })),
      );
      expect(await byWords('lampa', 'rara')).toContain(33);
      const { catalog } = stores();
      expect((await catalog.findByWords(shopId, ['rara', 'lampa'], 1)).map((each) => each.ref.productId)).toEqual([33]);
      expect(await catalog.findByWords(shopId, [], 5)).toEqual([]);
      expect(await catalog.findByWords(shopId, ['nowhere'], 5)).toEqual([]);
    });

    it('by what a person types, as text and not as a pattern, page by page and each once', async () => {
      const { catalog } = stores();
      const search = async (text: string) =>
        (await catalog.search(shopId, text, { limit: 10, cursor: null })).data.map(
          (each) => each.product.ref.productId,
        );
      expect(await search('ceai')).toEqual([1, 2]);
      expect(await search('4006')).toEqual([1]);
      expect(await search('%')).toEqual([]);
      const seen: number[] = [];
      for (let cursor: string | null = '0'; cursor !== null;) {
        const page = await catalog.search(shopId, '', { limit: 4, cursor });
        seen.push(...page.data.map((each) => each.product.ref.productId));
        cursor = page.nextCursor;
      }
      expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
    });
  });

  describe('learns from a webhook', () => {
    it('what changed, unless that is older than what it knows', async () => {
      const { catalog, clock } = stores();
      await walk('full', [catalogProduct(1, { modifiedAt: 5_000 })]);
      const older = catalogProduct(1, { name: 'Older', modifiedAt: 4_000 });
      expect(await catalog.keepChanged(shopId, older, clock.now())).toEqual({ changed: [], appeared: [] });
      expect((await one(ref(1))).name).toBe('Product 1');
      const newer = catalogProduct(1, { name: 'Newer', modifiedAt: 5_000 });
      expect((await catalog.keepChanged(shopId, newer, clock.now())).changed).toEqual([ref(1)]);
      expect((await one(ref(1))).name).toBe('Newer');
    });

    it('nothing for a shop that is not mirrored', async () => {
      const { catalog, clock } = stores();
      const other = (await shopIn(stores())).id;
      expect(await catalog.keepChanged(other, catalogProduct(1), clock.now())).toEqual({ changed: [], appeared: [] });
      expect(await catalog.count(other)).toBe(0);
    });

    it('that a product is gone with its variations, or a variation alone', async () => {
      const { catalog } = stores();
      await walk('full', [
        catalogProduct(10, { type: 'variable' }),
        catalogVariation(10, 11, 'S'),
        catalogVariation(10, 12, 'M'),
        catalogProduct(13),
      ]);
      expect((await catalog.keepDeleted(shopId, 12)).map(refKey)).toEqual(['10/12']);
      expect((await catalog.keepDeleted(shopId, 10)).map(refKey).sort()).toEqual(['10/0', '10/11']);
      expect(await catalog.keepDeleted(shopId, 10)).toEqual([]);
      expect((await mirrored()).map((each) => each.split(' ')[0])).toEqual(['13/0']);
    });

    it('of a full walk’s product, which then is not gone', async () => {
      const { catalog, clock } = stores();
      await begin('full');
      await catalog.keepChanged(shopId, catalogProduct(9), clock.now());
      await catalog.keepPage(await stateOf(), pageOf([catalogProduct(1)]), clock.now());
      expect(await end()).toEqual([]);
      expect(await catalog.count(shopId)).toBe(2);
    });
  });

  describe('learns from what the shop shows in passing', () => {
    it('the number and the state of what it knows, tells what is another now, and adds nothing', async () => {
      const { catalog, clock } = stores();
      await walk('full', [catalogProduct(1), catalogProduct(2), catalogProduct(3)]);
      const seen = [
        catalogProduct(1, { quantity: quantity('7') }),
        catalogProduct(2, { sku: 'OTHER', name: 'Other' }),
        catalogProduct(3, { type: 'variable', status: 'draft', stockOwner: 'nobody', quantity: null }),
        catalogProduct(4),
      ];
      expect((await catalog.keepSeen(shopId, seen, clock.now())).map(refKey)).toEqual(['2/0', '3/0']);
      expect(await catalog.keepSeen(shopId, seen, clock.now())).toEqual([]);
      expect((await one(ref(1))).quantity).toBe('7');
      expect((await byCode('OTHER')).map(refKey)).toEqual(['2/0']);
      expect(await byWords('other')).toEqual([2]);
      expect(await one(ref(3))).toMatchObject({ type: 'variable', status: 'draft', stockOwner: 'nobody' });
      expect(await catalog.count(shopId)).toBe(3);
      expect(await catalog.keepSeen(shopId, [], clock.now())).toEqual([]);
    });

    it('no name and no SKU of a variation, of which a write shows only a part', async () => {
      const { catalog, clock } = stores();
      await walk('full', [catalogProduct(10, { type: 'variable', name: 'Shirt' }), catalogVariation(10, 11, 'S')]);
      const seen = catalogVariation(10, 11, 'S', { sku: 'SKU-10', quantity: quantity('3') });
      expect(await catalog.keepSeen(shopId, [seen], clock.now())).toEqual([]);
      expect(await one(ref(10, 11))).toMatchObject({ name: 'Shirt - S', sku: 'SKU-11', quantity: '3' });
    });

    it('and does not take it for met by the walk under way', async () => {
      const { catalog, clock } = stores();
      await walk('full', [catalogProduct(1), catalogProduct(2)]);
      await begin('full');
      await catalog.keepSeen(shopId, [catalogProduct(2, { name: 'Renamed' })], clock.now());
      await catalog.keepPage(await stateOf(), pageOf([catalogProduct(1)]), clock.now());
      expect((await end()).map(refKey)).toEqual(['2/0']);
    });
  });

  describe('is due', () => {
    const isWoken = async () => (await stores().items.shopsWithDueItems(stores().clock.now())).includes(shopId);

    it('when it was asked for, wakes its shop then, and not before', async () => {
      const { catalog, clock } = stores();
      expect(await isWoken()).toBe(true);
      await walk('full', [catalogProduct(1)]);
      expect(await isWoken()).toBe(false);
      await catalog.request(shopId, 'changes', clock.now() + 1);
      expect(await isWoken()).toBe(false);
      clock.advance(1);
      expect(await isWoken()).toBe(true);
      expect((await stateOf()).fullDueAt).toBeGreaterThan(clock.now());
      await catalog.request(shopId, 'full', clock.now());
      expect((await stateOf()).fullDueAt).toBe(clock.now());
    });

    it('later after a failure, which is shown until a page is read', async () => {
      const { catalog, clock } = stores();
      const state = await begin('full');
      await catalog.postpone(shopId, failure('shop_maintenance'), clock.now() + 1_000);
      expect(await isWoken()).toBe(false);
      expect((await stateOf()).failure?.code).toBe('shop_maintenance');
      clock.advance(1_000);
      expect(await isWoken()).toBe(true);
      await catalog.keepPage(state, pageOf([], { next: 'further' }), clock.now());
      expect((await stateOf()).failure).toBeNull();
    });

    it.each(['changes', 'full'] as const)('again at once when a walk was asked for during one of %s', async (kind) => {
      const { catalog, clock } = stores();
      if (kind === 'changes') await walk('full', [catalogProduct(1)]);
      const state = await begin(kind);
      clock.advance(1);
      const askedAt = clock.now();
      await catalog.request(shopId, 'full', askedAt);
      await catalog.keepPage(state, pageOf([]), clock.now());
      clock.advance(1);
      const now = clock.now();
      await catalog.endWalk(state, { changedSince: now, dueAt: now + HOUR, fullDueAt: now + 24 * HOUR }, now);
      expect(await stateOf()).toMatchObject({
        dueAt: askedAt,
        // What was asked for is a full walk; the one that has just ended is as good as that.
        fullDueAt: kind === 'full' ? now + 24 * HOUR : askedAt,
      });
    });

    it('soon after the clock was set back, and not when that time has come again', async () => {
      await walk('full', [catalogProduct(1)]);
      const { clock, items } = stores();
      await items.shopsWithDueItems(clock.now());
      clock.advance(-3 * HOUR);
      expect(await isWoken()).toBe(true);
      clock.advance(3 * HOUR);
    });
  });

  describe('tells of linked items', () => {
    it('how many there are, and of how many nobody keeps the stock', async () => {
      const { catalog, items, clock } = stores();
      const feed = await feedIn(stores());
      shopId = feed.shop.id;
      await catalog.request(shopId, 'full', clock.now());
      await push(
        stores(),
        feed,
        ['A', 'B', 'C'].map((code) => ({ code, quantity: 1 })),
      );
      await walk('full', [catalogProduct(1), catalogProduct(2, { stockOwner: 'nobody' }), catalogProduct(3)]);
      expect(await catalog.countUnmanaged(shopId)).toEqual({ linked: 0, unmanaged: 0 });
      await items.setLink((await itemOf(stores(), feed, 'A')).id, productLink(1), clock.now());
      await items.setLink((await itemOf(stores(), feed, 'B')).id, productLink(2), clock.now());
      expect(await catalog.countUnmanaged(shopId)).toEqual({ linked: 2, unmanaged: 1 });
    });

    it('what they need to know for the rules: backorders, and the categories, a variation’s from its parent', async () => {
      const { catalog, items, clock } = stores();
      const feed = await feedIn(stores());
      shopId = feed.shop.id;
      await catalog.request(shopId, 'full', clock.now());
      await push(stores(), feed, [{ code: 'A', quantity: 1 }]);
      await walk('full', [
        catalogProduct(10, { type: 'variable', categories: [{ id: 7, name: 'Shirts' }] }),
        catalogVariation(10, 11, 'S', { backorders: true }),
      ]);
      const { id } = await itemOf(stores(), feed, 'A');
      await items.setLink(id, productLink(10, { ref: ref(10, 11) }), clock.now());
      expect((await items.find(id))?.facts).toMatchObject({ backorders: true, categoryIds: [7] });
    });
  });
});

const foundBy = (found: ReadonlyMap<string, readonly CatalogProduct[]>, asked: string): readonly ShopProductRef[] =>
  (found.get(asked) ?? []).map((each) => each.ref);
