import { FLOW_KINDS, type FlowKind } from '../domain/flow-run';
import { failure } from '../domain/failure';
import type { Clock } from '../domain/ports/clock';
import type { Connection, ConnectionStore } from '../domain/ports/connections';
import type { CronTimes, Flow, FlowStore } from '../domain/ports/flows';
import type { Notices } from '../domain/ports/notifications';
import type { SourceStore } from '../domain/ports/sources';
import type { SyncItemStore } from '../domain/ports/sync-items';
import { notFound, Refusal } from '../domain/refusal';
import type { AskForRun } from './ask-for-run';

export interface KeepFlowsPorts {
  readonly flows: FlowStore;
  readonly connections: Pick<ConnectionStore, 'find' | 'list'>;
  readonly cron: CronTimes;
  readonly sources: Pick<SourceStore, 'find'>;
  readonly items: Pick<SyncItemStore, 'hasToRetry'>;
  readonly notifications: Pick<Notices, 'raise' | 'heal'>;
  readonly askForRun: Pick<AskForRun, 'start'>;
  readonly clock: Clock;
}

/**
 * As every connection begins: the levels are compared every night, and what failed is tried again every hour. The rest is
 * for the owner to switch on; the catalogue is kept fresh by itself, and read anew once a day.
 */
const FIRST: Readonly<Record<FlowKind, Pick<Flow, 'enabled' | 'cron'>>> = {
  pull: { enabled: false, cron: '30 2 * * *' },
  check: { enabled: true, cron: '30 4 * * *' },
  refresh: { enabled: false, cron: '30 1 * * *' },
  sync: { enabled: false, cron: '0 3 * * 0' },
  retry: { enabled: true, cron: '15 * * * *' },
};

/** A flow that starts so long after its time has missed it: nothing of ours was running then. */
const LATE_MS = 15 * 60_000;

/** The rules by which runs start themselves. */
export class KeepFlows {
  constructor(private readonly ports: KeepFlowsPorts) {}

  /** For connections that were made before there were flows. */
  async ensureAll(): Promise<void> {
    for (let cursor: string | null = '0'; cursor !== null;) {
      const page = await this.ports.connections.list({ limit: 200, cursor });
      await this.ensure(page.data);
      cursor = page.nextCursor;
    }
  }

  /** Every connection has one flow of each kind. */
  async ensure(connections: readonly Pick<Connection, 'id'>[]): Promise<void> {
    const { flows, clock } = this.ports;
    for (const { id } of connections) {
      await flows.addMissing(
        id,
        FLOW_KINDS.map((kind) => ({ kind, ...FIRST[kind], timeZone: 'UTC' })),
        clock.now(),
      );
      for (const flow of await flows.list(id)) {
        if (flow.enabled && flow.nextAt === null) await this.plan(flow);
      }
    }
  }

  async change(id: number, patch: Partial<Pick<Flow, 'enabled' | 'cron' | 'timeZone'>>): Promise<Flow> {
    const { flows, clock } = this.ports;
    const before = await flows.find(id);
    if (!before) throw notFound('flow');
    const { enabled, cron, timeZone } = { ...before, ...patch };
    const nextAt = this.ports.cron.next(cron, timeZone, clock.now());
    if (nextAt === null) {
      throw new Refusal('invalid_input', 'The schedule cannot be used.', {
        errors: [{ path: 'cron', message: 'must be five fields such as "30 2 * * *", and come some time' }],
      });
    }
    const changed = await flows.change(id, { ...patch, nextAt: enabled ? nextAt : null }, clock.now());
    if (!changed) throw notFound('flow');
    return changed;
  }

  async runNow(id: number, person: string): Promise<number> {
    const flow = await this.ports.flows.find(id);
    if (!flow) throw notFound('flow');
    return (await this.ports.askForRun.start(flow.connectionId, flow.kind, { person })).id;
  }

  /** Starts what is due by now; of several processes one alone starts each. Answers what it could not start. */
  async startDue(): Promise<readonly { readonly flow: Flow; readonly refusal: string }[]> {
    const { flows, cron, clock } = this.ports;
    const now = clock.now();
    const refused: { flow: Flow; refusal: string }[] = [];
    for (const flow of await flows.due(now)) {
      // Planned from now on: times that were missed while nobody ran are made up for once, not one by one.
      const nextAt = cron.next(flow.cron, flow.timeZone, now);
      if (flow.nextAt === null || !(await flows.claim(flow.id, flow.nextAt, nextAt))) continue;
      // A run an hour that finds nothing to do would hide the others in the list of runs.
      if (flow.kind === 'retry' && !(await this.ports.items.hasToRetry(flow.connectionId))) continue;
      const refusal = await this.startOne(flow);
      if (refusal !== null) refused.push({ flow, refusal });
      await this.tell(flow, flow.nextAt, refusal);
    }
    return refused;
  }

  /** Why it could not be started; null = it was. */
  private async startOne(flow: Flow): Promise<string | null> {
    try {
      await this.ports.askForRun.start(flow.connectionId, flow.kind, 'schedule');
      return null;
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      // The run before is still under way, or the source cannot be pulled.
      return thrown.message;
    }
  }

  /** That a run did not start, or started late, is told once, and healed by the next one that starts in time. */
  private async tell(flow: Flow, dueAt: number, refusal: string | null): Promise<void> {
    const { connections, sources, notifications, clock } = this.ports;
    // The next hour brings another.
    if (flow.kind === 'retry') return;
    const now = clock.now();
    const connection = await connections.find(flow.connectionId);
    if (!connection) return;
    const { shopId, sourceId } = connection;
    const alarm = { kind: 'flow_missed', shopId, sourceId } as const;
    const lateMs = now - dueAt;
    if (refusal === null && lateMs < LATE_MS) {
      await notifications.heal(alarm, now);
      return;
    }
    const source = (await sources.find(sourceId))?.name ?? '';
    const about = { flow: flow.kind, source, due: new Date(dueAt).toISOString() };
    const what =
      refusal === null
        ? failure('flow_late', { ...about, late: Math.round(lateMs / 60_000) })
        : failure('flow_refused', { ...about, said: refusal });
    await notifications.raise({ ...alarm, failure: what }, now);
  }

  private async plan(flow: Flow): Promise<void> {
    const { flows, cron, clock } = this.ports;
    const nextAt = cron.next(flow.cron, flow.timeZone, clock.now());
    await flows.change(flow.id, { nextAt }, clock.now());
  }
}
