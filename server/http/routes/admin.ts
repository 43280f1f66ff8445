import type { Route } from '../route';
import { type ConnectionRoutesOptions, connectionRoutes } from './connections';
import { type ItemRoutesOptions, itemRoutes } from './items';
import { type NotificationRoutesOptions, notificationRoutes } from './notifications';
import { type PushRecordRoutesOptions, pushRecordRoutes } from './pushes';
import { type RunRoutesOptions, runRoutes } from './runs';
import { type SessionRoutesOptions, sessionRoutes } from './session';
import { type ShopRoutesOptions, shopRoutes } from './shops';
import { type SourceRoutesOptions, sourceRoutes } from './sources';

export type AdminRoutesOptions = SessionRoutesOptions &
  ShopRoutesOptions &
  SourceRoutesOptions &
  ConnectionRoutesOptions &
  ItemRoutesOptions &
  RunRoutesOptions &
  NotificationRoutesOptions &
  PushRecordRoutesOptions;

/** The admin API, one definition per call; the OpenAPI document is made from the same. */
export const adminRoutes = (options: AdminRoutesOptions): Route[] => [
  ...sessionRoutes(options),
  ...shopRoutes(options),
  ...sourceRoutes(options),
  ...connectionRoutes(options),
  ...itemRoutes(options),
  ...runRoutes(options),
  ...notificationRoutes(options),
  ...pushRecordRoutes(options),
];
