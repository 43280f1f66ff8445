import { createHmac } from 'node:crypto';
import { systemClock } from '../../server/clock/system-clock';
import { pick } from '../support/api-client';
import { engines } from '../support/databases';
import { eventually } from '../support/eventually';
import { freePort } from '../support/free-port';
import { COUNTED, OrderBench, PRODUCTS } from '../support/order-bench';
import { QuickClock } from '../support/quick-clock';
import { type Connected, connect, type RunningService, runService } from '../support/running-service';
import {
  type SimulatedOrder,
  type SimulatedWooCommerce,
  startSimulatedWooCommerce,
} from '../support/simulated-woocommerce';

const SECOND = 1_000;
const MINUTE = 60_000;

describe.each(engines)('no web order is missed, on $name', (engine) => {
  engine.whenAvailable(() => {
    const clock = new QuickClock(systemClock.now(), 1);
    let shop: SimulatedWooCommerce;
    let running: RunningService;
    let connected: Connected;
    let bench: OrderBench;
    const openShop = () => startSimulatedWooCommerce({ products: PRODUCTS, now: () => clock.now() });

    const readings = () =>
      shop.calls.filter(({ route, query }) => route === '/wc/v3/orders' && !query.includes('status=')).length;
    const nothingIsRead = () =>
      eventually(async () => {
        const before = readings();
        await systemClock.sleep(1_500);
        return before === readings();
      });

    beforeAll(async () => {
      shop = await openShop();
      const port = String(await freePort());
      const environment = { PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}` };
      running = await runService({ DATABASE_URL: (await engine.create()).url, ...environment }, { clock });
      connected = await connect(running.api, { url: shop.url, ...shop.keys.readWrite }, COUNTED);
      bench = new OrderBench(
        shop,
        () => running.api,
        () => connected,
      );
      await eventually(async () => bench.webhooks().length === 4);
      await bench.say(5_000);
      await bench.allIsTrue();
    });

    afterAll(async () => {
      await running.stop();
      await shop.close();
      await engine.dropAll();
    });

    it('while the shop has disabled the webhooks after failures: they are set active again, and told by', async () => {
      const disabled = () => bench.webhooks().filter(({ status }) => status === 'disabled').length;
      const secrets = bench.webhooks().map(({ secret }) => secret);
      for (const webhook of bench.webhooks()) webhook.secret = 'spoilt on the way';
      const order = shop.orders.place({ A: 1 });
      for (let failures = 1; failures <= 7; failures++) {
        for (const status of ['on-hold', 'processing'] as const) shop.orders.change(order, status);
        shop.orders.trash(order);
        shop.orders.restore(order);
        shop.orders.place({ A: 1 });
        await shop.deliverWebhooks();
      }
      expect(disabled()).toBe(4);
      for (const [index, webhook] of bench.webhooks().entries()) webhook.secret = secrets[index] ?? '';
      bench.business(260);
      clock.jump(90 * SECOND);
      bench.business(40);
      await bench.say(4_800);
      await bench.allIsTrue();
      clock.jump(61 * MINUTE);
      await eventually(async () => disabled() === 0, 20_000);
      await nothingIsRead();
      const told = shop.orders.place({ B: 2 });
      await shop.deliverWebhooks();
      expect((await bench.listed()).get(told.id)).toMatchObject({ heardBy: 'webhook', lines: [{ held: '2' }] });
      await bench.allIsTrue();
    }, 180_000);

    it.each([
      ['refuses connections', 4_700],
      ['is in maintenance', 4_600],
    ])(
      'while the shop %s, before and after',
      async (how, level) => {
        bench.business(20);
        const isDown = how === 'refuses connections';
        if (isDown) await shop.goDown();
        else shop.faults.always({ kind: 'maintenance' });
        bench.untold(() => bench.business(30));
        await bench.say(level);
        await eventually(async () => (await bench.items()).some((item) => pick(item, 'status') !== 'synced'));
        if (isDown) await shop.comeBack();
        else shop.faults.clear();
        clock.jump(20 * MINUTE);
        bench.business(20);
        await shop.deliverWebhooks();
        await bench.allIsTrue();
      },
      120_000,
    );

    it('while its webhooks come late: the orders are read every minute then', async () => {
      /** Whether they are read when so much time has passed, and nothing else asks for it. */
      const areReadAfter = async (ms: number): Promise<boolean> => {
        await bench.allIsTrue();
        await nothingIsRead();
        const before = readings();
        clock.jump(ms);
        return eventually(async () => readings() > before, 4_000).catch(() => false);
      };
      const order = shop.orders.place({ C: 1 });
      await shop.deliverWebhooks();
      // One that was due by then comes yet.
      await areReadAfter(62 * SECOND);
      expect(await areReadAfter(62 * SECOND)).toBe(false);
      shop.orders.change(order, 'completed');
      clock.jump(6 * MINUTE);
      await shop.deliverWebhooks();
      expect(await areReadAfter(62 * SECOND)).toBe(true);
      expect(await areReadAfter(62 * SECOND)).toBe(true);
    }, 120_000);

    describe('nor changed by a webhook', () => {
      const shown = (order: SimulatedOrder) => JSON.stringify(shop.orders.shown(order));
      const tell = async (body: string, by: string, deliveryUrl?: string): Promise<number> => {
        const [ours] = bench.webhooks();
        const headers = {
          'content-type': 'application/json',
          'x-wc-webhook-topic': 'order.updated',
          'x-wc-webhook-signature': createHmac('sha256', by).update(body).digest('base64'),
        };
        return (await fetch(deliveryUrl ?? ours?.deliveryUrl ?? '', { method: 'POST', headers, body })).status;
      };
      const secret = () => bench.webhooks()[0]?.secret ?? '';

      it('that is replayed, out of order or forged', async () => {
        const order = shop.orders.place({ D: 3 }, 'pending');
        const unpaid = shown(order);
        shop.orders.change(order, 'processing');
        const paid = shown(order);
        clock.jump(2 * SECOND);
        shop.orders.edit(order, 5);
        const more = shown(order);
        shop.orders.refund(order, 1, { restocks: true });
        const less = shown(order);
        expect(await tell(less, secret())).toBe(200);
        await bench.allIsTrue();
        const before = await bench.listed();
        // Earlier states, of the same second and of others, and the newest once more.
        for (const body of [more, paid, unpaid, less, more]) {
          expect(await tell(body, secret())).toBe(200);
          expect(await bench.listed()).toEqual(before);
        }
        for (const by of ['a guess', ' ']) expect(await tell(unpaid, by)).toBe(401);
        expect(await bench.listed()).toEqual(before);
        await bench.say(4_500);
        await bench.allIsTrue();
      }, 120_000);

      it('of another shop whose order has the same number', async () => {
        shop.orders.place({ D: 1 });
        await shop.deliverWebhooks();
        const other = await openShop();
        const second = await connect(running.api, { url: other.url, ...other.keys.readWrite }, COUNTED);
        await eventually(async () => other.webhooks.some(({ topic }) => topic === 'order.restored'));
        const theirs = other.orders.place({ D: 7 });
        clock.jump(2 * MINUTE);
        await eventually(async () => (await bench.listed(second.shopId)).size === 1, 20_000);
        const before = await bench.listed();
        expect(before.get(theirs.id)).toBeDefined();
        const webhook = other.webhooks.find(({ topic }) => topic === 'order.updated');
        const body = JSON.stringify(other.orders.shown(theirs));
        expect(await tell(body, webhook?.secret ?? '')).toBe(401);
        expect(await tell(body, secret(), webhook?.deliveryUrl)).toBe(401);
        expect(await tell(body, webhook?.secret ?? '', webhook?.deliveryUrl)).toBe(200);
        expect(await bench.listed()).toEqual(before);
        await bench.allIsTrue();
        await other.close();
      }, 120_000);
    });
  });
});
