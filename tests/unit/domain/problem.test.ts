import { FAILURES, failure, failureKind } from '../../../server/domain/failure';
import { causeOf, PROBLEM_WORDS, problemWords } from '../../../server/domain/problem';

describe('The cause of a failure', () => {
  it('is the code alone where all else it tells is of one product', () => {
    expect(causeOf(failure('stock_not_managed', { productId: 7 }))).toBeNull();
    expect(causeOf(failure('product_unmatched', { tried: 'code A-1' }))).toBeNull();
  });

  it('is what the shop refused for, not whom', () => {
    const refused = (message: string, code: string) => causeOf(failure('shop_refused_item', { message, code }));
    expect(refused('Product 1 is bad', 'bad_sku')).toBe(refused('Product 2 is bad', 'bad_sku'));
    expect(refused('Product 1 is bad', 'bad_sku')).not.toBe(refused('Product 1 is bad', 'locked'));
  });

  it('is everything that is told of the shop as a whole', () => {
    expect(causeOf(failure('shop_server_error', { status: 500 }))).toBe('status=500');
    expect(causeOf(failure('shop_unreachable', { reason: 'refused', host: 'a.example' }))).toBe(
      'host=a.example&reason=refused',
    );
  });

  it('is said for many without naming one of them', () => {
    const ofOne = /\{(productId|variationId|tried|reference|sku|candidates|name|other|shown|wanted|quantity|message)\}/;
    const items = Object.entries(FAILURES).filter(([code]) => failureKind(code).scope === 'item');
    const naming = items.filter(([code, { cause, severity }]) => {
      const words = (PROBLEM_WORDS as Record<string, string>)[code] ?? cause;
      return severity !== 'info' && ofOne.test(words);
    });
    expect(naming.map(([code]) => code)).toEqual([]);
    expect(problemWords(failure('product_without_stock', { productId: 7, type: 'grouped' }))).toBe(
      'Products of the type “grouped” hold no stock of their own',
    );
  });
});
