import { FLOW_KINDS, type FlowKind } from '../domain/flow-run';
import type { Clock } from '../domain/ports/clock';
import type { Connection, ConnectionStore } from '../domain/ports/connections';
import type { CronTimes, Flow, FlowStore } from '../domain/ports/flows';
import { notFound, Refusal } from '../domain/refusal';
import type { AskForRun } from './ask-for-run';

export interface KeepFlowsPorts {
  readonly flows: FlowStore;
  readonly connections: Pick<ConnectionStore, 'find' | 'list'>;
  readonly cron: CronTimes;
  readonly askForRun: Pick<AskForRun, 'start'>;
  readonly clock: Clock;
}

/** As every connection begins: the levels are compared every night; what is pulled is for the owner to switch on. */
const FIRST: Readonly<Record<FlowKind, Pick<Flow, 'enabled' | 'cron'>>> = {
  pull: { enabled: false, cron: '30 2 * * *' },
  check: { enabled: true, cron: '30 4 * * *' },
};

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
    const { flows, cron, askForRun, clock } = this.ports;
    const now = clock.now();
    const refused: { flow: Flow; refusal: string }[] = [];
    for (const flow of await flows.due(now)) {
      // Planned from now on: times that were missed while nobody ran are made up for once, not one by one.
      const nextAt = cron.next(flow.cron, flow.timeZone, now);
      if (flow.nextAt === null || !(await flows.claim(flow.id, flow.nextAt, nextAt))) continue;
      try {
        await askForRun.start(flow.connectionId, flow.kind, 'schedule');
      } catch (thrown) {
        if (!(thrown instanceof Refusal)) throw thrown;
        // The run before is still under way, or the source cannot be pulled.
        refused.push({ flow, refusal: thrown.message });
      }
    }
    return refused;
  }

  private async plan(flow: Flow): Promise<void> {
    const { flows, cron, clock } = this.ports;
    const nextAt = cron.next(flow.cron, flow.timeZone, clock.now());
    await flows.change(flow.id, { nextAt }, clock.now());
  }
}
