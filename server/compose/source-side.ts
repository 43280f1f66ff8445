import { AcceptStockPush } from '../application/accept-stock-push';
import { AskForRun } from '../application/ask-for-run';
import { KeepFlows } from '../application/keep-flows';
import { KeepSource } from '../application/keep-source';
import { ReadRequestedLevels } from '../application/read-requested-levels';
import { WatchAlarms } from '../application/watch-alarms';
import { WorkRun } from '../application/work-run';
import { instantOrNull } from '../http/presenters';
import { createLevelWorker } from '../queue/level-worker';
import { createRunWorker } from '../queue/run-worker';
import type { WorkLoop } from '../queue/work-loop';
import { cronTimes } from '../scheduler/cron-times';
import { randomTokens } from '../security/random-tokens';
import type { Ground } from './ground';

export type SourceSide = ReturnType<typeof composeSourceSide>;

/** What accounting systems push, and what is fetched from them. */
export function composeSourceSide({ clock, log, stores, outside, dispatcher, workerName, notices }: Ground) {
  const { unit, pushes, stock, connections, items, sourceStore, runs, flows, shops } = stores;
  const { requests, vendorCalls, catalog, problems, ledger } = stores;
  const { sources } = outside;
  const notifications = notices.tellPeople;
  const acceptPush = new AcceptStockPush({
    unit,
    pushes,
    stock,
    connections,
    items,
    ledger,
    notifications,
    sources,
    requests,
    tokens: randomTokens,
    lanes: dispatcher,
    onAsked: () => levelWorker.wake(),
    clock,
  });
  const keepSource = new KeepSource({
    unit,
    store: sourceStore,
    sources,
    requests,
    vendorCalls,
    tokens: randomTokens,
    clock,
  });
  const workRun = new WorkRun({
    unit,
    runs,
    connections,
    sourceStore,
    sources,
    stock,
    items,
    ledger,
    catalog,
    laneSignal: dispatcher,
    clock,
  });
  const runWorker = createRunWorker(workerName, {
    runs,
    workRun,
    clock,
    onFailed: (runId, error) => log.error({ event: 'run_failed', runId, err: error }, 'a run failed'),
  });
  const askForRun = new AskForRun({
    unit,
    runs,
    connections,
    sourceStore,
    sources,
    onAsked: () => runWorker.wake(),
    clock,
  });
  const readLevels = new ReadRequestedLevels({
    unit,
    stock,
    items,
    ledger,
    notifications,
    requests,
    connections,
    sourceStore,
    sources,
    askForRun,
    lanes: dispatcher,
    clock,
    chance: Math.random,
  });
  const levelWorker: WorkLoop = createLevelWorker(readLevels, clock, (error) =>
    log.error({ event: 'levels_failed', err: error }, 'reading levels that were asked for failed'),
  );
  const keepFlows = new KeepFlows({
    flows,
    connections,
    sources: sourceStore,
    items,
    notifications,
    cron: cronTimes,
    askForRun,
    clock,
  });
  const watchAlarms = new WatchAlarms({
    sources: sourceStore,
    connections,
    pushes,
    items,
    problems,
    runs,
    notifications,
    requests,
    ledger,
    clock,
  });
  return { acceptPush, keepSource, runWorker, levelWorker, askForRun, keepFlows, watchAlarms, describeSource };

  async function describeSource(sourceId: number): Promise<Record<string, unknown>> {
    const source = await sourceStore.find(sourceId);
    const feeds = await connections.forSource(sourceId);
    const fed = await Promise.all(feeds.map((connection) => shops.find(connection.shopId)));
    return {
      connectedAs: source?.name ?? null,
      kind: source?.kind ?? null,
      shops: fed.flatMap((shop) => (shop ? [shop.name] : [])),
      lastPushAt: instantOrNull(source?.lastPushAt ?? null),
      lastTestAt: instantOrNull(source?.lastTestAt ?? null),
    };
  }
}
