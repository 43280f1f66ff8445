import { SHOP_CHECK_WORDS, shopCheckWords } from '../../../server/domain/shop-check-words';

describe('The words of a check', () => {
  it('are filled from its params', () => {
    const params = { location: 'https://www.shop.example/wp-json/', proposed: 'https://www.shop.example' };
    expect(shopCheckWords({ id: 'address', code: 'redirects', params })).toEqual({
      message: 'The shop sends us on to https://www.shop.example/wp-json/. Keys are never sent along a redirect.',
      cure: 'Enter https://www.shop.example as the shop’s address.',
    });
  });

  it('are the failure’s own where the check found a failure of the list', () => {
    const words = shopCheckWords({ id: 'keys_valid', code: 'keys_rejected', params: { what: 'x' } });
    expect(words).toEqual({
      message: 'The shop does not accept the keys (x).',
      cure: expect.stringContaining('REST API'),
    });
  });

  it('exist for a check that was not made, and for a code nobody knows', () => {
    expect(shopCheckWords({ id: 'clock', code: 'not_checked', params: {} }).cure).toBeNull();
    expect(shopCheckWords({ id: 'clock', code: 'brand_new', params: {} }).message).toBe('brand_new');
  });

  it('are complete sentences, and where something is wrong there is something to do', () => {
    for (const [, codes] of Object.entries(SHOP_CHECK_WORDS)) {
      for (const { message, cure } of Object.values(codes)) {
        expect(message).toMatch(/[.]$/);
        if (cure !== null) expect(cure).toMatch(/[.]$/);
      }
    }
  });
});
