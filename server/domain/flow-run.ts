/**
 * - pull: reads every level the source holds
 * - check: compares every item with the shop, and brings right what differs
 * - undo: gives back what another run changed, where the shop still shows it
 */
export const RUN_KINDS = ['pull', 'check', 'undo'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

/** What a schedule may start. */
export const FLOW_KINDS = ['pull', 'check'] as const;
export type FlowKind = (typeof FLOW_KINDS)[number];

/**
 * - queued → running → succeeded, warning (something was not brought about) or failed (nothing was)
 * - paused: stopped by itself before anything was changed, and asks a person
 */
export const RUN_STATUSES = ['queued', 'running', 'paused', 'succeeded', 'warning', 'failed', 'cancelled'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const isOver = (status: RunStatus): boolean =>
  status === 'succeeded' || status === 'warning' || status === 'failed' || status === 'cancelled';

/** reading: levels come in; applying: they are stored and their items due; settling: the shop is brought in step. */
export type RunPhase = 'reading' | 'applying' | 'settling';

/** What became of one line of a run. */
export const LINE_OUTCOMES = [
  'changed',
  'equal',
  'would_change',
  'superseded',
  'not_chosen',
  'unmatched',
  'ambiguous',
  'failed',
  'retrying',
  'offline',
  'rejected',
] as const;
export type LineOutcome = (typeof LINE_OUTCOMES)[number];

export type RunCounts = Readonly<Partial<Record<LineOutcome, number>>>;

const GOOD: readonly LineOutcome[] = ['changed', 'equal', 'would_change', 'superseded', 'not_chosen', 'offline'];

/** A run that did all it could has succeeded, also where there was nothing to do. */
export function finalStatus(counts: RunCounts): 'succeeded' | 'warning' | 'failed' {
  const entries = LINE_OUTCOMES.map((outcome) => [outcome, counts[outcome] ?? 0] as const);
  const bad = entries.reduce((sum, [outcome, n]) => (GOOD.includes(outcome) ? sum : sum + n), 0);
  if (bad === 0) return 'succeeded';
  return entries.some(([outcome, n]) => GOOD.includes(outcome) && n > 0) ? 'warning' : 'failed';
}
