import type { Failure } from '../failure';

/** Something of a source whose levels a call named without telling them. */
export interface LevelRequest {
  /** In the words of the source's kind, such as a product's id; EVERYTHING = all its levels. */
  readonly reference: string;
  /** Rises whenever it is asked for again. */
  readonly version: number;
  readonly attempts: number;
}

/**
 * What is to be read by a source's API. One row a reference, however often it is asked for: a product sold ten times
 * meanwhile is read once.
 */
export interface LevelRequestStore {
  /** In the unit of work that stores the call. */
  add(sourceId: number, references: readonly string[], at: number): Promise<void>;
  /**
   * Due requests of one source, those asked for first; nobody else gets them before `hiddenUntil`, by which a worker
   * that is gone has given them back.
   */
  take(
    at: number,
    hiddenUntil: number,
    limit: number,
  ): Promise<{ readonly sourceId: number; readonly requests: readonly LevelRequest[] } | null>;
  /** Removes those that were not asked for again meanwhile; the others are due. */
  done(sourceId: number, requests: readonly LevelRequest[], at: number): Promise<void>;
  /** `counts`: as an attempt of each. */
  putOff(
    sourceId: number,
    requests: readonly LevelRequest[],
    dueAt: number,
    failure: Failure | null,
    counts: boolean,
  ): Promise<void>;
  /** What waits, and since when (epoch ms); for the panel. */
  waiting(
    sourceId: number,
  ): Promise<{ readonly count: number; readonly oldestAt: number | null; readonly failure: Failure | null }>;
}
