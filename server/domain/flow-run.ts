/**
 * - pull: reads every level the source holds
 * - check: compares every item with the shop, and brings right what differs
 * - refresh: walks through the shop's catalogue
 * - sync: brings every item in step with the shop, by the levels that are known
 * - retry: tries once more what has not come through
 * - undo: gives back what another run changed, where the shop still shows it
 */
export const RUN_KINDS = ['pull', 'check', 'refresh', 'sync', 'retry', 'undo'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

/** What a schedule may start. */
export const FLOW_KINDS = ['pull', 'check', 'refresh', 'sync', 'retry'] as const;
export type FlowKind = (typeof FLOW_KINDS)[number];

/**
 * - queued → running → succeeded, warning (something was not brought about) or failed (nothing was)
 * - paused: stopped by itself before anything was changed, and asks a person
 */
export const RUN_STATUSES = ['queued', 'running', 'paused', 'succeeded', 'warning', 'failed', 'cancelled'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const isOver = (status: RunStatus): boolean =>
  status === 'succeeded' || status === 'warning' || status === 'failed' || status === 'cancelled';

/**
 * - reading: the source's levels come in
 * - applying: they are stored, and what they change is due
 * - listing: items are taken in that the levels did not name
 * - looking: the shop's catalogue is read
 * - comparing: what it showed is held against what it must show
 * - explaining: what a check found to differ is looked into
 * - repairing: it is brought right, or left, by what the reason is
 * - settling: the shop is brought in step
 */
export const RUN_PHASES = [
  'reading',
  'applying',
  'listing',
  'looking',
  'comparing',
  'explaining',
  'repairing',
  'settling',
] as const;
export type RunPhase = (typeof RUN_PHASES)[number];

/** What is written in the log of a run. */
export const RUN_STEPS = [
  'started',
  'taken_over',
  'source_read',
  'source_waits',
  'source_not_read',
  'paused',
  'released',
  'applied',
  'looked',
  'shop_not_listed',
  'compared',
  'explained',
  'orders_not_readable',
  'repaired',
  'cancelled',
  'ended',
] as const;
export type RunStep = (typeof RUN_STEPS)[number];

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
  /** The shop shows another number and is left alone: by the connection's rule, or because web orders made it so. */
  'reported',
] as const;
export type LineOutcome = (typeof LINE_OUTCOMES)[number];

export type RunCounts = Readonly<Partial<Record<LineOutcome, number>>>;

const GOOD: readonly LineOutcome[] = ['changed', 'equal', 'would_change', 'superseded', 'not_chosen', 'offline'];

/** Of how many items the shop was seen to show the right number; what was left out by rule is not counted. */
export function provenOf(counts: RunCounts): { readonly proven: number; readonly of: number } {
  const n = (outcome: LineOutcome): number => counts[outcome] ?? 0;
  const proven = n('changed') + n('equal');
  const rest = ['would_change', 'unmatched', 'ambiguous', 'failed', 'retrying', 'reported'] as const;
  return { proven, of: rest.reduce((sum, outcome) => sum + n(outcome), proven) };
}

/** A run that did all it could has succeeded, also where there was nothing to do; what it left alone is worth a look. */
export function finalStatus(counts: RunCounts): 'succeeded' | 'warning' | 'failed' {
  const entries = LINE_OUTCOMES.map((outcome) => [outcome, counts[outcome] ?? 0] as const);
  const bad = entries.reduce((sum, [outcome, n]) => (GOOD.includes(outcome) ? sum : sum + n), 0);
  if (bad === 0) return 'succeeded';
  const isSome = entries.some(([outcome, n]) => (GOOD.includes(outcome) || outcome === 'reported') && n > 0);
  return isSome ? 'warning' : 'failed';
}
