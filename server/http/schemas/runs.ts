import { DIFFERENCE_REASONS } from '../../domain/difference';
import { FLOW_KINDS, LINE_OUTCOMES, RUN_KINDS, RUN_PHASES, RUN_STATUSES, RUN_STEPS } from '../../domain/flow-run';
import { failureView, id, instant, page, pageQuery, quantityText, z } from './common';

const outcomes = z.enum(LINE_OUTCOMES);

export const run = z
  .object({
    id,
    connectionId: id,
    kind: z.enum(RUN_KINDS),
    startedBy: z.enum(['person', 'schedule']),
    /** Who asked for it. */
    by: z.string().nullable(),
    status: z.enum(RUN_STATUSES),
    /**
     * reading: levels come in; applying: they are stored; listing: items are taken in; looking: the shop’s catalogue is
     * read; comparing, explaining, repairing: what differs; settling: the shop is brought in step.
     */
    phase: z.enum(RUN_PHASES),
    progress: z.object({ done: z.number().int(), total: z.number().int().nullable() }),
    /** Lines by what became of them; empty until the run is over. */
    counts: z.partialRecord(outcomes, z.number().int()),
    /** Of how many items the shop was seen to show the right number; null until the run is over. */
    proven: z.object({ proven: z.number().int(), of: z.number().int() }).nullable(),
    /** Why it paused or failed. */
    failure: failureView.nullable(),
    undoOf: id.nullable(),
    askedAt: instant,
    startedAt: instant.nullable(),
    finishedAt: instant.nullable(),
  })
  .openapi('FlowRun');

export const runPage = page(run).openapi('FlowRunPage');
export const runsQuery = z.strictObject({ ...pageQuery, connectionId: z.coerce.number().int().positive().optional() });

export const runStarted = z.object({ runId: id }).openapi('RunStarted');

export const runLine = z
  .object({
    line: z.number().int(),
    code: z.string().nullable(),
    barcode: z.string().nullable(),
    name: z.string().nullable(),
    warehouse: z.string().nullable(),
    /** What the source said; null for lines that are about an item alone. */
    quantity: quantityText.nullable(),
    /** Why the line could not be read. */
    refusal: z.string().nullable(),
    itemId: id.nullable(),
    /** What the shop showed before, as far as we knew; what it must show; what it shows now. */
    before: quantityText.nullable(),
    wanted: quantityText.nullable(),
    after: quantityText.nullable(),
    /** null until the run is over. */
    outcome: outcomes.nullable(),
    failure: failureView.nullable(),
    /** Why the shop showed another number than it should; null where it did not, or nobody looked. */
    reason: z
      .object({
        code: z.enum(DIFFERENCE_REASONS),
        params: z.record(z.string(), z.union([z.string(), z.number()])),
        text: z.string(),
      })
      .nullable(),
  })
  .openapi('FlowRunLine');

export const runNotes = z
  .object({
    data: z.array(
      z.object({
        at: instant,
        step: z.enum(RUN_STEPS),
        params: z.record(z.string(), z.union([z.string(), z.number()])),
        failure: failureView.nullable(),
      }),
    ),
  })
  .openapi('FlowRunLog');

export const pullFileInput = z
  .strictObject({
    /** text/csv or application/json; left out: told from the text itself. */
    contentType: z.string().max(100).optional(),
    /** The whole file. */
    text: z.string().min(1),
  })
  .openapi('PullFileInput');

/** unequal: only what the shop did not show right already. */
export const runLinesQuery = z.strictObject({ ...pageQuery, only: z.enum(['unequal']).optional() });

export const runLinePage = page(runLine).openapi('FlowRunLinePage');

export const flow = z
  .object({
    id,
    connectionId: id,
    kind: z.enum(FLOW_KINDS),
    enabled: z.boolean(),
    /** Cron, five fields, in the flow's time zone. */
    cron: z.string(),
    timeZone: z.string(),
    nextAt: instant.nullable(),
  })
  .openapi('Flow');

export const flows = z.object({ data: z.array(flow) }).openapi('Flows');
export const flowsQuery = z.strictObject({ connectionId: z.coerce.number().int().positive().optional() });

export const flowPatch = z
  .strictObject({
    enabled: z.boolean().optional(),
    cron: z.string().trim().max(100).optional(),
    timeZone: z.string().trim().max(64).optional(),
  })
  .openapi('FlowPatch');

export type Run = z.infer<typeof run>;
export type RunPage = z.infer<typeof runPage>;
export type RunLine = z.infer<typeof runLine>;
export type RunNotes = z.infer<typeof runNotes>;
export type RunLinePage = z.infer<typeof runLinePage>;
export type Flow = z.infer<typeof flow>;
export type FlowPatch = z.input<typeof flowPatch>;
