import type { OrderState } from '../../server/domain/ports/order-views';
import type { ShopOrderLine } from '../../server/domain/ports/shop-orders';
import { quantity } from '../../server/domain/quantity';
import { affectedRows } from '../../server/store/statements';
import { productLink, ref } from '../support/builders';
import { ledgerBench } from '../support/ledger-bench';
import { itemOf, onEachEngine, push } from '../support/test-stores';

const HOUR = 3_600_000;
const MINUTE = 60_000;

function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

onEachEngine('The ledger of web orders', (stores) => {
  const bench = ledgerBench(stores);
  const { now, read, placed, unseen, acknowledge, begin, keeper } = bench;

  it('takes what an order holds off the number, and nothing that was sold before it began', async () => {
    await begin({ knownBy: 'acknowledged' });
    bench.orders = [placed(1, '5', { placedAt: now() - 2 * HOUR }), placed(2, '2')];
    await read();
    expect(await unseen()).toEqual(['#2 2']);
    expect((await itemOf(stores(), bench.feed, 'A')).dueAt).not.toBeNull();
  });

  it('knows an order once, however often it is read, and gives back what the order gives back', async () => {
    await begin({ knownBy: 'acknowledged' });
    bench.orders = [placed(1, '3')];
    await read();
    await read();
    expect(await unseen()).toEqual(['#1 3']);
    stores().clock.advance(MINUTE);
    bench.orders = [placed(1, '1', { placedAt: now() - MINUTE })];
    await read();
    expect(await unseen()).toEqual(['#1 1']);
    stores().clock.advance(MINUTE);
    bench.orders = [placed(1, '0', { placedAt: now() - 2 * MINUTE, status: 'cancelled' })];
    await read();
    expect(await unseen()).toEqual([]);
  });

  it('gives back what a line held that is gone from its order', async () => {
    await begin({ knownBy: 'acknowledged' });
    bench.orders = [placed(1, '3')];
    await read();
    stores().clock.advance(1_000);
    bench.orders = [placed(1, '3', { lines: [] })];
    await read();
    expect(await unseen()).toEqual([]);
  });

  it.each([
    ['a product', null],
    ['a variation', ref(1)],
  ])('keeps what a line held of %s that was deleted, whatever the shop says of it then', async (_what, told) => {
    await begin({ knownBy: 'acknowledged' });
    const sold = ref(1, 5);
    await stores().items.setLink((await itemOf(stores(), bench.feed, 'A')).id, productLink(1, { ref: sold }), now());
    const line = { lineId: 10, held: quantity('2') };
    const inOrder = (status: string, lines: readonly ShopOrderLine[]) => placed(1, '2', { status, lines });
    bench.orders = [inOrder('processing', [{ ...line, ref: sold }])];
    await read();
    for (const [status, left] of [
      ['completed', ['#1 2']],
      ['cancelled', []],
      ['processing', ['#1 2']],
    ] as const) {
      stores().clock.advance(1_000);
      const order = inOrder(status, [{ ...line, ref: told }]);
      bench.orders = [order];
      await keeper().hear(bench.feed.shop.id, order, 'webhook');
      await read();
      expect(await unseen()).toEqual(left);
    }
  });

  it('knows nothing of a line whose product was deleted before the order was heard of', async () => {
    await begin({ knownBy: 'acknowledged' });
    bench.orders = [placed(1, '2', { lines: [{ lineId: 10, ref: null, held: quantity('2') }] })];
    await read();
    const page = await stores().ledger.list({}, { limit: 10, cursor: null });
    expect(page.data.filter(({ shopId }) => shopId === bench.feed.shop.id)).toMatchObject([
      { number: '#1', lines: [] },
    ]);
  });

  it('has what a product took that is gone stay with its item, and go with the product where another has it', async () => {
    await begin({ knownBy: 'acknowledged' });
    bench.orders = [placed(1, '2')];
    await read();
    const { items, unit } = stores();
    const { id } = await itemOf(stores(), bench.feed, 'A');
    const lose = () =>
      unit.run(() =>
        affectedRows(unit.entities, "UPDATE sync_items SET failure_code = 'product_gone' WHERE id = ?", [id]),
      );
    await lose();
    await items.forgetLinks([id]);
    await items.setLink(id, productLink(7), now());
    expect(await unseen()).toEqual(['#1 2']);
    // Nothing was said to be gone: a person corrects what was never right.
    bench.orders = [...bench.orders, placed(2, '4', { lines: [{ lineId: 20, ref: ref(7), held: quantity('4') }] })];
    await read();
    expect(await unseen()).toEqual(['#1 2', '#2 4']);
    await unit.run(() => affectedRows(unit.entities, 'UPDATE sync_items SET failure_code = NULL WHERE id = ?', [id]));
    await items.setLink(id, productLink(8), now());
    expect(await unseen()).toEqual(['#1 2']);
    await push(stores(), bench.feed, [{ code: 'B', quantity: 5 }]);
    const other = (await itemOf(stores(), bench.feed, 'B')).id;
    expect(await items.setLinks([{ itemId: other, link: productLink(1) }], now())).toEqual([other]);
    expect([await unseen('A'), await unseen('B')]).toEqual([[], ['#1 2']]);
  });

  it('takes no older state of an order for a newer one', async () => {
    await begin({ knownBy: 'acknowledged' });
    const early = placed(1, '3');
    stores().clock.advance(1_000);
    await keeper().hear(bench.feed.shop.id, placed(1, '1'), 'webhook');
    await keeper().hear(bench.feed.shop.id, early, 'webhook');
    expect(await unseen()).toEqual(['#1 1']);
  });

  it('reads again what changed lately: what was taken stands in an order a moment later', async () => {
    await begin({ knownBy: 'acknowledged' });
    const order = placed(1, '0');
    bench.orders = [order];
    await read();
    expect(await unseen()).toEqual([]);
    stores().clock.advance(30_000);
    bench.orders = [{ ...order, lines: [{ lineId: 10, ref: ref(1), held: quantity('4') }] }];
    await read();
    expect(await unseen()).toEqual(['#1 4']);
  });

  it('lets an order go that is acknowledged, once, and counts what it takes after that', async () => {
    await begin({ knownBy: 'acknowledged' });
    bench.orders = [placed(7, '2')];
    await read();
    const known = await acknowledge(7);
    expect(known.lines[0]?.releases).toMatchObject([{ quantity: '2', reason: 'acknowledged', by: 'till' }]);
    expect(await unseen()).toEqual([]);
    await acknowledge(7);
    stores().clock.advance(1_000);
    bench.orders = [placed(7, '5', { placedAt: now() - MINUTE })];
    await read();
    expect(await unseen()).toEqual(['#7 3']);
  });

  it('counts an order anew that was cancelled after the source knew it, and is taken up again', async () => {
    await begin({ knownBy: 'acknowledged' });
    for (const [held, known] of [
      ['2', true],
      ['0', false],
      ['2', false],
    ] as const) {
      stores().clock.advance(1_000);
      bench.orders = [placed(7, held)];
      await read();
      if (known) await acknowledge(7);
    }
    expect(await unseen()).toEqual(['#7 2']);
  });

  describe('while an order is cancelled', () => {
    /** Begins while the cancelling is not over, and has time enough to end before it, should it not wait. */
    const meanwhile = async (begins: () => Promise<unknown>): Promise<void> => {
      const { unit, ledger } = stores();
      const shopId = bench.feed.shop.id;
      stores().clock.advance(1_000);
      const cancelled = placed(7, '0', { placedAt: now() - MINUTE, status: 'cancelled' });
      const kept = gate();
      const over = gate();
      const cancelling = unit.run(async () => {
        await ledger.keep(shopId, [cancelled], 'poll', now());
        kept.open();
        await over.opened;
      });
      await kept.opened;
      const done = begins();
      for (let questions = 0; questions < 40; questions++) await ledger.state(shopId);
      over.open();
      await Promise.all([cancelling, done]);
    };
    const releases = async () => {
      const [order] = (await stores().ledger.withOrderId(7)).filter(({ shopId }) => shopId === bench.feed.shop.id);
      return order?.lines.flatMap((line) => line.releases);
    };
    it('an acknowledgement lets nothing go that it held before', async () => {
      await begin({ knownBy: 'acknowledged' });
      bench.orders = [placed(7, '2')];
      await read();
      await meanwhile(() => acknowledge(7));
      expect(await releases()).toEqual([]);
    });

    it('a fall of the level lets nothing go that it held before', async () => {
      await begin({ knownBy: 'level' });
      bench.orders = [placed(7, '2')];
      await read();
      await meanwhile(() => push(stores(), bench.feed, [{ code: 'A', quantity: 7 }]));
      expect(await releases()).toEqual([]);
    });
  });

  it('takes a fall of the level for the oldest orders, and no more of it than they took', async () => {
    await begin({ knownBy: 'level' });
    bench.orders = [placed(1, '2', { placedAt: now() - 5_000 }), placed(2, '3')];
    await read();
    stores().clock.advance(MINUTE);
    await push(stores(), bench.feed, [{ code: 'A', quantity: 7 }]);
    expect(await unseen()).toEqual(['#2 2']);
    // The same level once more is no fall, and a delivery to the store is none either.
    await push(stores(), bench.feed, [{ code: 'A', quantity: 7, observedAt: new Date(now()).toISOString() }]);
    stores().clock.advance(MINUTE);
    await push(stores(), bench.feed, [{ code: 'A', quantity: 20 }]);
    expect(await unseen()).toEqual(['#2 2']);
  });

  it('takes an order for known whose level had fallen before we heard of it, and not one that was placed later', async () => {
    await begin({ knownBy: 'level' });
    const before = placed(1, '2');
    stores().clock.advance(30_000);
    await push(stores(), bench.feed, [{ code: 'A', quantity: 8 }]);
    stores().clock.advance(30_000);
    bench.orders = [before, placed(2, '2')];
    await read();
    expect(await unseen()).toEqual(['#2 2']);
  });

  it('lets an order go by its status, by a key it bears, or after so many hours', async () => {
    await begin({ knownBy: 'status', statuses: ['completed'] });
    bench.orders = [placed(1, '1'), placed(2, '1', { status: 'completed' })];
    await read();
    expect(await unseen()).toEqual(['#1 1']);

    await begin({ knownBy: 'meta', metaKey: '_invoice' });
    bench.orders = [placed(1, '1'), placed(2, '1', { keys: ['_invoice'] })];
    await read();
    expect(await unseen()).toEqual(['#1 1']);

    await begin({ knownBy: 'hours', afterHours: 2 });
    bench.orders = [placed(1, '1')];
    await read();
    stores().clock.advance(2 * HOUR - 1);
    await read();
    expect(await unseen()).toEqual(['#1 1']);
    stores().clock.advance(1);
    await read();
    expect(await unseen()).toEqual([]);
  });

  /** Placed long before it took its pieces, which it does when it is paid. */
  const paidLater = async (ms: number, meanwhile: () => Promise<unknown> = () => Promise.resolve()) => {
    const pending = placed(1, '0', { status: 'pending' });
    bench.orders = [pending];
    await read();
    stores().clock.advance(ms / 2);
    await meanwhile();
    stores().clock.advance(ms / 2);
    const paid = { status: 'processing', paidAt: now(), modifiedAt: now() };
    bench.orders = [{ ...pending, ...paid, lines: placed(1, '1').lines }];
    await read();
  };

  it('counts the hours of an order from when it took its pieces, not from when it was placed', async () => {
    await begin({ knownBy: 'level', afterHours: 72 });
    await paidLater(80 * HOUR);
    expect(await unseen()).toEqual(['#1 1']);
    stores().clock.advance(72 * HOUR - 1);
    await read();
    expect(await unseen()).toEqual(['#1 1']);
    stores().clock.advance(1);
    await read();
    expect(await unseen()).toEqual([]);
  });

  it('takes no sale over the counter for an order that was placed before it and paid after it', async () => {
    await begin({ knownBy: 'level' });
    await paidLater(2 * HOUR, () => push(stores(), bench.feed, [{ code: 'A', quantity: 9 }]));
    expect(await unseen()).toEqual(['#1 1']);
  });

  it('counts the hours anew of an order that is taken up again', async () => {
    await begin({ knownBy: 'never', afterHours: 24 });
    const order = placed(1, '2');
    bench.orders = [order];
    await read();
    stores().clock.advance(HOUR);
    bench.orders = [{ ...placed(1, '0', { status: 'cancelled' }), placedAt: order.placedAt }];
    await read();
    stores().clock.advance(30 * HOUR);
    bench.orders = [{ ...placed(1, '2'), placedAt: order.placedAt }];
    await read();
    expect(await unseen()).toEqual(['#1 2']);
  });

  it('has a product written for whose order is known by what the order itself tells', async () => {
    await begin({ knownBy: 'status', statuses: ['completed'] });
    const order = placed(1, '1');
    bench.orders = [order];
    await read();
    await stores().dataSource.query("UPDATE sync_items SET due_at = NULL, status = 'synced'");
    stores().clock.advance(10 * MINUTE);
    bench.orders = [{ ...order, status: 'completed', modifiedAt: now() }];
    await read();
    expect(await unseen()).toEqual([]);
    expect(await itemOf(stores(), bench.feed, 'A')).toMatchObject({ status: 'due', dueAt: now() });
  });

  it('knows an order after so many hours and has its product written, or neither', async () => {
    await begin({ knownBy: 'never', afterHours: 2 });
    bench.orders = [placed(1, '2')];
    await read();
    await stores().dataSource.query("UPDATE sync_items SET due_at = NULL, status = 'synced'");
    stores().clock.advance(3 * HOUR);
    const { items } = stores();
    const cutOff = jest.spyOn(items, 'lookAnew').mockRejectedValue(new Error('The process ends here'));
    await expect(read()).rejects.toThrow('ends here');
    cutOff.mockRestore();
    await read();
    expect(await unseen()).toEqual([]);
    expect(await itemOf(stores(), bench.feed, 'A')).toMatchObject({ status: 'due', dueAt: now() });
  });

  it('takes nothing for known by levels that were held back as a mistake', async () => {
    await begin({ knownBy: 'level' });
    const codes = Array.from({ length: 30 }, (_, n) => `X${n}`);
    const all = (quantity: number) =>
      push(
        stores(),
        bench.feed,
        ['A', ...codes].map((code) => ({ code, quantity })),
      );
    await all(10);
    for (const [n, code] of codes.entries()) {
      await stores().items.setLink((await itemOf(stores(), bench.feed, code)).id, productLink(100 + n), now());
    }
    await stores().dataSource.query("UPDATE sync_items SET status = 'synced', shown = '10', due_at = NULL");
    stores().clock.advance(MINUTE);
    bench.orders = [placed(1, '2')];
    await read();
    stores().clock.advance(MINUTE);
    await all(0);
    expect((await itemOf(stores(), bench.feed, 'A')).failure?.code).toBe('mass_zero_held');
    stores().clock.advance(MINUTE);
    await all(10);
    expect(await unseen()).toEqual(['#1 2']);
  });

  it('asks a shop nothing where no connection counts orders', async () => {
    await begin({ knownBy: 'not_counted' });
    await read();
    expect(bench.asked).toEqual([]);
    expect(await keeper().isDue(bench.feed.shop.id)).toBe(false);
  });

  it('lists orders by whether a source has still to learn of them, and forgets the others after a while', async () => {
    await begin({ knownBy: 'acknowledged' });
    bench.orders = [placed(1, '1'), placed(2, '1')];
    await read();
    await acknowledge(1);
    const list = async (state?: OrderState) =>
      (await stores().ledger.list({ shopId: bench.feed.shop.id, state }, { limit: 10, cursor: null })).data.map(
        ({ number }) => number,
      );
    expect(await list()).toEqual(['#2', '#1']);
    expect(await list('open')).toEqual(['#2']);
    await stores().ledger.removeKnownBefore(now() + 1, 100);
    expect(await list()).toEqual(['#2']);
  });
});
