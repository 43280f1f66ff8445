import { aProblem, ago, busyState, emptyState } from './support/fake-api';
import { aBrowser, allByRole, byRole, click, closePanels, openPanel, pageText, settle } from './support/panel';

beforeEach(() => aBrowser());
afterEach(closePanels);

describe('What needs you', () => {
  it('says each cause once, with how many, since when, the proof and the cure', async () => {
    await openPanel(busyState(), '/problems');
    const text = pageText();
    expect(text).toContain('The keys may read but not write.4,000 products wait');
    expect(text).toContain('woocommerce_rest_cannot_edit');
    expect(text).toContain('set the key’s permissions to read/write');
    expect(text).toContain('Stock management is off in WooCommerce212 productsAccounting → Ceramics by Ana');
    expect(text).toContain('Such as Tea pot “Olt” and A-5');
    expect(text).toContain('80 of 212 are being tried again');
  });

  it('names the one product where there is only one', async () => {
    await openPanel(busyState(), '/problems');
    expect(pageText()).toContain('The shop has no product with SKU A-3.');
  });

  it('counts in the navigation what asks for a person', async () => {
    await openPanel(busyState(), '/');
    expect(byRole('link', /^Needs you/).textContent).toContain('3 causes need you');
  });

  it('leads to the products of one cause', async () => {
    const { router, calls } = await openPanel(busyState(), '/problems');
    const [link] = allByRole('link', 'Show the products');
    await router.push(link?.getAttribute('href') ?? '');
    await settle();
    const asked = calls.filter(({ path, query }) => path === '/items' && query['failure'] === 'stock_not_managed');
    expect(asked[0]?.query).toMatchObject({ connectionId: '1', failure: 'stock_not_managed' });
  });

  it('tries a whole cause once more and shows how far that is', async () => {
    const { calls } = await openPanel(busyState(), '/problems');
    await click(byRole('button', /^Retry all .*no product that fits/));
    expect(
      calls.some(({ method, path }) => method === 'POST' && path === '/problems/items.1.product_unmatched/retry'),
    ).toBe(true);
    expect(pageText()).toContain('One product is tried again.');
    expect(pageText()).toContain('1 of 1 are being tried again');
  });

  it('says what healed by itself, when and how long it had lasted', async () => {
    const state = {
      ...emptyState(),
      problems: [
        aProblem(
          'shop_timeout',
          0,
          { about: 'shop', asks: false, healedAt: ago(600), since: ago(1500) },
          { seconds: 30 },
        ),
      ],
    };
    await openPanel(state, '/problems');
    expect(pageText()).toContain('Nothing needs you');
    expect(pageText()).toMatch(/The shop did not answer within 30 seconds\.Healed .*lasted 15 min/);
  });

  it('never shows a failed load as nothing', async () => {
    await openPanel(busyState(), '/problems', { down: true });
    expect(pageText()).not.toContain('Nothing needs you');
  });
});
