import {
  allByRole,
  aBrowser,
  byRole,
  choose,
  click,
  closePanels,
  fill,
  openPanel,
  pageText,
  settle,
} from './support/panel';
import {
  aCatalogue,
  aCatalogProduct,
  aConnection,
  anItem,
  busyState,
  failureView,
  someMappings,
} from './support/fake-api';
import type { FakeState } from './support/fake-api';

beforeEach(() => aBrowser());
afterEach(closePanels);

const articles = () => [...document.querySelectorAll<HTMLElement>('article[data-item]')];
const articleOf = (id: number) => document.querySelector<HTMLElement>(`[data-item="${id}"]`) as HTMLElement;
const within = (root: HTMLElement, words: RegExp) =>
  [...root.querySelectorAll<HTMLElement>('button')].find((one) => words.test(one.textContent ?? '')) as HTMLElement;

const alerts = () =>
  allByRole('alert')
    .map((one) => one.textContent)
    .join(' ');

async function press(key: string, target: Element | null = document.activeElement): Promise<KeyboardEvent> {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
  target?.dispatchEvent(event);
  await settle();
  return event;
}

const lone = (id: number, score = 0.9) => ({
  product: aCatalogProduct(500 + id),
  score,
  reasons: [{ kind: 'words' as const, score: 0.9, detail: 'one two' }],
  takenBy: null,
});

/** Three without a match, each with one very likely product. */
const three = (more: Partial<FakeState> = {}): FakeState => ({
  ...busyState(),
  items: [1, 2, 3].map((id) => anItem(id, { status: 'unmatched', severity: 'error', productId: null, foundBy: null })),
  suggestions: { 1: [lone(1)], 2: [lone(2)], 3: [lone(3)] },
  ...more,
});

const links = (calls: readonly { path: string; body: unknown }[]) =>
  calls.filter(({ path }) => path === '/match-desk/links').map(({ body }) => body);

describe('the match desk', () => {
  it('is in the navigation, with how many wait', async () => {
    await openPanel(busyState(), '/');
    expect(byRole('link', /^Match desk/).textContent).toContain('2 waiting');
    await click(byRole('link', /^Match desk/));
    expect(byRole('heading', 'Match desk')).toBeTruthy();
    expect(byRole('link', /^No match 1$/).getAttribute('aria-current')).toBe('true');
  });

  it('shows what the source calls the product, and ranks what it might be, with reasons', async () => {
    await openPanel(busyState(), '/match');
    const text = articleOf(3).textContent ?? '';
    expect(text).toContain('Soup plate, hand painted');
    expect(text).toContain('A-3');
    expect(text).toContain('Very likely');
    expect(text).toContain('SKU differs from the code only in signs between: A3');
    expect(text).toContain('Same words: soup plate painted hand');
    expect(text).toContain('A draft in the shop');
    expect(text).toContain('Has variations that hold the stock: link one of them');
    const look = byRole('link', /^Look in the shop Soup plate, painted/);
    expect(look.getAttribute('href')).toBe('https://shop.example.com/wp-admin/post.php?post=131&action=edit');
    expect(byRole('link', /^Create in the shop/).getAttribute('href')).toBe(
      'https://shop.example.com/wp-admin/post-new.php?post_type=product',
    );
  });

  it('does not offer what is taken or cannot hold stock', async () => {
    await openPanel(busyState(), '/match?status=ambiguous');
    expect(articleOf(4).textContent).toContain('Already gets its stock from “Egg cup, green”');
    expect(allByRole('radio', 'Egg cup')).toHaveLength(0);
    expect(allByRole('button', 'Link Egg cup')).toHaveLength(0);
    expect(byRole('radio', 'Egg cup (old)')).toBeTruthy();
  });

  it('folds away what is taken, behind what can be chosen', async () => {
    await openPanel(busyState(), '/match?status=ambiguous');
    const folded = byRole('button', 'One resembles it but is taken').closest('details');
    expect(folded?.open).toBe(false);
    expect(folded?.textContent).toContain('Already gets its stock from “Egg cup, green”');
    expect(byRole('radio', 'Egg cup (old)').closest('details')).toBeNull();
    expect(byRole('radio', 'Egg cup (old)').closest('li')?.querySelector('.mark')?.textContent).toBe('1');
  });

  it('links by one click, and undoes it from the toast', async () => {
    const panel = await openPanel(busyState(), '/match?status=ambiguous');
    await click(byRole('button', 'Link Egg cup (old)'));
    expect(links(panel.calls)).toEqual([{ links: [{ itemId: 4, productId: 240, variationId: 241 }] }]);
    expect(pageText()).toContain('One product is linked.');
    await click(byRole('button', 'Undo'));
    const undone = panel.calls.filter(({ path }) => path === '/items/actions').map(({ body }) => body);
    expect(undone).toEqual([{ action: 'relink', ids: [4] }]);
  });

  it('never links by itself: what is very likely is only proposed', async () => {
    const panel = await openPanel(three(), '/match');
    expect(allByRole('radio').map((radio) => (radio as HTMLInputElement).checked)).toEqual([true, true, true]);
    expect(allByRole('checkbox').map((box) => (box as HTMLInputElement).checked)).toEqual([false, false, false]);
    expect(links(panel.calls)).toEqual([]);
  });

  it('links the ticked ones, and says by each why it could not', async () => {
    const panel = await openPanel(three({ unlinkable: { 2: 'The shop has no such product.' } }), '/match');
    expect((byRole('button', 'Link the ticked ones') as HTMLButtonElement).disabled).toBe(true);
    await click(byRole('button', 'Tick the 3 that are very likely'));
    await click(byRole('checkbox', /Mug no. 3/));
    await click(byRole('button', 'Link the 2 ticked'));
    expect(links(panel.calls)).toEqual([
      {
        links: [
          { itemId: 1, productId: 501, variationId: null },
          { itemId: 2, productId: 502, variationId: null },
        ],
      },
    ]);
    expect(pageText()).toContain('One product is linked. One could not be linked; it says why.');
    expect(articleOf(2).textContent).toContain('Could not be linked. The answer: The shop has no such product.');
    expect(articles().map((one) => one.dataset['item'])).toEqual(['2', '3']);
    expect((byRole('checkbox', /Mug no. 2/) as HTMLInputElement).checked).toBe(true);
  });

  it('is worked by keyboard: move, choose, link, set offline', async () => {
    const panel = await openPanel(three(), '/match');
    articleOf(1).focus();
    await press('j');
    expect(document.activeElement).toBe(articleOf(2));
    await press('ArrowDown');
    await press('k');
    expect(document.activeElement).toBe(articleOf(2));
    await press('1');
    await press('Enter');
    expect(links(panel.calls)).toEqual([{ links: [{ itemId: 2, productId: 502, variationId: null }] }]);
    // What is done leaves the list; the next one has the focus.
    expect(document.activeElement).toBe(articleOf(3));
    await press('o');
    expect(panel.state.items[2]?.status).toBe('offline');
    expect(pageText()).toContain('Mug no. 3 is offline.');
    expect(document.activeElement).toBe(articleOf(1));
  });

  it('asks for a choice before Enter links, and takes no key while somebody types', async () => {
    const panel = await openPanel(busyState(), '/match?status=ambiguous');
    articleOf(4).focus();
    await press('Enter');
    expect(articleOf(4).textContent).toContain('Choose one of the suggestions first.');
    await press('2');
    expect((byRole('radio', 'Egg cup (old)') as HTMLInputElement).checked).toBe(false);
    await press('1');
    expect((byRole('radio', 'Egg cup (old)') as HTMLInputElement).checked).toBe(true);
    expect(articleOf(4).textContent).not.toContain('Choose one of the suggestions first.');
    const field = byRole('textbox', 'Product ID in the shop');
    expect((await press('o', field)).defaultPrevented).toBe(false);
    expect((await press('Enter', within(articleOf(4), /^Take offline/))).defaultPrevented).toBe(false);
    expect((await press('ArrowDown', byRole('radio', 'Egg cup (old)'))).defaultPrevented).toBe(false);
    expect(panel.calls.filter(({ method }) => method === 'POST')).toEqual([]);
    await press('o', byRole('textbox', 'Search code, barcode or name'));
    expect(panel.state.items[3]?.status).toBe('ambiguous');
  });

  it('links another product by its ID', async () => {
    const panel = await openPanel(busyState(), '/match');
    await fill('Product ID in the shop', '77');
    const form = articleOf(3).querySelector('form') as HTMLFormElement;
    form.dispatchEvent(new Event('submit', { cancelable: true }));
    await settle();
    expect(panel.state.items[2]?.productId).toBe(77);
  });

  it('says that all is matched, that nothing fits, and that it could not be loaded', async () => {
    const panel = await openPanel({ ...busyState(), items: [anItem(1)] }, '/match');
    expect(pageText()).toContain('Every product has found its match.');
    closePanels();
    await openPanel({ ...busyState(), items: busyState().items.filter(({ id }) => id !== 3) }, '/match');
    expect(pageText()).toContain('No product is without a match');
    await click(byRole('link', 'One product matches several'));
    expect(articles()).toHaveLength(1);
    closePanels();
    await openPanel(busyState(), '/match?q=nothing-like-this');
    expect(pageText()).toContain('No product fits this filter');
    closePanels();
    const down = await openPanel(busyState(), '/');
    down.down = true;
    await click(byRole('link', /^Match desk/));
    expect(byRole('alert').textContent).toContain('The match desk could not be loaded');
    expect(pageText()).not.toContain('Every product has found its match.');
    expect(panel.state.items).toHaveLength(1);
  });

  it('says that suggestions are missing while the catalogue is read', async () => {
    await openPanel({ ...busyState(), catalogue: aCatalogue({ state: 'loading' }) }, '/match');
    expect(pageText()).toContain('The catalogue is not read yet: Ceramics by Ana');
  });
});

describe('the mapping of a connection', () => {
  const submit = () => click(byRole('button', 'Take these lines'));

  it('names every line that cannot be used, and changes nothing', async () => {
    const panel = await openPanel(busyState(), '/connections/1/mappings');
    await fill('Paste lines', '1001:MUG\n1002\n1003:');
    await submit();
    expect(byRole('alert').textContent).toContain('2 lines cannot be used. Nothing was changed.');
    expect(pageText()).toContain('Line 2: Nothing parts the reference from the SKU. 1002');
    expect(pageText()).toContain('Line 3: The SKU is missing.');
    expect(panel.state.mappings).toHaveLength(someMappings().length);
  });

  it('says what was changed and how many products are matched anew, and undoes a replacement', async () => {
    const panel = await openPanel(busyState(), '/connections/1/mappings');
    await click(byRole('radio', 'Replace all'));
    await fill('Paste lines', '5941234567899:MUG-B\n77:NEW');
    await submit();
    expect(pageText()).toContain('One line added. One line changed. 71 lines removed. 73 products are matched anew.');
    expect(panel.state.mappings).toHaveLength(2);
    await click(byRole('button', 'Undo'));
    expect(panel.state.mappings.map(({ reference, sku }) => `${reference}:${sku}`).sort()).toEqual(
      someMappings()
        .map(({ reference, sku }) => `${reference}:${sku}`)
        .sort(),
    );
  });

  it('takes a file, and says when it is no text', async () => {
    const panel = await openPanel({ ...busyState(), mappings: [] }, '/connections/1/mappings');
    const input = document.querySelector('#mappings-file') as HTMLInputElement;
    const pick = async (parts: BlobPart[]) => {
      Object.defineProperty(input, 'files', { configurable: true, value: [new File(parts, 'list.csv')] });
      input.dispatchEvent(new Event('change'));
      await new Promise((resolve) => setTimeout(resolve, 50));
      await settle();
    };
    await pick([new Uint8Array([0x61, 0xff, 0x3a, 0x62])]);
    expect(pageText()).toContain('The file cannot be read as text.');
    await pick(['reference,sku\r\n"a, b",S-1\r\n']);
    expect(pageText()).toContain('list.csv is taken.');
    await submit();
    expect(panel.state.mappings).toEqual([{ id: 1, reference: 'a, b', sku: 'S-1' }]);
  });

  it('removes a line, and adds it back', async () => {
    const panel = await openPanel(busyState(), '/connections/1/mappings');
    await click(byRole('button', 'Remove Vază, mare'));
    expect(panel.state.mappings.some(({ id }) => id === 2)).toBe(false);
    await click(byRole('button', 'Undo'));
    expect(panel.state.mappings.at(-1)).toMatchObject({ reference: 'Vază, mare', sku: 'VASE-L' });
  });

  it('is downloaded as CSV that can be read back', async () => {
    const blobs: Blob[] = [];
    URL.createObjectURL = (blob) => `blob:${blobs.push(blob as Blob)}`;
    URL.revokeObjectURL = () => undefined;
    const click1 = jest.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
    await openPanel(busyState(), '/connections/1/mappings');
    await click(byRole('button', 'Export as CSV'));
    expect((click1.mock.contexts[0] as HTMLAnchorElement).download).toBe('stock-relay-mapping-1.csv');
    expect(blobs).toHaveLength(1);
    jest.restoreAllMocks();
  });

  it('says that it could not be loaded, never that there is none', async () => {
    const panel = await openPanel(busyState(), '/connections');
    panel.down = true;
    await click(byRole('link', /^Mapping/));
    expect(alerts()).toContain('The mapping could not be loaded');
    expect(pageText()).not.toContain('There is no line yet');
  });
});

describe('the rules of a connection', () => {
  const edit = () => click(byRole('button', /^Edit Accounting → /));
  const openNumbers = async () => {
    const details = [...document.querySelectorAll('details')].find((one) =>
      one.querySelector('summary')?.textContent?.includes('How the number is made'),
    ) as HTMLDetailsElement;
    details.open = true;
    details.dispatchEvent(new Event('toggle'));
    await settle();
  };
  const patches = (calls: readonly { method: string; body: unknown }[]) =>
    calls.filter(({ method }) => method === 'PATCH').map(({ body }) => body);

  it('are put in order by buttons, which keep the focus', async () => {
    const panel = await openPanel(busyState(), '/connections');
    await edit();
    await click(byRole('button', 'Add code as barcode'));
    expect(document.activeElement).toBe(byRole('button', 'Do not use code as barcode'));
    await click(byRole('button', 'Up code as barcode'));
    expect(document.activeElement).toBe(byRole('button', 'Up code as barcode'));
    await click(byRole('button', 'Do not use name'));
    await click(byRole('button', 'Save'));
    expect(patches(panel.calls)).toEqual([expect.objectContaining({ matchBy: ['code', 'code-gtin'] })]);
  });

  it('are tried on real products before they are saved', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const panel = await openPanel(busyState(), '/connections');
      await edit();
      await openNumbers();
      expect(pageText()).toContain(
        '12.5 in the warehouses − 2 kept back = 10.5; ÷ 6 per piece = 1.75; rounded down = 1',
      );
      expect(pageText()).toContain('12 → 1');
      expect(pageText()).toContain('None of the chosen warehouses has reported a level.');
      await fill('Kept back', '2,5');
      await jest.advanceTimersByTimeAsync(500);
      await settle();
      const asked = panel.calls.filter(({ path }) => path.endsWith('/rules/preview')).map(({ body }) => body);
      expect(asked.at(-1)).toMatchObject({ rules: { buffer: '2.5', packSize: '1' }, warehouses: '*' });
      expect(patches(panel.calls)).toEqual([]);
      await fill('Kept back', 'many');
      expect(pageText()).toContain('Correct the fields above to see it.');
    } finally {
      jest.useRealTimers();
    }
  });

  it('keep back per category, and refuse what is no number', async () => {
    const panel = await openPanel(busyState(), '/connections');
    await edit();
    await openNumbers();
    await choose('Add a category…', '11');
    await click(byRole('button', 'Save'));
    expect(alerts()).toContain('Per category: enter numbers from 0');
    await fill('Mugs', '3');
    await fill('Units per piece', '0');
    await click(byRole('button', 'Save'));
    expect(alerts()).toContain('enter a number above 0');
    await fill('Units per piece', '6');
    await click(byRole('radio', 'Switch it on'));
    await click(byRole('button', 'Save'));
    expect(patches(panel.calls)).toEqual([
      expect.objectContaining({
        rules: { buffer: '0', packSize: '6', rounding: 'down', negative: 'zero' },
        categoryBuffers: [{ categoryId: 11, buffer: '3' }],
        unmanaged: 'switch-on',
      }),
    ]);
  });

  it('list where stock management was switched on, and undo all of it with one button', async () => {
    const connections = [aConnection({ unmanaged: 'switch-on' })];
    const panel = await openPanel({ ...busyState(), connections }, '/connections');
    expect(pageText()).toContain('Stock management switched on for 2 products');
    await click(byRole('button', /^Switch all of them off again/));
    expect(panel.state.connections[0]?.unmanaged).toBe('report');
    expect(pageText()).toContain('Stock management is switched off again for 2 products.');
    expect(pageText()).toContain('being switched off');
  });
});

describe('a shop', () => {
  it('says how fresh its catalogue is, what its webhooks do and where numbers are ignored', async () => {
    const panel = await openPanel(busyState(), '/connections');
    expect(pageText()).toContain('1,284 products and variations');
    expect(pageText()).toContain('Last received 1 minute ago');
    expect(pageText()).toContain('Off for 2 of 66 linked products');
    await click(byRole('button', /^Read the catalogue anew/));
    expect(panel.state.catalogue.walk).toBe('full');
  });

  it('says how far a first reading is, what broke it, and what the webhooks lack', async () => {
    const catalogue = aCatalogue({
      state: 'loading',
      walk: 'full',
      progress: { done: 300, total: 1284 },
      failure: failureView('shop_timeout', { seconds: 30 }),
    });
    if (catalogue.webhooks) catalogue.webhooks.state = 'no_public_address';
    await openPanel({ ...busyState(), catalogue }, '/connections');
    expect(pageText()).toContain('300 of 1,284 read');
    expect(pageText()).toContain('The shop did not answer within 30 seconds.');
    expect(pageText()).toContain('PUBLIC_URL');
  });

  it('gets its limits', async () => {
    const panel = await openPanel(busyState(), '/connections');
    await fill(/^Calls per minute/, '0');
    await click(byRole('switch', 'Quiet hours'));
    await fill('From', '22:30');
    await fill('To', '05:00');
    await fill('Time zone', 'Mars/Base');
    await click(byRole('button', /^Save Limits/));
    expect(pageText()).toContain('Enter a whole number from 1 to 6,000, or nothing.');
    expect(pageText()).toContain('Enter a time zone such as Europe/Bucharest.');
    await fill(/^Calls per minute/, '60');
    await fill('Time zone', 'Europe/Bucharest');
    await click(byRole('button', /^Save Limits/));
    expect(panel.calls.filter(({ method }) => method === 'PATCH').map(({ body }) => body)).toEqual([
      {
        limits: {
          callsPerMinute: 60,
          quietHours: { fromMinute: 1350, toMinute: 300, timeZone: 'Europe/Bucharest' },
        },
      },
    ]);
    expect(pageText()).toContain('at most 60 calls a minute · quiet from 22:30 to 05:00');
  });
});

describe('a product', () => {
  it('says how it was found, what else gets the number and how the number came about', async () => {
    await openPanel(busyState(), '/products?item=1');
    const dialog = byRole('dialog', 'Blue mug, 300 ml');
    expect(dialog.textContent).toContain('By its code');
    expect(dialog.textContent).toContain('Proven by the shop');
    expect(dialog.textContent).toContain('Product 311 and Product 312, variation 9');
    expect(dialog.textContent).toContain('44.5 in the warehouses − 2 kept back = 42.5; ÷ 6 per piece = 7.083333…;');
  });

  it('gets rules of its own, which can be undone', async () => {
    const panel = await openPanel(busyState(), '/products?item=1');
    await fill(/^Kept back/, '');
    await fill(/^Units per piece/, '0,5');
    await click(byRole('button', 'Save'));
    await click(byRole('button', 'Undo'));
    expect(panel.calls.filter(({ path }) => path === '/items/1/rules').map(({ body }) => body)).toEqual([
      { buffer: null, packSize: '0.5' },
      { buffer: '2', packSize: null },
    ]);
  });
});
