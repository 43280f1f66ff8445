import { AcknowledgeOrder } from '../application/acknowledge-order';
import { createHmac } from 'node:crypto';
import path from 'node:path';
import { ActOnSyncItems } from '../application/act-on-sync-items';
import { ApproveShop } from '../application/approve-shop';
import { ExplainItem } from '../application/explain-item';
import { GroupProblems } from '../application/group-problems';
import { KeepConnection } from '../application/keep-connection';
import { KeepMappings } from '../application/keep-mappings';
import { KeepShops } from '../application/keep-shops';
import { PreviewConnection } from '../application/preview-connection';
import { PreviewRules } from '../application/preview-rules';
import { AUDIT_KEPT_MS, KEPT_MS } from '../application/remove-old-records';
import { RelayPush } from '../application/relay-push';
import { SetUpFirstOwner } from '../application/set-up-first-owner';
import { SignInByBridge } from '../application/sign-in-by-bridge';
import { SuggestMatches } from '../application/suggest-matches';
import { TryMapping } from '../application/try-mapping';
import { ViewOverview } from '../application/view-overview';
import { Authentication } from '../http/authentication';
import { adminRoutes } from '../http/routes/admin';
import type { PushUrlOf } from '../http/routes/shared';
import { argon2Passwords } from '../security/argon2-passwords';
import { randomTokens } from '../security/random-tokens';
import { packageRoot, version } from '../version';
import type { BridgeSide } from './bridge-side';
import type { Ground } from './ground';
import { composePeopleSide, originOf } from './people-side';
import type { ShopSide } from './shop-side';
import type { SourceSide } from './source-side';

const DAY_MS = 86_400_000;

/** What people see and do. */
export function composePanelSide(
  ground: Ground,
  appKey: Buffer,
  { acceptPush, keepSource, askForRun, keepFlows }: SourceSide,
  { testShop }: ShopSide,
  { pairBridge, admitBridgeCall, takeStockEvents }: BridgeSide,
) {
  const { settings, clock, stores, outside, dispatcher, notices, viewWebOrders } = ground;
  const { unit, users, appSettings, shops, sourceStore, connections, pushes, items, notifications } = stores;
  const { catalog, runs, flows, mappings, switches, webhookStore, problems, deeds, ledger } = stores;
  const actOnItems = new ActOnSyncItems({
    unit,
    items,
    deeds,
    connections,
    shops,
    target: outside.target,
    laneSignal: dispatcher,
    clock,
  });
  const keepConnection = new KeepConnection({
    flows: keepFlows,
    connections,
    sources: sourceStore,
    sourceKinds: outside.sources,
    ledger,
    shops,
    items,
    catalog,
    switches,
    unit,
    laneSignal: dispatcher,
    clock,
  });
  const people = composePeopleSide(ground);
  const { logIn, apiTokens } = people;
  const setUp = new SetUpFirstOwner({
    unit,
    users,
    settings: appSettings,
    passwords: argon2Passwords,
    tokens: randomTokens,
    clock,
  });
  const authentication = new Authentication({
    logIn,
    apiTokens,
    adminToken: settings.adminToken,
    csrfSecret: createHmac('sha256', appKey).update('csrf').digest('hex'),
    secureCookies: settings.publicUrl?.startsWith('https:') ?? false,
  });
  const keepShops = new KeepShops({ unit, shops, clock });
  const approveShop = new ApproveShop({
    unit,
    settings: appSettings,
    shops,
    keepShops,
    tokens: randomTokens,
    clock,
    publicUrl: settings.publicUrl,
  });
  const pushUrlOf: PushUrlOf = (req, sourceKey) => `${settings.publicUrl ?? originOf(req)}/push/${sourceKey}`;
  const startedAt = new Date(clock.now()).toISOString();
  const routes = () =>
    adminRoutes({
      ...people.routeOptions,
      authentication,
      logIn,
      setUp,
      testShop,
      keepShops,
      approveShop,
      keepSource,
      serviceFacts: {
        version,
        startedAt,
        database: settings.database.engine,
        redis: settings.redisUrl !== null,
        publicUrl: settings.publicUrl,
        mailFrom: settings.mail?.from ?? null,
        privateNetwork: settings.allowPrivateNetwork,
        keptDays: { history: KEPT_MS / DAY_MS, audit: AUDIT_KEPT_MS / DAY_MS },
      },
      viewOverview: new ViewOverview({ items, activity: stores.activity, clock }),
      tryMapping: new TryMapping({ sourceStore, sources: outside.sources, pushes }),
      keepConnection,
      actOnItems,
      explainItem: new ExplainItem({ items, connections, shops, sources: sourceStore, clock }),
      orderLedger: ledger,
      viewWebOrders,
      acknowledgeOrder: new AcknowledgeOrder({ unit, ledger, connections, items, laneSignal: dispatcher, clock }),
      groupProblems: new GroupProblems({ problems, shops, notifications, actOnItems, testShop, clock }),
      keepMappings: new KeepMappings({ unit, mappings, connections, items, laneSignal: dispatcher, clock }),
      askForRun,
      keepFlows,
      runStore: runs,
      flowStore: flows,
      previewRules: new PreviewRules({ connections, items }),
      previewConnection: new PreviewConnection({ connections, shops, items, keepConnection, clock }),
      suggestMatches: new SuggestMatches({ items, connections, catalog }),
      mappingStore: mappings,
      switchStore: switches,
      catalogStore: catalog,
      webhookStore,
      laneSignal: dispatcher,
      acceptPush,
      shopStore: shops,
      pairingStore: stores.pairings,
      pairBridge,
      admitBridgeCall,
      pluginFile: path.join(packageRoot, 'dist', 'bridge', 'stock-relay.zip'),
      sourceStore,
      connectionStore: connections,
      itemStore: items,
      pushStore: pushes,
      notificationStore: notifications,
      noticePreferenceStore: stores.noticePreferences,
      keepNoticeSettings: notices.keepNoticeSettings,
      clock,
      version,
      pushUrlOf,
    });
  const bridgeDoor = {
    admit: admitBridgeCall,
    takeStockEvents,
    relayPush: new RelayPush({ acceptPush, connections, sources: sourceStore }),
    signInByBridge: new SignInByBridge({ admit: admitBridgeCall, users, logIn }),
    pairings: stores.pairings,
    speech: outside.bridgeSpeech,
    pushUrlOf,
  };
  return { authentication, auditTrail: people.auditTrail, setUp, approveShop, bridgeDoor, routes };
}
