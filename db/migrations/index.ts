import { FirstTables1700000000001 } from './1-first-tables';
import { PaceAndNotifications1700000000002 } from './2-pace-and-notifications';
import { CatalogueAndRules1700000000003 } from './3-catalogue-and-rules';
import { FlowsAndRuns1700000000004 } from './4-flows-and-runs';
import { AskedLevelsAndReasons1700000000005 } from './5-asked-levels-and-reasons';
import { PeopleAndAccess1700000000006 } from './6-people-and-access';
import { NotificationsToPeople1700000000007 } from './7-notifications-to-people';
import { ProblemsAndDeeds1700000000008 } from './8-problems-and-deeds';
import { Activity1700000000009 } from './9-activity';
import { Bridge1700000000010 } from './10-bridge';
import { OrderLedger1700000000011 } from './11-order-ledger';
import { HandEdits1700000000012 } from './12-hand-edits';
import { OrdersOnShow1700000000013 } from './13-orders-on-show';
import { OrdersThrownAway1700000000014 } from './14-orders-thrown-away';
import { TakenAndDoubted1700000000015 } from './15-taken-and-doubted';
import { FormerLinks1700000000016 } from './16-former-links';

/** In the order they run. A landed migration is never edited. */
export const migrations = [
  FirstTables1700000000001,
  PaceAndNotifications1700000000002,
  CatalogueAndRules1700000000003,
  FlowsAndRuns1700000000004,
  AskedLevelsAndReasons1700000000005,
  PeopleAndAccess1700000000006,
  NotificationsToPeople1700000000007,
  ProblemsAndDeeds1700000000008,
  Activity1700000000009,
  Bridge1700000000010,
  OrderLedger1700000000011,
  HandEdits1700000000012,
  OrdersOnShow1700000000013,
  OrdersThrownAway1700000000014,
  TakenAndDoubted1700000000015,
  FormerLinks1700000000016,
];
