import { clockJumps } from './clock-jumps';
import { databaseFaults } from './database-faults';
import { killService } from './kill-service';
import type { Scenario } from './scenario';
import { shopFaults } from './shop-faults';
import { twoWorkers } from './two-workers';

export const scenarios: readonly Scenario[] = [
  killService,
  ...shopFaults,
  ...databaseFaults,
  ...twoWorkers,
  clockJumps,
];
