import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OblioProduct {
  readonly code: string;
  readonly name: string;
  /** Left out for a service. */
  readonly stock?: readonly { readonly workStation: string; readonly management: string; quantity: number | string }[];
}

export interface SimulatedOblioOptions {
  readonly products: readonly OblioProduct[];
  readonly login: { readonly email: string; readonly secret: string; readonly cif: string };
}

export interface OblioWebhook {
  readonly id: number;
  readonly cif: string;
  readonly topic: string;
  readonly endpoint: string;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

const PRODUCTS_A_PAGE = 250;
const CALLS_IN_TEN_SECONDS = 30;
const done = (data: object, status = 200): Answer => ({ status, body: { status, statusMessage: 'Success', data } });
const refused = (status: number, statusMessage: string): Answer => ({ status, body: { status, statusMessage } });
const productRow = ({ code, name, stock }: OblioProduct) => ({
  name,
  code,
  description: '',
  measuringUnit: 'buc',
  productType: stock ? 'Marfa' : 'Serviciu',
  ...(stock ? { stock: stock.map((each) => ({ ...each, price: '200.00', currency: 'RON' })) } : {}),
});

/**
 * An accounting system that speaks Oblio's API: tokens for an hour, 250 products a page, 30 calls in 10 seconds. It
 * registers a webhook only where its address gives the id of the call back in base64, and expects that of every call.
 */
export class SimulatedOblio {
  readonly calls: string[] = [];
  readonly webhooks: OblioWebhook[] = [];
  apiUrl = '';
  /** Where a public address is really reached, as `{ from: 'https://relay.example', to: 'http://127.0.0.1:1' }`. */
  network: { readonly from: string; readonly to: string } | null = null;
  private readonly tokens = new Set<string>();
  private readonly server = http.createServer((request, response) => void this.serve(request, response));
  private calledAt: number[] = [];
  private given = 0;

  private constructor(private readonly options: SimulatedOblioOptions) {}

  static async start(options: SimulatedOblioOptions): Promise<SimulatedOblio> {
    const oblio = new SimulatedOblio(options);
    await new Promise<void>((resolve) => oblio.server.listen(0, '127.0.0.1', resolve));
    oblio.apiUrl = `http://127.0.0.1:${(oblio.server.address() as AddressInfo).port}`;
    return oblio;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  /** Ends every token before its time, as a new password does. */
  endTokens(): void {
    this.tokens.clear();
  }

  /** Tells every webhook for stocks; true of each that gave the id of its call back. What a call holds is up to a test. */
  async tellStock(body: object = { topic: 'stock', data: this.options.products.map(productRow) }): Promise<boolean[]> {
    const understood: boolean[] = [];
    for (const { endpoint } of this.webhooks) understood.push(await this.call(endpoint, body));
    return understood;
  }

  /** Posts to an address; false where its answer is not the one that counts. */
  async call(endpoint: string, body: object): Promise<boolean> {
    const id = randomUUID();
    const reached = this.network === null ? endpoint : endpoint.replace(this.network.from, this.network.to);
    try {
      const answer = await fetch(reached, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-oblio-request-id': id },
        body: JSON.stringify(body),
      });
      return (await answer.text()) === Buffer.from(id).toString('base64') && answer.status === 200;
    } catch {
      return false;
    }
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const now = Date.now();
    this.calls.push(`${url.pathname}${url.search}`);
    this.calledAt = [...this.calledAt.filter((at) => now - at < 10_000), now];
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const { status, body } =
      this.calledAt.length > CALLS_IN_TEN_SECONDS
        ? refused(429, 'Ati depasit numarul de cereri.')
        : await this.answer(request, url, text);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  private async answer(request: http.IncomingMessage, url: URL, text: string): Promise<Answer> {
    const { cif } = this.options.login;
    if (request.method === 'POST' && url.pathname === '/authorize/token') return this.giveToken(text);
    if (!this.tokens.has((request.headers.authorization ?? '').replace(/^Bearer /, ''))) {
      return refused(401, 'Tokenul nu este valid.');
    }
    if (request.method === 'DELETE') return this.removeWebhook(url.pathname);
    if (request.method === 'POST') return url.pathname === '/webhooks' ? this.addWebhook(text) : noSuchCall;
    if (url.searchParams.get('cif') !== cif) return refused(400, 'CIF-ul firmei nu este valid.');
    if (url.pathname === '/webhooks') {
      const topic = url.searchParams.get('topic');
      return done(this.webhooks.filter((each) => topic === null || each.topic === topic));
    }
    if (url.pathname === '/nomenclature/management') return done(this.warehouses());
    if (url.pathname !== '/nomenclature/products') return noSuchCall;
    const offset = Number(url.searchParams.get('offset') ?? 0);
    const code = url.searchParams.get('code');
    // Seen as a filter that also finds what only begins so.
    const found = this.options.products.filter((product) => code === null || product.code.startsWith(code));
    return done(found.slice(offset, offset + PRODUCTS_A_PAGE).map(productRow));
  }

  private giveToken(text: string): Answer {
    const { login } = this.options;
    const form = new URLSearchParams(text);
    if (form.get('client_id') !== login.email || form.get('client_secret') !== login.secret) {
      return refused(401, 'Date de autentificare gresite.');
    }
    const token = `token-${++this.given}`;
    this.tokens.add(token);
    return {
      status: 200,
      body: { access_token: token, expires_in: '3600', token_type: 'Bearer', scope: '', request_time: '0' },
    };
  }

  private async addWebhook(text: string): Promise<Answer> {
    const { cif, topic, endpoint } = JSON.parse(text) as Partial<OblioWebhook>;
    if (cif !== this.options.login.cif) return refused(400, 'CIF-ul firmei nu este valid.');
    if (topic !== 'stock' || endpoint === undefined) return refused(400, 'Parametri lipsa.');
    if (!(await this.call(endpoint, { cif, topic, endpoint }))) {
      return refused(400, 'Endpointul nu a raspuns cu X-Oblio-Request-Id.');
    }
    const webhook = { id: ++this.given, cif, topic, endpoint };
    this.webhooks.push(webhook);
    return done(webhook, 201);
  }

  private removeWebhook(path: string): Answer {
    const at = this.webhooks.findIndex(({ id }) => path === `/webhooks/${id}`);
    if (at < 0) return refused(404, 'Webhookul nu exista.');
    return done(this.webhooks.splice(at, 1));
  }

  private warehouses(): readonly object[] {
    const all = this.options.products.flatMap(({ stock = [] }) => stock);
    const each = new Map(
      all.map(({ workStation, management }) => [workStation + management, { workStation, management }]),
    );
    return [...each.values()].map((warehouse) => ({ ...warehouse, managementType: 'Cantitativ Valorica' }));
  }
}

const noSuchCall = refused(400, 'Cererea nu exista.');
