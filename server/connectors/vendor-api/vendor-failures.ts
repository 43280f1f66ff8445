import { failure, FailureError } from '../../domain/failure';

/** The vendor lets nobody in for so long; `retryAfterMs` is when to ask again, where that is sooner. */
export const rateLimited = (ms: number, retryAfterMs = ms): FailureError =>
  new FailureError(failure('source_rate_limited', { seconds: Math.ceil(ms / 1000) }), { retryAfterMs });

export const unexpectedAnswer = (what: string, said?: string): FailureError =>
  new FailureError(failure('source_answer_unexpected', { what }, said?.slice(0, 300)));

/** The failures of a call are worded for shops; what went wrong on the way is the same. */
export function asSourceFailure(thrown: unknown): unknown {
  if (!(thrown instanceof FailureError) || thrown.failure.code.startsWith('source_')) return thrown;
  const { code, params } = thrown.failure;
  return new FailureError(failure('source_unreachable', { reason: String(params['reason'] ?? code) }), {
    cause: thrown,
  });
}
