import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startService } from '../../server/compose';
import { readSettings } from '../../server/config/settings';
import { ApiClient, pickNumber, pickText } from './api-client';
import { SimulatedAccounting } from './simulated-accounting';
import { type ProductSeed, startSimulatedWooCommerce } from './simulated-woocommerce';

// The main job, visible: a shop, an accounting system that keeps selling, and the service between them.

const OWNER = { email: 'demo@example.com', password: 'demo-demo-demo' };
const TOKEN = 'a-token-of-the-demo-that-nobody-needs-to-know';
const LOGIN = { email: 'demo@example.com', apiToken: 'demo-api-token', vatCode: 'RO12345678' };
const SALE_EVERY_MS = 1_500;

const NAMES = [
  'Cană ceramică',
  'Ceainic',
  'Farfurie adâncă',
  'Bol de supă',
  'Tavă de copt',
  'Pahar înalt',
  'Solniță',
  'Zaharniță',
];
const products = Array.from({ length: 60 }, (_, n) => ({
  code: `DEMO-${String(n + 1).padStart(3, '0')}`,
  name: `${NAMES[n % NAMES.length] ?? ''} ${Math.floor(n / NAMES.length) + 1}`,
  level: 20 + n,
}));

/** Mostly a shop as it should be, and one of each thing that goes wrong in real ones. */
const catalogue = (): ProductSeed[] => [
  ...products.slice(0, 50).map(({ code, name }) => ({ sku: code, name, stock: 0 })),
  {
    sku: 'DEMO-SHIRT',
    name: 'Tricou',
    type: 'variable',
    variations: products
      .slice(50, 56)
      .map(({ code }, n) => ({ option: ['XS', 'S', 'M', 'L', 'XL', 'XXL'][n] ?? '', sku: code, stock: 0 })),
  },
  // Stock management off: WooCommerce would answer "done" and keep nothing.
  ...products.slice(56, 58).map(({ code, name }) => ({ sku: code, name, manageStock: false })),
  // The last two codes are not in the shop at all.
];

async function demo(): Promise<void> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'stock-relay-demo-'));
  const shop = await startSimulatedWooCommerce({
    products: catalogue(),
    latencyMs: { fixed: 60, perItem: 3 },
    recordCalls: false,
  });
  const accounting = await SimulatedAccounting.start({ products, warehouses: ['Depozit', 'Magazin'], login: LOGIN });
  const service = await startService(
    readSettings({
      PORT: process.env['PORT'] ?? '4080',
      HOST: process.env['HOST'] ?? '127.0.0.1',
      DATA_DIR: dataDir,
      ADMIN_EMAIL: OWNER.email,
      ADMIN_PASSWORD: OWNER.password,
      ADMIN_TOKEN: TOKEN,
      SMARTBILL_API_URL: accounting.apiUrl,
      ALLOW_PRIVATE_NETWORK: 'true',
      LOG_LEVEL: 'warn',
    }),
  );

  const api = new ApiClient(service.url, TOKEN);
  const shopId = pickNumber(
    await api.expect(201, 'POST', '/shops', { name: 'Demo shop', url: shop.url, ...shop.keys.readWrite }),
    'id',
  );
  await api.expect(200, 'POST', `/shops/${shopId}/test`);
  const source = await api.expect(201, 'POST', '/sources', {
    name: 'Demo accounting',
    kind: 'smartbill',
    settings: LOGIN,
  });
  await api.expect(201, 'POST', '/connections', {
    sourceId: pickNumber(source, 'id'),
    shopId,
    warehouses: ['Depozit'],
    mode: 'live',
  });
  accounting.pushTo(pickText(source, 'pushUrl'), pickText(source, 'token'));
  await accounting.testConnection();
  await accounting.push(products);

  process.stdout.write(
    `\nStock Relay, demo\n\n  Panel     ${service.url}\n  E-mail    ${OWNER.email}\n  Password  ${OWNER.password}\n\n` +
      `A simulated shop with ${shop.products.size} products, and an accounting system that sells every ${SALE_EVERY_MS / 1000} s.\n` +
      'Stop with Ctrl+C; nothing is kept.\n\n',
  );

  const stopping = new AbortController();
  const selling = sellForEver(accounting, (code) => shop.products.stockOf(code), stopping.signal);
  const stop = (): void => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    void (async () => {
      await selling;
      await service.stop();
      await Promise.all([shop.close(), accounting.close()]);
      rmSync(dataDir, { recursive: true, force: true });
      process.exit(0);
    })();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

/** Sells one product after another, now and then receiving some, and shows what the shop makes of it. */
async function sellForEver(
  accounting: SimulatedAccounting,
  shownInShop: (code: string) => number | null,
  signal: AbortSignal,
): Promise<void> {
  const sold = accounting.products.slice(0, 56);
  for (let turn = 0; !signal.aborted; turn++) {
    const product = sold[(turn * 17) % sold.length];
    if (product) {
      const change = product.level < 3 || turn % 7 === 6 ? 25 : -1 - (turn % 3);
      await accounting.change(product, change);
      const soldAt = performance.now();
      while (!signal.aborted && shownInShop(product.code) !== product.level && performance.now() - soldAt < 5_000)
        await wait(10);
      const shown = shownInShop(product.code);
      process.stdout.write(
        `${change > 0 ? 'received' : 'sold    '}  ${product.code}  ${product.name.padEnd(18)} accounting ${String(product.level).padStart(3)}   ` +
          `shop ${String(shown ?? '–').padStart(3)}   ${shown === product.level ? `after ${Math.round(performance.now() - soldAt)} ms` : 'not yet'}\n`,
      );
    }
    await wait(SALE_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

demo().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
