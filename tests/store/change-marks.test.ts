import { TypeormChangeMarks } from '../../server/store/change-marks';
import { CHANGE_TOPICS, type ChangeTopic } from '../../server/domain/ports/change-marks';
import { failure } from '../../server/domain/failure';
import { feedIn, onEachEngine, push } from '../support/test-stores';

onEachEngine('What changed', (stores) => {
  const marks = () => new TypeormChangeMarks(stores().unit);
  const changedBy = async (deed: () => Promise<unknown>): Promise<readonly ChangeTopic[]> => {
    const before = await marks().read();
    await deed();
    const after = await marks().read();
    return CHANGE_TOPICS.filter((topic) => before[topic] !== after[topic]);
  };

  it('is nothing while nothing happens', async () => {
    await feedIn(stores());
    expect(await changedBy(() => Promise.resolve())).toEqual([]);
  });

  it('names the estate when something is set up', async () => {
    expect(await changedBy(() => feedIn(stores()))).toEqual(['circuits', 'estate']);
  });

  it('names pushes and items when a push comes in', async () => {
    const feed = await feedIn(stores());
    expect(await changedBy(() => push(stores(), feed, [{ code: 'A-1', quantity: '3' }]))).toEqual(
      expect.arrayContaining(['items', 'pushes']),
    );
  });

  it('names notifications when one is raised, changes its cause, or heals', async () => {
    const { notifications, clock } = stores();
    const feed = await feedIn(stores());
    const about = { kind: 'circuit_open', shopId: feed.shop.id } as const;
    const raise = (host: string) =>
      notifications.raise({ ...about, failure: failure('shop_unreachable', { host, reason: 'x' }) }, clock.now());
    expect(await changedBy(() => raise('a.example'))).toEqual(['notifications']);
    expect(await changedBy(() => raise('b.example'))).toEqual(['notifications']);
    expect(await changedBy(() => notifications.heal(about, clock.now()))).toEqual(['notifications']);
  });

  it('names notifications when any of those that last changes its cause', async () => {
    const { notifications, clock } = stores();
    const feeds = [await feedIn(stores()), await feedIn(stores())];
    const raise = (of: number, host: string) =>
      notifications.raise(
        {
          kind: 'circuit_open',
          shopId: feeds[of]?.shop.id ?? 0,
          failure: failure('shop_unreachable', { host, reason: 'x' }),
        },
        clock.now(),
      );
    await raise(0, 'a.example');
    await raise(1, 'z.example');
    expect(await changedBy(() => raise(0, 'b.example'))).toEqual(['notifications']);
  });

  it('names runs when one is asked for, and when it gets on', async () => {
    const { runs, clock } = stores();
    const feed = await feedIn(stores());
    const ask = {
      connectionId: feed.connection.id,
      kind: 'pull',
      startedBy: 'person',
      askedBy: 'owner',
      undoOf: null,
    } as const;
    expect(await changedBy(() => runs.add({ ...ask, phase: 'reading' }, clock.now()))).toEqual(['runs']);
    const taken = await runs.take('worker', clock.now(), clock.now() + 60_000);
    if (!taken) throw new Error('There is a run');
    expect(await changedBy(() => runs.move(taken.lease, { done: 7 }, clock.now() + 60_000))).toEqual(['runs']);
  });
});
