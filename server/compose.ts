import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Express } from 'express';
import type { DestinationStream, Logger } from 'pino';
import { GuardBridge } from './application/guard-bridge';
import { removeOldRecords } from './application/remove-old-records';
import { TellChanges } from './application/tell-changes';
import { ViewWebOrders } from './application/view-web-orders';
import { systemClock } from './clock/system-clock';
import { composeBridgeSide } from './compose/bridge-side';
import type { Ground } from './compose/ground';
import { composeNoticeSide } from './compose/notice-side';
import { composeOutside } from './compose/outside';
import { composePanelSide } from './compose/panel-side';
import { originOf } from './compose/people-side';
import { composeShopSide } from './compose/shop-side';
import { composeSourceSide } from './compose/source-side';
import { assertKeyFits, openStores } from './compose/stores';
import { loadAppKey } from './config/app-key';
import { BadSettings, type Settings } from './config/settings';
import type { Clock } from './domain/ports/clock';
import { createApp, createWorkerApp, type HealthOptions } from './http/app';
import type { RequestRecord } from './http/request-log';
import type { HttpCall } from './outbound/http-client';
import { DueSweep } from './queue/due-sweep';
import { InProcessDispatcher } from './queue/in-process-dispatcher';
import { RedisDispatcher } from './queue/redis-dispatcher';
import { startSchedules } from './scheduler/schedules';
import { isMigrated } from './store/migrate';
import { createLog } from './telemetry/log';
import { Metrics } from './telemetry/metrics';
import { packageRoot, version } from './version';

/** How long work under way may take to end when the service is told to stop. */
const DRAIN_MS = 8_000;
const LET_GO_EVERY_MS = 50;

export interface Service {
  /** Where the service listens. */
  readonly url: string;
  /** The one-time set-up link, while no account exists. */
  readonly setUpLink: string | null;
  readonly log: Logger;
  /** Stops taking calls, lets work under way end, closes the database. */
  stop(): Promise<void>;
}

export interface ComposeOptions {
  readonly clock?: Clock;
  readonly logTo?: DestinationStream;
  /** For tests: every answer of the API is checked against its own schema. */
  readonly checkAnswers?: boolean;
}

/** Builds the service from its settings and starts it: this file and its folder are all that see every room. */
export async function startService(settings: Settings, options: ComposeOptions = {}): Promise<Service> {
  const clock = options.clock ?? systemClock;
  const log = createLog(settings.logLevel, options.logTo);
  const appKey = loadAppKey(settings);
  const servesPeople = settings.role !== 'worker';
  const worksLanes = settings.role !== 'web';

  const stores = await openStores(settings, appKey);
  await assertKeyFits(stores);
  const { items, cluster } = stores;
  const viewWebOrders = new ViewWebOrders({ ...stores, clock });
  const metrics = new Metrics(
    () => items.counts({ connectionId: null, text: null }),
    () => viewWebOrders.oldestUnknown(),
  );
  const recordCall = (call: HttpCall): void => {
    const { host, method, outcome } = call;
    metrics.shopCalls.observe({ host, method, outcome }, call.durationMs / 1000);
    log.info({ event: 'outbound_call', ...call }, 'outbound call');
  };
  const guardBridge = new GuardBridge({ ...stores, clock });
  const outside = composeOutside(settings, clock, stores.vendorCalls, guardBridge, recordCall);
  const notices = composeNoticeSide({ settings, clock, log, stores }, await cluster.installationId(), recordCall);

  const sweep = new DueSweep(
    clock,
    (at) => items.shopsWithDueItems(at),
    (error) => log.error({ event: 'sweep_failed', err: error }, 'looking for due items failed'),
  );
  const dispatcher =
    settings.redisUrl === null
      ? new InProcessDispatcher(sweep)
      : new RedisDispatcher({
          url: settings.redisUrl,
          namespace: await cluster.installationId(),
          sweep,
          clock,
          onAway: (error) => log.warn({ event: 'redis_away', err: error }, 'Redis is away; due items are swept'),
          onBack: () => log.info({ event: 'redis_back' }, 'Redis is back'),
        });

  // What the service does.
  const workerName = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;
  const ground: Ground = {
    settings,
    clock,
    log,
    metrics,
    stores,
    outside,
    dispatcher,
    notices,
    viewWebOrders,
    workerName,
  };
  const sourceSide = composeSourceSide(ground);
  const bridgeSide = composeBridgeSide(ground, sourceSide);
  const shopSide = composeShopSide(ground, { announce: () => sourceSide.runWorker.wake() }, bridgeSide);
  const panelSide = composePanelSide(ground, appKey, sourceSide, shopSide, bridgeSide);
  const { authentication, auditTrail, setUp, approveShop, bridgeDoor, routes } = panelSide;
  const { acceptPush, describeSource, keepFlows, runWorker, levelWorker, watchAlarms } = sourceSide;
  const { receiveWebhook, worker } = shopSide;

  if (settings.firstOwner && servesPeople) await setUp.byEnvironment(settings.firstOwner);
  // Only this process can open an embedded database, so a lane still held was held by a run that is gone.
  if (stores.unit.isSqlite) await stores.lanes.freeAll();

  // How it is reached.
  const panelDir = path.join(packageRoot, 'dist', 'admin-ui');
  const health: HealthOptions = {
    trustProxy: settings.trustProxy,
    ready: async () => {
      if (!(await isMigrated(stores.dataSource))) throw new Error('The database lacks migrations');
    },
    metrics: () => metrics.text(),
    onRequest: recordRequest,
    onUnforeseen: (error, requestId) => log.error({ event: 'unforeseen', requestId, err: error }, 'unforeseen error'),
  };
  const stopping = new AbortController();
  const appForPeople = (): Express =>
    createApp({
      ...health,
      routes: routes(),
      push: {
        accept: acceptPush,
        describe: describeSource,
        addressOf: (req) => `${settings.publicUrl ?? originOf(req)}${req.originalUrl}`,
      },
      receiveWebhook,
      approveShop,
      bridgeDoor,
      authentication,
      clock,
      stopping: stopping.signal,
      tellChanges: new TellChanges({
        marks: stores.changeMarks,
        clock,
        onFailed: (error) => log.error({ event: 'changes_failed', err: error }, 'looking for changes failed'),
      }),
      auditTrail,
      version,
      panelDir: existsSync(panelDir) ? panelDir : null,
      checkAnswers: options.checkAnswers ?? false,
    });

  const server = await listen(http.createServer(servesPeople ? appForPeople() : createWorkerApp(health)), settings);
  const schedules = startSchedules(
    worksLanes
      ? [
          {
            name: 'remove-old-records',
            cron: '30 3 * * *',
            timeZone: 'UTC',
            run: () => removeOldRecords({ ...stores, clock }),
          },
          { name: 'watch-alarms', cron: '* * * * *', timeZone: 'UTC', run: () => watchAlarms.watch() },
          { name: 'start-flows', cron: '* * * * *', timeZone: 'UTC', run: () => keepFlows.startDue() },
        ]
      : [],
    (name, moment) => cluster.claimMoment(name, moment),
    (name, result, error) =>
      error === null
        ? log[result === undefined || (Array.isArray(result) && result.length === 0) ? 'debug' : 'info'](
            { event: 'schedule', name, result },
            'schedule ended',
          )
        : log.error({ event: 'schedule', name, err: error }, 'schedule failed'),
  );
  if (worksLanes) {
    await keepFlows.ensureAll();
    worker.start();
    runWorker.start();
    levelWorker.start();
    notices.start();
  }

  const url = addressOf(server, settings);
  // A worker issues no link: it would void the one printed by a process that can be reached.
  const setUpLink =
    servesPeople && (await setUp.isNeeded())
      ? `${settings.publicUrl ?? url}/setup#token=${await setUp.issueToken()}`
      : null;
  log.info({ event: 'started', url, database: settings.database.engine, role: settings.role, version }, 'started');

  return {
    url,
    setUpLink,
    log,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      stopping.abort();
      // A connection is idle, and may go, once its call is answered.
      const letGo = setInterval(() => server.closeIdleConnections(), LET_GO_EVERY_MS);
      await schedules.stop();
      await Promise.all([
        worker.drain(DRAIN_MS),
        runWorker.drain(),
        levelWorker.drain(),
        notices.drain(),
        Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })]),
      ]);
      clearInterval(letGo);
      outside.close();
      server.closeAllConnections();
      await closed;
      await stores.dataSource.destroy();
      log.info({ event: 'stopped' }, 'stopped');
    },
  };

  function recordRequest(record: RequestRecord): void {
    const { method, route, status, durationMs, facts } = record;
    metrics.requests.observe({ method, route, status: String(status) }, durationMs / 1000);
    for (const outcome of ['accepted', 'rejected']) {
      const lines = facts[outcome];
      if (typeof lines === 'number') metrics.pushLines.inc({ outcome }, lines);
    }
    const { facts: more, ...line } = record;
    log[status >= 500 ? 'error' : 'info']({ event: 'request', ...line, ...more }, 'request');
  }
}

const LISTEN_FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'PORT: another program listens there already',
  EACCES: 'PORT: the system lets this user not listen there',
  EADDRNOTAVAIL: 'HOST: is no address of this machine',
  ENOTFOUND: 'HOST: is no address of this machine',
};

function listen(server: http.Server, settings: Settings): Promise<http.Server> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const fault = 'code' in error ? LISTEN_FAULTS[String(error.code)] : undefined;
      reject(fault === undefined ? error : new BadSettings([fault]));
    });
    server.listen(settings.port, settings.host, () => resolve(server));
  });
}

function addressOf(server: http.Server, settings: Settings): string {
  const { port } = server.address() as AddressInfo;
  const host = settings.host === '0.0.0.0' || settings.host === '::' ? '127.0.0.1' : settings.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
