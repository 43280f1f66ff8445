import { failure, FailureError } from '../../server/domain/failure';
import { provenOf } from '../../server/domain/flow-run';
import { quantity } from '../../server/domain/quantity';
import { genericKind } from '../support/generic-kind';
import { RunBench } from '../support/run-bench';
import { onSqlite, push } from '../support/test-stores';

const COUNT = 20;

onSqlite('A check and its source', (stores) => {
  let bench: RunBench;
  beforeEach(async () => {
    bench = await RunBench.open(stores(), COUNT);
  });
  afterEach(() => bench.close());

  const notes = async (id: number) => stores().runs.notes(id);

  it('catches a transfer that was never pushed', async () => {
    bench.source.levels.set('SKU-1', 4);
    bench.source.levels.set('SKU-2', 16);
    const run = await bench.run('check');
    expect(run.counts).toEqual({ changed: 2, equal: COUNT - 2 });
    expect([1, 2].map((n) => bench.shown(n))).toEqual(['4', '16']);
  });

  it('that refuses the login is checked by what it last told, and the log says so', async () => {
    bench.source.levels.set('SKU-1', 4);
    bench.source.trouble = new FailureError(failure('source_login_refused'));
    bench.edit(2, '3');
    const run = await bench.run('check');
    expect(run).toMatchObject({ status: 'succeeded', failure: null, counts: { changed: 1, equal: COUNT - 1 } });
    expect([1, 2].map((n) => bench.shown(n))).toEqual(['10', '10']);
    expect((await notes(run.id)).find(({ step }) => step === 'source_not_read')?.failure?.code).toBe(
      'source_login_refused',
    );
  });

  it('that refuses after its first page leaves nothing of it behind that counts', async () => {
    for (let n = 1; n <= COUNT; n++) bench.source.levels.set(`SKU-${n}`, 4);
    let pages = 0;
    const run = await bench.run('check', ({ phase }) => {
      if (phase === 'reading' && pages++ === 1) {
        bench.source.trouble = new FailureError(failure('source_login_refused'));
      }
    });
    expect(run).toMatchObject({ status: 'succeeded', counts: { equal: COUNT } });
    expect((await bench.item(1)).levels).toMatchObject([{ quantity: '10' }]);
    expect(bench.shop.written).toEqual([]);
  });

  it('that stays out of reach holds a check up for an hour, and no longer', async () => {
    let tries = 0;
    const began = bench.now();
    const run = await bench.run('check', ({ phase }) => {
      if (phase !== 'reading') return;
      tries++;
      bench.source.trouble = new FailureError(failure('source_unreachable', { reason: 'refused' }));
    });
    expect(run).toMatchObject({ status: 'succeeded', counts: { equal: COUNT } });
    expect(tries).toBeGreaterThan(10);
    expect(bench.now() - began).toBeGreaterThan(60 * 60_000);
    expect(await bench.stepsOf(run.id)).toContain('source_waits');
  });

  it('that lists nothing at all pauses it, and nothing is changed', async () => {
    bench.source.levels.clear();
    bench.edit(2, '3');
    const run = await bench.run('check');
    expect(run).toMatchObject({ status: 'paused', failure: { code: 'source_list_empty' } });
    expect(bench.shown(2)).toBe('3');
    expect(bench.shop.calls).toEqual([]);
  });

  it('that would empty the shop pauses it before anything is stored', async () => {
    for (let n = 1; n <= COUNT; n++) bench.source.levels.set(`SKU-${n}`, 0);
    const run = await bench.run('check');
    expect(run).toMatchObject({ status: 'paused', failure: { code: 'mass_zero' } });
    expect((await bench.item(1)).levels).toMatchObject([{ quantity: '10' }]);
  });

  it('ends with how many of how many are proven', async () => {
    bench.source.levels.set('NOWHERE', 3);
    bench.sell(5, 2, '1041');
    bench.shop.beforeCall = (call) =>
      call.what === 'write' ? new FailureError(failure('shop_refused_item', { code: 'x', message: 'no' })) : null;
    bench.edit(6, '3');
    const run = await bench.run('check');
    expect(run.counts).toEqual({ equal: COUNT - 2, unmatched: 1, reported: 1, failed: 1 });
    expect(provenOf(run.counts)).toEqual({ proven: COUNT - 2, of: COUNT + 1 });
    expect(run.status).toBe('warning');
  });

  it('tells its steps in its log, each once and in their order', async () => {
    bench.edit(6, '3');
    const run = await bench.run('check');
    expect(await bench.stepsOf(run.id)).toEqual([
      'source_read',
      'applied',
      'looked',
      'compared',
      'explained',
      'repaired',
      'ended',
    ]);
    const params = (await notes(run.id)).map(({ params: said }) => said);
    expect(params).toEqual([
      { lines: COUNT },
      { lines: COUNT },
      { entries: COUNT, items: COUNT, seen: COUNT },
      { items: COUNT },
      { lines: 1 },
      { lines: 1 },
      {},
    ]);
  });

  it('are compared all the same where the shop’s catalogue cannot be listed: one by one', async () => {
    bench.edit(6, '3');
    bench.sell(7, 2, '1041');
    bench.catalogueTrouble = new FailureError(failure('shop_server_error', { status: 500 }));
    const run = await bench.run('check');
    expect(run.counts).toEqual({ changed: 1, reported: 1, equal: COUNT - 2 });
    expect(await bench.stepsOf(run.id)).toContain('shop_not_listed');
    expect(bench.shown(6)).toBe('10');
    expect(bench.shop.written).toEqual(['6/0=10']);
  });

  it('waits for the walk it asked for, whatever became of the one before', async () => {
    bench.catalogueTrouble = new FailureError(failure('shop_server_error', { status: 500 }));
    await stores().catalog.request(bench.feed.shop.id, 'full', bench.now());
    await bench.workLane();
    expect((await stores().catalog.state(bench.feed.shop.id))?.failure?.code).toBe('shop_server_error');
    const run = await bench.run('check');
    expect(await bench.stepsOf(run.id)).not.toContain('shop_not_listed');
  });

  it('writes nothing in test mode, and tells what it would', async () => {
    await stores().connections.change(bench.feed.connection.id, { mode: 'test' }, bench.now());
    bench.source.levels.set('SKU-1', 4);
    bench.edit(6, '3');
    const run = await bench.run('check');
    expect(run.counts).toEqual({ would_change: 2, equal: COUNT - 2 });
    expect(await bench.line(run.id, 1)).toMatchObject({ wanted: '4', after: '10', outcome: 'would_change' });
    expect(await bench.line(run.id, 6)).toMatchObject({ wanted: '10', after: '3', outcome: 'would_change' });
    expect(bench.shop.written).toEqual([]);
  });
});

onSqlite('A check of a source that pushes alone', (stores) => {
  let bench: RunBench;
  afterEach(() => bench.close());

  it('compares what it last told, and asks it for nothing', async () => {
    bench = await RunBench.open(stores(), COUNT);
    Object.assign(bench.source.kind, { pull: genericKind().pull });
    await push(stores(), bench.feed, [{ code: 'SKU-1', quantity: 7, warehouse: 'Depozit' }]);
    await bench.workLane();
    bench.edit(1, '9');
    const asked = bench.source.calls;
    const run = await bench.run('check');
    expect(run.counts).toEqual({ changed: 1, equal: COUNT - 1 });
    expect(await bench.line(run.id, 1)).toMatchObject({ wanted: quantity('7'), after: '7', before: '9' });
    expect(bench.source.calls).toBe(asked);
    expect((await bench.stepsOf(run.id))[0]).toBe('looked');
  });
});
