import { AcknowledgeOrder } from '../../../server/application/acknowledge-order';
import type { LedgerOrder } from '../../../server/domain/ports/order-views';
import { TestClock } from '../../support/test-clock';
import { connection } from '../../support/builders';

const orderOf = (shopId: number): LedgerOrder => ({
  id: shopId * 10,
  shopId,
  orderId: 512,
  number: '512',
  status: 'processing',
  placedAt: null,
  modifiedAt: 0,
  heardAt: 0,
  heardBy: 'poll',
  goneAt: null,
  lines: [],
});
const orders = [orderOf(1), orderOf(2)];
const feeds = [connection({ id: 7, shopId: 2 }), connection({ id: 8, shopId: 3 })];

const acknowledge = (of: { shopId?: number; connectionId?: number }) =>
  new AcknowledgeOrder({
    unit: { run: (work) => work() },
    ledger: {
      withOrderId: (orderId) => Promise.resolve(orders.filter((order) => order.orderId === orderId)),
      find: (id) => Promise.resolve(orders.find((order) => order.id === id) ?? null),
      waitForTurn: () => Promise.resolve(),
      openLinesOf: () => Promise.resolve([]),
      release: () => Promise.resolve(),
    },
    connections: { find: (id) => Promise.resolve(feeds.find((feed) => feed.id === id) ?? null) },
    items: { linkedTo: () => Promise.resolve([]), lookAnew: () => Promise.resolve(0) },
    laneSignal: { announce: () => undefined },
    clock: new TestClock(),
  }).acknowledge(512, { shopId: null, connectionId: null, ...of }, { name: 'till', isPerson: false });

describe('of two shops with an order of one id', () => {
  it('the one is meant that is named, or that the connection feeds', async () => {
    expect(await acknowledge({ shopId: 1 })).toMatchObject({ shopId: 1 });
    expect(await acknowledge({ connectionId: 7 })).toMatchObject({ shopId: 2 });
    await expect(acknowledge({})).rejects.toMatchObject({ facts: { errors: [{ path: 'shopId' }] } });
  });

  it.each([{ connectionId: 99 }, { connectionId: 8 }, { shopId: 1, connectionId: 7 }])(
    'none is for %p, a connection that does not feed its shop',
    async (of) => {
      await expect(acknowledge(of)).rejects.toMatchObject({
        code: 'invalid_input',
        facts: { errors: [{ path: 'connectionId', message: 'there is no such connection of this shop' }] },
      });
    },
  );
});
