import { failure } from '../domain/failure';
import type { Clock } from '../domain/ports/clock';
import type { FlowRunStore } from '../domain/ports/flow-runs';
import type { SourceStore } from '../domain/ports/sources';
import { canPull, type StockSources } from '../domain/ports/stock-source';
import type { HeldRun, StepEnd } from './held-run';
import { letOthersIn } from './let-others-in';
import { beginWalkEarly, type ListRunItemsPorts } from './list-run-items';

export interface ReadRunLevelsPorts extends Pick<ListRunItemsPorts, 'items' | 'catalog' | 'laneSignal'> {
  readonly runs: Pick<FlowRunStore, 'addLines'>;
  readonly sourceStore: SourceStore;
  readonly sources: StockSources;
  readonly clock: Clock;
}

/** A source may give all of its levels on one page. */
const LINES_AT_ONCE = 1_000;

/** One page of the source's levels. Nothing of them is used before the last page has come in. */
export async function readRunLevels(ports: ReadRunLevelsPorts, held: HeldRun, signal: AbortSignal): Promise<StepEnd> {
  const { runs, sourceStore, sources, clock } = ports;
  const { run, connection } = held;
  if (run.kind !== 'pull' && run.kind !== 'check') {
    return held.moveOn(
      run.kind === 'refresh' ? { phase: 'looking', position: null } : { phase: 'listing', position: null },
    );
  }
  const source = await sourceStore.find(connection.sourceId);
  const settings = await sourceStore.settings(connection.sourceId);
  const kind = source && sources.of(source.kind);
  if (!kind?.pull || !settings || !canPull(kind, settings)) {
    if (run.kind === 'check') return held.moveOn({ phase: 'listing', position: null });
    return held.end('failed', failure('source_not_readable'));
  }
  if (run.position === null && run.done === 0) await beginWalkEarly(ports, held);
  // Levels are as old as the moment they were asked for: what is pushed meanwhile is newer.
  const askedAt = clock.now();
  const page = await kind.pull.page(settings, { warehouses: connection.warehouses, cursor: run.position }, signal);
  const lines = page.lines.map((line) =>
    'change' in line ? { change: { ...line.change, observedAt: line.change.observedAt ?? askedAt } } : line,
  );
  const done = run.done + lines.length;
  if (page.next === null && done === 0) return held.pause(failure('source_list_empty'));
  await held.keep(async () => {
    for (let from = 0; from < lines.length; from += LINES_AT_ONCE) {
      await letOthersIn();
      await runs.addLines(run.id, run.done + from, lines.slice(from, from + LINES_AT_ONCE));
    }
    return page.next === null
      ? { phase: 'applying', position: null, done: 0, total: done }
      : { position: page.next, done, total: page.total };
  });
  if (page.next === null) await held.note('source_read', { lines: done });
  return 'more';
}
