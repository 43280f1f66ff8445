import { failure, FailureError } from '../../server/domain/failure';
import { provenOf } from '../../server/domain/flow-run';
import { quantity } from '../../server/domain/quantity';
import { ref, shopProduct } from '../support/builders';
import { RunBench } from '../support/run-bench';
import { itemsOf, onSqlite, push } from '../support/test-stores';

const MINUTE = 60_000;

onSqlite('A check of a connection', (stores) => {
  let bench: RunBench;
  const open = async (count = 20, how: Parameters<typeof RunBench.open>[2] = {}) => {
    bench = await RunBench.open(stores(), count, how);
  };
  afterEach(() => bench.close());

  const statusOf = async (n: number) => {
    const { status, failure: why } = await bench.item(n);
    return [status, why?.code ?? null];
  };

  describe('tells why a number differs:', () => {
    it('the source has another level, which it never told', async () => {
      await open();
      bench.source.levels.set('SKU-3', 7);
      const run = await bench.run('check');
      expect(run).toMatchObject({ status: 'succeeded', counts: { changed: 1, equal: 19 } });
      expect(await bench.line(run.id, 3)).toMatchObject({
        reason: 'not_told',
        reasonParams: { was: '10', level: '7' },
        before: '10',
        after: '7',
        outcome: 'changed',
      });
      expect(bench.shop.written).toEqual(['3/0=7']);
    });

    it('what the source told had not come through', async () => {
      await open();
      bench.shop.answerTo = ({ ref: to }) => ({ ref: to, kind: 'refused', code: 'x', message: 'no', status: 400 });
      await push(stores(), bench.feed, [{ code: 'SKU-4', quantity: 6, warehouse: 'Depozit' }]);
      bench.source.levels.set('SKU-4', 6);
      await bench.workLane();
      expect(await statusOf(4)).toEqual(['failed', 'shop_refused_item']);
      bench.shop.answerTo = (answer) => answer;
      const run = await bench.run('check');
      expect(await bench.line(run.id, 4)).toMatchObject({
        reason: 'not_written',
        reasonParams: { status: 'failed', failure: 'shop_refused_item' },
        outcome: 'equal',
      });
      expect(await statusOf(4)).toEqual(['synced', null]);
    });

    it('web orders took just as much', async () => {
      await open();
      bench.sell(5, 2, '1041');
      const run = await bench.run('check');
      expect(run).toMatchObject({ status: 'warning', counts: { reported: 1, equal: 19 } });
      expect(await bench.line(run.id, 5)).toMatchObject({
        reason: 'order',
        reasonParams: { orders: '#1041', quantity: '2', was: '10', seen: '8' },
        outcome: 'reported',
        failure: { code: 'shop_sold' },
      });
    });

    it('web orders took some of it', async () => {
      await open();
      bench.sell(5, 2, '1041');
      bench.sell(5, 1, '1042');
      bench.overwrite(5, '3');
      const run = await bench.run('check');
      expect(await bench.line(run.id, 5)).toMatchObject({
        reason: 'order_and_more',
        reasonParams: { orders: '#1041, #1042', quantity: '3', was: '10', seen: '3' },
        outcome: 'reported',
      });
      expect(bench.shown(5)).toBe('3');
    });

    it('it was saved in the shop', async () => {
      await open();
      bench.edit(6, '77');
      const at = new Date(bench.now()).toISOString();
      const run = await bench.run('check');
      expect(await bench.line(run.id, 6)).toMatchObject({
        reason: 'edited',
        reasonParams: { was: '10', seen: '77', at },
        before: '77',
        after: '10',
        outcome: 'changed',
      });
      expect(bench.shop.written).toEqual(['6/0=10']);
    });

    it('something changed it past WooCommerce', async () => {
      await open();
      bench.overwrite(7, '1');
      const run = await bench.run('check');
      expect(await bench.line(run.id, 7)).toMatchObject({
        reason: 'overwritten',
        reasonParams: { was: '10', seen: '1' },
        outcome: 'changed',
      });
      expect(bench.shown(7)).toBe('10');
    });
  });

  it('takes no order for a reason that was in the number already', async () => {
    await open();
    bench.sell(5, 2, '1041');
    bench.advance(MINUTE);
    // The till learnt of the order, and its new level has come through since.
    bench.source.levels.set('SKU-5', 8);
    await push(stores(), bench.feed, [{ code: 'SKU-5', quantity: 8, warehouse: 'Depozit' }]);
    await bench.workLane();
    expect(await statusOf(5)).toEqual(['synced', null]);
    bench.advance(MINUTE);
    bench.edit(5, '3');
    // Another product was last in step long before that order: all orders since then are read.
    bench.edit(6, '4');
    const run = await bench.run('check');
    expect(await bench.line(run.id, 5)).toMatchObject({ reason: 'edited', after: '8', outcome: 'changed' });
    expect(await bench.line(run.id, 6)).toMatchObject({ reason: 'edited', after: '10', outcome: 'changed' });
  });

  it('counts an order that came between the look at the shop and the comparison', async () => {
    await open();
    let sold = false;
    await bench.run('check', ({ phase }) => {
      if (phase !== 'comparing' || sold) return;
      sold = true;
      bench.sell(5, 2, '1041');
      bench.advance(MINUTE);
    });
    expect(sold).toBe(true);
    bench.advance(60 * MINUTE);
    const run = await bench.run('check');
    expect(await bench.line(run.id, 5)).toMatchObject({ reason: 'order', outcome: 'reported' });
    expect(bench.shop.written).toEqual([]);
  });

  describe('leaves what web orders took', () => {
    beforeEach(async () => {
      await open();
      bench.sell(5, 2, '1041');
      await bench.run('check');
    });

    it('at what the shop shows, as nothing anybody has to see to', async () => {
      expect(await bench.item(5)).toMatchObject({
        status: 'failed',
        shown: '8',
        failure: { code: 'shop_sold', params: { orders: '#1041', quantity: '2', shown: '8', wanted: '10' } },
      });
      expect(bench.shown(5)).toBe('8');
    });

    it('through further checks, a retry, and the source saying the same again', async () => {
      await bench.run('check');
      await bench.run('retry');
      await push(stores(), bench.feed, [{ code: 'SKU-5', quantity: 10, warehouse: 'Depozit' }]);
      await bench.workLane();
      bench.advance(8 * 24 * 60 * MINUTE);
      await bench.run('check');
      expect(bench.shown(5)).toBe('8');
      expect(await statusOf(5)).toEqual(['failed', 'shop_sold']);
      expect(bench.shop.written).toEqual([]);
    });

    it('until the source tells a new level', async () => {
      await push(stores(), bench.feed, [{ code: 'SKU-5', quantity: 7, warehouse: 'Depozit' }]);
      await bench.workLane();
      expect(bench.shown(5)).toBe('7');
      expect(await statusOf(5)).toEqual(['synced', null]);
    });

    it('until a person syncs', async () => {
      await bench.run('sync');
      expect(bench.shown(5)).toBe('10');
    });

    it('until the order is cancelled: then it is in step without a write', async () => {
      bench.edit(5, '10');
      const run = await bench.run('check');
      expect(await bench.line(run.id, 5)).toMatchObject({ outcome: 'equal' });
      expect(await statusOf(5)).toEqual(['synced', null]);
      expect(bench.shop.written).toEqual([]);
    });

    it('and says how much is sold by now', async () => {
      bench.sell(5, 1, '1050');
      await bench.run('check');
      expect(await bench.item(5)).toMatchObject({
        shown: '7',
        failure: { code: 'shop_sold', params: { orders: '#1041, #1050', quantity: '3', shown: '7', wanted: '10' } },
      });
    });
  });

  it('that may only report leaves every difference, and names it', async () => {
    await open(20, { onDifference: 'report' });
    bench.edit(6, '77');
    bench.overwrite(7, '1');
    bench.sell(5, 2, '1041');
    const run = await bench.run('check');
    expect(run).toMatchObject({ status: 'warning', counts: { reported: 3, equal: 17 } });
    expect([5, 6, 7].map((n) => bench.shown(n))).toEqual(['8', '77', '1']);
    expect(await bench.item(6)).toMatchObject({
      status: 'failed',
      failure: { code: 'shop_differs', params: { shown: '77', wanted: '10' } },
    });
    expect(bench.shop.written).toEqual([]);
    bench.edit(6, '10');
    await bench.run('check');
    expect(await statusOf(6)).toEqual(['synced', null]);
  });

  it('is over only when a number that no order explains has been judged, and not while it is looked at again', async () => {
    await open(20, {
      onDifference: 'report',
      orders: { knownBy: 'acknowledged', statuses: [], metaKey: null, afterHours: null },
    });
    bench.edit(6, '77');
    const run = await bench.run('check');
    expect(run).toMatchObject({ status: 'warning', counts: { reported: 1, equal: 19 } });
    expect(await bench.line(run.id, 6)).toMatchObject({
      before: '77',
      after: '77',
      wanted: '10',
      outcome: 'reported',
      failure: { code: 'shop_differs' },
    });
    expect(bench.shop.written).toEqual([]);
  });

  it('leaves to its newer level what the source told while the reasons were looked for', async () => {
    await open(20, { onDifference: 'report' });
    bench.edit(6, '77');
    bench.sell(5, 2, '1041');
    let told = false;
    await bench.run('check', async ({ phase }) => {
      if (phase !== 'repairing' || told) return;
      told = true;
      await push(stores(), bench.feed, [
        { code: 'SKU-5', quantity: 4, warehouse: 'Depozit' },
        { code: 'SKU-6', quantity: 4, warehouse: 'Depozit' },
      ]);
      await bench.workLane();
    });
    expect(told).toBe(true);
    expect([5, 6].map((n) => bench.shown(n))).toEqual(['4', '4']);
    expect([await statusOf(5), await statusOf(6)]).toEqual([
      ['synced', null],
      ['synced', null],
    ]);
  });

  it('does not take for a change in the shop what was written while it was looked at', async () => {
    await open(20, { onDifference: 'report' });
    let told = false;
    const run = await bench.run('check', async ({ id, phase }) => {
      // Seen with its old number, and not judged by it yet.
      if (phase !== 'looking' || told || (await stores().runs.sightings(id)).seen === 0) return;
      told = true;
      await push(stores(), bench.feed, [{ code: 'SKU-5', quantity: 4, warehouse: 'Depozit' }]);
      await bench.workLane();
    });
    expect(await bench.line(run.id, 5)).toMatchObject({ reason: null, outcome: 'changed', after: '4' });
    expect(await statusOf(5)).toEqual(['synced', null]);
  });

  it('goes on without its orders where the keys may not read them, and says so', async () => {
    await open();
    bench.ordersTroubles.push(new FailureError(failure('keys_forbidden')));
    bench.sell(5, 2, '1041');
    const run = await bench.run('check');
    expect(await bench.line(run.id, 5)).toMatchObject({ reason: 'edited', outcome: 'changed' });
    const notes = await stores().runs.notes(run.id);
    expect(notes.find(({ step }) => step === 'orders_not_readable')?.failure?.code).toBe('keys_forbidden');
  });

  it('asks a shop that was too busy to tell its orders once more before it judges', async () => {
    await open();
    bench.ordersTroubles.push(new FailureError(failure('shop_timeout', { seconds: 30 })));
    bench.sell(5, 2, '1041');
    const run = await bench.run('check');
    expect(await bench.line(run.id, 5)).toMatchObject({ reason: 'order', outcome: 'reported' });
    expect(bench.ordersTroubles).toEqual([]);
    expect(bench.shop.written).toEqual([]);
  });

  it('touches neither what is offline nor what a person has to let go on', async () => {
    await open(40);
    await stores().items.setOffline([(await bench.item(1)).id], bench.now());
    bench.overwrite(1, '99');
    const gone = Array.from({ length: 30 }, (_, n) => `SKU-${n + 10}`);
    for (const code of gone) bench.source.levels.set(code, 0);
    await push(
      stores(),
      bench.feed,
      gone.map((code) => ({ code, quantity: 0, warehouse: 'Depozit' })),
    );
    await bench.workLane();
    expect(await statusOf(10)).toEqual(['failed', 'mass_zero_held']);
    const check = await bench.run('check');
    const retry = await bench.run('retry');
    expect([check.counts, retry.counts]).toEqual([{ equal: 9, failed: 30, offline: 1 }, { failed: 30 }]);
    const held = (await itemsOf(stores(), bench.feed)).filter(({ failure: why }) => why?.code === 'mass_zero_held');
    expect(held).toHaveLength(30);
    expect(bench.shown(10)).toBe('10');
    expect(await statusOf(1)).toEqual(['offline', null]);
    expect(bench.shown(1)).toBe('99');
    expect(bench.shop.written).toEqual([]);
  });

  it('proves by one walk what is in step, without a call for any of it, and looks at the rest', async () => {
    await open(30);
    bench.edit(9, '3');
    const run = await bench.run('check');
    expect(provenOf(run.counts)).toEqual({ proven: 30, of: 30 });
    expect(bench.shop.calls.filter(({ what }) => what === 'read')).toEqual([{ what: 'read', refs: ['9/0'] }]);
    expect(bench.shop.written).toEqual(['9/0=10']);
    const [note] = (await stores().runs.notes(run.id)).filter(({ step }) => step === 'looked');
    expect(note?.params).toEqual({ entries: 30, items: 30, seen: 30 });
  });

  it('looks one by one at what has translations, without writing before it knows why they differ', async () => {
    await open(6);
    const twin = (id: number) => shopProduct(id, { sku: 'SKU-50', quantity: quantity('4'), translations: [50, 51] });
    bench.shop.put(twin(50), twin(51));
    await stores().catalog.request(bench.feed.shop.id, 'full', bench.now());
    await bench.workLane();
    await push(stores(), bench.feed, [{ code: 'SKU-50', quantity: 4, warehouse: 'Depozit' }]);
    bench.source.levels.set('SKU-50', 4);
    await bench.workLane();
    expect((await bench.item(50)).link?.twins).toHaveLength(1);
    bench.overwrite(51, '9');
    bench.advance(60 * MINUTE);
    bench.shop.calls.length = 0;
    const run = await bench.run('check');
    expect(await bench.line(run.id, 50)).toMatchObject({ seen: '9', outcome: 'changed' });
    expect(bench.shop.shown(ref(51))).toBe('4');
    expect(bench.shop.written.every((write) => write.endsWith('=4'))).toBe(true);
    bench.advance(60 * MINUTE);
    bench.sell(50, 1, '1041');
    bench.shop.calls.length = 0;
    const next = await bench.run('check');
    expect(await bench.line(next.id, 50)).toMatchObject({ seen: '3', reason: 'order', outcome: 'reported' });
    expect(bench.shop.written).toEqual([]);
  });
});
