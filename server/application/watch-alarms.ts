import { failure } from '../domain/failure';
import type { NotificationSubject } from '../domain/notice';
import type { Clock } from '../domain/ports/clock';
import type { Connection, ConnectionStore } from '../domain/ports/connections';
import type { FlowRunStore } from '../domain/ports/flow-runs';
import { toldUnseenAfterHours } from '../domain/order-rule';
import type { LevelRequestStore } from '../domain/ports/level-requests';
import type { Notices, RaisedNotice } from '../domain/ports/notifications';
import type { OrderLedgerStore } from '../domain/ports/order-ledger';
import type { ItemTrouble, ProblemStore } from '../domain/ports/problems';
import type { PushStore } from '../domain/ports/pushes';
import type { Source, SourceStore } from '../domain/ports/sources';
import type { SyncItemStore } from '../domain/ports/sync-items';
import { longestUsualQuietMs } from '../domain/rhythm';
import { everyOne } from './every-one';

export interface WatchAlarmsPorts {
  readonly sources: Pick<SourceStore, 'list'>;
  readonly connections: Pick<ConnectionStore, 'list'>;
  readonly pushes: Pick<PushStore, 'recentTimes'>;
  readonly items: Pick<SyncItemStore, 'shopsWithFailure'>;
  readonly problems: Pick<ProblemStore, 'troubles' | 'note'>;
  readonly runs: Pick<FlowRunStore, 'inTrouble'>;
  readonly notifications: Notices;
  readonly requests: Pick<LevelRequestStore, 'waiting'>;
  readonly ledger: Pick<OrderLedgerStore, 'unknown'>;
  readonly clock: Clock;
}

/** What a rhythm is learnt from: a month, or this many pushes. */
const LEARNT_FROM_MS = 30 * 86_400_000;
const LEARNT_FROM_PUSHES = 500;
const UNREAD_FOR_MS = 15 * 60_000;
const HOUR_MS = 3_600_000;
/** A failed run that nobody has started anew for so long troubles nobody. */
const FAILED_RUN_MS = 7 * 86_400_000;

/** Looks every minute for what nobody else notices, and for alarms whose cause is gone. */
export class WatchAlarms {
  constructor(private readonly ports: WatchAlarmsPorts) {}

  async watch(): Promise<void> {
    const { sources, connections, items, problems, notifications, clock } = this.ports;
    const held = await items.shopsWithFailure('mass_zero_held');
    await notifications.healOthers(
      'mass_zero',
      held.map((shopId) => ({ kind: 'mass_zero', shopId })),
      clock.now(),
    );
    const all = await everyOne((request) => sources.list(request));
    await this.tell('source_silent', await this.inTurn(all, (source) => this.silence(source)));
    await this.tell('levels_unread', await this.inTurn(all, (source) => this.unreadLevels(source)));

    const fed = await everyOne((request) => connections.list(request));
    // Counted once for both: the list of problems and what people are told must not contradict each other.
    const troubles = await problems.troubles();
    await problems.note(troubles, clock.now());
    await this.tell(
      'products_unmatched',
      fed.flatMap((connection) => unmatched(connection, troubles)),
    );
    await this.tell(
      'products_failed',
      fed.flatMap((connection) => failed(connection, troubles)),
    );
    await this.tell('orders_unseen', await this.unseenOrders(fed, all));
    const runs = await this.runs(fed);
    for (const kind of ['run_paused', 'run_failed'] as const) {
      await this.tell(
        kind,
        runs.filter((each) => each.kind === kind),
      );
    }
    // A flow heals its own; nobody speaks for a connection that is gone.
    const couldMiss = fed.map(({ shopId, sourceId }) => ({ kind: 'flow_missed', shopId, sourceId }) as const);
    await notifications.healOthers('flow_missed', couldMiss, clock.now());
  }

  /** Raises what there is of this kind, and heals what there was. */
  private async tell(kind: NotificationSubject['kind'], found: readonly RaisedNotice[]): Promise<void> {
    const { notifications, clock } = this.ports;
    for (const each of found) await notifications.raise(each, clock.now());
    await notifications.healOthers(kind, found, clock.now());
  }

  /** One after the other: nobody waits for these, and everybody else shares the database. */
  private async inTurn<Row>(
    rows: readonly Row[],
    look: (row: Row) => Promise<readonly RaisedNotice[]>,
  ): Promise<readonly RaisedNotice[]> {
    const found: RaisedNotice[] = [];
    for (const row of rows) found.push(...(await look(row)));
    return found;
  }

  private async runs(connections: readonly Connection[]): Promise<readonly RaisedNotice[]> {
    const { runs, clock } = this.ports;
    return (await runs.inTrouble(clock.now() - FAILED_RUN_MS)).flatMap((run) => {
      const connection = connections.find(({ id }) => id === run.connectionId);
      // A retry comes every hour, and what it cannot bring through is told of by itself.
      if (!connection || run.kind === 'retry') return [];
      const { id: connectionId, shopId, sourceId } = connection;
      const kind = run.status === 'paused' ? ('run_paused' as const) : ('run_failed' as const);
      return [{ kind, shopId, sourceId, connectionId, cause: run.kind, failure: run.failure, params: { run: run.id } }];
    });
  }

  private async unseenOrders(
    connections: readonly Connection[],
    sources: readonly Source[],
  ): Promise<readonly RaisedNotice[]> {
    const { ledger, clock } = this.ports;
    const watched = connections.filter(({ orders }) => toldUnseenAfterHours(orders) !== null);
    return (await ledger.unknown(watched.map(({ id }) => id))).flatMap(({ connectionId, orders, oldest }) => {
      const connection = watched.find(({ id }) => id === connectionId);
      const hours = Math.floor((clock.now() - oldest.placedAt) / HOUR_MS);
      if (!connection || hours < (toldUnseenAfterHours(connection.orders) ?? Infinity)) return [];
      const { shopId, sourceId } = connection;
      const source = sources.find(({ id }) => id === sourceId)?.name ?? '';
      const params = { order: oldest.number, hours, orders };
      const what = failure('orders_unseen', { ...params, source });
      return [{ kind: 'orders_unseen', shopId, sourceId, connectionId, failure: what, params }];
    });
  }

  /** Levels that a call only named are read within seconds, unless the source cannot be asked. */
  private async unreadLevels({ id: sourceId }: Source): Promise<readonly RaisedNotice[]> {
    const { requests, clock } = this.ports;
    const { oldestAt, failure: why } = await requests.waiting(sourceId);
    if (oldestAt === null || clock.now() - oldestAt < UNREAD_FOR_MS) return [];
    return [{ kind: 'levels_unread', shopId: null, sourceId, failure: why }];
  }

  private async silence(source: Source): Promise<readonly RaisedNotice[]> {
    const { pushes, clock } = this.ports;
    const now = clock.now();
    if (!source.enabled || source.lastPushAt === null) return [];
    const times = await pushes.recentTimes(source.id, now - LEARNT_FROM_MS, LEARNT_FROM_PUSHES);
    const usualMs = longestUsualQuietMs(times);
    const quietMs = now - source.lastPushAt;
    if (usualMs === null || quietMs <= usualMs) return [];
    const hours = (ms: number): number => Math.round(ms / 360_000) / 10;
    const what = failure('source_silent', { source: source.name, hours: hours(quietMs), usual: hours(usualMs) });
    return [{ kind: 'source_silent', shopId: null, sourceId: source.id, failure: what }];
  }
}

const sumOf = (troubles: readonly ItemTrouble[], of: 'unmatched' | 'failed'): number =>
  troubles.reduce((sum, trouble) => sum + trouble[of], 0);

function unmatched({ id, shopId, sourceId }: Connection, all: readonly ItemTrouble[]): readonly RaisedNotice[] {
  const n = sumOf(
    all.filter(({ connectionId }) => connectionId === id),
    'unmatched',
  );
  return n === 0
    ? []
    : [{ kind: 'products_unmatched', shopId, sourceId, connectionId: id, failure: null, params: { n } }];
}

/** One a failure, whatever caused it; what is held back has a notice of its own. */
function failed({ id, shopId, sourceId }: Connection, all: readonly ItemTrouble[]): readonly RaisedNotice[] {
  const failing = all.filter(
    ({ connectionId, failure: { code }, failed: n }) => connectionId === id && n > 0 && code !== 'mass_zero_held',
  );
  return [...new Set(failing.map(({ failure: { code } }) => code))].sort().flatMap((code) => {
    const alike = failing.filter(({ failure: what }) => what.code === code);
    const [example] = alike;
    if (!example) return [];
    const params = { n: sumOf(alike, 'failed') };
    return [
      { kind: 'products_failed', shopId, sourceId, connectionId: id, cause: code, failure: example.failure, params },
    ];
  });
}
