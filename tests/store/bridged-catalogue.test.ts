import { GuardBridge } from '../../server/application/guard-bridge';
import { RefreshCatalogue } from '../../server/application/refresh-catalogue';
import { systemClock } from '../../server/clock/system-clock';
import { bridgeSpeech } from '../../server/connectors/woocommerce/bridge-speech';
import { createBridgedCatalogue } from '../../server/connectors/woocommerce/bridged-catalogue';
import { createWooCommerceCatalogue } from '../../server/connectors/woocommerce/list-catalogue';
import { createWooCommerceBridge } from '../../server/connectors/woocommerce/woocommerce-bridge';
import type { ShopAccess } from '../../server/domain/ports/shop-target';
import { createHttpClient, type HttpClient } from '../../server/outbound/http-client';
import { RestError } from '../support/simulated-woocommerce/rest-error';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';
import { noRunSignal } from '../support/shop-work';
import { NO_LIMITS, onEachEngine } from '../support/test-stores';

/** More than one page of the plugin's. */
const COUNT = 2_100;
const CODE = '0123456789AB';
const always = () => true;
const { signal } = new AbortController();

onEachEngine('The mirror of a catalogue that is read through the plugin', (stores) => {
  let shop: SimulatedWooCommerce;
  let http: HttpClient;
  let plain: ShopAccess;
  let fast: ShopAccess;
  const now = () => stores().clock.now();

  const options = () => ({ http, clock: stores().clock, version: '0' });
  const refreshing = (): RefreshCatalogue => {
    const { unit, items, catalog, runs, clock } = stores();
    const catalogue = createBridgedCatalogue(
      createWooCommerceCatalogue(options()),
      options(),
      new GuardBridge(stores()),
    );
    return new RefreshCatalogue({ unit, items, catalogue, store: catalog, runs, runSignal: noRunSignal, clock });
  };
  const walk = async (access: ShopAccess, kind: 'full' | 'changes'): Promise<readonly string[]> => {
    await stores().catalog.request(access.shopId, kind, now());
    shop.forgetCalls();
    await refreshing().refresh(access, signal, always);
    return shop.calls.map(({ route }) => route);
  };
  /** All that is kept of a shop, but for when and in which walk it was seen. */
  const mirror = async ({ shopId }: ShopAccess) =>
    stores().dataSource.query<object[]>(
      `SELECT product_id, variation_id, type, sku, gtin, name, code_key, gtin_key, sku_barcode_key, name_key, status,
         stock_owner, quantity, stock_status, backorders, translations, categories, modified_at
       FROM catalog_entries WHERE shop_id = ${shopId} ORDER BY product_id, variation_id`,
    );
  const added = async (): Promise<ShopAccess> => {
    const { readWrite } = shop.keys;
    const { consumerKey, consumerSecret } = readWrite;
    const draft = { name: 'Shop', url: shop.url, consumerKey, consumerSecret, verifyTls: false, allowQueryKeys: false };
    const { id } = await stores().shops.create({ ...draft, limits: NO_LIMITS }, now());
    const access = await stores().shops.access(id);
    if (!access) throw new Error('The shop is gone');
    return access;
  };

  beforeAll(async () => {
    shop = await startSimulatedWooCommerce({ now: () => now() });
    http = createHttpClient({ allowPrivateNetwork: true, clock: systemClock });
    shop.products.addMany(COUNT, (n) => ({ sku: `C-${n}`, name: `Produs ${n} &amp; „${n}”`, stock: n % 9 }));
    shop.products.add({
      sku: 'COAT',
      name: 'Palton',
      stock: 4,
      categories: [{ id: 21, name: 'Haine &amp; co' }],
      variations: [
        { option: 'S', sku: 'COAT-S', stock: 2, backorders: 'notify' },
        { option: 'M' },
        { option: 'L', sku: 'COAT', gtin: '5901234123457', stock: null },
      ],
    });
    shop.products.add({ sku: 'DRAFT', status: 'draft', stock: 1, translations: { en: 77, ro: '78' } });
    shop.products.add({ sku: 'GROUP', type: 'grouped' });
    shop.products.add({ sku: 'TRASHED', stock: 1 });
    shop.products.trash('TRASHED');
    shop.plugin.installed = true;
    shop.plugin.typeCode(CODE);
    plain = await added();
    fast = await added();
    const link = { pairingId: bridgeSpeech.newPairingId(), secret: bridgeSpeech.newSecret() };
    const service = { name: 'Stock Relay', url: null };
    const answer = await createWooCommerceBridge(options()).pair(fast, { ...link, code: CODE, service }, signal);
    if (answer.state !== 'paired') throw new Error('Not paired');
    await stores().pairings.offer(fast.shopId, { ...link, codeHash: 'a'.repeat(64), expiresAt: now(), userId: null });
    await stores().pairings.complete(fast.shopId, answer, now());
  }, 60_000);
  afterAll(async () => {
    http.close();
    await shop.close();
  });

  it('is the same as the one the shop’s own API makes, in a few calls', async () => {
    expect((await walk(plain, 'full')).length).toBeGreaterThan(20);
    expect(await walk(fast, 'full')).toEqual(['/stock-relay/v1/catalogue', '/stock-relay/v1/catalogue']);
    expect(await mirror(fast)).toEqual(await mirror(plain));
    expect((await mirror(fast)).length).toBe(COUNT + 6);
  }, 60_000);

  it('stays the same by what changed alone, and lets go of what is gone at once', async () => {
    stores().clock.advance(3_600_000);
    shop.products.setStock('C-7', 70);
    shop.products.setStock('COAT-S', 9);
    shop.products.trash('C-8');
    shop.products.remove('C-9');
    shop.products.add({ sku: 'NEW', stock: 3 });
    expect(await walk(fast, 'changes')).toEqual(['/stock-relay/v1/catalogue']);
    await walk(plain, 'full');
    expect(await mirror(fast)).toEqual(await mirror(plain));
    expect(JSON.stringify(await mirror(fast))).not.toMatch(/"C-[89]"/);
  }, 60_000);

  it('is finished by the shop’s own API where the plugin goes away in the middle', async () => {
    stores().clock.advance(3_600_000);
    shop.products.setStock('C-11', 111);
    // The first page is answered, the second is not.
    const { answer } = shop.plugin;
    shop.plugin.answer = (request) => {
      if (request.query.get('after') !== '0')
        throw new RestError(500, 'internal_server_error', 'There has been an error.');
      return answer.call(shop.plugin, request);
    };
    const routes = await walk(fast, 'full');
    expect(routes).toContain('/stock-relay/v1/catalogue');
    expect(routes).toContain('/wc/v3/products');
    await walk(plain, 'full');
    expect(await mirror(fast)).toEqual(await mirror(plain));
    expect(await stores().pairings.find(fast.shopId)).toMatchObject({ way: { failures: 1 } });
    expect((await stores().circuit.state(fast.shopId)).state).toBe('closed');
  }, 60_000);

  it('is read through the plugin again when that is back, from where it was left', async () => {
    stores().clock.advance(3_600_000);
    shop.products.setStock('C-12', 112);
    expect(await walk(fast, 'changes')).toEqual(['/stock-relay/v1/catalogue']);
    await walk(plain, 'full');
    expect(await mirror(fast)).toEqual(await mirror(plain));
  }, 60_000);
});
