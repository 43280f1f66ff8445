import { createBridgedCatalogue } from '../../../server/connectors/woocommerce/bridged-catalogue';
import { createBridgedShopTarget } from '../../../server/connectors/woocommerce/bridged-shop-target';
import { createWooCommerceBridge } from '../../../server/connectors/woocommerce/woocommerce-bridge';
import { refKey } from '../../../server/domain/batch-plan';
import { FailureError } from '../../../server/domain/failure';
import type { BridgeGuard, BridgeLink } from '../../../server/domain/ports/shop-bridge';
import type { CatalogProduct, CataloguePage } from '../../../server/domain/ports/shop-catalogue';
import type { GuardedAnswer, GuardedWrite, ShopProductRef } from '../../../server/domain/ports/shop-target';
import { quantity } from '../../../server/domain/quantity';
import { createOwnProducts, type OwnProducts } from './own-products';
import { SHOPS, type ShopUnderTest, systemClock } from './shop-under-test';

const signal = new AbortController().signal;

/** Lets every call through, as a guard does while the plugin is well. */
const letting = (link: BridgeLink): BridgeGuard => ({
  atHand: () => Promise.resolve({ pairingId: link.pairingId, status: null }),
  cross: (_access, _signal, call) => call(link),
});

// A real shop takes part where WOO_BRIDGE_PAIRING and WOO_BRIDGE_SECRET name the pairing of its plugin.
describe.each(SHOPS.filter(({ hasPlugin }) => hasPlugin))('The plugin of $name', (source) => {
  let shop: ShopUnderTest;
  let own: OwnProducts;
  let link: BridgeLink;

  const options = () => ({ http: shop.http, clock: systemClock, version: '0.0.0-test' });
  const bridge = () => createWooCommerceBridge(options());
  const bridged = (by: BridgeLink = link) => createBridgedShopTarget(shop.target, options(), letting(by)).across;
  const write = async (...writes: GuardedWrite[]): Promise<readonly GuardedAnswer[]> =>
    (await bridged()?.write(shop.access, writes, signal)) ?? [];
  const set = (ref: ShopProductRef, to: number, expected: number | null = null): GuardedWrite => ({
    ref,
    quantity: quantity(String(to)),
    expected: expected === null ? null : quantity(String(expected)),
  });
  const shown = async (ref: ShopProductRef) => {
    const [answer] = await shop.target.read(shop.access, [ref], signal);
    return answer?.kind === 'found' ? answer.product.quantity : null;
  };
  const failureOf = async (call: Promise<unknown>): Promise<string> => {
    const thrown: unknown = await call.then(
      () => null,
      (error: unknown) => error,
    );
    return thrown instanceof FailureError ? thrown.failure.code : String(thrown);
  };

  beforeAll(async () => {
    shop = await source.open();
    link = await shop.bridgeLink();
    own = await createOwnProducts(shop);
  }, 120_000);
  afterAll(async () => {
    await own.remove();
    await shop.close();
  }, 60_000);

  it('says hello to anybody and how it is to whom it is paired with', async () => {
    expect(await bridge().hello(shop.access, signal)).toMatchObject({ api: 1, paired: true, woocommerce: true });
    const status = await bridge().status(shop.access, link, signal);
    expect(status).toMatchObject({ api: 1, items: 1000, slowBecause: [] });
    expect(Math.abs(status.clockDifferenceMs)).toBeLessThan(5_000);
  });

  it('refuses who signs with another secret, or is not paired', async () => {
    const secret = Buffer.alloc(32, 9).toString('base64url');
    expect(await failureOf(bridge().status(shop.access, { ...link, secret }, signal))).toBe('bridge_signature');
    const stranger = { ...link, pairingId: '00000000-0000-4000-8000-000000000000' };
    expect(await failureOf(bridge().status(shop.access, stranger, signal))).toBe('bridge_unpaired');
  });

  it('writes products and variations of several parents in one call', async () => {
    const refs = [own.ref('A'), own.ref('OWN', 'S'), own.ref('DRAFT'), own.ref('OWN', 'M')];
    const answers = await write(...refs.map((ref, n) => set(ref, 21 + n)));
    expect(answers).toMatchObject(refs.map((_, n) => ({ kind: 'shown', quantity: String(21 + n), written: true })));
    for (const [n, ref] of refs.entries()) expect(await shown(ref)).toBe(String(21 + n));
    expect(await write(set(own.ref('A'), 21, 21))).toMatchObject([{ kind: 'shown', quantity: '21', written: false }]);
  });

  it('writes nothing where the shop shows another number than is expected', async () => {
    await write(set(own.ref('B'), 6));
    expect(await write(set(own.ref('B'), 30, 5), set(own.ref('A'), 31, 21))).toMatchObject([
      { kind: 'changed_meanwhile', quantity: '6' },
      { kind: 'shown', quantity: '31', before: '21' },
    ]);
    expect(await shown(own.ref('B'))).toBe('6');
  });

  it('tells what has no number of its own, and what is gone', async () => {
    const answers = await write(
      set(own.ref('UNMANAGED'), 3),
      set(own.ref('EXTERNAL'), 3),
      set(own.ref('GONE'), 3),
      set(own.ref('SHARED', 'S'), 50, 50),
    );
    expect(answers.map(({ kind }) => kind)).toEqual(['not_managed', 'unclear', 'gone', 'unclear']);
    expect(await write({ ...set(own.ref('UNMANAGED'), 3), switchOn: true })).toMatchObject([
      { kind: 'shown', quantity: '3' },
    ]);
    expect(await shown(own.ref('UNMANAGED'))).toBe('3');
  });

  describe('tells the catalogue', () => {
    const walk = async (page: (cursor: string | null) => Promise<CataloguePage>) => {
      const products: CatalogProduct[] = [];
      const removed: number[] = [];
      let mark: string | undefined;
      for (let cursor: string | null = null; ;) {
        const read: CataloguePage = await page(cursor);
        products.push(...read.products);
        removed.push(...(read.removed ?? []));
        mark = read.mark;
        if (read.next === null) return { products, removed, mark };
        cursor = read.next;
      }
    };
    const catalogue = () => createBridgedCatalogue(shop.catalogue, options(), letting(link));
    const byRef = (products: readonly CatalogProduct[]) =>
      new Map(
        products.map((product) => [
          refKey(product.ref),
          // The list of variations may show a SKU that is the parent's; the mirror knows it for that.
          product.ref.variationId === null ? product : { ...product, sku: '' },
        ]),
      );

    it('just as the shop’s own API does', async () => {
      const fast = await walk((cursor) => catalogue().list(shop.access, cursor, signal));
      const plain = await walk((cursor) => shop.catalogue.list(shop.access, cursor, signal));
      expect(fast.mark).toMatch(/^[0-9a-f-]{36}:\d+$/);
      expect(plain.products.length).toBeGreaterThan(10);
      expect(byRef(fast.products)).toEqual(byRef(plain.products));
    }, 60_000);

    it('from where it was left: what changed, and what is gone', async () => {
      const { mark } = await walk((cursor) => catalogue().list(shop.access, cursor, signal));
      const changed = (since: string | undefined) =>
        walk((cursor) => catalogue().listChanged(shop.access, 0, cursor, signal, since ?? null));
      expect((await changed(mark)).products).toEqual([]);
      await write(set(own.ref('A'), 77));
      const after = await changed(mark);
      expect(after.products.map(({ ref, quantity: now }) => [refKey(ref), now])).toEqual([
        [refKey(own.ref('A')), '77'],
      ]);
      await shop.raw('POST', '/products/batch', { body: { delete: [own.ref('COMMA').productId] } });
      expect((await changed(after.mark)).removed).toContain(own.ref('COMMA').productId);
    });
  });
});
