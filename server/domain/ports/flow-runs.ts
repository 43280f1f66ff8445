import type { Failure } from '../failure';
import type { Difference, DifferenceReason } from '../difference';
import type { LineOutcome, RunCounts, RunKind, RunPhase, RunStatus, RunStep } from '../flow-run';
import type { Page, PageRequest } from '../page';
import type { Quantity } from '../quantity';
import type { SyncItemStatus } from '../sync-item';
import type { ShopProductRef } from './shop-target';
import type { ReadPush } from './stock-source';

export interface FlowRun {
  readonly id: number;
  readonly connectionId: number;
  readonly kind: RunKind;
  readonly startedBy: 'person' | 'schedule';
  readonly askedBy: string | null;
  readonly status: RunStatus;
  readonly phase: RunPhase;
  /** Where the phase goes on; null = at its begin. */
  readonly position: string | null;
  readonly done: number;
  readonly total: number | null;
  readonly counts: RunCounts;
  /** Why it paused or failed. */
  readonly failure: Failure | null;
  readonly cancelAsked: boolean;
  readonly brakeReleased: boolean;
  /** Its levels came in a file that a person uploaded. */
  readonly byFile: boolean;
  readonly undoOf: number | null;
  readonly askedAt: number;
  readonly startedAt: number | null;
  readonly appliedAt: number | null;
  readonly finishedAt: number | null;
}

/** A run in a worker's hands: only who holds this epoch may move it on. */
export interface RunLease {
  readonly runId: number;
  readonly owner: string;
  readonly epoch: number;
}

export interface TakenRun {
  readonly run: FlowRun;
  readonly lease: RunLease;
  /** From a worker of whom nothing was heard. */
  readonly isTakenOver: boolean;
}

export interface RunLine {
  readonly lineNo: number;
  readonly code: string | null;
  readonly barcode: string | null;
  readonly name: string | null;
  readonly externalId: string | null;
  readonly warehouse: string | null;
  readonly quantity: Quantity | null;
  readonly refusal: string | null;
  readonly observedAt: number | null;
  readonly itemId: number | null;
  readonly before: Quantity | null;
  readonly wanted: Quantity | null;
  readonly after: Quantity | null;
  readonly outcome: LineOutcome | null;
  readonly failure: Failure | null;
  /** What the shop showed while it was read for this run; null = it was not met. */
  readonly seen: Quantity | null;
  /** Why the shop showed another number than it should. */
  readonly reason: DifferenceReason | null;
  readonly reasonParams: Difference['params'];
}

/** One entry of a run's log. */
export interface RunNote {
  readonly at: number;
  readonly step: RunStep;
  readonly params: Readonly<Record<string, string | number>>;
  readonly failure: Failure | null;
}

/** How a line is judged in the end, from what its item has become. */
export interface LineEnd {
  readonly lineNo: number;
  readonly wanted: Quantity | null;
  readonly after: Quantity | null;
  readonly outcome: LineOutcome;
  readonly failure: Failure | null;
}

export interface RunMove {
  readonly phase?: RunPhase;
  readonly position?: string | null;
  readonly done?: number;
  readonly total?: number | null;
  readonly appliedAt?: number;
}

/** The lines of runs. */
export interface FlowRunLines {
  addLines(runId: number, from: number, lines: ReadPush): Promise<void>;
  /** Lines that are about items, not about what a source said: a check's and an undo's. */
  addItemLines(
    runId: number,
    from: number,
    lines: readonly { readonly itemId: number; readonly wanted: Quantity | null; readonly before: Quantity | null }[],
  ): Promise<void>;
  lines(runId: number, after: number, limit: number): Promise<readonly RunLine[]>;
  /** Those that the shop did not show right already. */
  unequalLines(runId: number, after: number, limit: number): Promise<readonly RunLine[]>;
  /** The lines about items that have not ended. */
  openLines(runId: number, after: number, limit: number): Promise<readonly RunLine[]>;
  linkItems(
    runId: number,
    lines: readonly {
      readonly lineNo: number;
      readonly itemId: number | null;
      readonly before: Quantity | null;
      readonly outcome: LineOutcome | null;
      readonly difference: Difference | null;
    }[],
  ): Promise<void>;
  /** Ids of items of the connection that no line of this run is about; null = whatever their status but offline. */
  itemsWithoutLine(
    run: Pick<FlowRun, 'id' | 'connectionId'>,
    statuses: readonly SyncItemStatus[] | null,
    after: number,
    limit: number,
  ): Promise<readonly number[]>;
  /** How many lines of the run are about items, and how many of these the shop has shown. */
  sightings(runId: number): Promise<{ readonly items: number; readonly seen: number }>;
  /** What a walk through the shop met, for the runs that wait for it; in the unit of work that keeps the page. */
  noteSeen(
    shopId: number,
    seen: readonly { readonly ref: ShopProductRef; readonly quantity: Quantity | null }[],
  ): Promise<void>;
  /** The same for lines that came after the walk had passed by: what the mirror has been shown since then. */
  noteMirrored(runId: number, since: number, after: number, limit: number): Promise<number | null>;
  /** Lines whose item was seen, and that nobody has judged by it yet. */
  seenLines(runId: number, limit: number): Promise<readonly RunLine[]>;
  /** Judged by what was seen, and not in step: what they must show is noted, and they are not among those any more. */
  noteWanted(runId: number, lines: readonly { readonly lineNo: number; readonly wanted: Quantity }[]): Promise<void>;
  /** Lines about items that are in step as far as is known, and that the shop has not shown yet. */
  unseenLines(
    runId: number,
    after: number,
    limit: number,
  ): Promise<readonly { readonly lineNo: number; readonly itemId: number }[]>;
  /** What the shop showed of them, looked at one by one. */
  noteSeenOf(runId: number, lines: readonly { readonly lineNo: number; readonly seen: Quantity }[]): Promise<void>;
  /** The shop showed `before` where it should not. */
  noteDifferences(
    runId: number,
    lines: readonly { readonly lineNo: number; readonly before?: Quantity; readonly difference: Difference }[],
  ): Promise<void>;
  /** The lines with one of these reasons, in their order. */
  linesWith(
    runId: number,
    reasons: readonly DifferenceReason[],
    after: number,
    limit: number,
  ): Promise<readonly RunLine[]>;
  endLines(runId: number, ends: readonly LineEnd[]): Promise<void>;
  /** How many of the run's items still wait for the shop, and how many there are. */
  waiting(runId: number): Promise<{ readonly waiting: number; readonly items: number }>;
  count(runId: number): Promise<RunCounts>;
}

export interface FlowRunStore extends FlowRunLines {
  /** null while another run of this connection is not over: two would change the same products. */
  add(
    run: {
      readonly connectionId: number;
      readonly kind: RunKind;
      readonly startedBy: FlowRun['startedBy'];
      readonly askedBy: string | null;
      readonly undoOf: number | null;
      /** Where it begins. */
      readonly phase: RunPhase;
      readonly byFile?: boolean;
    },
    at: number,
  ): Promise<FlowRun | null>;
  find(id: number): Promise<FlowRun | null>;
  list(filter: { readonly connectionId: number | null }, request: PageRequest): Promise<Page<FlowRun>>;
  /** When a run of this kind was last asked for by a person. */
  lastAskedAt(connectionId: number, kind: RunKind): Promise<number | null>;

  /** The oldest run that waits, or whose worker is gone. */
  take(owner: string, at: number, leaseUntil: number): Promise<TakenRun | null>;
  /** False when the run is somebody else's by now. Everything below is fenced the same way. */
  move(lease: RunLease, move: RunMove, leaseUntil: number): Promise<boolean>;
  /** Puts the run down: somebody takes it up again at this time. */
  putDown(lease: RunLease, notBefore: number): Promise<boolean>;
  end(
    lease: RunLease,
    end: { readonly status: RunStatus; readonly counts: RunCounts; readonly failure: Failure | null },
    at: number,
  ): Promise<boolean>;
  pause(lease: RunLease, failure: Failure, at: number): Promise<boolean>;

  /** A person's word; false when it comes too late. */
  askCancel(id: number, at: number): Promise<boolean>;
  release(id: number): Promise<boolean>;

  /** Lets runs of this shop look at once whether what they wait for has come. */
  hurry(shopId: number): Promise<void>;
  /** Runs at this shop that wait for a look at what they have not seen. */
  toLookAt(shopId: number): Promise<readonly FlowRun[]>;
  /** Lets a run go on that waited for that look. */
  lookedAt(run: Pick<FlowRun, 'id' | 'position'>): Promise<void>;
  /** Runs at this shop that wait for their differences to be explained. */
  toExplain(shopId: number): Promise<readonly FlowRun[]>;
  /** Lets a run go on that waited for explanations. */
  explained(runId: number): Promise<void>;
  note(runId: number, note: RunNote): Promise<void>;
  notes(runId: number): Promise<readonly RunNote[]>;
  /** Runs that ask a person, and the last ones of their connection and kind that ended in failure since then. */
  inTrouble(since: number): Promise<readonly FlowRun[]>;
  removeBefore(before: number, limit: number): Promise<number>;
}
