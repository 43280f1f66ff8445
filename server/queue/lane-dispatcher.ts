import type { LaneSignal } from '../domain/ports/lane-signal';

/** Who looks at which lane, and when. Losing an announcement loses nothing: what is due is in the database. */
export interface LaneDispatcher extends LaneSignal {
  /** From now on `wake` is called for each lane that may have work; it must not block and may be called too often. */
  start(wake: (shopId: number) => void): void;
  stop(): Promise<void>;
}
