import type { LaneSignal } from '../domain/ports/lane-signal';

/** Looks at a lane; resolves, and never rejects, when this process has nothing more to do there. May be called too often. */
export type Wake = (shopId: number) => Promise<void>;

/** Who looks at which lane, and when. Losing an announcement loses nothing: what is due is in the database. */
export interface LaneDispatcher extends LaneSignal {
  /** From now on `wake` is called for each lane that may have work. */
  start(wake: Wake): void;
  stop(): Promise<void>;
}
