import type { LineOutcome } from './pushes';
import type { FieldError } from '../refusal';
import type { RefusedLine, StockChange } from '../stock-change';
import type { ChosenWarehouses } from '../warehouse';
import type { SourceSettings } from './sources';

/** A call as it came in. */
export interface RawPush {
  readonly contentType: string | null;
  readonly body: Uint8Array;
}

/** Every line of the call, in order: a change, or the reason why it is none. Empty = the sender tests the connection. */
export type ReadPush = readonly ({ readonly change: StockChange } | { readonly refused: RefusedLine })[];

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

/** One kind of accounting or point-of-sale system. */
export interface StockSource {
  readonly kind: string;

  /** Judges settings as a person entered them; blanks are trimmed. */
  readSettings(
    input: Readonly<Record<string, unknown>>,
  ):
    | { readonly ok: true; readonly settings: SourceSettings }
    | { readonly ok: false; readonly errors: readonly FieldError[] };
  readonly secretSettings: readonly string[];

  readonly push: {
    /** True where nothing is ever pushed: such a source is asked. */
    readonly neverArrives?: boolean;
    readonly acceptedStatus: 200 | 202;
    readonly wrongTokenStatus: 401 | 403;
    readonly sourceOffStatus: 400 | 409;
    /** Some senders' receivers lower-case tokens; our own are lower-case already. */
    readonly tokenIgnoresCase: boolean;
    /** The token of the vendor's account, when its senders are set up with that one; null = only ours is valid. */
    vendorToken(settings: SourceSettings): string | null;
    /** Throws Refusal(push_unreadable | push_media_unsupported | push_too_large) when the body as a whole is no push. */
    read(push: RawPush): ReadPush;
    messageFor(report: LineReport): string | undefined;
    readonly refusals: { readonly sourceOff: string; readonly wrongToken: string };
  };

  /** The vendor's own API; null when this kind has none we ask. */
  readonly api: {
    test(settings: SourceSettings, signal: AbortSignal): Promise<readonly SourceCheck[]>;
    warehouses(settings: SourceSettings, signal: AbortSignal): Promise<readonly string[]>;
  } | null;

  /** Reading all levels by the vendor's API; null where this kind cannot be asked. */
  readonly pull: {
    /** The vendor's own least time between two pulls a person asks for. */
    readonly leastMsBetween: number;
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
}

/** One step of reading every level a source holds. */
export interface LevelsPage {
  /** As in a push: a change, or the reason why a line is none. */
  readonly lines: ReadPush;
  /** Where to go on, to be handed back as it is, also after a restart; null at the end. */
  readonly next: string | null;
  readonly total: number | null;
}

export interface StockSources {
  /** Throws for a kind without a connector: stored kinds were checked when they were saved. */
  of(kind: string): StockSource;
}
