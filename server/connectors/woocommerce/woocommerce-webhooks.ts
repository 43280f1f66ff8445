import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { failure, FailureError } from '../../domain/failure';
import type { ShopWebhook, ShopWebhooks, WebhookCall, WebhookNews } from '../../domain/ports/shop-webhooks';
import type { ShopAccess } from '../../domain/ports/shop-target';
import { catalogProduct, wooCatalogueEntry } from './catalog-product';
import { LARGEST_PAGE } from './product-list';
import { shopOrder, wooLedgerOrder } from './read-orders';
import { createWooApi, isMissing, type WooApi, type WooApiOptions } from './woo-api';

const ROUTE = '/wc/v3/webhooks';
const FIELDS = 'id,status,topic,delivery_url';
/** No shop has thousands; a list that never ends is not one. */
const MOST_PAGES = 20;

const wooWebhook = z.object({
  id: z.number().int().positive(),
  status: z.string(),
  topic: z.string(),
  delivery_url: z.string(),
});

const shopWebhook = ({ id, status, topic, delivery_url }: z.infer<typeof wooWebhook>): ShopWebhook => ({
  id,
  topic,
  deliveryUrl: delivery_url,
  active: status === 'active',
});

/** The webhooks of a WooCommerce shop, over its REST API v3, and what they deliver. */
export function createWooCommerceWebhooks(options: WooApiOptions): ShopWebhooks {
  const api = createWooApi(options);
  const write = async (access: ShopAccess, route: string, body: unknown, signal: AbortSignal): Promise<ShopWebhook> => {
    const query = { _fields: FIELDS };
    const reply = await api.call({ access, method: 'POST', route, query, body, shape: wooWebhook, signal });
    return shopWebhook(reply.data);
  };
  return {
    list: (access, signal) => listWebhooks(api, access, signal),
    create: (access, { name, topic, deliveryUrl, secret }, signal) =>
      write(access, ROUTE, { name, topic, delivery_url: deliveryUrl, secret, status: 'active' }, signal),
    revive: (access, id, signal) => write(access, `${ROUTE}/${id}`, { status: 'active' }, signal),
    remove: (access, id, signal) => removeWebhook(api, access, id, signal),
    read: readWebhookCall,
  };
}

async function listWebhooks(api: WooApi, access: ShopAccess, signal: AbortSignal): Promise<readonly ShopWebhook[]> {
  const webhooks = new Map<number, ShopWebhook>();
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const reply = await api.call({
      access,
      method: 'GET',
      route: ROUTE,
      query: { per_page: String(LARGEST_PAGE), page: String(page), orderby: 'id', order: 'asc', _fields: FIELDS },
      shape: z.array(wooWebhook),
      signal,
    });
    for (const webhook of reply.data) webhooks.set(webhook.id, shopWebhook(webhook));
    if (reply.data.length < LARGEST_PAGE) return [...webhooks.values()];
  }
  throw new FailureError(failure('shop_answer_unexpected', { what: 'a list of webhooks without an end' }));
}

/** One that is gone already is as good as removed. Without `force` the shop refuses: webhooks know no trash. */
async function removeWebhook(api: WooApi, access: ShopAccess, id: number, signal: AbortSignal): Promise<void> {
  try {
    await api.call({
      access,
      method: 'POST',
      route: `${ROUTE}/${id}`,
      query: { _method: 'DELETE', force: 'true', _fields: 'id' },
      shape: z.object({ id: z.number() }),
      signal,
    });
  } catch (thrown) {
    if (!isMissing(thrown, 'woocommerce_rest_shop_webhook_invalid_id')) throw thrown;
  }
}

const PRODUCT_TOPICS: ReadonlySet<string> = new Set(['product.created', 'product.updated', 'product.restored']);

const ORDERS_TOLD: ReadonlySet<string> = new Set(['order.created', 'order.updated', 'order.restored']);

const productId = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);

/** WordPress hands the id on as its caller gave it: plugins give text. */
const deletion = z.object({
  id: z.union([
    productId,
    z
      .string()
      .regex(/^\d{1,16}$/)
      .transform(Number)
      .pipe(productId),
  ]),
});

/**
 * The product comes as the product route shows it: a variation as a product of its own, of type "variation", under its
 * whole name ("Parent - S").
 */
function readWebhookCall(call: WebhookCall, secret: string, orderKeys: readonly string[] = []): WebhookNews {
  const signature = call.headers['x-wc-webhook-signature'];
  if (signature === undefined) return isPing(call) ? { kind: 'ping' } : { kind: 'forged' };
  if (!isSigned(call.body, signature, secret)) return { kind: 'forged' };
  const topic = call.headers['x-wc-webhook-topic'];
  if (topic === undefined) return { kind: 'unreadable' };
  if (topic === 'product.deleted') {
    const read = deletion.safeParse(parsed(call.body));
    return read.success ? { kind: 'deleted', id: read.data.id } : { kind: 'unreadable' };
  }
  if (topic === 'order.deleted') {
    const read = deletion.safeParse(parsed(call.body));
    return read.success ? { kind: 'order_gone', orderId: read.data.id } : { kind: 'unreadable' };
  }
  if (ORDERS_TOLD.has(topic)) {
    const read = wooLedgerOrder.safeParse(parsed(call.body));
    return read.success ? { kind: 'order', order: shopOrder(read.data, orderKeys) } : { kind: 'unreadable' };
  }
  if (!PRODUCT_TOPICS.has(topic)) return { kind: 'other' };
  const read = wooCatalogueEntry.safeParse(parsed(call.body));
  return read.success ? { kind: 'changed', product: catalogProduct(read.data) } : { kind: 'unreadable' };
}

const isPing = ({ body }: WebhookCall): boolean =>
  body.length < 40 && /^webhook_id=\d+$/.test(Buffer.from(body).toString('latin1'));

/** Whoever knows no secret must not learn from the time it takes how much of a signature was right. */
function isSigned(body: Uint8Array, signature: string, secret: string): boolean {
  if (secret === '') return false;
  const right = createHmac('sha256', secret).update(body).digest();
  const given = Buffer.from(signature, 'base64');
  return given.length === right.length && timingSafeEqual(given, right);
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}
