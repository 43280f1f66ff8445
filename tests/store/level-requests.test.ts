import { AskForRun } from '../../server/application/ask-for-run';
import { ReadRequestedLevels } from '../../server/application/read-requested-levels';
import { createSourceRegistry } from '../../server/connectors/registry';
import { failure, FailureError } from '../../server/domain/failure';
import { EVERYTHING, type ReadPush, type StockSource } from '../../server/domain/ports/stock-source';
import { quantity } from '../../server/domain/quantity';
import { genericKind } from '../support/generic-kind';
import { stockChange } from '../support/builders';
import { type Feed, feedIn, levelsOf, onEachEngine, push } from '../support/test-stores';

const MINUTE = 60_000;

onEachEngine('Levels that calls only named', (stores) => {
  let feed: Feed;
  let reader: ReadRequestedLevels;
  let read: string[];
  let levels: Map<string, string>;
  let during: (reference: string) => Promise<void> | void;
  let instead: readonly string[];
  let started: { readonly pulls: boolean };
  const signal = new AbortController().signal;
  const now = () => stores().clock.now();
  const advance = (ms: number) => stores().clock.advance(ms);

  const kindOf = (canPull: boolean): StockSource => ({
    ...genericKind(),
    pull: canPull
      ? {
          leastMsBetween: 5 * MINUTE,
          page: () => Promise.reject(new Error('A run reads it, not we')),
        }
      : null,
    reread: {
      levels: async (_settings, reference) => {
        read.push(reference);
        // What the vendor answers is as old as its answer began.
        const level = levels.get(reference);
        await during(reference);
        const lines: ReadPush =
          level === undefined ? [] : [{ change: stockChange({ code: reference, quantity: quantity(level) }) }];
        return { lines, instead };
      },
    },
  });

  const begin = (): void => {
    const { unit, runs, connections } = stores();
    const sources = createSourceRegistry(['generic'], [kindOf(started.pulls)]);
    const ports = { ...stores(), unit, runs, connections, sourceStore: stores().sources, sources };
    const lanes = { announce: () => undefined };
    reader = new ReadRequestedLevels({
      ...ports,
      askForRun: new AskForRun({ ...ports, onAsked: () => undefined }),
      lanes,
      chance: () => 0.5,
    });
  };

  beforeEach(async () => {
    advance(24 * 60 * MINUTE);
    read = [];
    levels = new Map();
    during = () => undefined;
    instead = [];
    started = { pulls: true };
    feed = await feedIn(stores(), { matchBy: ['code'] });
    begin();
  });
  afterEach(async () => {
    const left = await stores().requests.take(now() + 365 * 24 * 60 * MINUTE, now(), 1_000);
    if (left) await stores().requests.done(left.sourceId, left.requests, now());
    const { data } = await stores().runs.list({ connectionId: feed.connection.id }, { limit: 50, cursor: null });
    for (const { id } of data) await stores().runs.askCancel(id, now());
  });

  const ask = (...references: readonly string[]) => stores().requests.add(feed.sourceId, references, now());
  const step = () => reader.step(signal);
  const waiting = () => stores().requests.waiting(feed.sourceId);
  const known = () => levelsOf(stores(), feed);
  const runsOf = async () =>
    (await stores().runs.list({ connectionId: feed.connection.id }, { limit: 50, cursor: null })).data;

  it('are read once, however often the same was named', async () => {
    levels.set('A', '4');
    for (let n = 0; n < 10; n++) await ask('A');
    expect(await step()).toBe(true);
    expect(read).toEqual(['A']);
    expect(await known()).toEqual(['A@Depozit=4']);
    expect((await waiting()).count).toBe(0);
    expect(await step()).toBe(false);
  });

  it('are read again when they were named while they were read', async () => {
    levels.set('A', '4');
    during = async () => {
      if (read.length > 1) return;
      levels.set('A', '3');
      advance(1_000);
      await ask('A');
    };
    await ask('A');
    await step();
    expect((await waiting()).count).toBe(1);
    await step();
    expect(read).toEqual(['A', 'A']);
    expect(await known()).toEqual(['A@Depozit=3']);
  });

  it('wait as long as the vendor asks, all of them', async () => {
    levels.set('A', '4');
    levels.set('B', '5');
    await ask('A', 'B');
    during = () => {
      throw new FailureError(failure('source_rate_limited', { seconds: 600 }), { retryAfterMs: 10 * MINUTE });
    };
    await step();
    expect(read).toHaveLength(1);
    expect((await waiting()).failure?.code).toBe('source_rate_limited');
    advance(10 * MINUTE - 1);
    expect(await step()).toBe(false);
    advance(1);
    during = () => undefined;
    await step();
    expect((await known()).sort()).toEqual(['A@Depozit=4', 'B@Depozit=5']);
  });

  it('are read at once when our own clock was far ahead as they were asked for, and put off', async () => {
    advance(365 * 24 * 60 * MINUTE);
    levels.set('A', '4');
    await ask('A', 'B');
    during = () => {
      throw new FailureError(failure('source_login_refused'));
    };
    await step();
    advance(-365 * 24 * 60 * MINUTE);
    during = () => undefined;
    await step();
    expect([read.length, await known(), (await waiting()).count]).toEqual([3, ['A@Depozit=4'], 0]);
    // A reading takes its time: it is dated before it is stored.
    levels.set('A', '5');
    during = () => advance(1_000);
    await ask('A');
    await step();
    expect(await known()).toEqual(['A@Depozit=5']);
  });

  it('wait, all of them, where the login is refused, and are read when it is right again', async () => {
    levels.set('A', '4');
    await ask('A', 'B');
    during = () => {
      throw new FailureError(failure('source_login_refused'));
    };
    await step();
    expect([read.length, await step()]).toEqual([1, false]);
    expect((await waiting()).failure?.code).toBe('source_login_refused');
    during = () => undefined;
    advance(15 * MINUTE);
    await step();
    expect(await known()).toEqual(['A@Depozit=4']);
    expect((await waiting()).count).toBe(0);
  });

  it('do not wait for one that the vendor refuses', async () => {
    for (const code of ['A', 'B', 'C']) levels.set(code, '4');
    during = (reference) => {
      if (reference === 'B') throw new FailureError(failure('source_refused', { said: 'no such product' }));
    };
    await ask('A');
    await ask('B');
    await ask('C');
    while (await step());
    expect((await known()).sort()).toEqual(['A@Depozit=4', 'C@Depozit=4']);
    expect(await waiting()).toMatchObject({ count: 1, failure: { code: 'source_refused' } });
    expect(read.filter((reference) => reference === 'B')).toHaveLength(1);
  });

  it('come back when whoever took them is gone', async () => {
    levels.set('A', '4');
    await ask('A');
    expect((await stores().requests.take(now(), now() + 5 * MINUTE, 10))?.requests).toHaveLength(1);
    expect(await step()).toBe(false);
    advance(5 * MINUTE);
    expect(await step()).toBe(true);
    expect(await known()).toEqual(['A@Depozit=4']);
  });

  it('go to one worker alone', async () => {
    await ask('A', 'B', 'C');
    const taken = await Promise.all([1, 2, 3].map(() => stores().requests.take(now(), now() + MINUTE, 10)));
    const references = taken.flatMap((each) => each?.requests ?? []).map(({ reference }) => reference);
    expect(references.sort()).toEqual(['A', 'B', 'C']);
  });

  it('are read by what they stand for', async () => {
    levels.set('A', '4');
    instead = ['A'];
    await ask('document 7');
    await step();
    instead = [];
    await step();
    expect(read).toEqual(['document 7', 'A']);
    expect(await known()).toEqual(['A@Depozit=4']);
  });

  it('never undo what was pushed while they were read', async () => {
    levels.set('A', '4');
    await ask('A');
    during = async () => {
      advance(1_000);
      await push(stores(), feed, [{ code: 'A', quantity: 9, warehouse: 'Depozit' }]);
      advance(1_000);
    };
    await step();
    expect(await known()).toEqual(['A@Depozit=9']);
  });

  it('where everything was named start a pull, and another one after a run that is under way', async () => {
    await ask(EVERYTHING);
    await step();
    const [first] = await runsOf();
    expect(first).toMatchObject({ kind: 'pull', status: 'queued', startedBy: 'schedule' });
    expect((await waiting()).count).toBe(0);
    await ask(EVERYTHING);
    await step();
    expect([await runsOf(), (await waiting()).count]).toMatchObject([[{ id: first?.id }], 1]);
    await stores().runs.askCancel(first?.id ?? 0, now());
    advance(30_000);
    await step();
    expect(await runsOf()).toHaveLength(2);
    expect((await waiting()).count).toBe(0);
    expect(read).toEqual([]);
  });

  it('where everything was named of a source that cannot be pulled wait with that reason, and hold up no other', async () => {
    started = { pulls: false };
    begin();
    levels.set('A', '4');
    await ask(EVERYTHING, 'A');
    while (await step());
    expect(await runsOf()).toEqual([]);
    expect(await known()).toEqual(['A@Depozit=4']);
    expect(await waiting()).toMatchObject({ count: 1, failure: { code: 'source_not_readable' } });
  });
});

onEachEngine('The calls we allow ourselves at a vendor', (stores) => {
  const at = Date.UTC(2026, 0, 31, 23, 59);

  it('are counted by account and by month, and no call goes over what is allowed', async () => {
    const take = (account: string, when = at) => stores().vendorCalls.take(account, 2, when);
    expect([await take('one'), await take('one'), await take('one')]).toEqual([true, true, false]);
    expect(await take('other')).toBe(true);
    expect(await stores().vendorCalls.used('one', at)).toBe(2);
    expect(await take('one', at + 60_000)).toBe(true);
    expect(await stores().vendorCalls.used('one', at + 60_000)).toBe(1);
  });

  it('are counted each, however many are asked for at once', async () => {
    const taken = await Promise.all(Array.from({ length: 20 }, () => stores().vendorCalls.take('many', 7, at)));
    expect(taken.filter(Boolean)).toHaveLength(7);
    expect(await stores().vendorCalls.used('many', at)).toBe(7);
  });
});
