import type { CountOrdersPorts } from '../../../server/application/count-orders';
import type { LeftAs, SalesInAll } from '../../../server/domain/hand-edit';
import { failure, FailureError } from '../../../server/domain/failure';
import type { LedgerLine } from '../../../server/domain/ports/order-ledger';
import { quantity, sumQuantities } from '../../../server/domain/quantity';
import { claimedItem, connection, NO_FACTS, productLink, ref, shopAccess, shopProduct } from '../../support/builders';
import { FakeShop } from '../../support/fake-shop';
import { deliveryTo } from '../../support/shop-work';
import { TestClock } from '../../support/test-clock';

const clock = new TestClock();
const COUNTED = { orders: { knownBy: 'never', statuses: [], metaKey: null, afterHours: null } } as const;

const line = (orderId: number, held: string): LedgerLine => ({
  id: orderId,
  connectionId: 1,
  orderId,
  number: String(orderId),
  ref: ref(1),
  held: quantity(held),
  released: quantity('0'),
  tookAt: clock.now(),
});

/** The source says 7 of product 1; the shop showed so many when it was last looked at. */
function scene(shown: string) {
  const shop = new FakeShop(shopProduct(1, { quantity: quantity(shown) }));
  const known: LedgerLine[] = [];
  const ledger = {
    readings: 0,
    /** When orders are asked to be read by themselves. */
    asked: [] as number[],
    /** What each reading of the shop's orders comes upon. */
    reads: () => Promise.resolve(),
    /** What orders took and gave back in all; null = they took what the known ones hold. */
    sales: null as SalesInAll | null,
  };
  const counting: CountOrdersPorts = {
    orders: {
      read: () => {
        ledger.readings++;
        return ledger.reads();
      },
    },
    ledger: {
      openLines: () => Promise.resolve(new Map([[1, [...known]]])),
      askRead: (_shopId, at) => Promise.resolve(void ledger.asked.push(at)),
      sales: () =>
        Promise.resolve(
          new Map([[1, ledger.sales ?? { taken: sumQuantities(known.map(({ held }) => held)), given: quantity('0') }]]),
        ),
    },
  };
  const deliver = (unseen = NO_FACTS.unseen, left: LeftAs | null = null) =>
    deliveryTo(shop, { linkedTo: () => Promise.resolve([]) }, clock, counting).deliver(
      shopAccess,
      new Map([[1, connection(COUNTED)]]),
      [claimedItem(1, { link: productLink(1, { provenAt: clock.now() }), facts: { ...NO_FACTS, unseen }, left })],
      25,
      new AbortController().signal,
    );
  return { shop, known, ledger, deliver };
}

describe('Counting the orders of a product that is about to be written', () => {
  it('takes one look and one reading where nothing was ordered', async () => {
    const { shop, ledger, deliver } = scene('5');
    const { delivered } = await deliver();
    expect(delivered).toMatchObject([{ outcome: { kind: 'synced', how: 'written', shown: '7' } }]);
    expect(shop.calls.map(({ what }) => what)).toEqual(['read', 'write']);
    expect(ledger.readings).toBe(1);
  });

  it('takes no more where what was ordered was known before', async () => {
    const { shop, known, ledger, deliver } = scene('5');
    known.push(line(512, '2'));
    const { delivered } = await deliver([{ order: '512', quantity: quantity('2') }]);
    expect(delivered).toMatchObject([{ outcome: { kind: 'synced', how: 'already', shown: '5' } }]);
    expect(shop.calls.map(({ what }) => what)).toEqual(['read']);
    expect(ledger.readings).toBe(1);
  });

  it('looks again where an order is new: nobody knows whether the number it saw has it in', async () => {
    const { shop, known, ledger, deliver } = scene('7');
    ledger.reads = () => {
      if (known.length === 0) {
        known.push(line(512, '2'));
        shop.put(shopProduct(1, { quantity: quantity('5') }));
      }
      return Promise.resolve();
    };
    const { delivered } = await deliver();
    expect(delivered).toMatchObject([{ outcome: { kind: 'synced', how: 'already', shown: '5' } }]);
    expect(ledger.readings).toBe(2);
    expect(shop.writes).toEqual([]);
  });

  it('writes nothing where orders keep coming, and comes back', async () => {
    const { shop, known, ledger, deliver } = scene('7');
    ledger.reads = () => {
      known.push(line(512 + known.length, '1'));
      return Promise.resolve();
    };
    const { delivered } = await deliver();
    expect(delivered).toMatchObject([{ outcome: { kind: 'moving' } }]);
    expect(shop.writes).toEqual([]);
  });

  it('looks no more where what it saw is what the new order left', async () => {
    const { shop, known, ledger, deliver } = scene('5');
    ledger.reads = () => {
      if (known.length === 0) known.push(line(512, '2'));
      return Promise.resolve();
    };
    const left = { shown: quantity('7'), taken: quantity('0'), given: quantity('0') };
    const { delivered } = await deliver([], left);
    expect(delivered).toMatchObject([{ outcome: { kind: 'synced', how: 'already', shown: '5' } }]);
    expect(shop.calls.map(({ what }) => what)).toEqual(['read']);
    expect(ledger.readings).toBe(1);
  });

  describe('where an order gives back after the shop was looked at', () => {
    const cancelling = (shown: string) => {
      const { shop, known, ledger, deliver } = scene(shown);
      ledger.sales = { taken: quantity('2'), given: quantity('0') };
      ledger.reads = () => {
        if (ledger.sales?.given === '0')
          shop.put(shopProduct(1, { quantity: sumQuantities([quantity(shown), quantity('2')]) }));
        ledger.sales = { taken: quantity('2'), given: quantity('2') };
        known.splice(0);
        return Promise.resolve();
      };
      return { shop, known, deliver };
    };
    const sold = { order: '512', quantity: quantity('2') };

    it('looks again, though what it gave back seems to explain what it saw: its sale had been written over', async () => {
      const { shop, known, deliver } = cancelling('5');
      known.push(line(512, '2'));
      const { delivered } = await deliver([sold], { shown: quantity('5'), taken: quantity('0'), given: quantity('0') });
      expect(shop.calls.map(({ what }) => what)).toEqual(['read', 'read']);
      expect(delivered).toMatchObject([{ outcome: { kind: 'synced', how: 'already', shown: '7' } }]);
    });

    it('looks again, though what another one takes seems to explain it: what it gave back had been written over', async () => {
      const { shop, ledger, deliver } = scene('5');
      ledger.sales = { taken: quantity('2'), given: quantity('2') };
      ledger.reads = () => {
        if (ledger.sales?.taken === '2') shop.put(shopProduct(1, { quantity: quantity('3') }));
        ledger.sales = { taken: quantity('4'), given: quantity('2') };
        return Promise.resolve();
      };
      await deliver([], { shown: quantity('5'), taken: quantity('2'), given: quantity('0') });
      expect(shop.calls.map(({ what }) => what)).toEqual(['read', 'read']);
    });

    it('looks again, though the source had known of it, so that nothing else changes', async () => {
      const { shop, deliver } = cancelling('7');
      await deliver([], { shown: quantity('7'), taken: quantity('2'), given: quantity('0') });
      expect(shop.calls.map(({ what }) => what)).toEqual(['read', 'read', 'write']);
      expect(shop.stored).toEqual(['1/0=7']);
    });
  });

  it('has orders read a moment after a write that one may have fallen together with', async () => {
    const written = scene('5');
    await written.deliver();
    expect(written.ledger.asked).toEqual([clock.now() + 5_000]);
    const found = scene('7');
    await found.deliver();
    expect(found.ledger.asked).toEqual([]);
  });

  it('blames the shop where that does not tell its orders, and no item', async () => {
    const { ledger, deliver } = scene('5');
    const away = new FailureError(failure('shop_unreachable', { reason: 'refused', host: 'shop.example' }));
    ledger.reads = () => Promise.reject(away);
    const { delivered, shopFailure } = await deliver();
    expect(shopFailure).toBe(away);
    expect(delivered).toMatchObject([{ outcome: { kind: 'released' } }]);
  });

  it('blames neither the shop nor the item for our own database', async () => {
    const { ledger, deliver } = scene('5');
    ledger.reads = () => Promise.reject(new Error('the database is locked'));
    await expect(deliver()).rejects.toThrow('the database is locked');
  });
});
