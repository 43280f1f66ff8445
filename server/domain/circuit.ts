import { backoffMs } from './retry-policy';
import type { Failure } from './failure';

/**
 * The state of the way to one shop. Closed: calls go out. Open: none goes out before `probeAt`. At `probeAt` one claim
 * is let through; its success closes the circuit, its failure opens it again for longer.
 */
export interface Circuit {
  readonly state: 'closed' | 'open';
  readonly failure: Failure | null;
  readonly openedAt: number | null;
  readonly probeAt: number | null;
  readonly failures: number;
}

export const CLOSED: Circuit = { state: 'closed', failure: null, openedAt: null, probeAt: null, failures: 0 };

/** Waiting longer than this between probes would leave a shop that is back without its stock. */
export const LONGEST_PROBE_WAIT_MS = 60_000;

export const opened = (circuit: Circuit, failure: Failure, now: number, chance: number, askedMs = 0): Circuit => {
  const failures = circuit.failures + 1;
  const wait = Math.max(Math.min(backoffMs(failures, chance), LONGEST_PROBE_WAIT_MS), askedMs);
  return { state: 'open', failure, openedAt: circuit.openedAt ?? now, probeAt: now + wait, failures };
};

/**
 * Deliveries side by side meet the same trouble: it is one, and only what the shop asks for can make the wait longer.
 * The very same circuit where it does not: then the time it was set at must stay too, or nobody could tell of a wait
 * that began while the clock was ahead.
 */
export const openedAgain = (circuit: Circuit, now: number, askedMs = 0): Circuit => {
  const probeAt = now + askedMs;
  return circuit.probeAt !== null && probeAt <= circuit.probeAt ? circuit : { ...circuit, probeAt };
};

export const mayCall = (circuit: Circuit, now: number): boolean =>
  circuit.state === 'closed' || (circuit.probeAt !== null && now >= circuit.probeAt);
