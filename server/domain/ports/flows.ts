import type { FlowKind } from '../flow-run';

/** A rule by which runs start themselves. */
export interface Flow {
  readonly id: number;
  readonly connectionId: number;
  readonly kind: FlowKind;
  readonly enabled: boolean;
  /** Cron, five fields. */
  readonly cron: string;
  readonly timeZone: string;
  /** null while it is off. */
  readonly nextAt: number | null;
}

export interface FlowStore {
  list(connectionId: number | null): Promise<readonly Flow[]>;
  find(id: number): Promise<Flow | null>;
  /** Adds those kinds the connection lacks. */
  addMissing(
    connectionId: number,
    flows: readonly Omit<Flow, 'id' | 'connectionId' | 'nextAt'>[],
    at: number,
  ): Promise<void>;
  change(
    id: number,
    patch: Partial<Pick<Flow, 'enabled' | 'cron' | 'timeZone' | 'nextAt'>>,
    at: number,
  ): Promise<Flow | null>;
  due(at: number): Promise<readonly Flow[]>;
  /** True for one caller alone: the flow's next time is moved on from the one it had. */
  claim(id: number, from: number, nextAt: number | null): Promise<boolean>;
}

/** When a cron rule comes next, in its own time zone. */
export interface CronTimes {
  /** null when the rule or the zone cannot be read, or never comes. */
  next(cron: string, timeZone: string, after: number): number | null;
}
