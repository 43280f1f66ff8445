import type { Page, PageRequest } from '../page';
import type { Quantity } from '../quantity';
import type { StockChange } from '../stock-change';
import type { PushRefusal, Source, SourceSettings, TokenIssuer } from './sources';

export type LineOutcome = 'accepted' | 'superseded' | 'not_chosen' | 'rejected';

/** One line of a push as it is kept. */
export interface PushLine {
  readonly index: number;
  readonly outcome: LineOutcome;
  readonly reason: string | null;
  readonly message: string | null;
  readonly sourceProductId: number | null;
  readonly code: string | null;
  readonly barcode: string | null;
  readonly name: string | null;
  readonly warehouse: string | null;
  readonly quantity: Quantity | null;
  readonly before: Quantity | null;
}

export interface PushReceipt {
  readonly sourceId: number;
  readonly receivedAt: number;
  readonly bodyHash: string;
  readonly idempotencyHash: string | null;
  readonly contentType: string | null;
  readonly rawBody: string;
  readonly bytes: number;
  readonly says: PushSays;
  readonly replayOf: number | null;
}

/** What the call was, as far as it could be read. */
export const PUSH_SAYS = ['levels', 'asks', 'test', 'echo', 'other_event', 'unreadable'] as const;
export type PushSays = (typeof PUSH_SAYS)[number];

export interface Push extends Omit<PushReceipt, 'rawBody' | 'bodyHash' | 'idempotencyHash' | 'contentType'> {
  readonly id: number;
  readonly sourceName: string;
  readonly accepted: number;
  readonly rejected: number;
  readonly superseded: number;
  readonly notChosen: number;
}

/** accepted, rejected: at least one line was. test: the sender tried the connection. other: it was about something else. */
export const PUSH_OUTCOMES = ['accepted', 'rejected', 'unreadable', 'test', 'other'] as const;
export type PushOutcome = (typeof PUSH_OUTCOMES)[number];

export interface PushFilter {
  readonly sourceId: number | null;
  readonly outcome: PushOutcome | null;
  /** When it came in: from the first of these moments up to before the second. */
  readonly from: number | null;
  readonly before: number | null;
}

/** Who is pushing: found by the public part of the address. */
export interface PushingSource extends Pick<Source, 'id' | 'name' | 'kind' | 'enabled'> {
  readonly tokens: readonly {
    readonly id: number;
    readonly hash: string;
    readonly expiresAt: number | null;
    readonly lastUsedAt: number | null;
    readonly issuer: TokenIssuer;
  }[];
  /** Opened only when asked for: most calls are read without them. */
  settings(): SourceSettings;
}

export interface PushStore {
  findSource(sourceKey: string): Promise<PushingSource | null>;
  /** The public part of a source's address. */
  sourceKey(sourceId: number): Promise<string | null>;
  recordRefusal(sourceId: number, refusal: PushRefusal, at: number): Promise<void>;
  recordTokenUse(tokenId: number, at: number): Promise<void>;
  /**
   * Notes that the source pushed (or tested), and holds it until the unit of work ends, so that its pushes are stored
   * one after another.
   */
  lockSource(sourceId: number, isTest: boolean, at: number): Promise<void>;
  findByIdempotency(
    sourceId: number,
    idempotencyHash: string,
  ): Promise<{ readonly id: number; readonly bodyHash: string } | null>;
  /** The source's newest push. */
  latest(
    sourceId: number,
  ): Promise<{ readonly id: number; readonly bodyHash: string; readonly receivedAt: number } | null>;
  /** When the source pushed something since then, the newest first. */
  recentTimes(sourceId: number, since: number, limit: number): Promise<readonly number[]>;
  add(receipt: PushReceipt, lines: readonly PushLine[]): Promise<number>;
  lines(pushId: number): Promise<readonly (PushLine & { readonly itemIds: readonly number[] })[]>;
  /** Newest first. */
  list(filter: PushFilter, request: PageRequest): Promise<Page<Push>>;
  find(id: number): Promise<(Push & { readonly contentType: string | null; readonly rawBody: string | null }) | null>;
  /** Drops raw bodies and lines received before `before`; what they led to stays. Returns the pushes trimmed. */
  removeBefore(before: number, limit: number): Promise<number>;
}

export interface StoredLevel {
  readonly sourceProductId: number;
  readonly warehouseId: number;
  readonly quantity: Quantity;
  readonly observedAt: number;
  /** When the level was last told as a whole; what was told as a change since then has been added to it. */
  readonly countedAt: number;
}

/** Source products, their warehouses and levels. All writes happen inside accept-stock-push's unit of work. */
export interface StockStore {
  /** Holds the levels of the source until the unit of work ends: what is read of them stays true as long. */
  lockLevels(sourceId: number): Promise<void>;
  /** Ids by warehouse key; unknown ones are added. */
  warehouseIds(sourceId: number, names: readonly string[], at: number): Promise<ReadonlyMap<string, number>>;
  /** Ids by product identity; unknown ones are added, and what is newly said of known ones (name, barcode) is kept. */
  productIds(sourceId: number, changes: readonly StockChange[], at: number): Promise<ReadonlyMap<string, number>>;
  /** Ids of those that are known, by product identity; nothing is added. */
  knownProductIds(sourceId: number, changes: readonly StockChange[]): Promise<ReadonlyMap<string, number>>;
  levels(sourceProductIds: readonly number[]): Promise<readonly StoredLevel[]>;
  /** `pushId` is null for levels that we asked for ourselves. */
  saveLevels(levels: readonly StoredLevel[], pushId: number | null, at: number): Promise<void>;
}
