import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { matchProducts, type MatchRequest } from '../../server/application/match-products';
import { catalogueFinder } from '../../server/application/product-finder';
import type { MatchRule } from '../../server/domain/matching';
import { ApiClient, pick } from '../support/api-client';
import { type Engine, engines } from '../support/databases';
import { eventually } from '../support/eventually';
import { ADMIN_TOKEN, connect } from '../support/running-service';
import { catalogProduct, catalogVariation } from '../support/scripted-catalogue';
import { ServiceProcess } from '../support/service-process';
import {
  type ProductSeed,
  type RecordedCall,
  type SimulatedWooCommerce,
  startSimulatedWooCommerce,
} from '../support/simulated-woocommerce';
import { openStores, shopIn } from '../support/test-stores';
import { percentile, report, timed } from './report';
import { ResidentMemory } from './resident-memory';

const SIMPLE = 80_000;
const PARENTS = 2_000;
const VARIATIONS = 9;
const ENTRIES = SIMPLE + PARENTS * (1 + VARIATIONS);
/** A shop's own time for a page of a hundred, measured on a real one; 136 ms a page when two are asked for at a time. */
export const PAGE_MS = 270;
const HEAP_MB = 192;
const LINES = 1_000;
const MEASUREMENTS = 9;
const PAGE = 200;
const LOADING_MS = 1_800_000;
/** Seldom: the service counts the entries for every answer. */
const ASKED_EVERY_MS = 1_000;

const nameOf = (n: number): string => `Ceai ${n % 97} de mușețel, cutie ${n} g`;
const skuOf = (n: number): string => `SKU-${n}`;

/** An EAN-13 with its check digit. */
function gtinOf(n: number): string {
  const digits = String(590_000_000_000 + n);
  const sum = [...digits].reduce((total, digit, place) => total + Number(digit) * (place % 2 === 0 ? 1 : 3), 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

const simple = (n: number): ProductSeed => ({ sku: skuOf(n), name: nameOf(n), gtin: gtinOf(n), stock: 5 });
const parent = (n: number): ProductSeed => ({
  sku: `PARENT-${n}`,
  name: `Tricou ${n}`,
  type: 'variable',
  variations: Array.from({ length: VARIATIONS }, (_, v) => ({ option: `M${v}`, sku: `V-${n}-${v}`, stock: 3 })),
});

/** How long a large catalogue takes to be mirrored, what of that is the shop's, and how fast is matched against it. */
export async function benchCatalogue(): Promise<void> {
  await benchLoading();
  for (const engine of engines) if (engine.isAvailable()) await benchMatching(engine);
}

async function benchLoading(): Promise<void> {
  const shop = await startSimulatedWooCommerce();
  shop.products.addMany(SIMPLE, simple);
  shop.products.addMany(PARENTS, parent);
  const dataDir = mkdtempSync(path.join(tmpdir(), 'stock-relay-bench-'));
  const service = await ServiceProcess.start({
    DATA_DIR: dataDir,
    ADMIN_TOKEN,
    LOG_LEVEL: 'silent',
    NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`,
  });
  const memory = new ResidentMemory(service.pid);
  try {
    const api = new ApiClient(service.url, ADMIN_TOKEN);
    shop.latencyMs = { fixed: PAGE_MS };
    const total = await timed(async () => {
      const { shopId } = await connect(api, { url: shop.url, ...shop.keys.readWrite });
      await eventually(
        async () => pick(await api.expect(200, 'GET', `/shops/${shopId}/catalogue`), 'loadedAt') !== null,
        LOADING_MS,
        ASKED_EVERY_MS,
      );
    });
    const resident = memory.take();
    memory.stop();
    await service.stop();
    const pages = shop.calls.filter(isPage);
    const alone = await timed(() =>
      askAgain(
        shop,
        pages.map(({ route, query }) => ({ route, query })),
      ),
    );
    report({ name: 'catalogue.load', value: total / 1000, unit: 's', n: ENTRIES });
    report({ name: 'catalogue.load.shop-alone', value: alone / 1000, unit: 's', n: pages.length });
    report({ name: 'catalogue.load.our-share', value: 100 * (1 - alone / total), unit: '%', n: pages.length });
    report({ name: 'catalogue.load.memory', value: resident, unit: 'MB', n: ENTRIES });
  } finally {
    memory.stop();
    await service.stop();
    await shop.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

interface Asked {
  readonly route: string;
  readonly query: string;
}

/** A page of a walk, and not products that were asked for by their ids. */
export const isPage = ({ method, route, query }: Pick<RecordedCall, 'method' | 'route' | 'query'>): boolean =>
  method === 'GET' && /\/(?:products|variations)$/.test(route) && !/[?&]include/.test(query);

/** The same calls two at a time, with nothing done about the answers. */
export async function askAgain(shop: SimulatedWooCommerce, pages: readonly Asked[]): Promise<void> {
  const { consumerKey, consumerSecret } = shop.keys.readWrite;
  const authorization = `Basic ${Buffer.from(`${consumerKey}:${consumerSecret}`).toString('base64')}`;
  const ask = async ({ route, query }: Asked): Promise<void> => {
    const asked = new URLSearchParams([...new URLSearchParams(query)].filter(([name]) => !name.startsWith('oauth_')));
    const answer = await fetch(`${shop.url}/wp-json${route}?${asked}`, { headers: { authorization } });
    if (answer.status !== 200) throw new Error(`The shop answered ${answer.status}`);
    await answer.arrayBuffer();
  };
  for (let index = 0; index < pages.length; index += 2) await Promise.all(pages.slice(index, index + 2).map(ask));
}

async function benchMatching(engine: Engine): Promise<void> {
  const stores = await openStores((await engine.create()).url);
  try {
    const { catalog, clock } = stores;
    const { id: shopId } = await shopIn(stores);
    await catalog.request(shopId, 'full', clock.now());
    await catalog.beginWalk(shopId, 'full', clock.now());
    const products = [
      ...Array.from({ length: SIMPLE }, (_, n) =>
        catalogProduct(n + 1, { sku: skuOf(n), name: nameOf(n), gtin: gtinOf(n) }),
      ),
      ...Array.from({ length: PARENTS }, (_, n) =>
        catalogProduct(SIMPLE + n + 1, { sku: `PARENT-${n}`, name: `Tricou ${n}`, type: 'variable' }),
      ),
      ...Array.from({ length: PARENTS * VARIATIONS }, (_, n) => {
        const [of, v] = [Math.floor(n / VARIATIONS), n % VARIATIONS];
        return catalogVariation(SIMPLE + of + 1, SIMPLE + PARENTS + n + 1, `M${v}`, { sku: `V-${of}-${v}` });
      }),
    ];
    const keeping = await timed(async () => {
      for (let start = 0; start < products.length; start += PAGE) {
        const state = await catalog.state(shopId);
        if (!state) throw new Error('The shop has a mirror');
        const done = Math.min(start + PAGE, products.length);
        const next = String(done);
        const page = { products: products.slice(start, done), next, done, total: products.length, shopTime: null };
        await catalog.keepPage(state, page, clock.now());
      }
    });
    const name = engine.name.toLowerCase();
    report({ name: `catalogue.keep.${name}`, value: keeping / (ENTRIES / PAGE), unit: 'ms/page', n: ENTRIES / PAGE });
    for (const rule of ['code', 'barcode', 'name'] as const) {
      const delays: number[] = [];
      for (let round = 0; round <= MEASUREMENTS; round++) {
        const requests = Array.from({ length: LINES }, (_, n) => request(rule, (round * LINES + n) * 7));
        const ms = await timed(async () => {
          const verdicts = await matchProducts(catalogueFinder(catalog, shopId), requests);
          const found = [...verdicts.values()].filter((verdict) => verdict.found === 'one').length;
          if (found !== LINES) throw new Error(`${found} of ${LINES} lines were matched by ${rule}`);
        });
        // The first warms up.
        if (round > 0) delays.push(ms);
      }
      for (const share of [0.5, 0.95]) {
        const value = percentile(delays, share);
        report({ name: `catalogue.match.${name}.${rule}.p${share * 100}`, value, unit: 'ms/1000', n: delays.length });
      }
    }
  } finally {
    await stores.dataSource.destroy();
    await engine.dropAll();
  }
}

const request = (rule: MatchRule, n: number): MatchRequest => ({
  subject: { code: skuOf(n).toLowerCase(), barcode: gtinOf(n), name: nameOf(n).toUpperCase() },
  connection: { matchBy: [rule], allowNameAfterCode: true },
});
