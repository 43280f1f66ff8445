import type { Failure } from '../failure';
import type { MatchSubject } from '../matching';

/** Items of a connection that failed for one cause. */
export interface ItemTrouble {
  readonly connectionId: number;
  readonly shopId: number;
  readonly failure: Failure;
  readonly cause: string | null;
  readonly count: number;
  /** Of these, how many found no product, or several. */
  readonly unmatched: number;
  /** Of these, how many are given up until a person sees to them. */
  readonly failed: number;
  /** Of these, how many are due again. */
  readonly waiting: number;
  /** When it was last touched, before anybody noted when it began. */
  readonly since: number;
  readonly examples: readonly { readonly id: number; readonly subject: MatchSubject }[];
}

/** One that was seen before, whether it lasts or not. */
export interface NotedTrouble extends Pick<ItemTrouble, 'connectionId' | 'shopId' | 'failure' | 'cause' | 'count'> {
  readonly id: number;
  readonly since: number;
  readonly seenAt: number;
  readonly healedAt: number | null;
}

export interface ProblemStore {
  /** What items fail for at this moment, by cause. */
  troubles(): Promise<readonly ItemTrouble[]>;
  /** Keeps what lasts with when it began, and what is over with when it was found to be. */
  note(troubles: readonly ItemTrouble[], at: number): Promise<void>;
  /** What lasted when it was last noted. */
  lasting(): Promise<readonly NotedTrouble[]>;
  healedSince(since: number): Promise<readonly NotedTrouble[]>;
  /** How many items wait for each of these shops. */
  waitingFor(shopIds: readonly number[]): Promise<ReadonlyMap<number, number>>;
  removeHealedBefore(before: number): Promise<number>;
}
