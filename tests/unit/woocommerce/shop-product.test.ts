import {
  shopProduct,
  shopVariation,
  wooProduct,
  wooVariation,
} from '../../../server/connectors/woocommerce/shop-product';

const read = (body: Record<string, unknown>) => shopProduct(wooProduct.parse({ id: 7, type: 'simple', ...body }));

describe('A product of the shop', () => {
  it('is read with its name as a person sees it', () => {
    expect(
      read({
        name: 'Sare &amp; piper &#8222;fin&#259;&#8221;',
        sku: 'A&amp;B',
        status: 'draft',
        global_unique_id: '59',
      }),
    ).toMatchObject({ name: 'Sare & piper „fină”', sku: 'A&B', status: 'draft', gtin: '59' });
  });

  it.each([
    [{ manage_stock: true, stock_quantity: 7 }, 'self', '7'],
    [{ manage_stock: true, stock_quantity: -2 }, 'self', '-2'],
    [{ manage_stock: true, stock_quantity: 2.5 }, 'self', '2.5'],
    [{ manage_stock: true, stock_quantity: '12' }, 'self', '12'],
    [{ manage_stock: true, stock_quantity: null }, 'self', null],
    [{ manage_stock: true, stock_quantity: 7766279631452241920 }, 'self', null],
    [{ manage_stock: 'parent', stock_quantity: 50 }, 'parent', '50'],
    [{ manage_stock: false, stock_quantity: null }, 'nobody', null],
    // With stock management off for the whole shop the old number is still shown, and means nothing.
    [{ manage_stock: false, stock_quantity: 9 }, 'nobody', null],
    [{}, 'nobody', null],
  ])('with %j has its stock with %s: %j', (body, stockOwner, quantity) => {
    expect(read(body)).toMatchObject({ stockOwner, quantity });
  });

  it('is of a type of its own where a plugin made one', () => {
    expect(read({ type: 'bundle' }).type).toBe('other');
  });

  it('is a variation under its parent in a product list', () => {
    expect(read({ type: 'variation', parent_id: 3 }).ref).toEqual({ productId: 3, variationId: 7 });
    expect(read({ parent_id: 0 }).ref).toEqual({ productId: 7, variationId: null });
  });

  it('has no barcode where the field is empty or missing', () => {
    expect([read({ global_unique_id: '' }).gtin, read({}).gtin]).toEqual([null, null]);
  });

  it.each([
    ['no', false],
    ['notify', true],
    ['yes', true],
    [undefined, false],
  ])('is sold below 0 or not (backorders %j)', (backorders, sold) => {
    expect(read({ backorders }).backorders).toBe(sold);
  });

  it.each<[unknown, number[]]>([
    [{ ro: 9, en: '7', de: 3 }, [3, 7, 9]],
    // A plugin may leave out the language of the product itself.
    [{ ro: 9 }, [7, 9]],
    [{ ro: 9, hu: 0, de: null, en: '', fr: 'x', es: -1 }, [7, 9]],
    [{ hu: 0 }, []],
    [[], []],
    [undefined, []],
    [null, []],
    ['7', []],
  ])('with the translations %j has %j', (translations, ids) => {
    expect(read({ translations }).translations).toEqual(ids);
  });
});

describe('A variation', () => {
  const variation = (body: Record<string, unknown>, parentName: string | null) =>
    shopVariation(wooVariation.parse({ id: 7, ...body }), 3, parentName);

  it('is called by its parent and its own part, which older versions show as attributes only', () => {
    expect(variation({ name: 'S' }, 'Haină').name).toBe('Haină - S');
    expect(variation({ attributes: [{ option: 'Roșu' }, { option: 'S' }] }, 'Haină').name).toBe('Haină - Roșu, S');
    expect(variation({ name: 'S' }, null).name).toBe('S');
  });

  it('is a variation under its parent, whatever the answer leaves out', () => {
    expect(variation({ name: 'S' }, null)).toMatchObject({
      type: 'variation',
      ref: { productId: 3, variationId: 7 },
    });
  });
});
