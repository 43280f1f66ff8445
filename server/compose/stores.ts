import path from 'node:path';
import type { DataSource } from 'typeorm';
import { makeFolder } from '../config/data-folder';
import { BadSettings, type Settings } from '../config/settings';
import { asFailure, failureCause, FailureError } from '../domain/failure';
import { TypeormActivityStore } from '../store/activity-store';
import { TypeormAccessLinkStore } from '../store/access-link-store';
import { TypeormApiTokenStore } from '../store/api-token-store';
import { TypeormAuditStore } from '../store/audit-store';
import { TypeormBridgePairingStore } from '../store/bridge-pairing-store';
import { TypeormCatalogStore } from '../store/catalog-store';
import { TypeormChangeMarks } from '../store/change-marks';
import { TypeormClusterStore } from '../store/cluster-store';
import { TypeormConnectionStore } from '../store/connection-store';
import { createDataSource } from '../store/data-source';
import { TypeormFlowRunStore } from '../store/flow-run-store';
import { TypeormFlowStore } from '../store/flow-store';
import { TypeormItemDeedStore } from '../store/item-deed-store';
import { TypeormLaneStore } from '../store/lane-store';
import { TypeormLevelRequestStore } from '../store/level-request-store';
import { migrate } from '../store/migrate';
import { TypeormNotificationStore } from '../store/notification-store';
import { TypeormNoticeDeliveryStore } from '../store/notice-delivery-store';
import { TypeormNoticePreferenceStore } from '../store/notice-preference-store';
import { TypeormNoticeWebhookStore } from '../store/notice-webhook-store';
import { TypeormOrderLedgerStore } from '../store/order-ledger-store';
import { TypeormProblemStore } from '../store/problem-store';
import { TypeormPushStore } from '../store/push-store';
import { TypeormLoginChallengeStore, TypeormSecondFactorStore } from '../store/second-factor-store';
import { SecretBox } from '../store/secret-box';
import { TypeormShopStore } from '../store/shop-store';
import { TypeormSkuMappingStore } from '../store/sku-mapping-store';
import { TypeormSourceStore } from '../store/source-store';
import { TypeormStockEventStore } from '../store/stock-event-store';
import { TypeormStockStore } from '../store/stock-store';
import { TypeormStockSwitchStore } from '../store/stock-switch-store';
import { TypeormSyncItemStore } from '../store/sync-item-store';
import { TypeormUnitOfWork } from '../store/unit-of-work';
import { TypeormVendorCallStore } from '../store/vendor-call-store';
import { TypeormAppSettingStore, TypeormSessionStore, TypeormUserStore } from '../store/user-store';
import { TypeormWebhookStore } from '../store/webhook-store';

export type Stores = Awaited<ReturnType<typeof openStores>>;

/** The database: migrated before anything else may touch it. */
export async function openStores(settings: Settings, appKey: Buffer) {
  const dataSource = await openDatabase(settings);
  const unit = new TypeormUnitOfWork(dataSource);
  const secrets = new SecretBox(appKey);
  return {
    dataSource,
    unit,
    users: new TypeormUserStore(unit),
    sessions: new TypeormSessionStore(unit),
    secondFactors: new TypeormSecondFactorStore(unit, secrets),
    challenges: new TypeormLoginChallengeStore(unit),
    links: new TypeormAccessLinkStore(unit),
    apiTokens: new TypeormApiTokenStore(unit),
    audit: new TypeormAuditStore(unit),
    appSettings: new TypeormAppSettingStore(unit),
    shops: new TypeormShopStore(unit, secrets),
    lanes: new TypeormLaneStore(unit),
    sourceStore: new TypeormSourceStore(unit, secrets),
    connections: new TypeormConnectionStore(unit),
    pushes: new TypeormPushStore(unit, secrets),
    requests: new TypeormLevelRequestStore(unit),
    vendorCalls: new TypeormVendorCallStore(unit),
    stock: new TypeormStockStore(unit),
    items: new TypeormSyncItemStore(unit),
    notifications: new TypeormNotificationStore(unit),
    deliveries: new TypeormNoticeDeliveryStore(unit),
    noticePreferences: new TypeormNoticePreferenceStore(unit),
    noticeWebhooks: new TypeormNoticeWebhookStore(unit, secrets),
    deeds: new TypeormItemDeedStore(unit),
    problems: new TypeormProblemStore(unit),
    ledger: new TypeormOrderLedgerStore(unit),
    catalog: new TypeormCatalogStore(unit),
    runs: new TypeormFlowRunStore(unit),
    flows: new TypeormFlowStore(unit),
    mappings: new TypeormSkuMappingStore(unit),
    switches: new TypeormStockSwitchStore(unit),
    webhookStore: new TypeormWebhookStore(unit, secrets),
    pairings: new TypeormBridgePairingStore(unit, secrets),
    stockEvents: new TypeormStockEventStore(unit),
    activity: new TypeormActivityStore(unit),
    changeMarks: new TypeormChangeMarks(unit),
    cluster: new TypeormClusterStore(unit),
  };
}

/** Why a database is not to be had, by what its driver says; each is for whoever set it. */
const DATABASE_FAULTS: Readonly<Record<string, string>> = {
  SQLITE_BUSY: 'another process uses this database; an embedded one serves one process only',
  SQLITE_CANTOPEN: 'the file cannot be opened or made',
  SQLITE_NOTADB: 'the file is no SQLite database',
  SQLITE_READONLY: 'the file cannot be written to',
  ECONNREFUSED: 'the server does not answer',
  ETIMEDOUT: 'the server does not answer',
  EHOSTUNREACH: 'the server does not answer',
  ENETUNREACH: 'the server does not answer',
  ENOTFOUND: 'there is no server of this name',
  EAI_AGAIN: 'there is no server of this name',
  ER_ACCESS_DENIED_ERROR: 'the server refuses the user or the password',
  ER_DBACCESS_DENIED_ERROR: 'the user may not use this database',
  ER_BAD_DB_ERROR: 'there is no such database on the server',
};

/**
 * Throws BadSettings where nothing stored can be decrypted: every push would fail, and whoever runs the service would
 * take it for ready. A shop whose keys are of a former key alone is told of by its own failure.
 */
export async function assertKeyFits({
  dataSource,
  shops,
  sourceStore,
}: Pick<Stores, 'dataSource' | 'shops' | 'sourceStore'>): Promise<void> {
  const [someShops, someSources] = [await shops.addresses(), await sourceStore.list({ limit: 200, cursor: null })];
  let unreadable: FailureError | null = null;
  for (const open of [
    ...someShops.map(
      ({ id }) =>
        () =>
          shops.access(id),
    ),
    ...someSources.data.map(
      ({ id }) =>
        () =>
          sourceStore.settings(id),
    ),
  ]) {
    try {
      await open();
      return;
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      unreadable = error;
    }
  }
  if (!unreadable) return;
  await dataSource.destroy();
  throw new BadSettings([`APP_KEY: ${failureCause(asFailure(unreadable))} Start with the former one.`]);
}

async function openDatabase(settings: Settings): Promise<DataSource> {
  const { database, dataDir } = settings;
  if (database.engine === 'sqlite' && database.file !== ':memory:') {
    const folder = path.dirname(path.resolve(database.file));
    makeFolder(folder, folder === dataDir ? 'DATA_DIR' : 'DATABASE_URL');
  }
  const dataSource = createDataSource(database);
  try {
    await dataSource.initialize();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const fault = DATABASE_FAULTS[code];
    if (fault === undefined) throw error;
    throw new BadSettings([`DATABASE_URL: ${fault}`]);
  }
  try {
    await migrate(dataSource);
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
  return dataSource;
}
