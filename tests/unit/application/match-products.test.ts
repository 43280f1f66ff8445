import { matchProducts, verdictFailure } from '../../../server/application/match-products';
import { shopFinder } from '../../../server/application/product-finder';
import { failure, FailureError } from '../../../server/domain/failure';
import { connection, shopAccess, shopProduct } from '../../support/builders';
import { FakeShop } from '../../support/fake-shop';

const signal = new AbortController().signal;
const request = (
  subject: Partial<{ code: string | null; barcode: string | null; name: string | null }>,
  rules: Partial<Pick<ReturnType<typeof connection>, 'matchBy' | 'allowNameAfterCode'>> = {},
) => ({ subject: { code: null, barcode: null, name: null, ...subject }, connection: connection(rules) });
type Request = ReturnType<typeof request>;

const match = async (shop: FakeShop, ...requests: readonly Request[]) => {
  const verdicts = await matchProducts(shopFinder(shop, shopAccess, signal), requests);
  return requests.map((each) => verdicts.get(each));
};

describe('Looking for products', () => {
  it('asks for all codes at once, each once', async () => {
    const shop = new FakeShop(shopProduct(1), shopProduct(2));
    const verdicts = await match(
      shop,
      request({ code: 'SKU-1' }),
      request({ code: 'SKU-2' }),
      request({ code: 'SKU-1' }),
    );
    expect(verdicts.map((verdict) => verdict?.found)).toEqual(['one', 'one', 'one']);
    expect(shop.calls).toEqual([{ what: 'codes', asked: ['SKU-1', 'SKU-2'] }]);
  });

  it('goes on to the next rule only when the one before found nothing', async () => {
    const shop = new FakeShop(
      shopProduct(1, { sku: 'A' }),
      shopProduct(2, { sku: 'B', gtin: '594' }),
      shopProduct(3, { sku: 'Z', name: 'Cana' }),
    );
    const [byCode, byBarcode, byName] = await match(
      shop,
      request({ code: 'A', barcode: '594' }),
      request({ code: 'none', barcode: '594' }),
      request({ barcode: 'none', name: 'Cană' }),
    );
    expect(byCode).toMatchObject({ found: 'one', by: 'code', product: { ref: { productId: 1 } } });
    expect(byBarcode).toMatchObject({ found: 'one', by: 'barcode', product: { ref: { productId: 2 } } });
    expect(byName).toMatchObject({ found: 'one', by: 'name', product: { ref: { productId: 3 } } });
  });

  it('ends with a rule that finds several: a weaker rule would be a guess', async () => {
    const shop = new FakeShop(
      shopProduct(1, { sku: 'A' }),
      shopProduct(2, { sku: 'a' }),
      shopProduct(3, { gtin: '594' }),
    );
    const [verdict] = await match(shop, request({ code: 'A', barcode: '594' }));
    expect(verdict).toMatchObject({ found: 'many', by: 'code' });
    expect(shop.calls.map(({ what }) => what)).toEqual(['codes']);
  });

  it('never falls back from an unknown code to the name, unless the owner allowed it', async () => {
    const shop = new FakeShop(shopProduct(1, { sku: 'Z', name: 'Cana' }));
    const [not, allowed] = await match(
      shop,
      request({ code: 'A', name: 'Cana' }),
      request({ code: 'A', name: 'Cana' }, { allowNameAfterCode: true }),
    );
    expect(not).toEqual({ found: 'none', tried: ['code'] });
    expect(allowed).toMatchObject({ found: 'one', by: 'name' });
  });

  it('keeps the order of the connection', async () => {
    const shop = new FakeShop(shopProduct(1, { sku: 'A' }), shopProduct(2, { gtin: '594' }));
    const [verdict] = await match(shop, request({ code: 'A', barcode: '594' }, { matchBy: ['barcode', 'code'] }));
    expect(verdict).toMatchObject({ by: 'barcode', product: { ref: { productId: 2 } } });
  });

  it('says which rules it tried in vain', async () => {
    const [known, unknown] = await match(
      new FakeShop(),
      request({ code: 'A', barcode: '594' }),
      request({ code: 'A' }, { matchBy: ['name'] }),
    );
    expect(known).toEqual({ found: 'none', tried: ['code', 'barcode'] });
    expect(unknown).toEqual({ found: 'none', tried: [] });
  });

  it('of one name that cannot be proven leaves the others alone', async () => {
    const shop = new FakeShop(shopProduct(1, { name: 'Cana' }));
    const unprovable = failure('name_unprovable', { name: 'Sac', count: 900 });
    shop.beforeCall = (call) => (call.what === 'name' && call.asked === 'Sac' ? new FailureError(unprovable) : null);
    const [sac, cana] = await match(shop, request({ name: 'Sac' }), request({ name: 'Cana' }));
    expect(sac).toEqual({ found: 'unproven', failure: unprovable });
    expect(cana?.found).toBe('one');
  });

  it('ends when the shop as a whole fails', async () => {
    const shop = new FakeShop();
    shop.beforeCall = () => new FailureError(failure('shop_maintenance'));
    await expect(match(shop, request({ name: 'Cana' }))).rejects.toMatchObject({
      failure: { code: 'shop_maintenance' },
    });
  });

  it('of nothing asks nothing', async () => {
    const shop = new FakeShop();
    expect(await match(shop)).toEqual([]);
    expect(shop.calls).toEqual([]);
  });
});

describe('The failure of a verdict', () => {
  const subject = request({ code: 'A', name: 'Cana' });

  it('names what was looked for', () => {
    expect(verdictFailure(subject, { found: 'none', tried: ['code', 'name'] })).toMatchObject({
      code: 'product_unmatched',
      params: { tried: 'code “A”, name “Cana”' },
    });
    expect(verdictFailure(subject, { found: 'none', tried: [] }).params['tried']).toMatch(/code, barcode or name/);
  });

  it('names the first candidates, where they are and what state they are in', () => {
    const candidates = [1, 2, 3, 4, 5, 6].map((id) => shopProduct(id, id === 2 ? { status: 'draft', sku: '' } : {}));
    const { code, params } = verdictFailure(subject, { found: 'many', candidates, by: 'code' });
    expect([code, params['count']]).toEqual(['product_ambiguous', 6]);
    expect(params['candidates']).toMatch(/^#1 Product 1 \(SKU SKU-1\), #2 Product 2 \[draft\], .*#5 .*, …$/);
    expect(params['candidates']).not.toContain('#6');
  });

  it('is the proof’s own where nothing could be proven', () => {
    const unprovable = failure('name_unprovable', { name: 'Sac', count: 900 });
    expect(verdictFailure(subject, { found: 'unproven', failure: unprovable })).toBe(unprovable);
  });
});
