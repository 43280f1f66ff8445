import { CHANGE_TOPICS, type ChangeMarks, type ChangeTopic } from '../domain/ports/change-marks';
import type { Clock } from '../domain/ports/clock';

const LOOK_EVERY_MS = 1_000;

export interface TellChangesPorts {
  readonly marks: ChangeMarks;
  readonly clock: Clock;
  readonly onFailed: (error: unknown) => void;
}

export type ChangeListener = (topics: readonly ChangeTopic[]) => void;

/** Tells open panels what has changed. One look a second serves them all, and none is taken while nobody listens. */
export class TellChanges {
  private readonly listeners = new Set<ChangeListener>();
  private watching: AbortController | null = null;

  constructor(private readonly ports: TellChangesPorts) {}

  /** Returns how to stop listening. */
  listen(listener: ChangeListener): () => void {
    this.listeners.add(listener);
    if (this.watching === null) {
      this.watching = new AbortController();
      void this.watch(this.watching.signal);
    }
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      this.watching?.abort();
      this.watching = null;
    };
  }

  private async watch(signal: AbortSignal): Promise<void> {
    const { marks, clock, onFailed } = this.ports;
    let before: Awaited<ReturnType<ChangeMarks['read']>> | null = null;
    while (!signal.aborted) {
      try {
        const now = await marks.read();
        const known = before;
        const topics = known === null ? [] : CHANGE_TOPICS.filter((topic) => now[topic] !== known[topic]);
        before = now;
        if (topics.length > 0 && !signal.aborted) for (const listener of this.listeners) listener(topics);
      } catch (error) {
        // The database is away for a moment: what changed meanwhile is told when it is back.
        onFailed(error);
      }
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
  }
}
