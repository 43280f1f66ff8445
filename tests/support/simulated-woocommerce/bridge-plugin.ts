import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Catalogue, SimulatedProduct } from './catalogue';
import { RestError } from './rest-error';
import type { RecordedWrite, RestAnswer } from './routes';
import { isBody } from './writing';

export interface BridgeRequest {
  readonly method: string;
  /** "/stock-relay/v1/stock" */
  readonly route: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface SimulatedEvent {
  readonly id: number;
  readonly parentId?: number;
  readonly stockId?: number;
  readonly before: string | null;
  readonly after: string | null;
  readonly cause: string;
  readonly orderId?: number;
  readonly orderNumber?: string;
  readonly at?: string;
}

interface Pairing {
  readonly id: string;
  secret: string;
  /** Taken from the service for a while after a rotation. */
  former: string | null;
}

interface Code {
  readonly code: string;
  readonly expiresAt: number;
  wrong: number;
  usedBy: string | null;
}

const NAMESPACE = '/stock-relay/v1';
const WINDOW_S = 300;
const LARGEST_BODY = 1024 * 1024;
const CODE_MS = 10 * 60_000;
const VERSIONS = { wordpress: '6.9.1', woocommerce: '10.5.2', php: '8.2.0' };
const USER = { id: 7, email: 'ana@shop.example', displayName: 'Ana' };

const sign = (lines: readonly string[], secret: string): string =>
  `v1=${createHmac('sha256', Buffer.from(secret, 'base64url')).update(lines.join('\n')).digest('hex')}`;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
const refused = (status: number, code: string, extra: Record<string, unknown> = {}): RestError =>
  new RestError(status, `stock_relay_${code}`, 'Refused.', extra);
const ok = (body: unknown): RestAnswer => ({ status: 200, body });
const textOf = (value: number | null): string | null => (value === null ? null : String(value));

/** The Stock Relay plugin as it behaves towards the service. */
export class BridgePlugin {
  /** Whether it is active: without it WordPress knows none of its routes. */
  installed = false;
  api = 1;
  /** The user who paired may edit products. */
  capable = true;
  /** What a call may take: the rest is told to be sent again. */
  itemsPerCall = Infinity;
  slowBecause: readonly { readonly code: string; readonly detail: string }[] = [];
  /** Sells or edits in the moment before a write is looked at. */
  beforeWrite: (id: number) => void = () => undefined;
  readonly events: (SimulatedEvent & { readonly seq: string; readonly at: string })[] = [];
  gap = false;

  #pairing: Pairing | null = null;
  #code: Code | null = null;
  #counter = 0;
  #seq = 0;
  readonly #changed = new Map<number, number>();
  readonly #deleted = new Map<number, number>();
  readonly #nonces = new Set<string>();

  constructor(
    private readonly catalogue: Catalogue,
    private readonly home: string,
    private readonly now: () => number,
    private readonly record: (write: RecordedWrite) => void,
  ) {}

  get pairing(): Readonly<Pairing> | null {
    return this.#pairing;
  }

  /** What a person does on the plugin's page. */
  typeCode(code: string): void {
    this.#code = { code: code.replaceAll('-', ''), expiresAt: this.now() + CODE_MS, wrong: 0, usedBy: null };
  }

  /** What the button in wp-admin does, without telling the service. */
  forgetPairing(): void {
    this.#pairing = null;
  }

  note(product: Pick<SimulatedProduct, 'id' | 'parentId' | 'status'>): void {
    this.#counter += 1;
    this.#changed.set(product.id, this.#counter);
    if (product.parentId > 0) this.#changed.set(product.parentId, this.#counter);
    if (product.status === 'trash') this.noteRemoved(product.id);
    else this.#deleted.delete(product.id);
  }

  noteRemoved(id: number): void {
    this.#counter += 1;
    this.#deleted.set(id, this.#counter);
  }

  /** What the plugin will tell of, by itself or when it is asked. */
  tell(event: SimulatedEvent): void {
    this.#seq += 1;
    this.events.push({ at: new Date(this.now()).toISOString(), ...event, seq: String(this.#seq) });
  }

  /** Headers of a call to the service. */
  headersFor(method: string, path: string, body: string, changes: { now?: number; nonce?: string } = {}) {
    const { id, secret } = this.#mustBePaired();
    const timestamp = String(Math.floor((changes.now ?? this.now()) / 1000));
    const nonce = changes.nonce ?? randomBytes(16).toString('hex');
    return {
      'X-Stock-Relay-Pairing': id,
      'X-Stock-Relay-Timestamp': timestamp,
      'X-Stock-Relay-Nonce': nonce,
      'X-Stock-Relay-Signature': sign(['to-service', method, path, timestamp, nonce, sha256(body)], secret),
    };
  }

  /** The fields of the form by which a browser signs in. */
  signInForm(changes: Readonly<Record<string, string>> = {}, user = USER): Record<string, string> {
    const { id, secret } = this.#mustBePaired();
    const fields = {
      pairing: id,
      timestamp: String(Math.floor(this.now() / 1000)),
      nonce: randomBytes(16).toString('hex'),
      user: String(user.id),
      email: user.email,
    };
    const signed = ['sign-in', fields.pairing, fields.timestamp, fields.nonce, fields.user, fields.email];
    return { ...fields, signature: sign(signed, secret), ...changes };
  }

  answer(request: BridgeRequest): RestAnswer {
    const route = request.route.slice(NAMESPACE.length);
    const call = `${request.method} ${route}`;
    const body = bodyOf(request.text);
    if (call === 'GET /hello') {
      return ok({
        plugin: 'stock-relay',
        version: '1.0.0',
        api: this.api,
        paired: this.#pairing !== null,
        woocommerce: true,
      });
    }
    if (call === 'POST /pairing') return this.#pair(body);
    this.#check(request);
    switch (call) {
      case 'GET /status':
        return ok(this.#status());
      case 'POST /stock':
        return this.#stock(body);
      case 'GET /catalogue':
        return ok(this.#list(request.query));
      case 'GET /events':
        return ok(this.#tell(request.query));
      case 'POST /rotate': {
        const pairing = this.#mustBePaired();
        const secret = String(body['secret']);
        if (pairing.secret !== secret) {
          pairing.former = pairing.secret;
          pairing.secret = secret;
        }
        return ok({ rotated: true });
      }
      case 'DELETE /pairing':
        this.#pairing = null;
        return ok({ paired: false });
    }
    throw new RestError(404, 'rest_no_route', 'No route was found matching the URL and request method.');
  }

  #mustBePaired(): Pairing {
    if (this.#pairing === null) throw new Error('The simulated plugin is not paired');
    return this.#pairing;
  }

  #pair(body: Readonly<Record<string, unknown>>): RestAnswer {
    const known = this.#code;
    if (known === null) throw refused(404, 'no_code');
    if (known.expiresAt <= this.now() || known.wrong >= 5) throw refused(410, 'code_expired');
    const caller = `${String(body['pairingId'])} ${String(body['secret'])}`;
    if (body['code'] !== known.code || (known.usedBy !== null && known.usedBy !== caller)) {
      known.wrong += 1;
      throw refused(403, 'wrong_code');
    }
    known.usedBy = caller;
    this.#pairing = { id: String(body['pairingId']), secret: String(body['secret']), former: null };
    const site = { name: 'Magazin', url: this.home, home: this.home, version: { plugin: '1.0.0', ...VERSIONS } };
    return ok({ paired: true, site, user: USER });
  }

  #check({ method, route, query, headers, text }: BridgeRequest): void {
    if (Buffer.byteLength(text) > LARGEST_BODY) throw refused(413, 'oversized');
    const header = (name: string): string => String(headers[`x-stock-relay-${name}`] ?? '');
    const pairing = this.#pairing;
    if (header('signature') === '') throw refused(401, 'unsigned');
    if (pairing === null || header('pairing') !== pairing.id) throw refused(401, 'unpaired');
    if (Math.abs(this.now() / 1000 - Number(header('timestamp'))) > WINDOW_S) {
      throw refused(401, 'late', { serverTime: new Date(this.now()).toISOString() });
    }
    const pairs = [...query]
      .filter(([name]) => name !== 'rest_route')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${encode(name)}=${encode(value)}`);
    const path = pairs.length === 0 ? route : `${route}?${pairs.join('&')}`;
    const lines = ['to-shop', method, path, header('timestamp'), header('nonce'), sha256(text)];
    const secrets = [pairing.secret, ...(pairing.former === null ? [] : [pairing.former])];
    if (!secrets.some((secret) => sign(lines, secret) === header('signature'))) throw refused(401, 'bad_signature');
    if (this.#nonces.has(header('nonce'))) throw refused(401, 'replayed');
    this.#nonces.add(header('nonce'));
    if (!this.capable) throw refused(403, 'capability');
  }

  #status(): Record<string, unknown> {
    return {
      version: '1.0.0',
      api: this.api,
      ...VERSIONS,
      hpos: true,
      stockManagement: true,
      multisite: false,
      objectCache: false,
      limits: { items: 1000, seconds: 20, bytes: LARGEST_BODY },
      slowBecause: this.slowBecause,
      listeners: {},
      counter: String(this.#counter),
      events: { pending: this.events.length, oldest: this.events[0]?.at ?? null, lastSent: null, lastError: null },
      door: { enabled: false, blockedBy: null, authorizationReaches: 'yes' },
      serverTime: new Date(this.now()).toISOString(),
      user: { id: USER.id, displayName: USER.displayName },
    };
  }

  #stock(body: Readonly<Record<string, unknown>>): RestAnswer {
    const items = Array.isArray(body['items']) ? body['items'].filter(isBody) : [];
    const results = items.map((item, index) =>
      index < this.itemsPerCall ? this.#write(item) : { ref: item['ref'], id: item['id'], outcome: 'not_reached' },
    );
    return ok({
      results,
      reached: Math.min(items.length, this.itemsPerCall),
      slowBecause: this.slowBecause,
      counter: String(this.#counter),
      elapsedMs: 1,
    });
  }

  #write(item: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const id = Number(item['id']);
    const result = (outcome: string, more: Record<string, unknown> = {}) => ({
      ref: item['ref'],
      id,
      outcome,
      ...more,
    });
    const product = this.catalogue.get(id);
    if (product === undefined || product.status === 'trash') return result('not_found');
    if (product.type === 'grouped' || product.type === 'external') return result('wrong_type');
    this.beforeWrite(id);
    if (item['manage'] === true && this.catalogue.stockOwner(product) === 'nobody') {
      this.catalogue.setManageStock(product, true);
    }
    const holder = this.catalogue.stockOwner(product);
    if (holder === 'nobody') return result(product.type === 'variable' ? 'wrong_type' : 'unmanaged');
    const owner = holder === 'parent' ? (this.catalogue.get(product.parentId) ?? product) : product;
    const before = owner.stockQuantity;
    const seen = { stockId: owner.id, before: textOf(before) };
    if ('expected' in item && item['expected'] !== textOf(before))
      return result('conflict', { ...seen, after: textOf(before) });
    const wanted = Number(item['set']);
    const isSame = before === wanted;
    if (!isSame) {
      this.catalogue.setQuantity(owner, wanted);
      this.catalogue.touch(owner);
    }
    this.record({ id: owner.id, sku: owner.sku, asked: item['set'], before, after: owner.stockQuantity });
    return result(isSame ? 'unchanged' : 'written', {
      ...seen,
      after: textOf(owner.stockQuantity),
      status: owner.stockStatus,
      way: 'bulk',
    });
  }

  #list(query: URLSearchParams): Record<string, unknown> {
    const since = query.get('since');
    const after = Number(query.get('after') ?? 0);
    const limit = Number(query.get('limit') ?? 1000);
    const isWanted = (product: SimulatedProduct): boolean =>
      product.status !== 'trash' &&
      product.id > after &&
      (since === null || (this.#changed.get(product.id) ?? 0) > Number(since));
    const found = [...this.catalogue.all()].filter(isWanted).sort((a, b) => a.id - b.id);
    const page = found.slice(0, limit);
    const deleted = since === null ? [] : [...this.#deleted].flatMap(([id, at]) => (at > Number(since) ? [id] : []));
    return {
      counter: String(this.#counter),
      entries: page.map((product) => this.#entry(product)),
      deleted: after === 0 ? deleted : [],
      next: found.length > limit ? (page.at(-1)?.id ?? null) : null,
    };
  }

  #entry(product: SimulatedProduct): Record<string, unknown> {
    const { catalogue } = this;
    const owner = catalogue.stockOwner(product);
    return {
      id: product.id,
      parentId: product.parentId,
      type: product.type,
      sku: product.sku,
      gtin: product.gtin,
      name: product.name,
      ...(product.type === 'variation' ? { attributes: product.option } : {}),
      status: product.status,
      manages: owner === 'self' ? 'yes' : owner === 'parent' ? 'parent' : 'no',
      quantity: textOf(catalogue.shownQuantity(product)),
      stockStatus: catalogue.shownStatus(product),
      backorders: catalogue.shownBackorders(product),
      categories: product.categories,
      ...(product.translations === null ? {} : { translations: Object.values(product.translations).map(Number) }),
      modified: `${new Date(product.modifiedAt).toISOString().slice(0, 19)}Z`,
      changed: String(this.#changed.get(product.id) ?? 0),
    };
  }

  #tell(query: URLSearchParams): Record<string, unknown> {
    const ack = Number(query.get('ack') ?? 0);
    const after = Number(query.get('after') ?? 0);
    while (this.events.length > 0 && Number(this.events[0]?.seq) <= ack) this.events.shift();
    const limit = Number(query.get('limit') ?? 500);
    const rest = this.events.filter(({ seq }) => Number(seq) > after);
    const page = rest.slice(0, limit).map((event) => ({ parentId: 0, stockId: event.id, by: 'storefront', ...event }));
    return { events: page, gap: this.gap, next: rest.length > limit ? (page.at(-1)?.seq ?? null) : null };
  }
}

function bodyOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isBody(value) ? value : {};
  } catch {
    return {};
  }
}
