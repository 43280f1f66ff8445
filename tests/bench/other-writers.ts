import http from 'node:http';
import https from 'node:https';
import type { ShopKeys } from '../support/running-service';

// The ways to write that others use, with nothing around them: what this service is measured against.

const FIELDS = 'id,sku,manage_stock,stock_quantity';
const agents = {
  'https:': new https.Agent({ keepAlive: true, rejectUnauthorized: false }),
  'http:': new http.Agent({ keepAlive: true }),
};

function call(keys: ShopKeys, method: string, route: string, body?: object): Promise<unknown> {
  const url = new URL(`${keys.url}/wp-json/wc/v3${route}`);
  const secure = url.protocol === 'https:';
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).request(
      url,
      {
        method,
        agent: secure ? agents['https:'] : agents['http:'],
        headers: {
          authorization: `Basic ${Buffer.from(`${keys.consumerKey}:${keys.consumerSecret}`).toString('base64')}`,
          accept: 'application/json',
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          if (response.statusCode !== 200) reject(new Error(`${method} ${route} answered ${response.statusCode ?? 0}`));
          else resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        });
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(text);
  });
}

interface Product {
  readonly id: number;
  readonly sku: string;
}

const isProduct = (row: unknown): row is Product =>
  typeof row === 'object' &&
  row !== null &&
  'id' in row &&
  'sku' in row &&
  typeof row.sku === 'string' &&
  /^[\w-]+$/.test(row.sku) &&
  'manage_stock' in row &&
  row.manage_stock === true;

const productsOf = (answer: unknown): Product[] => (Array.isArray(answer) ? answer.filter(isProduct) : []);

/** Codes of simple products of the shop whose stock is managed: `count`, or as many as there are. */
export async function shopCodes(keys: ShopKeys, count: number): Promise<string[]> {
  const codes: string[] = [];
  for (let page = 1; codes.length < count; page++) {
    const rows = await call(
      keys,
      'GET',
      `/products?type=simple&status=publish&orderby=id&order=asc&per_page=100&page=${page}&_fields=${FIELDS}`,
    );
    if (!Array.isArray(rows) || rows.length === 0) break;
    codes.push(...productsOf(rows).map((product) => product.sku));
  }
  return codes.slice(0, count);
}

/** One GET ?sku= and one PUT per product, one after the other: the naive connector. */
export async function oneByOne(keys: ShopKeys, codes: readonly string[], quantity: number): Promise<void> {
  for (const code of codes) {
    const [product] = productsOf(await call(keys, 'GET', `/products?sku=${encodeURIComponent(code)}`));
    if (!product) throw new Error(`${code} is not in the shop`);
    await call(keys, 'PUT', `/products/${product.id}`, { stock_quantity: quantity });
  }
}

export async function productIds(keys: ShopKeys, codes: readonly string[]): Promise<number[]> {
  const ids: number[] = [];
  for (let start = 0; start < codes.length; start += 100) {
    const some = codes
      .slice(start, start + 100)
      .map(encodeURIComponent)
      .join(',');
    const rows = await call(keys, 'GET', `/products?sku=${some}&per_page=100&_fields=${FIELDS}`);
    ids.push(...productsOf(rows).map((product) => product.id));
  }
  return ids;
}

/** Batches whose ids are known beforehand, with `_fields` inside each item: the fastest plain REST there is. */
export async function bareBatches(
  keys: ShopKeys,
  ids: readonly number[],
  quantity: number,
  size: number,
  parallel: number,
): Promise<void> {
  const batches: number[][] = [];
  for (let start = 0; start < ids.length; start += size) batches.push(ids.slice(start, start + size));
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      for (let batch = batches.shift(); batch; batch = batches.shift()) {
        await call(keys, 'POST', '/products/batch', {
          update: batch.map((id) => ({ id, stock_quantity: quantity, _fields: FIELDS })),
        });
      }
    }),
  );
}
