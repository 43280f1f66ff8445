import { percentEncode, signedQuery } from '../../../server/connectors/woocommerce/oauth1';
import { addressText, restAddress, signedBase } from '../../../server/connectors/woocommerce/woo-route';

const signed = (method: string, url: string, query: Record<string, string>): Record<string, string> =>
  signedQuery({
    method,
    url,
    query,
    consumerKey: 'ck_1',
    consumerSecret: 'cs_1',
    timestamp: 1_700_000_000,
    nonce: 'abc',
  });

// The signatures were computed by another tool (openssl) over base strings written by hand.
describe('OAuth 1.0a', () => {
  it('signs commas, blanks, plus signs, accents and quotes as PHP’s rawurlencode writes them', () => {
    const query = { sku: "A B,C+D,Ț'!", per_page: '100', _fields: 'id,sku' };
    const { oauth_signature } = signed('get', 'http://shop.example/wp-json/wc/v3/products', query);
    expect(oauth_signature).toBe('jT7LZ3LCJSoYssaCm6WDrtSLC15eoMv6UNqj2q7hGHk=');
  });

  it('signs the route where it is a parameter, over the home address without its slash', () => {
    const address = restAddress('https://shop.example/', 'rest-route', '/wc/v3/products/batch', {});
    const { oauth_signature } = signed('POST', signedBase(address), { ...address.query });
    expect(oauth_signature).toBe('Gnb7NBOQqmmoJIeIEdkE+QvtwdRwKx0g5FM42nBazKQ=');
  });

  it('adds its parameters and leaves the others and the secret alone', () => {
    const query = signed('GET', 'http://shop.example/', { a: '1' });
    expect(Object.keys(query).sort()).toEqual([
      'a',
      'oauth_consumer_key',
      'oauth_nonce',
      'oauth_signature',
      'oauth_signature_method',
      'oauth_timestamp',
    ]);
    expect(JSON.stringify(query)).not.toContain('cs_1');
  });

  it.each([
    ["!'()*", '%21%27%28%29%2A'],
    ['a-b_c.d~e', 'a-b_c.d~e'],
    ['Ș 1', '%C8%98%201'],
  ])('encodes %j as %s', (text, encoded) => expect(percentEncode(text)).toBe(encoded));
});

describe('A route', () => {
  const text = (style: 'pretty' | 'index-php' | 'rest-route', shop = 'https://shop.example/magazin'): string =>
    addressText(restAddress(shop, style, '/wc/v3/products', { sku: 'A,B&C', _fields: 'id' }));

  it('is spelled in the three ways shops spell it', () => {
    expect(text('pretty')).toBe('https://shop.example/magazin/wp-json/wc/v3/products?sku=A%2CB%26C&_fields=id');
    expect(text('index-php')).toBe(
      'https://shop.example/magazin/index.php/wp-json/wc/v3/products?sku=A%2CB%26C&_fields=id',
    );
  });

  it('carries, as a parameter, the text WooCommerce looks for before it authenticates', () => {
    expect(text('rest-route')).toBe(
      'https://shop.example/magazin/?rest_route=/wc/v3/products&sku=A%2CB%26C&_fields=id&x=/wp-json/wc/',
    );
  });

  it('does not double a slash at the end of the shop’s address', () => {
    expect(text('pretty', 'https://shop.example//')).toMatch(/^https:\/\/shop\.example\/wp-json\//);
  });
});
