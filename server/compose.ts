import { createHmac, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import path from 'node:path';
import type { Express, Request } from 'express';
import type { DestinationStream, Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { AcceptStockPush } from './application/accept-stock-push';
import { ActOnSyncItems } from './application/act-on-sync-items';
import { AskForRun } from './application/ask-for-run';
import { DeliverSyncItems } from './application/deliver-sync-items';
import { GuardCircuit } from './application/guard-circuit';
import { KeepConnection } from './application/keep-connection';
import { KeepFlows } from './application/keep-flows';
import { KeepMappings } from './application/keep-mappings';
import { KeepSource } from './application/keep-source';
import { LogIn } from './application/log-in';
import { LookAfterShop } from './application/look-after-shop';
import { PreviewConnection } from './application/preview-connection';
import { PreviewRules } from './application/preview-rules';
import { ReceiveWebhook } from './application/receive-webhook';
import { RefreshCatalogue } from './application/refresh-catalogue';
import { removeOldRecords } from './application/remove-old-records';
import { SetUpFirstOwner } from './application/set-up-first-owner';
import { SuggestMatches } from './application/suggest-matches';
import { TestShop } from './application/test-shop';
import { UndoStockSwitches } from './application/undo-stock-switches';
import { WatchAlarms } from './application/watch-alarms';
import { WatchWebhooks } from './application/watch-webhooks';
import { WorkRun } from './application/work-run';
import { systemClock } from './clock/system-clock';
import { loadAppKey } from './config/app-key';
import type { Settings } from './config/settings';
import { createGenericSource } from './connectors/generic/generic-source';
import { createHiboutikSource } from './connectors/hiboutik/hiboutik-source';
import { createOblioSource } from './connectors/oblio/oblio-source';
import { createSourceRegistry } from './connectors/registry';
import { createSmartbillSource } from './connectors/smartbill/smartbill-source';
import { createWooCommerceCatalogue } from './connectors/woocommerce/list-catalogue';
import { createWooCommerceShopTarget } from './connectors/woocommerce/woocommerce-shop-target';
import { createWooCommerceWebhooks } from './connectors/woocommerce/woocommerce-webhooks';
import type { Clock } from './domain/ports/clock';
import { createApp, createWorkerApp, type HealthOptions } from './http/app';
import { Authentication } from './http/authentication';
import { instantOrNull } from './http/presenters';
import type { RequestRecord } from './http/request-log';
import { adminRoutes } from './http/routes/admin';
import { sourceKinds } from './http/schemas/sources';
import { createHttpClient } from './outbound/http-client';
import { DueSweep } from './queue/due-sweep';
import { InProcessDispatcher } from './queue/in-process-dispatcher';
import { RedisDispatcher } from './queue/redis-dispatcher';
import { RunWorker } from './queue/run-worker';
import { SyncWorker } from './queue/sync-worker';
import { cronTimes } from './scheduler/cron-times';
import { startSchedules } from './scheduler/schedules';
import { argon2Passwords } from './security/argon2-passwords';
import { randomTokens } from './security/random-tokens';
import { TypeormCatalogStore } from './store/catalog-store';
import { createDataSource } from './store/data-source';
import { TypeormClusterStore } from './store/cluster-store';
import { TypeormConnectionStore } from './store/connection-store';
import { TypeormLaneStore } from './store/lane-store';
import { TypeormFlowRunStore } from './store/flow-run-store';
import { TypeormFlowStore } from './store/flow-store';
import { isMigrated, migrate } from './store/migrate';
import { TypeormNotificationStore } from './store/notification-store';
import { TypeormPushStore } from './store/push-store';
import { SecretBox } from './store/secret-box';
import { TypeormShopStore } from './store/shop-store';
import { TypeormSkuMappingStore } from './store/sku-mapping-store';
import { TypeormSourceStore } from './store/source-store';
import { TypeormStockStore } from './store/stock-store';
import { TypeormStockSwitchStore } from './store/stock-switch-store';
import { TypeormSyncItemStore } from './store/sync-item-store';
import { TypeormUnitOfWork } from './store/unit-of-work';
import { TypeormAppSettingStore, TypeormSessionStore, TypeormUserStore } from './store/user-store';
import { TypeormWebhookStore } from './store/webhook-store';
import { createLog } from './telemetry/log';
import { Metrics } from './telemetry/metrics';
import { packageRoot, version } from './version';

/** How long work under way may take to end when the service is told to stop. */
const DRAIN_MS = 8_000;

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

/** Builds the service from its settings and starts it: the only file that sees every room. */
export async function startService(settings: Settings, options: ComposeOptions = {}): Promise<Service> {
  const clock = options.clock ?? systemClock;
  const log = createLog(settings.logLevel, options.logTo);
  const appKey = loadAppKey(settings);
  const servesPeople = settings.role !== 'worker';
  const worksLanes = settings.role !== 'web';
  const derivedSecret = (purpose: string) => createHmac('sha256', appKey).update(purpose).digest('hex');

  // The database: migrated before anything else may touch it.
  const dataSource = await openDatabase(settings);
  const unit = new TypeormUnitOfWork(dataSource);
  const secrets = new SecretBox(appKey);
  const users = new TypeormUserStore(unit);
  const sessions = new TypeormSessionStore(unit, users);
  const appSettings = new TypeormAppSettingStore(unit);
  const shops = new TypeormShopStore(unit, secrets);
  const lanes = new TypeormLaneStore(unit);
  const sourceStore = new TypeormSourceStore(unit, secrets);
  const connections = new TypeormConnectionStore(unit);
  const pushes = new TypeormPushStore(unit);
  const stock = new TypeormStockStore(unit);
  const items = new TypeormSyncItemStore(unit);
  const notifications = new TypeormNotificationStore(unit);
  const catalog = new TypeormCatalogStore(unit);
  const runs = new TypeormFlowRunStore(unit);
  const flows = new TypeormFlowStore(unit);
  const mappings = new TypeormSkuMappingStore(unit);
  const switches = new TypeormStockSwitchStore(unit);
  const webhookStore = new TypeormWebhookStore(unit, secrets);
  const cluster = new TypeormClusterStore(unit);
  const metrics = new Metrics(() => items.counts({ connectionId: null, text: null }));

  // The outside: vendors and shops.
  const outbound = createHttpClient({
    allowPrivateNetwork: settings.allowPrivateNetwork,
    clock,
    onCall: (call) => {
      const { host, method, outcome } = call;
      metrics.shopCalls.observe({ host, method, outcome }, call.durationMs / 1000);
      log.info({ event: 'outbound_call', ...call }, 'outbound call');
    },
  });
  const toWooCommerce = { http: outbound, clock, version };
  const target = createWooCommerceShopTarget(toWooCommerce);
  const webhooks = createWooCommerceWebhooks(toWooCommerce);
  const sources = createSourceRegistry(sourceKinds, [
    createGenericSource(),
    createSmartbillSource(outbound, settings.smartbillApiUrl, clock),
    createHiboutikSource(outbound, settings.hiboutikApiUrl, clock),
    createOblioSource(outbound, settings.oblioApiUrl, clock),
  ]);

  // What the service does.
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
  const acceptPush = new AcceptStockPush({
    unit,
    pushes,
    stock,
    connections,
    items,
    notifications,
    sources,
    tokens: randomTokens,
    lanes: dispatcher,
    clock,
  });
  const circuit = new GuardCircuit({ unit, lanes, notifications, clock, chance: Math.random });
  const testShop = new TestShop({ shops, target, catalog, circuit, laneSignal: dispatcher, clock });
  const keepSource = new KeepSource({ unit, store: sourceStore, sources, tokens: randomTokens, clock });
  const workRun = new WorkRun({
    unit,
    runs,
    connections,
    sourceStore,
    sources,
    stock,
    items,
    laneSignal: dispatcher,
    clock,
  });
  const workerName = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;
  const runWorker = new RunWorker(workerName, {
    runs,
    workRun,
    clock,
    onFailed: (runId, error) => log.error({ event: 'run_failed', runId, err: error }, 'a run failed'),
  });
  const askForRun = new AskForRun({ runs, connections, sourceStore, sources, onAsked: () => runWorker.wake(), clock });
  const keepFlows = new KeepFlows({ flows, connections, cron: cronTimes, askForRun, clock });
  const keepConnection = new KeepConnection({
    flows: keepFlows,
    connections,
    sources: sourceStore,
    shops,
    items,
    catalog,
    switches,
    unit,
    laneSignal: dispatcher,
    clock,
  });
  const keepMappings = new KeepMappings({ unit, mappings, connections, items, laneSignal: dispatcher, clock });
  const previewRules = new PreviewRules({ connections, items });
  const previewConnection = new PreviewConnection({ connections, shops, items, keepConnection, clock });
  const suggestMatches = new SuggestMatches({ items, connections, catalog });
  const receiveWebhook = new ReceiveWebhook({
    unit,
    webhooks,
    store: webhookStore,
    catalog,
    items,
    laneSignal: dispatcher,
    clock,
  });
  const refresh = new RefreshCatalogue({
    unit,
    items,
    catalogue: createWooCommerceCatalogue(toWooCommerce),
    store: catalog,
    clock,
  });
  const watchAlarms = new WatchAlarms({ sources: sourceStore, pushes, items, notifications, clock });
  const lookAfterShop = new LookAfterShop({
    refresh,
    webhooks: new WatchWebhooks({
      webhooks,
      store: webhookStore,
      connections,
      tokens: randomTokens,
      clock,
      publicUrl: settings.publicUrl,
    }),
    undo: new UndoStockSwitches({ unit, switches, items, target, clock }),
    catalog,
    switches,
    clock,
  });
  const actOnItems = new ActOnSyncItems({ unit, items, connections, shops, target, laneSignal: dispatcher, clock });
  const logIn = new LogIn({ users, sessions, passwords: argon2Passwords, tokens: randomTokens, clock });
  const setUp = new SetUpFirstOwner({
    unit,
    users,
    settings: appSettings,
    passwords: argon2Passwords,
    tokens: randomTokens,
    clock,
  });
  if (settings.firstOwner && servesPeople) await setUp.byEnvironment(settings.firstOwner);

  const worker = new SyncWorker(workerName, {
    dispatcher,
    lanes,
    items,
    shops,
    connections,
    circuit,
    deliver: new DeliverSyncItems({ target, items, mappings, catalog, refresh, clock }),
    target,
    lookAfterShop,
    clock,
    chance: Math.random,
    onDelivery: (report) => {
      for (const [outcome, count] of Object.entries(report.outcomes)) metrics.outcomes.inc({ outcome }, count);
      log.info({ event: 'delivery', ...report }, 'delivery');
    },
    onLaneFailed: (shopId, error) => log.error({ event: 'lane_failed', shopId, err: error }, 'a lane failed'),
  });
  // Only this process can open an embedded database, so a lane still held was held by a run that is gone.
  if (unit.isSqlite) await lanes.freeAll();

  // How it is reached.
  const authentication = new Authentication({
    logIn,
    adminToken: settings.adminToken,
    csrfSecret: derivedSecret('csrf'),
    secureCookies: settings.publicUrl?.startsWith('https:') ?? false,
  });
  const panelDir = path.join(packageRoot, 'dist', 'admin-ui');
  const health: HealthOptions = {
    trustProxy: settings.trustProxy,
    ready: async () => {
      if (!(await isMigrated(dataSource))) throw new Error('The database lacks migrations');
    },
    metrics: () => metrics.text(),
    onRequest: recordRequest,
    onUnforeseen: (error, requestId) => log.error({ event: 'unforeseen', requestId, err: error }, 'unforeseen error'),
  };
  const appForPeople = (): Express =>
    createApp({
      ...health,
      routes: adminRoutes({
        authentication,
        logIn,
        setUp,
        testShop,
        keepSource,
        keepConnection,
        actOnItems,
        keepMappings,
        askForRun,
        keepFlows,
        runStore: runs,
        flowStore: flows,
        previewRules,
        previewConnection,
        suggestMatches,
        mappingStore: mappings,
        switchStore: switches,
        catalogStore: catalog,
        webhookStore,
        laneSignal: dispatcher,
        acceptPush,
        shopStore: shops,
        sourceStore,
        connectionStore: connections,
        itemStore: items,
        pushStore: pushes,
        notificationStore: notifications,
        clock,
        version,
        pushUrlOf: (req, sourceKey) => `${settings.publicUrl ?? originOf(req)}/push/${sourceKey}`,
      }),
      push: { accept: acceptPush, describe: describeSource },
      receiveWebhook,
      authentication,
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
            run: () => removeOldRecords({ pushes, items, sessions, runs, clock }),
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
      server.closeIdleConnections();
      await schedules.stop();
      await Promise.all([worker.drain(DRAIN_MS), worksLanes ? runWorker.drain() : null]);
      outbound.close();
      server.closeAllConnections();
      await closed;
      await dataSource.destroy();
      log.info({ event: 'stopped' }, 'stopped');
    },
  };

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

async function openDatabase(settings: Settings): Promise<DataSource> {
  const dataSource = createDataSource(settings.database);
  try {
    await dataSource.initialize();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY')) throw error;
    throw new Error('Another process uses this database. An embedded database serves one process only.', {
      cause: error,
    });
  }
  try {
    await migrate(dataSource);
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
  return dataSource;
}

function listen(server: http.Server, settings: Settings): Promise<http.Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, settings.host, () => resolve(server));
  });
}

function addressOf(server: http.Server, settings: Settings): string {
  const { port } = server.address() as AddressInfo;
  const host = settings.host === '0.0.0.0' || settings.host === '::' ? '127.0.0.1' : settings.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const originOf = (req: Request): string => `${req.protocol}://${req.get('host') ?? 'localhost'}`;
