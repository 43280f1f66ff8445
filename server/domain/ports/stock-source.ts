import type { LineOutcome } from './pushes';
import type { OrderRule } from '../order-rule';
import type { SettingField } from '../setting-field';
import type { FieldError, Refusal } from '../refusal';
import type { RefusedLine, StockChange } from '../stock-change';
import type { ChosenWarehouses } from '../warehouse';
import type { SourceSettings } from './sources';
import type { CallAllowance } from './vendor-calls';

/** A call as it came in and is kept. */
export interface RawPush {
  readonly contentType: string | null;
  readonly body: Uint8Array;
}

/** A call with what it may prove itself by; none of that is kept. */
export interface PushCall extends RawPush {
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The address as the sender knows it: some signatures cover it. */
  readonly url: string;
}

/** Every line of the call, in order: a change, or the reason why it is none. */
export type ReadPush = readonly ({ readonly change: StockChange } | { readonly refused: RefusedLine })[];

/**
 * What a call turned out to be:
 * - levels: its lines are levels, or changes of levels
 * - asks: it names what changed without the levels; they have to be read by the source's API
 * - test: the sender tries whether we are there; also an empty list
 * - echo: the source tells of what the shop itself did there
 * - other_event: it is about something else than stock
 */
export type PushReading =
  | { readonly says: 'levels'; readonly lines: ReadPush; readonly eventId?: string | null }
  | { readonly says: 'asks'; readonly references: readonly string[]; readonly eventId?: string | null }
  | { readonly says: 'test' | 'echo' | 'other_event' };

/** As the reference of an ask: every level of the source. */
export const EVERYTHING = '*';

/** A call has proven itself, carries no proof, or a wrong one. */
export type SignatureVerdict = 'valid' | 'missing' | 'wrong';

/** What is answered to a sender in its own protocol. */
export interface PushReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** How a call that had proven itself ended: lines on disk (or nothing to store), or why nothing of it could be used. */
export type PushEnd =
  { readonly accepted: number; readonly rejected: number; readonly toRead: number } | { readonly refusal: Refusal };

export interface SourceCheck {
  readonly id: 'vendor_address' | 'vendor_login' | 'vendor_company' | 'push_received';
  readonly ok: boolean;
  readonly severity: 'info' | 'warning' | 'error';
  readonly code: string;
  readonly params: Readonly<Record<string, string | number>>;
}

/** What is said to the sender about one stored line, in the words its users know; undefined = nothing beyond the outcome. */
export interface LineReport {
  readonly outcome: LineOutcome;
  readonly change: StockChange | null;
  readonly refused: RefusedLine | null;
  readonly chosenWarehouses: string;
}

/** Something in a call, by the path a mapping would name it by. */
export interface SampleField {
  readonly path: string;
  /** As text, cut off after 80 characters; of a list its length, of an object its keys. */
  readonly example: string;
  readonly kind: 'text' | 'number' | 'null' | 'list' | 'object';
}

/** What is in a call, to build a mapping from; 200 entries at most. */
export interface SampleFields {
  /** Paths from the root begin with `/`. */
  readonly root: readonly SampleField[];
  /** What may be the list of lines; its fields have paths from a line. The path of a body that is a list is ''. */
  readonly lists: readonly {
    readonly path: string;
    readonly length: number;
    readonly fields: readonly SampleField[];
  }[];
}

/** One kind of accounting or point-of-sale system. */
export interface StockSource {
  readonly kind: string;
  /** What a person is asked for, in the order of the form. */
  readonly form: readonly SettingField[];
  /** When a source of this kind usually knows of a web order: the rule of a connection that does not say. */
  readonly orders: OrderRule;

  /** Judges settings as a person entered them; blanks are trimmed. */
  readSettings(
    input: Readonly<Record<string, unknown>>,
  ):
    | { readonly ok: true; readonly settings: SourceSettings }
    | { readonly ok: false; readonly errors: readonly FieldError[] };
  readonly secretSettings: readonly string[];

  readonly push: {
    readonly acceptedStatus: 200 | 202;
    readonly wrongTokenStatus: 401 | 403;
    readonly sourceOffStatus: 400 | 409;
    /** Some senders' receivers lower-case tokens; our own are lower-case already. */
    readonly tokenIgnoresCase: boolean;
    /** The token of the vendor's account, when its senders are set up with that one; null = only ours is valid. */
    vendorToken(settings: SourceSettings): string | null;
    /**
     * True where the sender can bear no token but in the address: then, and only then, a secret of its own is taken from
     * the query parameter ADDRESS_SECRET.
     */
    secretInAddress?(settings: SourceSettings): boolean;
    /** Where senders sign what they send; asked only of a source whose settings say so. */
    readonly signature?: {
      isSetUp(settings: SourceSettings): boolean;
      verify(call: PushCall, settings: SourceSettings): SignatureVerdict;
    };
    /** Throws Refusal(push_unreadable | push_media_unsupported | push_too_large) when the body as a whole is no push. */
    read(push: RawPush, settings: SourceSettings): PushReading;
    /** null = as every other sender is answered. */
    reply?(call: PushCall, end: PushEnd, settings: SourceSettings): PushReply | null;
    messageFor(report: LineReport): string | undefined;
    readonly refusals: {
      readonly sourceOff: string;
      readonly wrongToken: string;
      /** Left out: as of a wrong one. */
      readonly missingToken?: string;
      readonly wrongSignature?: string;
    };
  };

  /** The vendor's own API; null when this kind has none we ask. */
  readonly api: {
    test(settings: SourceSettings, signal: AbortSignal): Promise<readonly SourceCheck[]>;
    warehouses(settings: SourceSettings, signal: AbortSignal): Promise<readonly string[]>;
    /** Has the vendor call this address at every change of stock; what we had set up there before is replaced. */
    subscribe?(settings: SourceSettings, address: string, signal: AbortSignal): Promise<void>;
    /** The calls we allow ourselves at an account that has only so many a month. */
    budget?(settings: SourceSettings): CallAllowance;
  } | null;

  /** Reading all levels by the vendor's API; null where this kind cannot be asked. */
  readonly pull: {
    /** The vendor's own least time between two pulls a person asks for. */
    readonly leastMsBetween: number;
    /** False where this source's settings do not say where its levels are to be read. */
    isSetUp?(settings: SourceSettings): boolean;
    /**
     * Levels of the warehouses asked for, absolute, a page at a time. Throws the FailureError of a call that failed; one
     * of source_rate_limited carries `retryAfterMs`.
     */
    page(
      settings: SourceSettings,
      ask: { readonly warehouses: ChosenWarehouses; readonly cursor: string | null },
      signal: AbortSignal,
    ): Promise<LevelsPage>;
  } | null;

  /** Reading the levels of what a call only named; left out where calls bear their levels. */
  readonly reread?: {
    /** Levels of every warehouse, absolute. `instead` names what the reference stands for, to be read in its place. */
    levels(
      settings: SourceSettings,
      reference: string,
      signal: AbortSignal,
    ): Promise<{ readonly lines: ReadPush; readonly instead: readonly string[] }>;
  };

  /** A file of levels as a person uploads it; left out where this kind has none. */
  readonly file?: {
    /** Throws Refusal(push_unreadable) when it cannot be read as a whole. */
    read(settings: SourceSettings, file: RawPush): ReadPush;
  };

  /** Where a mapping says what a call means; left out where the kind itself knows. */
  readonly sample?: {
    /** Throws Refusal when the call cannot be read at all. */
    fields(push: RawPush): SampleFields;
  };
}

/** Where a call bears the secret of its address. */
export const ADDRESS_SECRET = 'k';

export const canPull = (kind: StockSource, settings: SourceSettings): boolean =>
  kind.pull !== null && (kind.pull.isSetUp?.(settings) ?? true);

/** One step of reading every level a source holds. */
export interface LevelsPage {
  /** As in a push: a change, or the reason why a line is none. */
  readonly lines: ReadPush;
  /** Where to go on, to be handed back as it is, also after a restart; null at the end. */
  readonly next: string | null;
  readonly total: number | null;
}

export interface StockSources {
  /** Every kind there is, in the order in which they are offered. */
  readonly all: readonly StockSource[];
  /** Throws for a kind without a connector: stored kinds were checked when they were saved. */
  of(kind: string): StockSource;
}
