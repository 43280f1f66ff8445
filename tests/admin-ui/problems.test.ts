import { aProblem, ago, anItem, busyState, emptyState, failureView, type FakeState } from './support/fake-api';
import {
  aBrowser,
  allByRole,
  byRole,
  click,
  closePanels,
  openPanel,
  pageText,
  type Panel,
  settle,
} from './support/panel';

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
    expect(pageText()).toContain('The shop has no product with code “A-3”.');
  });

  it.each([
    ['ro', 'code “A-3”', 'Magazinul nu are niciun produs cu cod „A-3”.'],
    ['fr', 'code-gtin “A-3”, name “Mug “Olt”, blue”', 'code comme code-barres « A-3 », nom « Mug “Olt”, blue »'],
    ['es', 'a code, barcode or name to look for', 'ningún producto con un código, un código de barras o un nombre'],
  ])('says in words and quotes of the language (%s) what was looked for: %s', async (language, tried, words) => {
    localStorage.setItem('stock-relay.language', language);
    await openPanel({ ...emptyState(), problems: [aProblem('product_unmatched', 1, {}, { tried })] }, '/problems');
    expect(pageText()).toContain(words);
  });

  it('counts in the navigation what asks for a person', async () => {
    await openPanel(busyState(), '/');
    expect(byRole('link', /^Needs you/).textContent).toContain('3 causes need you');
  });

  it('leads to the match desk where a product found no match', async () => {
    await openPanel(busyState(), '/problems');
    const [desk, ...others] = allByRole('link', /^Open in the Match desk/);
    expect(others).toEqual([]);
    expect(desk?.getAttribute('href')).toBe('/match?status=unmatched&connection=1&q=A-3');
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

  describe('when the card that has the focus goes', () => {
    const problems = () => [
      aProblem('stock_not_managed', 3),
      aProblem('product_unmatched', 2),
      aProblem('product_gone', 1),
    ];
    const open = () => openPanel({ ...emptyState(), problems: problems() }, '/problems');
    const focused = () => document.activeElement?.textContent;
    /** As when the browser’s tab is seen again. */
    async function leave(state: FakeState, left: FakeState['problems']) {
      state.problems = left;
      document.dispatchEvent(new Event('visibilitychange'));
      await settle();
    }
    const keep = (...at: number[]) => problems().filter((_, index) => at.includes(index));

    it('goes on to the heading of the next, or of the one before where it was the last', async () => {
      const { state } = await open();
      byRole('button', /^Retry all .*no product that fits/).focus();
      await leave(state, keep(0, 2));
      expect(focused()).toBe('The product no longer exists in the shop');
      await leave(state, keep(0));
      expect(focused()).toBe('Stock management is off in WooCommerce');
    });

    it('goes to the heading of the page when nothing is left', async () => {
      const { state } = await open();
      byRole('button', /^Retry all .*no product that fits/).focus();
      await leave(state, []);
      expect(focused()).toBe('What needs you');
    });

    it('goes with the card that is only being tried again', async () => {
      const { state } = await open();
      byRole('button', /^Retry all .*Stock management/).focus();
      await leave(state, [aProblem('stock_not_managed', 3, { asks: false }), ...keep(1, 2)]);
      expect(focused()).toBe('Stock management is off in WooCommerce');
    });

    it('goes on though the pressed button was disabled, and so without the focus, in the meantime', async () => {
      const { state } = await open();
      const button = byRole('button', /^Retry all .*Stock management/) as HTMLButtonElement;
      button.focus();
      button.disabled = true;
      button.blur();
      await leave(state, keep(1, 2));
      expect(focused()).toBe('The shop has no product that fits');
    });

    it('stays where it is when it is elsewhere', async () => {
      const { state } = await open();
      byRole('button', /^Retry all .*no product that fits/).focus();
      const elsewhere = byRole('link', 'Products');
      elsewhere.focus();
      await leave(state, keep(0, 2));
      expect(document.activeElement).toBe(elsewhere);
    });
  });

  describe('of numbers changed in the shop', () => {
    const differs = (count: number) => aProblem('shop_differs', count, {}, { shown: '33', wanted: '9' });
    const undecided = (count: number) => ({
      ...busyState(),
      items: [1, 2].map((id) =>
        anItem(id, { status: 'failed', failure: failureView('shop_differs', { shown: '33', wanted: '9' }) }),
      ),
      problems: [differs(count)],
    });
    const deeds = ({ calls }: Panel) =>
      calls.filter(({ method }) => method === 'POST').map(({ path, body }) => [path, body]);
    const filter = { connectionId: 1, failure: 'shop_differs' };

    it('names one product’s number only where there is one product', async () => {
      await openPanel(undecided(2), '/problems');
      expect(pageText()).not.toContain('to write 9');
      expect(pageText()).toContain('Choose whether the source’s numbers are written');
      closePanels();
      await openPanel(undecided(1), '/problems');
      expect(pageText()).toContain('Choose Sync now to write 9');
    });

    it('offers no Retry, and keeps all of the shop’s numbers where that is chosen', async () => {
      const panel = await openPanel(undecided(2), '/problems');
      expect(allByRole('button', /^Retry all/)).toEqual([]);
      await click(byRole('button', 'Keep the shop’s numbers'));
      expect(deeds(panel)).toEqual([['/items/actions', { action: 'keep', filter }]]);
      expect(pageText()).toContain('The shop’s number stays for 2 products.');
    });

    it('asks before the source’s numbers are written over them, since that cannot be undone', async () => {
      const panel = await openPanel(undecided(2), '/problems');
      await click(byRole('button', 'Write the source’s numbers'));
      expect(byRole('dialog').textContent).toContain('Write over the numbers of 2 products in the shop?');
      expect(deeds(panel)).toEqual([]);
      const [, confirm] = allByRole('button', 'Write the source’s numbers');
      await click(confirm ?? byRole('button', 'none'));
      expect(deeds(panel)).toEqual([['/items/actions', { action: 'sync-now', filter }]]);
      expect(pageText()).toContain('The source’s numbers are written for 2 products.');
    });
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
