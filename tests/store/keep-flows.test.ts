import { AskForRun } from '../../server/application/ask-for-run';
import { KeepFlows } from '../../server/application/keep-flows';
import { createSourceRegistry } from '../../server/connectors/registry';
import { failure } from '../../server/domain/failure';
import type { FlowKind } from '../../server/domain/flow-run';
import { cronTimes } from '../../server/scheduler/cron-times';
import { quantity } from '../../server/domain/quantity';
import { genericKind } from '../support/generic-kind';
import { type Feed, feedIn, itemOf, onEachEngine, push } from '../support/test-stores';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

onEachEngine('The flows of a connection', (stores) => {
  let feed: Feed;
  let flows: KeepFlows;
  const now = () => stores().clock.now();
  const advance = (ms: number) => stores().clock.advance(ms);

  const begin = (): KeepFlows => {
    const pull = { leastMsBetween: 5 * MINUTE, page: () => Promise.reject(new Error('Nothing is read here')) };
    const sources = createSourceRegistry(['generic'], [{ ...genericKind(), pull }]);
    const { unit, runs, connections, items, notifications, clock } = stores();
    return new KeepFlows({
      flows: stores().flows,
      connections,
      cron: cronTimes,
      sources: stores().sources,
      items,
      notifications,
      askForRun: new AskForRun({
        runs,
        connections,
        unit,
        sourceStore: stores().sources,
        sources,
        onAsked: () => undefined,
        clock,
      }),
      clock,
    });
  };

  beforeEach(async () => {
    advance(24 * HOUR);
    // Others' flows of this database stay out of it.
    for (const { id } of await stores().flows.list(null)) {
      await stores().flows.change(id, { enabled: false, nextAt: null }, now());
    }
    feed = await feedIn(stores(), { matchBy: ['code'] });
    flows = begin();
    await flows.ensure([feed.connection]);
  });
  afterEach(async () => {
    for (const { id } of await runsOf()) await stores().runs.askCancel(id, now());
  });

  const runsOf = async () =>
    (await stores().runs.list({ connectionId: feed.connection.id }, { limit: 50, cursor: null })).data;
  const flowOf = async (kind: FlowKind) => {
    const found = (await stores().flows.list(feed.connection.id)).find((flow) => flow.kind === kind);
    if (!found) throw new Error(`There is no flow of the kind ${kind}`);
    return found;
  };
  /** Every flow but this one is switched off, and this one comes every hour. */
  const only = async (kind: FlowKind) => {
    for (const { id } of await stores().flows.list(feed.connection.id)) await flows.change(id, { enabled: false });
    return flows.change((await flowOf(kind)).id, { enabled: true, cron: '0 * * * *' });
  };
  const untilDue = async (kind: FlowKind, lateMs = 1_000) =>
    advance(((await flowOf(kind)).nextAt ?? now()) - now() + lateMs);
  const told = async () =>
    (await stores().notifications.list({ limit: 100, cursor: null })).data.filter(
      ({ kind, sourceId, healedAt }) => kind === 'flow_missed' && sourceId === feed.sourceId && healedAt === null,
    );

  it('are one of each kind, of which the check and the retry are on from the begin', async () => {
    await flows.ensure([feed.connection]);
    const all = await stores().flows.list(feed.connection.id);
    expect(all.map(({ kind, enabled }) => [kind, enabled]).sort()).toEqual([
      ['check', true],
      ['pull', false],
      ['refresh', false],
      ['retry', true],
      ['sync', false],
    ]);
    for (const { enabled, nextAt } of all) expect(nextAt !== null).toBe(enabled);
  });

  it.each(['pull', 'check', 'refresh', 'sync'] as const)('start a %s at its time, and plan the next', async (kind) => {
    await only(kind);
    expect(await flows.startDue()).toEqual([]);
    expect(await runsOf()).toEqual([]);
    await untilDue(kind);
    await flows.startDue();
    expect(await runsOf()).toMatchObject([{ kind, startedBy: 'schedule', status: 'queued' }]);
    expect((await flowOf(kind)).nextAt).toBe(Math.ceil(now() / HOUR) * HOUR);
    await flows.startDue();
    expect(await runsOf()).toHaveLength(1);
  });

  it('start once, however many processes look at once', async () => {
    await only('check');
    await untilDue('check');
    await Promise.all([flows.startDue(), begin().startDue(), begin().startDue()]);
    expect(await runsOf()).toHaveLength(1);
  });

  it('make no run of a retry that has nothing to retry, and one where there is something', async () => {
    await only('retry');
    await untilDue('retry');
    await flows.startDue();
    expect(await runsOf()).toEqual([]);
    expect((await flowOf('retry')).nextAt).toBeGreaterThan(now());
    await push(stores(), feed, [{ code: 'A', quantity: 4 }]);
    const { id } = await itemOf(stores(), feed, 'A');
    await stores().items.holdBack([id], failure('shop_refused_item', { code: 'x', message: 'no' }), now());
    await untilDue('retry');
    await flows.startDue();
    expect(await runsOf()).toMatchObject([{ kind: 'retry' }]);
  });

  it('make no run of a retry for what is left alone on purpose', async () => {
    await only('retry');
    await push(stores(), feed, [{ code: 'A', quantity: 4 }]);
    const { id } = await itemOf(stores(), feed, 'A');
    await stores().items.backInStep([{ id, shown: quantity('4') }], now());
    await stores().items.holdBack(
      [id],
      failure('shop_sold', { orders: '#1', quantity: '1', shown: '3', wanted: '4' }),
      now(),
    );
    await untilDue('retry');
    await flows.startDue();
    expect(await runsOf()).toEqual([]);
  });

  it('that started late are told of once, and healed by the next that starts in time', async () => {
    await only('check');
    await untilDue('check', 20 * MINUTE);
    await flows.startDue();
    expect(await told()).toMatchObject([{ failure: { code: 'flow_late', params: { flow: 'check', late: 20 } } }]);
    for (const { id } of await runsOf()) await stores().runs.askCancel(id, now());
    await untilDue('check', 30 * MINUTE);
    await flows.startDue();
    expect(await told()).toHaveLength(1);
    for (const { id } of await runsOf()) await stores().runs.askCancel(id, now());
    await untilDue('check');
    await flows.startDue();
    expect(await told()).toEqual([]);
  });

  it('that are refused, since the run before is still under way, are told of, and start when it is over', async () => {
    await only('check');
    await untilDue('check');
    await flows.startDue();
    await untilDue('check');
    expect(await flows.startDue()).toMatchObject([{ flow: { kind: 'check' } }]);
    expect(await told()).toMatchObject([{ failure: { code: 'flow_refused', params: { flow: 'check' } } }]);
    expect(await runsOf()).toHaveLength(1);
    for (const { id } of await runsOf()) await stores().runs.askCancel(id, now());
    await untilDue('check');
    await flows.startDue();
    expect(await told()).toEqual([]);
    expect(await runsOf()).toHaveLength(2);
  });
});
