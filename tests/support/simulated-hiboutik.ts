import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TillProduct {
  readonly id: number;
  /** 0 = the product comes in one size. */
  readonly size?: number;
  readonly barcode: string;
  readonly name: string;
  /** By warehouse id; a warehouse that never held it has no row. */
  readonly levels: Record<number, number>;
}

export interface SimulatedHiboutikOptions {
  readonly products: TillProduct[];
  readonly warehouses: readonly { readonly id: number; readonly name: string }[];
  readonly login: { readonly user: string; readonly apiKey: string };
  /** What is left of the month's calls. */
  readonly callsLeft?: number;
}

const ROWS_A_PAGE = 250;

/** A till that speaks Hiboutik's API: pages of 250 rows, a month's budget of calls, and levels as text or as numbers. */
export class SimulatedHiboutik {
  private constructor(
    readonly options: SimulatedHiboutikOptions,
    private readonly server: http.Server,
    readonly apiUrl: string,
    readonly calls: readonly string[],
  ) {}

  static async start(options: SimulatedHiboutikOptions): Promise<SimulatedHiboutik> {
    const { user, apiKey } = options.login;
    const expected = `Basic ${Buffer.from(`${user}:${apiKey}`).toString('base64')}`;
    const calls: string[] = [];
    const server = http.createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const send = (status: number, body: unknown, headers: http.OutgoingHttpHeaders = {}): void => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
      };
      const refuse = (status: number, code: number, error: string): void =>
        send(status, { error, code, error_description: error });
      calls.push(`${url.pathname}${url.search}`);
      const list = listOf(options, url.pathname);
      if (calls.length > (options.callsLeft ?? 10_000)) refuse(429, 429, 'Too many requests');
      else if (request.headers.authorization !== expected) refuse(401, 1, 'Unauthorized');
      else if (list === null) refuse(404, 2, 'Not found');
      else {
        const page = Number(url.searchParams.get('p') ?? 1);
        const from = (page - 1) * ROWS_A_PAGE;
        const rows = list.slice(from, from + ROWS_A_PAGE);
        const last = Math.max(1, Math.ceil(list.length / ROWS_A_PAGE));
        const to = (p: number, rel: string) => `<http://localhost${url.pathname}?p=${p}>; rel="${rel}"`;
        const links = [to(1, 'start'), ...(page > 1 ? [to(page - 1, 'prev')] : []), to(page, 'current')];
        if (page < last) links.push(to(page + 1, 'next'));
        send(200, rows, {
          'content-range': `${from}-${from + rows.length - 1}/${list.length}`,
          link: [...links, to(last, 'last')].join(', '),
        });
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return new SimulatedHiboutik(options, server, `http://127.0.0.1:${port}`, calls);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}

function listOf({ products, warehouses }: SimulatedHiboutikOptions, path: string): readonly unknown[] | null {
  if (path === '/warehouses') {
    return warehouses.map(({ id, name }) => ({ warehouse_id: id, warehouse_label: name }));
  }
  if (path === '/products/') {
    return products.map(({ id, name, barcode }) => ({
      product_id: id,
      product_model: name,
      product_barcode: barcode,
      product_stock_management: 1,
    }));
  }
  const warehouse = /^\/stock_available\/warehouse_id\/(\d+)$/.exec(path)?.[1];
  if (warehouse === undefined) return null;
  return products.flatMap(({ id, size = 0, barcode, levels }) => {
    const level = levels[Number(warehouse)];
    // Seen both ways: text of one product, a number of the next.
    const stock_available = id % 2 === 0 ? String(level) : level;
    return level === undefined
      ? []
      : [
          {
            product_id: id,
            product_size: size,
            warehouse_id: Number(warehouse),
            stock_available,
            product_barcode: barcode,
          },
        ];
  });
}
