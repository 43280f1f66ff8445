import { FirstTables1700000000001 } from './1-first-tables';
import { PaceAndNotifications1700000000002 } from './2-pace-and-notifications';

/** In the order they run. A landed migration is never edited. */
export const migrations = [FirstTables1700000000001, PaceAndNotifications1700000000002];
