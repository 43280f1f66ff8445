import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { pick, pickList, pickNumber, pickText } from '../support/api-client';
import { eventually } from '../support/eventually';
import { ADMIN_TOKEN, type RunningService, runService } from '../support/running-service';
import { type SimulatedWooCommerce, startSimulatedWooCommerce } from '../support/simulated-woocommerce';

const readme = readFileSync(path.resolve(__dirname, '..', '..', 'README.md'), 'utf8');
const examples = [...readme.matchAll(/```sh\n(curl[\s\S]*?)```/g)].map((match) => match[1] ?? '');

describe('the curl examples of the README', () => {
  let shop: SimulatedWooCommerce;
  let running: RunningService;

  beforeAll(async () => {
    shop = await startSimulatedWooCommerce({ products: [{ sku: 'A-1', name: 'One', stock: 1 }] });
    running = await runService();
  });

  afterAll(async () => {
    await running.stop();
    await shop.close();
  });

  it('work one after the other, as they stand', async () => {
    const known: Record<string, string> = {
      STOCK_RELAY: running.url,
      ADMIN_TOKEN,
      SHOP_URL: shop.url,
      WOO_KEY: shop.keys.readWrite.consumerKey,
      WOO_SECRET: shop.keys.readWrite.consumerSecret,
    };
    const run = async (example: string | undefined): Promise<unknown> => {
      const { stdout } = await promisify(execFile)('bash', ['-euc', example ?? 'false'], {
        env: { PATH: process.env['PATH'], ...known },
      });
      return JSON.parse(stdout);
    };
    const [addShop, testShop, addSource, connect, push, read] = examples;
    known['SHOP_ID'] = String(pickNumber(await run(addShop), 'id'));
    expect(pick(await run(testShop), 'ok')).toBe(true);
    const source = await run(addSource);
    known['SOURCE_ID'] = String(pickNumber(source, 'id'));
    known['PUSH_URL'] = pickText(source, 'pushUrl');
    known['TOKEN'] = pickText(source, 'token');
    known['CONNECTION_ID'] = String(pickNumber(await run(connect), 'id'));
    expect(await run(push)).toMatchObject({ accepted: 2, rejected: 1 });
    await eventually(async () => shop.products.stockOf('A-1') === 7);
    const rows = await eventually(async () => {
      const data = pickList(await run(read), 'data');
      return data.every((row) => ['synced', 'unmatched'].includes(pickText(row, 'status'))) ? data : undefined;
    });
    expect(rows.map((row) => [pick(row, 'code'), pick(row, 'status')])).toEqual([
      ['A-1', 'synced'],
      ['NO-SUCH-CODE', 'unmatched'],
    ]);
    expect(examples).toHaveLength(6);
  });
});
