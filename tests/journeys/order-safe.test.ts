import { systemClock } from '../../server/clock/system-clock';
import { pick, pickList, pickNumber, pickText, push } from '../support/api-client';
import { engines } from '../support/databases';
import { eventually } from '../support/eventually';
import { freePort } from '../support/free-port';
import { QuickClock } from '../support/quick-clock';
import { type Connected, connect, type RunningService, runService } from '../support/running-service';
import {
  type SimulatedOrder,
  type SimulatedWooCommerce,
  startSimulatedWooCommerce,
} from '../support/simulated-woocommerce';

const MINUTE = 60_000;

describe.each(engines)('web orders that a source does not know of, end to end, on $name', (engine) => {
  engine.whenAvailable(() => {
    const clock = new QuickClock(systemClock.now(), 1);
    let shop: SimulatedWooCommerce;
    let running: RunningService;
    let connected: Connected;

    beforeAll(async () => {
      shop = await startSimulatedWooCommerce({
        products: [...'ABCDEFGHIJKLMNOP'].map((sku) => ({ sku, name: `Product ${sku}`, stock: 10 })),
        now: () => clock.now(),
      });
      const port = String(await freePort());
      const environment = { PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}` };
      running = await runService({ DATABASE_URL: (await engine.create()).url, ...environment }, { clock });
      connected = await connect(
        running.api,
        { url: shop.url, ...shop.keys.readWrite },
        { connection: { orders: { knownBy: 'acknowledged' } } },
      );
      await eventually(async () => shop.webhooks.some(({ topic }) => topic === 'order.restored'));
    });

    afterAll(async () => {
      await running.stop();
      await shop.close();
      await engine.dropAll();
    });

    const send = async (code: string, quantity: number): Promise<number> => {
      const answer = await push(connected.pushUrl, connected.token, { code, quantity });
      expect(answer.status).toBe(202);
      return pickNumber(answer.body, 'pushId');
    };
    const item = async (code: string): Promise<unknown> => {
      const items = pickList(await running.api.expect(200, 'GET', '/items?limit=200'), 'data');
      return items.find((row) => pick(row, 'code') === code);
    };
    /** That the shop ends at this number, and that the item says so. */
    const settles = (code: string, stock: number, steps?: readonly object[]): Promise<void> =>
      eventually(async () => {
        const shown = String(stock);
        expect(await item(code)).toMatchObject({ status: 'synced', verified: true, wanted: shown, shown });
        expect(shop.products.stockOf(code)).toBe(stock);
        if (steps) expect(pick(await item(code), 'steps')).toEqual(steps);
        return true;
      }, 20_000).then(() => undefined);
    const countedBy = (orders: object) =>
      running.api.expect(200, 'PATCH', `/connections/${connected.connectionId}`, { orders });
    const ledgerOrder = async ({ id }: SimulatedOrder): Promise<unknown> => {
      const listed = pickList(await running.api.expect(200, 'GET', '/orders?limit=200'), 'data');
      return listed.find((order) => pick(order, 'orderId') === id);
    };
    const seen = ({ id }: SimulatedOrder) => running.api.expect(200, 'POST', `/orders/${id}/seen`, {});
    const writesOf = (sku: string) => shop.writes.filter((write) => write.sku === sku).map(({ asked }) => asked);
    const sum = (value: number) => ({ kind: 'sum', by: null, value: String(value) });
    const sold = (order: SimulatedOrder, value: number) => ({
      kind: 'orders',
      by: `#${order.id}`,
      value: String(value),
    });

    it('are taken off what it says, until it says that it knows of them', async () => {
      await send('A', 10);
      await settles('A', 10, [sum(10)]);
      const order = shop.orders.place({ A: 2 });
      await shop.deliverWebhooks();
      await send('A', 10);
      await settles('A', 8, [sum(10), sold(order, 8)]);
      // Before it says so, the level that has the order in counts it twice: that sells too little, never too much.
      await send('A', 8);
      await settles('A', 6, [sum(8), sold(order, 6)]);
      await seen(order);
      await settles('A', 8, [sum(8)]);
      expect(pick(await ledgerOrder(order), 'lines', 0, 'known')).toMatchObject([
        { connectionId: connected.connectionId, quantity: '2' },
      ]);
      expect(writesOf('A')).toEqual([{ inventory_delta: -2 }, { inventory_delta: 2 }]);
    });

    it('are taken off no more once they are cancelled and the shop has its pieces back', async () => {
      await send('B', 10);
      await settles('B', 10);
      const order = shop.orders.place({ B: 3 });
      await send('B', 12);
      await settles('B', 9, [sum(12), sold(order, 9)]);
      shop.orders.cancel(order);
      await shop.deliverWebhooks();
      await settles('B', 12, [sum(12)]);
      expect(pickText(await ledgerOrder(order), 'status')).toBe('cancelled');
    });

    it('are written around by difference, so that a sale between our look and our write is not lost', async () => {
      await send('C', 10);
      await settles('C', 10);
      let order: SimulatedOrder | undefined;
      const isWrite = { method: 'POST', route: /\/products\/batch$/ };
      shop.faults.next({ kind: 'meanwhile', happens: () => (order = shop.orders.place({ C: 3 })) }, 1, isWrite);
      await send('C', 20);
      await eventually(async () => order !== undefined);
      await settles('C', 17, order && [sum(20), sold(order, 17)]);
      expect(writesOf('C')[0]).toEqual({ inventory_delta: 10 });
    });

    it('are kept as soon as a webhook tells of them', async () => {
      await send('D', 10);
      await settles('D', 10);
      const order = shop.orders.place({ D: 1 });
      await shop.deliverWebhooks();
      expect(await ledgerOrder(order)).toMatchObject({
        heardBy: 'webhook',
        status: 'processing',
        lines: [{ productId: shop.products.bySku('D').id, held: '1', known: [] }],
      });
      await settles('D', 9, [sum(10), sold(order, 9)]);
    });

    it('that no webhook told of are found by reading', async () => {
      await send('E', 10);
      await settles('E', 10);
      for (const webhook of shop.webhooks) webhook.status = 'paused';
      const order = shop.orders.place({ E: 4 });
      clock.jump(6 * MINUTE);
      await eventually(async () => (await ledgerOrder(order)) !== undefined, 20_000);
      expect(pickText(await ledgerOrder(order), 'heardBy')).toBe('poll');
      for (const webhook of shop.webhooks) webhook.status = 'active';
      await settles('E', 6, [sum(10), sold(order, 6)]);
    });

    describe('of a product that is deleted and made anew', () => {
      /** A level that says the same makes sure that the product is looked at. */
      const deletedWith = async (code: string): Promise<SimulatedOrder> => {
        await send(code, 10);
        await settles(code, 10);
        const order = shop.orders.place({ [code]: 2 });
        await shop.deliverWebhooks();
        await settles(code, 8, [sum(10), sold(order, 8)]);
        shop.products.remove(code);
        return order;
      };
      const again = (sku: string) => shop.products.add({ sku, name: `Product ${sku}`, stock: 30 });
      const isUnmatched = (code: string) =>
        eventually(async () => pick(await item(code), 'status') === 'unmatched', 20_000);

      it('are taken off the new one, and no more once it knows of them', async () => {
        const order = await deletedWith('M');
        again('M');
        await send('M', 11);
        await settles('M', 9, [sum(11), sold(order, 9)]);
        // Told of anew, the shop no longer says what was ordered.
        shop.orders.change(order, 'completed');
        await shop.deliverWebhooks();
        await send('M', 12);
        await settles('M', 10, [sum(12), sold(order, 10)]);
        const lines = pickList(await ledgerOrder(order), 'lines');
        expect(lines).toMatchObject([{ held: '2', name: 'Product M', itemId: pickNumber(await item('M'), 'id') }]);
        await seen(order);
        await settles('M', 12, [sum(12)]);
      });

      it('are taken off it where it was missing for a while, and are back when they are cancelled', async () => {
        const order = await deletedWith('N');
        await send('N', 11);
        await isUnmatched('N');
        again('N');
        await send('N', 12);
        await settles('N', 10, [sum(12), sold(order, 10)]);
        const steps = await running.api.expect(200, 'GET', `/items/${pickNumber(await item('N'), 'id')}/timeline`);
        expect(pickList(steps, 'data').filter((step) => pick(step, 'step') === 'order')).toMatchObject([
          { outcome: 'sold', params: { order: String(order.id) } },
        ]);
        // The shop gives nothing back: it has nothing to give it back to.
        shop.orders.cancel(order);
        await shop.deliverWebhooks();
        await settles('N', 12, [sum(12)]);
      });

      it('are taken off the one that a person links in its place', async () => {
        const order = await deletedWith('O');
        await send('O', 11);
        await isUnmatched('O');
        const { id: productId } = shop.products.add({ sku: 'O-2', name: 'Another name', stock: 30 });
        const id = pickNumber(await item('O'), 'id');
        await running.api.expect(200, 'POST', `/items/${id}/link`, { productId });
        await eventually(async () => shop.products.stockOf('O-2') === 9, 20_000);
        expect(pick(await item('O'), 'steps')).toEqual([sum(11), sold(order, 9)]);
      });

      it('stay with it where it is there and its SKU is now that of another', async () => {
        await send('P', 10);
        await settles('P', 10);
        shop.orders.place({ P: 2 });
        await shop.deliverWebhooks();
        await eventually(async () => pick(await item('P'), 'shown') === '8', 20_000);
        shop.products.changeSku('P', 'P-OLD');
        again('P');
        await send('P', 11);
        await settles('P', 11, [sum(11)]);
      });
    });

    describe('where its level falls by what was sold', () => {
      beforeAll(() => countedBy({ knownBy: 'level' }));

      it('are taken off once, and not again by the level that has them in, however often it comes', async () => {
        await send('F', 10);
        await settles('F', 10);
        const order = shop.orders.place({ F: 2 });
        await shop.deliverWebhooks();
        await send('F', 10);
        await settles('F', 8, [sum(10), sold(order, 8)]);
        const fallen = await send('F', 8);
        await settles('F', 8, [sum(8)]);
        await running.api.expect(202, 'POST', `/pushes/${fallen}/replay`);
        await send('F', 8);
        clock.jump(MINUTE);
        await settles('F', 8, [sum(8)]);
        expect(writesOf('F')).toEqual([]);
        expect(pick(await ledgerOrder(order), 'lines', 0, 'known')).toMatchObject([{ quantity: '2', reason: 'level' }]);
      });

      it('are known as far as it fell', async () => {
        await send('G', 10);
        await settles('G', 10);
        const first = shop.orders.place({ G: 2 });
        const second = shop.orders.place({ G: 3 });
        await send('G', 7);
        await settles('G', 5, [sum(7), sold(second, 5)]);
        expect(pick(await ledgerOrder(first), 'lines', 0, 'known')).toMatchObject([{ quantity: '2' }]);
        await send('G', 5);
        await settles('G', 5, [sum(5)]);
      });
    });

    describe('beside numbers that somebody set in the shop', () => {
      const byRule = (onDifference: 'repair' | 'keep' | 'report') =>
        running.api.expect(200, 'PATCH', `/connections/${connected.connectionId}`, {
          onDifference,
          orders: { knownBy: 'acknowledged' },
        });
      const set = async (code: string, stock: number) => {
        shop.products.setStock(code, stock);

        await running.api.expect(202, 'POST', `/connections/${connected.connectionId}/check`, {});
      };
      const act = async (code: string, action: 'keep' | 'sync-now' | 'retry') =>
        running.api.expect(200, 'POST', '/items/actions', { action, ids: [pickNumber(await item(code), 'id')] });

      it('are told from these, which are set right where the rule says so', async () => {
        await byRule('repair');
        await send('I', 10);
        await settles('I', 10);
        const order = shop.orders.place({ I: 2 });
        await set('I', 30);
        await settles('I', 8, [sum(10), sold(order, 8)]);
      });

      it('go on from these, which stay until the source says something new', async () => {
        await byRule('keep');
        await send('J', 10);
        await settles('J', 10);
        await set('J', 30);
        await settles('J', 30, [sum(10), { kind: 'held', by: 'edited', value: '30' }]);
        const order = shop.orders.place({ J: 2 });
        await shop.deliverWebhooks();
        await settles('J', 28, [sum(10), { kind: 'held', by: 'edited', value: '30' }, sold(order, 28)]);
        await send('J', 12);
        await settles('J', 10, [sum(12), sold(order, 10)]);
      });

      it('wait with these for a person, who keeps them or takes what the source says', async () => {
        await byRule('report');
        for (const code of ['K', 'L']) {
          await send(code, 10);
          await settles(code, 10);
          await set(code, 30);
          await eventually(async () => {
            expect(await item(code)).toMatchObject({
              status: 'failed',
              shown: '30',
              failure: { code: 'shop_differs', params: { shown: '30', wanted: '10' } },
            });
            return true;
          }, 20_000);
        }
        expect(pick(await act('K', 'retry'), 'affected')).toBe(0);
        const order = shop.orders.place({ K: 1, L: 1 });
        await shop.deliverWebhooks();
        await act('K', 'keep');
        await settles('K', 29, [sum(10), { kind: 'held', by: 'edited', value: '30' }, sold(order, 29)]);
        await act('L', 'sync-now');
        await settles('L', 9, [sum(10), sold(order, 9)]);
      });
    });

    describe('where they are not counted', () => {
      beforeAll(() => countedBy({ knownBy: 'not_counted' }));

      it('are written over by what it says', async () => {
        await send('H', 10);
        await settles('H', 10);
        shop.orders.place({ H: 2 });
        await send('H', 11);
        await settles('H', 11, [sum(11)]);
        expect(writesOf('H')).toEqual([11]);
      });
    });
  });
});
