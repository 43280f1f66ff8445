import fc from 'fast-check';
import { AskForRun } from '../../server/application/ask-for-run';
import { RUN_LEASE_MS } from '../../server/application/held-run';
import { WorkRun } from '../../server/application/work-run';
import { createSourceRegistry } from '../../server/connectors/registry';
import { failure, FailureError } from '../../server/domain/failure';
import type { FlowRun, RunLease, RunLine } from '../../server/domain/ports/flow-runs';
import type { ShopOrder } from '../../server/domain/ports/shop-orders';
import { quantity } from '../../server/domain/quantity';
import { Refusal } from '../../server/domain/refusal';
import { targetOfItem } from '../../server/domain/target-of-item';
import { AskedSource } from '../support/asked-source';
import { stockChange, shopProduct, ref } from '../support/builders';
import { FakeShop } from '../support/fake-shop';
import { engines } from '../support/databases';
import { type Feed, feedIn, itemOf, onEachEngine, openStores, push, type Stores } from '../support/test-stores';
import { WorkerBench } from '../support/worker-bench';

const COUNT = 40;
const MINUTE = 60_000;

describe('A run', () => {
  const [sqlite] = engines;
  let all: Stores;
  const stores = () => all;
  let feed: Feed;
  let shop: FakeShop;
  let source: AskedSource;
  let workRun: WorkRun;
  let ask: AskForRun;

  beforeAll(async () => {
    if (!sqlite) throw new Error('SQLite is always there');
    all = await openStores((await sqlite.create()).url);
  });
  afterAll(async () => {
    await all.dataSource.destroy();
    await sqlite?.dropAll();
  });

  const begin = () => {
    source = new AskedSource();
    const sources = createSourceRegistry(['generic'], [source.kind]);
    const { unit, runs, connections, stock, items, ledger, catalog, clock } = all;
    const ports = { unit, runs, connections, sourceStore: all.sources, sources, stock, items, ledger, catalog, clock };
    workRun = new WorkRun({ ...ports, laneSignal: { announce: () => undefined } });
    ask = new AskForRun({ ...ports, onAsked: () => undefined });
  };
  const bench = () => new WorkerBench(stores(), shop);
  const signal = new AbortController().signal;
  const now = () => stores().clock.now();
  const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);
  const start = (kind: 'pull' | 'check' = 'pull') => {
    stores().clock.advance(6 * MINUTE);
    return ask.start(feed.connection.id, kind, { person: 'owner' });
  };
  const take = (owner = 'worker') => stores().runs.take(owner, now(), now() + RUN_LEASE_MS);
  const find = async (id: number): Promise<FlowRun> => {
    const run = await stores().runs.find(id);
    if (!run) throw new Error(`There is no run ${id}`);
    return run;
  };
  const lines = async (id: number): Promise<readonly RunLine[]> => stores().runs.lines(id, -1, 10_000);
  /** Works until the run is over or asks, the lane included. */
  const finish = async (id: number): Promise<FlowRun> => {
    const worker = bench();
    for (let turns = 0; turns < 200; turns++) {
      const { status } = await find(id);
      if (status !== 'queued' && status !== 'running') break;
      const taken = await take();
      if (!taken) {
        stores().clock.advance(1_000);
        continue;
      }
      while ((await workRun.step(taken.lease, signal)) === 'more');
      await worker.workFor(feed.shop.id, 1_000);
      stores().clock.advance(1_000);
    }
    await worker.worker.drain(0);
    return find(id);
  };
  const shown = (n: number) => shop.shown(ref(n));

  beforeEach(async () => {
    begin();
    stores().clock.advance(60 * MINUTE);
    feed = await feedIn(stores(), { matchBy: ['code'] });
    shop = new FakeShop(...upTo(COUNT).map((id) => shopProduct(id)));
    for (const id of upTo(COUNT)) source.levels.set(`SKU-${id}`, 5);
  });

  afterEach(async () => {
    const left = await stores().runs.list({ connectionId: feed.connection.id }, { limit: 50, cursor: null });
    for (const { id } of left.data) await stores().runs.askCancel(id, now());
  });

  it('of a pull brings every level to the shop, whatever the pages, and tells of each line', async () => {
    const run = await finish((await start()).id);
    expect(run).toMatchObject({ status: 'succeeded', counts: { changed: COUNT } });
    expect(upTo(COUNT).map(shown)).toEqual(upTo(COUNT).map(() => '5'));
    const all = await lines(run.id);
    expect(all.map(({ lineNo }) => lineNo)).toEqual(upTo(COUNT).map((n) => n - 1));
    expect(all[0]).toMatchObject({ code: 'SKU-1', quantity: '5', wanted: '5', after: '5', outcome: 'changed' });
    const again = await finish((await start()).id);
    expect(again.counts).toEqual({ equal: COUNT });
    expect(shop.written).toHaveLength(COUNT);
  });

  it('that is killed anywhere is taken over, resumes, and ends as if it had not been', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 50 }),
        async (kills, pageSize) => {
          feed = await feedIn(stores(), { matchBy: ['code'] });
          shop = new FakeShop(...upTo(COUNT).map((id) => shopProduct(id)));
          source.pageSize = pageSize;
          const { id } = await start();
          const ghosts: RunLease[] = [];
          for (const [n, steps] of kills.entries()) {
            const taken = await take(`worker ${n}`);
            if (!taken) break;
            for (let step = 0; step < steps; step++) {
              if ((await workRun.step(taken.lease, signal)) !== 'more') break;
            }
            ghosts.push(taken.lease);
            stores().clock.advance(RUN_LEASE_MS + 1);
          }
          const run = await finish(id);
          expect(run).toMatchObject({ status: 'succeeded', counts: { changed: COUNT } });
          expect(await lines(id)).toHaveLength(COUNT);
          // Whoever was thought dead changes nothing by coming back.
          for (const ghost of ghosts) expect(await workRun.step(ghost, signal)).toBe('out-of-hands');
          expect(await find(id)).toEqual(run);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('lets calls in between its pieces of work, however many levels the source gives at once', async () => {
    for (let n = COUNT + 1; n <= 10_000; n++) source.levels.set(`SKU-${n}`, 5);
    source.pageSize = 10_000;
    await start();
    const taken = await take();
    if (!taken) throw new Error('Nobody has taken it');
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns++;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    await workRun.step(taken.lease, signal);
    const whileReading = turns;
    await workRun.step(taken.lease, signal);
    isOver = true;
    // Ten slices of a thousand read, then ten of a thousand looked through, with turns enough for a call between them.
    expect(whileReading).toBeGreaterThanOrEqual(40);
    expect(turns - whileReading).toBeGreaterThanOrEqual(40);
  });

  it('that waits for its items is looked at as soon as the lane is through with them', async () => {
    const { id } = await start();
    const stepOn = async () => {
      const taken = await take();
      if (!taken) return false;
      while ((await workRun.step(taken.lease, signal)) === 'more');
      return true;
    };
    while ((await find(id)).phase !== 'settling') if (!(await stepOn())) stores().clock.advance(1_000);
    expect(await stepOn()).toBe(false);
    const worker = bench();
    await worker.workFor(feed.shop.id, 0);
    await worker.worker.drain(0);
    expect(await stepOn()).toBe(true);
    expect(await find(id)).toMatchObject({ status: 'succeeded' });
  });

  it('is in one hand at a time', async () => {
    const { id } = await start();
    const [one, other] = await Promise.all([take('one'), take('other')]);
    expect([one, other].filter((each) => each?.run.id === id)).toHaveLength(1);
    await finish(id);
  });

  it('is refused while another of the connection is under way, and a person’s pull within the vendor’s time', async () => {
    const { id } = await start();
    await expect(ask.start(feed.connection.id, 'check', 'schedule')).rejects.toThrow(Refusal);
    await finish(id);
    stores().clock.advance(5 * MINUTE);
    await expect(ask.start(feed.connection.id, 'pull', { person: 'owner' })).resolves.toBeDefined();
    await ask.cancel(
      (await stores().runs.list({ connectionId: feed.connection.id }, { limit: 1, cursor: null })).data[0]?.id ?? 0,
    );
    await expect(ask.start(feed.connection.id, 'pull', { person: 'owner' })).rejects.toMatchObject({
      code: 'too_many_requests',
    });
    await expect(ask.start(feed.connection.id, 'pull', 'schedule')).resolves.toBeDefined();
  });

  it('waits as long as the source asks for, and goes on from where it was', async () => {
    const { id } = await start();
    const taken = await take();
    if (!taken) throw new Error('The run waits');
    expect(await workRun.step(taken.lease, signal)).toBe('more');
    source.trouble = new FailureError(failure('source_rate_limited', { seconds: 600 }), { retryAfterMs: 10 * MINUTE });
    expect(await workRun.step(taken.lease, signal)).toBe('out-of-hands');
    stores().clock.advance(9 * MINUTE);
    expect(await take()).toBeNull();
    stores().clock.advance(MINUTE);
    expect((await finish(id)).counts).toEqual({ changed: COUNT });
    expect(await lines(id)).toHaveLength(COUNT);
  });

  it('fails with the cause where the source refuses, and changes nothing', async () => {
    const { id } = await start();
    source.trouble = new FailureError(failure('source_login_refused'));
    expect(await finish(id)).toMatchObject({ status: 'failed', failure: { code: 'source_login_refused' } });
    expect(shop.written).toEqual([]);
  });

  it('that would empty the shop stores nothing until somebody lets it go on', async () => {
    await finish((await start()).id);
    for (const id of upTo(COUNT)) source.levels.set(`SKU-${id}`, 0);
    const paused = await finish((await start()).id);
    expect(paused).toMatchObject({ status: 'paused', failure: { code: 'mass_zero', params: { zeros: COUNT } } });
    expect((await itemOf(stores(), feed, 'SKU-1')).levels).toMatchObject([{ quantity: '5' }]);
    await ask.release(paused.id);
    expect((await finish(paused.id)).counts).toEqual({ changed: COUNT });
    expect(shown(1)).toBe('0');
  });

  it('whose list names fewer than half of what is known stores nothing until somebody lets it go on', async () => {
    await finish((await start()).id);
    const half = Math.floor(COUNT / 2);
    for (const id of upTo(COUNT)) source.levels.delete(`SKU-${id}`);
    for (const id of upTo(half - 1)) source.levels.set(`SKU-${id}`, 8);
    const paused = await finish((await start()).id);
    expect(paused).toMatchObject({
      status: 'paused',
      failure: { code: 'source_list_cut', params: { listed: half - 1, known: COUNT } },
    });
    expect((await itemOf(stores(), feed, 'SKU-1')).levels).toMatchObject([{ quantity: '5' }]);
    await ask.release(paused.id);
    expect((await finish(paused.id)).counts).toEqual({ changed: half - 1 });
    expect([shown(1), shown(COUNT)]).toEqual(['8', '5']);
    source.levels.set(`SKU-${half}`, 8);
    expect((await finish((await start()).id)).counts).toEqual({ equal: half - 1, changed: 1 });
  });

  it('is undone where the shop still shows what it left, and only there; the source’s next new word counts again', async () => {
    await finish((await start()).id);
    for (const id of [1, 2, 3]) source.levels.set(`SKU-${id}`, 8);
    const second = await finish((await start()).id);
    expect(second.counts).toEqual({ changed: 3, equal: COUNT - 3 });
    expect((await stores().runs.unequalLines(second.id, -1, COUNT)).map(({ code }) => code)).toEqual([
      'SKU-1',
      'SKU-2',
      'SKU-3',
    ]);
    await push(stores(), feed, [{ code: 'SKU-2', quantity: 9, warehouse: 'Depozit' }]);
    await bench().workFor(feed.shop.id, 1_000);
    expect(shown(2)).toBe('9');
    const undo = await finish((await ask.undo(second.id, 'owner')).id);
    expect(undo).toMatchObject({ status: 'succeeded', counts: { changed: 2 } });
    expect([1, 2, 3].map(shown)).toEqual(['5', '9', '5']);
    // The same again is nothing new; another number is.
    source.levels.set('SKU-2', 9);
    source.levels.set('SKU-3', 4);
    await finish((await start()).id);
    expect([1, 2, 3].map(shown)).toEqual(['5', '9', '4']);
  });

  it('is undone around web orders: the number that comes back is the one that was there, and sales go on from it', async () => {
    await finish((await start()).id);
    const { ledger, connections } = stores();
    const orders = { knownBy: 'never', statuses: [], metaKey: null, afterHours: null } as const;
    await connections.change(feed.connection.id, { orders }, now());
    const order = (orderId: number, held: string): ShopOrder => ({
      orderId,
      number: String(orderId),
      status: 'processing',
      placedAt: now(),
      modifiedAt: now(),
      paidAt: null,
      isGone: false,
      keys: [],
      lines: [{ lineId: orderId, ref: ref(1), held: quantity(held) }],
    });
    await ledger.begin(feed.shop.id, now(), now());
    await ledger.keep(feed.shop.id, [order(512, '2')], 'poll', now());
    const item = await itemOf(stores(), feed, 'SKU-1');
    await stores().items.hold([{ id: item.id, held: { quantity: quantity('6'), why: 'undo' } }], now());
    const target = async () => targetOfItem(await itemOf(stores(), feed, 'SKU-1'), feed.connection)?.target;
    expect(await target()).toBe('4');
    const run = await stores().runs.add(
      {
        connectionId: feed.connection.id,
        kind: 'undo',
        startedBy: 'person',
        askedBy: 'owner',
        undoOf: null,
        phase: 'applying',
      },
      now(),
    );
    if (!run) throw new Error('Another run is in the way');
    await stores().runs.addItemLines(run.id, 0, [{ itemId: item.id, wanted: quantity('5'), before: quantity('4') }]);
    await finish(run.id);
    // 5 is what it showed, and what it shows again; the order is still unknown.
    expect((await itemOf(stores(), feed, 'SKU-1')).facts).toMatchObject({ held: { quantity: '7', why: 'undo' } });
    expect(await target()).toBe('5');
    await ledger.keep(feed.shop.id, [order(513, '1')], 'poll', now());
    expect(await target()).toBe('4');
  });

  it('that is cancelled while it reads leaves everything as it was', async () => {
    const { id } = await start();
    const taken = await take();
    if (!taken) throw new Error('The run waits');
    await workRun.step(taken.lease, signal);
    await ask.cancel(id);
    expect(await workRun.step(taken.lease, signal)).toBe('out-of-hands');
    expect((await find(id)).status).toBe('cancelled');
    expect(shop.written).toEqual([]);
  });

  it('of a check looks at every item, writes what differs and nothing else', async () => {
    await finish((await start()).id);
    shop.put(shopProduct(7, { quantity: quantity('77') }));
    const before = shop.written.length;
    const run = await finish((await start('check')).id);
    expect(run.status).toBe('succeeded');
    expect(shop.written.slice(before)).toEqual(['7/0=5']);
  });
});

onEachEngine('The runs of a connection', (stores) => {
  let feed: Feed;
  const now = () => stores().clock.now();
  const add = () =>
    stores().runs.add(
      {
        connectionId: feed.connection.id,
        kind: 'pull',
        startedBy: 'person',
        askedBy: 'owner',
        undoOf: null,
        phase: 'reading',
      },
      now(),
    );
  const take = (owner: string) => stores().runs.take(owner, now(), now() + RUN_LEASE_MS);
  const ofFeed = async () =>
    (await stores().runs.list({ connectionId: feed.connection.id }, { limit: 50, cursor: null })).data;
  const end = (lease: RunLease) =>
    stores().runs.end(lease, { status: 'succeeded', counts: { equal: 1 }, failure: null }, now());

  beforeEach(async () => {
    stores().clock.advance(60 * MINUTE);
    feed = await feedIn(stores(), { matchBy: ['code'] });
  });
  afterEach(async () => {
    for (const { id } of await ofFeed()) await stores().runs.askCancel(id, now());
    for (let taken = await take('last'); taken; taken = await take('last')) await end(taken.lease);
  });

  it('are under way one at a time, however many ask at once', async () => {
    const asked = await Promise.all([add(), add(), add()]);
    expect(asked.filter((run) => run !== null)).toHaveLength(1);
    expect(await ofFeed()).toHaveLength(1);
  });

  it('are taken by one worker alone, and by another when that one has been silent for too long', async () => {
    await add();
    const taken = await Promise.all([take('one'), take('other')]);
    expect(taken.filter((each) => each !== null)).toHaveLength(1);
    const first = taken.find((each) => each !== null);
    if (!first) throw new Error('Nobody took it');
    expect(await take('third')).toBeNull();
    stores().clock.advance(RUN_LEASE_MS + 1);
    const second = await take('third');
    expect(second?.run.id).toBe(first.run.id);
    expect(await stores().runs.move(first.lease, { done: 99 }, now() + 1)).toBe(false);
    expect(await end(first.lease)).toBe(false);
    if (!second) throw new Error('Nobody took it over');
    expect(await stores().runs.move(second.lease, { done: 7 }, now() + 1)).toBe(true);
    expect(await end(second.lease)).toBe(true);
    expect((await ofFeed())[0]).toMatchObject({
      status: 'succeeded',
      done: 7,
      counts: { equal: 1 },
      finishedAt: now(),
    });
    expect(await end(second.lease)).toBe(false);
  });

  it('pause with their cause, and go on only by a person’s word', async () => {
    await add();
    const taken = await take('one');
    if (!taken) throw new Error('Nobody took it');
    expect(await stores().runs.pause(taken.lease, failure('source_list_empty'), now())).toBe(true);
    expect(await take('one')).toBeNull();
    expect(await add()).toBeNull();
    expect(await stores().runs.release(taken.run.id)).toBe(true);
    expect(await stores().runs.release(taken.run.id)).toBe(false);
    const again = await take('other');
    expect(again?.run).toMatchObject({ brakeReleased: true, failure: null });
  });

  it('keep every line with what became of it, and count them', async () => {
    const run = await add();
    if (!run) throw new Error('It was not added');
    await stores().runs.addLines(run.id, 0, [
      { change: stockChange({ code: 'A', name: 'Șervețele 🧻', quantity: quantity('2.5') }) },
      { refused: { index: 1, refusal: 'quantity_missing', path: '[1].quantity', code: 'B' } },
    ]);
    await stores().runs.endLines(run.id, [
      { lineNo: 0, wanted: quantity('2'), after: quantity('2'), outcome: 'changed', failure: null },
    ]);
    expect(await stores().runs.lines(run.id, -1, 10)).toMatchObject([
      { lineNo: 0, code: 'A', name: 'Șervețele 🧻', quantity: '2.5', wanted: '2', after: '2', outcome: 'changed' },
      { lineNo: 1, code: 'B', quantity: null, refusal: 'quantity_missing', outcome: 'rejected' },
    ]);
    expect(await stores().runs.lines(run.id, 0, 10)).toHaveLength(1);
    expect(await stores().runs.count(run.id)).toEqual({ changed: 1, rejected: 1 });
  });
});
