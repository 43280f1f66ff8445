import { ORDERS_NOT_COUNTED } from '../../server/domain/order-rule';
import type { DataSource } from 'typeorm';
import { AcceptStockPush, type PushAnswer } from '../../server/application/accept-stock-push';
import { GuardCircuit } from '../../server/application/guard-circuit';
import { KeepConnection } from '../../server/application/keep-connection';
import { KeepSource } from '../../server/application/keep-source';
import { readSettings } from '../../server/config/settings';
import { createGenericSource } from '../../server/connectors/generic/generic-source';
import { createSourceRegistry } from '../../server/connectors/registry';
import { createSmartbillSource } from '../../server/connectors/smartbill/smartbill-source';
import type { Connection, ConnectionDraft } from '../../server/domain/ports/connections';
import type { PushingSource } from '../../server/domain/ports/pushes';
import type { Shop, ShopLimits } from '../../server/domain/ports/shops';
import type { ClaimedItem, LaneLease, Settlement } from '../../server/domain/ports/sync-items';
import { quantity } from '../../server/domain/quantity';
import { PRIORITY } from '../../server/domain/sync-item';
import { LEASE_MS } from '../../server/queue/lane-run';
import { randomTokens } from '../../server/security/random-tokens';
import { TypeormAccessLinkStore } from '../../server/store/access-link-store';
import { TypeormApiTokenStore } from '../../server/store/api-token-store';
import { TypeormAuditStore } from '../../server/store/audit-store';
import { TypeormActivityStore } from '../../server/store/activity-store';
import { TypeormBridgePairingStore } from '../../server/store/bridge-pairing-store';
import { TypeormCatalogStore } from '../../server/store/catalog-store';
import { TypeormConnectionStore } from '../../server/store/connection-store';
import { createDataSource } from '../../server/store/data-source';
import { TypeormFlowRunStore } from '../../server/store/flow-run-store';
import { TypeormFlowStore } from '../../server/store/flow-store';
import { TypeormItemDeedStore } from '../../server/store/item-deed-store';
import { TypeormLaneStore } from '../../server/store/lane-store';
import { TypeormNoticeDeliveryStore } from '../../server/store/notice-delivery-store';
import { TypeormNoticePreferenceStore } from '../../server/store/notice-preference-store';
import { TypeormNoticeWebhookStore } from '../../server/store/notice-webhook-store';
import { TypeormNotificationStore } from '../../server/store/notification-store';
import { TypeormOrderLedgerStore } from '../../server/store/order-ledger-store';
import { TypeormProblemStore } from '../../server/store/problem-store';
import { TypeormPushStore } from '../../server/store/push-store';
import { TypeormLoginChallengeStore, TypeormSecondFactorStore } from '../../server/store/second-factor-store';
import { SecretBox } from '../../server/store/secret-box';
import { TypeormShopStore } from '../../server/store/shop-store';
import { TypeormSkuMappingStore } from '../../server/store/sku-mapping-store';
import { TypeormSourceStore } from '../../server/store/source-store';
import { TypeormStockEventStore } from '../../server/store/stock-event-store';
import { TypeormStockStore } from '../../server/store/stock-store';
import { TypeormLevelRequestStore } from '../../server/store/level-request-store';
import { TypeormVendorCallStore } from '../../server/store/vendor-call-store';
import { TypeormStockSwitchStore } from '../../server/store/stock-switch-store';
import { TypeormSyncItemStore } from '../../server/store/sync-item-store';
import { TypeormUnitOfWork } from '../../server/store/unit-of-work';
import { TypeormWebhookStore } from '../../server/store/webhook-store';
import { NO_RULES } from '../../server/domain/target-stock';
import { TypeormAppSettingStore, TypeormSessionStore, TypeormUserStore } from '../../server/store/user-store';
import { CountedVendorCalls } from './counted-vendor-calls';
import { rawPush } from './builders';
import { engines } from './databases';
import { TestClock } from './test-clock';

export const APP_KEY = Buffer.alloc(32, 7);

/** A DataSource for an address as the settings spell it; not yet opened. */
export const dataSourceOf = (url: string): DataSource => createDataSource(readSettings({ DATABASE_URL: url }).database);

const noNetwork = {
  request: () => Promise.reject(new Error('No network in this test')),
  close: () => undefined,
};

export const sourceRegistry = createSourceRegistry(
  ['generic', 'smartbill'],
  [
    createGenericSource(noNetwork, new TestClock()),
    createSmartbillSource(noNetwork, 'https://vendor.example', new TestClock(), new CountedVendorCalls()),
  ],
);

/** Everything that stands on one database, put together as the service does it. */
export function storesOn(dataSource: DataSource, clock: TestClock = new TestClock(), appKey: Buffer = APP_KEY) {
  const unit = new TypeormUnitOfWork(dataSource);
  const secrets = new SecretBox(appKey);
  const announced: number[] = [];
  const asked = { count: 0 };
  const lanes = { announce: (shopIds: Iterable<number>) => void announced.push(...shopIds) };
  const stores = {
    unit,
    secrets,
    users: new TypeormUserStore(unit),
    sessions: new TypeormSessionStore(unit),
    secondFactors: new TypeormSecondFactorStore(unit, secrets),
    challenges: new TypeormLoginChallengeStore(unit),
    links: new TypeormAccessLinkStore(unit),
    apiTokens: new TypeormApiTokenStore(unit),
    audit: new TypeormAuditStore(unit),
    settings: new TypeormAppSettingStore(unit),
    shops: new TypeormShopStore(unit, secrets),
    lanes: new TypeormLaneStore(unit),
    notifications: new TypeormNotificationStore(unit),
    deliveries: new TypeormNoticeDeliveryStore(unit),
    noticePreferences: new TypeormNoticePreferenceStore(unit),
    noticeWebhooks: new TypeormNoticeWebhookStore(unit, secrets),
    sources: new TypeormSourceStore(unit, secrets),
    connections: new TypeormConnectionStore(unit),
    pushes: new TypeormPushStore(unit, secrets),
    requests: new TypeormLevelRequestStore(unit),
    vendorCalls: new TypeormVendorCallStore(unit),
    stock: new TypeormStockStore(unit),
    items: new TypeormSyncItemStore(unit),
    deeds: new TypeormItemDeedStore(unit),
    problems: new TypeormProblemStore(unit),
    ledger: new TypeormOrderLedgerStore(unit),
    catalog: new TypeormCatalogStore(unit),
    mappings: new TypeormSkuMappingStore(unit),
    switches: new TypeormStockSwitchStore(unit),
    webhooks: new TypeormWebhookStore(unit, secrets),
    runs: new TypeormFlowRunStore(unit),
    flows: new TypeormFlowStore(unit),
    pairings: new TypeormBridgePairingStore(unit, secrets),
    stockEvents: new TypeormStockEventStore(unit),
    activity: new TypeormActivityStore(unit),
  };
  return {
    ...stores,
    dataSource,
    clock,
    announced,
    asked,
    acceptPush: new AcceptStockPush({
      ...stores,
      sources: sourceRegistry,
      tokens: randomTokens,
      lanes,
      onAsked: () => void asked.count++,
      clock,
    }),
    keepSource: new KeepSource({
      ...stores,
      store: stores.sources,
      sources: sourceRegistry,
      tokens: randomTokens,
      clock,
    }),
    circuit: new GuardCircuit({ ...stores, clock, chance: () => 0.5 }),
    // The mirror is filled by tests that are about it.
    keepConnection: new KeepConnection({
      ...stores,
      sourceKinds: sourceRegistry,
      catalog: { request: () => Promise.resolve() },
      flows: { ensure: () => Promise.resolve() },
      laneSignal: lanes,
      clock,
    }),
  };
}

export type Stores = ReturnType<typeof storesOn>;

export async function openStores(url: string, clock?: TestClock): Promise<Stores> {
  const dataSource = dataSourceOf(url);
  await dataSource.initialize();
  await dataSource.runMigrations({ transaction: 'each' });
  return storesOn(dataSource, clock);
}

/** A source that feeds a shop. Tests of one database keep apart by each having its own. */
export interface Feed {
  readonly shop: Shop;
  readonly sourceId: number;
  readonly sourceKey: string;
  readonly token: string;
  readonly connection: Connection;
}

let feeds = 0;

export const NO_LIMITS: ShopLimits = { callsPerMinute: null, quietHours: null };

export async function shopIn(stores: Stores, limits: Partial<ShopLimits> = {}): Promise<Shop> {
  return stores.shops.create(
    {
      name: 'Shop',
      url: 'https://shop.example',
      consumerKey: `ck_${'k'.repeat(40)}`,
      consumerSecret: `cs_${'s'.repeat(40)}`,
      verifyTls: true,
      allowQueryKeys: false,
      limits: { ...NO_LIMITS, ...limits },
    },
    stores.clock.now(),
  );
}

/** A connection as the draft of another one like it. */
export const draftOf = ({
  sourceId,
  shopId,
  warehouses,
  matchBy,
  mode,
  allowNameAfterCode,
  holdErrors,
  rules,
  categoryBuffers,
  unmanaged,
  onDifference,
  orders,
}: Connection): ConnectionDraft => ({
  sourceId,
  shopId,
  warehouses,
  matchBy,
  mode,
  allowNameAfterCode,
  holdErrors,
  rules,
  categoryBuffers,
  unmanaged,
  onDifference,
  orders,
});

export const SMARTBILL_SETTINGS = { email: 'owner@shop.example', apiToken: '003|AbCdEf', vatCode: 'RO12345678' };

export async function feedIn(
  stores: Stores,
  how: Partial<ConnectionDraft> & { readonly kind?: 'generic' | 'smartbill'; readonly shop?: Shop } = {},
): Promise<Feed> {
  const { kind = 'generic', shop = await shopIn(stores), ...draft } = how;
  const { source, token } = await stores.keepSource.create({
    name: `Source ${++feeds}`,
    kind,
    settings: kind === 'smartbill' ? SMARTBILL_SETTINGS : {},
  });
  const connection = await stores.keepConnection.create({
    sourceId: source.id,
    shopId: shop.id,
    warehouses: '*',
    matchBy: ['code', 'barcode', 'name'],
    mode: 'live',
    allowNameAfterCode: false,
    holdErrors: false,
    rules: NO_RULES,
    categoryBuffers: [],
    unmanaged: 'report',
    onDifference: 'repair',
    orders: ORDERS_NOT_COUNTED,
    ...draft,
  });
  return { shop, sourceId: source.id, sourceKey: source.sourceKey, token, connection };
}

export type Line = Readonly<Record<string, unknown>>;

export interface PushHow {
  readonly idempotencyKey?: string;
  readonly contentType?: string;
}

export async function pushingSource(stores: Stores, feed: Pick<Feed, 'sourceKey'>): Promise<PushingSource> {
  const source = await stores.pushes.findSource(feed.sourceKey);
  if (!source) throw new Error('The source of this feed is gone');
  return source;
}

/** Pushes a body the way the door does, after the token was checked. */
export async function pushBody(stores: Stores, feed: Feed, body: string, how: PushHow = {}): Promise<PushAnswer> {
  const { answer } = await stores.acceptPush.accept(
    {
      ...rawPush(body, how.contentType ?? 'application/json'),
      headers: {},
      url: `https://relay.example/push/${feed.sourceKey}`,
      idempotencyKey: how.idempotencyKey ?? null,
    },
    { source: await pushingSource(stores, feed), proof: 'token' },
  );
  if (!answer) throw new Error('The sender was answered in its own protocol');
  return answer;
}

export const push = (stores: Stores, feed: Feed, lines: readonly Line[], how: PushHow = {}): Promise<PushAnswer> =>
  pushBody(stores, feed, JSON.stringify({ items: lines }), how);

/** What the shop of this feed must show, product by product, as the store has it: `code@warehouse=quantity`. */
export async function levelsOf(stores: Stores, feed: Feed): Promise<string[]> {
  const { data } = await stores.items.list(
    { connectionId: feed.connection.id, status: null, text: null },
    { limit: 20_000, cursor: null },
  );
  return data.flatMap((item) =>
    item.levels.map(
      ({ warehouse, quantity }) =>
        `${item.subject.code ?? item.subject.barcode ?? item.subject.name ?? ''}@${warehouse}=${quantity}`,
    ),
  );
}

export async function itemsOf(stores: Stores, feed: Feed) {
  const { data } = await stores.items.list(
    { connectionId: feed.connection.id, status: null, text: null },
    { limit: 20_000, cursor: null },
  );
  return data;
}

/** The item of one product by its code; fails the test when there is none. */
export async function itemOf(stores: Stores, feed: Feed, code: string) {
  const item = (await itemsOf(stores, feed)).find(({ subject }) => subject.code === code);
  if (!item) throw new Error(`There is no item for ${code}`);
  return item;
}

/** All that the source of this feed sent. */
export const pushesOf = ({ sourceId }: Pick<Feed, 'sourceId'>) => ({
  sourceId,
  outcome: null,
  from: null,
  before: null,
});

export { LEASE_MS };

/** The lane of a shop in the hands of `owner`; fails the test when it is not to be had. */
export async function laneOf(stores: Stores, shopId: number, owner = 'worker'): Promise<LaneLease> {
  const now = stores.clock.now();
  const lease = await stores.lanes.take(shopId, owner, now, now + LEASE_MS);
  if (!lease) throw new Error('The lane is not free');
  return lease;
}

export const claim = (stores: Stores, lease: LaneLease, limit = 100, urgentOnly = false) =>
  stores.items.claim(lease, { limit, urgentOnly }, stores.clock.now(), stores.clock.now() + LEASE_MS);

/** An item that was delivered well and is settled as synced, without having been written in this delivery. */
export const syncedSettlement = (item: ClaimedItem, changes: Partial<Settlement> = {}): Settlement => ({
  item,
  status: 'synced',
  dueAt: null,
  priority: PRIORITY.movement,
  attempts: 0,
  failure: null,
  shown: quantity('7'),
  syncedAt: 1,
  writtenAt: null,
  sales: null,
  held: undefined,
  link: undefined,
  switchedOn: [],
  gone: [],
  doubtedUntil: undefined,
  ...changes,
});

type Declare = (stores: () => Stores, engineName: string) => void;

/** Declares the tests once for each engine; each file gets a database of its own, removed afterwards. */
export const onEachEngine = (title: string, declare: Declare): void => onEngines(engines, title, declare);

/** For tests that let time pass step by step: the embedded database alone answers without any passing. */
export const onSqlite = (title: string, declare: Declare): void => onEngines(engines.slice(0, 1), title, declare);

function onEngines(some: typeof engines, title: string, declare: Declare): void {
  describe.each(some.map((engine) => [engine.name, engine] as const))(`${title} on %s`, (name, engine) => {
    engine.whenAvailable(() => {
      let stores: Stores | null = null;
      beforeAll(async () => {
        stores = await openStores((await engine.create()).url);
      });
      afterAll(async () => {
        await stores?.dataSource.destroy();
        await engine.dropAll();
      });
      declare(() => {
        if (!stores) throw new Error('The database is opened before the first test');
        return stores;
      }, name);
    });
  });
}
