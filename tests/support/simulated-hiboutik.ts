import { createHmac } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { saleForm, type SoldLine } from './hiboutik-sale-form';
import { phpForm } from './php-form';
import { pageOf, productRow, refusal, stockRows, type TillAnswer, type TillProduct } from './till-answers';

export type { TillProduct };

export interface SimulatedHiboutikOptions {
  readonly products: TillProduct[];
  readonly warehouses: readonly { readonly id: number; readonly name: string }[];
  readonly login: { readonly user: string; readonly apiKey: string };
  /** What is left of the month's calls. */
  readonly callsLeft?: number;
  /** Whether the user may keep webhooks. */
  readonly mayKeepWebhooks?: boolean;
  /** What calls are signed with; left out = they are not. */
  readonly webhookSecret?: string;
}

export interface TillWebhook {
  readonly webhook_id: number;
  readonly webhook_label: string;
  readonly webhook_url: string;
  readonly webhook_action: string;
  readonly webhook_async: string;
}

export interface TillCallAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

interface Received {
  readonly product: TillProduct;
  readonly quantity: number;
}

const CALLS_A_MONTH = 10_000;
const CALLS_AT_ONCE = 30;

/**
 * A till that speaks Hiboutik's API: pages of 250 rows, a month's budget of calls, and levels as text or as numbers.
 * What happens at it is told to the webhooks registered there, as Hiboutik tells it.
 */
export class SimulatedHiboutik {
  readonly calls: string[] = [];
  readonly webhooks: TillWebhook[] = [];
  /** What every call to a webhook was answered. */
  readonly answers: TillCallAnswer[] = [];
  apiUrl = '';
  /** Where a public address is really reached, as `{ from: 'https://relay.example', to: 'http://127.0.0.1:1' }`. */
  network: { readonly from: string; readonly to: string } | null = null;
  private readonly stockOrders = new Map<number, readonly Received[]>();
  private readonly server = http.createServer((request, response) => void this.serve(request, response));
  private callsThisMonth = 0;
  private open = 0;
  private lastId = 0;

  private constructor(readonly options: SimulatedHiboutikOptions) {}

  static async start(options: SimulatedHiboutikOptions): Promise<SimulatedHiboutik> {
    const till = new SimulatedHiboutik(options);
    await new Promise<void>((resolve) => till.server.listen(0, '127.0.0.1', resolve));
    till.apiUrl = `http://127.0.0.1:${(till.server.address() as AddressInfo).port}`;
    return till;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  nextMonth(): void {
    this.callsThisMonth = 0;
  }

  /** A sale is closed at the till; a return is one of less than nothing. */
  sell(lines: readonly SoldLine[], externalReference = ''): Promise<readonly TillCallAnswer[]> {
    for (const { product, size, warehouse, quantity } of lines) {
      const { levels } = this.product(product, size);
      levels[warehouse] = (levels[warehouse] ?? 0) - quantity;
    }
    const at = new Date().toISOString().slice(0, 19).replace('T', ' ');
    const told = lines.map((line) => {
      const { barcode, name } = this.product(line.product, line.size);
      return { barcode, name, ...line };
    });
    return this.tell('sale', saleForm({ id: ++this.lastId, at, externalReference, lines: told }));
  }

  /** Goods ordered come in. */
  receive(
    warehouse: number,
    goods: readonly { readonly product: number; readonly size?: number; readonly quantity: number }[],
  ): Promise<readonly TillCallAnswer[]> {
    const received = goods.map(({ product, size, quantity }) => ({ product: this.product(product, size), quantity }));
    for (const { product, quantity } of received) {
      product.levels[warehouse] = (product.levels[warehouse] ?? 0) + quantity;
    }
    const id = ++this.lastId;
    this.stockOrders.set(id, received);
    return this.tell('stock_order', phpForm({ inventory_input_id: id }));
  }

  /** The form of a product is saved. */
  edit(
    product: number,
    change: Partial<Pick<TillProduct, 'offline' | 'archived'>>,
  ): Promise<readonly TillCallAnswer[]> {
    Object.assign(this.product(product), change);
    return this.tell('product', phpForm({ product_id: product }));
  }

  /** Goods go from one warehouse to another. Hiboutik has no webhook for that: nobody is told. */
  transfer(product: number, from: number, to: number, quantity: number): void {
    const { levels } = this.product(product);
    levels[from] = (levels[from] ?? 0) - quantity;
    levels[to] = (levels[to] ?? 0) + quantity;
  }

  /** Calls every webhook of an action, one after the other. */
  async tell(action: string, form: string): Promise<readonly TillCallAnswer[]> {
    const answers: TillCallAnswer[] = [];
    for (const { webhook_action, webhook_url } of this.webhooks) {
      if (webhook_action === action) answers.push(await this.call(webhook_url, form));
    }
    this.answers.push(...answers);
    return answers;
  }

  /** Posts to an address that was entered by hand. */
  async call(address: string, form: string): Promise<TillCallAnswer> {
    const { webhookSecret } = this.options;
    const reached = this.network === null ? address : address.replace(this.network.from, this.network.to);
    const answer = await fetch(reached, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(webhookSecret === undefined
          ? {}
          : { 'x-hiboutik-hmac-sha256': createHmac('sha256', webhookSecret).update(form).digest('hex') }),
      },
      body: form,
    });
    return {
      status: answer.status,
      contentType: answer.headers.get('content-type') ?? '',
      text: await answer.text(),
    };
  }

  /** In any size where none is named. */
  private product(id: number, size?: number): TillProduct {
    const found = this.options.products.find(
      (each) => each.id === id && (size === undefined || (each.size ?? 0) === size),
    );
    if (!found) throw new Error(`The till has no product ${id}`);
    return found;
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const { login, callsLeft = CALLS_A_MONTH } = this.options;
    this.calls.push(`${url.pathname}${url.search}`);
    this.callsThisMonth++;
    this.open++;
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const expected = `Basic ${Buffer.from(`${login.user}:${login.apiKey}`).toString('base64')}`;
    const answer =
      this.callsThisMonth > callsLeft || this.open > CALLS_AT_ONCE
        ? refusal(429, 'Too many requests')
        : request.headers.authorization !== expected
          ? refusal(401, 'Unauthorized')
          : this.answer(request.method ?? '', url, new URLSearchParams(text));
    this.open--;
    response
      .writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
      .end(JSON.stringify(answer.body));
  }

  private answer(method: string, url: URL, form: URLSearchParams): TillAnswer {
    if (url.pathname.startsWith('/webhooks')) return this.keepWebhooks(method, url, form);
    const list = method === 'GET' ? this.listOf(url.pathname) : null;
    return list === null ? refusal(404, 'Not found') : pageOf(list, url);
  }

  private keepWebhooks(method: string, url: URL, form: URLSearchParams): TillAnswer {
    if (this.options.mayKeepWebhooks === false) return refusal(403, 'Insufficient rights');
    if (method === 'GET') return pageOf(this.webhooks, url);
    if (method === 'DELETE') {
      const at = this.webhooks.findIndex(({ webhook_id }) => url.pathname === `/webhooks/${webhook_id}`);
      if (at < 0) return refusal(404, 'Not found');
      this.webhooks.splice(at, 1);
      return { status: 200, body: { alerte: 'deleted' } };
    }
    const field = (name: string): string => form.get(name) ?? '';
    const missing = ['webhook_label', 'webhook_url', 'webhook_action', 'webhook_app_id_int'].find(
      (name) => field(name) === '',
    );
    if (missing !== undefined) return refusal(422, 'Invalid data', { [missing]: 'is missing' });
    const webhook_id = ++this.lastId;
    this.webhooks.push({
      webhook_id,
      webhook_label: field('webhook_label'),
      webhook_url: field('webhook_url'),
      webhook_action: field('webhook_action'),
      webhook_async: field('webhook_async') || '0',
    });
    return { status: 200, body: { webhook_id } };
  }

  private listOf(path: string): readonly unknown[] | null {
    const { products, warehouses } = this.options;
    const ids = (pattern: RegExp) => pattern.exec(path)?.slice(1).map(Number);
    if (path === '/warehouses') return warehouses.map(({ id, name }) => ({ warehouse_id: id, warehouse_label: name }));
    const each = [...new Map([...products].reverse().map((product) => [product.id, product])).values()].reverse();
    if (path === '/products/') return each.map(productRow);
    const [product] = ids(/^\/products\/(\d+)$/) ?? [];
    if (product !== undefined)
      return each.some(({ id }) => id === product) ? each.filter(({ id }) => id === product).map(productRow) : null;
    const [order] = ids(/^\/inventory_input_details\/(\d+)$/) ?? [];
    if (order !== undefined) {
      return (
        this.stockOrders.get(order)?.map(({ product: { id, size = 0 }, quantity }, n) => ({
          inventory_input_detail_id: order * 1_000 + n,
          inventory_input_id: order,
          product_id: id,
          product_size: size,
          quantity: String(quantity),
        })) ?? null
      );
    }
    const rows = products.flatMap(stockRows);
    const [warehouse] = ids(/^\/stock_available\/warehouse_id\/(\d+)$/) ?? [];
    if (warehouse !== undefined) return rows.filter(({ warehouse_id }) => warehouse_id === warehouse);
    const [asked, size] = ids(/^\/stock_available\/product_id_size\/(\d+)\/(\d+)$/) ?? [];
    if (asked !== undefined) {
      return rows.filter(({ product_id, product_size }) => product_id === asked && product_size === size);
    }
    const [all] = ids(/^\/stock_available\/product_id\/(\d+)$/) ?? [];
    return all === undefined ? null : rows.filter(({ product_id }) => product_id === all);
  }
}
