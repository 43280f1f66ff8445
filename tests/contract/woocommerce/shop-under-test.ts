import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../server/domain/ports/clock';
import type { ShopCatalogue } from '../../../server/domain/ports/shop-catalogue';
import type { ShopAccess, ShopTarget } from '../../../server/domain/ports/shop-target';
import type { BridgeLink } from '../../../server/domain/ports/shop-bridge';
import type { ShopWebhooks } from '../../../server/domain/ports/shop-webhooks';
import { bridgeSpeech } from '../../../server/connectors/woocommerce/bridge-speech';
import { createWooCommerceBridge } from '../../../server/connectors/woocommerce/woocommerce-bridge';
import { createWooCommerceCatalogue } from '../../../server/connectors/woocommerce/list-catalogue';
import { signedQuery } from '../../../server/connectors/woocommerce/oauth1';
import { createWooCommerceShopTarget } from '../../../server/connectors/woocommerce/woocommerce-shop-target';
import { createWooCommerceWebhooks } from '../../../server/connectors/woocommerce/woocommerce-webhooks';
import { createHttpClient, type HttpClient } from '../../../server/outbound/http-client';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../../support/simulated-woocommerce';

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

export interface Keys {
  readonly consumerKey: string;
  readonly consumerSecret: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: unknown;
  readonly text: string;
}

export interface RawCall {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
}

/** A shop the suite runs against: the simulator always, a real one where the environment names it. */
export interface ShopUnderTest {
  readonly access: ShopAccess;
  readonly target: ShopTarget;
  readonly catalogue: ShopCatalogue;
  readonly webhooks: ShopWebhooks;
  /** Runs the shop's cron, where we can; a real shop runs its own. */
  readonly deliverWebhooks: (() => Promise<void>) | null;
  /** Pairs with the shop's plugin, or names the pairing there is. */
  readonly bridgeLink: () => Promise<BridgeLink>;
  readonly http: HttpClient;
  readonly otherKeys: { readonly read?: Keys; readonly write?: Keys; readonly customer?: Keys };
  /** A call past our client, signed, to see what the shop itself does. */
  raw(method: 'GET' | 'POST', route: string, call?: RawCall): Promise<RawAnswer>;
  close(): Promise<void>;
}

export interface ShopSource {
  readonly name: string;
  readonly hasPlugin: boolean;
  open(): Promise<ShopUnderTest>;
}

function shopAt(
  url: string,
  keys: Keys,
  otherKeys: ShopUnderTest['otherKeys'],
  close: () => Promise<void>,
  bridgeLink: (shop: Pick<ShopUnderTest, 'access' | 'http'>) => Promise<BridgeLink>,
  deliverWebhooks: ShopUnderTest['deliverWebhooks'] = null,
): ShopUnderTest {
  const http = createHttpClient({ allowPrivateNetwork: true, clock: systemClock });
  const access: ShopAccess = {
    shopId: 1,
    url,
    ...keys,
    verifyTls: false,
    allowQueryKeys: false,
    authentication: null,
    routeStyle: null,
  };
  const options = { http, clock: systemClock, version: '0.0.0-test' };
  return {
    access,
    target: createWooCommerceShopTarget(options),
    catalogue: createWooCommerceCatalogue(options),
    webhooks: createWooCommerceWebhooks(options),
    deliverWebhooks,
    bridgeLink: () => bridgeLink({ access, http }),
    http,
    otherKeys,
    async raw(method, route, call = {}) {
      const base = `${url}/wp-json/wc/v3${route}`;
      const query = signedQuery({
        method,
        url: base,
        query: call.query ?? {},
        ...keys,
        timestamp: Math.floor(systemClock.now() / 1000),
        nonce: randomBytes(12).toString('hex'),
      });
      const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
      const answer = await http.request({
        method,
        url: `${base}?${pairs.join('&')}`,
        headers: {
          Accept: 'application/json',
          ...(call.body === undefined ? {} : { 'Content-Type': call.contentType ?? 'application/json' }),
        },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        timeoutMs: 60_000,
        verifyTls: false,
        signal: new AbortController().signal,
        maxBytes: 50_000_000,
      });
      return { status: answer.status, headers: answer.headers, text: answer.text, json: parsed(answer.text) };
    },
    async close() {
      http.close();
      await close();
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const simulated = (name: string, treatHttpAsHttps: boolean): ShopSource => ({
  name,
  hasPlugin: true,
  async open() {
    // A full catalogue around the suite's own products, as a real shop has one.
    const shop = await startSimulatedWooCommerce({ treatHttpAsHttps });
    shop.products.addMany(150, (index) => ({ sku: `OTHER-${index}`, name: `Alt produs ${index}`, stock: 3 }));
    const { readWrite, read, write, customer } = shop.keys;
    const others = { read, write, customer };
    return shopAt(
      shop.url,
      readWrite,
      others,
      () => shop.close(),
      (reached) => pairWith(shop, reached),
      () => shop.deliverWebhooks(),
    );
  },
});

async function pairWith(
  { plugin }: SimulatedWooCommerce,
  { access, http }: Pick<ShopUnderTest, 'access' | 'http'>,
): Promise<BridgeLink> {
  plugin.installed = true;
  plugin.typeCode('0123456789AB');
  const link = { pairingId: bridgeSpeech.newPairingId(), secret: bridgeSpeech.newSecret() };
  const offer = { ...link, code: '0123456789AB', service: { name: 'Stock Relay', url: null } };
  const bridge = createWooCommerceBridge({ http, clock: systemClock, version: '0.0.0-test' });
  const answer = await bridge.pair(access, offer, new AbortController().signal);
  if (answer.state !== 'paired') throw new Error(`Not paired: ${answer.state}`);
  return link;
}

function linkFromEnvironment(): Promise<BridgeLink> {
  const { WOO_BRIDGE_PAIRING: pairingId = '', WOO_BRIDGE_SECRET: secret = '' } = process.env;
  return Promise.resolve({ pairingId, secret });
}

function keysFromEnvironment(name: string): Keys | undefined {
  const consumerKey = process.env[`${name}_KEY`];
  const consumerSecret = process.env[`${name}_SECRET`];
  return consumerKey && consumerSecret ? { consumerKey, consumerSecret } : undefined;
}

function realShops(): ShopSource[] {
  const keys = keysFromEnvironment('WOO');
  if (keys === undefined) return [];
  const read = keysFromEnvironment('WOO_READ');
  const write = keysFromEnvironment('WOO_WRITE');
  const customer = keysFromEnvironment('WOO_CUSTOMER');
  const others = { ...(read && { read }), ...(write && { write }), ...(customer && { customer }) };
  return [process.env['WOO_URL'], process.env['WOO_HTTP_URL']].flatMap((url) =>
    url
      ? [
          {
            name: `the shop at ${new URL(url).protocol}//…`,
            hasPlugin: process.env['WOO_BRIDGE_SECRET'] !== undefined,
            open: () => Promise.resolve(shopAt(url, keys, others, () => Promise.resolve(), linkFromEnvironment)),
          },
        ]
      : [],
  );
}

/** WOO_URL (or WOO_HTTP_URL), WOO_KEY and WOO_SECRET add a real shop; WOO_READ_*, WOO_WRITE_* and WOO_CUSTOMER_* more keys, WOO_BRIDGE_* its plugin. */
export const SHOPS: readonly ShopSource[] = [
  simulated('the simulated shop', true),
  simulated('the simulated shop over plain http', false),
  ...realShops(),
];
