import { systemClock } from '../../../server/clock/system-clock';
import { createHttpClient } from '../../../server/outbound/http-client';
import { pickList } from '../../support/api-client';
import type { ShopKeys } from '../../support/running-service';
import { startSimulatedWooCommerce } from '../../support/simulated-woocommerce';

/** A shop the cases are tried on. What is asked here goes past the service: what anybody with keys would see. */
export interface ShopAtHand {
  readonly keys: ShopKeys;
  ask(method: 'GET' | 'POST', route: string, body?: object): Promise<unknown>;
  /** A SKU as an import or a plugin leaves it there, and though another product has it. */
  forceSku(of: { readonly id: number; readonly sku: string }, sku: string, holderId: number | null): Promise<void>;
  /** The two become translations of each other. */
  translate(first: number, second: number): Promise<void>;
  /** Ids of products whose number was changed over REST since the last time; null where no record is kept. */
  takeWrites(): readonly number[] | null;
  close(): Promise<void>;
}

export interface ShopSource {
  readonly name: string;
  /** Whether a plugin shows translations there. */
  readonly translates: boolean;
  open(): Promise<ShopAtHand>;
}

function asking(keys: ShopKeys) {
  const http = createHttpClient({ allowPrivateNetwork: true, clock: systemClock });
  const authorization = `Basic ${Buffer.from(`${keys.consumerKey}:${keys.consumerSecret}`).toString('base64')}`;
  const ask: ShopAtHand['ask'] = async (method, route, body) => {
    const answer = await http.request({
      method,
      url: `${keys.url}/wp-json/wc/v3${route}`,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs: 120_000,
      verifyTls: false,
      signal: new AbortController().signal,
      maxBytes: 50_000_000,
    });
    if (answer.status >= 400) throw new Error(`${method} ${route}: ${answer.status} ${answer.text.slice(0, 500)}`);
    const read: unknown = JSON.parse(answer.text);
    return read;
  };
  return { ask, close: () => http.close() };
}

const simulated: ShopSource = {
  name: 'the simulated shop',
  translates: true,
  async open() {
    const shop = await startSimulatedWooCommerce();
    // A catalogue around the products of the cases, as a real shop has one.
    shop.products.addMany(150, (index) => ({ sku: `OTHER-${index}`, name: `Alt produs ${index}`, stock: 3 }));
    const keys = { url: shop.url, ...shop.keys.readWrite };
    const http = asking(keys);
    return {
      keys,
      ask: http.ask,
      forceSku: ({ sku }, to) => {
        shop.products.changeSku(sku, to.replaceAll('<', '&lt;'));
        shop.products.touch(to.replaceAll('<', '&lt;'));
        return Promise.resolve();
      },
      translate: (first, second) => {
        for (const id of [first, second]) {
          const product = shop.products.byId(id);
          if (product) product.translations = { ro: first, en: second };
        }
        return Promise.resolve();
      },
      takeWrites: () => {
        const ids = shop.writes.flatMap(({ id, before, after }) => (before === after ? [] : [id]));
        shop.forgetCalls();
        return ids;
      },
      close: async () => {
        http.close();
        await shop.close();
      },
    };
  },
};

function real(keys: ShopKeys, languages: readonly string[]): ShopSource {
  return {
    name: `the shop at ${new URL(keys.url).protocol}//…`,
    translates: languages.length === 2,
    open() {
      const { ask, close } = asking(keys);
      return Promise.resolve({
        keys,
        ask,
        // REST refuses a SKU that another product has, unless that one is in the trash; and it may come back from there.
        forceSku: async ({ id }, sku, holderId) => {
          if (holderId !== null) await ask('POST', `/products/${holderId}?_method=DELETE`);
          await ask('POST', `/products/${id}`, { sku });
          if (holderId !== null) await ask('POST', `/products/${holderId}`, { status: 'publish' });
        },
        translate: async (first, second) => {
          const [one = '', other = ''] = languages;
          await ask('POST', `/products/${first}`, { lang: one });
          await ask('POST', `/products/${second}`, { lang: other, translations: { [one]: first, [other]: second } });
        },
        takeWrites: () => null,
        close: () => {
          close();
          return Promise.resolve();
        },
      });
    },
  };
}

const { WOO_URL, WOO_KEY, WOO_SECRET, WOO_LANGUAGES } = process.env;

/**
 * WOO_URL, WOO_KEY and WOO_SECRET add a real shop; WOO_LANGUAGES ("ro,en") says that it has a plugin for translations
 * that shows and takes them over REST, and lets them share a SKU.
 */
export const SHOPS: readonly ShopSource[] = [
  simulated,
  ...(WOO_URL && WOO_KEY && WOO_SECRET
    ? [
        real(
          { url: WOO_URL, consumerKey: WOO_KEY, consumerSecret: WOO_SECRET, verifyTls: false },
          WOO_LANGUAGES?.split(',') ?? [],
        ),
      ]
    : []),
];

export const hundreds = <Each>(all: readonly Each[]): Each[][] =>
  Array.from({ length: Math.ceil(all.length / 100) }, (_, n) => all.slice(n * 100, n * 100 + 100));

/** The answers to the items of a batch; a shop says 200 to one whose every item it refused. */
export function answersTo(batch: unknown, kind: 'create'): readonly unknown[] {
  const answers = pickList(batch, kind);
  const refused = answers.find((each) => typeof each === 'object' && each !== null && 'error' in each);
  if (refused !== undefined) throw new Error(`The shop refused an item of a batch: ${JSON.stringify(refused)}`);
  return answers;
}
