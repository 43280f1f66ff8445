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

const PRODUCTS_A_PAGE = 250;

/** An accounting system that speaks Oblio's API: tokens for an hour, 250 products a page, 30 calls in 10 seconds. */
export class SimulatedOblio {
  private constructor(
    private readonly server: http.Server,
    readonly apiUrl: string,
    readonly calls: readonly string[],
    /** Ends every token before its time, as a new password does. */
    readonly endTokens: () => void,
  ) {}

  static async start({ products, login }: SimulatedOblioOptions): Promise<SimulatedOblio> {
    const calls: string[] = [];
    const calledAt: number[] = [];
    const tokens = new Set<string>();
    let given = 0;
    const warehouses = new Map(
      products.flatMap(({ stock = [] }) =>
        stock.map(({ workStation, management }) => [workStation + management, { workStation, management }]),
      ),
    );
    const server = http.createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const send = (status: number, body: object): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      };
      const refuse = (status: number, statusMessage: string): void => send(status, { status, statusMessage });
      const list = (data: readonly object[]): void => send(200, { status: 200, statusMessage: 'Success', data });
      const now = Date.now();
      calls.push(`${url.pathname}${url.search}`);
      calledAt.push(now);
      if (calledAt.filter((at) => now - at < 10_000).length > 30) {
        refuse(429, 'Ati depasit numarul de cereri.');
        return;
      }
      if (request.method === 'POST' && url.pathname === '/authorize/token') {
        let text = '';
        request.on('data', (chunk) => (text += String(chunk)));
        request.on('end', () => {
          const form = new URLSearchParams(text);
          if (form.get('client_id') !== login.email || form.get('client_secret') !== login.secret) {
            refuse(401, 'Date de autentificare gresite.');
            return;
          }
          const token = `token-${++given}`;
          tokens.add(token);
          send(200, { access_token: token, expires_in: '3600', token_type: 'Bearer', scope: '', request_time: '0' });
        });
        return;
      }
      if (!tokens.has((request.headers.authorization ?? '').replace(/^Bearer /, ''))) {
        refuse(401, 'Tokenul nu este valid.');
      } else if (url.searchParams.get('cif') !== login.cif) {
        refuse(400, 'CIF-ul firmei nu este valid.');
      } else if (url.pathname === '/nomenclature/management') {
        list([...warehouses.values()].map((each) => ({ ...each, managementType: 'Cantitativ Valorica' })));
      } else if (url.pathname === '/nomenclature/products') {
        const offset = Number(url.searchParams.get('offset') ?? 0);
        const some = products.slice(offset, offset + PRODUCTS_A_PAGE);
        list(
          some.map(({ code, name, stock }) => ({
            name,
            code,
            description: '',
            measuringUnit: 'buc',
            productType: stock ? 'Marfa' : 'Serviciu',
            ...(stock ? { stock: stock.map((each) => ({ ...each, price: '200.00', currency: 'RON' })) } : {}),
          })),
        );
      } else {
        refuse(400, 'Cererea nu exista.');
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return new SimulatedOblio(server, `http://127.0.0.1:${port}`, calls, () => tokens.clear());
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}
