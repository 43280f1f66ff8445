import { failure } from '../domain/failure';
import type { Clock } from '../domain/ports/clock';
import type { LevelRequestStore } from '../domain/ports/level-requests';
import type { NotificationStore } from '../domain/ports/notifications';
import type { PushStore } from '../domain/ports/pushes';
import type { Source, SourceStore } from '../domain/ports/sources';
import type { SyncItemStore } from '../domain/ports/sync-items';
import { longestUsualQuietMs } from '../domain/rhythm';

export interface WatchAlarmsPorts {
  readonly sources: Pick<SourceStore, 'list'>;
  readonly pushes: Pick<PushStore, 'recentTimes'>;
  readonly items: Pick<SyncItemStore, 'shopsWithFailure'>;
  readonly notifications: NotificationStore;
  readonly requests: Pick<LevelRequestStore, 'waiting'>;
  readonly clock: Clock;
}

/** What a rhythm is learnt from: a month, or this many pushes. */
const LEARNT_FROM_MS = 30 * 86_400_000;
const LEARNT_FROM_PUSHES = 500;
const UNREAD_FOR_MS = 15 * 60_000;

/** Looks every minute for what nobody else notices, and for alarms whose cause is gone. */
export class WatchAlarms {
  constructor(private readonly ports: WatchAlarmsPorts) {}

  async watch(): Promise<void> {
    const { sources, items, notifications, clock } = this.ports;
    if (await notifications.isOpen('mass_zero')) {
      await notifications.healOthers('mass_zero', await items.shopsWithFailure('mass_zero_held'), clock.now());
    }
    for (let cursor: string | null = '0'; cursor !== null;) {
      const page = await sources.list({ limit: 200, cursor });
      for (const source of page.data) {
        await this.listen(source);
        await this.watchReading(source);
      }
      cursor = page.nextCursor;
    }
  }

  /** Levels that a call only named are read within seconds, unless the source cannot be asked. */
  private async watchReading(source: Source): Promise<void> {
    const { requests, notifications, clock } = this.ports;
    const now = clock.now();
    const alarm = { kind: 'levels_unread', shopId: null, sourceId: source.id } as const;
    const { oldestAt, failure: why } = await requests.waiting(source.id);
    if (oldestAt === null || now - oldestAt < UNREAD_FOR_MS) await notifications.heal(alarm, now);
    else await notifications.raise({ ...alarm, failure: why }, now);
  }

  private async listen(source: Source): Promise<void> {
    const { pushes, notifications, clock } = this.ports;
    const now = clock.now();
    const alarm = { kind: 'source_silent', shopId: null, sourceId: source.id } as const;
    const usualMs =
      source.enabled && source.lastPushAt !== null
        ? longestUsualQuietMs(await pushes.recentTimes(source.id, now - LEARNT_FROM_MS, LEARNT_FROM_PUSHES))
        : null;
    const quietMs = now - (source.lastPushAt ?? now);
    if (usualMs === null || quietMs <= usualMs) {
      await notifications.heal(alarm, now);
      return;
    }
    const hours = (ms: number): number => Math.round(ms / 360_000) / 10;
    const what = failure('source_silent', { source: source.name, hours: hours(quietMs), usual: hours(usualMs) });
    await notifications.raise({ ...alarm, failure: what }, now);
  }
}
