import { createHiboutikSource } from '../../../server/connectors/hiboutik/hiboutik-source';
import { CountedVendorCalls } from '../../support/counted-vendor-calls';
import { type ScriptedAnswer, ScriptedHttp } from '../../support/scripted-http';
import { TestClock } from '../../support/test-clock';

const SETTINGS: Readonly<Record<string, string>> = { account: 'myshop', user: 'owner@shop.example', apiKey: 'KEY' };
const MINUTE = 60_000;
const signal = new AbortController().signal;
const WAREHOUSES = [
  { warehouse_id: 1, warehouse_label: 'Boutique' },
  { warehouse_id: '2', warehouse_label: 'Dépôt' },
];
const row = {
  product_id: 123,
  product_size: 0,
  warehouse_id: 1,
  stock_available: '12',
  inventory_alert: '0',
  product_barcode: '2430000000164',
};

/** Answers by path; a path the script does not know is no longer there. */
function asking(script: Readonly<Record<string, unknown>>, settings = SETTINGS) {
  const clock = new TestClock();
  const answers: Record<string, unknown> = { '/warehouses': WAREHOUSES, ...script };
  const http = new ScriptedHttp((url): ScriptedAnswer => {
    const path = url.pathname.replace('/api', '');
    return path in answers ? { body: answers[path] } : { status: 404, body: { error: 'Not found' } };
  });
  const { reread, pull } = createHiboutikSource(http, undefined, clock, new CountedVendorCalls());
  if (!reread || !pull) throw new Error('Hiboutik can be asked');
  const levels = (reference: string) => reread.levels(settings, reference, signal);
  return { levels, http, clock, answers, pull };
}

describe('Levels read again after a call of Hiboutik', () => {
  it('are those of every warehouse, by its name', async () => {
    const rows = [
      { ...row, stock_available: '7' },
      { ...row, warehouse_id: '2', stock_available: 0 },
    ];
    const { levels } = asking({ '/stock_available/product_id/123': rows });
    expect(await levels('product:123')).toMatchObject({
      lines: [
        { change: { index: 0, warehouse: 'Boutique', quantity: '7', observedAt: null } },
        { change: { index: 1, warehouse: 'Dépôt', quantity: '0', observedAt: null } },
      ],
      instead: [],
    });
  });

  it('are of the product a pull tells of, in every respect', async () => {
    const { levels, pull } = asking({
      '/stock_available/product_id/123': [row],
      '/stock_available/warehouse_id/1': [row],
    });
    const pulled = await pull.page(SETTINGS, { warehouses: ['Boutique'], cursor: null }, signal);
    expect((await levels('product:123')).lines).toEqual(pulled.lines);
    expect(pulled.lines).toHaveLength(1);
  });

  it('of one size are asked for by size, and rows of another are left out', async () => {
    const rows = [
      { ...row, product_size: '5' },
      { ...row, product_size: '4', stock_available: 7 },
      { warehouse_id: 2, stock_available: 3, product_barcode: 'B-4' },
    ];
    const { levels, http } = asking({ '/stock_available/product_id_size/123/4': rows });
    expect((await levels('product:123/4')).lines).toMatchObject([
      { change: { externalId: '123/4', warehouse: 'Boutique', quantity: '7' } },
      { change: { externalId: '123/4', warehouse: 'Dépôt', quantity: '3', barcode: 'B-4' } },
    ]);
    expect(http.asked[0]).toBe('/api/stock_available/product_id_size/123/4?p=1');
  });

  it('of a product in sizes are those of each size', async () => {
    const rows = [
      { ...row, product_size: 4, product_barcode: 'B-4' },
      { ...row, product_size: 5, product_barcode: 'B-5', stock_available: 1 },
    ];
    const { levels } = asking({ '/stock_available/product_id/123': rows });
    expect((await levels('product:123')).lines).toMatchObject([
      { change: { externalId: '123/4', barcode: 'B-4', quantity: '12' } },
      { change: { externalId: '123/5', barcode: 'B-5', quantity: '1' } },
    ]);
  });

  it('have no line for a warehouse without a row: neither 0 nor what the product before had', async () => {
    const { levels } = asking({
      '/stock_available/product_id/123': [row, { ...row, warehouse_id: 2, stock_available: '9' }],
      '/stock_available/product_id/124': [{ ...row, product_id: 124, warehouse_id: 2, stock_available: '4' }],
    });
    expect((await levels('product:123')).lines).toHaveLength(2);
    expect((await levels('product:124')).lines).toMatchObject([
      { change: { externalId: '124', warehouse: 'Dépôt', quantity: '4' } },
    ]);
  });

  it('refuse a row without a level by itself', async () => {
    const rows = [
      { ...row, stock_available: null },
      { ...row, warehouse_id: 2 },
    ];
    const { levels } = asking({ '/stock_available/product_id/123': rows });
    expect((await levels('product:123')).lines).toMatchObject([
      { refused: { refusal: 'quantity_missing' } },
      { change: { warehouse: 'Dépôt' } },
    ]);
  });

  it.each([['product:123'], ['product:123/4'], ['stock-order:9']])('have no lines where %s is gone', async (gone) => {
    expect(await asking({}).levels(gone)).toEqual({ lines: [], instead: [] });
  });

  it('have no lines of a package, which has no stock of its own', async () => {
    const http = new ScriptedHttp(() => ({
      status: 422,
      body: { error: 'x', details: { product_id: 'This function does not handle packages' } },
    }));
    const { reread } = createHiboutikSource(http, undefined, new TestClock(), new CountedVendorCalls());
    expect(await reread?.levels(SETTINGS, 'product:1', signal)).toEqual({ lines: [], instead: [] });
  });

  it('have no lines, and cost no call, where nobody knows the reference', async () => {
    const { levels, http } = asking({});
    for (const reference of [
      '*',
      'product:',
      'product:abc',
      'product:1/x',
      'stock-order:1/2',
      'code:7',
      'product:1/2/3',
    ]) {
      expect(await levels(reference)).toEqual({ lines: [], instead: [] });
    }
    expect(http.requests).toEqual([]);
  });

  it('cost one call each: the warehouses are known for an hour', async () => {
    const { levels, http, clock } = asking({ '/stock_available/product_id/123': [row] });
    await levels('product:123');
    clock.advance(59 * MINUTE);
    await levels('product:123');
    expect(http.asked).toEqual([
      '/api/stock_available/product_id/123?p=1',
      '/api/warehouses?p=1',
      '/api/stock_available/product_id/123?p=1',
    ]);
    clock.advance(MINUTE);
    await levels('product:123');
    expect(http.asked.slice(3)).toEqual(['/api/stock_available/product_id/123?p=1', '/api/warehouses?p=1']);
  });

  it('know a new warehouse at once, and do not look for one that is not listed time and again', async () => {
    const { levels, http, answers, clock } = asking({ '/stock_available/product_id/123': [row] });
    await levels('product:123');
    clock.advance(6 * MINUTE);
    answers['/warehouses'] = [...WAREHOUSES, { warehouse_id: 3, warehouse_label: 'Grenier' }];
    answers['/stock_available/product_id/123'] = [
      { ...row, warehouse_id: 3 },
      { ...row, warehouse_id: 8 },
    ];
    for (let time = 0; time < 3; time++) {
      expect((await levels('product:123')).lines).toMatchObject([{ change: { index: 0, warehouse: 'Grenier' } }]);
    }
    expect(http.asked.filter((path) => path.includes('warehouses'))).toHaveLength(2);
  });

  it('name what has no barcode, and ask for the name once', async () => {
    const { levels, http } = asking({
      '/stock_available/product_id/123': [{ ...row, product_barcode: '' }],
      '/products/123': [{ product_id: 123, product_model: 'Tasse' }],
    });
    await levels('product:123');
    expect((await levels('product:123')).lines).toMatchObject([{ change: { name: 'Tasse', barcode: null } }]);
    expect(http.asked.filter((path) => path.includes('/products/'))).toHaveLength(1);
  });
});

describe('A stock order of Hiboutik', () => {
  it('stands for the products it brings, however their sizes are spelt', async () => {
    const { levels } = asking({
      '/inventory_input_details/31': [
        { inventory_input_detail_id: 1, product_id: 5, product_size: 0, quantity: '3' },
        { product_id: '6', size_id: '4' },
        { product_id: 6, product_size: 4 },
        { product_id: 0 },
        { note: 'no product' },
      ],
    });
    expect(await levels('stock-order:31')).toEqual({ lines: [], instead: ['product:5', 'product:6/4'] });
  });
});

describe('Levels read again of what is sold online only', () => {
  const online = { ...SETTINGS, onlyOnline: 'yes' };
  const product = { product_id: 123, product_model: 'Tasse', product_display_www: 1, product_arch: 0 };

  test.each([
    ['not shown online', { ...product, product_display_www: '0' }],
    ['laid aside', { ...product, product_arch: 1 }],
  ])('have no lines of what is %s, and spend one call on it', async (_what, hidden) => {
    const { levels, http } = asking({ '/stock_available/product_id/123': [row], '/products/123': [hidden] }, online);
    expect((await levels('product:123')).lines).toEqual([]);
    expect(http.asked).toEqual(['/api/products/123?p=1']);
  });

  it('are told of what is shown; that it is, is asked once', async () => {
    const { levels, http } = asking({ '/stock_available/product_id/123': [row], '/products/123': [product] }, online);
    expect((await levels('product:123')).lines).toHaveLength(1);
    expect((await levels('product:123')).lines).toHaveLength(1);
    expect(http.asked.filter((path) => path.includes('/products/'))).toHaveLength(1);
  });

  it('are told at once of a product that has just been put online', async () => {
    const { levels, answers } = asking(
      { '/stock_available/product_id/123': [row], '/products/123': [{ ...product, product_display_www: 0 }] },
      online,
    );
    expect((await levels('product:123')).lines).toEqual([]);
    answers['/products/123'] = [product];
    expect((await levels('product:123')).lines).toHaveLength(1);
  });

  it('have no lines of a product that is gone', async () => {
    expect((await asking({}, online).levels('product:123')).lines).toEqual([]);
  });
});
