import { createHmac } from 'node:crypto';
import type { Request } from 'express';
import { ActOnSyncItems } from '../application/act-on-sync-items';
import { KeepConnection } from '../application/keep-connection';
import { KeepMappings } from '../application/keep-mappings';
import { LogIn } from '../application/log-in';
import { PreviewConnection } from '../application/preview-connection';
import { PreviewRules } from '../application/preview-rules';
import { SetUpFirstOwner } from '../application/set-up-first-owner';
import { SuggestMatches } from '../application/suggest-matches';
import { TryMapping } from '../application/try-mapping';
import { Authentication } from '../http/authentication';
import { adminRoutes } from '../http/routes/admin';
import { argon2Passwords } from '../security/argon2-passwords';
import { randomTokens } from '../security/random-tokens';
import { version } from '../version';
import type { Ground } from './ground';
import type { ShopSide } from './shop-side';
import type { SourceSide } from './source-side';

/** What people see and do. */
export function composePanelSide(
  { settings, clock, stores, outside, dispatcher }: Ground,
  appKey: Buffer,
  { acceptPush, keepSource, askForRun, keepFlows }: SourceSide,
  { testShop }: ShopSide,
) {
  const { unit, users, sessions, appSettings, shops, sourceStore, connections, pushes, items, notifications } = stores;
  const { catalog, runs, flows, mappings, switches, webhookStore } = stores;
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
  const logIn = new LogIn({ users, sessions, passwords: argon2Passwords, tokens: randomTokens, clock });
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
    adminToken: settings.adminToken,
    csrfSecret: createHmac('sha256', appKey).update('csrf').digest('hex'),
    secureCookies: settings.publicUrl?.startsWith('https:') ?? false,
  });
  const routes = () =>
    adminRoutes({
      authentication,
      logIn,
      setUp,
      testShop,
      keepSource,
      tryMapping: new TryMapping({ sourceStore, sources: outside.sources, pushes }),
      keepConnection,
      actOnItems: new ActOnSyncItems({
        unit,
        items,
        connections,
        shops,
        target: outside.target,
        laneSignal: dispatcher,
        clock,
      }),
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
      sourceStore,
      connectionStore: connections,
      itemStore: items,
      pushStore: pushes,
      notificationStore: notifications,
      clock,
      version,
      pushUrlOf: (req, sourceKey) => `${settings.publicUrl ?? originOf(req)}/push/${sourceKey}`,
    });
  return { authentication, setUp, routes };
}

export const originOf = (req: Request): string => `${req.protocol}://${req.get('host') ?? 'localhost'}`;
