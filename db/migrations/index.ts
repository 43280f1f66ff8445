import { FirstTables1700000000001 } from './1-first-tables';

/** In the order they run. A landed migration is never edited. */
export const migrations = [FirstTables1700000000001];
