import { z } from 'zod';
import { failure, FailureError } from '../../domain/failure';
import type { Clock } from '../../domain/ports/clock';
import type { BridgeLink, BridgeStatus, PairingAnswer, ShopBridge } from '../../domain/ports/shop-bridge';
import type { ShopAccess } from '../../domain/ports/shop-target';
import { type BridgeApi, createBridgeApi } from './bridge-api';
import { productId, stockEvent } from './bridge-shapes';
import { WooCallError, type WooApiOptions } from './woo-api';

/** The protocol both sides speak. */
const API = 1;
const MOST_ITEMS = 1000;
const EVENTS_AT_ONCE = 500;

const hello = z.object({
  version: z.string().max(40),
  api: z.number().int(),
  paired: z.boolean(),
  woocommerce: z.boolean(),
});

const versions = z.object({
  plugin: z.string().max(40),
  wordpress: z.string().max(40),
  woocommerce: z
    .string()
    .max(40)
    .nullish()
    .transform((version) => version ?? null),
  php: z.string().max(40),
});

const paired = z.object({
  paired: z.literal(true),
  site: z.object({ name: z.string().max(300), url: z.string().max(500), version: versions }),
  user: z.object({ id: productId, email: z.string().max(254), displayName: z.string().max(250) }),
});

const status = z.object({
  version: z.string().max(40),
  api: z.number().int(),
  wordpress: z.string().max(40),
  woocommerce: z.string().max(40).nullable(),
  php: z.string().max(40),
  limits: z.object({ items: z.number().int().positive() }),
  slowBecause: z
    .array(z.object({ code: z.string().max(60), detail: z.string().max(500) }))
    .max(100)
    .default([]),
  events: z.object({
    pending: z.number().int().nonnegative(),
    oldest: z.string().max(40).nullish(),
    lastError: z.string().max(500).nullish(),
  }),
  door: z
    .object({
      enabled: z.boolean(),
      blockedBy: z.string().max(200).nullish(),
      authorizationReaches: z.string().max(20).default('unknown'),
    })
    .default({ enabled: false, authorizationReaches: 'unknown' }),
  serverTime: z.iso.datetime({ offset: true }),
});

const eventPage = z.object({
  events: z.array(stockEvent).max(EVENTS_AT_ONCE),
  gap: z.boolean().default(false),
  next: z.coerce.number().int().nonnegative().nullable(),
});

/** The Stock Relay plugin of a WooCommerce shop. */
export function createWooCommerceBridge(options: WooApiOptions): ShopBridge {
  const api = createBridgeApi(options);
  return {
    async hello(access, signal) {
      try {
        return (await api.call({ access, link: null, method: 'GET', route: '/hello', shape: hello, signal })).data;
      } catch (thrown) {
        if (thrown instanceof FailureError && thrown.failure.code === 'bridge_missing') return null;
        throw thrown;
      }
    },
    pair: (access, offer, signal) => pair(api, options.version, access, offer, signal),
    status: (access, link, signal) => readStatus(api, options.clock, access, link, signal),
    async rotate(access, link, secret, signal) {
      const body = { secret };
      const shape = z.object({ rotated: z.literal(true) });
      await api.call({ access, link, method: 'POST', route: '/rotate', body, shape, signal, secrets: [secret] });
    },
    async unpair(access, link, signal) {
      await api.call({ access, link, method: 'DELETE', route: '/pairing', shape: z.unknown(), signal });
    },
    async events(access, link, after, signal) {
      const query = { after: String(after), ack: String(after), limit: String(EVENTS_AT_ONCE) };
      return (await api.call({ access, link, method: 'GET', route: '/events', query, shape: eventPage, signal })).data;
    },
  };
}

const NOT_YET: Readonly<Record<string, Exclude<PairingAnswer['state'], 'paired'>>> = {
  stock_relay_no_code: 'waiting',
  stock_relay_wrong_code: 'wrong_code',
  stock_relay_code_expired: 'expired',
};

async function pair(
  api: BridgeApi,
  version: string,
  access: ShopAccess,
  offer: Parameters<ShopBridge['pair']>[1],
  signal: AbortSignal,
): Promise<PairingAnswer> {
  const { code, pairingId, secret, service } = offer;
  const body = { code, pairingId, secret, service: { ...service, version } };
  try {
    const secrets = [secret, code];
    const reply = await api.call({
      access,
      link: null,
      method: 'POST',
      route: '/pairing',
      body,
      shape: paired,
      signal,
      secrets,
    });
    return { state: 'paired', site: reply.data.site, user: reply.data.user };
  } catch (thrown) {
    const state = thrown instanceof WooCallError ? NOT_YET[thrown.answer.wooCode ?? ''] : undefined;
    if (state === undefined) throw thrown;
    return { state };
  }
}

async function readStatus(
  api: BridgeApi,
  clock: Clock,
  access: ShopAccess,
  link: BridgeLink,
  signal: AbortSignal,
): Promise<BridgeStatus> {
  const { data } = await api.call({ access, link, method: 'GET', route: '/status', shape: status, signal });
  if (data.api !== API) throw new FailureError(failure('bridge_old', { version: data.version }));
  const { wordpress, woocommerce, php, events, door } = data;
  return {
    api: data.api,
    versions: { plugin: data.version, wordpress, woocommerce, php },
    items: Math.min(MOST_ITEMS, data.limits.items),
    slowBecause: data.slowBecause,
    events: { pending: events.pending, oldest: events.oldest ?? null, lastError: events.lastError ?? null },
    door: { ...door, blockedBy: door.blockedBy ?? null },
    clockDifferenceMs: Date.parse(data.serverTime) - clock.now(),
  };
}
