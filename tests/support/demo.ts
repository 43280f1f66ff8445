import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startService } from '../../server/compose';
import { readSettings } from '../../server/config/settings';
import { ApiClient, pickNumber, pickText } from './api-client';
import { type AccountingProduct, SimulatedAccounting } from './simulated-accounting';
import { type ProductSeed, type SimulatedWooCommerce, startSimulatedWooCommerce } from './simulated-woocommerce';

// The main job, visible: a shop, an accounting system that keeps selling, and the service between them.

const OWNER = { email: 'demo@example.com', password: 'demo-demo-demo' };
const TOKEN = 'a-token-of-the-demo-that-nobody-needs-to-know';
const LOGIN = { email: 'demo@example.com', apiToken: 'demo-api-token', vatCode: 'RO12345678' };
const SALE_EVERY_MS = 1_500;
/** A web order comes every so many turns, and the accounting enters it so many turns later; some it forgets. */
const ORDER_EVERY_TURNS = 4;
const ENTERED_AFTER_TURNS = 10;
const FORGETS_EVERY_ORDERS = 6;

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
  const port = process.env['PORT'] ?? '4080';
  const dataDir = mkdtempSync(path.join(tmpdir(), 'stock-relay-demo-'));
  const shop = await startSimulatedWooCommerce({
    products: catalogue(),
    latencyMs: { fixed: 60, perItem: 3 },
    recordCalls: false,
  });
  const accounting = await SimulatedAccounting.start({ products, warehouses: ['Depozit', 'Magazin'], login: LOGIN });
  const service = await startService(
    readSettings({
      PORT: port,
      // The shop calls us here when an order comes in.
      PUBLIC_URL: `http://127.0.0.1:${port}`,
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
      `A simulated shop with ${shop.products.size} products, and an accounting system that sells every ${SALE_EVERY_MS / 1000} s\n` +
      'and hears of the orders in the shop later, if at all.\n' +
      'Stop with Ctrl+C; nothing is kept.\n\n',
  );

  const stopping = new AbortController();
  const selling = sellForEver(accounting, shop, stopping.signal);
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

/** Orders in the shop that the accounting does not know of yet. */
class WebSales {
  private readonly waiting: { readonly product: AccountingProduct; readonly quantity: number; readonly due: number }[] =
    [];
  private placed = 0;

  constructor(
    private readonly accounting: SimulatedAccounting,
    private readonly shop: SimulatedWooCommerce,
  ) {}

  async place(product: AccountingProduct, turn: number): Promise<void> {
    const quantity = 1 + (this.placed % 2);
    const { id } = this.shop.orders.place({ [product.code]: quantity });
    await this.shop.deliverWebhooks();
    const isForgotten = ++this.placed % FORGETS_EVERY_ORDERS === 0;
    this.waiting.push({ product, quantity, due: isForgotten ? Infinity : turn + ENTERED_AFTER_TURNS });
    // The accounting tells its number again, without the order in it: written as it is, it would sell the same twice.
    await this.accounting.push([product]);
    process.stdout.write(`ordered   ${product.code}  ${product.name.padEnd(18)} order ${id} takes ${quantity}\n`);
  }

  async enterDue(turn: number): Promise<void> {
    for (const sale of this.waiting.filter(({ due }) => due <= turn)) {
      this.waiting.splice(this.waiting.indexOf(sale), 1);
      await this.accounting.change(sale.product, -sale.quantity);
      process.stdout.write(`entered   ${sale.product.code}  ${sale.product.name}\n`);
    }
  }

  /** What the shop must show. */
  leftOf(product: AccountingProduct): number {
    const sold = this.waiting.filter((sale) => sale.product === product);
    return Math.max(
      0,
      sold.reduce((left, { quantity }) => left - quantity, product.level),
    );
  }
}

/**
 * Sells one product after another over the counter, now and then receiving some, and shows what the shop makes of it;
 * meanwhile orders come in at the shop.
 */
async function sellForEver(
  accounting: SimulatedAccounting,
  shop: SimulatedWooCommerce,
  signal: AbortSignal,
): Promise<void> {
  const sold = accounting.products.slice(0, 56);
  const web = new WebSales(accounting, shop);
  for (let turn = 0; !signal.aborted; turn++) {
    const product = sold[(turn * 17) % sold.length];
    if (product) {
      await web.enterDue(turn);
      const ordered = sold[(turn * 17 + sold.length / 2) % sold.length];
      if (ordered && turn % ORDER_EVERY_TURNS === ORDER_EVERY_TURNS - 1 && shop.products.stockOf(ordered.code) !== 0) {
        await web.place(ordered, turn);
      }
      const change = product.level < 3 || turn % 7 === 6 ? 25 : -1 - (turn % 3);
      await accounting.change(product, change);
      const soldAt = performance.now();
      const shown = () => shop.products.stockOf(product.code);
      const isRight = () => shown() === web.leftOf(product);
      while (!signal.aborted && !isRight() && performance.now() - soldAt < 5_000) await wait(10);
      process.stdout.write(
        `${change > 0 ? 'received' : 'sold    '}  ${product.code}  ${product.name.padEnd(18)} accounting ${String(product.level).padStart(3)}   ` +
          `shop ${String(shown() ?? '–').padStart(3)}   ${isRight() ? `after ${Math.round(performance.now() - soldAt)} ms` : 'not yet'}\n`,
      );
    }
    await wait(SALE_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

demo().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
