import fc from 'fast-check';
import { RUN_LEASE_MS } from '../../server/application/held-run';
import type { RunPhase } from '../../server/domain/flow-run';
import { Killed, RunBench } from '../support/run-bench';
import { onSqlite } from '../support/test-stores';

const COUNT = 40;

onSqlite('A check whose worker is killed', (stores) => {
  const differing = (bench: RunBench): void => {
    bench.source.levels.set('SKU-1', 4);
    bench.source.levels.set('SKU-2', 16);
    bench.sell(3, 2, '1041');
    bench.edit(4, '77');
    bench.overwrite(5, '1');
  };
  const found = async (bench: RunBench, id: number) => {
    const run = await bench.find(id);
    const lines = (await bench.lines(id)).map(({ code, before, wanted, after, outcome, reason }) => ({
      code,
      before,
      wanted,
      after,
      outcome,
      reason,
    }));
    const shown = bench.shop.products().map(({ quantity }) => quantity);
    return { status: run.status, counts: run.counts, lines, shown, written: bench.shop.written.sort() };
  };
  const undisturbed = async () => {
    const bench = await RunBench.open(stores(), COUNT);
    differing(bench);
    const { id } = await bench.run('check');
    const result = await found(bench, id);
    await bench.close();
    return result;
  };

  it('ends as if it had not been, wherever that was, and writes nothing twice', async () => {
    const expected = await undisturbed();
    expect(expected).toMatchObject({ status: 'warning', counts: { changed: 4, reported: 1, equal: COUNT - 5 } });
    expect(expected.written).toEqual(['1/0=4', '2/0=16', '4/0=10', '5/0=10']);
    const killedIn = new Set<RunPhase>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ steps: fc.nat({ max: 12 }), midway: fc.boolean(), laneWorks: fc.boolean() }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.integer({ min: 1, max: 50 }),
        async (kills, pageSize) => {
          const bench = await RunBench.open(stores(), COUNT);
          bench.source.pageSize = pageSize;
          differing(bench);
          const { id } = await bench.start('check');
          for (const [n, { steps, midway, laneWorks }] of kills.entries()) {
            const taken = await bench.take(`worker ${n}`);
            if (!taken) break;
            bench.transactionsToLive = midway ? steps : Infinity;
            try {
              for (let step = 0; step <= steps; step++) if ((await bench.step(taken.lease)) !== 'more') break;
            } catch (thrown) {
              if (!(thrown instanceof Killed)) throw thrown;
            }
            bench.transactionsToLive = Infinity;
            killedIn.add((await bench.find(id)).phase);
            bench.advance(RUN_LEASE_MS + 1);
            if (laneWorks) await bench.workLane();
          }
          await bench.finish(id);
          expect(await found(bench, id)).toEqual(expected);
          await bench.close();
        },
      ),
      { numRuns: 25 },
    );
    expect(killedIn.size).toBeGreaterThan(4);
  }, 120_000);

  it.each(['reading', 'applying', 'listing', 'looking', 'comparing', 'explaining', 'repairing', 'settling'] as const)(
    'while %s is taken over, and ends as if it had not been',
    async (phase) => {
      const expected = await undisturbed();
      const bench = await RunBench.open(stores(), COUNT);
      differing(bench);
      const { id } = await bench.start('check');
      for (let turns = 0; turns < 200 && (await bench.find(id)).phase !== phase; turns++) {
        const taken = await bench.take('first');
        if (taken && (await bench.step(taken.lease)) === 'more') {
          // Put down by hand, so that every step is a turn of its own.
          await stores().runs.putDown(taken.lease, 0);
        } else await bench.workLane();
        bench.advance(1_000);
      }
      const lease = await bench.take('first');
      expect([lease?.run.phase, lease?.isTakenOver]).toEqual([phase, false]);
      bench.advance(RUN_LEASE_MS + 1);
      const next = await bench.take('second');
      expect(next?.isTakenOver).toBe(true);
      if (lease) expect(await bench.step(lease.lease)).toBe('out-of-hands');
      bench.advance(RUN_LEASE_MS + 1);
      await bench.finish(id);
      expect(await found(bench, id)).toEqual(expected);
      await bench.close();
    },
  );
});
