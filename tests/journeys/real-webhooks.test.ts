import { randomBytes } from 'node:crypto';
import { systemClock } from '../../server/clock/system-clock';
import { pick, pickList, pickNumber, pickText, push } from '../support/api-client';
import { eventually } from '../support/eventually';
import { freePort } from '../support/free-port';
import { QuickClock } from '../support/quick-clock';
import { connect, type Connected, type RunningService, runService } from '../support/running-service';
import { TcpGate } from '../support/tcp-gate';
import { call } from '../wp-bridge/support/bridge-client';
import { rest, shopUrl } from '../wp-bridge/support/real-shop';
import { storefrontOrder } from '../wp-bridge/support/storefront-order';

const LEVEL = 500;
const MINUTE = 60_000;
/** The shop's own jobs run once a minute at the most. */
const TOLD_WITHIN_MS = 3 * MINUTE;
/** WooCommerce disables a webhook when more deliveries than this have failed in a row. */
const FAILURES_BORNE = 5;

// The shop must be able to reach this machine. Jest leaves this file out where WOO_URL is not set.
describe('web orders that a real shop (WOO_URL) tells of by its own webhooks', () => {
  const clock = new QuickClock(systemClock.now(), 1);
  const sku = `told-${randomBytes(3).toString('hex')}`;
  let product: number;
  let gate: TcpGate;
  let running: RunningService;
  let connected: Connected;

  beforeAll(async () => {
    const made = await rest('POST', '/products', {
      sku,
      name: sku,
      regular_price: '5',
      manage_stock: true,
      stock_quantity: LEVEL,
    });
    product = pickNumber(made.json, 'id');
    const port = await freePort();
    gate = await TcpGate.open({ host: '127.0.0.1', port });
    const environment = { PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${gate.port}`, LOG_LEVEL: 'warn' };
    running = await runService(environment, { clock, checkAnswers: false });
    const { WOO_KEY = '', WOO_SECRET = '' } = process.env;
    const keys = { url: shopUrl, consumerKey: WOO_KEY, consumerSecret: WOO_SECRET, verifyTls: false };
    connected = await connect(running.api, keys, { connection: { orders: { knownBy: 'acknowledged' } } });
    await push(connected.pushUrl, connected.token, { code: sku, quantity: LEVEL });
    await eventually(async () => (await ours()).length > 0 && pick(await ledger(), 'beganAt') !== null, MINUTE);
  }, 120_000);

  afterAll(async () => {
    const left = (await ours()).map((webhook) => pickNumber(webhook, 'id'));
    await rest('POST', '/webhooks/batch', { delete: left });
    await rest('POST', '/products/batch', { delete: [product] });
    await running.stop();
    await gate.close();
  }, 120_000);

  const ours = async (): Promise<readonly unknown[]> => {
    const { json } = await rest('GET', '/webhooks?per_page=100');
    return pickList({ json }, 'json').filter(
      (webhook) =>
        pickText(webhook, 'topic').startsWith('order.') && pickText(webhook, 'delivery_url').includes(`:${gate.port}/`),
    );
  };
  const ledger = async (): Promise<unknown> =>
    pickList(await running.api.expect(200, 'GET', '/order-ledgers'), 'data')[0];
  const known = async (order: number): Promise<unknown> => {
    const listed = pickList(
      await running.api.expect(200, 'GET', `/orders?shopId=${connected.shopId}&limit=200`),
      'data',
    );
    return listed.find((each) => pick(each, 'orderId') === order);
  };
  const heldOf = (order: unknown): unknown => pick(order, 'lines', 0, 'held');
  /** As the shop's host does once a minute: WooCommerce sends nothing until its jobs are run. */
  const afterItsJobs = <Answer>(ask: () => Promise<Answer | false | undefined>): Promise<Answer> =>
    eventually(
      async () => {
        await call(`${shopUrl}/wp-cron.php?doing_wp_cron`);
        return ask();
      },
      TOLD_WITHIN_MS,
      1_000,
    );
  const order = async (pieces: number): Promise<number> => {
    const id = await storefrontOrder(product, pieces);
    expect(id).toBeGreaterThan(0);
    return id;
  };
  const isSettledAt = (shown: number) =>
    eventually(async () => {
      const item = pickList(await running.api.expect(200, 'GET', `/items?q=${sku}`), 'data')[0];
      const { json } = await rest('GET', `/products/${product}`);
      return (
        pick(item, 'status') === 'synced' &&
        pick(item, 'shown') === String(shown) &&
        pick({ json }, 'json', 'stock_quantity') === shown
      );
    }, 120_000);

  let bought: number;

  it('are heard of when they are placed, and how late is measured', async () => {
    const before = await order(1);
    await afterItsJobs(async () => pick(await ledger(), 'told', 'inTime') === true);
    expect(pickNumber(await ledger(), 'told', 'lagMs')).toBeLessThan(TOLD_WITHIN_MS);
    expect(heldOf(await known(before))).toBe('1');
    // Told of in time, orders are read every five minutes only, after a reading that may have been due by then.
    const readAt = async () => pick(await ledger(), 'read', 'at');
    const lately = await readAt();
    await eventually(async () => (await readAt()) !== lately, 70_000, 1_000).catch(() => undefined);
    bought = await order(3);
    await afterItsJobs(async () => (await known(bought)) !== undefined);
    expect(await known(bought)).toMatchObject({ heardBy: 'webhook', lines: [{ held: '3' }] });
  }, 480_000);

  it('are heard of when they are cancelled, taken up again and thrown away', async () => {
    await rest('PUT', `/orders/${bought}`, { status: 'cancelled' });
    await afterItsJobs(async () => heldOf(await known(bought)) === '0');
    await rest('PUT', `/orders/${bought}`, { status: 'processing' });
    await afterItsJobs(async () => heldOf(await known(bought)) === '3');
    await rest('DELETE', `/orders/${bought}`);
    await afterItsJobs(async () => typeof pick(await known(bought), 'goneAt') === 'string');
    // The shop gives nothing back for what is thrown away.
    expect(heldOf(await known(bought))).toBe('3');
    await push(connected.pushUrl, connected.token, { code: sku, quantity: 2 * LEVEL });
    await isSettledAt(2 * LEVEL - 4);
  }, 720_000);

  it('are not missed when the shop has disabled the webhooks because we could not be reached, and are told of again', async () => {
    gate.shut();
    const unheard: number[] = [];
    for (let n = 0; n <= FAILURES_BORNE + 1; n += 1) unheard.push(await order(1));
    const disabled = async (topic: string) =>
      (await ours()).some(
        (webhook) => pickText(webhook, 'topic') === topic && pickText(webhook, 'status') === 'disabled',
      );
    await afterItsJobs(() => disabled('order.created'));
    gate.reopen();
    clock.jump(6 * MINUTE);
    for (const each of unheard) {
      await eventually(async () => heldOf(await known(each)) === '1', MINUTE);
      expect(await known(each)).toMatchObject({ heardBy: 'poll' });
    }
    await push(connected.pushUrl, connected.token, { code: sku, quantity: 3 * LEVEL });
    await isSettledAt(3 * LEVEL - 4 - unheard.length);
    clock.jump(61 * MINUTE);
    await eventually(async () => !(await disabled('order.created')), MINUTE);
    const last = await order(2);
    await afterItsJobs(async () => (await known(last)) !== undefined);
    expect(heldOf(await known(last))).toBe('2');
    await isSettledAt(3 * LEVEL - 4 - unheard.length - 2);
  }, 900_000);
});
