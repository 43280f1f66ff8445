import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Authentication, checkPermission, PASTED_KEYS } from './authentication';
import { BridgePlugin } from './bridge-plugin';
import { Catalogue, type ProductSeed, type SimulatedProduct } from './catalogue';
import { type Fault, faultOf, Faults } from './faults';
import type { Features, Params } from './listing';
import { Orders, type OrderStatus, type SimulatedOrder } from './orders';
import { CRITICAL_ERROR, FIREWALLS, HOME_PAGE, NOTICE, page } from './pages';
import { RestError } from './rest-error';
import { renderSingle } from './rendering';
import { answerRest, PhpDied, type RecordedWrite, rendering, type RestAnswer, type Shop } from './routes';
import { type SimulatedWebhook, Webhooks } from './webhooks';
import { type Body, isBody } from './writing';

export type { BridgePlugin, SimulatedEvent } from './bridge-plugin';
export type { ProductSeed, SimulatedCategory, SimulatedProduct, VariationSeed } from './catalogue';
export type { Fault, FaultScope } from './faults';
export type { OrderStatus, SimulatedOrder } from './orders';
export type { SimulatedKey } from './authentication';
export type { RecordedWrite } from './routes';
export type { SimulatedWebhook } from './webhooks';

/** How WordPress and the web server spell the REST routes. */
export type Permalinks =
  | 'pretty'
  /** Plain permalinks as WordPress leaves them: /wp-json/ is a 404 of the web server. */
  | 'plain'
  /** Plain permalinks behind a catch-all rewrite: /wp-json/ is the home page, with status 200 for a POST. */
  | 'plain-with-rewrite';

export interface SimulatedWooCommerceOptions {
  readonly port?: number;
  readonly host?: string;
  readonly products?: readonly ProductSeed[];
  /** Basic and query keys are looked at over https only; true (the default) takes this server's http for it. */
  readonly treatHttpAsHttps?: boolean;
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly permalinks?: Permalinks;
  readonly version?: string;
  /** Features of newer versions that can be missing. */
  readonly features?: Partial<Features>;
  readonly latencyMs?: { readonly fixed?: number; readonly perItem?: number };
  readonly now?: () => number;
  /** False in benches: a list of every call would outgrow what is measured. */
  readonly recordCalls?: boolean;
  /** Told of every quantity asked for, in the moment it is carried out and before the shop answers. */
  readonly onWrite?: (write: RecordedWrite) => void;
}

export interface RecordedCall {
  readonly at: number;
  readonly method: string;
  /** The REST route ("/wc/v3/products"), however it was spelled. */
  readonly route: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<http.IncomingHttpHeaders>;
  /** 0 when the connection was cut instead of an answer. */
  readonly status: number;
  readonly body: unknown;
  readonly writes: readonly RecordedWrite[];
}

export interface SimulatedWooCommerce {
  readonly url: string;
  readonly port: number;
  readonly keys: typeof PASTED_KEYS;
  readonly products: SimulatedProducts;
  readonly orders: SimulatedOrders;
  readonly faults: Faults;
  /** Our plugin; not installed at first. */
  readonly plugin: BridgePlugin;
  readonly calls: readonly RecordedCall[];
  /** Every quantity asked for, in the order it was carried out. */
  readonly writes: readonly RecordedWrite[];
  latencyMs: { fixed?: number; perItem?: number };
  /** How far the shop's clock is ahead of the true time. */
  clockOffsetMs: number;
  permalinks: Permalinks;
  /** As the shop knows them; over REST it shows neither secret nor failures. */
  readonly webhooks: readonly SimulatedWebhook[];
  /** What the shop's cron does: sends what webhooks have to tell, once for each product and order, as it is now. */
  deliverWebhooks(): Promise<void>;
  forgetCalls(): void;
  /** Connections are refused until `comeBack`. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** What a test may see and do behind the shop's back. */
export interface SimulatedProducts {
  readonly size: number;
  add(seed: ProductSeed): SimulatedProduct;
  addMany(count: number, make: (index: number) => ProductSeed): void;
  bySku(sku: string): SimulatedProduct;
  byId(id: number): SimulatedProduct | undefined;
  /** The number shown for a SKU. */
  stockOf(sku: string): number | null;
  /** A hand edit: a save, which moves the date. */
  setStock(sku: string, quantity: number): void;
  /** As a plugin does that writes past WooCommerce: neither a date nor a webhook tells of it. */
  overwriteStock(sku: string, quantity: number): void;
  /** An order the shop keeps no record of: what it takes is taken at once. */
  sell(sku: string, pieces: number): void;
  setManageStock(sku: string, managed: boolean): void;
  setManageStockStoreWide(managed: boolean): void;
  rename(sku: string, name: string): void;
  changeSku(sku: string, to: string): void;
  trash(sku: string): void;
  restore(sku: string, status?: string): void;
  /** A change that is not one of stock: moves the date. */
  touch(sku: string): void;
  remove(sku: string): void;
}

/** The storefront's side of the shop. */
export interface SimulatedOrders {
  /** Takes its pieces at once, unless it waits for its payment (`pending`). */
  place(lines: Readonly<Record<string, number>>, status?: OrderStatus): SimulatedOrder;
  change(order: SimulatedOrder, status: OrderStatus): void;
  /** Gives back what it took. */
  cancel(order: SimulatedOrder): void;
  /** How many pieces its first line has from now on. */
  edit(order: SimulatedOrder, pieces: number): void;
  /** Pieces of its first line. */
  refund(order: SimulatedOrder, pieces: number, how: { readonly restocks: boolean }): void;
  trash(order: SimulatedOrder): void;
  /** From the trash. */
  restore(order: SimulatedOrder): void;
  /** For good, past the trash. */
  remove(order: SimulatedOrder): void;
  /** Those that are not removed, of any status. */
  all(): readonly SimulatedOrder[];
  find(id: number): SimulatedOrder | undefined;
  /** As its webhooks show it. */
  shown(order: SimulatedOrder): unknown;
}

export async function startSimulatedWooCommerce(
  options: SimulatedWooCommerceOptions = {},
): Promise<SimulatedWooCommerce> {
  const now = options.now ?? Date.now;
  const catalogue = new Catalogue(now);
  for (const seed of options.products ?? []) catalogue.add(seed);
  const faults = new Faults();
  const authentication = new Authentication();
  const calls: RecordedCall[] = [];
  const writes: RecordedWrite[] = [];
  const recording = options.recordCalls ?? true;
  const host = options.host ?? '127.0.0.1';
  const scheme = options.tls === undefined ? 'http' : 'https';
  const isHttps = options.tls !== undefined || (options.treatHttpAsHttps ?? true);
  const sockets = new Set<Socket>();

  const listener: http.RequestListener = (request, response) => {
    void handle(request, response).catch(() => request.socket.destroy());
  };
  const serverOptions = { keepAliveTimeout: 5_000 };
  const server =
    options.tls === undefined
      ? http.createServer(serverOptions, listener)
      : https.createServer({ ...serverOptions, ...options.tls }, listener);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  const stopListening = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });

  await listen(options.port ?? 0);
  const port = portOf(server.address());
  const url = `${scheme}://${host}:${port}`;

  const orders = new Orders(catalogue, now);
  const shop: Shop = {
    catalogue,
    orders,
    features: { searchNameOrSku: true, gtin: true, globalVariations: true, modifiedAfter: true, ...options.features },
    home: url,
    version: options.version ?? '10.5.2',
    now,
    record: (write) => {
      if (recording) writes.push(write);
      options.onWrite?.(write);
    },
    webhooks: new Webhooks(url, options.version ?? '10.5.2', (resource, id) => {
      if (resource === 'order') return orders.rendered(id);
      const product = catalogue.get(id);
      return product === undefined ? null : renderSingle(product, null, rendering(shop));
    }),
  };
  const plugin = new BridgePlugin(catalogue, url, now, shop.record);
  catalogue.onChange = (event, product) => {
    shop.webhooks.note(`product.${event}`, product.id);
    plugin.note(product);
  };
  catalogue.onRemoved = ({ id }) => {
    plugin.noteRemoved(id);
    orders.forgetProduct(id);
  };
  orders.onChange = (event, { id }) => shop.webhooks.note(`order.${event}`, id);

  const simulated: SimulatedWooCommerce = {
    url,
    port,
    keys: PASTED_KEYS,
    products: productsApi(catalogue),
    orders: {
      place: (lines, status = 'processing') =>
        orders.add(
          Object.entries(lines).map(([sku, quantity]) => ({ product: catalogue.bySku(sku), quantity })),
          status,
          status === 'processing' || status === 'completed',
        ),
      change: (order, status) => orders.change(order, status),
      cancel: (order) => orders.change(order, 'cancelled'),
      edit: (order, pieces) => orders.edit(order, order.lines[0]?.id ?? 0, pieces),
      refund: (order, pieces, { restocks }) => orders.refund(order, order.lines[0]?.id ?? 0, pieces, restocks),
      trash: (order) => orders.trash(order),
      restore: (order) => orders.restore(order),
      remove: (order) => orders.remove(order),
      all: () => orders.all(),
      find: (id) => orders.get(id),
      shown: ({ id }) => orders.rendered(id),
    },
    faults,
    plugin,
    calls,
    writes,
    latencyMs: { ...options.latencyMs },
    clockOffsetMs: 0,
    permalinks: options.permalinks ?? 'pretty',
    get webhooks() {
      return shop.webhooks.all();
    },
    deliverWebhooks: () => shop.webhooks.deliver(),
    forgetCalls: () => {
      calls.length = 0;
      writes.length = 0;
    },
    goDown: stopListening,
    comeBack: () => listen(port),
    close: async () => {
      if (server.listening) await stopListening();
    },
  };

  async function handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const rawUrl = request.url ?? '/';
    const parsed = new URL(rawUrl, url);
    const text = await readText(request);
    const route = restRoute(parsed, simulated.permalinks);
    const method = effectiveMethod(request, parsed);
    const met = faults.take(method, route ?? parsed.pathname);
    const writesBefore = writes.length;
    const body = readJson(request, text);

    const finish = (answer: Rendered | null, cut = true): void => {
      if (recording) {
        calls.push({
          at: now(),
          method: request.method ?? '',
          route: route ?? '',
          path: parsed.pathname,
          query: parsed.search,
          headers: request.headers,
          status: answer?.status ?? 0,
          body: body.value,
          writes: writes.slice(writesBefore),
        });
      }
      if (answer === null) {
        if (cut) request.socket.destroy();
        return;
      }
      response.writeHead(answer.status, {
        Date: new Date(now() + simulated.clockOffsetMs).toUTCString(),
        ...answer.headers,
        'Content-Length': Buffer.byteLength(answer.text),
      });
      response.end(request.method === 'HEAD' ? undefined : answer.text);
    };

    const delay = (faultOf(met, 'slow')?.ms ?? 0) + (simulated.latencyMs.fixed ?? 0) + perItemDelay(body.value);
    if (delay > 0) await wait(delay);

    const instead = insteadOfTheShop(met, rawUrl);
    if (instead !== undefined) return finish(instead);
    if (route === null) return finish(notRest(parsed, request.method ?? 'GET', simulated.permalinks, url));

    faultOf(met, 'meanwhile')?.happens();
    const answer = answerCall(route, method, parsed, rawUrl, request, body, met);
    await shop.webhooks.pinged();
    if (faultOf(met, 'reset-after-write') !== undefined) return finish(null);
    if (faultOf(met, 'no-answer') !== undefined) return finish(null, false);
    if (faultOf(met, 'fail-after-write') !== undefined) return finish(phpError('json', 500));
    const rendered = renderAnswer(answer, met);
    finish(rendered);
  }

  function perItemDelay(body: unknown): number {
    const perItem = simulated.latencyMs.perItem ?? 0;
    if (perItem === 0 || !isBody(body)) return 0;
    const { update } = body;
    return Array.isArray(update) ? perItem * update.length : perItem;
  }

  function answerCall(
    route: string,
    method: string,
    parsed: URL,
    rawUrl: string,
    request: http.IncomingMessage,
    body: ReadBody,
    met: readonly Fault[],
  ): RestAnswer {
    try {
      if (plugin.installed && route.startsWith('/stock-relay/v1')) {
        const { headers } = request;
        return plugin.answer({ method, route, query: parsed.searchParams, headers, text: body.text });
      }
      const user = authentication.identify({
        method: request.method ?? 'GET',
        home: faultOf(met, 'other-home')?.home ?? url,
        path: parsed.pathname,
        rawUrl,
        query: parsed.searchParams,
        headers: request.headers,
        isHttps,
        headerStripped: faultOf(met, 'strip-header') !== undefined,
        now: now() + simulated.clockOffsetMs,
      });
      if (user !== null) checkPermission(user, method);
      if (body.broken) throw new RestError(400, 'rest_invalid_json', 'Invalid JSON body passed.');
      const json = isBody(body.value) ? body.value : {};
      const params: Params = { ...(method === 'GET' ? json : {}), ...queryParams(parsed.searchParams) };
      return answerRest(shop, { method, route, params, body: json, user, faults: met });
    } catch (thrown) {
      if (thrown instanceof RestError) return { status: thrown.status, body: thrown.body };
      if (thrown instanceof PhpDied) return { status: 500, body: criticalError(500) };
      throw thrown;
    }
  }

  return simulated;
}

interface Rendered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

interface ReadBody {
  readonly text: string;
  readonly value: unknown;
  readonly broken: boolean;
}

const portOf = (address: string | AddressInfo | null): number => {
  if (address === null || typeof address === 'string') throw new Error('The simulated shop has no port');
  return address.port;
};

const JSON_TYPE = { 'Content-Type': 'application/json; charset=UTF-8' };
const HTML_TYPE = { 'Content-Type': 'text/html; charset=UTF-8' };

const html = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Rendered => ({
  status,
  headers: { ...HTML_TYPE, ...headers },
  text,
});

const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Rendered => ({
  status,
  headers: { ...JSON_TYPE, ...headers },
  text: JSON.stringify(body),
});

const criticalError = (status: number): Body => ({
  code: 'internal_server_error',
  message: CRITICAL_ERROR,
  data: { status },
  additional_errors: [],
});

const phpError = (as: 'html' | 'json', status: number): Rendered =>
  as === 'json'
    ? json(status, criticalError(status), { Connection: 'close' })
    : html(status, page('WordPress &rsaquo; Error', CRITICAL_ERROR), { Connection: 'close' });

async function readText(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
  return Buffer.concat(chunks).toString('utf8');
}

/** A body that is not marked as JSON is not read at all, and a list at its root says nothing. */
function readJson(request: http.IncomingMessage, text: string): ReadBody {
  if (text === '' || !/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    return { text, value: null, broken: false };
  }
  try {
    return { text, value: JSON.parse(text), broken: false };
  } catch {
    return { text, value: null, broken: true };
  }
}

function queryParams(query: URLSearchParams): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  for (const [name, value] of query) {
    const list = /^(\w+)\[\d*\]$/.exec(name)?.[1];
    if (list === undefined) params[name] = value;
    else {
      const soFar = params[list];
      params[list] = Array.isArray(soFar) ? [...soFar, value] : [value];
    }
  }
  return params;
}

function effectiveMethod(request: http.IncomingMessage, parsed: URL): string {
  const method = request.method ?? 'GET';
  const override = parsed.searchParams.get('_method') ?? request.headers['x-http-method-override'];
  return method === 'POST' && typeof override === 'string' ? override.toUpperCase() : method;
}

/** The REST route a call is for; null when WordPress would show a page. */
function restRoute(parsed: URL, permalinks: Permalinks): string | null {
  const { pathname } = parsed;
  const asParameter = parsed.searchParams.get('rest_route');
  if (asParameter !== null && (pathname === '/' || pathname === '/index.php')) return asParameter || '/';
  if (permalinks !== 'pretty') return null;
  const path = /^(?:\/index\.php)?\/wp-json(\/.*)?$/.exec(pathname);
  if (path === null) return null;
  const route = path[1] ?? '/';
  return route.length > 1 && route.endsWith('/') ? route.slice(0, -1) : route;
}

/** What stands where no REST route is: the home page, a 404, or a redirect to itself with a slash. */
function notRest(parsed: URL, method: string, permalinks: Permalinks, home: string): Rendered {
  const root = permalinks === 'pretty' ? `${home}/wp-json/` : `${home}/index.php?rest_route=/`;
  const link = { Link: `<${root}>; rel="https://api.w.org/"` };
  const { pathname } = parsed;
  if (pathname === '/' || pathname === '/index.php') return html(200, HOME_PAGE, link);
  if (permalinks === 'plain' && !pathname.startsWith('/index.php')) {
    return html(404, page('404 Not Found', 'The requested URL was not found on this server.'));
  }
  if (permalinks === 'pretty') return html(404, page('Pagina nu a fost găsită'), link);
  if (method === 'GET' || method === 'HEAD') {
    if (!pathname.endsWith('/')) return html(301, '', { Location: `${home}${pathname}/${parsed.search}` });
  }
  return html(200, HOME_PAGE, link);
}

/** Faults that answer before the shop's own code has begun; null cuts the connection. */
function insteadOfTheShop(met: readonly Fault[], rawUrl: string): Rendered | null | undefined {
  for (const fault of met) {
    switch (fault.kind) {
      case 'reset-before-write':
        return null;
      case 'redirect':
        return html(fault.status ?? 301, '', { Location: `${fault.location}${rawUrl}` });
      case 'maintenance':
        return json(
          503,
          {
            code: 'wp_die',
            message: 'Indisponibil pentru scurt timp din cauza mentenanței programate. Revino peste un minut.',
            data: { status: 503 },
            additional_errors: [],
          },
          { 'Retry-After': '600', Connection: 'close' },
        );
      case 'rate-limit':
        return html(fault.status ?? 429, page('Too Many Requests'), {
          ...(fault.retryAfter === undefined ? {} : { 'Retry-After': String(fault.retryAfter) }),
        });
      case 'server-error':
        return phpError(fault.as ?? 'html', fault.status ?? 500);
      case 'html-page':
        return html(200, fault.html ?? HOME_PAGE);
      case 'firewall': {
        const { status, headers, html: text } = FIREWALLS[fault.by ?? 'cloudflare'];
        return html(status, text, headers);
      }
    }
  }
  return undefined;
}

function renderAnswer(answer: RestAnswer, met: readonly Fault[]): Rendered {
  const rendered = json(answer.status, answer.body, answer.headers);
  if (faultOf(met, 'cut-json') !== undefined) {
    return { ...rendered, text: rendered.text.slice(0, Math.max(1, Math.floor(rendered.text.length / 2))) };
  }
  if (faultOf(met, 'notice-before-json') !== undefined) return { ...rendered, text: `${NOTICE}${rendered.text}` };
  return rendered;
}

function productsApi(catalogue: Catalogue): SimulatedProducts {
  return {
    get size() {
      return catalogue.size;
    },
    add: (seed) => catalogue.add(seed),
    addMany: (count, make) => {
      for (let index = 0; index < count; index += 1) catalogue.add(make(index));
    },
    bySku: (sku) => catalogue.bySku(sku),
    byId: (id) => catalogue.get(id),
    stockOf: (sku) => catalogue.shownQuantity(catalogue.bySku(sku)),
    setStock: (sku, quantity) => {
      const product = catalogue.bySku(sku);
      catalogue.setQuantity(product, quantity);
      catalogue.touch(product);
    },
    overwriteStock: (sku, quantity) => catalogue.overwrite(catalogue.bySku(sku), quantity),
    sell: (sku, pieces) => catalogue.sell(catalogue.bySku(sku), pieces),
    setManageStock: (sku, managed) => catalogue.setManageStock(catalogue.bySku(sku), managed),
    setManageStockStoreWide: (managed) => {
      catalogue.manageStockStoreWide = managed;
    },
    rename: (sku, name) => catalogue.rename(catalogue.bySku(sku), name),
    changeSku: (sku, to) => catalogue.changeSku(catalogue.bySku(sku), to),
    trash: (sku) => catalogue.changeStatus(catalogue.bySku(sku), 'trash'),
    restore: (sku, status = 'draft') => catalogue.restore(catalogue.bySku(sku), status),
    touch: (sku) => catalogue.touch(catalogue.bySku(sku)),
    remove: (sku) => catalogue.remove(catalogue.bySku(sku)),
  };
}
