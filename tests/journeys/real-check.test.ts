import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { CLOCK_DOUBT_MS } from '../../server/domain/difference';
import { pick, pickList, pickNumber, pickText } from '../support/api-client';
import { eventually } from '../support/eventually';
import { connect, type Connected, type RunningService, runService } from '../support/running-service';
import { SHOPS, type ShopAtHand } from './matching/shop-at-hand';

// Jest leaves this file out where WOO_URL is not set; the real shop is then the last one.
const real = SHOPS.at(-1);

describe('A check of a real shop (WOO_URL)', () => {
  const prefix = `check-${process.pid}-`;
  const codes = ['equal', 'sold', 'edited', 'missed', 'both'].map((name) => `${prefix}${name}`);
  const [equal = '', sold = '', edited = '', missed = '', both = ''] = codes;
  const ids = new Map<string, number>();
  const levels = new Map(codes.map((code) => [code, 10]));
  const orders: number[] = [];
  let shop: ShopAtHand;
  let running: RunningService;
  let connected: Connected;
  let file: http.Server;

  const idOf = (code: string): number => ids.get(code) ?? 0;
  const stockOf = async (code: string): Promise<number> =>
    pickNumber(await shop.ask('GET', `/products/${idOf(code)}`), 'stock_quantity');
  const runToEnd = async (what: string) => {
    const id = pickNumber(
      await running.api.expect(202, 'POST', `/connections/${connected.connectionId}/${what}`),
      'runId',
    );
    return eventually(async () => {
      const found = await running.api.expect(200, 'GET', `/runs/${id}`);
      return ['queued', 'running'].includes(pickText(found, 'status')) ? undefined : found;
    }, 240_000);
  };
  const order = async (code: string, quantity: number): Promise<string> => {
    const made = await shop.ask('POST', '/orders', {
      status: 'processing',
      payment_method: 'cod',
      line_items: [{ product_id: idOf(code), quantity }],
    });
    orders.push(pickNumber(made, 'id'));
    return `#${pickText(made, 'number')}`;
  };

  beforeAll(async () => {
    if (!real) throw new Error('There is no shop');
    shop = await real.open();
    for (const sku of codes) {
      const made = await shop.ask('POST', '/products', { sku, name: sku, manage_stock: true, stock_quantity: 1 });
      ids.set(sku, pickNumber(made, 'id'));
    }
    file = http.createServer((_request, response) => {
      const rows = [...levels].map(([code, quantity]) => `${code};${quantity}`);
      response.writeHead(200, { 'content-type': 'text/csv' }).end(['code;quantity', ...rows, ''].join('\r\n'));
    });
    await new Promise<void>((resolve) => file.listen(0, '127.0.0.1', resolve));
    running = await runService();
    connected = await connect(running.api, shop.keys, {
      source: { settings: { fileUrl: `http://127.0.0.1:${(file.address() as AddressInfo).port}/levels.csv` } },
      connection: { matchBy: ['code'] },
    });
    await eventually(async () => {
      const shown = await running.api.expect(200, 'GET', `/shops/${connected.shopId}/catalogue`);
      return pick(shown, 'loadedAt') !== null;
    }, 240_000);
  }, 300_000);

  afterAll(async () => {
    await running.stop();
    file.close();
    for (const id of orders) await shop.ask('POST', `/orders/${id}?force=true&_method=DELETE`);
    for (const id of ids.values()) await shop.ask('POST', `/products/${id}?force=true&_method=DELETE`);
    await shop.close();
  }, 120_000);

  it('tells an order, a hand’s edit and a change it was never told apart, and never writes over the order', async () => {
    expect(pick(await runToEnd('pull'), 'status')).toBe('succeeded');
    expect(await Promise.all(codes.map(stockOf))).toEqual([10, 10, 10, 10, 10]);
    const pulledAt = Date.now();
    // WooCommerce tells times by the second, and its clock may be off a little: what it changes right after our own write
    // is taken for ours.
    await eventually(() => Promise.resolve(Date.now() > pulledAt + CLOCK_DOUBT_MS + 1_000), 20_000, 200);
    const number = await order(sold, 2);
    const other = await order(both, 1);
    await shop.ask('POST', `/products/${idOf(edited)}`, { stock_quantity: 4 });
    await shop.ask('POST', `/products/${idOf(both)}`, { stock_quantity: 3 });
    levels.set(missed, 6);
    const check = await runToEnd('check');
    const lines = pickList(
      await running.api.expect(200, 'GET', `/runs/${pickNumber(check, 'id')}/lines?limit=200`),
      'data',
    );
    const found = new Map(lines.map((line) => [pickText(line, 'code'), line]));
    const told = (code: string) => [
      pick(found.get(code), 'outcome'),
      pick(found.get(code), 'reason') === null ? null : pick(found.get(code), 'reason', 'code'),
    ];
    expect(Object.fromEntries(codes.map((code) => [code.slice(prefix.length), told(code)]))).toEqual({
      equal: ['equal', null],
      sold: ['reported', 'order'],
      edited: ['changed', 'edited'],
      missed: ['changed', 'not_told'],
      both: ['reported', 'order_and_more'],
    });
    expect(pickText(found.get(sold), 'reason', 'text')).toContain(number);
    expect(pickText(found.get(both), 'reason', 'text')).toContain(other);
    expect(await Promise.all([equal, sold, edited, missed, both].map(stockOf))).toEqual([10, 8, 10, 6, 3]);
    expect(pick(check, 'proven')).toEqual({ proven: 3, of: 5 });
    // The source learns of the order: its new level is written, and all is in step again.
    levels.set(sold, 8);
    levels.set(both, 9);
    expect(pick(await runToEnd('check'), 'proven')).toEqual({ proven: 5, of: 5 });
    expect(await Promise.all([sold, both].map(stockOf))).toEqual([8, 9]);
  }, 300_000);
});
