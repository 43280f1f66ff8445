import { z } from 'zod';
import type {
  ShopExamination,
  ShopProduct,
  ShopReadAnswer,
  ShopWriteAnswer,
} from '../../../server/domain/ports/shop-target';
import { checkDigit } from '../../../server/domain/gtin';
import { quantity } from '../../../server/domain/quantity';
import { failureOf } from './failure-of';
import { createOwnProducts, type OwnProducts } from './own-products';
import { type RawAnswer, SHOPS, type ShopUnderTest } from './shop-under-test';

const { signal } = new AbortController();

const withCheckDigit = (digits: string): string => `${digits}${checkDigit(digits)}`;

const updated = z.object({
  update: z.array(
    z.looseObject({
      id: z.number().nullable(),
      manage_stock: z.union([z.boolean(), z.string()]).optional(),
      stock_quantity: z.number().nullish(),
      error: z.object({ code: z.string() }).optional(),
    }),
  ),
});
const itemsOf = (answer: RawAnswer) => updated.parse(answer.json).update;
const errorOf = (answer: RawAnswer): string => z.object({ code: z.string() }).parse(answer.json).code;

describe.each(SHOPS)('WooCommerce, as $name behaves', ({ open }) => {
  let shop: ShopUnderTest;
  let own: OwnProducts;

  beforeAll(async () => {
    shop = await open();
    own = await createOwnProducts(shop);
  }, 120_000);

  afterAll(async () => {
    await own?.remove();
    await shop?.close();
  }, 60_000);

  const find = async (...codes: string[]): Promise<readonly (readonly ShopProduct[])[]> => {
    const found = await shop.target.findByCodes(shop.access, codes, signal);
    return codes.map((code) => found.get(code) ?? []);
  };
  const findOne = async (code: string): Promise<ShopProduct | undefined> => (await find(code))[0]?.[0];
  const write = (parent: 'OWN' | 'SHARED' | null, ...writes: [Parameters<OwnProducts['ref']>, string][]) =>
    shop.target.write(
      shop.access,
      {
        parentId: parent === null ? null : own.ids[parent],
        writes: writes.map(([name, value]) => ({ ref: own.ref(...name), quantity: quantity(value) })),
      },
      signal,
    );
  const shownIn = (answer: ShopWriteAnswer | ShopReadAnswer | undefined): ShopProduct => {
    if (answer === undefined || !('product' in answer)) throw new Error(`No product: ${JSON.stringify(answer)}`);
    return answer.product;
  };

  describe('finding by code', () => {
    it('finds simple products, drafts, private ones and parents in one call', async () => {
      const found = await find(...['A', 'DRAFT', 'PRIVATE', 'OWN'].map((name) => own.sku(name)));
      expect(found.map(([product]) => [product?.ref.productId, product?.status, product?.type])).toEqual([
        [own.ids.A, 'publish', 'simple'],
        [own.ids.DRAFT, 'draft', 'simple'],
        [own.ids.PRIVATE, 'private', 'simple'],
        [own.ids.OWN, 'publish', 'variable'],
      ]);
    });

    it('finds a variation with its parent, its own stock and its full name', async () => {
      const product = await findOne(own.sku('OWN-S'));
      expect(product).toMatchObject({
        ref: own.ref('OWN', 'S'),
        type: 'variation',
        stockOwner: 'self',
        quantity: '4',
        name: `${own.prefix} haină OWN - S`,
      });
    });

    it('finds neither the unknown nor what lies in the trash nor what is gone', async () => {
      expect(await find(`${own.prefix}-NOPE`, own.sku('TRASHED'), own.sku('GONE'))).toEqual([[], [], []]);
    });

    it('finds a code in another case and without its accent, under the code as asked', async () => {
      const lower = own.sku('A').toLowerCase();
      const plain = own.sku('MARK').replace('Ș', 'S');
      const [byCase, byAccent] = await find(lower, plain);
      expect(byCase?.map((product) => product.sku)).toEqual([own.sku('A')]);
      expect(byAccent?.map((product) => product.sku)).toEqual([own.sku('MARK')]);
    });

    it('finds a code that has a comma in it, asked together with others', async () => {
      const [comma, other] = await find(own.sku('COMMA'), own.sku('B'));
      expect(comma?.map((product) => product.ref.productId)).toEqual([own.ids.COMMA]);
      expect(other?.map((product) => product.ref.productId)).toEqual([own.ids.B]);
    });

    it.each(['', '0', ' ', ',', '<b>', '%20'])('never takes %j for the whole catalogue', async (code) => {
      expect(await find(code)).toEqual([[]]);
    });

    it('keeps a hundred codes apart in one question', async () => {
      const codes = Array.from({ length: 98 }, (_, index) => `${own.prefix}-NOPE-${index}`);
      const found = await find(own.sku('A'), ...codes, own.sku('B'));
      expect(found.flatMap((products, index) => products.map((product) => [index, product.ref.productId]))).toEqual([
        [0, own.ids.A],
        [99, own.ids.B],
      ]);
    });

    it.each(['A+B', 'A&B', 'A#B', 'A/B', 'A"B', "A'B", 'A B', '50%', 'a=b?c'])('asks for %j unharmed', async (tail) => {
      const sku = `${own.prefix}-${tail}`;
      await shop.raw('POST', `/products/${own.ids.B}`, { body: { sku } });
      const found = await findOne(sku);
      await shop.raw('POST', `/products/${own.ids.B}`, { body: { sku: own.sku('B') } });
      expect(found?.sku).toBe(sku);
    });
  });

  describe('finding by barcode and name', () => {
    it('finds a barcode in its own field and as a SKU', async () => {
      const barcodes = [own.gtin, own.sku('B'), '0', '5900000000000'];
      const found = await shop.target.findByBarcodes(shop.access, barcodes, signal);
      expect(barcodes.map((barcode) => found.get(barcode)?.map((product) => product.ref.productId))).toEqual([
        [own.ids.A],
        [own.ids.B],
        [],
        [],
      ]);
    });

    it('finds one GTIN however long it is written, in its field and as a SKU', async () => {
      // The same number as UPC-A, EAN-13 and GTIN-14; the shop itself compares text.
      const upc = withCheckDigit(`7${String(Date.now() % 10 ** 10).padStart(10, '0')}`);
      const spellings = [upc, `0${upc}`, `00${upc}`];
      const found = () => shop.target.findByBarcodes(shop.access, [...spellings, `${upc} `, `${upc}9`], signal);
      for (const body of [{ global_unique_id: `0${upc}` }, { sku: upc, global_unique_id: '' }]) {
        await shop.raw('POST', `/products/${own.ids.B}`, { body });
        expect([...(await found()).values()].map((products) => products.map(({ ref }) => ref.productId))).toEqual([
          [own.ids.B],
          [own.ids.B],
          [own.ids.B],
          [own.ids.B],
          [],
        ]);
      }
      await shop.raw('POST', `/products/${own.ids.B}`, { body: { sku: own.sku('B') } });
    });

    const namesFound = async (name: string): Promise<string[]> =>
      (await shop.target.findByName(shop.access, name, signal)).map((product) => product.name);

    it('finds a name whatever its quotes, ampersands and accents are', async () => {
      expect(await namesFound(`${own.prefix.toLowerCase()} sare & piper "fina"`)).toEqual([
        `${own.prefix} Sare & piper „fină”`,
      ]);
    });

    it('finds a variation by its full name', async () => {
      expect(await namesFound(`${own.prefix} haina OWN - M`)).toContain(`${own.prefix} haină OWN - M`);
    });

    it('finds nothing for a name no product has', async () => {
      expect(await namesFound(`${own.prefix} nimic de felul acesta`)).toEqual([]);
    });
  });

  describe('reading', () => {
    it('answers for each ref in the order asked, from every corner of the shop', async () => {
      const refs = [
        own.ref('GONE'),
        own.ref('SHARED', 'S'),
        own.ref('A'),
        own.ref('TRASHED'),
        own.ref('OWN', 'L'),
        own.ref('DRAFT'),
        own.ref('OWN', 'S'),
        own.ref('EXTERNAL'),
      ];
      const answers = await shop.target.read(shop.access, refs, signal);
      expect(answers.map((answer) => answer.ref)).toEqual(refs);
      const shown = answers.map((answer) =>
        answer.kind === 'gone'
          ? 'gone'
          : [answer.product.status, answer.product.stockOwner, answer.product.quantity, answer.product.type],
      );
      expect(shown).toEqual([
        'gone',
        ['publish', 'parent', '50', 'variation'],
        ['publish', 'self', '10', 'simple'],
        ['trash', 'self', '1', 'simple'],
        ['publish', 'nobody', null, 'variation'],
        ['draft', 'self', '7', 'simple'],
        ['publish', 'self', '4', 'variation'],
        ['publish', 'nobody', null, 'external'],
      ]);
    });

    it('calls a variation by its full name, as finding it does', async () => {
      const [answer] = await shop.target.read(shop.access, [own.ref('OWN', 'S')], signal);
      expect(shownIn(answer).name).toBe((await findOne(own.sku('OWN-S')))?.name);
    });

    it('takes a variation under another parent for gone', async () => {
      const ref = { productId: own.ids.SHARED, variationId: own.ref('OWN', 'S').variationId };
      expect(await shop.target.read(shop.access, [ref], signal)).toEqual([{ ref, kind: 'gone' }]);
    });
  });

  describe('writing', () => {
    it('shows each value written, in the order sent, and shows it again when read', async () => {
      const answers = await write(null, [['B'], '12'], [['A'], '0'], [['DRAFT'], '-3']);
      expect(answers.map((answer) => [shownIn(answer).ref.productId, shownIn(answer).quantity])).toEqual([
        [own.ids.B, '12'],
        [own.ids.A, '0'],
        [own.ids.DRAFT, '-3'],
      ]);
      expect(answers.map((answer) => shownIn(answer).stockStatus)).toEqual(['instock', 'outofstock', 'outofstock']);
      const [again] = await shop.target.read(shop.access, [own.ref('B')], signal);
      expect(shownIn(again).quantity).toBe('12');
      await write(null, [['B'], '5'], [['A'], '10'], [['DRAFT'], '7']);
    });

    it('refuses the unknown item alone and writes its neighbours', async () => {
      const answers = await write(null, [['A'], '11'], [['GONE'], '3'], [['B'], '6']);
      expect(answers.map((answer) => answer.kind)).toEqual(['answered', 'refused', 'answered']);
      expect(answers[1]).toMatchObject({ code: 'woocommerce_rest_product_invalid_id', status: 400 });
      await write(null, [['A'], '10'], [['B'], '5']);
    });

    it('writes the variations of one parent together', async () => {
      const answers = await write('OWN', [['OWN', 'S'], '9'], [['OWN', 'M'], '0']);
      expect(answers.map((answer) => shownIn(answer).quantity)).toEqual(['9', '0']);
      expect(answers.map((answer) => shownIn(answer).ref)).toEqual([own.ref('OWN', 'S'), own.ref('OWN', 'M')]);
      await write('OWN', [['OWN', 'S'], '4'], [['OWN', 'M'], '4']);
    });

    it('says in its answer that stock is not managed, and stores nothing', async () => {
      const [answer] = await write(null, [['UNMANAGED'], '9']);
      expect(shownIn(answer)).toMatchObject({ stockOwner: 'nobody', quantity: null });
    });

    it('says in its answer that the parent keeps the number, and leaves it as it is', async () => {
      const [answer] = await write('SHARED', [['SHARED', 'S'], '9']);
      expect(shownIn(answer)).toMatchObject({ stockOwner: 'parent', quantity: '50' });
    });

    it('writes the number a parent keeps for its variations', async () => {
      await write(null, [['SHARED'], '41']);
      const [answer] = await shop.target.read(shop.access, [own.ref('SHARED', 'M')], signal);
      expect(shownIn(answer).quantity).toBe('41');
      await write(null, [['SHARED'], '50']);
    });

    it('switches stock management on and off again, alone and under a parent', async () => {
      const cases = [
        { parentId: null, ref: own.ref('UNMANAGED'), off: { stockOwner: 'nobody', quantity: null } },
        { parentId: own.ids.OWN, ref: own.ref('OWN', 'L'), off: { stockOwner: 'nobody', quantity: null } },
        // Without a number of its own it shows its parent's again.
        { parentId: own.ids.SHARED, ref: own.ref('SHARED', 'M'), off: { stockOwner: 'parent', quantity: '50' } },
      ];
      for (const { parentId, ref, off } of cases) {
        const writes = [{ ref, quantity: quantity('6'), switchOn: true }];
        const [on] = await shop.target.write(shop.access, { parentId, writes }, signal);
        expect(shownIn(on)).toMatchObject({ ref, stockOwner: 'self', quantity: '6' });
        const [answer] = await shop.target.stopManaging(shop.access, { parentId, refs: [ref] }, signal);
        expect(shownIn(answer)).toMatchObject({ ref, ...off });
        const [again] = await shop.target.read(shop.access, [ref], signal);
        expect(shownIn(again)).toMatchObject(off);
      }
    });

    it('answers for each product it stops managing, also for one that is gone', async () => {
      const refs = [own.ref('UNMANAGED'), own.ref('GONE')];
      const answers = await shop.target.stopManaging(shop.access, { parentId: null, refs }, signal);
      expect(answers).toMatchObject([
        { ref: refs[0], kind: 'answered', product: { stockOwner: 'nobody', backorders: false } },
        { ref: refs[1], kind: 'refused', status: 400 },
      ]);
    });

    it('shows in its answer whether the shop sells below 0', async () => {
      await shop.raw('POST', `/products/${own.ids.A}`, { body: { backorders: 'notify' } });
      const [answer] = await write(null, [['A'], '10']);
      await shop.raw('POST', `/products/${own.ids.A}`, { body: { backorders: 'no' } });
      expect(shownIn(answer).backorders).toBe(true);
      expect((await findOne(own.sku('A')))?.backorders).toBe(false);
    });

    it('sends no number that is not whole or not safe', async () => {
      const failed = await failureOf(write(null, [['A'], '1.5']));
      expect(failed.failure.code).toBe('number_unsafe');
      expect(failed.facts.writeMayHaveHappened).toBeUndefined();
    });
  });

  describe('what the shop does without a word', () => {
    const rawStock = (id: number, stock_quantity: unknown) =>
      shop.raw('POST', '/products/batch', { body: { update: [{ id, stock_quantity }] } });

    it.each([
      ['abc', 0],
      ['', 0],
      ['12abc', 12],
      [1.5, 1],
      [true, 1],
      [[3], 1],
      ['7', 7],
    ])('stores %j from a batch as %j', async (sent, stored) => {
      const answer = await rawStock(own.ids.A, sent);
      expect(answer.status).toBe(200);
      expect(itemsOf(answer)[0]?.stock_quantity).toBe(stored);
    });

    it('leaves null in a batch alone, and stores it as 0 when sent singly', async () => {
      await rawStock(own.ids.A, 5);
      expect(itemsOf(await rawStock(own.ids.A, null))[0]?.stock_quantity).toBe(5);
      const single = await shop.raw('POST', `/products/${own.ids.A}`, { body: { stock_quantity: null } });
      expect(single.json).toMatchObject({ stock_quantity: 0 });
      await rawStock(own.ids.A, 10);
    });

    it('checks a single write against the schema', async () => {
      const answer = await shop.raw('POST', `/products/${own.ids.A}`, { body: { stock_quantity: 'abc' } });
      expect([answer.status, errorOf(answer)]).toEqual([400, 'rest_invalid_param']);
    });

    it('writes a batch with _fields in its address and answers nothing of it', async () => {
      const call = {
        query: { _fields: 'id,stock_quantity' },
        body: { update: [{ id: own.ids.A, stock_quantity: 21 }] },
      };
      const answer = await shop.raw('POST', '/products/batch', call);
      expect(answer.json).toEqual([]);
      expect((await findOne(own.sku('A')))?.quantity).toBe('21');
      await rawStock(own.ids.A, 10);
    });

    it('keeps to _fields inside the items of a product batch and not of a variation batch', async () => {
      const product = await shop.raw('POST', '/products/batch', {
        body: { update: [{ id: own.ids.A, stock_quantity: 10, _fields: 'id,stock_quantity' }] },
      });
      expect(itemsOf(product)[0]).not.toHaveProperty('permalink');
      const variation = await shop.raw('POST', `/products/${own.ids.OWN}/variations/batch`, {
        body: { update: [{ id: own.ref('OWN', 'S').variationId, stock_quantity: 4, _fields: 'id' }] },
      });
      expect(itemsOf(variation)[0]).toMatchObject({ name: 'S', permalink: expect.any(String) });
    });

    it.each([
      ['a body that is not marked as JSON', { update: [] as unknown[] }, 'text/plain'],
      ['a list at the root', [] as unknown[], 'application/json'],
    ])('does nothing with %s and says 200', async (_what, shape, contentType) => {
      const item = { id: own.ids.A, stock_quantity: 33 };
      const body = Array.isArray(shape) ? [item] : { update: [item] };
      const answer = await shop.raw('POST', '/products/batch', { body, contentType });
      expect([answer.status, answer.json]).toEqual([200, []]);
      expect((await findOne(own.sku('A')))?.quantity).toBe('10');
    });

    it('answers an empty batch with an empty list', async () => {
      const answer = await shop.raw('POST', '/products/batch', { body: { update: [] } });
      expect([answer.status, answer.json]).toEqual([200, []]);
    });

    it('refuses 101 items as a whole', async () => {
      const update = Array.from({ length: 101 }, () => ({ id: own.ids.A, stock_quantity: 1 }));
      const answer = await shop.raw('POST', '/products/batch', { body: { update } });
      expect([answer.status, errorOf(answer)]).toEqual([413, 'woocommerce_rest_request_entity_too_large']);
      expect((await findOne(own.sku('A')))?.quantity).toBe('10');
    });

    it('takes no variation in a product batch', async () => {
      const answer = await rawStock(own.ref('OWN', 'S').variationId ?? 0, 1);
      expect(itemsOf(answer)[0]?.error?.code).toBe('woocommerce_rest_invalid_product_id');
    });

    it('answers a variation batch under an unknown parent item by item', async () => {
      const answer = await shop.raw('POST', '/products/999999999/variations/batch', {
        body: { update: [{ id: own.ref('OWN', 'S').variationId, stock_quantity: 1 }] },
      });
      expect(answer.status).toBe(200);
      expect(itemsOf(answer)[0]?.error?.code).toBe('woocommerce_rest_product_variation_invalid_id');
    });

    it.each<Record<string, string>>([{ sku: '' }, { sku: '0' }, { sku: '%20' }, { name: 'x' }, { foo: 'bar' }])(
      'lists the whole catalogue for %j',
      async (filter) => {
        const all = await shop.raw('GET', '/products', { query: { per_page: '1', _fields: 'id' } });
        const some = await shop.raw('GET', '/products', { query: { per_page: '1', _fields: 'id', ...filter } });
        expect(some.headers['x-wp-total']).toBe(all.headers['x-wp-total']);
      },
    );

    it('finds nothing for "0,0"', async () => {
      const answer = await shop.raw('GET', '/products', { query: { sku: '0,0', _fields: 'id' } });
      expect(answer.json).toEqual([]);
    });

    it('leaves variations out of include and shows them when asked by id', async () => {
      const id = String(own.ref('OWN', 'S').variationId);
      const list = await shop.raw('GET', '/products', { query: { include: `${own.ids.A},${id}`, _fields: 'id' } });
      expect(list.json).toEqual([{ id: own.ids.A }]);
      const single = await shop.raw('GET', `/products/${id}`, { query: { _fields: 'id,type,parent_id' } });
      expect(single.json).toMatchObject({ id: Number(id), type: 'variation', parent_id: own.ids.OWN });
    });

    it.each([
      [{ per_page: '101' }, 400, 'rest_invalid_param'],
      [{ per_page: '0' }, 400, 'rest_invalid_param'],
      [{ orderby: 'sku' }, 400, 'rest_invalid_param'],
    ])('refuses the list %j', async (query: Record<string, string>, status, code) => {
      const answer = await shop.raw('GET', '/products', { query });
      expect([answer.status, errorOf(answer)]).toEqual([status, code]);
    });

    it('has no route but those it has', async () => {
      const answer = await shop.raw('GET', '/productz');
      expect([answer.status, errorOf(answer)]).toEqual([404, 'rest_no_route']);
    });

    it('refuses a SKU that is taken, in another case too', async () => {
      const answer = await shop.raw('POST', `/products/${own.ids.B}`, { body: { sku: own.sku('A').toLowerCase() } });
      expect([answer.status, errorOf(answer)]).toEqual([400, 'product_invalid_sku']);
    });

    it('writes 0 over inventory_delta when both are sent, and the delta when it is alone', async () => {
      const both = await shop.raw('POST', '/products/batch', {
        body: { update: [{ id: own.ids.A, stock_quantity: 10, inventory_delta: -3 }] },
      });
      const alone = await shop.raw('POST', '/products/batch', {
        body: { update: [{ id: own.ids.A, inventory_delta: -3 }] },
      });
      expect([itemsOf(both)[0]?.stock_quantity, itemsOf(alone)[0]?.stock_quantity]).toEqual([10, 7]);
      await rawStock(own.ids.A, 10);
    });

    it('runs the same id twice in one batch, in order', async () => {
      const answer = await shop.raw('POST', '/products/batch', {
        body: {
          update: [
            { id: own.ids.A, stock_quantity: 3 },
            { id: own.ids.A, stock_quantity: 10 },
          ],
        },
      });
      expect(itemsOf(answer).map((item) => item.stock_quantity)).toEqual([3, 10]);
    });
  });

  describe('letting us in', () => {
    const reading = (changes: Partial<ShopUnderTest['access']>) =>
      shop.target.findByCodes({ ...shop.access, ...changes }, [own.sku('A')], signal);
    const writing = (changes: Partial<ShopUnderTest['access']>) =>
      shop.target.write(
        { ...shop.access, ...changes },
        { parentId: null, writes: [{ ref: own.ref('A'), quantity: quantity('10') }] },
        signal,
      );

    it.each(['basic', 'oauth1', 'query'] as const)('takes %s where it can be sent', async (authentication) => {
      const found = await reading({ authentication, allowQueryKeys: true });
      expect(found.get(own.sku('A'))).toHaveLength(1);
    });

    it.each(['pretty', 'rest-route', 'index-php'] as const)('answers under %s routes', async (routeStyle) => {
      expect((await reading({ routeStyle })).get(own.sku('A'))).toHaveLength(1);
      expect(await writing({ routeStyle })).toHaveLength(1);
      expect((await reading({ routeStyle, authentication: 'oauth1' })).get(own.sku('A'))).toHaveLength(1);
    });

    it('rejects a wrong secret and an unknown key, on reads and writes', async () => {
      for (const changes of [{ consumerSecret: 'cs_0' }, { consumerKey: 'ck_0' }]) {
        expect((await failureOf(reading(changes))).failure.code).toBe('keys_rejected');
        const onWrite = await failureOf(writing(changes));
        expect(onWrite.failure.code).toBe('keys_rejected');
        expect(onWrite.facts.writeMayHaveHappened).toBeUndefined();
      }
    });

    it('tells a read key, a write key and a customer’s key apart', async () => {
      const { read, write: writeKey, customer } = shop.otherKeys;
      if (read) {
        expect((await failureOf(writing(read))).failure.code).toBe('keys_read_only');
        expect(await reading(read)).toBeDefined();
      }
      if (writeKey) expect((await failureOf(reading(writeKey))).failure.code).toBe('keys_rejected');
      if (customer) {
        expect((await failureOf(reading(customer))).failure.code).toBe('keys_forbidden');
        expect((await failureOf(writing(customer))).failure.code).toBe('keys_forbidden');
      }
    });
  });

  describe('the connection doctor', () => {
    const examine = (changes: Partial<ShopUnderTest['access']> = {}) =>
      shop.target.examine({ ...shop.access, ...changes }, signal);
    const codesOf = (examination: ShopExamination): Record<string, string> =>
      Object.fromEntries(examination.checks.map((check) => [check.id, check.code]));

    it('finds everything in order, and what worked', async () => {
      const examination = await examine();
      const http = shop.access.url.startsWith('http:');
      expect(codesOf(examination)).toEqual({
        address: http ? 'plain_http' : expect.stringMatching(/^(https|other_home)$/),
        reachable: 'reachable',
        tls: http ? 'not_used' : 'unverified',
        rest_route: 'found',
        keys_valid: http ? 'signed' : 'accepted',
        keys_may_write: 'may_write',
        stock_management: 'on',
        version: 'supported',
        clock: 'right',
      });
      expect(examination).toMatchObject({
        ok: true,
        routeStyle: 'pretty',
        authentication: http ? 'oauth1' : 'basic',
        version: expect.stringMatching(/^\d+\.\d+/),
      });
    });

    it.each([{ consumerSecret: 'cs_0' }, { consumerKey: 'ck_0' }])('names rejected keys (%j)', async (changes) => {
      const examination = await examine(changes);
      expect(examination).toMatchObject({ ok: false, authentication: null, routeStyle: 'pretty' });
      expect(codesOf(examination)).toMatchObject({
        rest_route: 'found',
        keys_valid: expect.stringMatching(/^(keys_rejected|not_seen)$/),
        keys_may_write: 'not_checked',
        version: 'not_checked',
        clock: 'right',
      });
    });

    it('names keys that may only read, and keys whose owner may not edit products', async () => {
      const { read, customer } = shop.otherKeys;
      if (read) {
        const examination = await examine(read);
        expect(examination.ok).toBe(false);
        expect(codesOf(examination)).toMatchObject({
          keys_valid: expect.any(String),
          keys_may_write: 'keys_read_only',
        });
      }
      if (customer) expect(codesOf(await examine(customer))).toMatchObject({ keys_valid: 'keys_forbidden' });
    });
  });
});
