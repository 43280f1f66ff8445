import type { Logger } from 'pino';
import type { ViewWebOrders } from '../application/view-web-orders';
import type { Settings } from '../config/settings';
import type { Clock } from '../domain/ports/clock';
import type { LaneDispatcher } from '../queue/lane-dispatcher';
import type { Metrics } from '../telemetry/metrics';
import type { NoticeSide } from './notice-side';
import type { Outside } from './outside';
import type { Stores } from './stores';

/** What every side of the service stands on. */
export interface Ground {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly stores: Stores;
  readonly outside: Outside;
  readonly dispatcher: LaneDispatcher;
  readonly notices: NoticeSide;
  readonly viewWebOrders: ViewWebOrders;
  /** Unlike that of any other process, which may share the database. */
  readonly workerName: string;
}
