import type { DataSource } from 'typeorm';
import type { Settings } from '../config/settings';
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
