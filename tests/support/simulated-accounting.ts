import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AccountingProduct {
  readonly code: string;
  readonly name: string;
  level: number;
}

export interface SimulatedAccountingOptions {
  readonly products: readonly AccountingProduct[];
  readonly warehouses: readonly string[];
  /** Without the list made for web shops, as some accounts are. */
  readonly listsForShops?: boolean;
  readonly login: { readonly email: string; readonly apiToken: string; readonly vatCode: string };
}

/**
 * An accounting system that speaks SmartBill's protocol: it pushes a level whenever something is sold or received, and
 * its API names the warehouses. Given no URL to push to, it keeps its changes to itself.
 */
export class SimulatedAccounting {
  private target: { readonly url: string; readonly token: string } | null = null;

  private constructor(
    private readonly options: SimulatedAccountingOptions,
    private readonly server: http.Server,
    /** Base address of its API. */
    readonly apiUrl: string,
  ) {}

  static async start(options: SimulatedAccountingOptions): Promise<SimulatedAccounting> {
    const { email, apiToken, vatCode } = options.login;
    const expected = `Basic ${Buffer.from(`${email}:${apiToken}`).toString('base64')}`;
    const levelsIn = (warehouse: string | null): readonly AccountingProduct[] =>
      warehouse === (options.warehouses[0] ?? 'Depozit') ? options.products : [];
    const calledAt: number[] = [];
    let blocked = false;
    const server = http.createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const send = (status: number, body: object): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      };
      // 30 calls in 10 seconds, then nothing for ten minutes.
      const now = Date.now();
      calledAt.push(now);
      blocked ||= calledAt.filter((at) => now - at < 10_000).length > 30;
      if (blocked) {
        send(403, { errorText: 'Ati depasit numarul de apeluri.' });
      } else if (request.headers.authorization !== expected) {
        send(401, { errorText: 'Autentificare esuata. Va rugam verificati datele si incercati din nou.' });
      } else if (url.searchParams.get('cif') !== vatCode) {
        send(400, {
          errorText:
            'Firma la care incercati sa va conectati nu mai este disponibila in Cloud. Verificati ciful companiei.',
        });
      } else if (url.pathname === '/company/warehouses') {
        send(200, { errorText: '', warehouses: options.warehouses });
      } else if (url.pathname === '/stocks/ecom/' && options.listsForShops !== false) {
        send(200, {
          errorText: '',
          products: levelsIn(url.searchParams.get('warehouseName')).map(({ name, code, level }) => ({
            denumire: name,
            cod: code,
            um: 'buc',
            cantitate: level,
          })),
        });
      } else if (url.pathname === '/stocks' && url.searchParams.has('date')) {
        const warehouseName = url.searchParams.get('warehouseName');
        const products = levelsIn(warehouseName).map(({ name, code, level }) => ({
          measuringUnit: 'buc',
          productCode: code,
          productName: name,
          quantity: level,
        }));
        const list = [{ products, warehouse: { warehouseName, warehouseType: 'en detail' } }];
        send(200, { errorText: '', message: '', number: '', series: '', list });
      } else {
        send(404, { errorText: '' });
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return new SimulatedAccounting(options, server, `http://127.0.0.1:${port}`);
  }

  get products(): readonly AccountingProduct[] {
    return this.options.products;
  }

  /** As entered under Contul Meu > Integrari > Sincronizare stocuri. */
  pushTo(url: string, token: string): void {
    this.target = { url, token };
  }

  /** The button "Testeaza conexiunea". */
  testConnection(): Promise<number> {
    return this.post({ products: [] });
  }

  /** Changes a level and pushes it; answers the status, or 0 when nobody was there. */
  change(product: AccountingProduct, by: number): Promise<number> {
    product.level += by;
    return this.push([product]);
  }

  push(products: readonly AccountingProduct[]): Promise<number> {
    const [warehouse = 'Depozit'] = this.options.warehouses;
    return this.post({
      products: products.map(({ code, name, level }) => ({
        productCode: code,
        productName: name,
        quantity: level,
        warehouse,
      })),
    });
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async post(body: object): Promise<number> {
    if (!this.target) return 0;
    try {
      const response = await fetch(this.target.url, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.target.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 0;
    }
  }
}
