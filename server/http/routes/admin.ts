import type { Route } from '../route';
import { type AccountRoutesOptions, accountRoutes } from './account';
import { type ApiTokenRoutesOptions, apiTokenRoutes } from './api-tokens';
import { type AuditRoutesOptions, auditRoutes } from './audit';
import { type BridgeRoutesOptions, bridgeRoutes } from './bridge';
import { type ConnectionRoutesOptions, connectionRoutes } from './connections';
import { type ItemRoutesOptions, itemRoutes } from './items';
import { type NoticeSettingsRoutesOptions, noticeSettingsRoutes } from './notice-settings';
import { type NotificationRoutesOptions, notificationRoutes } from './notifications';
import { type OrderRoutesOptions, orderRoutes } from './orders';
import { type OverviewRoutesOptions, overviewRoutes } from './overview';
import { type PeopleRoutesOptions, peopleRoutes } from './people';
import { type ProblemRoutesOptions, problemRoutes } from './problems';
import { type PushRecordRoutesOptions, pushRecordRoutes } from './pushes';
import { type RunRoutesOptions, runRoutes } from './runs';
import { type ServiceRoutesOptions, serviceRoutes } from './service';
import { type SessionRoutesOptions, sessionRoutes } from './session';
import { type ShopRoutesOptions, shopRoutes } from './shops';
import { type SourceRoutesOptions, sourceRoutes } from './sources';

export type AdminRoutesOptions = SessionRoutesOptions &
  AccountRoutesOptions &
  PeopleRoutesOptions &
  ApiTokenRoutesOptions &
  AuditRoutesOptions &
  ShopRoutesOptions &
  BridgeRoutesOptions &
  SourceRoutesOptions &
  ConnectionRoutesOptions &
  ItemRoutesOptions &
  RunRoutesOptions &
  NotificationRoutesOptions &
  OrderRoutesOptions &
  OverviewRoutesOptions &
  ServiceRoutesOptions &
  NoticeSettingsRoutesOptions &
  ProblemRoutesOptions &
  PushRecordRoutesOptions;

/** The admin API, one definition per call; the OpenAPI document is made from the same. */
export const adminRoutes = (options: AdminRoutesOptions): Route[] => [
  ...sessionRoutes(options),
  ...accountRoutes(options),
  ...peopleRoutes(options),
  ...apiTokenRoutes(options),
  ...auditRoutes(options),
  ...shopRoutes(options),
  ...bridgeRoutes(options),
  ...sourceRoutes(options),
  ...connectionRoutes(options),
  ...itemRoutes(options),
  ...runRoutes(options),
  ...notificationRoutes(options),
  ...orderRoutes(options),
  ...overviewRoutes(options),
  ...serviceRoutes(options),
  ...noticeSettingsRoutes(options),
  ...problemRoutes(options),
  ...pushRecordRoutes(options),
];
