import type { ActivityHour, ActivityStore } from '../domain/ports/activity';
import type { Clock } from '../domain/ports/clock';
import type { SyncItemState, SyncItemViews } from '../domain/ports/sync-items';

/** Looking through a hundred thousand items takes a moment: whoever looks again at once sees the same. */
const KEPT_MS = 5_000;

export interface ViewOverviewPorts {
  readonly items: Pick<SyncItemViews, 'states'>;
  readonly activity: Pick<ActivityStore, 'hoursSince'>;
  readonly clock: Clock;
}

export interface Overview {
  /** The oldest of the proofs that all rests on; null while nothing is proven. */
  readonly provenSince: number | null;
  /** What is on its way to a shop, and since when the oldest of it is. */
  readonly waiting: { readonly count: number; readonly since: number | null };
  readonly hours: readonly ActivityHour[];
}

/** How things stand, and how they went. */
export class ViewOverview {
  private kept: { readonly at: number; readonly states: Promise<readonly SyncItemState[]> } | null = null;

  constructor(private readonly ports: ViewOverviewPorts) {}

  async view(hours: number): Promise<Overview> {
    const { activity, clock } = this.ports;
    const now = clock.now();
    const states = await this.states(now);
    return {
      provenSince: earliest(states.flatMap(({ status, provenSince }) => (status === 'synced' ? [provenSince] : []))),
      waiting: {
        count: states.reduce((sum, { waiting }) => sum + waiting, 0),
        since: earliest(states.map(({ waitingSince }) => waitingSince)),
      },
      hours: await activity.hoursSince(now - hours * 3_600_000),
    };
  }

  private async states(now: number): Promise<readonly SyncItemState[]> {
    if (this.kept === null || Math.abs(now - this.kept.at) >= KEPT_MS) {
      this.kept = { at: now, states: this.ports.items.states() };
    }
    try {
      return await this.kept.states;
    } catch (error) {
      this.kept = null;
      throw error;
    }
  }
}

const earliest = (times: readonly (number | null)[]): number | null =>
  times.reduce((first, time) => (first === null || (time !== null && time < first) ? time : first), null);
