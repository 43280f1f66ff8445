import { createHmac, randomBytes } from 'node:crypto';
import http from 'node:http';
import { checkRole } from './authentication';
import { readFields } from './rendering';
import { RestError } from './rest-error';
import type { RestAnswer, RestRequest } from './routes';

export interface SimulatedWebhook {
  readonly id: number;
  name: string;
  topic: string;
  deliveryUrl: string;
  secret: string;
  status: 'active' | 'paused' | 'disabled';
  failures: number;
}

interface Waiting {
  readonly webhook: SimulatedWebhook;
  /** Of the product or the order. */
  readonly id: number;
}

const TOPICS = new Set(
  ['coupon', 'customer', 'order', 'product'].flatMap((resource) =>
    ['created', 'updated', 'deleted', 'restored'].map((event) => `${resource}.${event}`),
  ),
);

/** After so many failures in a row the next one disables a webhook, and nobody is told. */
const MOST_FAILURES = 5;
const DELIVERY_TIMEOUT_MS = 5_000;

/** The webhooks of the simulated shop. Deliveries wait until the cron runs; a failed one is lost. */
export class Webhooks {
  readonly #byId = new Map<number, SimulatedWebhook>();
  /** One for each webhook and what it tells of, however often that changes until the cron runs. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #pings: Promise<number>[] = [];
  #nextId = 1;

  constructor(
    private readonly home: string,
    private readonly version: string,
    /** null where it has gone. */
    private readonly payloadOf: (resource: string, id: number) => unknown,
  ) {}

  all(): readonly SimulatedWebhook[] {
    return [...this.#byId.values()];
  }

  get(id: number): SimulatedWebhook | undefined {
    return this.#byId.get(id);
  }

  /** The address is tried out at once; whether it answers makes no difference. */
  add(webhook: Omit<SimulatedWebhook, 'id' | 'failures'>): SimulatedWebhook {
    const added = { ...webhook, id: this.#nextId++, failures: 0 };
    this.#byId.set(added.id, added);
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    this.#pings.push(this.#post(added.deliveryUrl, type, `webhook_id=${added.id}`));
    return added;
  }

  remove(id: number): void {
    this.#byId.delete(id);
  }

  async pinged(): Promise<void> {
    await Promise.all(this.#pings.splice(0));
  }

  note(topic: string, id: number): void {
    for (const webhook of this.#byId.values()) {
      if (webhook.status !== 'active' || webhook.topic !== topic) continue;
      this.#waiting.set(`${webhook.id}/${id}`, { webhook, id });
    }
  }

  async deliver(): Promise<void> {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { webhook, id } of waiting) {
      if (this.#byId.has(webhook.id)) await this.#deliverOne(webhook, id);
    }
  }

  async #deliverOne(webhook: SimulatedWebhook, id: number): Promise<void> {
    const [resource = '', event = ''] = webhook.topic.split('.');
    // What has gone meanwhile is told as the error its own route would answer.
    const payload = event === 'deleted' ? { id } : (this.payloadOf(resource, id) ?? gone(resource).body);
    const body = JSON.stringify(payload);
    const status = await this.#post(
      webhook.deliveryUrl,
      {
        'Content-Type': 'application/json',
        'X-WC-Webhook-Source': `${this.home}/`,
        'X-WC-Webhook-Topic': webhook.topic,
        'X-WC-Webhook-Resource': resource,
        'X-WC-Webhook-Event': event,
        'X-WC-Webhook-Signature': createHmac('sha256', webhook.secret).update(body).digest('base64'),
        'X-WC-Webhook-ID': String(webhook.id),
        'X-WC-Webhook-Delivery-ID': randomBytes(16).toString('hex'),
      },
      body,
    );
    if (status >= 200 && status < 303) webhook.failures = 0;
    else if (webhook.failures > MOST_FAILURES) webhook.status = 'disabled';
    else webhook.failures += 1;
  }

  /** The status answered; 0 for none. Redirects are not followed. */
  #post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<number> {
    return new Promise((resolve) => {
      if (!URL.canParse(url) || new URL(url).protocol !== 'http:') return resolve(0);
      const request = http.request(
        url,
        {
          method: 'POST',
          timeout: DELIVERY_TIMEOUT_MS,
          headers: {
            'User-Agent': `WooCommerce/${this.version} Hookshot (WordPress/6.9.1)`,
            ...headers,
            'Content-Length': Buffer.byteLength(body),
          },
        },
        (answer) => {
          answer.resume();
          answer.on('close', () => resolve(answer.statusCode ?? 0));
        },
      );
      request.on('timeout', () => request.destroy());
      request.on('error', () => resolve(0));
      request.end(body);
    });
  }
}

const gone = (resource: string): RestError =>
  new RestError(404, `woocommerce_rest_${resource === 'order' ? 'shop_order' : resource}_invalid_id`, 'Invalid ID.');

const invalid = (status: number, code: string, message: string): RestError =>
  new RestError(status, `woocommerce_rest_shop_webhook_invalid_${code}`, message);

function render(webhook: SimulatedWebhook, request: RestRequest): Record<string, unknown> {
  const [resource, event] = webhook.topic.split('.');
  const all: Record<string, unknown> = {
    id: webhook.id,
    name: webhook.name,
    status: webhook.status,
    topic: webhook.topic,
    resource,
    event,
    delivery_url: webhook.deliveryUrl,
  };
  const fields = readFields(request.params['_fields']);
  return fields === null ? all : Object.fromEntries(Object.entries(all).filter(([name]) => fields.includes(name)));
}

/** /webhooks and /webhooks/<id>. */
export function answerWebhooks(webhooks: Webhooks, request: RestRequest, id: string | null): RestAnswer {
  const reading = request.method === 'GET' || request.method === 'HEAD';
  if (id === null) return reading ? list(webhooks, request) : create(webhooks, request);
  const webhook = webhooks.get(Number(id));
  if (request.method === 'DELETE') {
    checkRole(request.user, 'delete');
    if (String(request.params['force']) !== 'true') {
      throw new RestError(501, 'woocommerce_rest_trash_not_supported', 'Webhooks do not support trashing.');
    }
    if (webhook === undefined) throw invalid(404, 'id', 'Invalid ID.');
    webhooks.remove(webhook.id);
    return { status: 200, body: render(webhook, request) };
  }
  checkRole(request.user, reading ? 'view' : 'edit');
  if (webhook === undefined) throw invalid(reading ? 404 : 400, 'id', 'ID is invalid.');
  if (!reading) update(webhook, request);
  return { status: 200, body: render(webhook, request) };
}

function list(webhooks: Webhooks, request: RestRequest): RestAnswer {
  checkRole(request.user, 'view');
  const perPage = Number(request.params['per_page'] ?? 10);
  const start = (Number(request.params['page'] ?? 1) - 1) * perPage;
  const all = request.params['order'] === 'asc' ? webhooks.all() : webhooks.all().toReversed();
  return {
    status: 200,
    body: all.slice(start, start + perPage).map((webhook) => render(webhook, request)),
    headers: { 'X-WP-Total': String(all.length), 'X-WP-TotalPages': String(Math.ceil(all.length / perPage)) },
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function create(webhooks: Webhooks, request: RestRequest): RestAnswer {
  checkRole(request.user, 'create');
  const { body } = request;
  const topic = text(body['topic']).toLowerCase();
  if (body['delivery_url'] === undefined) {
    throw new RestError(400, 'rest_missing_callback_param', 'Missing parameter(s): delivery_url', {
      params: ['delivery_url'],
    });
  }
  if (!TOPICS.has(topic)) throw invalid(400, 'topic', 'Webhook topic is required and must be valid.');
  const deliveryUrl = text(body['delivery_url']);
  if (!/^https?:\/\//.test(deliveryUrl)) {
    throw invalid(400, 'delivery_url', 'Webhook delivery URL must be a valid URL starting with http:// or https://.');
  }
  const webhook = webhooks.add({
    name: text(body['name']),
    topic,
    deliveryUrl,
    // One the client never learns, when it brings none.
    secret: text(body['secret']) || randomBytes(25).toString('hex'),
    status: 'active',
  });
  return { status: 201, body: render(webhook, request) };
}

/** Reviving one leaves its failures as they were: one more disables it again. */
function update(webhook: SimulatedWebhook, { body }: RestRequest): void {
  const status = text(body['status']).toLowerCase();
  if (status === 'active' || status === 'paused' || status === 'disabled') webhook.status = status;
  else if (status !== '') throw invalid(400, 'status', 'Webhook status must be valid.');
  webhook.deliveryUrl = text(body['delivery_url']) || webhook.deliveryUrl;
  webhook.secret = text(body['secret']) || webhook.secret;
}
